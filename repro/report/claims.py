"""The claims of a table as a reader sees them."""

from __future__ import annotations

from collections.abc import Sequence

from repro.report.model import ClaimView
from repro.spec.claim import Claim
from repro.spec.model import Table
from repro.verdict.model import ClaimVerdict


def claim_views(table: Table, verdicts: Sequence[ClaimVerdict]) -> tuple[ClaimView, ...]:
    """The claims of a table as a reader sees them, in the order of their verdicts."""
    return tuple(_claim(claim, table.claims[i:] + table.claims) for i, claim in enumerate(verdicts))


def claims_by_origin(claims: Sequence[ClaimView]) -> list[tuple[str, list[ClaimView]]]:
    """The claims of the text, and apart from them those derived from it, each kind where there are any."""
    found = [claim for claim in claims if not claim.derived], [claim for claim in claims if claim.derived]
    return [(kind, some) for kind, some in zip(("claims", "derived claims"), found, strict=True) if some]


def _claim(claim: ClaimVerdict, stated: Sequence[Claim]) -> ClaimView:
    spec = next((c for c in stated if c.text == claim.text and c.kind == claim.kind), None)
    return ClaimView(
        text=claim.text,
        kind=claim.kind,
        where=(spec.where or "") if spec else "",
        verdict=claim.verdict,
        detail=claim.detail,
        in_print=claim.in_print,
        in_print_detail=claim.in_print_detail,
        control=claim.control or "",
        holds_from=spec.holds_from if spec else "",
        note=(spec.note or "") if spec else "",
        expression=(spec.expression or "") if spec else "",
        derived=(spec.derived or "") if spec else "",
        parts=claim.parts,
        refuted=claim.refuted,
    )
