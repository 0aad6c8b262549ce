"""A claim that is an expression, in print and on the runs.

In print it is evaluated on the printed numbers, uncorrected. On the runs it is decided part by part, as the structured
kinds are: `repro.spec.split` takes it apart, and each inequality between sums of cells becomes the atom that an
`order`, `bound`, `gap` or `ratio` claim would have. `c * a > d * b` with two positive numbers c and d is a ratio, and
tested on logarithms.

`not testable` is a claim that reads another table, deviations, or printed texts that nothing measures.
"""

from __future__ import annotations

import ast
import math
from contextlib import suppress
from decimal import Decimal

from repro.spec.check_expressions import cells_read
from repro.spec.claim import Control
from repro.spec.evaluate import Evaluation
from repro.spec.expression import Expression, ExpressionError, parse
from repro.spec.forms import Cell, Form, Quotient
from repro.spec.formulas import AtLeast, Fact, Formula, Whole, is_true
from repro.spec.model import Row, Table
from repro.spec.reading import Library, NoNumberError, PrintedNumbers, Reader, Recording
from repro.spec.split import split
from repro.verdict.atoms import Atom, Linear, Several, Unsplit
from repro.verdict.decision import InPrint

SHOWN = 3


def read_expression(table: Table, text: str, library: Library) -> InPrint:
    """The expression on the printed numbers."""
    reader = Reader(table, library, PrintedNumbers())
    evaluation = Evaluation(parse(text), reader)
    try:
        true = evaluation.truth()
    except NoNumberError as error:
        return InPrint(None, f"not printed: {error}")
    except ExpressionError as error:
        return InPrint(None, f"it has no value: {error}")
    if true:
        return InPrint("holds", f"true in {evaluation.compared} comparisons")
    false = _false_in_print(table, text, library, reader)
    return InPrint("fails", false or (f"fails in {evaluation.last_false}" if evaluation.last_false else "false"))


def _false_in_print(table: Table, text: str, library: Library, reader: Reader) -> str:
    """The parts that the print does not support; empty where there is one part alone, or one without a number."""
    rows = {row.name: row for row in table.rows}

    def printed(cell: Cell) -> Decimal:
        return PrintedNumbers().value(table, rows[cell.row], cell.column)

    try:
        parts = split(table, text, library)
        failed = [_atom(table, part, None).text for part in parts if not is_true(part, reader, printed)]
    except (NoNumberError, ExpressionError):
        return ""
    more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    return f"fails in {len(failed)} of {len(parts)}: {'; '.join(failed[:SHOWN])}{more}" if len(parts) > 1 else ""


def expression_atoms(table: Table, text: str, library: Library, control: Control | None = None) -> list[Atom]:
    """The atoms of an expression, each once, with a control row in place of another where one is given."""
    found: list[Atom] = []
    for part in (part for part in split(table, text, library) if part is not True):
        atom = _atom(table, part, control)
        if atom not in found:
            found.append(atom)
    return found


def _atom(table: Table, part: Formula, control: Control | None) -> Atom:
    match part:
        case AtLeast(needed=needed, parts=parts):
            inside = tuple(_atom(table, each, control) for each in parts)
            joined = "; ".join(each.text for each in inside[:SHOWN])
            more = f"; and {len(inside) - SHOWN} more" if len(inside) > SHOWN else ""
            return Several(f"{needed} of {len(inside)} of ({joined}{more})", needed, inside)
        case Fact():
            return _linear(table, part, control) or _as_whole(table, part, control)
        case Whole():
            return _whole(table, part, control)
    return Unsplit("false of the table itself", {}, None)


def _linear(table: Table, fact: Fact, control: Control | None) -> Linear | None:
    """A fact as a weighted sum, or as a ratio; None where it is neither."""
    form = fact.form
    terms = list(form.weights.items())
    if any(isinstance(term, Quotient) for term, _ in terms):
        if len(terms) > 1:
            return None
        (quotient, weight), *_ = terms
        assert isinstance(quotient, Quotient)
        limit = -form.constant / weight
        if limit <= 0:
            return None
        upper, lower = (quotient.of, quotient.by) if weight > 0 else (quotient.by, quotient.of)
        return _ratio(table, upper, lower, limit if weight > 0 else 1 / limit, fact, control)
    if len(terms) == 2 and form.constant == 0:
        (under, less), (over, more) = sorted(terms, key=lambda term: term[1])
        if less < 0 < more != -less and isinstance(over, Cell) and isinstance(under, Cell):
            return _ratio(table, over, under, -less / more, fact, control)
    cells = [term for term, _ in terms if isinstance(term, Cell)]
    weights = tuple(float(weight) for _, weight in terms)
    found = tuple(_found(table, cell, control) for cell in cells)
    text, bound = _text(table, fact, control), -float(form.constant)
    return Linear(text, found, weights, bound, fact.strict, equality=fact.equality, restates=fact.restates)


def _ratio(table: Table, over: Cell, under: Cell, limit: Decimal, fact: Fact,
           control: Control | None) -> Linear:  # fmt: skip
    cells = _found(table, over, control), _found(table, under, control)
    names, place = _named(table, cells)
    text = f"{names[0]} / {names[1]} {'>' if fact.strict else '>='} {float(limit):g}{place}"
    bound, number = math.log(limit), float(limit)
    return Linear(text, cells, (1.0, -1.0), bound, fact.strict, True, number,
                  equality=fact.equality, restates=fact.restates)  # fmt: skip


def _text(table: Table, fact: Fact, control: Control | None) -> str:
    """`A < B, column` where two cells are compared, else the sum with its weights."""
    terms = [(term, weight) for term, weight in fact.form.weights.items() if isinstance(term, Cell)]
    names, place = _named(table, tuple(_found(table, cell, control) for cell, _ in terms))
    constant, sign = fact.form.constant, "" if fact.strict else "="
    if len(terms) == 2 and constant == 0 and terms[0][1] == -terms[1][1]:
        low, high = names if terms[0][1] < 0 else names[::-1]
        return f"{low} <{sign} {high}{place}"
    if len(terms) == 1:
        weight = terms[0][1]
        return f"{names[0]} {'>' if weight > 0 else '<'}{sign} {float(-constant / weight):g}{place}"
    said = " ".join(
        f"{'-' if weight < 0 else '+'} {'' if abs(weight) == 1 else f'{abs(float(weight)):g} '}{name}"
        for name, (_, weight) in zip(names, terms, strict=True)
    )
    return f"{said.removeprefix('+ ')} >{sign} {float(-constant):g}{place}"


def _named(table: Table, cells: tuple[tuple[Row, str], ...]) -> tuple[list[str], str]:
    """Cells by the labels of their rows, with the place behind where it is one, else at each of them."""
    places = [_place(table, row, column) for row, column in cells]
    if len(set(places)) == 1:
        return [row.label for row, _ in cells], f", {places[0]}"
    return [f"{row.label} [{place}]" for (row, _), place in zip(cells, places, strict=True)], ""


def _place(table: Table, row: Row, column: str) -> str:
    group = table.groups.get(row.group) if row.group else None
    return table.columns[column].label + (f", {group.label}" if group else "")


def _as_whole(table: Table, fact: Fact, control: Control | None) -> Unsplit:
    """A fact about ratios that is no single ratio."""
    return Unsplit(_sum(fact.form), {cell: _found(table, cell, control) for cell in fact.form.cells}, fact)


def _sum(form: Form) -> str:
    terms = [f"{float(w):+g} {t.row}" if isinstance(t, Cell) else f"{float(w):+g} {t.of.row} / {t.by.row}"
             for t, w in form.weights.items()]  # fmt: skip
    return f"{' '.join(terms)} {float(form.constant):+g} > 0"


def _whole(table: Table, part: Whole, control: Control | None) -> Unsplit:
    recording = Recording()
    rows = {row.name: row for row in table.rows}

    def printed(cell: Cell) -> Decimal:
        return recording.value(table, rows[cell.row], cell.column)

    with suppress(ExpressionError, NoNumberError):  # a number that stands in for a missing one may not be computable
        part.truth(Reader(table, _alone, recording), printed, thorough=True)
    read = [Cell(row, column) for of, row, column in recording.cells if of == table.id]
    return Unsplit(part.text, {cell: _found(table, cell, control) for cell in read}, part)


def _alone(name: str) -> Table:
    raise ValueError(f"another table: {name}")


def _found(table: Table, cell: Cell, control: Control | None) -> tuple[Row, str]:
    """The row and the column of a cell, with the control row in place of another."""
    row = next(row for row in table.rows if row.name == cell.row)
    return exchanged(table, row, control), cell.column


def exchanged(table: Table, row: Row, control: Control | None) -> Row:
    """The row, or the control row of its group that stands for it."""
    if control is None or row.label != control.replace:
        return row
    found = [other for other in table.rows if other.label == control.by]
    return next((other for other in found if other.group == row.group), found[0] if found else row)


def cells_of(table: Table, text: str, library: Library, control: Control | None = None) -> list[tuple[Row, str]]:
    """The cells of the table itself that an expression may read, with the control in place of its row."""
    read = cells_read(table, parse(text), library)
    return [_found(table, Cell(row, column), control) for of, row, column in read if of == table.id]


def never_testable(table: Table, expression: Expression, library: Library) -> str:
    """Why no run can ever test it; empty where one can."""
    called = {node.func.id for node in ast.walk(expression.tree) if isinstance(node, ast.Call)
              and isinstance(node.func, ast.Name)}  # fmt: skip
    measured = {key for key, column in table.of_runs.items() if column.is_words}
    if "tok" in called and not {key for row in table.rows for key in row.texts} <= measured:
        return "it reads printed texts, which nothing measures"
    if "s" in called:
        return "it reads deviations, which one seed does not have"
    read = cells_read(table, expression, library)
    others = sorted({of for of, _, _ in read} - {table.id})
    if others:
        return f"it reads another table too: {', '.join(others)}"
    return "" if read else "it reads no number of the table"
