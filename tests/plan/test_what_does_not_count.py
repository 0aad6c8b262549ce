"""What leaves a fingerprint's digest as it is: every case is two packages of a few lines that compute the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plan.lab import fingerprint

HELPER = "def helper(x):\n    return x + 1\n"
METHOD = "class Method:\n    def fit(self, x):\n        return helper(x)\n"
TOOLS = f"from lab.tools import helper\n{METHOD}--- tools\n{HELPER}"
NAMED = "import numpy\ndef Method(): return numpy.linalg.norm([1])\n"


def by(how: str, written: str) -> str:
    """TOOLS with another import and another way to write the helper's name."""
    return f"{how}\n{METHOD.replace('helper', written)}--- tools\n{HELPER}"


PAIRS: dict[str, tuple[str, str]] = {
    "a comment": (HELPER + METHOD, f"# why\n{HELPER}{METHOD}"),
    "a docstring": (HELPER + METHOD, HELPER + METHOD.replace("x):\n", 'x):\n        """Trains."""\n')),
    "the note under an attribute": ("class Method:\n    x = 1\n", "class Method:\n    x = 1\n    'Steps.'\n"),
    "layout": (HELPER + METHOD, (HELPER + METHOD).replace("x + 1", "(\n        x\n        + 1\n    )")),
    "a moved helper": (TOOLS, TOOLS.replace("tools", "other")),
    "a helper moved into its user's module": (TOOLS, HELPER + METHOD),
    "a helper moved below its user": (HELPER + METHOD, METHOD + HELPER),
    "another name of a helper": (TOOLS, TOOLS.replace("helper", "aid")),
    "another name of a definition in a loop": (
        "def Method(): return b()\ndef b(): return Method() or b()\n",
        "def a(): return Method() or a()\ndef Method(): return a()\n",
    ),
    "an alias": (TOOLS, by("from lab.tools import helper as aid", "aid")),
    "an import of a module": (TOOLS, by("import lab.tools", "lab.tools.helper")),
    "an import of a module by an alias": (TOOLS, by("import lab.tools as t", "t.helper")),
    "an import of a module from its package": (TOOLS, by("from lab import tools", "tools.helper")),
    "a relative import": (TOOLS, by("from .tools import helper", "helper")),
    "a relative import of a module": (TOOLS, by("from . import tools as t", "t.helper")),
    "an import of all names": (TOOLS, by("from lab.tools import *", "helper")),
    "an import through the package": (
        TOOLS,
        f"{by('from lab import helper', 'helper')}--- __init__\nfrom lab.tools import helper\n",
    ),
    "a relative import in the package": (
        TOOLS,
        f"{by('from lab import helper', 'helper')}--- __init__\nfrom .tools import helper\n",
    ),
    "an import of all names of an import of all names": (
        TOOLS,
        f"{by('from lab.more import *', 'helper')}--- more\nfrom .tools import *\n",
    ),
    "an import within the function": (
        TOOLS,
        f"{METHOD}--- tools\n{HELPER}".replace(
            "        return", "        from lab.tools import helper\n        return"
        ),
    ),
    "neighbours": (TOOLS, f"BEFORE = 1\n{TOOLS}class Other: pass\ndef other(): return Other\n"),
    "a neighbour that changes itself": (TOOLS, f"{TOOLS}OTHER = []\nOTHER.append(helper)\n"),
    "a neighbour that a neutral decorator is given": (
        HELPER + METHOD,
        f"from repro import registry\n{HELPER}{METHOD}@registry.Registry\ndef other(): pass\n",
    ),
    "a neighbour with the name of a local": (HELPER + METHOD, f"x = 3\n{HELPER}{METHOD}"),
    "a neighbour with the name of a method": (HELPER + METHOD, f"def fit(): pass\n{HELPER}{METHOD}"),
    "imports that nothing uses": (TOOLS, f"import json\nfrom lab import more\n{TOOLS}--- more\nX = 1\n"),
    "the order of imports": (f"import a\nimport b\n{METHOD}", f"import b\nimport a\n{METHOD}"),
    "the order of definitions": (
        "A = 1\nB = 2\ndef Method(): return B, A\n",
        "B = 2\nA = 1\ndef Method(): return B, A\n",
    ),
    "an alias of a third-party module": (NAMED, "import numpy as np\ndef Method(): return np.linalg.norm([1])\n"),
    "a third-party module from its package": (
        NAMED,
        "from numpy import linalg\ndef Method(): return linalg.norm([1])\n",
    ),
    "a third-party module by its full name": (NAMED, "import numpy.linalg as a\ndef Method(): return a.norm([1])\n"),
    "a third-party name alone": (NAMED, "from numpy.linalg import norm as n\ndef Method(): return n([1])\n"),
    "a third-party name within the function": (
        NAMED,
        "def Method():\n    from numpy.linalg import norm\n    return norm([1])\n",
    ),
    "a plain function's annotations": ("def Method(x): return x\n", "def Method(x: int) -> float: return x\n"),
    "a variable's annotation": (
        "X = 1\ndef Method():\n    y = X\n    return y\n",
        "X: int = 1\ndef Method():\n    y: int = X\n    z: str\n    return y\n",
    ),
    "what only a type checker sees": (
        HELPER + METHOD,
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lab.more import X\n    Y = X\n"
        f"{HELPER}{METHOD}--- more\nX = 1\nprint(X)\n",
    ),
    "what a function does for a type checker": (
        HELPER + METHOD,
        f"{HELPER}{METHOD}".replace("        return", "        if typing.TYPE_CHECKING: import y\n        return"),
    ),
    "what only a script does": (HELPER + METHOD, f"{HELPER}{METHOD}if __name__ == '__main__':\n    print(Method())\n"),
    "how a neutral name is imported": (
        "from repro.registry import DATASETS\ndef Method(): return DATASETS.load('x')\n",
        "import repro.registry as r\ndef Method(): return r.DATASETS.load('x')\n",
    ),
}


@pytest.mark.parametrize("change", PAIRS)
def test_what_moves_no_number_leaves_the_digest_as_it_is(change: str, tmp_path: Path) -> None:
    before, after = PAIRS[change]
    assert before != after
    assert fingerprint(tmp_path, after).digest == fingerprint(tmp_path, before).digest
