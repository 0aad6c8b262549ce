"""What `repro calibrate` does: run the accepted code against itself and keep what that shows."""

from __future__ import annotations

from repro.commands.check import accepted_records
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, near
from repro.commands.progress import progress
from repro.commands.unfinished import stop_if_interrupted
from repro.engines.drive import Selection, local_engine, run
from repro.evidence.folds import with_folds
from repro.evidence.joined import joined
from repro.gate.aa import rows_of, seeds_of, still_good
from repro.gate.calibration import Calibration, configuration, read_calibration, write_calibration
from repro.places import results_directory
from repro.spec.base import Profile
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from repro.store.record import Record
from repro.store.records import Store


def calibrate_table(name: str, profile: Profile, *, pairs: int, seeds: int | None, jobs: int | None) -> str:
    """Runs `pairs` times two sides of `seeds` seeds of every accepted row, keeps the calibration, and says so.

    A row whose calibration on these seeds is of the accepted code keeps it, and is not run.
    """
    table = load(find(name))
    runs = {row.name: row for row in table.rows if row.kind == "method"}
    records = [record for record in accepted_records(table, profile) if record.row in runs]
    accepted = joined(with_folds(table, profile, records))
    if not accepted:
        raise Failure(Exit.NOTHING, f"no accepted result of {table.id} at {profile} scale",
                      f"repro accept {table.id} --profile {profile}")  # fmt: skip
    random = [record for record in accepted if not runs[record.row].deterministic]
    if not random:
        raise Failure(Exit.NOTHING, f"{table.id}: no accepted row draws random numbers: there is no noise to measure")
    each = seeds or table.profiles.of(profile).seeds
    wanted = seeds_of(accepted, 2 * pairs * each)
    kept = still_good(read_calibration(results_directory(), table.id, profile), random, wanted)
    left = [record for record in random if record.row not in kept]
    made = rows_of(_run(table, profile, left, wanted, jobs)) if left else {}
    rows = {record.row: made.get(record.row) or kept[record.row] for record in random}
    found = Calibration(table=table.id, profile=profile, seeds=each, pairs=pairs, rows=rows)
    file = write_calibration(results_directory(), found)
    said = f"{count(len(rows), 'row')}, {len(wanted)} further seeds each"
    return f"{table.id} ({profile}): {said}, {len(made)} run now\nwrote {near(file)}"


def _run(table: Table, profile: Profile, accepted: list[Record], seeds: list[int], jobs: int | None) -> list[Record]:
    """Records of further seeds, grids folded, in a store of their own: they are no results, and no report shows them.

    The seeds of a row share a worker, in one pass where its method can: at small scales much of a job is its start.
    """
    known = {record.row: configuration(record.parts) for record in accepted}
    apart, selection = Store(Store().root / "calibration"), Selection(rows=list(known), seeds=seeds)
    with progress(table.id) as draw:
        engine = local_engine(jobs)
        done = run(table, profile, store=apart, selection=selection, engine=engine, on_event=draw, one_worker=True)
    stop_if_interrupted(done)
    if done.failed:
        first = done.failed[0]
        said = f"{count(len(done.failed), 'job')} failed, first {first.row}, seed {first.parts.seed}"
        raise Failure(Exit.INCOMPLETE, said, f"its output: {near(apart.log_file(done.log_key(first)))}")
    points = [record for job in done.plan.jobs if (record := apart.get(table.id, job.key)) is not None]
    records = joined(with_folds(table, profile, points))
    other = sorted({record.row for record in records if configuration(record.parts) != known[record.row]})
    if other:
        raise Failure(Exit.INCOMPLETE, f"the accepted {other[0]} is of other code, data or parameters than the present",
                      f"repro run and accept {table.id} first: the noise is that of what is accepted")  # fmt: skip
    return records
