"""The table in a terminal, by rich: columns are split into blocks that fit the width; plain text without colour.

A cell of a report has two lines: the printed number with the verdict, and what was measured. Numbers stand under each
other at the decimal point.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from repro.report.escape import plain
from repro.report.model import CellView, ColumnView, PublishedView, ReportView, RowView
from repro.report.numbers import FIGURE_SPACE, POINT_SPACE, aligned
from repro.report.words import CELL, CLAIM, Tone

_STYLE: dict[Tone, str] = {"good": "green", "warn": "yellow", "bad": "red", "calm": "dim"}
_SHORTER = {
    "deviates better": "dev. better", "deviates worse": "dev. worse", "not comparable": "incomparable",
    "within, 1 seed": "within (1)", "outside, 1 seed": "outside (1)",
}  # fmt: skip
_GAP = 2


@dataclass(frozen=True)
class _Column:
    """One column ready to be set: the lines of its head, and of each of its cells by row."""

    head: tuple[str, ...]
    cells: Mapping[str, Text]

    @property
    def width(self) -> int:
        lines = [line.cell_len for text in self.cells.values() for line in text.split("\n")]
        return max([*lines, *map(len, self.head)], default=0)


def text(view: PublishedView, width: int = 80, *, color: bool = False, protocol: bool = True) -> str:
    """The view as text of at most `width` columns where words allow it; with `color`, ANSI styles."""
    out = io.StringIO()
    console = Console(file=out, width=max(width, 40), force_terminal=color, no_color=not color, highlight=False,
                      color_system="standard" if color else None, legacy_windows=False, emoji=False, markup=False,
                      _environ={})  # fmt: skip
    _head(console, view)
    _headings(console, view)
    _body(console, view)
    _foot(console, view)
    if isinstance(view, ReportView):
        _claims(console, view)
    if isinstance(view, ReportView) and protocol:
        _protocol(console, view)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _head(console: Console, view: PublishedView) -> None:
    source = view.source
    scale = f" ({plain(view.protocol.scale)})" if isinstance(view, ReportView) and view.protocol.scale else ""
    console.print(Text(f"{plain(view.id)}{scale}  {plain(view.title)}", "bold"))
    arxiv = f", arXiv:{plain(source.arxiv)}" if source.arxiv else ""
    console.print(Text(f"{source.document}, {plain(source.label)}: {plain(source.paper)}{arxiv}", "dim"))
    if isinstance(view, ReportView):
        console.print(Text(f"profile {view.protocol.profile}: {view.summary}"))
        if view.protocol.whose:
            console.print(Text(view.protocol.whose))
        console.print(Text("a cell: printed number, verdict, how far off; below: mean ± deviation (seeds)", "dim"))
    console.print()


def _headings(console: Console, view: PublishedView) -> None:
    """The reference numbers of the groups' headings, a line each."""
    found = [(row, cell) for row in view.rows if row.heading for name, cell in row.cells.items()]
    cells = [(row, cell) for row, cell in found if view.column(cell.column).heading]
    numbers = _spaced(aligned(_printed(cell) for _, cell in cells))
    measured = _spaced(aligned(cell.measured.text if cell.measured else "" for _, cell in cells))
    label_width = max((len(plain(view.column(cell.column).label)) for _, cell in cells), default=0)
    last = None
    for (row, cell), number, text in zip(cells, numbers, measured, strict=True):
        if row.group != last:
            console.print(Text(plain(row.group or ""), "bold"))
            last = row.group
        label = plain(view.column(cell.column).label).ljust(label_width)
        console.print(Text.assemble(f"  {label}  {number}  {text}  ".rstrip(), "  ", _verdict(cell)))
    if cells:
        console.print()


def _body(console: Console, view: PublishedView) -> None:
    rows = [row for row in view.rows if any(not view.column(name).heading for name in row.cells)]
    limit = 14 if console.width < 100 else 28
    labels = {row.name: _label(row, limit) for row in rows}
    first = max((line.cell_len for label in labels.values() for line in label.split("\n")), default=0)
    columns = [_column(column, rows) for column in view.body_columns]
    for block in _blocks(columns, console.width - first - _GAP):
        _block(console, view, rows, labels, first, block)


def _column(column: ColumnView, rows: Sequence[RowView]) -> _Column:
    cells = {row.name: row.cells[column.id] for row in rows if column.id in row.cells}
    printed = ["" if column.words or (cell.published and cell.published.words) else _printed(cell)
               for cell in cells.values()]  # fmt: skip
    measured = [cell.measured.text if cell.measured and not column.words else "" for cell in cells.values()]
    numbers = _spaced(aligned([*printed, *measured]))
    shown = {}
    for i, (name, cell) in enumerate(cells.items()):
        if column.words or (cell.published is not None and cell.published.words):
            shown[name] = _words(cell, measured=column.words)
        elif cell.measured is None:
            shown[name] = Text(numbers[i].rstrip())
        else:
            above = Text.assemble(numbers[i].rstrip(), " " if printed[i] else "", _verdict(cell))
            shown[name] = Text("\n").join([above, Text(numbers[len(cells) + i].rstrip())])
    widest = max([line.cell_len for cell in shown.values() for line in cell.split("\n")], default=0)
    return _Column(_folded(plain(column.label), max(widest, 9)), shown)


def _words(cell: CellView, *, measured: bool) -> Text:
    """Printed words on lines of their own, then the verdict and the measured ones where there are such."""
    lines = [Text(line) for line in _folded(_printed(cell), 24) if line]
    if measured and cell.measured is not None:
        lines += [_verdict(cell), *map(Text, _folded(plain(cell.measured.text), 24))]
    return Text("\n").join(lines)


def _blocks(columns: Sequence[_Column], room: int) -> list[list[_Column]]:
    """As many neighbouring columns a block as fit; at least one."""
    blocks: list[list[_Column]] = []
    used = 0
    for column in columns:
        if not blocks or used + column.width > room:
            blocks.append([])
            used = 0
        blocks[-1].append(column)
        used += column.width + _GAP
    return blocks


def _block(
    console: Console,
    view: PublishedView,
    rows: Sequence[RowView],
    labels: Mapping[str, Text],
    first: int,
    block: Sequence[_Column],
) -> None:
    head = _grid(first, block)
    head.add_row("", *(Text("\n".join(column.head)) for column in block))
    console.print(head)
    console.print(Text("─" * min(first + sum(_GAP + column.width for column in block), console.width), "dim"))
    for group in view.groups:
        shown = [row for row in rows if row.group == group and any(row.name in column.cells for column in block)]
        if group is not None and shown:
            console.print(Text(("\n" if group != view.groups[0] else "") + plain(group), "bold"))
        grid = _grid(first, block)
        for row in shown:
            grid.add_row(labels[row.name], *(column.cells.get(row.name, Text("")) for column in block))
        console.print(grid)
    console.print()


def _grid(first: int, block: Sequence[_Column]) -> Grid:
    """A table of fixed widths, so that the parts of a block stand under each other."""
    grid = Grid.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
    grid.add_column(width=first, overflow="fold")
    for column in block:
        grid.add_column(width=column.width, no_wrap=True)
    return grid


def _label(row: RowView, limit: int) -> Text:
    kind = row.role or (row.kind if row.kind != "method" else "")
    label = "\n".join(_folded(plain(row.label) + _marks(row.footnotes), limit))
    return Text.assemble(label, *([("\n" + kind, "dim")] if kind else []))


def _printed(cell: CellView) -> str:
    return plain(cell.published.text) + _marks(cell.footnotes) if cell.published else ""


def _marks(footnotes: Sequence[int]) -> str:
    return f"[{','.join(map(str, footnotes))}]" if footnotes else ""


def _verdict(cell: CellView) -> Text:
    if cell.measured is None:
        return Text("")
    look = CELL[cell.measured.status]
    stale = (" stale" if cell.measured.stale else "", "magenta")
    off = f" {cell.measured.off}" if cell.measured.off else ""
    return Text.assemble((_SHORTER.get(look.short, look.short), _STYLE[look.tone]), off, stale)


def _spaced(texts: Sequence[str]) -> list[str]:
    return [text.replace(FIGURE_SPACE, " ").replace(POINT_SPACE, " ") for text in texts]


def _folded(label: str, width: int) -> tuple[str, ...]:
    """A label on lines of at most `width`, broken after `||`, commas, slashes, hyphens and spaces only.

    Example:
        >>> _folded("KL(p_gen||p_emp)", 10)
        ('KL(p_gen||', 'p_emp)')
    """
    folded = [""]
    for piece in re.findall(r".*?(?:\|\||[ ,/‖-]+|$)", label):
        if folded[-1] and len(folded[-1]) + len(piece.rstrip()) > width:
            folded.append("")
        folded[-1] += piece
    return tuple(line.strip() for line in folded)


def _foot(console: Console, view: PublishedView) -> None:
    for number, note in enumerate(view.footnotes, start=1):
        console.print(Text(f"[{number}] {plain(note)}", "dim"))
    for note in view.notes:
        console.print(Text(plain(note), "dim"))


def _claims(console: Console, view: ReportView) -> None:
    if view.claims:
        console.print(Text("\nClaims", "bold"))
    for claim in view.claims:
        look = CLAIM[claim.verdict]
        where = f" ({plain(claim.origin)})" if claim.origin else ""
        console.print(Text.assemble((f"{look.mark} {look.short}", _STYLE[look.tone]), f"  {plain(claim.text)}{where}"))
        for said in (plain(claim.said), _in_print(claim.in_print, plain(claim.in_print_detail))):
            if said:
                console.print(Text(f"    {said}", "dim"))
        if claim.control:
            console.print(Text(f"    control: {plain(claim.control)}", "dim"))


def _in_print(verdict: str | None, detail: str) -> str:
    known = {"holds": "in print: holds", "fails": "in print: fails already"}
    said = known.get(verdict or "", "in print: cannot be read")
    return f"{said} ({detail})" if detail else said


def _protocol(console: Console, view: ReportView) -> None:
    protocol = view.protocol
    console.print(Text("\nProtocol", "bold"))
    jobs = ", ".join(f"{count} {status}" for status, count in protocol.jobs) or "none"
    seeds = ", ".join(map(str, protocol.seeds)) or "none"
    console.print(Text(f"jobs: {jobs}; seeds: {seeds}; total time {protocol.time}"))
    for machine in protocol.environments:
        console.print(Text(plain(machine), "dim"))
    for signature in dict.fromkeys(s for _, known in protocol.signatures for s in known):
        console.print(Text(f"metric: {plain(signature)}", "dim"))
