"""The table in LaTeX with booktabs: table environments of at most a page's width, all text escaped, ASCII only.

Needs the packages booktabs and amssymb. `standalone=True` gives a document that compiles with pdflatex as it is. A
report sets three lines a row: printed, measured (mean ± deviation), verdict; columns are split over several
environments where they would not fit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from repro.report.escape import latex, latex_label, slug
from repro.report.model import CellView, ColumnView, PublishedView, ReportView, RowView
from repro.report.numbers import aligned
from repro.report.words import CELL, CLAIM

SHOW_COLUMNS = 10  # a landscape page holds this many printed numbers; a portrait one this many with results:
REPORT_COLUMNS = 4
WORDS = 20  # a longer text is set in lines of its own
_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[PAPER,margin=10mm]{geometry}
\usepackage{amssymb}
\usepackage{booktabs}
\setlength{\parindent}{0pt}
\begin{document}
"""


def latex_text(view: PublishedView, *, standalone: bool = False) -> str:
    """Table environments, the notes below them and, for a report, the claims; with `standalone` a whole document."""
    limit = REPORT_COLUMNS if isinstance(view, ReportView) else SHOW_COLUMNS
    body = view.body_columns
    parts = [body[i : i + limit] for i in range(0, len(body), limit)] or [()]
    shown = [_environment(view, columns, number, len(parts)) for number, columns in enumerate(parts, start=1)]
    shown += [_claims(view)] if isinstance(view, ReportView) and view.claims else []
    separator = "\\clearpage\n" if standalone else "\n"
    scale = view.protocol.scale if isinstance(view, ReportView) else ""
    said = f"{view.id}, {scale}; ".replace("\n", " ") if scale else ""
    text = f"% {said}needs \\usepackage{{booktabs,amssymb}}\n" + separator.join(shown)
    if not standalone:
        return text
    paper = "a4paper" if isinstance(view, ReportView) else "a4paper,landscape"
    return _PREAMBLE.replace("PAPER", paper) + text + "\\end{document}\n"


def _environment(view: PublishedView, columns: Sequence[ColumnView], number: int, of: int) -> str:
    rows = [row for row in view.rows if any(column.id in row.cells for column in columns)]
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\small\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{_caption(view)}{f' ({number} of {of})' if of > 1 else ''}}}",
        rf"\label{{tab:{slug(view.id)}{f'-{number}' if of > 1 else ''}}}",
        rf"\begin{{tabular}}{{@{{}}l{'c' * len(columns)}@{{}}}}",
        r"\toprule",
        *_head(columns),
        r"\midrule",
    ]
    cells = {column.id: _column(rows, column) for column in columns}
    for group in view.groups:
        members = [row for row in rows if row.group == group]
        if group is not None and members:
            lines += _group(view, group, len(columns) + 1, first=lines[-1] == r"\midrule", headings=number == 1)
        for row in members:
            lines += _row(row, [cells[column.id].get(row.name, ("", "", "")) for column in columns])
    lines += [r"\bottomrule", r"\end{tabular}", *(_notes(view) if number == of else []), r"\end{table}", ""]
    return "\n".join(lines)


def _caption(view: PublishedView) -> str:
    source = view.source
    title = view.heading if isinstance(view, ReportView) else view.title
    caption = f"{latex(title)} ({source.document}, {latex(source.label)}; {latex(source.paper)})."
    if isinstance(view, ReportView):
        caption += r" Printed, measured (mean \ensuremath{\pm} deviation, seeds), verdict;"
        caption += f" profile {view.protocol.profile}."
        caption += f" {latex(view.protocol.whose.capitalize())}." if view.protocol.whose else ""
    return caption


def _head(columns: Sequence[ColumnView]) -> list[str]:
    """The labels on one line, or on two where each has a break after `||` or a space."""
    folded = [_halves(column.label) for column in columns]
    first = " & ".join(["", *(latex_label(top) for top, _ in folded)]) + r" \\"
    second = " & ".join(["", *(latex_label(bottom) for _, bottom in folded)]) + r" \\"
    return [first, second] if any(bottom for _, bottom in folded) else [first]


def _halves(label: str) -> tuple[str, str]:
    if len(label) <= 12:
        return label, ""
    breaks = [found.end() for found in re.finditer(r"\|\||‖|[ /,]", label) if found.end() < len(label)]
    if not breaks:
        return label, ""
    cut = min(breaks, key=lambda end: abs(end - len(label) / 2))
    return label[:cut], label[cut:].strip()


def _column(rows: Sequence[RowView], column: ColumnView) -> dict[str, tuple[str, str, str]]:
    """The three lines of each cell: printed numbers are aligned at the decimal point, and so are measured ones."""
    cells = {row.name: row.cells[column.id] for row in rows if column.id in row.cells}
    numbers = [cell.published if cell.published and not cell.published.words else None for cell in cells.values()]
    printed = aligned(number.text if number else "" for number in numbers)
    measured = aligned(cell.measured.text if cell.measured and not column.words else "" for cell in cells.values())
    return {
        name: (
            _printed(cell, above),
            _measured(cell, below),
            _verdict(cell),
        )
        for (name, cell), above, below in zip(cells.items(), printed, measured, strict=True)
    }


def _printed(cell: CellView, number: str) -> str:
    if cell.published is None:
        return ""
    if not cell.published.words:
        return _number(number) + _marks(cell.footnotes)
    return _words(cell.published.text)


def _measured(cell: CellView, number: str) -> str:
    if cell.measured is None:
        return ""
    if cell.measured.words:
        return _words(cell.measured.text)
    return _number(number if any(c.isdigit() for c in number) else number.strip("\u2007\u2008"))


def _words(text: str) -> str:
    return latex(text) if len(text) <= WORDS else rf"\parbox[t]{{30mm}}{{\raggedright {latex(text)}}}"


def _row(row: RowView, cells: Sequence[tuple[str, str, str]]) -> list[str]:
    kind = row.role or (row.kind if row.kind != "method" else "")
    label = latex_label(row.label) + _marks(row.footnotes) + (rf" \textit{{({kind})}}" if kind else "")
    lines = [(number, line) for number, line in enumerate(zip(*cells, strict=True)) if any(line)] or [(0, ("",))]
    out = []
    for i, (number, line) in enumerate(lines):
        texts = [label if i == 0 else "", *(f"{{{_size(text, number)}}}" if text else "" for text in line)]
        out.append(" & ".join(texts) + (r" \\[2pt]" if i + 1 == len(lines) > 1 else r" \\"))
    return out


def _size(text: str, line: int) -> str:
    return text if line == 0 else rf"\footnotesize {text}" if line == 1 else rf"\scriptsize {text}"


def _group(view: PublishedView, group: str, width: int, *, first: bool, headings: bool) -> list[str]:
    """The heading of a group, with the reference numbers that the paper prints in it."""
    lines = [] if first else [r"\addlinespace\midrule"]
    said = []
    for row in view.rows_of(group, heading=True) if headings else ():
        for name, cell in row.cells.items():
            if view.column(name).heading and cell.published:
                number = latex_label(view.column(name).label) + f" = {_number(cell.published.text)}"
                found = rf" ({_number(cell.measured.text)}, {latex(_word(cell))})" if cell.measured else ""
                said.append(number + _marks(cell.footnotes) + found)
    lines.append(rf"\multicolumn{{{width}}}{{@{{}}l}}{{\textbf{{{latex(group)}}}}} \\")
    lines += [rf"\multicolumn{{{width}}}{{@{{}}l}}{{\footnotesize {'; '.join(said)}}} \\"] if said else []
    return [*lines, r"\addlinespace"]


def _number(text: str) -> str:
    """A number as text; a leading hyphen becomes a minus sign."""
    return latex(re.sub(r"(?<![\w.])-(?=[\d.])", "−", text))


def _word(cell: CellView) -> str:
    assert cell.measured is not None
    found = cell.measured
    return " ".join(filter(None, [CELL[found.status].short, found.off])) + (", stale" if found.stale else "")


def _verdict(cell: CellView) -> str:
    return rf"\textit{{{latex(_word(cell))}}}" if cell.measured else ""


def _marks(footnotes: Sequence[int]) -> str:
    return rf"\textsuperscript{{{','.join(map(str, footnotes))}}}" if footnotes else ""


def _notes(view: PublishedView) -> list[str]:
    notes = [rf"\textsuperscript{{{i}}} {latex(note)}" for i, note in enumerate(view.footnotes, start=1)]
    notes += [latex(note) for note in view.notes]
    return [r"\par\medskip\begin{minipage}{0.95\linewidth}\footnotesize", *(note + r"\par" for note in notes),
            r"\end{minipage}"] if notes else []  # fmt: skip


def _claims(view: ReportView) -> str:
    lines = [r"\paragraph{Claims}", r"\begin{itemize}"]
    for claim in view.claims:
        where = f" ({latex(claim.origin)})" if claim.origin else ""
        in_print = f"in print: {claim.in_print or 'cannot be read'}"
        detail = f" ({latex(claim.in_print_detail)})" if claim.in_print_detail else ""
        found = rf"\textbf{{{CLAIM[claim.verdict].short}}}"
        lines.append(rf"\item {{}}{latex(claim.text)}{where}: {found}. {latex(claim.said)}; {in_print}{detail}.")
    return "\n".join([*lines, r"\end{itemize}", ""])
