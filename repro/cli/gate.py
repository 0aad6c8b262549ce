"""`check` and `calibrate`: whether the present code is worse than what was accepted, and how much of that is noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repro.cli.options import FreshWorkers, Json, Scale, Seeds, TableName, table_names
from repro.commands.output import say, say_json

Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Workers; one a core by default.")]


def check(
    tables: Annotated[list[str] | None, typer.Argument(
        help="By default your own with accepted results, else all that have any.", metavar="TABLE",
        autocompletion=table_names)] = None,
    profile: Scale = "smoke",
    no_run: Annotated[bool, typer.Option("--no-run", help="Compare the runs that are there, make none.")] = False,
    seeds: Seeds = None,
    jobs: Jobs = None,
    affected: Annotated[
        bool, typer.Option("--affected", help="Only rows that a change reaches, and a sample of the others.")
    ] = False,
    fresh_workers: FreshWorkers = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to a file.", metavar="FILE")] = None,
    summary: Annotated[Path | None, typer.Option(help="Write Markdown to a file.", metavar="FILE")] = None,
    github: Annotated[
        bool, typer.Option("--github", help="Annotate, and write to GITHUB_STEP_SUMMARY where that is set.")
    ] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Fail where a metric got worse than its accepted value.

    Runs the tables and compares them with the accepted results, cell by cell. Exit 1: a cell is worse beyond noise,
    which happens in at most 5 % of checks of unchanged code; 3: a row is missing or a job failed; 4: nothing was
    compared.

    Example: repro check cegan/kl-2d --profile smoke --no-run
    """
    from repro.commands.check import Request, check_tables, conclude, publish
    from repro.gate.words import as_json, text

    request = Request(profile, seeds, jobs, no_run=no_run, fresh=fresh_workers, affected=affected)
    found = check_tables(tables, request)
    publish(found, tables or (), junit=junit, summary=summary, github=github, quiet=json)
    if json:
        say_json(as_json(found))
    else:
        say(text(found))
    conclude(found)


def calibrate(
    table: TableName,
    profile: Scale = "smoke",
    pairs: Annotated[int, typer.Option(min=1, help="Pairs of runs of the same code.")] = 12,
    seeds: Annotated[int | None, typer.Option(min=1, help="Seeds a run; by default the profile's.")] = None,
    jobs: Jobs = None,
) -> None:
    """Measure the noise that `check` has to see through.

    Runs pairs of the accepted code, on seeds of their own, and keeps their numbers and each cell's spread beside the
    accepted results.

    Example: repro calibrate cegan/kl-2d --profile smoke --pairs 12
    """
    from repro.commands.calibrate import calibrate_table

    say(calibrate_table(table, profile, pairs=pairs, seeds=seeds, jobs=jobs))
