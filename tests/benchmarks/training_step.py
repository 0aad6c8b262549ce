"""One training step of each model: the derivatives written out against the same step by autograd and torch.optim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from baselines.cegan.methods import BinaryGan, EnergyGan
from baselines.cegan.neighbours import from_distance_matrix
from baselines.cegan.objectives import BinaryGanRun, EnergyGanRun
from repro.data.kinds.mixtures import Samples2D, four_gaussians
from tests.benchmarks.clock import compare, table
from tests.benchmarks.context import Quiet

BATCH = 500


def main() -> str:
    """Milliseconds a step on one thread, both networks moving, batch 500, one seed."""
    torch.set_num_threads(1)
    data = four_gaussians()
    return "\n\n".join(_one(name, data) for name in ("gan", "const", "vi", "nn"))


def _one(name: str, data: Samples2D) -> str:
    seconds = compare({"autograd and torch.optim": obvious(name, data), "this project": ours(name, data)}, inner=40)
    rows = {way: (time * 1e3, "ms") for way, time in seconds.items()}
    return table(f"A step of {name}", rows, "autograd and torch.optim")


def ours(name: str, data: Samples2D) -> Callable[[], None]:
    """A step of the project's own run."""
    context = Quiet((0,))
    run: Any
    if name == "gan":
        run = BinaryGanRun(BinaryGan(), data, context)
    else:
        method = EnergyGan(entropy=name, epochs=1, constant_epochs=0, entropy_weight=1e-3, shared_trunk=False)  # type: ignore[arg-type]
        run = EnergyGanRun(method, data, context)
        run.begin_epoch(0)
    real, noise = run.data[:BATCH].unsqueeze(0), torch.randn(1, BATCH, 4)

    def step() -> None:
        with torch.inference_mode():
            if name != "gan":
                run.gap.fill_(0.0)  # both networks move
            run.step(real, noise)

    return step


def obvious(name: str, data: Samples2D) -> Callable[[], None]:
    """The same step as a PyTorch user writes it: modules, two backward passes, library optimisers."""
    generator = nn.Sequential(
        nn.Linear(4, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 2),
    )  # fmt: skip
    discriminator, inference = _relu_net(1), _relu_net(8)
    optimise: Any = torch.optim.Adagrad if name == "gan" else torch.optim.Adam
    of_generator = optimise([*generator.parameters(), *(inference.parameters() if name == "vi" else ())], lr=1e-3)
    of_discriminator = optimise(discriminator.parameters(), lr=1e-3)
    real, noise = torch.from_numpy(data.samples[:BATCH].copy()), torch.randn(BATCH, 4)

    def step() -> None:
        fake = generator(noise)
        energy_real, energy_fake = discriminator(real), discriminator(fake)
        if name == "gan":
            cost = nn.functional.softplus(energy_real).mean() + nn.functional.softplus(-energy_fake).mean()
            bonus = nn.functional.softplus(energy_fake).mean()
        else:
            cost = energy_real.mean() - energy_fake.mean()
            bonus = energy_fake.mean() + _entropy(name, fake, noise, inference)
        of_discriminator.zero_grad()
        torch.autograd.backward(cost, retain_graph=True, inputs=list(discriminator.parameters()))
        of_generator.zero_grad()
        torch.autograd.backward(bonus, inputs=[p for group in of_generator.param_groups for p in group["params"]])
        of_discriminator.step()
        of_generator.step()

    return step


def _entropy(name: str, fake: Tensor, noise: Tensor, inference: nn.Module) -> Tensor | float:
    if name == "nn":
        mean, variance = from_distance_matrix(fake.detach().unsqueeze(0), 20)
        bonus: Tensor = ((mean[0] - fake.detach()) / variance[0] * fake).sum()
        return 1e-3 * bonus
    if name == "vi":
        centre, log_deviation = inference(fake).chunk(2, dim=-1)
        error = (noise - centre) / (log_deviation.exp() + 1e-6)
        bound: Tensor = (log_deviation + 0.5 * error**2).sum(-1).mean()
        return 1e-3 * bound
    return 0.0


def _relu_net(outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, outputs)
    )  # fmt: skip
