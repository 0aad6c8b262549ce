"""`bundle` and `import`: the records of a table as one file, so that a new method is the only thing to train."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repro.cli.options import Output, ScaleOrLargest, TableName
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, near, note, say

if TYPE_CHECKING:
    from repro.store.bundle import Bundle


def bundle(table: TableName, profile: ScaleOrLargest = None, output: Output = None) -> None:
    """Write the results of a table to one file.

    Your own runs and the accepted ones, without those that are stale, with their arrays where they are at hand.

    Example: repro bundle cegan/kl-2d --output kl-2d.zip
    """
    from repro.evidence.gather import gather
    from repro.files import slug, write_atomic
    from repro.places import results_of
    from repro.spec.load import load
    from repro.spec.shared import standalone
    from repro.spec.tables import find
    from repro.store.accepted import result_artifacts
    from repro.store.bundle import Bundle, names_of, pack
    from repro.store.records import Store

    path = find(table)
    loaded, here = load(path), Store()
    evidence = gather(loaded, here, results_of(loaded.id), profile)
    records = tuple(record for record in evidence.made if record.is_result and record.key not in evidence.stale)
    if not records:
        raise Failure(Exit.NOTHING, f"nothing of {loaded.id} at {evidence.profile} scale is of the present code",
                      f"repro run {table} --profile {evidence.profile}")  # fmt: skip
    arrays = {r.key: here.artifacts(r) or result_artifacts(evidence.results, r) for r in records}
    whole = {r.key: arrays[r.key] for r in records if arrays[r.key].keys() == r.artifacts.keys()}
    made = Bundle(loaded.id, evidence.profile, standalone(path), records, whole)
    file = output or Path(f"{slug(loaded.id)}--{evidence.profile}.zip")
    try:
        write_atomic(file, pack(made))
    except OSError as error:
        raise Failure(Exit.WRONG_USE, f"cannot write {file}: {error.strerror}") from error
    if evidence.stale:
        note(f"left out as stale: {count(len(evidence.stale), 'record')}")
    say(f"{loaded.id} ({evidence.profile}): {names_of(records)}\nwrote {near(file)}")


def import_(file: Annotated[Path, typer.Argument(help="A file that `repro bundle` wrote.", metavar="FILE")]) -> None:
    """Take the results of a bundle into your store.

    Everything in it is checked first; what you have run yourself stays. Reports and comparisons then show its rows,
    marked as imported.

    Example: repro import kl-2d.zip
    """
    from repro.store.bundle import names_of, spec_problem, unpack
    from repro.store.records import Store

    found, here = unpack(file), Store()
    if problem := spec_problem(found):
        raise Failure(Exit.WRONG_USE, f"{file}: {problem}; nothing of it is taken")
    name = _spec_of(found)
    new = [record for record in found.records if not here.is_done(found.table, record.key)]
    for record in new:
        here.put(record.model_copy(update={"imported": file.name}), found.artifacts.get(record.key))
    say(f"{found.table} ({found.profile}): {names_of(found.records)}; {len(new)} new, "
        f"{len(found.records) - len(new)} were here already")  # fmt: skip
    note(f"repro report {name} --profile {found.profile}")


def _spec_of(bundle: Bundle) -> str:
    """What to call the table here: its id, or the copy of its spec that is laid down where it is not known."""
    from repro.files import slug, write_atomic
    from repro.spec.tables import find
    from repro.store.records import Store

    try:
        find(bundle.table)
    except ValueError:
        path = Store().root / "tables" / f"{slug(bundle.table)}.yaml"
        write_atomic(path, bundle.spec.encode())
        return str(near(path))
    return bundle.table
