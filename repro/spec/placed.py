"""Files that a spec names: `file.py:Name` is looked for beside the spec, and only then in the working directory.

So a spec and what lies beside it can be used from any folder. A name whose file is beside the spec is read as a command
would say it from where it is given: `my.py:Score` in `tables/my/first.yaml` is `tables/my/my.py:Score`. Names stand
under the keys of `NAMES`; parameters are no names, whatever they look like.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from repro.spec.base import PROFILES

NAMES = frozenset({"task", "method", "metric", "score", "weights", "draw", "data", *PROFILES})
PARAMETERS = frozenset({"params", "params_for", "protocol", "grid"})
_ADDRESS = re.compile(r"""(?<![^\s"'{}\[\],:])[^\s"'{}\[\],:]+\.py:\w+""")
"""It begins where a word does: looked for at each letter, a word of 100,000 would take minutes."""


Moved = tuple[tuple[str, str], ...]
"""Addresses as a spec has them, each with what it is as seen from the working directory."""


def beside(text: str, spec: Path) -> Moved:
    """The addresses in the text of a spec whose files lie beside it, where that is not the working directory."""
    folder = Path(os.path.relpath(spec.parent))
    if folder == Path():
        return ()
    found = [(name, *name.rsplit(":", 1)) for name in dict.fromkeys(_ADDRESS.findall(text))]
    return tuple((name, f"{folder / file}:{own}") for name, file, own in found if (folder / file).is_file())


def placed(data: Any, moved: Moved) -> Any:
    """The data of a spec with these addresses as the working directory sees them."""
    known = dict(moved)
    return renamed(data, lambda name: known.get(name, name)) if moved else data


def renamed(data: Any, change: Callable[[str], str], key: str = "") -> Any:
    """The data of a spec with every name in it changed; `key` is that of the mapping that the data stand in."""
    if isinstance(data, str):
        return change(data) if key in NAMES else data
    if isinstance(data, list | tuple):
        return type(data)(renamed(each, change, key) for each in data)
    if not isinstance(data, dict):
        return data
    if key == "methods":  # parameters by the name of a method
        return {change(name): params for name, params in data.items()}
    return {
        name: value if name in PARAMETERS else renamed(value, change, "data" if key == "also" else name)
        for name, value in data.items()
    }
