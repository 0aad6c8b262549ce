"""From specs, records and logs to what the site shows. Verdicts are remembered, figures are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from repro.evidence.gather import Evidence, Whose, scales_run
from repro.evidence.judged import Reported, report_of
from repro.places import results_of
from repro.report import numbers, words
from repro.report.build import published
from repro.report.claims import claim_views
from repro.report.model import ClaimView, RecordView, ReportView
from repro.report.records import curves
from repro.site.model import Coverage, Entry, MeasuredLine, RunPage, Site, TablePage, table_file
from repro.spec.load import unchecked
from repro.spec.model import Row, Table
from repro.spec.tables import all_paths, own_paths
from repro.store.origin import Origin, in_order
from repro.store.record import Record
from repro.store.records import Store

LOG_BYTES = 64 * 1024
"""Of a run's output the last part of this size is shown: a page stays quick to load, and the end says what happened."""


def build(paths: Sequence[Path] | None = None, *, with_figures: bool = True, whose: Whose = "all") -> Site:
    """The site of spec files, by default one's own and all that come with the project."""
    found = [*own_paths(), *all_paths()] if paths is None else paths
    made = [_of_table(path, with_figures, whose) for path in found]
    runs = {run.record.key: run for _, _, found in made for run in found}
    return Site(
        entries=tuple(pages[0].entry for _, pages, _ in made),
        tables=tuple(page for _, pages, _ in made for page in pages),
        runs=tuple(runs.values()),
        specs={pages[0].entry.id: spec for spec, pages, _ in made},
        whose=whose,
    )


def _of_table(path: Path, with_figures: bool, whose: Whose) -> tuple[bytes, list[TablePage], list[RunPage]]:
    table = unchecked(path)
    scales = scales_run(table, Store(), results_of(table.id), whose=whose)
    reports = [report_of(table, scale, with_figures=with_figures, whose=whose, spec=path) for scale in scales]
    claims = reports[0].view.claims if reports else _audited(table)
    entry = _entry(table, claims, reports[0] if reports else None)
    pages = [TablePage(entry, found.view, found.view.claims, found.evidence.profile, scales) for found in reports]
    runs = [run for reported in reports for run in _runs(table, reported, entry)]
    return path.read_bytes(), pages or [TablePage(entry, published(table), claims, None, ())], runs


def _audited(table: Table) -> tuple[ClaimView, ...]:
    from repro.verdict.claims import audit  # imports numpy

    return claim_views(table, audit(table)) if table.claims else ()


def _entry(table: Table, claims: Sequence[ClaimView], reported: Reported | None) -> Entry:
    view = reported.view if reported else None
    rows = [row for row in table.rows if row.printed]
    kinds = Counter(row.kind for row in rows)
    in_print = Counter(claim.in_print for claim in claims)
    found = Counter(claim.verdict for claim in claims if view)
    numbers_of = [f"{table.source.document}/{table.source.table}", *table.source.aliases]
    shown = (view or published(table)).rows
    return Entry(
        id=table.id,
        title=table.title,
        printed=tuple(numbers_of),
        paper=table.source.paper,
        task=table.task,
        coverage=_coverage(kinds, view),
        rows=(kinds["method"], kinds["planned"], kinds["quoted"]),
        cells=table.printed_cells,
        claims=len(claims),
        derived=sum(bool(claim.derived) for claim in claims),
        claims_in_print=(in_print["holds"], in_print["fails"], in_print[None]),
        profile=view.protocol.profile if view else None,
        whose=_whose(reported.evidence) if reported else (),
        counts=view.counts if view else (),
        claim_counts=tuple((verdict, found[verdict]) for verdict in words.CLAIM if found[verdict]),
        stale=view.stale if view else 0,
        text=_searched(_names(table, rows)),
        places=tuple((row.label if row.group is None else f"{row.group}: {row.label}", row.anchor) for row in shown),
    )  # fmt: skip


def _whose(evidence: Evidence) -> tuple[Origin, ...]:
    return in_order(evidence.origins[record.key] for record in evidence.records if record.status == "ok")


def _names(table: Table, rows: Sequence[Row]) -> list[str]:
    """All that a table may be looked for by."""
    source = table.source
    groups, columns = table.groups.values(), table.columns.values()
    labels = [*(each.label for each in groups), *(row.label for row in rows), *(each.label for each in columns)]
    printed = [f"{source.document}/{source.table}", *source.aliases, source.paper, source.arxiv or ""]
    return [table.id, table.title, *printed, table.task, *labels]


def _searched(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(" ".join(texts).lower().split()))


def _coverage(kinds: Mapping[Literal["method", "planned", "quoted"], int], view: ReportView | None) -> Coverage:
    if view is not None:
        return "measured"
    return "runs, nothing measured yet" if kinds["method"] else "planned" if kinds["planned"] else "quoted"


def _runs(table: Table, reported: Reported, entry: Entry) -> Iterator[RunPage]:
    profile = reported.evidence.profile
    records = {record.key: record for record in reported.evidence.records}
    for row in reported.view.rows:
        label = row.label if row.group is None else f"{row.group}: {row.label}"
        for view in row.records:
            record = records[view.key]
            log, is_cut = _log(view.key)
            yield RunPage(
                record=record,
                view=view,
                table=entry,
                label=label,
                table_file=table_file(table.id, profile if profile != entry.profile else None) + f"#{row.anchor}",
                stale=view.key in reported.evidence.stale,
                measured=_measured(table, record, view),
                curves=curves([record]),
                log=log or view.tail,
                log_is_cut=is_cut,
            )


def _measured(table: Table, record: Record, view: RecordView) -> tuple[MeasuredLine, ...]:
    """Measured values in full precision, then words. The print is compared at paper scale, where both mean the same."""
    row, styles = next(row for row in table.rows if row.name == record.row), numbers.styles(table)
    printed, gaps = [], []
    for name, found in record.measured.items():
        cell = row.published.get(name)
        printed.append(numbers.published_text(cell) if cell else "")
        target = cell.target.value if cell and record.profile == "paper" else None
        gaps.append("" if target is None else styles[name].difference(found.value - target))
    printed += [row.texts.get(name, "") for name in record.texts]
    gaps += [""] * len(record.texts)
    labels, values, signatures = zip(*view.measured, strict=True) if view.measured else ((), (), ())
    count = len(record.measured)
    padded = ([*numbers.aligned(texts[:count]), *texts[count:]] for texts in (printed, values, gaps))
    return tuple(map(MeasuredLine, labels, *padded, signatures))


def _log(key: str) -> tuple[str, bool]:
    """The last whole lines of a run's output, and whether there is more of it; nothing where it is not at hand."""
    file = Store().log_file(key)
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - LOG_BYTES))
            end = log.read(LOG_BYTES)
    except FileNotFoundError:
        return "", False
    is_cut = size > LOG_BYTES
    if is_cut and b"\n" in end:
        end = end.partition(b"\n")[2]
    return end.decode(errors="replace"), is_cut
