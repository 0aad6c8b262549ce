"""New records of tables against accepted ones, cell by cell: what differs, and whether that is more than noise.

Seeds are paired for one question only: whether a row's outputs are bit by bit the accepted ones. Then nothing has
changed, and its cells pass without a test and without a place in the correction. A difference is measured against the
spread between seeds, never against that of paired differences: what another seed would have done is no regression.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from repro.gate.calibration import Calibration, configuration
from repro.gate.inference import ROUNDING, Contrast, Tested, infer
from repro.gate.model import Check, Outcome
from repro.spec.base import Profile
from repro.spec.model import Column, Row, Table
from repro.store.record import Record
from repro.verdict.stats import ALPHA, Sample

BySeed = Mapping[int, Record]
ROUNDING_OF_ONE = 1e-12
"""What another processor's order of summation may make of a double-precision sum whose terms are of order one: some
thousand units in the last place. A divergence that is zero is such a sum: 0 on one machine, 1e-15 on another."""


@dataclass(frozen=True)
class Side:
    """A table with its accepted records, the new ones, and what is known of its spread; one record a row and seed.

    Rows that were `left_out` have accepted records too, which are not among these.
    """

    table: Table
    accepted: Sequence[Record]
    new: Sequence[Record]
    calibration: Calibration | None = None
    left_out: Collection[str] = ()


@dataclass(frozen=True)
class Draft:
    """An outcome as it stands, or with the contrast that decides it."""

    outcome: Outcome
    contrast: Contrast | None = None


def compare(sides: Sequence[Side], profile: Profile, notes: Sequence[str] = ()) -> Check:
    """The check of tables at a profile: the cells of all of them are tested together."""
    drafts = [draft for side in sides for draft in _drafts(side, profile)]
    contrasts = [draft.contrast for draft in drafts if draft.contrast is not None]
    tested = iter(infer(contrasts))
    outcomes = tuple(_judged(d.outcome, d.contrast, next(tested)) if d.contrast else d.outcome for d in drafts)
    remarks = (*notes, *(note for side in sides for note in _remarks(side, profile)))
    return Check(profile, outcomes, remarks, {place: spent for side in sides for place, spent in _seconds(side)})


def _seconds(side: Side) -> Iterator[tuple[tuple[str, str], float]]:
    """What the new numbers of each row took; a training that rows share counts in the first of them."""
    counted = set[str]()
    for name in dict.fromkeys(record.row for record in side.new):
        records = [record for record in side.new if record.row == name]
        trained = {used.key: used.seconds for record in records for used in record.trainings if used.key not in counted}
        counted |= trained.keys()
        yield (side.table.id, name), sum(record.seconds for record in records) + sum(trained.values())


def _drafts(side: Side, profile: Profile) -> Iterator[Draft]:
    accepted, new = _by_row(side.accepted, profile), _by_row(side.new, profile)
    rows = {row.name: row for row in side.table.rows if row.kind == "method"}
    for name in [*(name for name in rows if name in accepted), *(name for name in accepted if name not in rows)]:
        whole = Outcome(side.table.id, name, "", "missing")
        mine = {seed: record for seed, record in accepted[name].items() if record.status == "ok"}
        if not mine:
            continue
        if name not in rows:
            yield Draft(replace(whole, detail="the row is accepted, and the table has no such row that runs"))
            continue
        yield from _row(side, rows[name], mine, new.get(name, {}), whole)


def _row(side: Side, row: Row, accepted: BySeed, new: BySeed, whole: Outcome) -> Iterator[Draft]:
    if not new:
        yield Draft(replace(whole, detail="no run of it by the present code, data and parameters"))
        return
    for record in new.values():
        if record.status != "ok":
            yield Draft(replace(whole, status="failed", detail=f"seed {record.seed}: {_reason(record)}"))
    good = {seed: record for seed, record in new.items() if record.status == "ok"}
    if not good:
        return
    data = {record.parts.data.checksum for record in (*accepted.values(), *good.values())}
    if len(data) > 1:
        yield Draft(
            replace(whole, status="incomparable", detail="the contents of the data set are not the accepted ones")
        )
        return
    identical = _identical(accepted, good)
    for column in side.table.measured:
        if any(column in record.measured for record in accepted.values()):
            yield _cell(side, row, column, accepted, good, identical)


def _cell(side: Side, row: Row, column: str, accepted: BySeed, new: BySeed, identical: bool) -> Draft:
    label = side.table.columns[column].label
    before, now = _values(accepted, column), _values(new, column)
    base = Outcome(side.table.id, row.name, label, "same", "", before, now)
    ways = {r.measured[column].signature for r in (*accepted.values(), *new.values()) if column in r.measured}
    if not now:
        return Draft(replace(base, status="missing", detail="the new runs have no such number"))
    if len(ways) > 1:
        return Draft(replace(base, status="incomparable", detail="measured in another way than the accepted number"))
    if side.table.columns[column].timed:
        return Draft(replace(base, status="unjudged", detail="a time: it depends on the machine and the hour"))
    if identical:
        return Draft(replace(base, detail="bit by bit the accepted outputs"))
    if row.deterministic:
        return Draft(_exactly(base, side.table.columns[column]))
    further = _further(side.calibration, row.name, column, accepted)
    contrast = Contrast(before + further, now, side.table.columns[column].better)
    return Draft(replace(base, calibrated=len(further)), contrast)


def _exactly(base: Outcome, column: Column) -> Outcome:
    """A row that draws no random numbers: equal within what rounding moves, by the column's own statement of it."""
    before, now = Sample(base.accepted).mean, Sample(base.new).mean
    stated = column.margin.absolute if column.margin else 0.0
    tolerance = max(stated, ROUNDING * max(abs(before), abs(now)), ROUNDING_OF_ONE)
    base = replace(base, test=f"exact, within {tolerance:.2g}")
    if abs(now - before) <= tolerance:
        return replace(base, detail="the same within rounding")
    if column.better is None:
        return replace(base, status="changed", p=0.0)
    is_worse = (now > before) == (column.better == "lower")
    return replace(base, status="worse" if is_worse else "better", p=0.0)


def _judged(base: Outcome, contrast: Contrast, tested: Tested) -> Outcome:
    if tested.worse is None or tested.better is None:
        return replace(base, status="undecided", detail=f"{tested.test}; `repro calibrate` adds some")
    base = replace(base, test=tested.test, p=tested.worse)
    if tested.worse <= ALPHA:
        return replace(base, status="worse" if contrast.better else "changed")
    if tested.better <= ALPHA:
        return replace(base, status="better", p=tested.better)
    return replace(base, detail="inside the noise")


def _identical(accepted: BySeed, new: BySeed) -> bool:
    """Whether every new seed was accepted, with the same outputs: numbers, words, arrays and curves.

    A row that has nothing but whole numbers to show could be equal by chance, and goes to the test.
    """
    if not set(new) <= set(accepted):
        return False
    return all(_outputs(new[seed]) == _outputs(accepted[seed]) for seed in new) and any(map(_tells, new.values()))


def _outputs(record: Record) -> tuple[object, ...]:
    return {name: m.value for name, m in record.measured.items()}, record.texts, record.artifacts, record.curves


def _tells(record: Record) -> bool:
    return bool(record.artifacts or record.curves) or any(m.value % 1 for m in record.measured.values())


def _further(calibration: Calibration | None, row: str, column: str, accepted: BySeed) -> tuple[float, ...]:
    configurations = {configuration(record.parts) for record in accepted.values()}
    if calibration is None or len(configurations) > 1:
        return ()
    return calibration.values(row, column, configurations.pop())


def _remarks(side: Side, profile: Profile) -> Iterator[str]:
    accepted = _by_row(side.accepted, profile)
    runs = [row for row in side.table.rows if row.kind == "method"]
    if unknown := [row.name for row in runs if row.name not in {*accepted, *side.left_out}]:
        yield f"{side.table.id}: nothing is accepted of {', '.join(unknown)}: not looked at"
    if side.calibration is None:
        return
    known = {name: found.configuration for name, found in side.calibration.rows.items()}
    random = [row.name for row in runs if row.name in accepted and not row.deterministic]
    if stale := [row for row in random if known.get(row) not in _configurations(accepted[row])]:
        yield f"{side.table.id}: the calibration is of other code or parameters than the accepted {', '.join(stale)}"


def _configurations(records: BySeed) -> set[str | None]:
    return {configuration(record.parts) for record in records.values()}


def _by_row(records: Sequence[Record], profile: Profile) -> dict[str, dict[int, Record]]:
    rows: dict[str, dict[int, Record]] = {}
    for record in sorted(records, key=lambda record: (record.row, record.seed)):
        if record.profile == profile:
            rows.setdefault(record.row, {})[record.seed] = record
    return rows


def _values(records: BySeed, column: str) -> tuple[float, ...]:
    return tuple(records[s].measured[column].value for s in sorted(records) if column in records[s].measured)


def _reason(record: Record) -> str:
    return f"{record.status}: {record.message}" if record.message else record.status
