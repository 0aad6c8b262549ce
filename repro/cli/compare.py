"""`compare`: a new row under the protocol of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repro.cli.options import (
    DataFolder,
    Format,
    Json,
    Output,
    Own,
    ScaleOrLargest,
    Seeds,
    TableName,
    Track,
    format_for,
    use_data,
)
from repro.commands.failure import Exit, Failure

Texts = list[str] | None


def compare(
    table: TableName,
    method: Annotated[str | None, typer.Option("--method", "-m", help="FILE.py:CLASS, or a method's name.")] = None,
    params: Annotated[Texts, typer.Option("--params", help="key=value; may be repeated.")] = None,
    like: Annotated[str | None, typer.Option("--like", help="A row whose parameters (and method) it takes.")] = None,
    predictions: Annotated[list[Path] | None, typer.Option("--predictions", help="Instead of a method: a file "
                           "in the task's form; repeated, one a seed.")] = None,
    checkpoint: Annotated[list[Path] | None, typer.Option("--checkpoint", help="Instead of training: a "
                          "file or folder with weights; repeated, one a seed.")] = None,
    label: Annotated[str | None, typer.Option("--label", help="The new row's name.")] = None,
    group: Annotated[Texts, typer.Option("--group", "-g", help="A group of rows; all by default.")] = None,
    columns: Annotated[Texts, typer.Option("--columns", "-c", help="A column; by default all in print.")] = None,
    against: Annotated[Texts, typer.Option("--against", help="A row or a pattern; by default all in print.")] = None,
    own: Own = False,
    profile: ScaleOrLargest = None,
    seeds: Seeds = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="Train the other rows too where needed.")] = False,
    deterministic: Annotated[bool, typer.Option("--deterministic", help="It draws no random numbers: one seed is "
                             "all of them.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Workers; one a core by default.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    force: Annotated[bool, typer.Option("--force", help="Make the new row's results anew.")] = False,
    track: Track = None,
    data: DataFolder = None,
    format: Format = None,  # noqa: A002
    output: Output = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Put a new row into a table, and test it against the others.

    The row is trained and measured as those of the table are: same data, splits and seeds. Nothing of the table is
    edited, and its own report does not know the row. Differences have 95 % intervals, p-values are paired by seed and
    corrected after Holm. The other rows' numbers are your own runs, imported ones, and the accepted results, marked as
    such. Only what the columns need is trained and measured; printed values and quoted rows stand beside it.

    Example: repro compare cegan/kl-2d --method gan-2d --params epochs=10 --label "GAN, 10 epochs" --profile smoke
    """
    from repro.commands.compare import Request, carry_out
    from repro.compare.render import check_format
    from repro.compare.row import NewRow, read_params

    use_data(data)
    files = [*(predictions or ()), *(checkpoint or ())]
    if predictions and (checkpoint or method or like or params):
        raise Failure(Exit.WRONG_USE, "--predictions stands for itself: no --method, --params, --like or --checkpoint")
    if files and seeds:
        raise Failure(Exit.WRONG_USE, "--seeds is for methods that are trained: files are numbered from seed 0")
    row = NewRow(
        label=label or _label(method, like, files), method=method, params=read_params(params or ()), like=like,
        groups=group or (), deterministic=deterministic, trained=not files,
    )  # fmt: skip
    asked = check_format("json" if json else format_for(format, output))
    carry_out(Request(
        table=table, row=row, predictions=tuple(predictions or ()), checkpoints=tuple(checkpoint or ()),
        columns=tuple(columns or ()), against=tuple(against or ()), whose="own" if own else "all", profile=profile,
        seeds=seeds, baselines=baselines, jobs=jobs, device=device, force=force, track=track, format=asked,
        output=output,
    ))  # fmt: skip


def _label(method: str | None, like: str | None, files: list[Path]) -> str:
    """A name for a row that was given none: the class, the row that it is like, or the first file."""
    if method:
        return method.rpartition(":")[2]
    if files:
        return files[0].stem
    return f"like {like}" if like else "new row"
