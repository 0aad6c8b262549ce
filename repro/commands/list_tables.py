"""One line a table for `repro list`: what it is, what of it runs, what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.evidence.remembered import is_ours, remembered
from repro.hints import did_you_mean
from repro.report import words
from repro.spec.base import PROFILES
from repro.spec.load import unchecked
from repro.spec.model import Table
from repro.spec.planned import planned_names
from repro.spec.tables import all_paths, id_of, own_paths

if TYPE_CHECKING:
    from repro.evidence.gather import Whose

STATUSES = ("measured", "runs", "planned", "quoted")
"""What `repro list --status` takes beside scales and verdicts: a table that has numbers, or rows of a kind."""


@dataclass(frozen=True)
class Summary:
    """A table, its printed rows by kind, and the verdicts of printed cells and of claims at the largest scale measured.

    `whose` those numbers are is a word or several. `waits_for` are the names, by kind, that no registry has yet;
    `to_set_up` the planned rows whose method is there.
    """

    id: str
    title: str
    source: dict[str, Any]
    task: str
    rows: dict[str, int]
    claims: int
    profile: str | None
    whose: list[str]
    verdicts: dict[str, int]
    claim_verdicts: dict[str, int]
    waits_for: dict[str, list[str]]
    to_set_up: list[str]

    @property
    def statuses(self) -> frozenset[str]:
        """What `--status` finds it by: what became of it, which rows it has, and the verdicts of its largest scale."""
        kinds = {"runs": "method", "planned": "planned", "quoted": "quoted"}
        rows = {name for name, kind in kinds.items() if self.rows[kind]}
        return frozenset({*rows, *self.verdicts, *(("measured", self.profile) if self.profile else ())})

    @property
    def named(self) -> str:
        """What `--paper` is looked for in."""
        return " ".join(str(self.source[name] or "") for name in ("document", "paper", "arxiv")).lower()

    def as_json(self) -> dict[str, Any]:
        """For `repro list --json`."""
        return asdict(self)

    def as_line(self) -> list[str]:
        """For the terminal."""
        numbers = [sum(self.rows.values()), *self.rows.values(), self.claims]
        cells = [f"{count} {status}" for status, count in self.verdicts.items()]
        claims = [f"{count} {verdict}" for verdict, count in self.claim_verdicts.items()]
        said = ", ".join(cells) or ("no printed cells" + (f"; claims: {', '.join(claims)}" if claims else ""))
        printed = f"{self.source['document']}/{self.source['table']}"
        whose = f" ({', '.join(self.whose)})" if self.whose else ""
        found = f"{self.profile}{whose}: {said}" if self.profile else "-"
        return [self.id, printed, self.task, *map(str, numbers), found]


def summaries(whose: Whose = "all") -> list[Summary]:
    """One's own tables, then all that come with the project. Their references are `repro validate`'s to check."""
    return [summary(unchecked(path), whose) for path in own_paths()] + [_of_file(path, whose) for path in all_paths()]


def _of_file(path: Path, whose: Whose) -> Summary:
    def find() -> tuple[dict[str, Any], bool]:
        table = unchecked(path)
        return asdict(summary(table, whose)), is_ours(table)

    return Summary(**remembered(f"summary {whose}", path, str(id_of(path)), find))


def chosen(
    found: list[Summary], *, paper: str | None, task: str | None, status: str | None, measured: bool = False
) -> list[Summary]:
    """The tables of a paper (by any part of what names it), a task and a status; all, or those that have numbers.

    Raises ValueError where nothing here has such a name.
    """
    for given, kind, known in (
        (task, "task", {each.task for each in found}),
        (status, "status", {*STATUSES, *PROFILES, *words.CELL}),
    ):
        if given is not None and given not in known:
            raise ValueError(
                f"unknown {kind} {given!r}{did_you_mean(given, known)} (known: {', '.join(sorted(known))})"
            )
    return [
        each for each in found
        if (paper is None or paper.lower() in each.named) and task in (None, each.task)
        and (status is None or status in each.statuses) and (each.profile is not None or not measured)
    ]  # fmt: skip


def summary(table: Table, whose: Whose = "all") -> Summary:
    """The summary of a table, judged now."""
    from repro.evidence.gather import gather
    from repro.places import results_of
    from repro.store.origin import in_order
    from repro.store.records import Store
    from repro.verdict.table import judge

    kinds = Counter(row.kind for row in table.rows if row.printed)
    evidence = gather(table, Store(), results_of(table.id), whose=whose)
    verdict = judge(table, evidence.records, evidence.profile, evidence.stale) if evidence.records else None
    cells = (
        Counter(verdict.cells[place].status for place in verdict.cells.keys() & table.printed_places) if verdict else {}
    )
    claims = Counter(claim.verdict for claim in verdict.claims) if verdict else {}
    planned = planned_names(table)
    return Summary(
        id=table.id,
        title=table.title,
        source={
            "document": table.source.document, "table": table.source.table, "aliases": list(table.source.aliases),
            "paper": table.source.paper, "arxiv": table.source.arxiv,
        },
        task=table.task,
        rows={kind: kinds[kind] for kind in ("method", "planned", "quoted")},
        claims=len(table.claims),
        profile=verdict.profile if verdict else None,
        whose=list(in_order(evidence.origins[record.key] for record in evidence.records if record.status == "ok")),
        verdicts={status: cells[status] for status in words.CELL if status in cells and status != "not run"},
        claim_verdicts={claim: claims[claim] for claim in words.CLAIM if claim in claims},
        waits_for={kind: list(names) for kind, names in planned.names.items()},
        to_set_up=list(planned.to_set_up),
    )  # fmt: skip
