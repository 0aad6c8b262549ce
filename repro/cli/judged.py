"""A judged report: the evidence of a table at a profile, its verdicts, and the view that every format reads."""

from __future__ import annotations

from dataclasses import dataclass

from repro.evidence import Evidence, gather
from repro.places import results_of, store
from repro.report.build import build
from repro.report.model import ReportView
from repro.spec.model import Profile, Table
from repro.verdict.table import judge


@dataclass(frozen=True)
class Reported:
    """A report and the evidence it rests on."""

    view: ReportView
    evidence: Evidence


def report_of(table: Table, profile: Profile | None, *, with_figures: bool, accepted_only: bool = False) -> Reported:
    """Judges the records of a table at a profile, by default the largest that anything was run at."""
    evidence = gather(table, store(), results_of(table.id), profile, accepted_only=accepted_only)
    verdict = judge(table, evidence.records, evidence.profile, evidence.stale)
    view = build(table, verdict, evidence.records, evidence.artifacts if with_figures else None)
    return Reported(view, evidence)
