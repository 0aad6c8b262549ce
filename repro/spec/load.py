"""A spec file to a checked Table, or to all that is wrong with it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path as File

from repro.spec import yaml12
from repro.spec.check import problems_of
from repro.spec.check_expressions import expression_problems, position_inside
from repro.spec.model import Table
from repro.spec.problems import START, Path, Position, Problem, SpecError, dotted
from repro.spec.shape import known, validated
from repro.spec.tables import find, id_of


def load(path: File) -> Table:
    """The table of a file, checked in full. Raises SpecError."""
    text = _text(path)
    table, positions = _shaped(text, str(path))
    expected = id_of(path)
    problems = _cross_references(table, positions, text)
    if expected is not None and expected != table.id:
        problems.append(_problem(("id",), f"the id of this file is {expected!r}, from its path", positions))
    return _checked(table, problems, str(path))


def loads(text: str, name: str) -> Table:
    """The table of a text, checked in full; `name` stands in the errors for the file. Raises SpecError."""
    table, positions = shape(text, name)
    return _checked(table, _cross_references(table, positions, text), name)


def printed(name: str) -> Table:
    """The table of a name, for what it prints alone: another table's claim may read it, so its own are not looked at.

    Raises ValueError: SpecError where its shape is wrong, and where there is no such table.
    """
    return unchecked(find(name))


def unchecked(path: File) -> Table:
    """The table of a file whose shape is right; its references, most of the time of a load, are not looked at."""
    return _shaped(_text(path), str(path))[0]


@lru_cache(maxsize=256)
def _shaped(text: str, name: str) -> tuple[Table, dict[Path, Position]]:
    """One reading of a file serves its own check and the claims of other tables; a changed text is another."""
    return shape(text, name)


def shape(text: str, name: str) -> tuple[Table, dict[Path, Position]]:
    """The table of a text, of which only keys and types are checked, and where its parts begin. Raises SpecError."""
    document = yaml12.parse(text, is_printed)
    problems = document.problems
    if document.positions:
        table, wrong = validated(document.data, document.positions)
        problems = problems + wrong
        if table is not None and not problems:
            return table, document.positions
    raise SpecError(name, problems)


def is_printed(path: Path) -> bool:
    """Whether a number at this path is one of the paper's, whose text counts: 0.90 is not 0.9."""
    if len(path) < 4 or path[0] != "rows" or path[2] != "published":
        return False
    return path[4:] in ((), ("value",), ("std",), ("corrected", "value"))


def _cross_references(table: Table, positions: dict[Path, Position], text: str) -> list[Problem]:
    found = [_problem(path, message, positions) for path, message in problems_of(table)]
    for path, message, offset in expression_problems(table, printed):
        problem = _problem(path, message, positions)
        if offset is not None:
            value = table.claims[int(path[1])].expression or ""
            problem = problem._replace(position=position_inside(text, problem.position, value, offset))
        found.append(problem)
    return found


def _problem(path: Path, message: str, positions: dict[Path, Position]) -> Problem:
    path = known(path, positions)
    return Problem(positions[path], dotted(path), message)


def _checked(table: Table, problems: list[Problem], name: str) -> Table:
    if problems:
        raise SpecError(name, problems)
    return table


def _text(path: File) -> str:
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
