"""A claim on the printed numbers themselves: plain comparison, in decimal arithmetic, of what the paper prints.

Corrections are left out on purpose: the question is whether the paper's own table supports its text.
"""

from __future__ import annotations

from decimal import Decimal

from repro.spec.claim import Claim
from repro.spec.load import printed
from repro.spec.model import Row, Table
from repro.spec.reading import Library
from repro.spec.resolve import data_names, resolve
from repro.verdict.atoms import Atom, Linear, Several, atoms
from repro.verdict.decision import InPrint
from repro.verdict.expressions import read_expression
from repro.verdict.stats import kendall_tau

SHOWN = 3


def read_print(table: Table, claim: Claim, library: Library = printed) -> InPrint:
    """Every atom on the printed numbers: one that fails decides, one that lacks a number leaves the claim open."""
    if claim.expression is not None:
        return read_expression(table, claim.expression, library)
    parts = [part for atom in atoms(table, claim) if (part := _part(table, claim, atom)) is not None]
    if not parts:
        return InPrint(None, "the print has no numbers for it")
    failed = [text for text, verdict in parts if verdict is False]
    open_ = [text for text, verdict in parts if verdict is None]
    if failed:
        return InPrint("fails", f"fails in {len(failed)} of {len(parts)}: {_some(failed)}")
    if open_:
        return InPrint(None, f"not printed for {len(open_)} of {len(parts)}: {_some(open_)}")
    return InPrint("holds", f"{len(parts)} of {len(parts)} hold")


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more


def _part(table: Table, claim: Claim, atom: Atom) -> tuple[str, bool | None] | None:
    """The atom with its numbers, and whether it is true. Rows that "best" was not told to name may print nothing."""
    values = [_printed(row, column) for row, column in atom.cells]
    if claim.best is not None and claim.best.among is None and values.count(None) == 1:
        blank, _ = atom.cells[values.index(None)]
        if blank.label != claim.best.row:
            return None
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return atom.text, None
    numbers = ", ".join(f"{row.label} {value}" for (row, _), value in zip(atom.cells, known, strict=True))
    shown = f"{atom.text} ({numbers})"
    if isinstance(atom, Several):
        found = [_part(table, claim, part) for part in atom.parts]
        right = sum(part is not None and part[1] is True for part in found)
        tau = f": tau = {kendall_tau([float(value) for value in known]):.3g}" if atom.tau is not None else ""
        return f"{shown}{tau}", right >= atom.needed
    assert isinstance(atom, Linear)
    return shown, _true(table, atom, known)


def _printed(row: Row, column: str) -> Decimal | None:
    cell = row.published.get(column)
    value = cell.printed.value if cell else None
    return None if value is None else Decimal(repr(value))


def _true(table: Table, atom: Linear, values: list[Decimal]) -> bool | None:
    if atom.logs:
        return _ratio(atom, *values)
    bound = Decimal(repr(atom.bound))
    if atom.param is not None:
        param = _param(table, atom.rows[0], atom.param.param)
        if param is None:
            return None
        bound = atom.sign * (Decimal(repr(param)) + Decimal(repr(atom.param.plus)))
    total = sum((Decimal(repr(w)) * v for w, v in zip(atom.weights, values, strict=True)), Decimal(0))
    return total > bound if atom.strict else total >= bound


def _ratio(atom: Linear, value: Decimal, to: Decimal) -> bool | None:
    """value / to against the limit, of which the bound is the logarithm."""
    if value <= 0 or to <= 0:
        return None
    assert atom.limit is not None
    limit = Decimal(repr(atom.limit)) * to
    return value >= limit if atom.weights[0] > 0 else value <= limit


def _param(table: Table, row: Row, name: str) -> float | None:
    """A parameter of a row as published, where the spec says it; the method's own defaults are not looked up."""
    for data in data_names(table, row, "paper"):
        value = resolve(table, row, "paper", data).get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
    return None
