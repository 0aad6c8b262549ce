"""`repro data`: which data sets there are, bringing one here, and reading again what is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repro.cli.options import DataFolder, Json, use_data
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, note, say, say_json, say_table

if TYPE_CHECKING:
    from repro.data.sources.download import Progress
    from repro.data.sources.status import Status

HELP = """Data sets: list them, get one, verify what is at hand.

Example: repro data list
"""
app = typer.Typer(no_args_is_help=True, help=HELP)
Name = Annotated[str, typer.Argument(help="A data set, as `repro data list` names it.", metavar="NAME")]


@app.command("list")
def list_data(data: DataFolder = None, json: Json = False) -> None:
    """List all data sets: what is at hand, its size, its licence.

    Example: repro data list
    """
    from repro.data.sources.entries import ENTRIES
    from repro.data.sources.status import status
    from repro.registry import DATASETS

    use_data(data)
    found = [status(entry) for entry in ENTRIES.values()]
    made = sorted(name for name in DATASETS.entries if name not in ENTRIES)
    if json:
        say_json([*map(_as_json, found), *({"name": name, "state": "made by the program"} for name in made)])
        return
    rows = [
        [each.entry.name, each.words, size(each.bytes) if each.bytes else "", each.entry.title, each.entry.licence]
        for each in found
    ]
    rows += [[name, "made by the program", "", "", ""] for name in made]
    say_table(["name", "state", "size", "title", "licence"], rows, right=frozenset({"size"}))


@app.command("get")
def get_data(name: Name, data: DataFolder = None) -> None:
    """Bring a data set here: from the data folder, the cache, or its official address.

    What broke off goes on where it was with the same command.

    Example: repro data get ptb
    """
    from repro.contracts import MissingData
    from repro.data.sources.entries import entry
    from repro.data.sources.get import get
    from repro.data.sources.status import status

    use_data(data)
    about = entry(name)
    try:
        with _progress(name) as draw:
            get(about, draw)
    except MissingData as error:
        raise Failure(Exit.INCOMPLETE, str(error)) from error
    except ValueError as error:
        raise Failure(Exit.INCOMPLETE, str(error), f"repro data verify {name}") from error
    now = status(about)
    say(f"{name}: {now.words}, {count(len(now.found.copies), 'file')}, {size(now.bytes)}; licence: {about.licence}")


@app.command("verify")
def verify_data(
    name: Annotated[str | None, typer.Argument(help="A data set; by default all.", metavar="[NAME]")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take changes where no checksum is known.")] = False,
    data: DataFolder = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Read every file at hand again and compare it with its checksum.

    Corpora that were built from the files are read again too.

    Example: repro data verify ptb
    """
    from repro.data.sources.entries import ENTRIES, entry
    from repro.data.sources.find import find
    from repro.data.sources.status import status, verify

    use_data(data)
    entries = [entry(name)] if name else list(ENTRIES.values())
    there = [about for about in entries if find(about).state != "missing"]
    if name and not there:
        raise Failure(Exit.INCOMPLETE, find(entries[0]).lacks(list(entries[0].splits)))
    wrong = {about.name: verify(about, accept=accept) for about in there}
    if json:
        say_json(
            [{"name": about.name, "state": status(about).found.state, "wrong": wrong[about.name]} for about in there]
        )
    else:
        for about in there:
            say(f"{about.name}: " + ("damaged" if wrong[about.name] else f"as it should be, {status(about).words}"))
        if not name:
            note(f"{count(len(entries) - len(there), 'data set')} not at hand")
    lines = [line for about in there for line in wrong[about.name]]
    if lines:
        raise Failure(Exit.INCOMPLETE, lines[0], f"and {count(len(lines) - 1, 'more file')}" if len(lines) > 1 else "")


def size(count_bytes: int) -> str:
    """Bytes as people say them, in powers of ten.

    Example:
        >>> size(5_101_618)
        '5.1 MB'
    """
    number = float(count_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} B" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _as_json(found: Status) -> dict[str, Any]:
    about = found.entry
    return {
        "name": about.name, "title": about.title, "paper": about.paper, "licence": about.licence, "home": about.home,
        "state": found.found.state, "splits": dict(about.splits), "unit": about.unit,
        "at_hand": list(found.found.splits), "stand_ins": dict(about.stand_ins),
        "bytes": found.bytes, "recorded_checksums": found.recorded,
        "version": about.version, "smoke": about.smoke, "note": about.note, "get": about.to_get,
        "files": [{"path": file.path, "split": file.split, "sha256": file.sha256, "bytes": file.bytes,
                   "place": str(found.found.copies[file.path].path) if file.path in found.found.copies else None}
                  for file in about.files],
    }  # fmt: skip


@contextmanager
def _progress(name: str) -> Iterator[Progress]:
    """Draws a bar on a terminal; without one the command says at its end what came."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
