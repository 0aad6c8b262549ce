"""What a paper's text says about its table: the kinds of claims, as frozen plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from repro.spec.base import Strict, Texts


class ParamBound(Strict):
    """A bound that is one of the row's own parameters, plus a constant."""

    param: str
    plus: float = 0.0


class Selected(Strict):
    """Which cells a claim looks at: columns, and groups where the table has them (all of them by default)."""

    columns: Texts
    groups: Texts | None = None


class OrderClaim(Selected):
    """Every row of `lower` has a smaller value than every row of `higher`, in each column and group."""

    lower: Texts
    higher: Texts


class BestClaim(Selected):
    """The row has the best value (in the column's `better` direction) among all rows, or those named."""

    row: str
    among: Texts | None = None


class BoundClaim(Selected):
    """The values of the rows stay on one side of a number. An invariant holds for every single run at any scale."""

    rows: Texts
    at_most: float | ParamBound | None = None
    at_least: float | ParamBound | None = None
    invariant: bool = False


class RatioClaim(Selected):
    """value(row) / value(to) stays on one side of a number."""

    row: str
    to: str
    at_most: float | None = None
    at_least: float | None = None


class GapClaim(Selected):
    """value(row) - value(to) stays on one side of a number, in the column's unit."""

    row: str
    to: str
    at_most: float | None = None
    at_least: float | None = None


class RankingClaim(Selected):
    """The rows, named in increasing order of value, come out in that order: Kendall's tau is at least the number."""

    rows: Texts
    tau_at_least: float = Field(ge=-1, le=1)


class TrendClaim(Selected):
    """Along the rows as named (three or more levels) the value goes one way."""

    rows: Texts
    direction: Literal["increasing", "decreasing"]


class Control(Strict):
    """The negative control: the claim, read with row `replace` exchanged for the control row, must not hold."""

    replace: str
    by: str


Derived = Literal["implied", "restated"]
SELECTING = ("order", "best", "bound", "ratio", "gap", "ranking", "trend")
CLAIM_KINDS = (*SELECTING, "expression")


class Claim(Strict):
    """A statement of the paper's text about the table, and from which scale on it may be tested.

    `derived` marks what is not a sentence of the text about these numbers, and is counted apart: `implied` by it or by
    the table, or `restated`, a printed number compared with itself as typed a second time.

    What no structured kind says is an expression over cells, in the language of `repro.spec.expression`.
    """

    text: str
    where: str | None = None
    derived: Derived | None = None
    holds_from: Literal["smoke", "laptop", "paper"] = "paper"
    control: Control | None = None
    note: str | None = None
    order: OrderClaim | None = None
    best: BestClaim | None = None
    bound: BoundClaim | None = None
    ratio: RatioClaim | None = None
    gap: GapClaim | None = None
    ranking: RankingClaim | None = None
    trend: TrendClaim | None = None
    expression: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_kind(self) -> Claim:
        if len(self._stated) != 1:
            said = " and ".join(self._stated) if self._stated else "none"
            raise ValueError(f"a claim has exactly one of {', '.join(CLAIM_KINDS)}; this one has {said}")
        return self

    @property
    def _stated(self) -> list[str]:
        return [kind for kind in CLAIM_KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """One of CLAIM_KINDS."""
        return self._stated[0]

    @property
    def is_invariant(self) -> bool:
        """Whether every single run keeps to it, at any scale."""
        return self.bound is not None and self.bound.invariant

    @property
    def statement(self) -> Selected:
        """What is claimed, in the form of its kind; an expression has none."""
        if self.expression is not None:
            raise ValueError("an expression selects no cells by itself")
        stated: Selected = getattr(self, self.kind)
        return stated
