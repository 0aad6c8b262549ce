"""Texts of records and reports without whose machine they are from: no home folder, and no user's name in a path."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable
from pathlib import Path

import repro

HOME, USER = "~", "USER"


def impersonal(text: str) -> str:
    """A text whose paths begin at the working directory or the sources where they lie below, and at `~` below the
    user's home; the user's name does not stand in any other.
    """
    for folder in _found(Path.cwd), Path(repro.__file__).resolve().parents[1]:
        if folder != folder.parent:
            text = text.replace(f"{folder}/", "")
    home = _found(Path.home)
    if home != home.parent:
        text = re.sub(rf"{re.escape(str(home))}(?=/|\W|$)", HOME, text)
    if name := _user():
        text = re.sub(rf"(?<=/){re.escape(name)}(?=/|\W|$)", USER, text)
    return text


def impersonal_address(name: str) -> str:
    """An address `file.py:Name` by the file's path from the working directory, or by its own name from elsewhere.

    Example:
        >>> impersonal_address("/somewhere/else/mine.py:Method"), impersonal_address("egan")
        ('mine.py:Method', 'egan')
    """
    place, _, attribute = name.rpartition(":")
    file = Path(place)
    if not place.endswith(".py") or not file.is_absolute():
        return name
    return f"{file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file.name}:{attribute}"


def _found(folder: Callable[[], Path]) -> Path:
    """A folder; the root where there is none, or none any more."""
    try:
        return folder()
    except (OSError, RuntimeError):
        return Path("/")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user of no name, as in a container
        return ""
