"""The command line. A command parses, calls one function, prints and sets the exit code; imports wait until needed."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from repro.cli import (
    bundling,
    compare,
    data,
    describe,
    doctor,
    gate,
    models,
    new,
    reporting,
    running,
    score,
    site,
    tables,
)
from repro.cli.streams import take_any_text
from repro.commands.failure import Exit, Failure
from repro.printable import message_of, printable

app = typer.Typer(
    name="repro",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
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
app.command()(gate.check)
app.command()(gate.calibrate)
app.command()(compare.compare)
app.command()(describe.describe)
app.command()(bundling.bundle)
app.command("import")(bundling.import_)
app.command()(site.site)
app.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(
    score.score
)
app.command()(models.models)
app.command()(tables.validate)
app.command()(doctor.doctor)
app.add_typer(data.app, name="data")
app.add_typer(new.app, name="new")


def _show_version(wanted: bool) -> None:
    if wanted:
        from repro.distribution import version

        typer.echo(f"repro {version() or '(not installed: run from its sources)'}")
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
    """Runs a command line and exits; every error is one readable line and a hint, a traceback only with --debug.

    `--debug` may stand anywhere: it is what one adds to a command that has just failed.
    """
    take_any_text()
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = [argument for argument in given if argument != "--debug"]
    sys.exit(_run(wanted, debug=len(wanted) < len(given)))


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        code = app(arguments, standalone_mode=False, prog_name="repro")
        sys.stdout.flush()
    except (KeyboardInterrupt, Abort):
        return _write("interrupted", "the same command continues", Exit.INTERRUPTED)
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _explain(error)
    return code if isinstance(code, int) else Exit.FINE


def _explain(error: Exception) -> int:
    """Writes what went wrong and gives the exit code."""
    from repro.spec.problems import SpecError

    if isinstance(error, Failure):
        return _write(error.message, error.hint, error.code)
    if isinstance(error, SpecError):
        # each line begins with its place, which editors jump to
        sys.stderr.write(printable(f"{error}\n", most=100_000))
        return _write(f"{error.name} is no valid spec", "", Exit.WRONG_USE)
    if isinstance(error, TyperException):
        return _explain_usage(error)
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, UnicodeEncodeError):
        near = error.object[max(0, error.start - 40) : error.end + 40]
        return _write(f"a text that UTF-8 cannot say: {near}", "names and values are UTF-8 text", Exit.WRONG_USE)
    if isinstance(error, ValueError) and "\n" not in str(error):  # those of libraries run over several lines
        return _write(str(error), "", Exit.WRONG_USE)
    if isinstance(error, ModuleNotFoundError):
        from repro.distribution import FULL, LIGHT, lacking

        if said := lacking(error):
            return _write(said, f"pip install {FULL}; {LIGHT} leaves it out", Exit.INCOMPLETE)
    if isinstance(error, OSError) and error.strerror:
        return _explain_file(error)
    first = message_of(error).partition("\n")[0]
    return _write(f"{type(error).__name__}: {first}", "run it again with --debug for the traceback", Exit.INCOMPLETE)


def _explain_file(error: OSError) -> int:
    """What the system refuses: a store that cannot be written, a disk that is full."""
    from repro.places import store_directory

    file = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else ""
    store = store_directory().absolute()
    if file and Path(file).absolute().is_relative_to(store):
        said = f"the store {store} cannot be used: {error.strerror}"
        return _write(said, "REPRO_STORE names another folder for it", Exit.WRONG_USE)
    return _write(f"{file or 'the output'}: {error.strerror}", "", Exit.WRONG_USE)


def _explain_usage(error: TyperException) -> int:
    message = error.format_message()
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "repro"
    if "\n" in message:  # the help, which a bare `repro` asks for
        sys.stderr.write(message + "\n")
        return Exit.WRONG_USE
    return _write(message.replace("Value error, ", ""), f"{command} --help", Exit.WRONG_USE)


def _write(message: str, hint: str, code: Exit) -> int:
    sys.stderr.write(f"repro: {printable(message)}\n" + (f"       {printable(hint)}\n" if hint else ""))
    return code
