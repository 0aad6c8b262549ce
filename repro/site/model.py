"""What the site shows, as frozen plain data: the index, a page a table and scale, a page a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from repro.evidence.gather import Whose
from repro.report.model import ClaimView, CurveView, PublishedView, RecordView, ReportView
from repro.spec.base import Profile
from repro.store.origin import MEANS, Origin
from repro.store.record import Record
from repro.verdict.model import CellStatus, ClaimStatus

Coverage = Literal["measured", "runs, nothing measured yet", "planned", "quoted"]


@dataclass(frozen=True)
class Entry:
    """One line of the index: a table, its printed rows by kind, and what the largest scale that was run came to.

    `whose` the numbers of that scale are; `derived` claims are not the text's own, `claims_in_print` counts (holds,
    fails, no number there); `text` is what the filter's search looks at, `places` are its rows by `group: row`, with
    their anchors in its page.
    """

    id: str
    title: str
    printed: tuple[str, ...]
    paper: str
    task: str
    coverage: Coverage
    rows: tuple[int, int, int]
    cells: int
    claims: int
    derived: int
    claims_in_print: tuple[int, int, int]
    profile: Profile | None
    whose: tuple[Origin, ...]
    counts: tuple[tuple[CellStatus, int], ...]
    claim_counts: tuple[tuple[ClaimStatus, int], ...]
    stale: int
    text: str
    places: tuple[tuple[str, str], ...]

    @property
    def statuses(self) -> tuple[str, ...]:
        """All that the filter by status finds this table by."""
        scale = (f"measured at {self.profile} scale",) if self.profile else ()
        cells = (status for status, _ in self.counts)
        claims = (f"a claim: {status}" for status, _ in self.claim_counts)
        in_print = ("a claim fails in its own print",) if self.claims_in_print[1] else ()
        whose = (MEANS[origin] for origin in self.whose)
        return (self.coverage, *scale, *whose, *cells, *(("stale",) if self.stale else ()), *claims, *in_print)


@dataclass(frozen=True)
class TablePage:
    """One table, at one scale where anything was run; `scales` are those that there are pages of, this one included."""

    entry: Entry
    view: PublishedView | ReportView
    claims: tuple[ClaimView, ...]
    profile: Profile | None
    scales: tuple[Profile, ...]

    @property
    def file(self) -> str:
        """Where the page lies; the largest scale has the table's own address."""
        return table_file(self.entry.id, self.profile if self.profile != self.entry.profile else None)


@dataclass(frozen=True)
class MeasuredLine:
    """One number of a run beside the printed one, with their points in line, or words; `gap` is measured - printed."""

    label: str
    printed: str
    measured: str
    gap: str
    signature: str


@dataclass(frozen=True)
class RunPage:
    """One run: its record as a reader sees it and as it is, and the end of its output where that is at hand."""

    record: Record
    view: RecordView
    table: Entry
    label: str
    table_file: str
    stale: bool
    measured: tuple[MeasuredLine, ...]
    curves: tuple[CurveView, ...]
    log: str
    log_is_cut: bool

    @property
    def name(self) -> str:
        """What tells the run from all others to a reader."""
        return f"{self.table.id}, {self.label}, seed {self.record.seed}, {self.record.profile} scale"

    @property
    def file(self) -> str:
        """Where the page lies."""
        return run_file(self.record.key)


@dataclass(frozen=True)
class Site:
    """Everything, in order of id; `specs` are the texts of the spec files by table, `whose` runs are looked at."""

    entries: tuple[Entry, ...]
    tables: tuple[TablePage, ...]
    runs: tuple[RunPage, ...]
    specs: dict[str, bytes]
    whose: Whose = "all"


def table_file(table: str, profile: Profile | None = None) -> str:
    """The page of a table; at a scale that is not the largest one run, the scale is in the name."""
    return f"tables/{table}.html" if profile is None else f"tables/{table}--{profile}.html"


def run_file(key: str) -> str:
    """The page of a run."""
    return f"runs/{key}.html"


def record_file(key: str) -> str:
    """The record of a run, as JSON."""
    return f"records/{key}.json"


def spec_file(table: str) -> str:
    """The spec of a table, under a name that every browser shows as text."""
    return f"specs/{table}.txt"
