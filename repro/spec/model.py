"""What a table spec says, as frozen plain data. One YAML file a table; DESIGN.md's words for everything.

Only the shape is checked here. Names that must exist elsewhere (methods, data sets, rows that a claim mentions) are
checked in `repro.spec.check`, positions in the file come from `repro.spec.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from repro.metrics.declaration import Scale
from repro.registry import METRICS
from repro.spec.base import Data, Params, Precision, Profile, Protocol, Strict, Texts, as_tuple, merged
from repro.spec.base import DataChoice as DataChoice
from repro.spec.claim import Claim
from repro.spec.row import Grid
from repro.spec.row import Row as Row
from repro.spec.start import SharedConfiguration

DOCUMENTS = ("dai2019", "zhao2019", "salakhutdinov", "seqgen")
TEXT = "text"
"""The metric of a column whose cells are words (samples, names, yes and no): nothing measures it."""


class Source(Strict):
    """Where the table is printed: the document, the number as printed there, and the paper that it reports.

    A table of one's own, which no document prints, is of document `own`.
    """

    document: Literal["dai2019", "zhao2019", "salakhutdinov", "seqgen", "own"]
    table: str
    aliases: Texts = ()
    paper: str
    arxiv: str | None = None
    lines: str | None = None

    @property
    def label(self) -> str:
        """`Table A.6`, `Figure A.1`, or `text 4.6.2` where the numbers stand in a sentence."""
        return self.table if self.table.startswith(("Figure ", "text")) else f"Table {self.table}"


class Margin(Strict):
    """How far a faithful reproduction may be off: the larger of an absolute and a relative part, with the reason."""

    absolute: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)
    why: str = Field(min_length=10)

    def around(self, value: float) -> float:
        """Half the width of the equivalence interval around a printed value, in the column's unit."""
        return max(self.absolute, self.relative * abs(value))


class Column(Strict):
    """One metric of the table. `args` go to the task's measurement; a supplementary one is measured, not in print.

    A column with `data` of its own is measured on that data set. `protocol` are parameters of the task that differ for
    this column; `params` are parameters of the method, for a column that needs another training. A row has one training
    for each data set and each such difference among its columns; parameters of the task that decide what a training
    sees of the data (`VIEW`) are a difference too.

    `better`, `unit` and `scale` are those that the metric declares, where a spec does not say them; of a metric that is
    not there yet lower is better, and numbers are compared by their differences. On the scale `log` they are compared
    by their ratios, and a margin of 0.25 is a factor of 1.25 each way.

    `items` is the number of scored items behind a share in percent, where the paper or its data set says it. What is
    `timed` depends on the machine and the hour: `repro check` runs it and does not judge its numbers.
    """

    label: str
    metric: str
    args: Params = Field(default_factory=dict)
    split: str | None = None
    data: Data | None = None
    params: Params = Field(default_factory=dict)
    protocol: Protocol = Field(default_factory=dict)
    better: Literal["lower", "higher"] | None = "lower"
    unit: str | None = None
    scale: Scale = "linear"
    margin: Margin | None = None
    supplementary: bool = False
    items: int | None = Field(default=None, ge=1)
    timed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_declared(cls, given: Any) -> Any:
        """The better side, the unit and the scale, where the spec says nothing of them, are the metric's."""
        if not isinstance(given, Mapping) or not isinstance(given.get("metric"), str):
            return given
        args = given.get("args")
        return {**METRICS.column_defaults(given["metric"], args if isinstance(args, Mapping) else {}), **given}

    @property
    def is_words(self) -> bool:
        """Whether its cells are words, printed under a row's `texts`, and not numbers."""
        return self.metric == TEXT or METRICS.is_words(self.metric)


class Group(Strict):
    """A block of rows under one heading, with what its rows share."""

    label: str
    data: Data | None = None
    also: dict[str, Data] = Field(default_factory=dict)
    params: Params = Field(default_factory=dict)
    methods: dict[str, Params] = Field(default_factory=dict)
    protocol: Protocol = Field(default_factory=dict)


LAYERED = ("params", "methods", "params_for")
"""The parameters that a control lays over those of its scale."""


class ControlSettings(Strict):
    """How the control of a reduced scale departs from that scale: the same data and measurement, twice the training.

    A claim is judged at the reduced scale only where its control gives the same verdict.
    """

    seeds: int | None = Field(default=None, ge=1)
    params: Params = Field(default_factory=dict)
    methods: dict[str, Params] = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    limit_minutes: float | None = Field(default=None, gt=0)
    note: str | None = None


class ProfileSettings(Strict):
    """How a profile departs from the published configuration. `methods` overrides by method name, after `params`, and
    `params_for` by data set, after both; `grid` has other values for parameters that a row's grid goes through.
    `control` says what its control run (profile `control`) has else."""

    seeds: int = Field(ge=1)
    params: Params = Field(default_factory=dict)
    methods: dict[str, Params] = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    grid: Grid = Field(default_factory=dict)
    precision: Precision | None = None
    equal_to_paper: bool = False
    limit_minutes: float = Field(default=24 * 60.0, gt=0)
    note: str | None = None
    control: ControlSettings | None = None

    def of_control(self, control: ControlSettings) -> ProfileSettings:
        """The settings of its control: what that does not say stays."""
        layered = {name: merged(getattr(self, name), getattr(control, name)) for name in LAYERED}
        own = {
            "seeds": control.seeds or self.seeds,
            "limit_minutes": control.limit_minutes or self.limit_minutes,
            "note": control.note,
            "control": None,
        }
        return self.model_copy(update={**layered, **own})


class Profiles(Strict):
    """The three scales. `paper` is the published configuration itself; it may only add what the paper leaves open.

    `laptop` may have a control, which runs as a profile of its own.
    """

    smoke: ProfileSettings
    laptop: ProfileSettings
    paper: ProfileSettings

    def of(self, profile: Profile) -> ProfileSettings:
        """The settings of one profile. Raises ValueError for the control of a spec that has none."""
        if profile == "control":
            if self.laptop.control is None:
                raise ValueError("the spec has no control: write `control:` with twice the training at profile laptop")
            return self.laptop.of_control(self.laptop.control)
        settings: ProfileSettings = getattr(self, profile)
        return settings

    @property
    def has_control(self) -> bool:
        """Whether profile `control` can be run."""
        return self.laptop.control is not None


class Figure(Strict):
    """A figure of the paper that is drawn from this table's runs: which drawing, of which rows and groups."""

    label: str
    title: str
    draw: str
    rows: Texts
    groups: Texts | None = None


class Table(Strict):
    """One published table: what was printed, how to obtain each row, and what the paper says about it.

    `configurations` are methods with parameters that several rows share; those that tables share have a file of theirs
    (`repro.spec.shared`). `protocol` are the parameters of the task. `planned` lists names of tasks, metrics, methods
    and data sets that are meant as they are, though nothing has them yet and they look like one that is there.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9.-]*$")
    title: str
    source: Source
    task: str
    protocol: Protocol = Field(default_factory=dict)
    data: Data | None = None
    margin: Margin | None = None
    groups: dict[str, Group] = Field(default_factory=dict)
    columns: dict[str, Column] = Field(min_length=1)
    rows: Annotated[tuple[Row, ...], Field(min_length=1), BeforeValidator(as_tuple)]
    profiles: Profiles
    configurations: dict[str, SharedConfiguration] = Field(default_factory=dict)
    claims: Annotated[tuple[Claim, ...], BeforeValidator(as_tuple)] = ()
    figures: Annotated[tuple[Figure, ...], BeforeValidator(as_tuple)] = ()
    notes: Texts = ()
    planned: Texts = ()
    _shared: Mapping[str, SharedConfiguration] = PrivateAttr(default_factory=dict)
    _waiting: Mapping[tuple[str, str, Profile], str] = PrivateAttr(default_factory=dict)

    @property
    def shared(self) -> Mapping[str, SharedConfiguration]:
        """The shared configurations that its rows name, by `family/name`; the loader finds them."""
        return self._shared

    def with_shared(self, shared: Mapping[str, SharedConfiguration]) -> Table:
        """The same table with the shared configurations that its rows name."""
        copy = self.model_copy()
        copy._shared = dict(shared)
        return copy

    @property
    def waiting(self) -> Mapping[tuple[str, str, Profile], str]:
        """Why printed cells of rows that run are not measured, by row, column and scale; the loader finds out."""
        return self._waiting

    def with_waiting(self, waiting: Mapping[tuple[str, str, Profile], str]) -> Table:
        """The same table with the cells that are not measured."""
        copy = self.model_copy()
        copy._waiting = dict(waiting)
        return copy

    def row(self, name: str) -> Row:
        """The row of a name (`group/label`, or the label where only one row has it)."""
        found = [row for row in self.rows if name in (row.name, row.label)]
        if len(found) != 1:
            raise KeyError(name)
        return found[0]

    @property
    def measured(self) -> dict[str, Column]:
        """The columns that are numbers, printed or supplementary."""
        return {key: column for key, column in self.columns.items() if not column.is_words}

    @property
    def of_runs(self) -> dict[str, Column]:
        """The columns that a run fills: all numbers, and the words that a metric gives."""
        return {key: column for key, column in self.columns.items() if column.metric != TEXT}

    @property
    def printed_places(self) -> frozenset[tuple[str, str]]:
        """The cells, by row and column, that print a number or words, and not a dash."""
        numbers = {
            (row.name, key) for row in self.rows for key, c in row.published.items() if c.printed.value is not None
        }
        return frozenset(numbers | {(row.name, key) for row in self.rows for key in row.texts})

    @property
    def printed_cells(self) -> int:
        """How many cells print a number; a dash is none."""
        cells = [cell for row in self.rows if row.printed for cell in row.published.values()]
        return sum(cell.printed.value is not None for cell in cells)

    def margin_of(self, column: str) -> Margin | None:
        """The equivalence margin of a column: its own, or the table's."""
        return self.columns[column].margin or self.margin
