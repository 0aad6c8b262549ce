"""Shared configurations: methods with parameters that several rows or tables use, each written once.

    # tables/mos/configurations.yaml
    awd-lstm-mos-ptb:
      method: awd-lstm
      params: {output: mos, components: 15, ...}
      smoke: {epochs: 2, ...}

A row names one (`config: mos/awd-lstm-mos-ptb`) and says in `params:` what differs. It is looked for under
`configurations:` of the spec itself, then in the file of the family: in the folder beside the spec's own first, then
among the project's tables. Files are checked as specs are, every problem at its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File

from repro.registry import did_you_mean
from repro.registry.addresses import said
from repro.spec import tables, yaml12
from repro.spec.base import PROFILES, Params
from repro.spec.check_params import known_signature
from repro.spec.likeness import slip_of
from repro.spec.model import Table
from repro.spec.names import unknown
from repro.spec.placed import Moved, beside, placed, renamed
from repro.spec.problems import Path, Position, Problem, SpecError, dotted
from repro.spec.registered import is_there
from repro.spec.row import Row
from repro.spec.shape import is_printed, known, validated, validated_shared
from repro.spec.start import Recipe, SharedConfiguration, Start
from repro.spec.tables import SHARED_FILE
from repro.spec.text import read_text
from repro.spec.vocabulary import vocabulary

Shared = dict[str, SharedConfiguration]
Found = Iterator[tuple[Path, str]]


def load_shared(path: File) -> Shared:
    """The configurations of a file by their names in it, checked in full. Raises SpecError."""
    found = _shaped(path)[0]
    problems = [problem for name in found for problem in _of_entry(path, name)]
    if problems:
        raise SpecError(str(path), problems)
    return found


def _of_entry(path: File, name: str) -> list[Problem]:
    """All that is wrong with one entry of a file whose shape is right."""
    (found, positions), family = _shaped(path), path.parent.name
    problems = _problems(f"{family}/{name}", found[name], _Shelf({}, path), (name,), f"{family}/{path.stem}")
    return [Problem(positions[where := known(at, positions)], dotted(where), said) for at, said in problems]


def link(table: Table, spec: File | None) -> tuple[Table, list[tuple[Path, str]]]:
    """The table with the shared configurations that it names, each row with its method; and what is wrong with them."""
    shared: Shared = {}
    problems: dict[tuple[Path, str], None] = {}
    shelf = _Shelf(table.configurations, spec)
    for name, each in table.configurations.items():
        problems |= dict.fromkeys(_problems(name, each, shelf, ("configurations", name), table.id))
    for i, row in enumerate(table.rows) if not problems else ():
        for where, name in _named(row, ("rows", i)):
            try:
                _collect(name, shelf, shared)
            except ValueError as error:
                problems[where, str(error)] = None
    for name in table.configurations:
        if not problems and name not in shared:
            problems[("configurations", name), f"no row of this table uses configuration {name!r}"] = None
    if not shared and not problems:
        return table, []
    rows = tuple(_with_method(row, shared) for row in table.rows)
    return table.model_copy(update={"rows": rows}).with_shared(shared), list(problems)


def standalone(path: File) -> str:
    """The text of a spec with all that it says in other files: as it is, or, where it shares configurations, as JSON,
    in which a file of code goes by its own name.

    Raises SpecError.
    """
    text = read_text(path)
    data = yaml12.parse(text, is_printed)
    here = placed(data.data, beside(text, path))
    table, wrong = validated(here, data.positions) if data.positions else (None, [])
    if table is None or data.problems:
        raise SpecError(str(path), [*data.problems, *wrong])
    shared = link(table, path)[0].shared
    if shared.keys() <= table.configurations.keys():
        return text
    whole = table.model_copy(update={"configurations": dict(shared)})
    plain = renamed(whole.model_dump(mode="json", by_alias=True, exclude_unset=True), said)
    return json.dumps(plain, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class _Shelf:
    """Where the configurations of a spec are: its own first, then those of files."""

    own: Mapping[str, SharedConfiguration]
    spec: File | None

    def take(self, name: str, checked: bool) -> tuple[SharedConfiguration, _Shelf]:
        """A configuration, and where those are that it names itself. Raises ValueError where it is not there."""
        if name in self.own:
            return self.own[name], self
        path = _file(name, self.spec, self.own)
        family, _, own = name.partition("/")
        try:
            found = _shaped(path)[0]
            if own not in found:
                raise ValueError(unknown("configuration", name, [f"{family}/{each}" for each in found]))
            if checked and (problems := _of_entry(path, own)):
                raise SpecError(str(path), problems)
        except SpecError as error:
            first, *more = str(error).splitlines()
            others = f" (and {len(more)} more)" if more else ""
            raise ValueError(f"configuration {name!r} cannot be used: {first}{others}") from None
        return found[own], _Shelf({}, path)


def _with_method(row: Row, shared: Shared) -> Row:
    if row.config is None:
        return row
    found = shared.get(row.config)
    missing = {"planned": f"configuration {row.config}"}
    return row.model_copy(update=missing if found is None else {"method": found.method})


def _named(recipe: Row | Recipe, path: Path) -> Iterator[tuple[Path, str]]:
    """The shared configurations that a row or a training names, with the places where it does."""
    if isinstance(recipe, Row | Start) and recipe.config is not None:
        yield (*path, "config"), recipe.config
    if recipe.start is not None:
        yield from _named(recipe.start, (*path, "from"))
    if isinstance(recipe, Row):
        for role, start in recipe.beside.items():
            yield from _named(start, (*path, "beside", role))


def _collect(name: str, shelf: _Shelf, shared: Shared) -> None:
    """Adds a configuration and all that it starts from. Raises ValueError where one is not there, or wrong."""
    if name not in shared:
        shared[name], there = shelf.take(name, checked=True)
        for _, before in _named(shared[name], ()):
            _collect(before, there, shared)


def _file(name: str, spec: File | None, own: Iterable[str]) -> File:
    """The file of a configuration's family. Raises ValueError."""
    family, slash, rest = name.partition("/")
    if not slash and own:
        raise ValueError(unknown("configuration", name, own))
    if not slash or not rest or "/" in rest or ".." in family:
        raise ValueError(f"configuration {name!r}: expected family/name, such as 'mos/awd-lstm-mos-ptb'")
    for path in candidates(family, spec):
        if path.is_file():
            return path
    known_files = [path.parent.name for path in tables.shared_paths()]
    hint = did_you_mean(family, known_files)
    raise ValueError(f"configuration {name!r}: there is no {family}/{SHARED_FILE}{hint}")


def candidates(family: str, spec: File | None) -> list[File]:
    """Where the configurations of a family may be for a spec: beside the spec's own folder, then with the project."""
    beside = [] if spec is None else [spec.absolute().parent.parent / family / SHARED_FILE]
    return [*beside, tables.tables_directory() / family / SHARED_FILE]


def _problems(name: str, each: SharedConfiguration, shelf: _Shelf, at: Path, spec: str) -> Found:
    """What is wrong with one entry: names, parameters against the method, and trainings that it starts from.

    `at` is its path in the file, `spec` the id of the table or of the file (`mos/configurations`).
    """
    yield from _slip(each.method, (*at, "method"), spec)
    yield from _params(each, each.method, at)
    start, where = each.start, (*at, "from")
    while start is not None:
        if start.method is not None:
            yield from _slip(start.method, (*where, "method"), spec)
            yield from _params(start, start.method, where)
        start, where = start.start, (*where, "from")
    if (wrong := _chain(name, each, shelf)) is not None:
        yield (*at, "from"), wrong


def _slip(name: str, at: Path, spec: str) -> Found:
    if not is_there("method", name) and not (words := vocabulary(spec)).knows("method", name):
        slip = slip_of(name, words.names("method"))
        if slip is not None:
            yield at, f"unknown method {name!r}; did you mean {slip!r}?"


def _params(recipe: Recipe, method: str, at: Path) -> Found:
    """Unknown and wrong parameters; what is lacking may be given where the configuration is used."""
    signature = known_signature(method)
    if isinstance(signature, str):
        yield (*at, "method"), signature
    elif signature is not None:
        blocks: list[tuple[Path, Params]] = [((*at, "params"), recipe.params)]
        blocks += [((*at, "params_for", data), params) for data, params in recipe.params_for.items()]
        if isinstance(recipe, SharedConfiguration):
            blocks += [((*at, profile), recipe.at(profile)) for profile in PROFILES]
        for where, params in blocks:
            for inside, message in signature.problems(params):
                yield (*where, *inside), message


def _chain(name: str, each: SharedConfiguration, shelf: _Shelf) -> str | None:
    """Whether a configuration starts from itself, or from one that is not there."""
    seen, pending = [name], [(shelf, before) for _, before in _named(each, ())]
    for there, before in pending:
        if before in seen:
            return f"configuration {name!r} starts from itself"
        seen.append(before)
        try:
            found, beyond = there.take(before, checked=False)
        except ValueError as error:
            return str(error)
        pending += [(beyond, further) for _, further in _named(found, ())]
    return None


def _shaped(path: File) -> tuple[Shared, dict[Path, Position]]:
    """The entries of a file whose keys and types are right, and where its parts begin. Raises SpecError."""
    text = read_text(path)
    return _shape(text, str(path), beside(text, path))


@lru_cache(maxsize=256)
def _shape(text: str, name: str, moved: Moved) -> tuple[Shared, dict[Path, Position]]:
    document = yaml12.parse(text)
    problems = document.problems
    if document.positions:
        found, wrong = validated_shared(placed(document.data, moved), document.positions)
        problems = problems + wrong
        if found is not None and not problems:
            return found, document.positions
    raise SpecError(name, problems)
