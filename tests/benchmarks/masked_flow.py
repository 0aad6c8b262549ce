"""A step of MAF at the published size for MNIST: ours, the usual port, and zuko's flow of the same networks."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.flows.likelihood import MaskedAutoregressiveFlow, StackRun
from baselines.flows.maf import GaussianMade, MaskedLinear
from tests.benchmarks.clock import compare, table
from tests.benchmarks.context import Quiet

PIXELS, BATCH = 784, 100
OURS, PORT, ZUKO = "this project", "masks multiplied in, torch.optim.Adam", "zuko's MAF, without batch normalisation"
Step = Callable[[], Tensor]


def main() -> str:
    """Milliseconds of processor time a step, forward, backward and update, on one thread."""
    torch.set_num_threads(1)
    steps = {OURS: ours(), PORT: port()}
    if importlib.util.find_spec("zuko") is not None:
        steps[ZUKO] = by_zuko()
    first = [float(steps[name]().detach()) for name in (OURS, PORT)]
    np.testing.assert_allclose(first[0], first[1], rtol=1e-5)  # float32: the same weights, the same batch
    seconds = compare(steps, repeats=5, inner=2, of=min, clock=time.process_time)
    rows = {name: (time * 1e3, "ms") for name, time in seconds.items()}
    tail = "" if ZUKO in steps else "\n\nzuko is not installed (the extra `bench`)."
    return table(f"A step of MAF(5), 1,024 x 1,024, {PIXELS} pixels, batch {BATCH}", rows, PORT) + tail


def _run() -> StackRun:
    levels = np.random.default_rng(0).integers(256, size=(BATCH, PIXELS), dtype=np.uint8)
    return StackRun(MaskedAutoregressiveFlow(), levels, levels, Quiet((0,)))


def ours() -> Step:
    """The project's own."""
    run = _run()
    return lambda: run.step(0)["loss"]


class Masked(nn.Module):
    """A masked layer as it is usually written: its weights times its mask, each time."""

    mask: Tensor

    def __init__(self, layer: MaskedLinear) -> None:
        super().__init__()
        self.register_buffer("mask", layer.mask.to(layer.weight.dtype))
        self.weight, self.bias = nn.Parameter(layer.weight.detach().clone()), nn.Parameter(layer.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """The outputs (N, O)."""
        return nn.functional.linear(x, self.weight * self.mask, self.bias)


def port() -> Step:
    """The same flow with these layers, from the same weights, under torch's Adam."""
    run = _run()
    for layer in run.flow.layers:
        if isinstance(layer, GaussianMade):
            layer.hidden = nn.ModuleList(Masked(each) for each in layer.hidden)  # type: ignore[arg-type]
            layer.output = Masked(layer.output)  # type: ignore[assignment]
    return _stepped(lambda: -run.flow.log_density(run.points[run.batches[0]]).mean(), run.flow)


def by_zuko() -> Step:
    """Five of its masked autoregressive transforms, in their order and in reverse by turns."""
    import zuko

    flow: Any = zuko.flows.MAF(PIXELS, transforms=5, hidden_features=(1024, 1024))
    points = _run().points
    return _stepped(lambda: -flow().log_prob(points).mean(), flow)


def _stepped(loss: Callable[[], Tensor], network: nn.Module) -> Step:
    adam = torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-6)

    def step() -> Tensor:
        found = loss()
        adam.zero_grad()
        torch.autograd.backward(found)
        adam.step()
        return found

    return step
