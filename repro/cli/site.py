"""`site`: all tables, runs and figures as pages for a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repro.cli.options import Own
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, say


def site(
    folder: Annotated[Path, typer.Argument(help="Where to; made if missing.", metavar="DIR")],
    own: Own = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures of measured tables.")] = True,
) -> None:  # fmt: skip
    """Write a static site of all tables, runs and figures.

    Open DIR/index.html in a browser, or put DIR on any web server: no page fetches anything. The next build replaces
    what the last one wrote, and nothing else. The index says whose the numbers of each table are.

    Example: repro site site
    """
    from repro.site.build import build
    from repro.site.render import render
    from repro.site.write import write

    made = build(with_figures=figures, whose="own" if own else "all")
    try:
        done = write(folder, render(made))
    except OSError as error:
        raise Failure(Exit.WRONG_USE, f"cannot write to {folder}: {error.strerror}") from error
    say(f"{count(len(made.entries), 'table')}, {count(len(made.runs), 'run')}: {done.written} files written, "
        f"{done.unchanged} unchanged, {done.removed} removed")  # fmt: skip
    say(f"open {(folder / 'index.html').absolute().as_uri()}")
