"""From the site's views to its files, as bytes by relative path. The same views give the same bytes.

Every page is whole by itself: styles and script are inside it, links are relative, and its Content-Security-Policy
allows that one script and no request. The templates escape all texts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from repro.evidence.gather import LARGEST_FIRST
from repro.files import readable_json
from repro.report import escape, words
from repro.report.html import environment, table_parts, wide_script
from repro.site.model import Coverage, Entry, RunPage, Site, TablePage, record_file, run_file, spec_file, table_file
from repro.verdict.model import CellStatus

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"


def render(site: Site) -> dict[str, bytes]:
    """All files of the site."""
    return {path: contents for part in (_index, _tables, _runs, _compare) for path, contents in part(site)}


@dataclass(frozen=True)
class Total:
    """Sums over all tables."""

    cells: int
    rows: tuple[int, ...]
    claims: int
    derived: int
    in_print: tuple[int, ...]
    measured: int
    runs: int
    counts: tuple[tuple[CellStatus, int], ...]


def _total(site: Site) -> Total:
    entries = site.entries
    counts: Counter[CellStatus] = Counter()
    for entry in entries:
        counts.update(dict(entry.counts))
    return Total(
        cells=sum(entry.cells for entry in entries),
        rows=_sums(entry.rows for entry in entries),
        claims=sum(entry.claims for entry in entries),
        derived=sum(entry.derived for entry in entries),
        in_print=_sums(entry.claims_in_print for entry in entries),
        measured=sum(entry.profile is not None for entry in entries),
        runs=len(site.runs),
        counts=tuple((status, counts[status]) for status in words.CELL if counts[status]),
    )


def _sums(triples: Iterable[tuple[int, int, int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*triples, strict=True))) or (0, 0, 0)


def _index(site: Site) -> Iterator[tuple[str, bytes]]:
    filters = (
        ("paper", "Paper", sorted({entry.paper for entry in site.entries})),
        ("task", "Task", sorted({entry.task for entry in site.entries})),
        ("status", "Status", _statuses(site.entries)),
    )
    verdicts = {verdict for entry in site.entries for verdict, _ in entry.claim_counts}
    page = _template("index.html.j2").render(
        entries=sorted(site.entries, key=_measured_first),
        claim_verdicts=verdicts,
        total=_total(site),
        own=site.whose == "own",
        filters=filters,
        script=_script("tables.js"),
    )
    yield "index.html", _bytes(page)


def _measured_first(entry: Entry) -> tuple[int, int, str]:
    """Tables with numbers before those that could have some, the largest scale first; then in order of id."""
    scale = LARGEST_FIRST.index(entry.profile) if entry.profile else len(LARGEST_FIRST)
    return (get_args(Coverage).index(entry.coverage), scale, entry.id)


def _statuses(entries: Iterable[Entry]) -> list[str]:
    """Every status that some table has: coverage first, then cells, then claims."""
    found = {status for entry in entries for status in entry.statuses}
    cells = [status for status in words.CELL if status in found]
    others = found - set(cells)
    claims = {status for status in others if status.startswith("a claim")}
    stale = others & {"stale"}
    return [*sorted(others - claims - stale), *cells, *sorted(stale), *sorted(claims)]


def _tables(site: Site) -> Iterator[tuple[str, bytes]]:
    for page in site.tables:
        yield page.file, _bytes(_table(page))
    for table, spec in site.specs.items():
        yield spec_file(table), spec


def _table(page: TablePage) -> str:
    root = _root(page.file)
    parts = table_parts(page.view) | {"claims": page.claims, "page": page, "root": root}
    return _template("entry.html.j2").render(
        parts, script=_script("tables.js"), run_link=lambda key, _: root + run_file(key)
    )


def _runs(site: Site) -> Iterator[tuple[str, bytes]]:
    rows: dict[tuple[str, str, str], list[RunPage]] = {}
    for run in site.runs:
        rows.setdefault((run.table.id, run.record.row, run.record.profile), []).append(run)
    for together in rows.values():
        for run in together:
            others = [other for other in together if other is not run]
            page = _template("run.html.j2").render(
                run=run, others=others, root=_root(run.file), script=_script("tables.js")
            )
            yield run.file, _bytes(page)
            yield record_file(run.record.key), readable_json(run.record.model_dump(mode="json"))


def _compare(site: Site) -> Iterator[tuple[str, bytes]]:
    page = _template("compare.html.j2").render(
        runs=site.runs, data=_embedded(_compared(site.runs)), script=_script("compare.js") if site.runs else ""
    )
    yield "compare.html", _bytes(page)


def _compared(runs: Iterable[RunPage]) -> dict[str, Any]:
    """What the compare view shows of each run; every text is kept once, in `texts`, and pointed at by its number."""
    texts: dict[str, int] = {}

    def at(text: str) -> int:
        return texts.setdefault(escape.plain(text), len(texts))

    def pairs(given: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
        return [(at(name), at(value)) for name, value in given]

    found = {
        run.record.key: {
            "name": escape.plain(run.name),
            "file": run.file,
            "sections": {
                "Measured": pairs((label, value) for label, value, _ in run.view.measured),
                "Parameters": pairs(run.view.params),
                "Run": pairs(run.view.facts),
                "How it is computed": pairs((label, signature) for label, _, signature in run.view.measured),
                "Versions": pairs(run.view.packages),
                "Code fingerprint": pairs(run.view.fingerprint),
            },
            "curves": {
                escape.plain(curve.name): [[_short(x), _short(y)] for _, line in curve.lines for x, y in line]
                for curve in run.curves
            },
        }
        for run in runs
    }
    return {"runs": found, "texts": list(texts)}


def _short(value: float) -> float:
    """As many digits as a small drawing can show."""
    return float(f"{value:.5g}")


def _embedded(value: Any) -> str:
    """JSON inside a script element: no text of it can end the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _template(name: str) -> Template:
    made = environment(TEMPLATES)
    made.globals |= {"table_file": table_file, "spec_file": spec_file, "record_file": record_file}
    return made.get_template(name)


@cache
def _script(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8") + wide_script()


def _root(file: str) -> str:
    return "../" * file.count("/")


def _bytes(page: str) -> bytes:
    return (page + "\n").encode("utf-8")
