"""What the verdicts know of the runs of one table at one profile: numbers and words by row, seed and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from repro.metrics.score import how, is_bound
from repro.spec.base import Params, Profile
from repro.spec.model import Table
from repro.store.record import Record, Status
from repro.verdict.stats import Sample

Values = Mapping[str, float]


@dataclass(frozen=True)
class Runs:
    """The runs of a table.

    `values` holds the numbers of the runs that ended well, by row, seed and column, `texts` the words of columns that
    are no numbers, and `signatures` how each was computed. By row, column and seed, `statuses` say how every run ended
    that was to measure the column, `params` with which parameters. `expected` is the number of seeds that a complete
    row has; `exact` names the rows known to draw no random numbers, of which one run is all runs; `stale` the rows and
    columns with a record that today's code would not make.
    """

    values: Mapping[str, Mapping[int, Values]]
    statuses: Mapping[str, Mapping[str, Mapping[int, Status]]]
    expected: int
    signatures: Mapping[str, Mapping[int, Mapping[str, str]]] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Mapping[int, Params]]] = field(default_factory=dict)
    stale: frozenset[tuple[str, str]] = frozenset()
    exact: frozenset[str] = frozenset()
    texts: Mapping[str, Mapping[int, Mapping[str, str]]] = field(default_factory=dict)

    def cell(self, row: str, column: str) -> dict[int, float]:
        """The numbers of one cell by seed, in the order of the seeds."""
        runs = self.values.get(row, {})
        return {seed: runs[seed][column] for seed in sorted(runs) if column in runs[seed]}

    def words(self, row: str, column: str) -> dict[int, str]:
        """The words of one cell by seed, in the order of the seeds."""
        runs = self.texts.get(row, {})
        return {seed: runs[seed][column] for seed in sorted(runs) if column in runs[seed]}

    def seeds(self, row: str, column: str) -> list[int]:
        """The seeds that have the cell, be it a number or words, in order."""
        return sorted({*self.cell(row, column), *self.words(row, column)})

    def sample(self, row: str, column: str) -> Sample | None:
        """The numbers of one cell, None where there are none."""
        values = tuple(self.cell(row, column).values())
        return Sample(values, exact=row in self.exact) if values else None

    def signatures_of(self, row: str, column: str) -> tuple[str, ...]:
        """The different ways in which the numbers of a cell were computed, sorted; one where all seeds agree."""
        found = self.signatures.get(row, {})
        return tuple(sorted({found[s][column] for s in self.seeds(row, column) if column in found.get(s, {})}))

    def ways_of(self, row: str, column: str) -> tuple[str, ...]:
        """How the numbers of a cell were computed, whatever they are of: numbers of two rows compare where it is one
        way."""
        return tuple(sorted({how(each) for each in self.signatures_of(row, column)}))

    def is_bounded(self, row: str, column: str) -> bool:
        """Whether a number of a cell is only an upper bound: the floor of what its metric can see."""
        ways = self.signatures.get(row, {})
        return any(
            is_bound(value, ways.get(seed, {}).get(column, "")) for seed, value in self.cell(row, column).items()
        )

    def lacking(self, row: str, column: str) -> str | None:
        """Why the numbers of a cell are not all that were to be had ("1 of 5 seeds failed"); None where they are."""
        statuses, have = self.statuses.get(row, {}).get(column, {}), len(self.seeds(row, column))
        bad = sorted({status for status in statuses.values() if status != "ok"})
        expected = max(1 if row in self.exact else self.expected, len(statuses))
        if have >= expected:
            return None
        why = f" ({', '.join(bad)})" if bad else ""
        return f"{have} of {expected} seeds have a number{why}"


def runs_from_records(
    table: Table,
    records: Iterable[Record],
    profile: Profile,
    *,
    stale: frozenset[str] = frozenset(),
) -> Runs:
    """Gathers the records of a table at a profile; `stale` are keys of records that today's code would not make.

    Of several records that were to measure one column of a row and seed the one made by today's code counts, then the
    latest: an older number never stands in for a newer failure.
    """
    chosen: dict[tuple[str, int, str], Record] = {}
    for record in records:
        if record.table == table.id and record.profile == profile:
            for column in record.parts.signatures:
                cell = (record.row, record.seed, column)
                if cell not in chosen or _rank(record, stale) > _rank(chosen[cell], stale):
                    chosen[cell] = record
    values: dict[str, dict[int, dict[str, float]]] = {}
    texts: dict[str, dict[int, dict[str, str]]] = {}
    signatures: dict[str, dict[int, dict[str, str]]] = {}
    statuses: dict[str, dict[str, dict[int, Status]]] = {}
    params: dict[str, dict[str, dict[int, Params]]] = {}
    for (row, seed, column), record in sorted(chosen.items(), key=lambda cell: cell[0]):
        statuses.setdefault(row, {}).setdefault(column, {})[seed] = record.status
        params.setdefault(row, {}).setdefault(column, {})[seed] = record.parts.params
        if record.status == "ok" and column in record.texts:
            texts.setdefault(row, {}).setdefault(seed, {})[column] = record.texts[column]
            signatures.setdefault(row, {}).setdefault(seed, {})[column] = record.parts.signatures[column]
        elif record.status == "ok":
            found = record.measured[column]
            values.setdefault(row, {}).setdefault(seed, {})[column] = found.value
            signatures.setdefault(row, {}).setdefault(seed, {})[column] = found.signature
    return Runs(
        values=values,
        statuses=statuses,
        expected=table.profiles.of(profile).seeds,
        signatures=signatures,
        params=params,
        stale=frozenset((row, column) for (row, _, column), record in chosen.items() if record.key in stale),
        exact=frozenset(row.name for row in table.rows if row.deterministic),
        texts=texts,
    )


def _rank(record: Record, stale: frozenset[str]) -> tuple[bool, str, str]:
    return record.key not in stale, record.started, record.key
