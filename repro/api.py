"""repro in a notebook or a script: load a table, run it, and have its results as frames for plots of one's own.

    import repro

    found = repro.run("cegan/kl-2d", profile="smoke", rows="gaussian/GAN")
    found                                    # published beside measured, as a table
    found.frame().groupby("column").value.mean()

The same specs, engine, store and verdicts as the command line.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.evidence.gather import Evidence
from repro.evidence.judged import report_of
from repro.report.model import MeasuredCell, PublishedNumber, ReportView
from repro.spec.base import Profile
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from repro.store.record import Record
from repro.store.records import Store

if TYPE_CHECKING:
    from pandas import DataFrame

RECORD = ("row", "seed", "status", "profile", "key")
"""What the frames of single runs say of each run, before what is their own."""
CELL = (
    "row", "column", "label", "printed", "published", "mean", "std", "n", "difference", "verdict", "stale", "whose",
)  # fmt: skip


def load_table(name: str) -> Table:
    """The spec of a table, checked, by id, by DOCUMENT/NUMBER, or the path of a spec file.

    Raises ValueError where there is no such table or its spec is wrong.
    """
    return load(find(name))


def results(name: str, profile: Profile | None = None) -> Results:
    """What was measured of a table, beside what is published; nothing is run.

    At the largest scale that was run, unless one is given. Accepted results count and one's own runs, as in
    `repro report`. A table without any has cells that read `missing`.
    """
    return _results(find(name), profile)


def run(
    name: str,
    profile: Profile = "smoke",
    rows: str | Sequence[str] | None = None,
    seeds: int | Sequence[int] | None = None,
    *,
    jobs: int | None = None,
    device: str = "cpu",
    force: bool = False,
) -> Results:
    """Trains and measures what is not at hand already, as `repro run` does, and returns the results of the table.

    `rows` are names or patterns (`"*/GAN"`), `seeds` a number of seeds or exactly those, `jobs` the number of workers.
    Each job that ends is a line on standard error. Jobs that fail give a warning, and keep their status in the results;
    an interrupted run raises KeyboardInterrupt, and the same call goes on where it was.
    """
    from repro.commands.progress import progress
    from repro.engines.drive import Selection, local_engine
    from repro.engines.drive import run as run_table

    spec, scale = find(name), _profile(profile)
    table = load(spec)
    selection = Selection(rows=[rows] if isinstance(rows, str) else rows, seeds=seeds)
    with progress(table.id) as draw:
        done = run_table(
            table, scale, store=Store(), selection=selection, engine=local_engine(jobs, device), on_event=draw,
            together=device == "cuda", force=force,
        )  # fmt: skip
    if done.is_interrupted:
        raise KeyboardInterrupt("the same call continues from the last checkpoints")
    if done.failed:
        first = done.failed[0]
        said = f"{len(done.failed)} of {len(done.plan.jobs)} jobs have no result, the first {first.row}, "
        log = Store().log_file(done.log_key(first))
        warnings.warn(f"{said}seed {first.parts.seed}; its output: {log}", RuntimeWarning, stacklevel=2)
    return _results(spec, scale)


@dataclass(frozen=True)
class Results:
    """Published beside measured, of one table at one scale. In a notebook it shows as a table."""

    table: Table
    view: ReportView = field(repr=False)
    evidence: Evidence = field(repr=False)

    @property
    def profile(self) -> Profile:
        """The scale of the runs."""
        return self.view.protocol.profile

    def frame(self) -> DataFrame:
        """A line for each number measured: row, seed, status, profile, key, column, label, value. Words are left out.

        `value` is in the column's unit, and missing where the run failed or did not measure the column.
        """
        lines = []
        for record in self.evidence.records:
            for column in record.parts.signatures:
                if column in record.texts:
                    continue
                found = record.measured.get(column)
                label = self.table.columns[column].label if column in self.table.columns else column
                lines.append((*_of(record), column, label, found.value if found else None))
        return _frame(lines, (*RECORD, "column", "label", "value"), numbers=("value",))

    def summary(self) -> DataFrame:
        """A line a cell: row, column, label, printed, published, mean, std, n, difference, verdict, stale, whose.

        `printed` is the text of the print and `published` its number; `std` is over the `n` seeds, `difference` is mean
        minus the published number (the corrected one where the print has a slip), all in the column's unit.
        """
        lines = [
            (row.name, column, self.view.column(column).label, *_printed(cell.published), *_found(cell.measured))
            for row in self.view.rows
            for column, cell in row.cells.items()
            if cell.measured is not None
        ]
        return _frame(lines, CELL, numbers=("published", "mean", "std", "difference"))

    def claims(self) -> DataFrame:
        """A line for each claim: text, where, derived, kind, verdict, tally, detail, in_print, in_print_detail."""
        columns = ("text", "where", "derived", "kind", "verdict", "tally", "detail", "in_print", "in_print_detail")
        return _frame([tuple(getattr(claim, name) for name in columns) for claim in self.view.claims], columns)

    def curves(self) -> DataFrame:
        """A line for each point of a learning curve: row, seed, status, profile, key, curve, step, value."""
        lines = [
            (*_of(record), name, step, value)
            for record in self.evidence.records
            for name, curve in record.curves.items()
            for step, value in zip(curve.step, curve.value, strict=False)
        ]
        return _frame(lines, (*RECORD, "curve", "step", "value"), numbers=("value",))

    def _repr_html_(self) -> str:
        from repro.report.html import fragment

        return fragment(self.view)

    def __repr__(self) -> str:
        return f"<Results of {self.table.id} at {self.profile} scale: {self.view.summary}>"


def _results(spec: Path, profile: Profile | None) -> Results:
    table = load(spec)
    found = report_of(table, None if profile is None else _profile(profile), with_figures=False, spec=spec)
    return Results(table, found.view, found.evidence)


def _of(record: Record) -> tuple[Any, ...]:
    return record.row, record.seed, record.status, record.profile, record.key


def _printed(cell: PublishedNumber | None) -> tuple[str, float | None]:
    return (cell.text, cell.value) if cell else ("", None)


def _found(cell: MeasuredCell) -> tuple[Any, ...]:
    return cell.mean, cell.std, cell.n, cell.difference, cell.status, cell.stale, " + ".join(cell.origins)


def _profile(name: str) -> Profile:
    from repro.spec.names import profile_named

    return profile_named(name)


def _frame(lines: Sequence[tuple[Any, ...]], columns: Sequence[str], numbers: Sequence[str] = ()) -> DataFrame:
    """Lines as a frame; `numbers` are floats even where a frame has no line or no number."""
    from pandas import DataFrame

    return DataFrame(list(lines), columns=list(columns)).astype(dict.fromkeys(numbers, "float64"))
