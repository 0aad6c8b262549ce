"""The JSON documents of `repro show` and `repro report`, on which other tools rely: DESIGN.md, section 6.

`show` lists printed cells only; `report` adds what was measured to each, and the supplementary columns and control
rows, whose `value`, `std` and `text` are null. A cell that the print does not have is absent from `cells`. `value` is
the number as printed, null for a dash and for words; a correction of a misprint stands under `notes` of the report.
Measured words stand under `text` of the records, whose `value` is null then. `difference` is mean - value, and `ratio`
mean / value in columns whose ratios are compared; a verdict below paper scale does not rest on them.
"""

from __future__ import annotations

import json
from typing import Any

from repro.report.model import CellView, ClaimView, MeasuredCell, PublishedView, ReportView, RowView


def json_text(view: PublishedView) -> str:
    """One strict JSON document (no NaN), ending in a line end."""
    document: dict[str, Any] = {
        "id": view.id,
        "source": view.source.model_dump(mode="json"),
        "columns": [column.label for column in view.columns],
        "rows": [_row(row, view) for row in view.rows],
    }
    if isinstance(view, ReportView):
        document |= _report(view)
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _row(row: RowView, view: PublishedView) -> dict[str, Any]:
    labels = {column.id: column.label for column in view.columns}
    shown: dict[str, Any] = {"label": row.label, "group": row.group, "kind": row.kind}
    if isinstance(view, ReportView):
        shown["role"] = row.role
    return shown | {"cells": {labels[name]: _cell(cell, view) for name, cell in row.cells.items()}}


def _cell(cell: CellView, view: PublishedView) -> dict[str, Any]:
    printed = cell.published
    shown: dict[str, Any] = {
        "value": printed.value if printed else None,
        "std": printed.std if printed else None,
        "text": printed.text if printed else None,
    }
    if isinstance(view, ReportView):
        shown["measured"] = _measured(cell.measured, view)
    return shown


def _measured(cell: MeasuredCell | None, view: ReportView) -> dict[str, Any] | None:
    if cell is None:
        return None  # words that nothing measures
    return {
        "mean": cell.mean,
        "std": cell.std,
        "n": cell.n,
        "profile": view.protocol.profile,
        "verdict": cell.status,
        "difference": cell.difference,
        "ratio": cell.ratio,
        "stale": cell.stale,
        "detail": cell.detail,
        "whose": list(cell.origins),
        "records": [
            {"key": seed.record, "seed": seed.seed, "status": seed.status, "value": seed.value, "whose": seed.origin}
            | ({} if seed.words is None else {"text": seed.words})
            for seed in cell.seeds
        ],
    }


def _report(view: ReportView) -> dict[str, Any]:
    return {
        "profile": view.protocol.profile,
        "data": list(view.protocol.data),
        "seeds": list(view.protocol.seeds),
        "summary": view.summary,
        "whose": view.protocol.whose or None,
        "supplementary": [column.label for column in view.columns if column.supplementary],
        "claims": [
            {
                "text": claim.text,
                "kind": claim.kind,
                "where": claim.where or None,
                "derived": claim.derived or None,
                "verdict": claim.verdict,
                "parts": _parts(claim),
                "refuted": list(claim.refuted),
                "detail": claim.detail,
                "in_print": claim.in_print,
                "in_print_detail": claim.in_print_detail,
                "control": claim.control or None,
                "expression": claim.expression or None,
            }
            for claim in view.claims
        ],
        "notes": [*view.footnotes, *view.notes],
    }


def _parts(claim: ClaimView) -> dict[str, int] | None:
    """How many parts of a claim are decided for it, against it, and not at all."""
    return None if claim.parts is None else dict(zip(("for", "against", "undecided"), claim.parts, strict=True))
