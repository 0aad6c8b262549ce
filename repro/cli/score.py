"""`score`: one metric on files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from repro.cli.options import Json
from repro.commands.output import say, say_json, say_table

if TYPE_CHECKING:
    from repro.metrics.score import Score


def _names(incomplete: str) -> list[str]:
    """The metrics that begin so, for the completion of a shell."""
    from repro.scoring.table import scorable

    return [name for name in scorable() if name.startswith(incomplete)]


def score(
    context: typer.Context,
    metric: Annotated[
        str | None,
        typer.Argument(
            help="A metric, or FILE.py:NAME; all are listed without one.", metavar="METRIC", autocompletion=_names
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--list", help="List the metrics and the files they take.")] = False,
    json: Json = False,
) -> None:
    """Compute one metric on files.

    Files are text (an item a line), .csv, .tsv, .json (a list of items, or an object of columns), .jsonl (.ndjson),
    .npy or .npz; `FILE:NAME` picks a field, a column or an array. `-` is standard input, `-.csv` says what is in it.
    Each metric has options of its own: `repro score METRIC --help`.

    Example: repro score --list
    """
    from repro.scoring.table import as_written, named, scorable

    if metric in ("--help", "-h"):
        say(context.get_help())
        return
    if metric is None or every:
        if json:
            say_json([{"metric": name, "files": as_written(each)} for name, each in scorable().items()])
        else:
            say_table(["metric", "files"], [[name, " ".join(as_written(each))] for name, each in scorable().items()])
        return
    from repro.commands.failure import Exit, Failure
    from repro.contracts import MissingData
    from repro.scoring.call import parsed, scored

    meant = named(metric)
    try:
        found = scored(parsed(meant, context.args))
    except MissingData as error:
        raise Failure(Exit.INCOMPLETE, str(error)) from error
    if json:
        say_json({"metric": meant.name, **_as_json(found)})
    else:
        _print(meant.name, found)


def _as_json(found: Score) -> dict[str, object]:
    items = {} if found.items is None else {"items": found.items.tolist()}
    return {"value": found.value, "signature": found.signature, **items, "details": dict(found.details)}


def _print(name: str, found: Score) -> None:
    lines = {name: found.value, **found.details}
    width = max(map(len, lines))
    for label, value in lines.items():
        say(f"{label:<{width}}  {value:.10g}")
    say(found.signature)
