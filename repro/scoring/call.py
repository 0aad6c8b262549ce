"""The command line of one metric, built from its declaration and the signature of its function."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from repro.commands.failure import Exit, Failure
from repro.metrics.declaration import File, Metric
from repro.metrics.probabilities import of_discrete
from repro.metrics.score import Score
from repro.registry.addresses import load
from repro.scoring.inputs import check_written_alike, read
from repro.scoring.place import STDIN, Source
from repro.scoring.table import function_of

_STDIN = re.compile(r"-(?=$|[.:])")
SHEETS = {
    "head": "the first row of CSV and TSV is a head, or none; by default it is told by what stands in it",
    "index": "the first column of a matrix in CSV or TSV is an index, or none; by default it is told by what it holds",
}
"""Options of every metric: how files that are tables are read."""


@dataclass(frozen=True)
class Parsed:
    """A metric's function and the arguments for it."""

    function: Callable[..., Score]
    arguments: dict[str, Any]


class _Parser(argparse.ArgumentParser):
    """argparse, whose errors are ours: one line and a hint."""

    def error(self, message: str) -> NoReturn:
        raise Failure(Exit.WRONG_USE, message, f"{self.prog} --help")


def parsed(metric: Metric, arguments: Sequence[str]) -> Parsed:
    """Reads the files that the arguments name; ValueError or Failure for what is wrong with either."""
    function: Callable[..., Score] = load(function_of(metric))
    arguments = [_STDIN.sub(STDIN, argument) for argument in arguments]
    given = vars(_parser(metric, function).parse_args(arguments))
    places = {file: given.pop(file.parameter) for file in metric.files}
    source = Source(given.get("tokens") or metric.tokens, given.pop("head"), given.pop("index"))
    asked = {name: source.tokens if name == "tokens" else value for name, value in given.items()
             if value is not None or name == "tokens"}  # fmt: skip
    files = {file.parameter: read(file.kind, place, source) for file, place in places.items() if place is not None}
    _check(metric, files)
    return Parsed(function, {**files, **asked, **metric.given})


def _check(metric: Metric, files: Mapping[str, Any]) -> None:
    """What is wrong with files that can each be read. Raises ValueError."""
    labels = [files[file.parameter] for file in metric.files if file.kind == "labels" and file.parameter in files]
    for other in labels[1:]:
        check_written_alike(labels[0], other)
    if metric.discrete and "log_p" in files:
        of_discrete(files["log_p"])


def scored(call: Parsed) -> Score:
    """Calls the function. Raises ValueError where it gives anything but a Score, as one's own may."""
    found: object = call.function(**call.arguments)
    if not isinstance(found, Score):
        raise ValueError(f"{call.function.__name__} must give a repro.metrics.Score, it gave {type(found).__name__}")
    return found


def options(function: Callable[..., Any], besides: set[str]) -> dict[str, tuple[Any, inspect.Parameter]]:
    """The parameters of a function that the command line can give, with their types; those of other types are left out.

    An option is a number, a word, one of several words, a path, yes or no, or a row of numbers with commas.
    """
    hints = get_type_hints(function)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        kind = _plain(hints.get(name))
        if name not in besides and kind is not None:
            found[name] = (kind, parameter)
    return found


def _parser(metric: Metric, function: Callable[..., Any]) -> _Parser:
    about = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("%", "%%")
    parser = _Parser(prog=f"repro score {metric.name}", description=about, allow_abbrev=False)
    first, *others = metric.files
    _add_file(parser, first, first.parameter)
    for file in others:
        _add_file(parser, file, file.option)
    for name, help_ in SHEETS.items():
        parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=help_)
    decided = {*SHEETS, *(file.parameter for file in metric.files), *metric.given}
    for name, (kind, parameter) in options(function, decided).items():
        default = metric.tokens if name == "tokens" else parameter.default
        _add_option(parser, "--" + name.replace("_", "-"), kind, default)
    return parser


def _add_file(parser: _Parser, file: File, name: str) -> None:
    several: dict[str, Any] = {"action": "append"} if file.kind.startswith("reference") else {}
    needed: dict[str, Any] = {"required": not file.optional, "dest": file.parameter} if name.startswith("-") else {}
    parser.add_argument(name, metavar="FILE", help=file.help + ("; may be repeated" if several else ""),
                        **several, **needed)  # fmt: skip


def _add_option(parser: _Parser, option: str, kind: Any, default: Any) -> None:
    required = default is inspect.Parameter.empty
    said = "" if required or default is None else f"default {default}"
    common: dict[str, Any] = {"dest": option[2:].replace("-", "_"), "default": None, "required": required, "help": said}
    if kind is bool:
        parser.add_argument(option, action=argparse.BooleanOptionalAction, **common)
    elif get_origin(kind) is Literal:
        parser.add_argument(option, choices=get_args(kind), **common)
    elif get_origin(kind) is not None:
        parser.add_argument(option, type=_numbers, metavar="NUMBERS", **common)
    else:
        parser.add_argument(option, type=kind, metavar=kind.__name__.upper(), **common)


def _plain(hint: Any) -> Any:
    """The type that the command line gives a parameter; None where it has none. A union with text is text."""
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for part in get_args(hint) if part is not NoneType and (kind := _plain(part)) is not None]
        return str if str in kinds else next(iter(kinds), None)
    if hint in (int, float, str, bool, Path) or get_origin(hint) is Literal:
        return hint
    return hint if get_args(hint) and get_args(hint)[0] is float and get_origin(hint) is not dict else None


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers with commas between them, not {text!r}") from None
