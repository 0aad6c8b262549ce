"""What a row is run as, resolved: every parameter at every scale, as `repro show TABLE --row ROW` prints it.

The sheet has a line for each setting and a column for each configuration. The points of a grid are one configuration,
in which the parameters that the grid goes through show their values.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from repro.registry import did_you_mean
from repro.report.escape import markdown
from repro.spec.base import PROFILES, ParamValue
from repro.spec.configuration import Configuration, TrainingSpec, Weights, configurations
from repro.spec.grid import grid_of
from repro.spec.model import Row, Table

FORMATS = ("text", "md", "csv", "json")
Settings = dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The settings of a row: `columns` are its configurations, and each line has a value for each of them."""

    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def row_text(table: Table, row: Row, format: str) -> str:  # noqa: A002
    """What a row is run as, in a format. Raises ValueError for a row that does not run and for another format."""
    if row.kind != "method":
        raise ValueError(f"{table.id}: row {row.name!r} is {row.kind} ({row.quoted or row.planned}): it is not run")
    match format:
        case "text":
            return _text(sheet(table, row))
        case "md":
            return _markdown(sheet(table, row))
        case "csv":
            return _csv(sheet(table, row))
        case "json":
            return _json(table, row)
    hint = did_you_mean(format, list(FORMATS))
    raise ValueError(f"a row is shown as {', '.join(FORMATS)}, not as {format!r}{hint}")


def sheet(table: Table, row: Row) -> Sheet:
    """The settings of a row, configuration by configuration, under the names that a spec has for them."""
    found: dict[str, Settings] = {}
    for profile in PROFILES:
        points = configurations(table, row, profile)
        parts = [each for each in points if each.point == points[0].point]
        grid = {f"params.{name}": written(values) for name, values in grid_of(table, row, profile).items()}
        if grid:
            grid["points"] = str(len(points) // max(len(parts), 1))
        for part in parts:
            name = profile if len(parts) == 1 else f"{profile}: {', '.join(part.columns)}"
            found[name] = dict(_settings(part)) | grid
    names = dict.fromkeys(name for settings in found.values() for name in settings)
    return Sheet(tuple(found), tuple((name, *(each.get(name, "") for each in found.values())) for name in names))


def _settings(part: Configuration) -> Iterator[tuple[str, str]]:
    yield from _of_training("", part.training)
    for role, other in part.others.items():
        yield from _of_training(f"beside.{role}.", other)
    yield "task", part.task
    yield from _flat("protocol.", part.protocol)
    for column, protocol in part.column_protocols.items():
        yield from _flat(f"columns.{column}.protocol.", protocol)
    yield "columns", ", ".join(part.columns)
    yield "limit_minutes", f"{part.limit_seconds / 60:g}"


def _of_training(where: str, training: TrainingSpec | Weights) -> Iterator[tuple[str, str]]:
    if isinstance(training, Weights):
        yield f"{where}weights", training.name
        return
    yield f"{where}method", training.method
    yield f"{where}data", training.data
    yield from ((f"{where}also.{role}", name) for role, name in training.also.items())
    yield from _flat(f"{where}view.", training.view)
    yield f"{where}precision", training.precision
    yield from _flat(f"{where}params.", training.params)
    if training.start is not None:
        yield from _of_training(f"{where}from.", training.start)


def _flat(where: str, params: Mapping[str, ParamValue]) -> Iterator[tuple[str, str]]:
    """Parameters by their dotted names."""
    for name, value in params.items():
        if isinstance(value, dict):
            yield from _flat(f"{where}{name}.", value)
        else:
            yield f"{where}{name}", written(value)


def _text(shown: Sheet) -> str:
    lines = [("", *shown.columns), *shown.lines]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    padded = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)


def _markdown(shown: Sheet) -> str:
    lines = [("", *shown.columns), tuple(":--" for _ in range(len(shown.columns) + 1))]
    lines += [tuple(markdown(text) for text in line) for line in shown.lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _csv(shown: Sheet) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("setting", *shown.columns))
    writer.writerows(shown.lines)
    return out.getvalue()


def _json(table: Table, row: Row) -> str:
    found = {profile: [_plain(each) for each in configurations(table, row, profile)] for profile in PROFILES}
    document = {"table": table.id, "row": row.name, "configurations": found}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """A configuration as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def written(value: ParamValue) -> str:
    """A value as a spec has it.

    Example:
        >>> written(("adam", True, None, {"rate": 0.1}))
        '[adam, true, null, {rate: 0.1}]'
    """
    match value:
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            return f"{{{', '.join(f'{name}: {written(each)}' for name, each in value.items())}}}"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
