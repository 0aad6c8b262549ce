"""A line a cell, with the csv module: every text is quoted, numbers are not, nothing is rewritten.

Measured words stand under `mean`, each different one once.

A text that a spreadsheet would take for a formula stays as it is: the file is data, and a changed label would not match
its table any more. Import it as text where that matters.
"""

from __future__ import annotations

import csv
import io

from repro.report.model import MeasuredCell, PublishedView, ReportView

SHOW = ("table", "row", "group", "column", "published")
REPORT = (*SHOW, "mean", "std", "n", "verdict", "difference", "ratio", "profile", "data", "whose")


def csv_text(view: PublishedView) -> str:
    """Table, row, group, column, published text, and for a report what was measured and said, and how far it is off.

    Then what no line may be without, since it is read without its heading: profile, data sets, and whose the number is.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    measured = isinstance(view, ReportView)
    writer.writerow(REPORT if measured else SHOW)
    labels = {column.id: column.label for column in view.columns}
    for row in view.rows:
        for name, cell in row.cells.items():
            printed = cell.published.text if cell.published else ""
            line: list[object] = [view.id, row.label, row.group or "", labels[name], printed]
            if isinstance(view, ReportView):
                whose = " + ".join(cell.measured.origins) if cell.measured else ""
                line += [*_measured(cell.measured), view.protocol.profile, ", ".join(view.protocol.data), whose]
            writer.writerow(line)
    return out.getvalue()


def _measured(found: MeasuredCell | None) -> list[object]:
    if found is None:
        return ["", "", 0, "words", "", ""]
    words = ", ".join(dict.fromkeys(found.words))
    return [
        words or _number(found.mean),
        _number(found.std),
        found.n,
        found.status + (" (stale)" if found.stale else ""),
        _number(found.difference),
        _number(found.ratio),
    ]


def _number(value: float | None) -> float | str:
    return "" if value is None else value
