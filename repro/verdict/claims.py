"""The verdict of each claim of a paper's text: in print, on the runs, and on its negative control."""

from __future__ import annotations

from dataclasses import replace

from repro.spec.base import PROFILES, Profile, scale_of
from repro.spec.claim import BestClaim, Claim, Control, Selected
from repro.spec.expression import parse
from repro.spec.load import printed
from repro.spec.model import Row, Table
from repro.spec.reading import Library
from repro.verdict.atoms import Atom, atoms
from repro.verdict.decision import Decision
from repro.verdict.expressions import cells_of, expression_atoms, never_testable
from repro.verdict.model import ClaimVerdict
from repro.verdict.on_print import read_print
from repro.verdict.on_runs import decide, part_of
from repro.verdict.reduced import confirmed, needs_control, of_control, unconfirmed
from repro.verdict.runs import Runs


def judge_claims(
    table: Table, runs: Runs, profile: Profile, library: Library = printed, control: Runs | None = None
) -> tuple[ClaimVerdict, ...]:
    """One verdict for each claim of the table, in the table's order.

    `library` has the tables that claims quote, `control` the runs of the profile's control where there are any.
    """
    return tuple(judge_claim(table, claim, runs, profile, library, control) for claim in table.claims)


def audit(table: Table, library: Library = printed) -> list[ClaimVerdict]:
    """The claims on the printed numbers alone; no run is looked at, so nothing is testable."""
    unread = Decision("not testable", "the print alone was read")
    return [_verdict(table, claim, unread, library) for claim in table.claims]


def judge_claim(
    table: Table,
    claim: Claim,
    runs: Runs,
    profile: Profile,
    library: Library = printed,
    control: Runs | None = None,
) -> ClaimVerdict:
    """Judges one claim. Below its scale nothing but an invariant is tested, and at a reduced one its control too."""
    if not is_large_enough(table, claim, profile) and not claim.is_invariant:
        below = f"the claim is stated from profile {claim.holds_from} on, this is {profile}"
        return _verdict(table, claim, Decision("not testable", below), library)
    decision, negative = _decide_beside_control_row(table, claim, runs, library)
    if needs_control(table, claim, profile):
        if profile == "control":
            decision = of_control(decision)
        elif control is None:
            decision = unconfirmed(table, decision)
        else:
            decision = confirmed(decision, _decide_beside_control_row(table, claim, control, library)[0])
    return _verdict(table, claim, decision, library, negative)


def _decide_beside_control_row(
    table: Table, claim: Claim, runs: Runs, library: Library
) -> tuple[Decision, str | None]:  # fmt: skip
    """The decision, and what is said of the negative control; one that satisfies the claim makes it vacuous."""
    decision = _decide(table, claim, runs, library)
    if claim.control is None:
        return decision, None
    negative, vacuous = _on_control(table, claim, runs, library)
    if vacuous and decision.verdict in ("holds", "mostly", "undecided"):
        said = f"vacuous: {negative}; otherwise: {decision.verdict}, {decision.detail}"
        decision = replace(decision, verdict="undecided", detail=said)
    return decision, negative


def is_large_enough(table: Table, claim: Claim, profile: Profile) -> bool:
    """Whether a claim is stated at a profile, or at a smaller one."""
    scale = scale_of(profile)
    reached = "paper" if table.profiles.of(scale).equal_to_paper else scale
    return PROFILES.index(reached) >= PROFILES.index(claim.holds_from)


def _verdict(
    table: Table, claim: Claim, decision: Decision, library: Library, control: str | None = None
) -> ClaimVerdict:
    in_print = read_print(table, claim, library)
    return ClaimVerdict(
        text=claim.text,
        kind=claim.kind,
        verdict=decision.verdict,
        detail=decision.detail,
        parts=_counted(decision),
        refuted=decision.refuted,
        in_print=in_print.verdict,
        in_print_detail=in_print.detail,
        control=control,
    )


def _counted(decision: Decision) -> tuple[int, int, int] | None:
    counts = decision.counts
    return None if counts is None else (counts.right, counts.wrong, counts.undecided)


def _decide(table: Table, claim: Claim, runs: Runs, library: Library, control: Control | None = None) -> Decision:
    never = never_testable(table, parse(claim.expression), library) if claim.expression is not None else ""
    if never:
        return Decision("not testable", never)
    found = atoms_of(table, claim, library, control)
    if not found:
        return Decision("not testable", "it is true whatever the runs give")
    return decide([part_of(table, atom, runs, library) for atom in found])


def atoms_of(table: Table, claim: Claim, library: Library, control: Control | None = None) -> list[Atom]:
    """The parts of a claim of any kind; in an expression a control row may stand for another."""
    if claim.expression is None:
        return atoms(table, claim)
    return expression_atoms(table, claim.expression, library, control)


def _on_control(table: Table, claim: Claim, runs: Runs, library: Library) -> tuple[str, bool]:
    """What the claim says with the control in place of its row, and whether that makes the claim vacuous."""
    assert claim.control is not None
    by = claim.control.by
    if not any(runs.cell(row.name, column) for row, column in _control_cells(table, claim, library)):
        return f"the control {by} was not measured, so it is open whether the claim says anything", False
    if claim.expression is not None:
        decision = _decide(table, claim, runs, library, claim.control)
    else:
        decision = _decide(table, exchanged(table, claim), runs, library)
    if decision.verdict in ("holds", "mostly"):
        return f"the control {by} satisfies the claim too", True
    if decision.verdict == "fails":
        return "the control fails it, as it must", False
    return f"the control {by} does not satisfy it: {decision.verdict} ({decision.detail})", False


def _control_cells(table: Table, claim: Claim, library: Library) -> list[tuple[Row, str]]:
    assert claim.control is not None
    by = claim.control.by
    if claim.expression is not None:
        return [cell for cell in cells_of(table, claim.expression, library, claim.control) if cell[0].label == by]
    rows = [row for row in table.rows if by in (row.name, row.label)]
    return [(row, column) for row in rows for column in claim.statement.columns]


def exchanged(table: Table, claim: Claim) -> Claim:
    """The claim read with the control row in place of the row that it replaces."""
    assert claim.control is not None
    replaced, by = claim.control.replace, claim.control.by
    stated = claim.statement
    changed: dict[str, object] = {}
    for name in type(stated).model_fields:
        value = getattr(stated, name)
        if name in ("columns", "groups"):
            continue
        if value == replaced:
            changed[name] = by
        elif isinstance(value, tuple) and replaced in value:
            changed[name] = tuple(by if label == replaced else label for label in value)
    if isinstance(stated, BestClaim) and stated.among is None:
        changed["among"] = tuple(dict.fromkeys(r.label for r in table.rows if r.printed and r.label != replaced))
    swapped: Selected = stated.model_copy(update=changed)
    return claim.model_copy(update={claim.kind: swapped, "control": None})
