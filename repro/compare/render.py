"""A comparison as text, Markdown, HTML, LaTeX, CSV or JSON: the one table with the new row in it, and the tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from repro.compare import grid_formats
from repro.compare.grid import grid
from repro.compare.model import Comparison
from repro.compare.words import HEAD, RANKS, Block, as_json, blocks, padded, ranks, summary
from repro.registry import did_you_mean
from repro.report.escape import code_span, markdown, plain
from repro.spec.model import Table

FORMATS = ("text", "md", "html", "tex", "csv", "json")
PROTOCOL = (
    "Differences are new row minus baseline. p-values are two-sided, paired by seed where two or more are shared; "
    "Holm: corrected over all tests of this comparison. Effects are standardised differences (Hedges). A rank is by "
    "the means; its interval is what the tests leave open."
)


def check_format(name: str) -> str:
    """A format that is known, or a ValueError that suggests one."""
    if name not in FORMATS:
        raise ValueError(f"unknown format {name!r}{did_you_mean(name, list(FORMATS))} (known: {', '.join(FORMATS)})")
    return name


def render(comparison: Comparison, table: Table, format: str, width: int = 80, *, color: bool = False) -> str:  # noqa: A002
    """The whole comparison in a format; LaTeX and CSV are the table alone. `width` and `color` are the terminal's."""
    match check_format(format):
        case "text":
            return text(comparison, table, width, color=color)
        case "md":
            return markdown_text(comparison, table)
        case "html":
            return html(comparison, table)
        case "tex":
            return grid_formats.latex_text(grid(comparison, table), comparison)
        case "csv":
            return grid_formats.csv_text(grid(comparison, table), comparison, table)
    return (
        json.dumps(as_json(comparison, grid(comparison, table)), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    )


def text(comparison: Comparison, table: Table, width: int = 80, *, color: bool = False) -> str:
    """For a terminal: the tests of every column, the ranks, the table, the count. What one looks for first ends it."""
    out = [f"{comparison.title} ({comparison.table}), {comparison.scale}", ""]
    for block in blocks(comparison, table):
        out += [f"{block.place} ({block.direction}): {comparison.label} {block.mine}"]
        out += [f"  {line}" for line in padded([HEAD, *block.lines], left=1)] if block.lines else []
        out += [f"  {remark}" for remark in block.remarks]
        out.append("")
    out += padded(_without_empty([RANKS, *ranks(comparison, table)]), left=2)
    shown = [*grid_formats.text(grid(comparison, table), width, color=color)]
    below = [grid_formats.legend(comparison, "A number with a star"), *comparison.notes, summary(comparison)]
    lines = [*map(plain_keeping_indent, out), "", *shown, *map(plain_keeping_indent, below)]
    return "\n".join(lines) + "\n"


def plain_keeping_indent(line: str) -> str:
    """A line without control characters, its padding left alone."""
    return "".join(plain(char) if not char.isspace() else char for char in line)


def _without_empty(lines: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Lines without the columns that are empty but for their heading."""
    kept = [i for i in range(len(lines[0])) if any(line[i] for line in lines[1:])]
    return [tuple(line[i] for i in kept) for line in lines]


def markdown_text(comparison: Comparison, table: Table) -> str:
    """As GitHub reads it."""
    out = [
        f"# {markdown(comparison.label)} beside {markdown(comparison.title)}, {markdown(comparison.scale)}",
        f"{code_span(comparison.table)}, profile {code_span(comparison.profile)}. {markdown(summary(comparison))}.",
        grid_formats.markdown_text(grid(comparison, table)),
        markdown(grid_formats.legend(comparison, "Bold")),
        "\n".join(f"- {markdown(name)}: {code_span(value)}" for name, value in comparison.origin),
        _table(_without_empty([RANKS, *ranks(comparison, table)]), left=2),
        *(markdown(note) for note in comparison.notes),
        PROTOCOL,
        *(_markdown_block(block, comparison.label) for block in blocks(comparison, table)),
    ]
    return "\n\n".join(part for part in out if part) + "\n"


def _markdown_block(block: Block, label: str) -> str:
    parts = [f"## {markdown(block.place)}", f"{markdown(block.direction)}. {markdown(label)}: {markdown(block.mine)}"]
    parts += [_table([HEAD, *block.lines], left=1)] if block.lines else []
    return "\n\n".join([*parts, *(markdown(remark) for remark in block.remarks)])


def _table(lines: Sequence[Sequence[str]], left: int) -> str:
    rule = [":--" if i < left else "--:" for i in range(len(lines[0]))]
    head, *rest = ([markdown(cell) for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rest))


def html(comparison: Comparison, table: Table) -> str:
    """One self-contained file without scripts; every text is escaped by the template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=lambda value: plain(value) if type(value) is str else value,
    )  # fmt: skip
    ranked = _without_empty([RANKS, *ranks(comparison, table)])
    return environment.get_template("comparison.html.j2").render(
        view=comparison, summary=summary(comparison), protocol=PROTOCOL, head=HEAD, ranks=ranked,
        blocks=list(blocks(comparison, table)), grid=grid(comparison, table),
        legend=grid_formats.legend(comparison, "Bold"),
    ) + "\n"  # fmt: skip
