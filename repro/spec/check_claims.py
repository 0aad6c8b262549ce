"""Claims must be about rows, columns, groups and parameters that the table has, and must say something."""

from __future__ import annotations

from collections.abc import Iterator

from repro.spec.base import PROFILES
from repro.spec.check_params import known_signature
from repro.spec.claim import (
    BestClaim,
    BoundClaim,
    Claim,
    GapClaim,
    OrderClaim,
    ParamBound,
    RankingClaim,
    RatioClaim,
    TrendClaim,
)
from repro.spec.model import Row, Table
from repro.spec.names import rows_meant, unknown, unknown_groups, unknown_rows
from repro.spec.problems import Path
from repro.spec.resolve import data_names, resolve

Found = Iterator[tuple[Path, str]]
Mentions = dict[Path, str]


def claim_problems(table: Table) -> Found:
    """Everything that is wrong with the claims of a table."""
    for i, claim in enumerate(table.claims):
        path: Path = ("claims", i)
        if claim.where is not None and "implied" in claim.where and claim.derived is None:
            yield (*path, "where"), "what is implied is nobody's sentence: mark it with `derived: implied`"
        if claim.expression is not None:
            continue
        inner = (*path, claim.kind)
        yield from _selection(table, claim, inner)
        for where, label in mentions(claim).items():
            yield from unknown_rows(table, label, claim.statement.groups, (*inner, *where))
        yield from _sense(table, claim, inner)
        yield from _control(table, claim, path)


def mentions(claim: Claim) -> Mentions:
    """The rows that a claim names, by their place within its statement."""
    match claim.statement:
        case OrderClaim(lower=lower, higher=higher):
            return _listed("lower", lower) | _listed("higher", higher)
        case BestClaim(row=row, among=among):
            return {("row",): row, **_listed("among", among or ())}
        case BoundClaim(rows=rows) | RankingClaim(rows=rows) | TrendClaim(rows=rows):
            return _listed("rows", rows)
        case RatioClaim(row=row, to=to) | GapClaim(row=row, to=to):
            return {("row",): row, ("to",): to}
    raise AssertionError(claim.kind)


def _listed(key: str, labels: tuple[str, ...]) -> Mentions:
    return {(key, i): label for i, label in enumerate(labels)}


def _selection(table: Table, claim: Claim, path: Path) -> Found:
    statement = claim.statement
    if not statement.columns:
        yield (*path, "columns"), "the claim names no column"
    for i, key in enumerate(statement.columns):
        if key not in table.columns:
            yield (*path, "columns", i), unknown("column", key, table.columns)
        elif key not in table.measured:
            yield (*path, "columns", i), f"column {key!r} is of texts, which cannot be compared as numbers"
    if statement.groups == ():
        yield (*path, "groups"), "the claim names no group; leave `groups` out to mean all of them"
    yield from unknown_groups(table, statement.groups, (*path, "groups"))


def _sense(table: Table, claim: Claim, path: Path) -> Found:
    match claim.statement:
        case OrderClaim() as order:
            yield from _enough(order.lower, 1, (*path, "lower"))
            yield from _enough(order.higher, 1, (*path, "higher"))
            for i, label in enumerate(order.higher):
                if label in order.lower:
                    yield (*path, "higher", i), f"row {label!r} cannot be lower and higher at once"
        case BestClaim() as best:
            yield from _directed(table, best, path)
        case BoundClaim() as bound:
            yield from _enough(bound.rows, 1, (*path, "rows"))
            yield from _bounded(bound, path)
            yield from _param_bounds(table, claim, bound, path)
        case RatioClaim() | GapClaim() as pair:
            yield from _bounded(pair, path)
            if pair.row == pair.to:
                yield (*path, "to"), f"row {pair.row!r} is compared with itself"
        case RankingClaim() as ranking:
            yield from _enough(ranking.rows, 2, (*path, "rows"))
        case TrendClaim() as trend:
            yield from _enough(trend.rows, 3, (*path, "rows"))


def _enough(labels: tuple[str, ...], least: int, path: Path) -> Found:
    if not labels:
        yield path, "the claim names no row here"
    elif len(set(labels)) < least:
        yield path, f"expected at least {least} different rows, found {len(set(labels))}"


def _directed(table: Table, best: BestClaim, path: Path) -> Found:
    for i, key in enumerate(best.columns):
        if key in table.columns and table.columns[key].better is None:
            yield (*path, "columns", i), f"column {key!r} has `better: null`, so no row is best in it"


def _bounded(statement: BoundClaim | RatioClaim | GapClaim, path: Path) -> Found:
    if statement.at_most is None and statement.at_least is None:
        yield path, "expected at_most, at_least or both, found neither"


def _param_bounds(table: Table, claim: Claim, bound: BoundClaim, path: Path) -> Found:
    for side, limit in (("at_most", bound.at_most), ("at_least", bound.at_least)):
        if isinstance(limit, ParamBound):
            rows = [row for label in bound.rows for row in rows_meant(table, label, bound.groups)]
            for problem in dict.fromkeys(_param_bound(table, claim, limit.param, row) for row in rows):
                if problem is not None:
                    yield (*path, side, "param"), problem


def _param_bound(table: Table, claim: Claim, name: str, row: Row) -> str | None:
    """What keeps a parameter from being a bound of a row, in the first profile in which something does."""
    known = known_signature(row.method)
    if isinstance(known, str):
        return None  # said where the row names its method
    for profile in PROFILES[PROFILES.index(claim.holds_from) :]:
        for data in data_names(table, row, profile):
            written = resolve(table, row, profile, data)
            params = written if known is None else known.complete(written)
            if name not in params:
                return f"row {row.name!r}: {unknown('parameter', name, params)}"
            value = params[name]
            if isinstance(value, bool) or not isinstance(value, int | float):
                return f"row {row.name!r}: parameter {name!r} is {value!r}, not a number"
    return None


def _control(table: Table, claim: Claim, path: Path) -> Found:
    control = claim.control
    if control is None:
        return
    named = list(dict.fromkeys(mentions(claim).values()))
    if control.replace not in named:
        yield (
            (*path, "control", "replace"),
            f"the claim does not name row {control.replace!r} (it names {', '.join(named)})",
        )
    by: Path = (*path, "control", "by")
    groups = claim.statement.groups
    lacking = list(unknown_rows(table, control.by, groups, by))
    yield from lacking
    if not lacking and not all(row.control for row in rows_meant(table, control.by, groups)):
        yield by, f"row {control.by!r} is no control row: it lacks `control: true`"
