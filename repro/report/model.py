"""What a report shows, as frozen plain data: every renderer reads a view and nothing else.

`repro.report.build` makes them: `published(table)` is the table as printed, `build(table, verdict, records)` is
published beside measured.

A **heading** row is one whose printed columns no other row of its group prints (the reference numbers that a paper puts
into a group's heading); its columns are heading columns, shown apart from the body of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from repro.report.words import COMPARED
from repro.spec.base import Profile
from repro.spec.model import Source
from repro.store.origin import Origin
from repro.verdict.model import CellStatus, ClaimStatus

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PublishedNumber:
    """One printed cell: the value in the column's unit (None for a dash) and the text exactly as printed.

    `words`: the cell is a text and never a number.
    """

    value: float | None
    std: float | None
    text: str
    words: bool = False


@dataclass(frozen=True)
class SeedValue:
    """What one record says about one cell: its value, or None and the status of the record."""

    record: str
    anchor: str
    seed: int
    status: str
    value: float | None
    text: str
    words: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True)
class MeasuredCell:
    """What was measured for a cell, and what that says about the print. Texts are rounded, numbers are not.

    `ratio` is the mean over the printed number, in a column whose ratios are compared; `difference` is theirs in any.
    A cell of words has no mean: `words` are those of each seed, and `text` the different ones with the number of seeds.
    `origins` say whose the numbers are; in a report of several origins the `text` of what is not one's own says so too.
    """

    status: CellStatus
    mean: float | None
    std: float | None
    n: int
    text: str
    stale: bool
    detail: str
    seeds: tuple[SeedValue, ...]
    target_text: str = ""
    difference: float | None = None
    ratio: float | None = None
    difference_text: str = ""
    interval_text: str = ""
    prediction_text: str = ""
    margin_text: str = ""
    p_text: str = ""
    adjusted_text: str = ""
    seeds_needed: int | None = None
    words: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()

    @property
    def off(self) -> str:
        """How far the number is off its print, where it was held against it: `x4.54`, or `+0.31`."""
        return self.difference_text if self.status in COMPARED else ""


@dataclass(frozen=True)
class CellView:
    """One cell: what is printed (None for a supplementary column or a control row) and what was measured.

    In a report every cell has a measured side but those of words that nothing measures.
    """

    column: str
    anchor: str
    published: PublishedNumber | None
    measured: MeasuredCell | None = None
    footnotes: tuple[int, ...] = ()

    @property
    def is_printed(self) -> bool:
        """Whether a number or words are printed, and not a dash."""
        return self.published is not None and (self.published.value is not None or self.published.words)


@dataclass(frozen=True)
class ColumnView:
    """One column; `heading` columns belong to heading rows, supplementary ones are measured and never printed."""

    id: str
    label: str
    metric: str
    unit: str | None
    better: Literal["lower", "higher"] | None
    supplementary: bool
    heading: bool
    margin: str = ""
    words: bool = False


@dataclass(frozen=True)
class CurveView:
    """One quantity over training, a (seed, points) line for each record that has it."""

    name: str
    lines: tuple[tuple[int, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True)
class RecordView:
    """Everything that a record says, in the order in which a reader asks for it."""

    key: str
    anchor: str
    seed: int
    status: str
    message: str
    tail: str
    facts: Pairs
    params: Pairs
    measured: tuple[tuple[str, str, str], ...]
    packages: Pairs
    fingerprint: Pairs
    redo: str


@dataclass(frozen=True)
class RowView:
    """One row; cells by column id, only those that are printed or measured."""

    name: str
    label: str
    anchor: str
    group: str | None
    kind: Literal["method", "quoted", "planned"]
    heading: bool
    role: Literal["control", "variant", ""]
    cells: Mapping[str, CellView]
    footnotes: tuple[int, ...] = ()
    redo: str = ""
    records: tuple[RecordView, ...] = ()
    curves: tuple[CurveView, ...] = ()


@dataclass(frozen=True)
class PublishedView:
    """A table as printed. `groups` are the groups' labels in order; rows outside any group have the group None."""

    id: str
    title: str
    source: Source
    columns: tuple[ColumnView, ...]
    groups: tuple[str | None, ...]
    rows: tuple[RowView, ...]
    footnotes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def body_columns(self) -> tuple[ColumnView, ...]:
        """The columns of the table's body: all but those of heading rows."""
        return tuple(column for column in self.columns if not column.heading)

    @property
    def heading_columns(self) -> tuple[ColumnView, ...]:
        """The columns that only heading rows fill."""
        return tuple(column for column in self.columns if column.heading)

    def rows_of(self, group: str | None, *, heading: bool) -> tuple[RowView, ...]:
        """The heading rows or the body rows of one group, in order."""
        return tuple(row for row in self.rows if row.group == group and row.heading == heading)

    def column(self, column: str) -> ColumnView:
        """The column of an id."""
        return next(view for view in self.columns if view.id == column)


SHOWN = 3
"""How many refuted parts of a claim are named in its line."""


@dataclass(frozen=True)
class ClaimView:
    """One claim, here and in the print itself.

    `parts` counts its parts (for, against, undecided), `refuted` names those against it; `derived` says why it is no
    sentence of the text.
    """

    text: str
    kind: str
    where: str
    verdict: ClaimStatus
    detail: str
    in_print: Literal["holds", "fails"] | None
    in_print_detail: str
    control: str
    holds_from: str
    note: str
    expression: str = ""
    derived: str = ""
    parts: tuple[int, int, int] | None = None
    refuted: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Where the text says it, and whether it is derived; empty where the spec says neither."""
        if not self.derived or self.where == self.derived:
            return f"derived: {self.derived}" if self.derived else self.where
        return f"{self.where}; derived" + ("" if self.derived in self.where else f": {self.derived}")

    @property
    def said(self) -> str:
        """The detail, with every refuted part where there are several."""
        return self.detail + (f"; refuted: {'; '.join(self.refuted)}" if len(self.refuted) > 1 else "")

    @property
    def tally(self) -> str:
        """How many parts are decided, and which of them against it, in a line; empty where none was tested."""
        if self.parts is None:
            return ""
        right, wrong, undecided = self.parts
        more = f"; and {len(self.refuted) - SHOWN} more" if len(self.refuted) > SHOWN else ""
        named = f" ({'; '.join(self.refuted[:SHOWN])}{more})" if self.refuted else ""
        return f"{right} of {sum(self.parts)} parts for, {wrong} against{named}, {undecided} undecided"


@dataclass(frozen=True)
class FigureView:
    """One figure; `svg` is None where nobody asked for it to be drawn."""

    label: str
    title: str
    anchor: str
    svg: str | None


@dataclass(frozen=True)
class ProtocolView:
    """How the numbers came about: profile, data, seeds, metric signatures by column, environments, total time.

    `scale` is what a report below paper scale says first, `smoke: toy-language, 1 seed`; `whose` the numbers are is a
    sentence.
    """

    profile: Profile
    seeds: tuple[int, ...]
    note: str
    signatures: tuple[tuple[str, tuple[str, ...]], ...]
    environments: tuple[str, ...]
    jobs: Pairs
    seconds: float
    time: str
    data: tuple[str, ...] = ()
    scale: str = ""
    whose: str = ""


@dataclass(frozen=True)
class ReportView(PublishedView):
    """Published beside measured, at one profile."""

    protocol: ProtocolView
    summary: str
    counts: tuple[tuple[CellStatus, int], ...]
    claims: tuple[ClaimView, ...] = ()
    figures: tuple[FigureView, ...] = ()
    stale: int = field(default=0)

    @property
    def heading(self) -> str:
        """The title, and below paper scale what it is a report of."""
        return f"{self.title} ({self.protocol.scale})" if self.protocol.scale else self.title

    def file_of(self, figure: FigureView) -> str:
        """The name of a figure's SVG file, where one lies beside the report."""
        return f"{self.protocol.profile}-{figure.anchor}.svg"
