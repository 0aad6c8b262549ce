"""`describe`: what a task asks of a model, and the files that stand for one."""

from __future__ import annotations

from typing import Annotated

import typer

from repro.cli.options import Output
from repro.commands.output import deliver, say_table


def describe(
    task: Annotated[str | None, typer.Argument(help="A task; without one all are listed.", metavar="TASK")] = None,
    output: Output = None,
) -> None:  # fmt: skip
    """Say what a model must offer for a task.

    Its protocol with the parameters that a spec sets, the interface of a trained model, the metrics of its columns, and
    the forms of predictions and checkpoints that `repro compare` takes. All of it is read from the code.

    Example: repro describe language-modeling
    """
    from repro.commands.describe import described, one_line_each

    if task is None:
        say_table(["task", "it asks"], [list(each) for each in one_line_each()])
        return
    deliver(described(task) + "\n", output)
