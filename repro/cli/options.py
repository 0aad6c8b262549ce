"""Options and arguments that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from repro.spec.base import RUNNABLE, Profile
from repro.spec.names import profile_named


def use_data(folder: Path | None) -> None:
    """Makes a folder the one that data sets are looked for in: here, and in every worker that is started from here."""
    if folder is None:
        return
    if not folder.is_dir():
        raise ValueError(f"--data must name a folder with data sets; {str(folder)!r} is none")
    os.environ["REPRO_DATA"] = str(folder.absolute())


def table_names(incomplete: str) -> list[str]:
    """The ids of tables that begin so, for the completion of a shell: one's own first."""
    from repro.spec.tables import all_paths, own_paths

    paths = [*own_paths(), *all_paths()]
    return [name for path in paths if (name := f"{path.parent.name}/{path.stem}").startswith(incomplete)]


SUFFIXES = {".txt": "text", ".markdown": "md", ".htm": "html"} | {
    f".{name}": name for name in ("md", "html", "tex", "csv", "json")
}


def format_for(named: str | None, output: Path | None) -> str:
    """The format that is named, else that of the file that is written, else text.

    Example:
        >>> format_for(None, Path("b2.HTML")), format_for("md", Path("b2.html")), format_for(None, None)
        ('html', 'md', 'text')
    """
    return named or SUFFIXES.get(output.suffix.lower() if output else "", "text")


_SCALES = "|".join(RUNNABLE)
TableName = Annotated[
    str,
    typer.Argument(
        help="A table: its id, DOCUMENT/NUMBER, or a spec file.", metavar="TABLE", autocompletion=table_names
    ),
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Where to look for data sets first; by default what REPRO_DATA says.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Format = Annotated[
    str | None,
    typer.Option("--format", "-f", help="text, md, html, tex, csv or json; by default what the output's name ends in."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to a file instead.")]
Standalone = Annotated[bool, typer.Option("--standalone", help="For tex: a document that compiles, not a fragment.")]
Own = Annotated[bool, typer.Option("--own", help="Only your own runs: nothing shipped, accepted or imported.")]
Rows = Annotated[list[str] | None, typer.Option("--rows", "-r", help="A row or a pattern of rows; may be repeated.")]
Seeds = Annotated[int | None, typer.Option(min=1, help="How many seeds, counted from 0; by default the profile's.")]
FreshWorkers = Annotated[
    bool, typer.Option("--fresh-workers", help="Start each worker as a new process, not from one that is warm.")
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory",
        min=0.1,
        metavar="GIB",
        help="Memory that a job may hold, with all that it starts; one that holds more is ended.",
    ),
]
Track = Annotated[
    str | None, typer.Option("--track", help="Show finished jobs in tensorboard, mlflow or wandb; off by default.")
]
Scale = Annotated[
    Profile, typer.Option("--profile", "-p", parser=profile_named, metavar=_SCALES, help="The scale of the runs.")
]
ScaleOrLargest = Annotated[
    Profile | None,
    typer.Option("--profile", "-p", parser=profile_named, metavar=_SCALES, help="By default the largest that was run."),
]
