"""`run` and `why`: making numbers, and saying why they are or are not at hand."""

from __future__ import annotations

from typing import Annotated

import typer

from repro.cli.options import (
    DataFolder,
    FreshWorkers,
    Json,
    Memory,
    Rows,
    Scale,
    Seeds,
    TableName,
    Track,
    table_names,
    use_data,
)
from repro.commands.failure import Exit, Failure
from repro.commands.output import note, say, say_json


def run(
    tables: Annotated[list[str], typer.Argument(help="Ids, DOCUMENT/NUMBER, or spec files.", metavar="TABLE",
                                                autocompletion=table_names)],
    profile: Scale = "smoke",
    rows: Rows = None,
    seeds: Seeds = None,
    only_seeds: Annotated[list[int] | None, typer.Option(min=0, help="Exactly this seed; may be repeated.")] = None,
    engine: Annotated[str, typer.Option(help="How jobs are run: local.")] = "local",
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Workers; one a core by default.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    together: Annotated[bool | None, typer.Option(help="Fit the seeds of a row in one pass; default on cuda.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make results anew that are there already.")] = False,
    fresh_workers: FreshWorkers = False,
    memory: Memory = None,
    track: Track = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and for how long.")] = False,
    data: DataFolder = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Train and measure the rows of tables.

    What is at hand already is not made again. A run that was stopped, by Ctrl-C or by a crash, goes on where it was:
    give the same command again.

    Example: repro run cegan/kl-2d --profile smoke
    """
    from repro.commands.run import Order, dry, execute
    from repro.engines.drive import Selection
    from repro.store.models import GIB

    use_data(data)
    if engine != "local":
        raise Failure(Exit.WRONG_USE, f"unknown engine {engine!r} (known: local)")
    if seeds is not None and only_seeds:
        raise Failure(Exit.WRONG_USE, "--seeds and --only-seeds exclude each other")
    order = Order(
        profile=profile, selection=Selection(rows=rows, seeds=only_seeds or seeds), jobs=jobs, device=device,
        together=device == "cuda" if together is None else together, force=force, track=track,
        fresh=fresh_workers, memory_bytes=None if memory is None else round(memory * GIB),
    )  # fmt: skip
    if dry_run:
        dry(tables, order, as_json=json)
    else:
        execute(tables, order, as_json=json)


def why(table: TableName,
        row: Annotated[str | None, typer.Argument(help="A row or a pattern of rows.", metavar="ROW")] = None,
        profile: Scale = "smoke", seeds: Seeds = None, json: Json = False) -> None:  # fmt: skip
    """Say which jobs are cached, stale or new, and why.

    Of a stale job every part of its key is named that differs from the newest record of its row and seed.

    Example: repro why cegan/kl-2d "*/GAN" --profile paper
    """
    from repro.commands.run import Order, states
    from repro.engines.drive import Selection

    found = states(table, Order(profile=profile, selection=Selection(rows=[row] if row else None, seeds=seeds)))
    if json:
        say_json([
            {"key": state.job.key, "row": state.job.row, "seed": state.job.seed, "state": state.state,
             "training": state.job.training, "why": list(state.why)} for state in found.jobs
        ])  # fmt: skip
        return
    stored = {state.training.key for state in found.trainings if state.stored}
    for state in found.jobs:
        model = "; its model is stored" if state.job.training in stored else ""
        say(f"{state.state:<13} {state.job.name}, seed {state.job.seed}  [{state.job.key[:8]}]{model}")
        for reason in state.why:
            say(f"{'':<14}{reason}")
    if not found.jobs:
        note("no row of this table runs")
