"""The command line. A command parses, calls one function, prints and sets the exit code; imports wait until needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from repro.cli import doctor, reporting, running, tables
from repro.cli.failure import Exit, Failure

app = typer.Typer(
    name="repro",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Regenerate the results tables of generative-modelling papers, and say for every cell whether it reproduces.",
)
app.command("list")(tables.list_tables)
app.command()(tables.show)
app.command()(tables.audit)
app.command()(running.run)
app.command()(running.why)
app.command()(reporting.report)
app.command()(reporting.accept)
app.command()(tables.validate)
app.command()(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"repro {version('repro')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback where a command fails.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Regenerate the results tables of generative-modelling papers, and say for every cell whether it reproduces."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command line and exits; every error is one readable line and a hint, a traceback only with --debug."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(given, standalone_mode=False)
    except Exception as error:
        if "--debug" in given:
            raise
        sys.exit(_explain(error))
    except KeyboardInterrupt:
        sys.stderr.write("repro: interrupted; the same command continues\n")
        sys.exit(Exit.INTERRUPTED)
    sys.exit(code if isinstance(code, int) else Exit.FINE)


def _explain(error: Exception) -> int:
    """Writes what went wrong and gives the exit code."""
    from repro.spec.problems import SpecError

    if isinstance(error, Failure):
        return _write(error.message, error.hint, error.code)
    if isinstance(error, SpecError):
        return _write(str(error), "", Exit.WRONG_USE)
    if isinstance(error, TyperException):
        return _write(error.format_message(), "repro --help", Exit.WRONG_USE)
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, Abort):
        return _write("interrupted", "", Exit.INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        return Exit.FINE
    if isinstance(error, ValueError):
        return _write(str(error), "", Exit.WRONG_USE)
    return _write(f"{type(error).__name__}: {error}", "run it again with --debug for the traceback", Exit.INCOMPLETE)


def _write(message: str, hint: str, code: Exit) -> int:
    sys.stderr.write(f"repro: {message}\n" + (f"       {hint}\n" if hint else ""))
    return code
