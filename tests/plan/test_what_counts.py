"""What changes a fingerprint's digest: every case is a package of a few lines, and what is replaced in it by what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan.lab import fingerprint

TABLE = "TABLE = {}\nclass Method:\n    def fit(self): return TABLE\n"
HELPER = "def helper(x): return x + 1\ndef Method(x): return helper(x)\n"
TOOLS = "from lab.tools import helper\ndef Method(x): return helper(x)\n--- tools\ndef helper(x): return x + 1\n"
STACK = "import numpy as np\ndef Method(): return np.stack([1])\n"
OPTIONAL = "try:\n    import numba\nexcept ImportError:\n    numba = None\ndef Method(): return numba\n"
LAZY = "from lab.lazy import thing\ndef Method(): return thing\n--- lazy\ndef __getattr__(name): return name\n"

CHANGES: dict[str, tuple[str, str, str]] = {
    "a helper": (HELPER, "x + 1", "x + 2"),
    "a helper in another module": (TOOLS, "x + 1", "x + 2"),
    "a helper that is passed on by another module": (
        "from lab.tools import helper\ndef Method(): return helper\n"
        "--- tools\nfrom lab.deep import helper\n--- deep\ndef helper(): return 1\n",
        "return 1",
        "return 2",
    ),
    "a constant": ("RATE = 0.1\ndef Method(): return RATE\n", "0.1", "0.2"),
    "a constant by its module": (
        "from lab import tools\ndef Method(): return tools.RATE\n--- tools\nRATE = 1\n",
        "RATE = 1",
        "RATE = 2",
    ),
    "a default": ("RATE = 0.1\ndef Method(rate=RATE): return rate\n", "0.1", "0.2"),
    "a method": ("class Method:\n    def fit(self): return self.rate()\n    def rate(self): return 1\n", "1", "2"),
    "a base class": ("class Base: rate = 1\nclass Method(Base): pass\n", "1", "2"),
    "a base class in another module": (
        "from lab import base\nclass Method(base.Base): pass\n--- base\nclass Base: rate = 1\n",
        "1",
        "2",
    ),
    "a metaclass": ("class M(type): x = 1\nclass Method(metaclass=M): pass\n", "1", "2"),
    "a decorator": ("def by(f): return f\n@by\ndef Method(): pass\n", "return f", "return None"),
    "whether it is cached": ("import functools\ndef Method(): pass\n", "def", "@functools.cache\ndef"),
    "whether it is a dataclass": (
        "import dataclasses\nclass Method:\n    x: int\n",
        "\nclass",
        "\n@dataclasses.dataclass\nclass",
    ),
    "a field's type": ("class Method:\n    x: int\n", "int", "float"),
    "a nested dataclass": ("class Recipe: rate = 1\nclass Method:\n    recipe: Recipe\n", "1", "2"),
    "a nested dataclass in quotes": (
        "class Recipe: rate = 1\nclass Method:\n    recipes: 'tuple[Recipe, ...]'\n",
        "1",
        "2",
    ),
    "the type of what a job is given": (
        "class Data:\n    def grid(self): return 1\nclass Method:\n    def fit(self, data: Data): return data.grid()\n",
        "1",
        "2",
    ),
    "the type of what is in what a job is given": (
        "class Cell: n = 1\n"
        "class Base:\n    def __init__(self, cell: Cell): self.cell = cell\n"
        "class Data(Base): pass\n"
        "Given = Data\n"
        "class Method:\n    def fit(self, data: Given): return data.cell.n\n",
        "1",
        "2",
    ),
    "a type that a decorator may read": (
        "from tools import by\nclass A: x = 1\n@by\ndef g(a: A): pass\nclass Method:\n    def fit(self): return g\n",
        "1",
        "2",
    ),
    "an annotation that a decorator may read": (
        "from tools import by\n@by\ndef g(a: int): pass\nclass Method:\n    def fit(self): return g\n",
        "int",
        "float",
    ),
    "a third-party name": (STACK, "np.stack", "np.vstack"),
    "a third-party module": (STACK, "import numpy", "import torch"),
    "a string": ("def Method(): return 'a'\n", "'a'", "'b'"),
    "None, which is a value": ("def Method(): return None\n", "return None", "return"),
    "None, which is a key": ("def Method(a): return {**a}\n", "**a", "None: a"),
    "an entry of a table": (TABLE, "class", "TABLE['a'] = 1\nclass"),
    "an entry that a loop makes": (TABLE, "class", "for name in 'ab':\n    TABLE[name] = 1\nclass"),
    "a call that changes a table": (TABLE, "class", "TABLE.update(a=1)\nclass"),
    "an augmented assignment": (TABLE, "class", "TABLE |= dict(a=1)\nclass"),
    "a deletion": (TABLE, "class", "del TABLE\nclass"),
    "an attribute": (HELPER, "def Method", "helper.rate = 2\ndef Method"),
    "a second definition": (HELPER, "def Method", "def helper(x): return x\ndef Method"),
    "a condition": (
        "import sys\nif sys.byteorder == 'little': X = 1\nelse: X = 2\ndef Method(): return X\n",
        "little",
        "big",
    ),
    "what happens on import": (HELPER, "def helper", "import torch\ntorch.set_num_threads(2)\ndef helper"),
    "what happens on import where a helper lives": (TOOLS, "--- tools\n", "--- tools\nprint(1)\n"),
    "what happens on import of a module that nothing else is taken from": (
        f"import lab.noise\n{TOOLS}--- noise\nimport numpy\n",
        "import numpy\n",
        "import numpy\nnumpy.seterr(all='raise')\n",
    ),
    "what happens on import of the package": (f"{TOOLS}--- __init__\n", "__init__\n", "__init__\nprint(1)\n"),
    "what happens on import within a function": (
        "def Method():\n    import lab.noise\n--- noise\nprint(1)\n",
        "print(1)",
        "print(2)",
    ),
    "what happens on import within a function that is called on import": (
        f"import lab.setup\n{TOOLS}--- setup\ndef start():\n    import lab.noise\nstart()\n--- noise\nprint(1)\n",
        "print(1)",
        "print(2)",
    ),
    "what a decorator of ours is given": (
        "KEPT = []\ndef keep(f): KEPT.append(f)\ndef one(): return 1\ndef Method(): return KEPT[0]()\n",
        "def one",
        "@keep\ndef one",
    ),
    "what a function of ours is given on import": (
        "KEPT = []\ndef keep(x): KEPT.append(x)\nkeep(1)\ndef Method(): return KEPT\n",
        "keep(1)",
        "keep(2)",
    ),
    "a change from elsewhere": (TOOLS, "def Method", "from lab import tools\ntools.helper = print\ndef Method"),
    "which of two equal tables": (
        "A = {}\nB = {}\ndef put(): A[1] = 1\ndef get(): return A\ndef Method(): return put(), get(), B\n",
        "return A",
        "return B",
    ),
    "the order of two uses": (
        "def a(): return 1\ndef b(): return 2\ndef Method(): return a() - b()\n",
        "a() - b()",
        "b() - a()",
    ),
    "the order of two uses in a loop of definitions": (
        "def a(): return b() and 1\ndef b(): return a() and 2\ndef Method(): return a() - b()\n",
        "a() - b()",
        "b() - a()",
    ),
    "a definition in a loop": ("def Method(): return b()\ndef b(): return Method() and 1\n", "1", "2"),
    "a local name where there was a global one": ("X = 1\ndef Method(): return X\n", "():", "(X=1):"),
    "whether a parameter is replaced by an import": (
        "def Method(a):\n    from lab.tools import a\n    b = a\n    return b\n--- tools\na = 1\n",
        "    from lab.tools import a\n    b = a\n",
        "    b = a\n    from lab.tools import a\n",
    ),
    "a global declaration": ("def Method():\n    N = 1\n    return N\n", "    N = 1", "    global N\n    N = 1"),
    "what makes up a module's names": (LAZY, "return name", "return 1"),
    "the name that a module makes up": (LAZY, "thing", "other"),
    "where all names come from": ("from numpy import *\ndef Method(): return stack([1])\n", "numpy", "torch"),
    "an optional import": (OPTIONAL, "import numba", "import cupy as numba"),
    "the alternative to an optional import": (OPTIONAL, "numba = None", "numba = 1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_may_move_a_number_changes_the_digest(change: str, tmp_path: Path) -> None:
    before, old, new = CHANGES[change]
    after = before.replace(old, new)
    assert after != before
    assert fingerprint(tmp_path, after).digest != fingerprint(tmp_path, before).digest
