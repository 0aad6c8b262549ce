"""One line a table for `repro list`: what it is, what of it runs, what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from repro.evidence import gather
from repro.places import results_of, store
from repro.spec.load import unchecked
from repro.spec.model import Table
from repro.spec.tables import all_paths
from repro.verdict.table import judge


@dataclass(frozen=True)
class Summary:
    """A table, its rows by kind, and the verdicts of the largest scale that it was measured at."""

    table: Table
    kinds: Counter[str]
    profile: str | None
    verdicts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """For `repro list --json`."""
        source = self.table.source
        return {
            "id": self.table.id,
            "title": self.table.title,
            "source": {"document": source.document, "table": source.table, "aliases": list(source.aliases)},
            "task": self.table.task,
            "rows": {kind: self.kinds[kind] for kind in ("method", "planned", "quoted")},
            "claims": len(self.table.claims),
            "profile": self.profile,
            "verdicts": self.verdicts,
        }

    def as_line(self) -> list[str]:
        """For the terminal."""
        numbers = [sum(self.kinds.values()), *(self.kinds[kind] for kind in ("method", "planned", "quoted"))]
        said = ", ".join(f"{count} {status}" for status, count in self.verdicts.items())
        return [
            self.table.id,
            f"{self.table.source.document}/{self.table.source.table}",
            self.table.task,
            *map(str, numbers),
            str(len(self.table.claims)),
            f"{self.profile}: {said}" if self.profile else "-",
        ]


def summaries() -> list[Summary]:
    """All tables that come with the project, in order of id. Their references are `repro validate`'s to check."""
    return [_summary(unchecked(path)) for path in all_paths()]


def _summary(table: Table) -> Summary:
    kinds: Counter[str] = Counter(row.kind for row in table.rows if row.printed)
    evidence = gather(table, store(), results_of(table.id))
    if not evidence.records:
        return Summary(table, kinds, None, {})
    verdict = judge(table, evidence.records, evidence.profile, evidence.stale)
    said = {status: count for status, count in verdict.counts.items() if status not in ("measured", "not run")}
    return Summary(table, kinds, evidence.profile, said)
