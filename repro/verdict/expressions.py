"""A claim that is an expression, in print and on the runs.

In print it is evaluated on the printed numbers, uncorrected. On the runs it is evaluated seed by seed, every cell with
its number of that seed, and the seeds vote: where the claim is true of each of n seeds it `holds` if half to the power
of n is below 0.05, so from five seeds on (a sign test: it is true of more than half of all seeds); where it is false of
each, it `fails` alike. Cells without spread (deterministic rows, or two or more equal numbers) decide at once.
Everything else is `undecided`.

`not testable` is a claim that reads a row that does not run, another table, deviations, or printed texts that nothing
measures. One that
compares measured with written-down numbers for equality (== 18.3) restates the print: it may hold, but never fails.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from decimal import Decimal

from repro.spec.check_expressions import cells_read
from repro.spec.claim import Control
from repro.spec.evaluate import Evaluation
from repro.spec.expression import Expression, ExpressionError, parse
from repro.spec.model import Row, Table
from repro.spec.reading import Library, NoNumberError, PrintedNumbers, Reader
from repro.spec.sheet import Sheet, words_of
from repro.verdict.decision import Decision, InPrint
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA

_NUMBERS = ("c", "s", "cc", "col")


def read_expression(table: Table, text: str, library: Library) -> InPrint:
    """The expression on the printed numbers."""
    evaluation = Evaluation(parse(text), Reader(table, library, PrintedNumbers()))
    try:
        true = evaluation.truth()
    except NoNumberError as error:
        return InPrint(None, f"not printed: {error}")
    except ExpressionError as error:
        return InPrint(None, f"it has no value: {error}")
    if true:
        return InPrint("holds", f"true in {evaluation.compared} comparisons")
    return InPrint("fails", f"fails in {evaluation.last_false}" if evaluation.last_false else "false")


@dataclass(frozen=True)
class _Measured:
    """The numbers of one seed; rows that draw no random numbers have the same one for every seed."""

    runs: Runs
    seed: int
    exchanged: Control | None

    def value(self, table: Table, row: Row, column: str) -> Decimal:
        """The number of a cell in this seed."""
        row = exchanged(table, row, self.exchanged)
        cell = self.runs.cell(row.name, column)
        if row.name in self.runs.exact and cell:
            return Decimal(repr(next(iter(cell.values()))))
        if self.seed not in cell:
            raise NoNumberError(f"{row.name} has no number for seed {self.seed}")
        return Decimal(repr(cell[self.seed]))

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:
        """One run has no deviation."""
        raise NoNumberError(f"one run of {row.name} has no deviation in {table.columns[column].label}")

    def has(self, table: Table, row: Row, column: str) -> bool:
        """The cells of a column are those that the paper prints."""
        return PrintedNumbers().has(table, row, column)

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """The words of this seed in the columns that print words for the row."""
        keys = [key for key in sheet.table.columns if key in row.texts]
        row = exchanged(sheet.table, row, self.exchanged)
        cells = [self.runs.words(row.name, key) for key in keys]
        if row.name in self.runs.exact and all(cells):
            return words_of(next(iter(cell.values())) for cell in cells)
        if not all(self.seed in cell for cell in cells):
            raise NoNumberError(f"{row.name} lacks words for seed {self.seed}")
        return words_of(cell[self.seed] for cell in cells)


def exchanged(table: Table, row: Row, control: Control | None) -> Row:
    """The row, or the control row of its group that stands for it."""
    if control is None or row.label != control.replace:
        return row
    found = [other for other in table.rows if other.label == control.by]
    return next((other for other in found if other.group == row.group), found[0] if found else row)


def cells_of(table: Table, text: str, library: Library, control: Control | None = None) -> list[tuple[Row, str]]:
    """The cells of the table itself that an expression may read, with the control in place of its row."""
    rows = {row.name: row for row in table.rows}
    read = cells_read(table, parse(text), library)
    return [(exchanged(table, rows[row], control), column) for of, row, column in read if of == table.id]


def decide_expression(
    table: Table, text: str, runs: Runs, library: Library, control: Control | None = None
) -> Decision:
    """The expression on the runs, with a control row in place of another where one is given."""
    expression = parse(text)
    if obstacle := _never(table, expression, library):
        return Decision("not testable", obstacle)
    cells = cells_of(table, text, library, control)
    if obstacle := _absent(cells, runs):
        return Decision("not testable", obstacle)
    if obstacle := _blocked(cells, runs):
        return Decision("undecided", obstacle)
    seeds = _seeds(cells, runs)
    if not seeds:
        return Decision("undecided", "its rows have no seed in common")
    truths: dict[int, bool] = {}
    for seed in seeds:
        try:
            truths[seed] = Evaluation(expression, Reader(table, library, _Measured(runs, seed, control))).truth()
        except (NoNumberError, ExpressionError) as error:
            return Decision("undecided", f"seed {seed}: {error}")
    constant = all(_constant(runs, row.name, column) for row, column in cells)
    return _vote(list(truths.values()), constant, restates=_restates(expression))


def _constant(runs: Runs, row: str, column: str) -> bool:
    """Whether a cell has no spread. Equal words of two seeds are no sign of that."""
    sample = runs.sample(row, column)
    return row in runs.exact if sample is None else sample.constant


def _vote(truths: list[bool], constant: bool, restates: bool) -> Decision:
    n, right = len(truths), sum(truths)
    if constant:
        counts, decided = "compared exactly", True
    else:
        counts = f"true of {right} of {n} {'seed' if n == 1 else 'seeds'}"
        decided = 0.5**n < ALPHA
    if 0 < right < n or not decided:
        return Decision("undecided", f"{counts}; five seeds that agree decide it")
    if not constant:
        counts += f", sign test p = {0.5**n:.2g}"
    if right:
        return Decision("holds", counts)
    if restates:
        return Decision("undecided", f"{counts}; it restates printed numbers, which no run need equal")
    return Decision("fails", counts)


def _never(table: Table, expression: Expression, library: Library) -> str:
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


def _absent(cells: list[tuple[Row, str]], runs: Runs) -> str:
    for row, _ in cells:
        if row.kind != "method":
            return f"{row.name} is {row.kind} and never runs"
    for row, column in cells:
        if not runs.seeds(row.name, column):
            return f"{row.name} has no number"
    return ""


def _blocked(cells: list[tuple[Row, str]], runs: Runs) -> str:
    for row, column in cells:
        if lacking := runs.lacking(row.name, column):
            return f"{row.name}: {lacking}"
    for column in dict.fromkeys(column for _, column in cells):
        ways = {way for row, of in cells if of == column for way in runs.ways_of(row.name, column)}
        if len(ways) > 1:
            return "signatures differ: " + " | ".join(sorted(ways))
    return ""


def _seeds(cells: list[tuple[Row, str]], runs: Runs) -> list[int]:
    """The seeds that all rows with random numbers have; those of the first row where none has any."""
    found = [set(runs.seeds(row.name, column)) for row, column in cells if row.name not in runs.exact]
    return sorted(set.intersection(*found)) if found else runs.seeds(cells[0][0].name, cells[0][1])[:1]


def _restates(expression: Expression) -> bool:
    """Whether numbers of cells are compared for equality with what is not read from cells."""
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for i, op in enumerate(node.ops):
                if isinstance(op, ast.Eq | ast.NotEq) and _numbers(sides[i]) != _numbers(sides[i + 1]):
                    return True
    return False


def _numbers(node: ast.AST) -> bool:
    """Whether a part of an expression is made of the numbers of cells, and not of how many there are."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in _NUMBERS:
            return True
        if node.func.id == "len":
            return False
    return any(_numbers(child) for child in ast.iter_child_nodes(node))
