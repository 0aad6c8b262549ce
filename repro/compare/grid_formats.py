"""The one table of a comparison in each format. A cell reads `printed → measured ± deviation (seeds)`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from repro.compare.grid import Grid, GridCell
from repro.compare.model import Comparison, Versus
from repro.report.escape import latex, latex_label, markdown, plain, slug
from repro.spec.model import Table

CELL = "A cell: printed → measured mean ± deviation (seeds)."
AT_PAPER_SCALE = "{} is the best of its column in its group, measured or, where nothing was, printed."
BELOW = "{} is the best that was measured of its column in its group; printed numbers are of another scale."
CSV = (
    "table", "group", "row", "new", "column", "published", "mean", "std", "n", "best", "whose",
    "difference", "low", "high", "p", "holm", "finding",
)  # fmt: skip
BOLD, NORMAL = "\x1b[1m", "\x1b[0m"


def legend(comparison: Comparison, best: str) -> str:
    """How the table is read; `best` is how the best of a column looks."""
    return f"{CELL} {(AT_PAPER_SCALE if comparison.profile == 'paper' else BELOW).format(best)}"


def text(grid: Grid, width: int, *, color: bool = False) -> Iterator[str]:
    """Lines for a terminal: as many columns side by side as fit. The best have a star, in colour they are bold too."""
    labels = {id(row): plain(row.label) + (f" ({row.kind})" if row.kind else "") for _, row in grid.rows}
    first = max(map(len, labels.values()), default=0)
    widths = {
        name: max([len(plain(label)), *(len(_said(row.cells[name])) for _, row in grid.rows if name in row.cells)])
        for name, label in grid.columns.items()
    }
    for names in _blocks(widths, width - first):
        yield "  ".join(["".ljust(first), *(plain(grid.columns[name]).rjust(widths[name]) for name in names)]).rstrip()
        for group in grid.groups:
            yield from [plain(group.label)] if group.label else []
            for row in group.rows:
                cells = [(row.cells.get(name, GridCell()), widths[name]) for name in names]
                shown = [_emphasised(_said(cell).rjust(wide), cell.best and color) for cell, wide in cells]
                yield "  ".join([labels[id(row)].ljust(first), *shown]).rstrip()
        yield ""


def _emphasised(said: str, bold: bool) -> str:
    return f"{BOLD}{said}{NORMAL}" if bold else said


def _said(cell: GridCell) -> str:
    found = f"{cell.shown}{'*' if cell.best and cell.measured else ''}"
    printed = f"{cell.printed}{'*' if cell.best and not cell.measured else ''}"
    return plain(" → ".join(part for part in (printed, found) if part))


def _blocks(widths: dict[str, int], room: int) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    used = 0
    for name, wide in widths.items():
        if blocks[-1] and used + wide + 2 > room:
            blocks.append([])
            used = 0
        blocks[-1].append(name)
        used += wide + 2
    return blocks


def markdown_text(grid: Grid) -> str:
    """As GitHub reads it; the new row's name is in italics, the best numbers are bold."""
    grouped = any(group.label for group in grid.groups)
    head = [*(["Group"] if grouped else []), "", *map(markdown, grid.columns.values())]
    rule = [":--"] * (1 + grouped) + ["--:"] * len(grid.columns)
    lines = []
    for label, row in grid.rows:
        name = f"*{markdown(row.label)}*" if row.is_new else markdown(row.label)
        kind = f" ({row.kind})" if row.kind else ""
        cells = [_marked(row.cells.get(each, GridCell()), markdown, "**{}**") for each in grid.columns]
        lines.append([*([markdown(label or "")] if grouped else []), name + kind, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def _marked(cell: GridCell, escape: Callable[[str], str], bold: str, arrow: str = "→") -> str:
    parts = [escape(part) if part else "" for part in (cell.printed, cell.shown)]
    if cell.best:
        which = 1 if cell.measured else 0
        parts[which] = bold.format(parts[which])
    return f" {arrow} ".join(part for part in parts if part)


def latex_text(grid: Grid, comparison: Comparison) -> str:
    """A table environment for booktabs."""
    width = 1 + len(grid.columns)
    lines = [
        "% needs \\usepackage{booktabs,amssymb}",
        r"\begin{table}[htbp]",
        r"\centering\small",
        rf"\caption{{{latex(comparison.label)} beside {latex(comparison.title)}, {latex(comparison.scale)}. "
        rf"{latex(legend(comparison, 'Bold'))}}}",
        rf"\label{{tab:{slug(comparison.table)}-{slug(comparison.label)}}}",
        rf"\begin{{tabular}}{{@{{}}l{'r' * len(grid.columns)}@{{}}}}",
        r"\toprule",
        " & ".join(["", *map(latex_label, grid.columns.values())]) + r" \\",
    ]
    for group in grid.groups:
        lines.append(r"\midrule")
        if group.label:
            lines.append(rf"\multicolumn{{{width}}}{{@{{}}l}}{{\textbf{{{latex(group.label)}}}}} \\")
        for row in group.rows:
            kind = rf" \textit{{({latex(row.kind)})}}" if row.kind else ""
            cells = [
                _marked(row.cells.get(each, GridCell()), latex, r"\textbf{{{}}}", r"\ensuremath{\to}")
                for each in grid.columns
            ]
            lines.append(" & ".join([latex_label(row.label) + kind, *cells]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def csv_text(grid: Grid, comparison: Comparison, table: Table) -> str:
    """A line a cell, the new row's too; of the others with the difference to it and its test."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(CSV)
    tests = {(v.column, s.group, table.row(v.row).label): v for s in comparison.standings for v in s.against}
    for label, row in grid.rows:
        for name, cell in row.cells.items():
            versus = None if row.is_new else tests.get((name, label, row.label))
            sample = cell.sample
            numbers = [sample.mean, sample.sd if sample.n > 1 else "", sample.n] if sample else ["", "", 0]
            writer.writerow([
                comparison.table, label or "", row.label, "new" if row.is_new else "", grid.columns[name], cell.printed,
                *numbers, "best" if cell.best else "", *_tested(versus, row.is_new),
            ])  # fmt: skip
    return out.getvalue()


def _tested(versus: Versus | None, is_new: bool) -> Sequence[object]:
    if versus is None:
        return ["own" if is_new else "", *[""] * 6]
    low, high = (versus.interval.low, versus.interval.high) if versus.interval else (None, None)
    numbers = (versus.difference, low, high, versus.p, versus.p_adjusted)
    return [" + ".join(versus.whose), *("" if number is None else number for number in numbers), versus.finding]
