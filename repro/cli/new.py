"""`repro new`: a project, a table, a method or a task that runs as it is, with its test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from repro.commands.failure import Exit, Failure
from repro.commands.output import count, note, say

app = typer.Typer(
    no_args_is_help=True,
    help="Begin a project, a table, a method or a task.\n\n"
    "The files run as they are, and have a test. Nothing that is there is written over.\n\n"
    "Example: repro new project weather",
)


@app.command()
def project(
    folder: Annotated[Path, typer.Argument(help="A new folder; its name is that of the tables.", metavar="DIR")],
) -> None:
    """Begin a project: data, metric, task, methods, a table, tests, and a gate for its pull requests.

    Example: repro new project weather
    """
    from repro.new.skeleton import skeleton

    name = folder.absolute().name
    _write(skeleton("project", name), folder)
    note(f"cd {folder}; repro run {name}/first; repro accept {name}/first --profile smoke; repro check")


@app.command()
def table(
    name: Annotated[str, typer.Argument(help="Its id, as family/table.", metavar="NAME")],
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="A LaTeX, CSV or Markdown file with the "
                      "printed table: every text of it is kept.")] = None,
) -> None:  # fmt: skip
    """Begin the spec of a table, with a test that every cell stays as it is printed.

    Without --from it has two rows that run. With it, rows and columns are those of the file, and planned: task, data,
    metrics and methods are yours to name.

    Example: repro new table mine/results
    """
    from repro.new import skeleton
    from repro.new.text_tables import read_table

    if source is None:
        _write(skeleton.table(name), Path())
        note(f"repro run {name}")
        return
    printed = read_table(source)
    _write(skeleton.table(name, printed, source.name), Path())
    cells = sum(bool(cell) for row in printed.rows for cell in row.cells)
    say(f"{count(len(printed.rows), 'row')}, {count(len(printed.columns), 'column')}, {count(cells, 'printed cell')}")
    note(f"repro show {name}; name what `to-be-named` stands for, then repro validate tables/{name}.yaml")


@app.command()
def method(name: Annotated[str, typer.Argument(help="Such as my-method.", metavar="NAME")]) -> None:
    """Begin a method: one Gaussian, for tables of task density-2d.

    Example: repro new method my-gaussian
    """
    from repro.new.skeleton import skeleton

    texts = skeleton("method", name)
    _write(texts, Path())
    file = next(iter(place for place in texts if not place.startswith("tests/")))
    line = next(line for line in texts[file].splitlines() if line.startswith("class "))
    note(f"repro compare cegan/kl-2d --method {file}:{line[6:-1]} --profile smoke --baselines")


@app.command()
def task(name: Annotated[str, typer.Argument(help="Such as my-task.", metavar="NAME")]) -> None:
    """Begin a task with its metric: the largest error of a model's predictions.

    Example: repro new task my-task
    """
    from repro.new.skeleton import skeleton

    _write(skeleton("task", name), Path())
    note("python -m pytest; a spec names it as FILE.py:CLASS")


def _write(texts: Mapping[str, str], folder: Path) -> None:
    from repro.new.skeleton import write

    try:
        written = write(texts, folder)
    except OSError as error:
        raise Failure(Exit.WRONG_USE, f"cannot write below {folder.absolute()}: {error.strerror}") from error
    for place in written:
        say(f"wrote {place}")
