"""The verdict of each claim of a paper's text: in print, on the runs, and on its negative control."""

from __future__ import annotations

from repro.spec.model import PROFILES, BestClaim, Claim, Profile, Selected, Table
from repro.verdict.atoms import atoms
from repro.verdict.model import ClaimVerdict
from repro.verdict.on_print import read_print
from repro.verdict.on_runs import Decision, decide, part_of
from repro.verdict.runs import Runs


def judge_claims(table: Table, runs: Runs, profile: Profile) -> tuple[ClaimVerdict, ...]:
    """One verdict for each claim of the table, in the table's order."""
    return tuple(judge_claim(table, claim, runs, profile) for claim in table.claims)


def audit(table: Table) -> list[ClaimVerdict]:
    """The claims on the printed numbers alone; no run is looked at, so nothing is testable."""
    return [_verdict(table, claim, Decision("not testable", "the print alone was read")) for claim in table.claims]


def judge_claim(table: Table, claim: Claim, runs: Runs, profile: Profile) -> ClaimVerdict:
    """Judges one claim. Below its scale nothing but an invariant is tested."""
    if not _large_enough(table, claim, profile) and not _invariant(claim):
        below = f"the claim is stated from profile {claim.holds_from} on, this is {profile}"
        return _verdict(table, claim, Decision("not testable", below))
    decision = _decide(table, claim, runs)
    if claim.control is None:
        return _verdict(table, claim, decision)
    control, vacuous = _on_control(table, claim, runs)
    if vacuous and decision.verdict in ("holds", "undecided"):
        decision = Decision("undecided", f"vacuous: {control}; otherwise: {decision.verdict}, {decision.detail}")
    return _verdict(table, claim, decision, control)


def _large_enough(table: Table, claim: Claim, profile: Profile) -> bool:
    reached = "paper" if table.profiles.of(profile).equal_to_paper else profile
    return PROFILES.index(reached) >= PROFILES.index(claim.holds_from)


def _invariant(claim: Claim) -> bool:
    return claim.bound is not None and claim.bound.invariant


def _verdict(table: Table, claim: Claim, decision: Decision, control: str | None = None) -> ClaimVerdict:
    printed = read_print(table, claim)
    return ClaimVerdict(
        text=claim.text,
        kind=claim.kind,
        verdict=decision.verdict,
        detail=decision.detail,
        in_print=printed.verdict,
        in_print_detail=printed.detail,
        control=control,
    )


def _decide(table: Table, claim: Claim, runs: Runs) -> Decision:
    if claim.expression is not None:
        return Decision("not testable", "expressions are not evaluated yet")
    return decide([part_of(table, atom, runs) for atom in atoms(table, claim)])


def _on_control(table: Table, claim: Claim, runs: Runs) -> tuple[str, bool]:
    """What the claim says with the control in place of its row, and whether that makes the claim vacuous."""
    assert claim.control is not None
    by = claim.control.by
    rows = [row.name for row in table.rows if by in (row.name, row.label)]
    if not any(runs.cell(row, column) for row in rows for column in claim.statement.columns):
        return f"the control {by} was not measured, so it is open whether the claim says anything", False
    decision = _decide(table, exchanged(table, claim), runs)
    if decision.verdict == "holds":
        return f"the control {by} satisfies the claim too", True
    if decision.verdict == "fails":
        return "the control fails it, as it must", False
    return f"the control {by} does not satisfy it: {decision.verdict} ({decision.detail})", False


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
        changed["among"] = tuple(dict.fromkeys(r.label for r in table.rows if not r.control and r.label != replaced))
    swapped: Selected = stated.model_copy(update=changed)
    return claim.model_copy(update={claim.kind: swapped, "control": None})
