"""A row of a table: what is printed there, and how it is obtained."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from repro.spec.base import Data, Params, ParamValue, Precision, Protocol, Strict, Texts, as_tuple
from repro.spec.cell import Cell
from repro.spec.start import Start

ALL = "all"
WAYS = ("method", "config", "quoted", "planned")
OF_RUNS = (
    "params", "params_for", "from", "also", "beside", "grid", "protocol", "columns", "precision", "limit_minutes",
)  # fmt: skip
"""The keys of a row that runs, or is to run one day."""


def _columns(value: Any) -> Any:
    return (ALL,) if value == ALL else as_tuple(value)


AtLeastOne = Field(min_length=1)
_Columns = Literal["all"] | Annotated[tuple[str, ...], AtLeastOne]
ColumnNames = Annotated[Texts, AtLeastOne, BeforeValidator(_columns, json_schema_input_type=_Columns)]
Values = Annotated[tuple[ParamValue, ...], AtLeastOne, BeforeValidator(as_tuple)]
Grid = dict[str, Values]
"""Values to try for each parameter; a dot leads into a parameter that is a structure (`optimiser.rate`)."""


class Row(Strict):
    """One row: `method` and `config` rows run, `quoted` rows come from another paper, `planned` ones will run one day.

    A `config` row is a method with parameters that several rows share (`tables/<family>/configurations.yaml`), with
    what differs in `params`; once loaded it has that `method` too. A loaded row that waits for a name that no registry
    has says so in `planned`.

    Two kinds of rows are not in print: a control row is the untrained or shuffled twin that a claim must not be
    satisfied by, a variant row is another reading of a printed row's configuration, run beside it to find out why.
    A deterministic row draws no random numbers: one run of it is all runs. `texts` are printed cells that are words.

    `params_for` adds, by the name of a data set, the parameters that hold on it alone. `from` is the training that the
    row's starts from, `beside` are further trained models that its task looks at, by role (`repro.spec.start`); `also`
    are further data sets of its training, by role. With a `grid` there is a training for each combination of values.
    `protocol` are parameters of the task that differ for this row.

    A row measures the columns that it prints (a number or words) and the supplementary ones; or those that `columns:`
    names; or, with `columns: all`, all that are about the data sets on which it prints something. A row that prints
    nothing measures all.
    """

    label: str
    group: str | None = None
    published: dict[str, Cell] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)
    columns: ColumnNames | None = None
    method: str | None = None
    config: str | None = None
    params: Params = Field(default_factory=dict)
    params_for: dict[str, Params] = Field(default_factory=dict)
    start: Start | None = Field(default=None, alias="from")
    also: dict[str, Data] = Field(default_factory=dict)
    beside: dict[str, Start] = Field(default_factory=dict)
    grid: Grid = Field(default_factory=dict)
    protocol: Protocol = Field(default_factory=dict)
    precision: Precision | None = None
    limit_minutes: float | None = Field(default=None, gt=0)
    quoted: str | None = None
    planned: str | None = None
    control: bool = False
    variant: bool = False
    deterministic: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Row:
        ways = [name for name in WAYS if getattr(self, name) is not None]
        if len(ways) != 1:
            said = " and ".join(ways) if ways else "none of them"
            raise ValueError(
                "a row says exactly one of method, config (shared), quoted (source) or planned (intended method); "
                f"it has {said}"
            )
        if not self.printed and (self.published or self.texts):
            raise ValueError(f"a {self.role} row is not in print: it has no published cells and no texts")
        if self.control and self.variant:
            raise ValueError("a row is a control row or a variant row, not both")
        if self.quoted is not None:
            written = [key for key in OF_RUNS if getattr(self, "start" if key == "from" else key)]
            if written:
                raise ValueError(f"a quoted row does not run: it has no {written[0]}")
        return self

    @property
    def kind(self) -> Literal["method", "quoted", "planned"]:
        """How the row's numbers come about."""
        return "quoted" if self.quoted is not None else "planned" if self.planned is not None else "method"

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

    @property
    def alone(self) -> bool:
        """Whether parameters of groups and profiles leave it alone: so it is with a row that stands beside a table."""
        return False
