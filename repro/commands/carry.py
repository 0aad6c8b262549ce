"""What `repro accept --carry` does: accepted results are carried over a change of code that moves no bit.

Results at a large scale cost hours, and many changes of code move nothing: another name, another way to the same
numbers. The evidence is the smallest scale: the smoke jobs of a row are run again, by the code of today, and compared
with the smoke results that the old code has in `results/`. Equal to the last bit, in numbers, words, arrays and
curves, the row's accepted records of the larger scale get the keys of today, and say from which key and on what
evidence; anything else, and they stay stale. A parameter that a method has got since is part of its code as long as it
is at its default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from repro.commands.progress import progress
from repro.engines.drive import Selection, local_engine, planned, run
from repro.plan.graph import Job, Plan
from repro.plan.key import KeyParts, TrainingParts, training_key
from repro.spec.base import Params, Profile
from repro.spec.model import Table
from repro.spec.signature import defaults
from repro.store.record import Carried, Record, TrainingUsed
from repro.store.records import Store


@dataclass(frozen=True)
class Carrying:
    """What became of the accepted records of a table: carried ones under their new keys, and why others were not."""

    carried: tuple[Record, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)
    current: int = 0


def carry(
    table: Table, profile: Profile, accepted: Sequence[Record], store: Store, jobs: int | None = None
) -> Carrying:
    """Carries the accepted records of a table and profile to the keys of today, row by row."""
    mine = [record for record in accepted if record.profile == profile and record.status == "ok"]
    rows = [row.name for row in table.rows if row.kind == "method" and any(record.row == row.name for record in mine)]
    if not rows:
        return Carrying()
    seeds = sorted({record.seed for record in mine})
    today = planned(table, profile, store, Selection(rows=rows, seeds=seeds)).plan
    keys = {job.key for job in today.jobs}
    stale = [record for record in mine if record.key not in keys]
    evidence = _Evidence(table, [record for record in accepted if record.profile == "smoke"], store, jobs)
    carried, refused = [], {}
    for record in stale:
        found = _carried(record, today, evidence)
        if isinstance(found, Record):
            carried.append(found)
        else:
            refused[f"{record.row}, seed {record.seed}"] = found
    return Carrying(tuple(carried), refused, len(mine) - len(stale))


class _Evidence:
    """The smoke results of the old code beside those of today's, made when a row first needs them."""

    def __init__(self, table: Table, smoke: Iterable[Record], store: Store, jobs: int | None) -> None:
        self._table, self._store, self._jobs = table, store, jobs
        self._old = list(smoke)
        self._known: dict[str, tuple[dict[str, str], str]] = {}

    def of(self, record: Record) -> tuple[dict[str, str], str]:
        """Old smoke key to new, for the row of a record; and what speaks against it, or nothing."""
        if record.row not in self._known:
            self._known[record.row] = self._compare(record)
        return self._known[record.row]

    def _compare(self, record: Record) -> tuple[dict[str, str], str]:
        old = [each for each in self._old if each.row == record.row and each.status == "ok"]
        if not old:
            return {}, "no accepted smoke result of the row: nothing to compare with"
        if any(_code(each.parts) != _code(record.parts) for each in old):
            return {}, "the accepted smoke results of the row were made by other code than this record"
        selection = Selection(rows=[record.row], seeds=sorted({each.seed for each in old}))
        with progress(self._table.id) as draw:
            done = run(self._table, "smoke", store=self._store, selection=selection, engine=local_engine(self._jobs),
                       on_event=draw)  # fmt: skip
        made = [self._store.get(self._table.id, job.key) for job in done.plan.jobs]
        pairs = {}
        for each in old:
            new = next((n for n in made if n is not None and n.seed == each.seed and _same_place(n, each)), None)
            if new is None or new.status != "ok":
                return {}, f"its smoke job of seed {each.seed} has no result today"
            if differs := _difference(each, new):
                return {}, f"its smoke job of seed {each.seed} gives other {differs} than the accepted one"
            pairs[each.key] = new.key
        return pairs, ""


def _carried(record: Record, today: Plan, evidence: _Evidence) -> Record | str:
    """The record under its key of today, or why it is not carried."""
    mine = [job for job in today.jobs if (job.row, job.seed) == (record.row, record.seed)]
    job = next((job for job in mine if _is_for(job, record)), None)
    if job is None:
        return "no such row, or not with these columns, any more"
    initial = {training.parts.method: defaults(training.method_address) for training in today.trainings_of(job)}
    if _but_code(_without_new(job.parts, record.parts, initial)) != _but_code(record.parts):
        return "more than its code has changed: `repro why` says what"
    pairs, against = evidence.of(record)
    if against:
        return against
    return record.model_copy(
        update={
            "key": job.key,
            "parts": job.parts,
            "trainings": tuple(_renamed(used, record, job) for used in record.trainings),
            "carried": Carried(from_key=record.key, evidence=pairs),
        }
    )


def _renamed(used: TrainingUsed, record: Record, job: Job) -> TrainingUsed:
    before = {training_key(parts): name for name, parts in _trainings(record.parts).items()}
    after = {name: training_key(parts) for name, parts in _trainings(job.parts).items()}
    return used.model_copy(update={"key": after.get(before.get(used.key, ""), used.key)})


def _trainings(parts: KeyParts) -> dict[str, TrainingParts]:
    """All trainings that a measurement rests on, by where they stand."""
    found: dict[str, TrainingParts] = {}
    for name, training in (("", parts.training), *parts.others.items()):
        each: object = training
        while isinstance(each, TrainingParts):
            found[name] = each
            name, each = f"{name}<", each.start
    return found


def _is_for(job: Job, record: Record) -> bool:
    return set(job.columns) == set(record.parts.signatures) and job.parts.point == record.parts.point


def _same_place(one: Record, other: Record) -> bool:
    return set(one.parts.signatures) == set(other.parts.signatures) and one.parts.point == other.parts.point


def _difference(old: Record, new: Record) -> str:
    """What of two results is not the same to the last bit; nothing where all is."""
    numbers = {name: m.value for name, m in old.measured.items()} == {n: m.value for n, m in new.measured.items()}
    same = {
        "numbers": numbers,
        "words": old.texts == new.texts,
        "arrays": old.artifacts == new.artifacts,
        "curves": old.curves == new.curves,
    }
    return " and ".join(name for name, equal in same.items() if not equal)


def _code(parts: KeyParts) -> tuple[str, ...]:
    trained = [training.fingerprint.digest for training in _trainings(parts).values()]
    return (parts.fingerprint.digest, *trained)


def _without_new(today: KeyParts, before: KeyParts, initial: Mapping[str, Params]) -> KeyParts:
    """Today's parts without the parameters that methods have got since, where these are at their initial values."""

    def without(today: TrainingParts, before: object) -> TrainingParts:
        if not isinstance(before, TrainingParts):
            return today
        known, least = before.params, initial[today.method]
        params = {n: value for n, value in today.params.items() if n in known or n not in least or least[n] != value}
        start = without(today.start, before.start) if isinstance(today.start, TrainingParts) else today.start
        return today.model_copy(update={"params": params, "start": start})

    others = {role: without(other, before.others.get(role)) for role, other in today.others.items()}
    return today.model_copy(update={"training": without(today.training, before.training), "others": others})


def _but_code(parts: KeyParts) -> object:
    """The parts of a key without code."""

    def bare(training: TrainingParts) -> TrainingParts:
        start = bare(training.start) if isinstance(training.start, TrainingParts) else training.start
        code = training.fingerprint.model_copy(update={"digest": "", "definitions": {}})
        return training.model_copy(update={"fingerprint": code, "start": start})

    return parts.model_copy(
        update={
            "fingerprint": parts.fingerprint.model_copy(update={"digest": "", "definitions": {}}),
            "training": bare(parts.training),
            "others": {role: bare(other) for role, other in parts.others.items()},
        }
    )
