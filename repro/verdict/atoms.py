"""A claim taken apart: the elementary inequalities whose conjunction it is, over its columns and groups.

Both readings of a claim, on the printed numbers and on the runs, go through the same atoms, so they cannot drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

from repro.spec.claim import (
    BestClaim,
    BoundClaim,
    Claim,
    GapClaim,
    OrderClaim,
    ParamBound,
    RankingClaim,
    RatioClaim,
    Selected,
    TrendClaim,
)
from repro.spec.forms import Cell
from repro.spec.formulas import Fact, Whole
from repro.spec.model import Row, Table

Cells = tuple[tuple[Row, str], ...]
"""Rows with the keys of columns."""


@dataclass(frozen=True)
class Linear:
    """weights . values(cells) > bound, or >= where not strict.

    `logs`: the values enter by their logarithms (a ratio), and so does the bound, which is the logarithm of `limit`.
    A bound that is a parameter of the first row has `param`, and counts with `sign`: the statement is then
    weights . values >= sign * (parameter + plus). `every_run`: it is about each run and not about the mean.
    `equality`: it is half of an equality, which is one within the margin of the column; `restates`: of one with a
    printed number, which no run need equal.
    """

    text: str
    cells: Cells
    weights: tuple[float, ...]
    bound: float = 0.0
    strict: bool = False
    logs: bool = False
    limit: float | None = None
    param: ParamBound | None = None
    sign: int = 1
    every_run: bool = False
    equality: bool = False
    restates: bool = False

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of its cells, in order."""
        return tuple(row for row, _ in self.cells)


@dataclass(frozen=True)
class Several:
    """At least `needed` of the parts are true. With `tau` they are the pairwise orders of a ranking.

    Ties do not count.
    """

    text: str
    needed: int
    parts: tuple[Atom, ...]
    tau: float | None = None

    @property
    def cells(self) -> Cells:
        """The cells of all parts, each once."""
        found = [cell for part in self.parts for cell in part.cells]
        return tuple(cell for i, cell in enumerate(found) if cell not in found[:i])


@dataclass(frozen=True)
class Unsplit:
    """What can only be evaluated: a statement of an expression that is no inequality between sums of cells.

    `read` has the row and column behind each cell that it reads: the control row, where that stands for another.
    Without a `whole` it is false of the table itself, whatever the runs give.
    """

    text: str
    read: Mapping[Cell, tuple[Row, str]]
    whole: Whole | Fact | None

    @property
    def cells(self) -> Cells:
        """What it reads."""
        return tuple(self.read.values())


Atom = Linear | Several | Unsplit


@dataclass(frozen=True)
class Place:
    """Where a claim is read: one column, and one group where the table has groups."""

    table: Table
    column: str
    group: str | None

    def row(self, label: str) -> Row | None:
        """The row of a label here: in this group, by its full name, or outside all groups; None where there is none."""
        rows = self.table.rows
        for found in (
            [row for row in rows if row.group == self.group and row.label == label],
            [row for row in rows if row.name == label],
            [row for row in rows if row.group is None and row.label == label],
        ):
            if found:
                return found[0]
        return None

    def cells(self, *rows: Row) -> Cells:
        """The cells of rows in its column."""
        return tuple((row, self.column) for row in rows)

    @property
    def text(self) -> str:
        """The column's label, with the group's where there is one."""
        column = self.table.columns[self.column].label
        group = self.table.groups.get(self.group) if self.group else None
        return f"{column}, {group.label if group else self.group}" if self.group else column


def atoms(table: Table, claim: Claim) -> list[Atom]:
    """All atoms of a claim, each once, in the order of its columns and the table's groups.

    Without groups of its own a claim is read in every group that has all of its rows.
    """
    stated = claim.statement
    groups = stated.groups or tuple(dict.fromkeys(row.group for row in table.rows if row.group)) or (None,)
    found: dict[tuple[str, tuple[str, ...]], Atom] = {}
    missing: set[str] = set()
    read = False
    for column in stated.columns:
        for group in groups:
            rows = {label: Place(table, column, group).row(label) for label in labels(stated)}
            here = {label: row for label, row in rows.items() if row is not None}
            if len(here) < len(rows):
                missing |= set(rows) - set(here)
                continue
            read = True
            inside = any(row.group == group for row in here.values())
            place = Place(table, column, group if inside else None)
            for atom in _atoms(place, stated, here):
                found.setdefault((atom.text, tuple(row.name for row, _ in atom.cells)), atom)
    if missing and (stated.groups is not None or not read):
        raise ValueError(f"{table.id}: the claim {claim.text!r} names rows that are not there: {sorted(missing)}")
    return list(found.values())


def labels(stated: Selected) -> tuple[str, ...]:
    """The rows that a claim names and cannot do without."""
    match stated:
        case OrderClaim():
            return (*stated.lower, *stated.higher)
        case BestClaim():
            return (stated.row,)
        case BoundClaim() | RankingClaim() | TrendClaim():
            return stated.rows
        case RatioClaim() | GapClaim():
            return (stated.row, stated.to)
    raise TypeError(f"{type(stated).__name__} is not a kind of claim")


def _atoms(place: Place, stated: Selected, rows: dict[str, Row]) -> Iterator[Atom]:
    match stated:
        case OrderClaim():
            yield from (_less(place, rows[a], rows[b]) for a in stated.lower for b in stated.higher)
        case BestClaim():
            yield from _best(place, stated, rows[stated.row])
        case BoundClaim():
            yield from (atom for label in stated.rows for atom in _bounds(place, stated, rows[label]))
        case RatioClaim():
            yield from _compared(place, stated, rows[stated.row], rows[stated.to], "/")
        case GapClaim():
            yield from _compared(place, stated, rows[stated.row], rows[stated.to], "-")
        case RankingClaim():
            pairs = tuple(_less(place, rows[low], rows[high]) for low, high in combinations(stated.rows, 2))
            text = f"tau({' < '.join(stated.rows)}) >= {stated.tau_at_least:g}, {place.text}"
            yield Several(text, _concordant(len(pairs), stated.tau_at_least), pairs, stated.tau_at_least)
        case TrendClaim():
            yield from _trend(place, stated, tuple(rows[label] for label in stated.rows))


def _concordant(pairs: int, tau: float) -> int:
    """tau = (concordant - discordant) / pairs, so (1 + tau) / 2 of the pairs must be concordant."""
    return math.ceil(pairs * (1 + tau) / 2 - 1e-9)


def _less(place: Place, low: Row, high: Row, strict: bool = True) -> Linear:
    text = f"{low.label} {'<' if strict else '<='} {high.label}, {place.text}"
    return Linear(text, place.cells(high, low), (1.0, -1.0), strict=strict)


def _best(place: Place, stated: BestClaim, row: Row) -> Iterator[Linear]:
    """Best is not worse than any other: a tie for the first place is the first place."""
    if stated.among is None:
        others = [r for r in place.table.rows if r.group == row.group and r.printed]
    else:
        others = [r for label in stated.among if (r := place.row(label))]
    better = place.table.columns[place.column].better
    for other in others:
        if other != row and better is not None:
            yield _less(place, *((row, other) if better == "lower" else (other, row)), strict=False)


def _bounds(place: Place, stated: BoundClaim, row: Row) -> Iterator[Linear]:
    for limit, sign, symbol in ((stated.at_most, -1, "<="), (stated.at_least, 1, ">=")):
        if limit is None:
            continue
        param = limit if isinstance(limit, ParamBound) else None
        shown = f"{param.param} + {param.plus:g}" if param else f"{limit:g}"
        bound = 0.0 if isinstance(limit, ParamBound) else sign * limit
        text = f"{row.label} {symbol} {shown}, {place.text}"
        yield Linear(text, place.cells(row), (float(sign),), bound, param=param, sign=sign, every_run=stated.invariant)


def _compared(place: Place, stated: RatioClaim | GapClaim, row: Row, to: Row, mark: str) -> Iterator[Linear]:
    for limit, sign, symbol in ((stated.at_most, -1, "<="), (stated.at_least, 1, ">=")):
        if limit is None:
            continue
        if mark == "/" and limit <= 0:
            raise ValueError(f"a ratio is bounded by a positive number, not by {limit:g} ({row.label} / {to.label})")
        bound = sign * (math.log(limit) if mark == "/" else limit)
        text = f"{row.label} {mark} {to.label} {symbol} {limit:g}, {place.text}"
        weights = (float(sign), float(-sign))
        yield Linear(text, place.cells(row, to), weights, bound, logs=mark == "/", limit=limit)


def _trend(place: Place, stated: TrendClaim, rows: tuple[Row, ...]) -> Iterator[Linear]:
    """Every step goes the stated way or is level, and the slope over equally spaced levels is not 0."""
    along = rows if stated.direction == "increasing" else rows[::-1]
    yield from (_less(place, low, high, strict=False) for low, high in pairwise(along))
    middle = (len(along) - 1) / 2
    text = f"{stated.direction} slope over {', '.join(stated.rows)}, {place.text}"
    yield Linear(text, place.cells(*along), tuple(i - middle for i in range(len(along))), strict=True)
