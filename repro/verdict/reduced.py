"""A claim at reduced scale: judged only where the control, the same scale with twice the training, says the same.

What half the training shows and twice of it turns round is a matter of training and not of the methods. So a claim
that holds from `laptop` needs the runs of profile `control` beside those of `laptop`: the two verdicts are decided
apart, and only the one that they share is said.
"""

from __future__ import annotations

from dataclasses import replace

from repro.spec.base import Profile
from repro.spec.claim import Claim
from repro.spec.model import Table
from repro.verdict.decision import Decision
from repro.verdict.model import ClaimStatus

AGREEING = {"holds", "mostly"}


def needs_control(table: Table, claim: Claim, profile: Profile) -> bool:
    """Whether a claim is judged at a reduced scale, and by more than every single run keeps to."""
    reduced = profile in ("laptop", "control") and not table.profiles.laptop.equal_to_paper
    return reduced and claim.holds_from == "laptop" and not claim.is_invariant


def of_control(decision: Decision) -> Decision:
    """What a control says by itself: nothing that counts."""
    if decision.verdict == "not testable":
        return decision
    return Decision(
        "not testable", f"a control judges nothing by itself; it says {decision.verdict}, {decision.detail}"
    )


def unconfirmed(table: Table, decision: Decision) -> Decision:
    """What the reduced scale says without a control: nothing that counts."""
    if decision.verdict == "not testable":
        return decision
    command = f"its control was not run (repro run {table.id} --profile control)"
    why = command if table.profiles.has_control else "the spec has no `control:` at profile laptop"
    return Decision("not testable", f"{why}; by itself this scale says {decision.verdict}, {decision.detail}")


def confirmed(decision: Decision, control: Decision) -> Decision:
    """The verdict that a reduced scale and its control share."""
    here, there = decision.verdict, control.verdict
    if here == "not testable" or there == "not testable":
        return decision if here == there else replace(_both("not testable", decision, control), counts=None, refuted=())
    if here == there or {here, there} == AGREEING:
        agreed = here if here == there else "mostly"
        detail = f"{decision.detail}; twice the training says {there} too: {control.counts}"
        return replace(decision, verdict=agreed, detail=detail)
    if "undecided" in (here, there):
        return _both("undecided", decision, control)
    return _both("not testable", decision, control)


def _both(verdict: ClaimStatus, decision: Decision, control: Decision) -> Decision:
    said = (
        f"this scale says {decision.verdict} ({decision.detail}); "
        f"twice the training says {control.verdict} ({control.detail})"
    )
    return replace(decision, verdict=verdict, detail=said, refuted=())
