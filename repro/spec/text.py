"""The text of spec files."""

from __future__ import annotations

from pathlib import Path

from repro.spec.problems import START, Position, Problem, SpecError


def read_text(path: Path) -> str:
    """The text of a spec file. Raises SpecError."""
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise SpecError(str(path), [Problem(START, "", "this is a directory; a spec is a YAML file")]) from None
    except OSError as error:
        raise SpecError(str(path), [Problem(START, "", f"cannot be read: {error.strerror}")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        position = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; is this a text file?"
        raise SpecError(str(path), [Problem(position, "", message)]) from None
