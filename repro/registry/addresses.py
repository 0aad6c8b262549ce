"""Where a thing is that has no name of its own: `package.module:Name`, or `file.py:Name`."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from repro.hints import did_you_mean
from repro.registry.source import Module, read_file, read_module

_LOADED = "__repro_loaded__"


def is_address(name: str) -> bool:
    """Whether a name says where it is.

    Example:
        >>> is_address("mine.py:Score"), is_address("package.scores:Score"), is_address("perplexity")
        (True, True, False)
    """
    return ":" in name


def absolute(name: str, beside: Path | None = None) -> str:
    """The address with its file made absolute: from the folder `beside`, by default the working directory."""
    place, _, attribute = name.rpartition(":")
    return f"{((beside or Path()) / place).resolve()}:{attribute}" if place.endswith(".py") else name


def said(name: str) -> str:
    """A name as keys have it. What is in a file goes by the file's own name: the folder it lies in moves no number.

    Example:
        >>> said("tables/my/mine.py:Score"), said("perplexity")
        ('mine.py:Score', 'perplexity')
    """
    place, _, attribute = name.rpartition(":")
    return f"{Path(place).name}:{attribute}" if place.endswith(".py") else name


def source_of(name: str, called: str, beside: Path | None = None) -> tuple[Module, str]:
    """The parsed file or module of an address, and the name in it; nothing is run.

    Raises ValueError, in one line that begins with what it is `called`.
    """
    place, _, attribute = name.rpartition(":")
    try:
        if place.endswith(".py"):
            return read_file((beside or Path()) / place), attribute
        module = read_module(place)
    except SyntaxError as error:
        at = f"{error.filename}:{error.lineno}: " if error.lineno else ""
        raise ValueError(f"{called}: {at}{error.msg}") from None
    except OSError as error:
        raise ValueError(f"{called}: {place} cannot be read: {error.strerror}") from None
    if module is None:
        raise ValueError(f"{called}: there is no source of the module {place!r}")
    return module, attribute


def check(name: str, called: str, beside: Path | None = None) -> None:
    """Raises ValueError where an address leads to nothing: no such file or module, or nothing of that name in it."""
    module, attribute = source_of(name, called, beside)
    if attribute not in module.names and not {"*", "__getattr__"} & module.names:
        raise ValueError(f"{called}: {module.file.name} has no {attribute!r}{did_you_mean(attribute, module.names)}")


def load(address: str) -> Any:
    """The object at an absolute address; its module is imported. Files beside a `file.py` can be imported by it."""
    place, _, attribute = address.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else import_module(place)
    return getattr(module, attribute)


def _from_file(file: Path) -> ModuleType:
    """A file as the module of its stem. One that is loaded already and has not changed since is not run again, so that
    what two names take from it are parts of one module."""
    if not file.is_file():
        raise FileNotFoundError(f"no Python file {file}")
    file = file.resolve()
    state, known = (str(file), file.stat().st_mtime_ns), sys.modules.get(file.stem)
    if known is not None and getattr(known, _LOADED, None) == state:
        return known
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    setattr(module, _LOADED, state)  # last: a file that failed half way is run again
    return module
