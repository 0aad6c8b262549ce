"""What a run ends with: one page of a terminal. The rows that were run, what is judged of them, what failed.

The whole report has all rows, notes, claims with their details and the protocol: a page says where that lies.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from repro.report.escape import plain
from repro.report.model import ReportView
from repro.report.terminal import text
from repro.report.words import CLAIM

LINES = 40
"""Of a page where there is no terminal that has a height."""
FEWEST_LINES = 16
MOST_CLAIMS = 6
MOST_FAILURES = 3


def page(view: ReportView, rows: Collection[str], *, width: int = 80, lines: int = LINES, color: bool = False) -> str:
    """The report of the named rows in so many lines, 16 at least; what is left out is counted."""
    shown = replace(
        view, rows=tuple(row for row in view.rows if row.name in rows), claims=(), footnotes=(), notes=(), figures=()
    )
    table = text(shown, width, color=color, protocol=False).rstrip().split("\n")
    below = [*_failures(shown, width), *_claims(view, width)]
    room = max(lines, FEWEST_LINES) - len(below)
    return "\n".join([*_cut(table, room), *below]) + "\n"


def _cut(lines: Sequence[str], room: int) -> Sequence[str]:
    if len(lines) <= room:
        return lines
    kept = max(room - 1, FEWEST_LINES // 2)
    return [*lines[:kept], f"... and {len(lines) - kept} lines more, in the whole report"]


def _failures(view: ReportView, width: int) -> list[str]:
    """What went wrong, each reason once with the rows that it is of."""
    found: dict[str, list[str]] = {}
    for row in view.rows:
        for record in row.records:
            if record.status != "ok":
                found.setdefault(f"{record.status}: {plain(record.message)}", []).append(plain(row.name))
    said = [
        _short(f"✗ {', '.join(dict.fromkeys(names))}: {reason}", width)
        for reason, names in list(found.items())[:MOST_FAILURES]
    ]
    more = len(found) - len(said)
    return ["", *said, *([f"... and {more} other reasons"] if more else [])] if said else []


def _claims(view: ReportView, width: int) -> list[str]:
    """The claims that are judged, a line each."""
    judged = [claim for claim in view.claims if claim.verdict != "not testable"]
    said = [_short(f"{CLAIM[c.verdict].mark} {c.verdict}: {plain(c.text)}", width) for c in judged[:MOST_CLAIMS]]
    rest = len(view.claims) - len(said)
    if not view.claims:
        return []
    return ["", *said, *([f"... and {rest} claims {'more' if said else 'that cannot be judged here'}"] if rest else [])]


def _short(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"
