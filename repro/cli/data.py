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
    from repro.data.sources.entry import Entry
    from repro.data.sources.status import Status

HELP = """Data sets and weights: list, get and verify them.

Example: repro data list
"""
MADE = "made by the program"
app = typer.Typer(no_args_is_help=True, help=HELP)
Name = Annotated[str, typer.Argument(help="A data set or weights, as `repro data list` has them.", metavar="NAME")]


@app.command("list")
def list_data(data: DataFolder = None, json: Json = False) -> None:
    """List all data sets and released weights: what is at hand, its size, its licence.

    Example: repro data list
    """
    from repro.data.sources.status import status

    use_data(data)
    known = _entries()
    found = [status(entry) for entry in known.values()]
    made = _made(set(known))
    if json:
        made_as = [{"name": name, "title": title, "licence": licence, "state": MADE} for name, title, licence in made]
        say_json([*map(_as_json, found), *made_as])
        return
    rows = [
        [each.entry.name, each.words, size(each.bytes) if each.bytes else "", each.entry.title, each.entry.licence]
        for each in found
    ]
    rows += [[name, MADE, "", title, licence] for name, title, licence in made]
    say_table(["name", "state", "size", "title", "licence"], rows, right=frozenset({"size"}))


@app.command("get")
def get_data(name: Name, data: DataFolder = None) -> None:
    """Bring a data set or weights here: from the data folder, the cache, or the official address.

    What broke off goes on where it was with the same command.

    Example: repro data get ptb
    """
    from repro.contracts import MissingData
    from repro.data.sources.get import get
    from repro.data.sources.status import status

    use_data(data)
    about = _entry(name)
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
    name: Annotated[str | None, typer.Argument(help="A data set or weights; by default all.", metavar="[NAME]")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take changes where no checksum is known.")] = False,
    data: DataFolder = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Read every file at hand again and compare it with its checksum.

    Corpora that were built from the files are read again too.

    Example: repro data verify ptb
    """
    from repro.data.sources.find import find
    from repro.data.sources.status import status, verify

    use_data(data)
    entries = [_entry(name)] if name else list(_entries().values())
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
            note(_absent([about for about in entries if about not in there]))
    lines = [line for about in there for line in wrong[about.name]]
    if lines:
        raise Failure(Exit.INCOMPLETE, lines[0], f"and {count(len(lines) - 1, 'more file')}" if len(lines) > 1 else "")


def _entries() -> dict[str, Entry]:
    """All that has files: data sets, then released weights."""
    from repro.data.sources.entries import ENTRIES
    from repro.registry import WEIGHTS

    return {**ENTRIES, **WEIGHTS.own_entries}


def _entry(name: str) -> Entry:
    """What a name or `file.py:NAME` (weights of one's own) stands for. Raises ValueError for an unknown one."""
    from repro.hints import did_you_mean
    from repro.registry import WEIGHTS
    from repro.registry.addresses import is_address

    known = _entries()
    if name in known:
        return known[name]
    if is_address(name) or name in WEIGHTS:
        return WEIGHTS.entry(name)
    raise ValueError(f"no data set {name!r}{did_you_mean(name, known)} (all: repro data list)")


def _absent(entries: list[Entry]) -> str:
    sets = sum(about.kind == "data set" for about in entries)
    weights = f", {len(entries) - sets} released weights" if len(entries) > sets else ""
    return f"{count(sets, 'data set')}{weights} not at hand"


def _made(fetched: set[str]) -> list[tuple[str, str, str]]:
    """Name, title and licence of the data sets that nothing is fetched for."""
    from repro.data.sources.entries import MADE as DECLARED
    from repro.registry import DATASETS

    about = {made.name: (made.title, made.licence) for made in DECLARED}
    return [(name, *about.get(name, ("", ""))) for name in DATASETS.entries if name not in fetched]


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
        "name": about.name, "kind": about.kind, "title": about.title, "paper": about.paper, "licence": about.licence,
        "home": about.home,
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
