"""A judged report: the evidence of a table at a profile, its verdicts, and the view that every format reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.evidence.gather import Evidence, Whose, gather
from repro.evidence.remembered import is_ours, remembered
from repro.places import results_of
from repro.report.build import build
from repro.report.model import ReportView
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.records import Store
from repro.verdict.model import TableVerdict


@dataclass(frozen=True)
class Reported:
    """A report and the evidence it rests on."""

    view: ReportView
    evidence: Evidence


def report_of(
    table: Table,
    profile: Profile | None,
    *,
    with_figures: bool,
    whose: Whose = "all",
    spec: Path | None = None,
) -> Reported:
    """Judges the records of a table at a profile, by default the largest that anything was run at.

    With the file of the spec, the verdicts are remembered until spec, records or sources change. A report of accepted
    results alone is published with them, and does not say whose they are.
    """

    def gathered(stale: frozenset[str] | None = None) -> Evidence:
        return gather(table, Store(), results_of(table.id), profile, whose=whose, stale=stale)

    def judged(evidence: Evidence) -> TableVerdict:
        return _judged(table, evidence, _control(table, evidence, whose))

    def find() -> tuple[dict[str, Any], bool]:
        evidence = gathered()
        said = {"stale": sorted(evidence.stale), "verdict": judged(evidence).as_json()}
        return said, is_ours(table)

    if spec is None:
        evidence = gathered()
        verdict = judged(evidence)
    else:
        said = remembered(f"verdict {profile} {whose}", spec, table.id, find)
        evidence, verdict = gathered(frozenset(said["stale"])), TableVerdict.from_json(said["verdict"])
    view = build(
        table, verdict, evidence.records, evidence.artifacts if with_figures else None,
        origins={} if whose == "accepted" else evidence.origins,
    )  # fmt: skip
    return Reported(view, evidence)


def _control(table: Table, evidence: Evidence, whose: Whose) -> Evidence | None:
    """The evidence of the control that claims at reduced scale need; None where there is none."""
    if evidence.profile != "laptop" or not table.profiles.has_control:
        return None
    found = gather(table, evidence.store, evidence.results, "control", whose=whose)
    return found if found.records else None


def _judged(table: Table, evidence: Evidence, control: Evidence | None) -> TableVerdict:
    from repro.verdict.table import judge  # imports numpy

    if control is None:
        return judge(table, evidence.records, evidence.profile, evidence.stale)
    return judge(table, evidence.records, evidence.profile, evidence.stale | control.stale, control.records)
