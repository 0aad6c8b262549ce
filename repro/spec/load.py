"""A spec file to a checked Table, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path as File

from repro.spec import yaml12
from repro.spec.check import problems_of
from repro.spec.check_expressions import expression_problems, position_inside
from repro.spec.model import Table
from repro.spec.placed import Moved, beside, placed
from repro.spec.planned import as_it_is_now
from repro.spec.problems import START, Path, Position, Problem, SpecError, dotted
from repro.spec.shape import is_printed, known, validated
from repro.spec.shared import link
from repro.spec.tables import SHARED_FILE, find, id_of
from repro.spec.text import read_text


def load(path: File) -> Table:
    """The table of a file, checked in full. Raises SpecError."""
    if path.name == SHARED_FILE:
        message = "this file has configurations that tables share; it is no table itself"
        raise SpecError(str(path), [Problem(START, "", message)])
    text = read_text(path)
    table, positions = _shaped_file(text, path)
    table, problems = _checked(table, positions, text, path)
    expected = id_of(path)
    if expected is not None and expected != table.id:
        problems.append(_problem(("id",), f"the id of this file is {expected!r}, from its path", positions))
    return _sound(table, problems, str(path))


def loads(text: str, name: str) -> Table:
    """The table of a text, checked in full; `name` stands in the errors for the file. Raises SpecError."""
    table, positions = shape(text, name)
    return _sound(*_checked(table, positions, text, None), name)


def printed(name: str) -> Table:
    """The table of a name, for what it prints alone: another table's claim may read it, so its own are not looked at.

    Raises ValueError: SpecError where its shape is wrong, and where there is no such table.
    """
    return _shaped_file(read_text(path := find(name)), path)[0]


def unchecked(path: File) -> Table:
    """The table of a file whose shape is right; its references, most of the time of a load, are not looked at."""
    return as_it_is_now(link(_shaped_file(read_text(path), path)[0], path)[0])


def _shaped_file(text: str, path: File) -> tuple[Table, dict[Path, Position]]:
    return _shaped(text, str(path), beside(text, path))


@lru_cache(maxsize=256)
def _shaped(text: str, name: str, moved: Moved) -> tuple[Table, dict[Path, Position]]:
    """One reading of a file serves its own check and the claims of other tables; a changed text is another."""
    return shape(text, name, moved)


def shape(text: str, name: str, moved: Moved = ()) -> tuple[Table, dict[Path, Position]]:
    """The table of a text, of which only keys and types are checked, and where its parts begin. Raises SpecError.

    `moved` are the addresses in it of what lies beside the spec (`repro.spec.placed`).
    """
    document = yaml12.parse(text, is_printed)
    problems = document.problems
    if document.positions:
        table, wrong = validated(placed(document.data, moved), document.positions)
        problems = problems + wrong
        if table is not None and not problems:
            return table, document.positions
    raise SpecError(name, problems)


def _checked(
    table: Table, positions: dict[Path, Position], text: str, path: File | None
) -> tuple[Table, list[Problem]]:  # fmt: skip
    """The table with the configurations that it shares, and all that is wrong beyond its shape."""
    table, missing = link(table, path)
    found = [_problem(path, message, positions) for path, message in (*missing, *problems_of(table))]
    for where, message, offset in expression_problems(table, printed):
        problem = _problem(where, message, positions)
        if offset is not None:
            value = table.claims[int(where[1])].expression or ""
            problem = problem._replace(position=position_inside(text, problem.position, value, offset))
        found.append(problem)
    return table, found


def _problem(path: Path, message: str, positions: dict[Path, Position]) -> Problem:
    path = known(path, positions)
    return Problem(positions[path], dotted(path), message)


def located(path: File, found: Sequence[tuple[Path, str]]) -> SpecError:
    """What a later stage says of parts of a table, at their places in its file."""
    _, positions = _shaped_file(read_text(path), path)
    return SpecError(str(path), [_problem(where, message, positions) for where, message in found])


def _sound(table: Table, problems: list[Problem], name: str) -> Table:
    if problems:
        raise SpecError(name, problems)
    return as_it_is_now(table)
