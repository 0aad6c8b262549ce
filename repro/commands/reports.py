"""The reports beside accepted results, in every format, with their figures.

`python -m repro.commands.reports [TABLE...]` in a checkout writes those of all tables anew, or of the tables named:
after a change of verdicts, claims or words, which moves no number and makes no record stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from repro.commands.output import deliver, note
from repro.evidence.judged import report_of
from repro.places import results_directory
from repro.report.render import render
from repro.spec.base import RUNNABLE, Profile, scale_of
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import all_paths, find
from repro.store.accepted import read_results

FORMATS = ("md", "html", "json", "csv", "tex")


def write_reports(table: Table, profile: Profile, results: Path) -> None:
    """Writes the report of the accepted results of a scale; the records of a control are part of that of its scale."""
    scale = scale_of(profile)
    reported = report_of(table, scale, with_figures=True, whose="accepted")
    folder = results / table.id / "reports"
    for name in FORMATS:
        deliver(render(reported.view, name), folder / f"{scale}.{name}")
    for figure in reported.view.figures:
        if figure.svg:
            deliver(figure.svg, folder / reported.view.file_of(figure))


def renew(names: list[str]) -> None:
    """Writes the reports of tables, of all by default, at every scale that has accepted records."""
    results = results_directory()
    for path in map(find, names) if names else all_paths():
        table = load(path)
        run_at = {scale_of(record.profile) for record in read_results(results, table.id)}
        for scale in (profile for profile in RUNNABLE if profile in run_at):
            write_reports(table, scale, results)
            note(f"{table.id} ({scale})")


if __name__ == "__main__":
    renew(sys.argv[1:])
