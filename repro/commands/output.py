"""Printing. What a command was asked for goes to standard output, all else to standard error."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from repro.commands.failure import Exit, Failure
from repro.files import write_atomic


def say(text: str = "") -> None:
    """Text on standard output, ending in a line end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def note(text: str) -> None:
    """A remark on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """One strict JSON document."""
    say(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def say_table(columns: list[str], rows: list[list[str]], *, right: frozenset[str] = frozenset()) -> None:
    """A plain table, its columns as wide as their contents: it stays whole in a pipe."""
    lines = [columns, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        cells = [
            text.rjust(width) if name in right else text.ljust(width)
            for name, text, width in zip(columns, line, widths, strict=True)
        ]
        say("  ".join(cells).rstrip())


def count(number: int, thing: str) -> str:
    """A number of things: `1 spec`, `2 specs`."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


def deliver(text: str, output: Path | None) -> None:
    """Text to a file, whole or not at all, or to standard output."""
    if output is None:
        say(text)
        return
    try:
        write_atomic(output, text.encode())
    except OSError as error:
        raise Failure(Exit.WRONG_USE, f"cannot write {output}: {error.strerror}") from error
    note(f"wrote {output}")


def near(path: Path) -> Path:
    """A path as one types it here: relative where it lies below the working directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80


def height() -> int | None:
    """Lines of the terminal; None where there is none."""
    return shutil.get_terminal_size((80, 24)).lines if sys.stdout.isatty() else None


def in_color() -> bool:
    """Whether standard output is a terminal that wants colour."""
    import os

    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
