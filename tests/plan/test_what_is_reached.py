"""Which definitions a fingerprint reaches, by Python's rules of scope and import: cases of a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.plan.fingerprint import Fingerprinter
from tests.plan.lab import fingerprint

TOOLS = "--- tools\ndef a(): return B\nB = 1\ndef c(): pass\n"

REACHED: dict[str, tuple[str, str]] = {
    "only what is used": ("X = 1\ndef other(): return X\ndef helper(): pass\ndef Method(): helper()\n", "helper"),
    "one name of a module": (f"from lab import tools\ndef Method(): return tools.a()\n{TOOLS}", "a B"),
    "all of a module that is passed on": (
        f"from lab import tools\ndef Method(): return vars(tools)\n{TOOLS}",
        "module-tools a B c",
    ),
    "all of a module that is asked by name, with what it imports": (
        "import lab.tools\ndef Method(x): return getattr(lab.tools, x)\n"
        "--- tools\nfrom lab.more import b\nfrom lab.stars import *\ndef a(): pass\n"
        "--- more\ndef b(): pass\nC = 1\n--- stars\nD = 1\n",
        "module-tools module-stars a b D",
    ),
    "all of a module that lacks a name, and what makes it": (
        "from lab.tools import c\ndef Method(): return c\n--- tools\nfor n in 'abc':\n    globals()[n] = 1\nD = 2\n",
        "module-tools n D (on-import)",
    ),
    "all of an optional module": (
        f"try:\n    from lab import tools\nexcept ImportError:\n    tools = 0\ndef Method(): return tools.a()\n{TOOLS}",
        "tools module-tools a B c",
    ),
    "an optional name": (
        f"try:\n    from lab.tools import a\nexcept ImportError:\n    a = None\ndef Method(): return a()\n{TOOLS}",
        "a B",
    ),
    "an optional name within a function": (
        f"def Method():\n    try: from lab.tools import a\n    except ImportError: a = None\n    return a\n{TOOLS}",
        "a B",
    ),
    "both names that a function may import as one": (
        f"def Method(x):\n    if x: from lab.tools import a\n    else: from lab.tools import c as a\n    a\n{TOOLS}",
        "a B c",
    ),
    "no parameter": ("x = 1\ndef Method(x, *y, z=0, **u): return lambda v: x + y + z + u + v\ny = z = u = v = 1\n", ""),
    "no parameter of a lambda": ("x = 1\nMethod = lambda x: x\n", ""),
    "the default of a lambda": ("x = 1\nMethod = lambda x=x: x\n", "x"),
    "no name of a comprehension": (
        "x = y = 1\ndef Method(a): return [x for x in a if x], {x: y for x, y in a}, {x for x in a}, (x for x in a)\n",
        "",
    ),
    "the first iterable of a comprehension": ("x = [1]\ndef Method(): return [x for x in x]\n", "x"),
    "a name in a later part of a comprehension": (
        "y = [2]\ndef Method(): return [z for x in [1] for z in [x, *y]]\n",
        "y",
    ),
    "a name that is assigned in a comprehension at the top level": (
        "A = [(b := i) for i in 'x']\ndef Method(): return b\n",
        "b A",
    ),
    "no name that is assigned in an expression": ("x = 1\ndef Method(a):\n    if (x := a): return x\n", ""),
    "no name that is assigned in a comprehension": ("x = 1\ndef Method(a): return [x := b for b in a], x\n", ""),
    "a name that a lambda in a comprehension assigns to itself": (
        "x = 1\ndef Method(a): return [lambda: (x := b) for b in a], x\n",
        "x",
    ),
    "no name of a pattern": (
        "a = b = c = d = 1\ndef Method(x):\n    match x:\n        case [a, *b]: return a, b\n"
        "        case {'k': 1, **c}: return c\n        case 1 | 2 as d: return d\n",
        "",
    ),
    "a class and a constant in a pattern": (
        "from lab import tools\nclass P: pass\ndef Method(x):\n    match x:\n        case P(y=z): return z\n"
        f"        case tools.B: return 1\n{TOOLS}",
        "P B",
    ),
    "a name that a pattern at the top level binds": ("match 1:\n    case n: pass\ndef Method(): return n\n", "n"),
    "no name of an exception": ("e = 1\ndef Method():\n    try: pass\n    except ValueError as e: return e\n", ""),
    "no name of a loop or a context": ("a = b = 1\ndef Method(x):\n    for a in x: a\n    with x as b: b\n", ""),
    "no local name of an outer function": (
        "x = 1\ndef Method():\n    x = 2\n    def inner():\n        nonlocal x\n        x += 1\n    return inner\n",
        "",
    ),
    "what is imported in a function and set from one within": (
        f"def Method():\n    from lab.tools import a\n    def inner():\n        nonlocal a\n        a = a()\n{TOOLS}",
        "a B",
    ),
    "no function within": ("def inner(): pass\ndef Method():\n    def inner(): pass\n    return inner()\n", ""),
    "a name that is declared global": ("X = 1\ndef Method():\n    global X\n    X = 2\n", "X"),
    "a name that is declared global within": (
        "X = 1\ndef Method():\n    X = 2\n    def inner():\n        global X\n        return X\n    return inner\n",
        "X",
    ),
    "a function of the name of a method": (
        "def rate(): pass\nclass Method:\n    def rate(self): return rate()\n",
        "rate",
    ),
    "no attribute of its own": ("rate = 1\nclass Method:\n    rate = 2\n    def fit(self): return self.rate\n", ""),
    "a name in a class body that the class binds too": ("rate = 1\nclass Method:\n    rate = rate + 1\n", "rate"),
    "a global name in a comprehension of a class": (
        "n = 1\nclass Method:\n    n = 2\n    x = [n for _ in 'ab']\n",
        "n",
    ),
    "no name that is imported locally": (
        "sqrt = 1\ndef Method():\n    from math import sqrt\n    return sqrt(2)\n",
        "",
    ),
    "no name of a class that is imported in it": ("tau = 1\nclass Method:\n    from math import tau\n", ""),
    "a class with all its methods": (
        "def a(): pass\ndef b(): pass\nclass Method:\n    def fit(self): a()\n    def other(self): b()\n",
        "a b",
    ),
    "no type of a plain function that is only called": (
        "class A: pass\ndef g(a: A) -> 'A':\n    b: A = a\n    return b\nclass Method:\n    def fit(self): g(1)\n",
        "g",
    ),
    "the types of the functions of a start": (
        "class A: pass\nclass B: pass\nclass C: pass\nclass Method:\n    def fit(self, a: 'A | None') -> B: pass\n",
        "A B",
    ),
    "no word of a literal": ("from typing import Literal\nsgd = 1\nclass Method:\n    kind: \"Literal['sgd']\"\n", ""),
    "nothing neutral": (
        "from repro.spec.model import Column\nfrom repro import contracts\n"
        "class Method:\n    def measure(self, column: Column): return contracts.Evaluation\n",
        "",
    ),
    "a name from a package that only exports": (
        "from repro.metrics import temperature\ndef Method(): return temperature\n",
        "temperature tempered_kl _distribution",
    ),
    "a name by a package that only exports": (
        "import repro.metrics as m\ndef Method(): return m.temperature\n",
        "temperature tempered_kl _distribution",
    ),
    "all ways in which a name is bound": (
        "from math import tau as x\nif x: x = Y\nY = 1\ndef Method(): return x\n",
        "x Y",
    ),
    "all that one statement binds together": ("A, B = 1, C\nC = 2\ndef Method(): return A\n", "A B C"),
    "a loop of modules": (
        "from lab.a import f\ndef Method(): return f()\n--- a\nfrom lab import b\nX = 1\ndef f(): return b.g()\n"
        "--- b\nfrom lab.a import X, f\ndef g(): return f() or X\n",
        "f g X",
    ),
    "a module that makes up its names, not all of it": (
        "from lab.lazy import x\ndef Method(): return x\n--- lazy\ndef __getattr__(name): return A\nA = 1\nB = 2\n",
        "__getattr__ A",
    ),
    "all of a module whose name comes round to it again": (
        "from lab.a import x\ndef Method(): return x\n--- a\nfrom lab.b import x\nA = 1\n--- b\nfrom lab.a import x\n",
        "module-a module-b A",
    ),
    "a name of the last of two star imports": (
        "from lab.s import *\nfrom lab.t import *\ndef Method(): return a\n--- s\na = b = 1\n--- t\na = c = 1\n",
        "a c",
    ),
    "names that a star import lists": (
        "from lab.t import *\ndef Method(): return _a, b, c\n"
        "--- t\n__all__ = ['b', '_a']\ndef _a(): pass\ndef b(): pass\ndef c(): pass\n",
        "_a b",
    ),
    "a name of a star import in place of an earlier one": (
        "def a(): return mine\nmine = 1\nfrom lab.tools import *\ndef Method(): return a()\n--- tools\ndef a(): pass\n",
        "a",
    ),
    "a name in place of an earlier one of a star import": (
        "from lab.tools import *\ndef a(): return mine\nmine = 1\ndef Method(): return a()\n--- tools\ndef a(): pass\n",
        "a mine",
    ),
    "what a module does on import, and what that needs": (
        "def f(): pass\nX = 1\nprint(X)\ndef Method(): return f\n",
        "f X (on-import)",
    ),
}


@pytest.mark.parametrize("what", REACHED)
def test_exactly_what_a_name_stands_for_is_reached(what: str, tmp_path: Path) -> None:
    text, names = REACHED[what]
    found = {name.replace(" ", "-") for name in fingerprint(tmp_path, text).definitions}
    assert found == {"Method", *Fingerprinter().of([]).definitions, *names.split()}
