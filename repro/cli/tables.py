"""`list`, `show`, `validate`, `audit`: what was published, without running anything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from repro.cli.options import Format, Json, Output, Own, Standalone, TableName, format_for, table_names
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, deliver, in_color, note, say, say_json, say_table, width


def list_tables(
    paper: Annotated[str | None, typer.Option(help="Only tables of this document, arXiv number or paper; a part of "
                     "its title will do.")] = None,
    task: Annotated[str | None, typer.Option(help="Only tables of this task.")] = None,
    status: Annotated[str | None, typer.Option(help="Only tables that have it: measured, runs, planned, quoted, a "
                      "scale, or a verdict such as 'deviates worse'.")] = None,
    own: Own = False,
    json: Json = False,
) -> None:  # fmt: skip
    """List all tables, with what runs and what was measured.

    `run` rows are trained and measured, `quoted` ones come from another paper, `planned` ones are not implemented.
    What was measured says whose it is: your own runs, shipped with repro, accepted in your project, or imported. With
    --own, only tables that you have run.

    Example: repro list --task language-modeling --status measured
    """
    from repro.commands.list_tables import chosen, summaries

    found = chosen(summaries("own" if own else "all"), paper=paper, task=task, status=status, measured=own)
    if json:
        say_json([summary.as_json() for summary in found])
        return
    columns = ["id", "printed as", "task", "rows", "run", "planned", "quoted", "claims", "measured"]
    say_table(columns, [summary.as_line() for summary in found], right=frozenset(columns[3:8]))
    if not found:
        note(f"no table {'has runs of yours' if own else 'is like that'}: repro list shows all")


def show(table: TableName, format: Format = None, output: Output = None, standalone: Standalone = False,  # noqa: A002
         row: Annotated[str | None, typer.Option(help="A row, with all that it is run with at every scale.")] = None,
         ) -> None:  # fmt: skip
    """Print the published table.

    With --row, all settings of one of its rows at every scale, resolved.

    Example: repro show dai2019/B.2 --format md
    """
    from repro.report.build import published
    from repro.report.render import render
    from repro.spec.load import load
    from repro.spec.tables import find

    loaded, asked = load(find(table)), format_for(format, output)
    if row is not None:
        from repro.report.configured import row_text
        from repro.spec.names import row_named

        deliver(row_text(loaded, row_named(loaded, row), asked), output)
        return
    view = published(loaded)
    text = render(view, asked, width=width(), color=in_color() and output is None, standalone=standalone)
    deliver(text, output)


def validate(files: Annotated[list[Path] | None, typer.Argument(help="All tables by default.", metavar="FILE")] = None,
             schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of specs instead.")] = False,
             ) -> None:  # fmt: skip
    """Check specs and print all that is wrong with them.

    One line a problem: file, line, column, where in the spec, what is wrong and the likely fix. Shared configurations
    are checked too, and so is what tasks say of columns and data. A profile with fewer seeds than its cells and claims
    need to be decided is named, and is no error.

    Example: repro validate
    """
    from repro.plan.fits import misfits
    from repro.spec.load import load, located
    from repro.spec.problems import SpecError
    from repro.spec.shared import load_shared
    from repro.spec.tables import SHARED_FILE, all_paths, own_paths, shared_paths
    from repro.verdict.seeds import shortages

    if schema:
        from repro.spec.schema import json_schema

        say_json(json_schema())
        return
    broken = 0
    paths = files or [*own_paths(), *all_paths(), *shared_paths()]
    for path in paths:
        try:
            if path.name == SHARED_FILE:
                load_shared(path)
            else:
                table = load(path)
                if found := misfits(table):
                    raise located(path, found)
                for shortage in shortages(table):
                    note(f"{table.id}: {shortage}")
        except SpecError as error:
            broken += 1
            say(str(error))
    if broken:
        raise Failure(Exit.WRONG_USE, f"{broken} of {count(len(paths), 'spec')} wrong")
    note(f"{count(len(paths), 'spec')}: nothing wrong")


def audit(tables: Annotated[list[str] | None, typer.Argument(help="All by default.", metavar="TABLE",
                                                          autocompletion=table_names)] = None,
          json: Json = False) -> None:  # fmt: skip
    """Test the papers' claims on their own printed numbers.

    Of the tables named all claims are listed, else those that fail. Nothing is run: a claim that fails here is not a
    failed reproduction.

    Example: repro audit dai2019/B.2
    """
    from repro.spec.load import load
    from repro.spec.tables import all_paths, find
    from repro.verdict.claims import audit as audit_claims

    loaded = [load(find(name)) for name in tables] if tables else [load(path) for path in all_paths()]
    found = [(table, claim) for table in loaded for claim in audit_claims(table)]
    if json:
        say_json([
            {"table": table.id, "text": claim.text, "kind": claim.kind, "in_print": claim.in_print,
             "detail": claim.in_print_detail} for table, claim in found
        ])  # fmt: skip
        return
    for table, claim in found:
        if tables or claim.in_print == "fails":
            say(f"{claim.in_print or 'no number':<9}  {table.id}: {claim.text}")
        if claim.in_print == "fails":
            say(f"{'':<11}{claim.in_print_detail}")
    counts = Counter(claim.in_print for _, claim in found)
    without = f", {counts[None]} have no number in print" if counts[None] else ""
    say(f"{count(len(found), 'claim')} of {count(len(loaded), 'table')}: {counts['holds']} hold in print, "
        f"{counts['fails']} fail in print{without}")  # fmt: skip
