"""From a view to one of the formats; each renderer is imported only when it is asked for."""

from __future__ import annotations

from typing import Literal, get_args

from repro.registry import did_you_mean
from repro.report.model import PublishedView

Format = Literal["text", "md", "html", "tex", "csv", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(
    view: PublishedView,
    format: str,  # noqa: A002
    *,
    width: int = 80,
    color: bool = False,
    standalone: bool = False,
) -> str:
    """The view as text in a format. `width` and `color` are the terminal's, `standalone` makes LaTeX a document."""
    match format:
        case "text":
            from repro.report.terminal import text

            return text(view, width, color=color)
        case "md":
            from repro.report.markdown import markdown_text

            return markdown_text(view)
        case "html":
            from repro.report.html import html

            return html(view)
        case "tex":
            from repro.report.latex import latex_text

            return latex_text(view, standalone=standalone)
        case "csv":
            from repro.report.csv_format import csv_text

            return csv_text(view)
        case "json":
            from repro.report.json_format import json_text

            return json_text(view)
    hint = did_you_mean(format, list(FORMATS))
    raise ValueError(f"unknown format {format!r}{hint} (known: {', '.join(FORMATS)})")
