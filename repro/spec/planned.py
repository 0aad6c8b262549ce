"""What a table waits for: what its spec names and no registry has is planned, and stops nothing but itself.

A row whose task, method, start, further models or further data are planned does not run; a column whose metric or data
set is planned is left out of what runs. Once the name is registered, row or column comes alive by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from repro.spec.base import PROFILES, Profile
from repro.spec.folds import SCORE, folds
from repro.spec.model import TEXT, Row, Table
from repro.spec.registered import REGISTRIES, Named, is_there
from repro.spec.resolve import also, data_choice, measured_columns, method_of, start_of
from repro.spec.start import Start

Missing = tuple[Named, str]
"""What something waits for: a kind of names, and the name."""


@dataclass(frozen=True)
class Planned:
    """What a table names and no registry has, by kind, and the planned rows whose method is there by now."""

    names: Mapping[Named, tuple[str, ...]]
    to_set_up: tuple[str, ...]


def planned_names(table: Table) -> Planned:
    """All that a table waits for, whatever the scale."""
    found: dict[Missing, None] = {}
    for row in table.rows:
        for profile in PROFILES:
            found.update(dict.fromkeys(planned_of_row(table, row, profile)))
    found.update(dict.fromkeys(_of_columns(table)))
    found.update({("figure", figure.draw): None for figure in table.figures if not is_there("figure", figure.draw)})
    names = {kind: tuple(name for each, name in found if each == kind) for kind in REGISTRIES}
    rows = tuple(row.name for row in table.rows if row.method is None and exists_by_now(row.planned))
    return Planned({kind: several for kind, several in names.items() if several}, rows)


def planned_of_row(table: Table, row: Row, profile: Profile) -> tuple[Missing, ...]:
    """What a row as a whole waits for at a scale; nothing where it is quoted."""
    if row.quoted is not None:
        return ()
    return tuple(dict.fromkeys(_missing(_of_row(table, row, profile))))


def planned_of_column(table: Table, row: Row, column: str, profile: Profile) -> tuple[Missing, ...]:
    """What one column of a row waits for at a scale. Raises ValueError where it has no data set at all."""
    needed: list[Missing] = [*_metrics(table, column), ("data set", data_choice(table, row, column).of(profile))]
    return tuple(_missing(iter(needed)))


def waits_for(table: Table, row: Row, profile: Profile) -> tuple[Missing, ...]:
    """What keeps all of a row from running at a scale; nothing where some column of it runs."""
    if found := planned_of_row(table, row, profile):
        return found
    columns = [planned_of_column(table, row, column, profile) for column in measured_columns(table, row, profile)]
    return tuple(dict.fromkeys(missing for each in columns for missing in each)) if all(columns) else ()


def as_it_is_now(table: Table) -> Table:
    """The table with every row marked as planned that cannot run at any scale yet, and every cell that waits.

    A row without data sets, of a spec that is not checked, is left as it is.
    """
    rows: list[Row] = []
    waiting: dict[tuple[str, str, Profile], str] = {}
    for row in table.rows:
        try:
            now, cells = _marked(table, row), dict(_waiting(table, row))
        except ValueError:
            now, cells = row, {}
        rows.append(now)
        waiting |= cells if now.kind == "method" else {}
    return table.model_copy(update={"rows": tuple(rows)}).with_waiting(waiting)


def _marked(table: Table, row: Row) -> Row:
    if row.kind != "method":
        return row
    waits = [waits_for(table, row, profile) for profile in PROFILES]
    if not all(waits):
        return row
    kind, name = waits[-1][0]
    said = name if (kind, name) == ("method", row.method) else f"{row.method}, which waits for {kind} {name}"
    return row.model_copy(update={"planned": said})


def _waiting(table: Table, row: Row) -> Iterator[tuple[tuple[str, str, Profile], str]]:
    """Why printed cells of a row that runs have no number at a scale."""
    printed = [key for key, cell in row.published.items() if cell.printed.value is not None]
    for profile in PROFILES if row.kind == "method" else ():
        measured = measured_columns(table, row, profile)
        for column in (key for key in table.of_runs if key in printed or key in row.texts):
            missing = (*planned_of_row(table, row, profile), *planned_of_column(table, row, column, profile))
            if column not in measured:
                yield (row.name, column, profile), "not among the columns of this row"
            elif missing:
                yield (row.name, column, profile), f"planned: {missing[0][0]} {missing[0][1]}"


def _of_row(table: Table, row: Row, profile: Profile) -> Iterator[Missing]:
    if row.method is None:
        if row.planned is not None and not exists_by_now(row.planned):
            yield "method", row.planned
    else:
        yield "method", row.method
    yield "task", table.task
    yield from (("data set", name) for name in also(table, row, profile).values())
    for start in (start_of(table, row), *row.beside.values()):
        yield from _of_start(table, start, profile)


def _of_start(table: Table, start: Start | None, profile: Profile) -> Iterator[Missing]:
    if start is None:
        return
    if start.weights is not None:
        yield "weights", start.weights
        return
    if (method := method_of(table, start)) is not None:
        yield "method", method
    if start.task is not None:
        yield "task", start.task
    choices = [*([start.data] if start.data is not None else []), *start.also.values()]
    yield from (("data set", choice.of(profile)) for choice in choices)
    yield from _of_start(table, start_of(table, start), profile)


def _of_columns(table: Table) -> Iterator[Missing]:
    """Metrics and data sets that columns wait for, in rows that are or will be run."""
    choices = [table.data, *(group.data for group in table.groups.values()), *(c.data for c in table.columns.values())]
    needed = [missing for column in table.of_runs for missing in _metrics(table, column)]
    needed += [("data set", choice.of(profile)) for choice in choices if choice for profile in PROFILES]
    yield from _missing(iter(needed))


def _metrics(table: Table, column: str) -> list[Missing]:
    """The metric of a column, and what a fold measures at each point."""
    metric, score = table.columns[column].metric, table.columns[column].args.get(SCORE)
    if metric == TEXT:
        return []
    scored = isinstance(score, str) and (folds(metric) or not is_there("metric", metric))
    found: list[Missing] = [("metric", metric)]
    return [*found, ("metric", str(score))] if scored else found


def _missing(needed: Iterator[Missing]) -> Iterator[Missing]:
    return ((kind, name) for kind, name in needed if not is_there(kind, name))


def exists_by_now(planned: str | None) -> bool:
    """Whether there is a method by now that a planned row means."""
    return planned is not None and is_there("method", planned.lower().replace("_", "-"))
