"""What the loop costs a step, beside the same steps in a bare loop of torch. The mark is 50 microseconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from baselines.training.loop import Loop
from repro.worker.checkpoints import Checkpoints
from repro.worker.context import RunContext
from tests.benchmarks.clock import compare, table

STEPS = 100  # a round is over in some hundredths of a second: the fastest of many is one that nothing disturbed
Step = Callable[[int], dict[str, Tensor]]


def main() -> str:
    """Microseconds a step on one thread: the step alone, and under the loop and under its obvious form beside it.

    All make the same steps and watch two numbers, report progress and offer a checkpoint, which is never due.
    """
    torch.set_num_threads(1)
    ways = {"a bare loop": bare, "this project": ours, "seeds, sums and states as they come": obvious}
    seconds = compare(
        {name: way(*training()) for name, way in ways.items()}, repeats=100, of=min, clock=time.process_time
    )
    rows = {name: (time / STEPS * 1e6, "us") for name, time in seconds.items()}
    least = rows["a bare loop"][0]
    own = {name: (figure - least, unit) for name, (figure, unit) in rows.items() if name != "a bare loop"}
    own = {"the mark": (50.0, "us"), **own}
    return table("A step", rows, "a bare loop") + "\n\n" + table("Of it the loop's own", own, "the mark")


class Unwritten(Checkpoints):
    """Checkpoints that cost nothing when they are due: only what is paid at every step is measured."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull))

    def write(self, state: Mapping[str, Any]) -> None:
        """Nothing."""

    def read(self, is_ours: Callable[[dict[str, Any]], bool] = bool) -> None:
        """Nothing."""


def context() -> RunContext:
    """The harness's own, with a pipe for its progress."""
    handle = os.open(os.devnull, os.O_WRONLY)
    return RunContext((0,), "cpu", Unwritten(), interval_seconds=1e9, progress_handle=handle)


def training() -> tuple[nn.Module, torch.optim.Optimizer, Step]:
    """A small network, its optimiser, and a step that watches a loss and the norm of the outputs."""
    network = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Dropout(0.1), nn.Linear(16, 1))
    optimiser = torch.optim.SGD(network.parameters(), lr=1e-3)
    x = torch.randn(8, 16)

    def step(number: int) -> dict[str, Tensor]:
        y = network(x)
        loss = y.square().mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        return {"loss": loss, "norm": y.norm()}

    return network, optimiser, step


def bare(network: nn.Module, optimiser: torch.optim.Optimizer, step: Step) -> Callable[[], None]:
    """The steps, and nothing else."""

    def work() -> None:
        for number in range(STEPS):
            step(number)

    return work


def ours(network: nn.Module, optimiser: torch.optim.Optimizer, step: Step) -> Callable[[], None]:
    """The loop of the project."""

    def work() -> None:
        Loop(context(), {"network": network, "optimiser": optimiser}, step, STEPS).run()

    return work


def obvious(network: nn.Module, optimiser: torch.optim.Optimizer, step: Step) -> Callable[[], None]:
    """The same promises kept in the first way that comes to mind, which forks the generator and builds the state."""

    def work() -> None:
        harness, sums = context(), {"loss": 0.0, "norm": 0.0}
        for number in range(STEPS):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(int(harness.generator(0, "step", number).integers(2**62)))
                watched = {name: float(value.detach()) for name, value in step(number).items()}
            sums = {name: sums[name] + value for name, value in watched.items()}
            harness.progress(number + 1, STEPS, **watched)
            parts = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            harness.save({"done": number + 1, "sums": sums, "parts": parts})

    return work
