"""What a row runs with under a profile: data sets and parameters. What a later layer says wins over an earlier one.

    the method's own defaults < the shared configuration < group.params < group.methods[method]
        < row.params < row.params_for[data set] < column.params < the shared configuration's for the profile
        < profile.params < profile.methods[method] < profile.params_for[data set] < the point of a grid

    the task's own defaults < table.protocol < group.protocol < row.protocol < column.protocol,
        then in the same order what each of them says for the profile alone

Inside parameters that are structures the layers meet key by key. The defaults stay with method and task: what nobody
mentions is not in the results of this module. A control row is the same at every scale, so that an untrained model
stays untrained: the parameters of profiles do not reach it. A training that a row starts from, or that stands beside
its model, is reached by what groups and profiles say of its method, and by nothing else that is about the row.
"""

from __future__ import annotations

from collections.abc import Iterable

from repro.spec.base import PROFILES, Data, DataChoice, Params, Profile, everywhere, merged, only_at
from repro.spec.model import Row, Table
from repro.spec.problems import Path
from repro.spec.row import ALL
from repro.spec.start import Recipe, SharedConfiguration, Start

Layers = list[tuple[Path, Params]]
"""Parameters from weak to strong, each with its path in the spec."""


def layers(
    table: Table, row: Row, profile: Profile, data: str, at: Path = (), column: str | None = None
) -> Layers:  # fmt: skip
    """The parameters of a row on one data set, where a column is trained for, for it; but for the method's defaults.

    The row does not know where it is itself: `at` is its path, such as `("rows", 0)`. What a shared configuration says,
    in another file, has the path of the row's `config`.
    """
    method, settings = row.method or row.planned, table.profiles.of(profile)
    found = _of_config(table, row.config, data, at)
    found += [] if row.alone else _of_group(table, row, method)
    found += _own(row, data, at)
    if column is not None and table.columns[column].params:
        found.append((("columns", column, "params"), table.columns[column].params))
    if row.control or row.alone:
        return found
    found += _of_config_at(table, row.config, profile, at)
    found.append((("profiles", profile, "params"), settings.params))
    if method in settings.methods:
        found.append((("profiles", profile, "methods", method), settings.methods[method]))
    if data in settings.params_for:
        found.append((("profiles", profile, "params_for", data), settings.params_for[data]))
    return found


def start_layers(table: Table, row: Row, start: Start, profile: Profile, data: str, at: Path = ()) -> Layers:
    """The same of a training that a row starts from, or that stands beside its model; `at` is its own path."""
    method, methods = method_of(table, start), table.profiles.of(profile).methods
    found = _of_config(table, start.config, data, at)
    found += [layer for layer in _of_group(table, row, method) if layer[0][-1] == method]
    found += _own(start, data, at) + _of_config_at(table, start.config, profile, at)
    if method in methods:
        found.append((("profiles", profile, "methods", str(method)), methods[str(method)]))
    return found


def _of_config(table: Table, config: str | None, data: str, at: Path) -> Layers:
    found = shared(table, config)
    return [] if found is None else _own(found, data, (*at, "config"))


def _of_config_at(table: Table, config: str | None, profile: Profile, at: Path) -> Layers:
    found = shared(table, config)
    return [] if found is None else [((*at, "config", profile), found.at(profile))]


def _of_group(table: Table, row: Row, method: str | None) -> Layers:
    group = table.groups.get(row.group) if row.group is not None else None
    if group is None:
        return []
    path: Path = ("groups", str(row.group))
    by_method = [((*path, "methods", str(method)), group.methods[str(method)])] if method in group.methods else []
    return [((*path, "params"), group.params), *by_method]


def _own(recipe: Row | Recipe, data: str, at: Path) -> Layers:
    by_data = [((*at, "params_for", data), recipe.params_for[data])] if data in recipe.params_for else []
    return [((*at, "params"), recipe.params), *by_data]


def resolve(table: Table, row: Row, profile: Profile, data: str, column: str | None = None) -> Params:
    """The parameters that a row's method is called with on one data set, without the method's own defaults."""
    return stacked(layers(table, row, profile, data, (), column))


def stacked(found: Iterable[tuple[Path, Params]]) -> Params:
    """Layers on each other."""
    params: Params = {}
    for _, layer in found:
        params = merged(params, layer)
    return params


def shared(table: Table, config: str | None) -> SharedConfiguration | None:
    """The shared configuration of a name, where the loader has found it."""
    return table.shared.get(config) if config is not None else None


def method_of(table: Table, start: Start) -> str | None:
    """The method of a training that another starts from; None of weights, and of an unknown configuration."""
    found = shared(table, start.config)
    return start.method if found is None else found.method


def start_of(table: Table, recipe: Row | Start) -> Start | None:
    """Where a training starts from: as it says itself, else as its shared configuration does."""
    found = shared(table, recipe.config)
    return recipe.start if recipe.start is not None or found is None else found.start


def protocol_layers(table: Table, row: Row, profile: Profile, at: Path = (), column: str | None = None) -> Layers:
    """What a table says of its task's parameters for a row, and for one of its columns."""
    blocks: Layers = [(("protocol",), table.protocol)]
    if row.group in table.groups:
        blocks.append((("groups", str(row.group), "protocol"), table.groups[str(row.group)].protocol))
    blocks.append(((*at, "protocol"), row.protocol))
    if column is not None:
        blocks.append((("columns", column, "protocol"), table.columns[column].protocol))
    return [(path, everywhere(block)) for path, block in blocks] + [
        ((*path, profile), only_at(block, profile)) for path, block in blocks
    ]


def also(table: Table, row: Row, profile: Profile) -> dict[str, str]:
    """The further data sets of a row's training, by role."""
    group = table.groups.get(row.group) if row.group is not None else None
    choices: dict[str, Data] = {**(group.also if group is not None else {}), **row.also}
    return {role: choice.of(profile) for role, choice in choices.items()}


def data_choice(table: Table, row: Row, column: str) -> DataChoice:
    """The data sets of a column for a row, by profile. Raises ValueError for a column that has none."""
    group = table.groups.get(row.group) if row.group is not None else None
    choice = table.columns[column].data or (group.data if group is not None else None) or table.data
    if choice is None:
        raise ValueError(f"column {column!r} has no data set for row {row.name!r} of {table.id}: write `data:`")
    return choice


def measured_columns(table: Table, row: Row, profile: Profile) -> tuple[str, ...]:
    """The columns that a row measures, in the table's order, whether or not what they need is there yet.

    With `columns: all` these are all columns of the data sets on which it prints anything. Raises ValueError where
    that cannot be told for lack of a data set.
    """
    every = table.of_runs
    numbers = {key for key, cell in row.published.items() if cell.printed.value is not None}
    printed = every.keys() & (numbers | row.texts.keys())
    if row.columns is not None and row.columns != (ALL,):
        return tuple(key for key in every if key in row.columns)
    if not printed:
        return tuple(every)
    if row.columns is None:
        return tuple(key for key, column in every.items() if key in printed or column.supplementary)
    choices = {key: data_choice(table, row, key).of(profile) for key in every}
    filled = {choices[key] for key in printed}
    return tuple(key for key in every if choices[key] in filled)


def ever_measured(table: Table, row: Row) -> tuple[str, ...]:
    """The columns that a row measures at some scale, while a spec is being checked."""
    profiles = PROFILES if row.columns == (ALL,) else PROFILES[:1]
    try:
        found = {key for profile in profiles for key in measured_columns(table, row, profile)}
    except ValueError:
        return tuple(table.of_runs)  # a data set is lacking, which is said elsewhere
    return tuple(key for key in table.of_runs if key in found)


def data_sets(table: Table, row: Row, profile: Profile) -> dict[str, tuple[str, ...]]:
    """The data sets that a row runs on, each with the columns that are measured there.

    Raises ValueError for a column that has no data set.
    """
    found: dict[str, list[str]] = {}
    for key in measured_columns(table, row, profile):
        found.setdefault(data_choice(table, row, key).of(profile), []).append(key)
    return {name: tuple(columns) for name, columns in found.items()}


def data_names(table: Table, row: Row, profile: Profile) -> tuple[str, ...]:
    """The names of `data_sets`, and `""` where there is none, which is said when the spec is checked."""
    try:
        return tuple(data_sets(table, row, profile)) or ("",)
    except ValueError:
        return ("",)
