"""What a table spec says, as frozen plain data. One YAML file a table; DESIGN.md's words for everything.

Only the shape is checked here. Names that must exist elsewhere (methods, data sets, rows that a claim mentions) are
checked in `repro.spec.check`, positions in the file come from `repro.spec.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from repro.registry import METRICS
from repro.spec.base import PROFILES, Params, Profile, Strict, Texts, as_tuple
from repro.spec.cell import Cell
from repro.spec.claim import Claim

DOCUMENTS = ("dai2019", "zhao2019", "salakhutdinov", "seqgen")
TEXT = "text"
"""The metric of a column whose cells are words (samples, names, yes and no): nothing measures it."""


class Source(Strict):
    """Where the table is printed: the document, the number as printed there, and the paper that it reports."""

    document: Literal["dai2019", "zhao2019", "salakhutdinov", "seqgen"]
    table: str
    aliases: Texts = ()
    paper: str
    arxiv: str | None = None
    lines: str | None = None

    @property
    def label(self) -> str:
        """`Table A.6`, `Figure A.1`, or `text 4.6.2` where the numbers stand in a sentence."""
        return self.table if self.table.startswith(("Figure ", "text")) else f"Table {self.table}"


class DataChoice(Strict):
    """The data set that each profile uses; a bare name stands for the same one everywhere."""

    paper: str
    laptop: str
    smoke: str

    def of(self, profile: Profile) -> str:
        """The name of the data set for one profile."""
        return str(getattr(self, profile))


def _data(value: Any) -> Any:
    return dict.fromkeys(PROFILES, value) if isinstance(value, str) else value


Data = Annotated[DataChoice, BeforeValidator(_data, json_schema_input_type=str | DataChoice)]


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

    A column with `data` of its own is measured on that data set, and a row is run once on each data set of its columns.

    `better` and `unit` are those that the metric declares, where a spec does not say them; of a metric that is not
    there yet lower is better.

    `items` is the number of scored items behind a share in percent, where the paper or its data set says it. What is
    `timed` depends on the machine and the hour: `repro check` runs it and does not judge its numbers.
    """

    label: str
    metric: str
    args: Params = Field(default_factory=dict)
    split: str | None = None
    data: Data | None = None
    better: Literal["lower", "higher"] | None = "lower"
    unit: str | None = None
    margin: Margin | None = None
    supplementary: bool = False
    items: int | None = Field(default=None, ge=1)
    timed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_declared(cls, given: Any) -> Any:
        """The better side and the unit, where the spec says nothing of them, are the metric's."""
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
    params: Params = Field(default_factory=dict)
    methods: dict[str, Params] = Field(default_factory=dict)


class Row(Strict):
    """One row: `method` rows run, `quoted` rows come from another paper, `planned` rows are not implemented yet.

    Two kinds of rows are not in print: a control row is the untrained or shuffled twin that a claim must not be
    satisfied by, a variant row is another reading of a printed row's configuration, run beside it to find out why.
    A deterministic row draws no random numbers: one run of it is all runs. `texts` are printed cells that are words.
    `params_for` adds, by the name of a data set, the parameters that hold on it alone.
    """

    label: str
    group: str | None = None
    published: dict[str, Cell] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)
    method: str | None = None
    params: Params = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    quoted: str | None = None
    planned: str | None = None
    control: bool = False
    variant: bool = False
    deterministic: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Row:
        ways = [name for name in ("method", "quoted", "planned") if getattr(self, name) is not None]
        if len(ways) != 1:
            said = " and ".join(ways) if ways else "none of them"
            raise ValueError(
                f"a row says exactly one of method, quoted (source) or planned (intended method); it has {said}"
            )
        if not self.printed and (self.published or self.texts):
            raise ValueError(f"a {self.role} row is not in print: it has no published cells and no texts")
        if self.control and self.variant:
            raise ValueError("a row is a control row or a variant row, not both")
        if self.quoted is not None and (self.params or self.params_for):
            raise ValueError("a quoted row does not run: it has no params")
        return self

    @property
    def kind(self) -> Literal["method", "quoted", "planned"]:
        """How the row's numbers come about."""
        return "method" if self.method is not None else "quoted" if self.quoted is not None else "planned"

    @property
    def role(self) -> Literal["control", "variant", ""]:
        """What a row that is not in print is for."""
        return "control" if self.control else "variant" if self.variant else ""

    @property
    def printed(self) -> bool:
        """Whether the row is one of the paper's."""
        return not self.role

    @property
    def name(self) -> str:
        """The row's name within the table: `group/label`, or the label alone."""
        return f"{self.group}/{self.label}" if self.group else self.label


class ProfileSettings(Strict):
    """How a profile departs from the published configuration. `methods` overrides by method name, after `params`, and
    `params_for` by data set, after both."""

    seeds: int = Field(ge=1)
    params: Params = Field(default_factory=dict)
    methods: dict[str, Params] = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    equal_to_paper: bool = False
    limit_minutes: float = Field(default=24 * 60.0, gt=0)
    note: str | None = None


class Profiles(Strict):
    """The three scales. `paper` is the published configuration itself; it may only add what the paper leaves open."""

    smoke: ProfileSettings
    laptop: ProfileSettings
    paper: ProfileSettings

    def of(self, profile: Profile) -> ProfileSettings:
        """The settings of one profile."""
        settings: ProfileSettings = getattr(self, profile)
        return settings


class Figure(Strict):
    """A figure of the paper that is drawn from this table's runs: which drawing, of which rows and groups."""

    label: str
    title: str
    draw: str
    rows: Texts
    groups: Texts | None = None


class Table(Strict):
    """One published table: what was printed, how to obtain each row, and what the paper says about it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9.-]*$")
    title: str
    source: Source
    task: str
    data: Data | None = None
    margin: Margin | None = None
    groups: dict[str, Group] = Field(default_factory=dict)
    columns: dict[str, Column] = Field(min_length=1)
    rows: Annotated[tuple[Row, ...], Field(min_length=1), BeforeValidator(as_tuple)]
    profiles: Profiles
    claims: Annotated[tuple[Claim, ...], BeforeValidator(as_tuple)] = ()
    figures: Annotated[tuple[Figure, ...], BeforeValidator(as_tuple)] = ()
    notes: Texts = ()

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

    def margin_of(self, column: str) -> Margin | None:
        """The equivalence margin of a column: its own, or the table's."""
        return self.columns[column].margin or self.margin
