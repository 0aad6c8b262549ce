"""A check in words: for the terminal, as Markdown, and as JSON. Numbers in the column's unit, four digits."""

from __future__ import annotations

from typing import Any

from repro.gate.model import STATUSES, Check, Outcome, Status
from repro.report.escape import code_span, markdown
from repro.verdict.stats import Sample

MARKS: dict[Status, str] = {
    "worse": "✗", "changed": "✗", "failed": "✗", "missing": "✗", "incomparable": "≁", "undecided": "·", "unjudged": "·",
    "better": "▲", "same": "✓",
}  # fmt: skip


def text(check: Check) -> str:
    """A line for every outcome that is not "same", the remarks, and the counts."""
    told = [outcome for outcome in check.outcomes if outcome.status not in ("same", "undecided", "unjudged")]
    lines = [f"{MARKS[o.status]} {o.status:<12} {o.table}  {o.name}: {said(o)}" for o in told]
    together = (*_together(check, "undecided"), *_together(check, "unjudged"))
    return "\n".join([*lines, *together, *check.notes, summary(check)])


def summary(check: Check) -> str:
    """One line: the verdict and how many outcomes there are of each kind."""
    counts = ", ".join(f"{check.counts[status]} {status}" for status in STATUSES if check.counts[status])
    return f"check at {check.profile} scale: {check.verdict} ({counts or 'nothing to compare'})"


def said(outcome: Outcome) -> str:
    """Both distributions, the test and its p-value; or why there is none."""
    if not outcome.accepted or not outcome.new:
        return outcome.detail
    seeds = f", and {outcome.calibrated} of the calibration" if outcome.calibrated else ""
    numbers = f"accepted {_distribution(outcome.accepted)}{seeds}; now {_distribution(outcome.new)}"
    tested = f"p = {outcome.p:.2g} ({outcome.test})" if outcome.p is not None else outcome.test
    return "; ".join(part for part in (numbers, tested, outcome.detail) if part)


def _distribution(values: tuple[float, ...]) -> str:
    sample = Sample(values)
    spread = f" ± {sample.sd:.2g}" if sample.n > 1 else ""
    return f"{sample.mean:.4g}{spread} ({sample.n})"


def _together(check: Check, status: Status) -> list[str]:
    """One line a table: of such outcomes there are many, and all for the same reason."""
    tables: dict[str, list[Outcome]] = {}
    for outcome in check.of(frozenset({status})):
        tables.setdefault(outcome.table, []).append(outcome)
    return [
        f"{MARKS[status]} {status:<12} {table}  {len(found)} cells, the first {found[0].name}: {found[0].detail}"
        for table, found in tables.items()
    ]


def as_markdown(check: Check) -> str:
    """A heading, the summary, and a table of all that is not "same"; names of rows cannot break out of it."""
    told = [outcome for outcome in check.outcomes if outcome.status != "same"]
    lines = [f"### repro check: {check.verdict}", "", markdown(summary(check)), ""]
    if told:
        lines += ["| | Table | Row | Column | Accepted | Now | p | Why |", "| :-- " * 8 + "|"]
        lines += [_line(outcome) for outcome in told]
        lines.append("")
    return "\n".join([*lines, *(f"- {markdown(note)}" for note in check.notes)]).rstrip() + "\n"


def _line(outcome: Outcome) -> str:
    numbers = [_distribution(values) if values else "" for values in (outcome.accepted, outcome.new)]
    p = f"{outcome.p:.2g}" if outcome.p is not None else ""
    why = "; ".join(part for part in (outcome.test, outcome.detail) if part)
    cells = [outcome.row, outcome.column, *numbers, p, why]
    head = f"{MARKS[outcome.status]} {outcome.status} | {code_span(outcome.table)}"
    return f"| {head} | {' | '.join(map(markdown, cells))} |"


def as_json(check: Check) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "profile": check.profile,
        "verdict": check.verdict,
        "counts": {status: check.counts[status] for status in STATUSES},
        "notes": list(check.notes),
        "outcomes": [
            {"table": o.table, "row": o.row, "column": o.column or None, "status": o.status, "detail": o.detail,
             "accepted": list(o.accepted), "new": list(o.new), "calibrated": o.calibrated, "p": o.p, "test": o.test}
            for o in check.outcomes
        ],
    }  # fmt: skip
