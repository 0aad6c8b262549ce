"""Expressions of claims: they must parse, name what is there, and have a value on the printed numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from repro.spec.claim import Claim, Control
from repro.spec.evaluate import Evaluation, argument_node
from repro.spec.expression import READING, Expression, ExpressionError, UnknownNameError, parse
from repro.spec.model import Table
from repro.spec.names import unknown
from repro.spec.problems import Path, Position
from repro.spec.reading import Library, NoNumberError, PrintedNumbers, Reader, Recording
from repro.spec.sheet import NotFoundError, Sheet

Found = Iterator[tuple[Path, str, int | None]]
"""Path, message, and the offset into the expression where it is about a part of it."""


def expression_problems(table: Table, library: Library) -> Found:
    """Everything that is wrong with the expressions of a table's claims."""
    for i, claim in enumerate(table.claims):
        if claim.expression is not None:
            for error in errors_of(table, claim.expression, library):
                yield ("claims", i, "expression"), error.message, error.offset
            if claim.control is not None:
                yield from _control(table, claim, claim.control, library, ("claims", i, "control"))


def errors_of(table: Table, text: str, library: Library) -> list[ExpressionError]:
    """What is wrong with one expression: all names that lead nowhere, else the first thing that cannot be computed."""
    try:
        expression = parse(text)
    except ExpressionError as error:
        return [error]
    reader = Reader(table, library, PrintedNumbers())
    found = list(_constants(expression, reader))
    if not found:
        try:
            _cells_read(expression, reader)
            Evaluation(expression, reader).truth()
        except ExpressionError as error:
            found = [error]
        except NoNumberError:
            pass  # the print lacks a number: the claim says so, the spec is right
    return found


def cells_read(table: Table, expression: Expression, library: Library) -> list[tuple[str, str, str]]:
    """The cells (table id, row name, column) that an expression may ever ask for. Raises UnknownNameError."""
    return _cells_read(expression, Reader(table, library, PrintedNumbers()))


def _cells_read(expression: Expression, reader: Reader) -> list[tuple[str, str, str]]:
    recording = Recording()
    try:
        Evaluation(expression, reader.with_numbers(recording), thorough=True).truth()
    except UnknownNameError:
        raise
    except ExpressionError:
        pass  # a value that stands in for a missing number may not be computable
    return list(recording.cells)


def _constants(expression: Expression, reader: Reader) -> Iterator[ExpressionError]:
    """Rows, columns, groups and tables that are written out and that nothing has, all of them at once."""
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READING:
            try:
                sheet = reader.sheet(_text(argument_node(node, "table"))) if _given(node, "t") else reader.sheet(None)
                yield from _names(expression, node, sheet)
            except NotFoundError as error:
                yield UnknownNameError(str(error), expression.offset(argument_node(node, error.argument)))


def _names(expression: Expression, node: ast.Call, sheet: Sheet) -> Iterator[ExpressionError]:
    group: str | None = None
    for argument in ("group", "column", "row"):
        place = argument_node(node, argument)
        name = None if place is node else _text(place)
        try:
            if name is not None and argument == "group":
                group = sheet.group(name)
            elif name is not None and argument == "column":
                sheet.column(name)
            elif name is not None:
                sheet.candidates(name, group)
        except NotFoundError as error:
            yield UnknownNameError(str(error), expression.offset(place))


def _given(node: ast.Call, name: str) -> bool:
    return any(keyword.arg == name and _text(keyword.value) is not None for keyword in node.keywords)


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _control(table: Table, claim: Claim, control: Control, library: Library, path: Path) -> Found:
    assert claim.expression is not None
    try:
        read = {row for _, row, _ in cells_read(table, parse(claim.expression), library)}
    except ExpressionError:
        return  # said already
    named = list(dict.fromkeys(row.label for row in table.rows if row.name in read))
    if control.replace not in named:
        yield (
            (*path, "replace"),
            f"the claim does not read row {control.replace!r} (it reads {', '.join(named)})",
            None,
        )
    rows = [row for row in table.rows if row.label == control.by]
    if not rows:
        yield (*path, "by"), unknown("row", control.by, (row.label for row in table.rows)), None
    elif not all(row.control for row in rows):
        yield (*path, "by"), f"row {control.by!r} is no control row: it lacks `control: true`", None


def position_inside(source: str, start: Position, value: str, offset: int) -> Position:
    """Where the character of a scalar's value stands in the file; the scalar's own place where quoting hides it.

    YAML may have folded lines, so any run of white space in the value stands for any run in the source.
    """
    lines = source.splitlines(keepends=True)
    begin = sum(map(len, lines[: start.line - 1])) + start.column - 1
    pattern = r"\s+".join(f"({re.escape(part)})" for part in value.split())
    match = re.compile(pattern).search(source, begin)
    if match is None:
        return start
    starts = [found.start() for found in re.finditer(r"\S+", value)]
    index = max((i for i, at in enumerate(starts) if at <= offset), default=0)
    place = match.start(index + 1) + max(offset - starts[index], 0)
    before = source[:place]
    return Position(before.count("\n") + 1, place - before.rfind("\n"))
