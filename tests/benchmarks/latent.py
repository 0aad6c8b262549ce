"""A step of an importance weighted autoencoder: derivatives written out, against the same step by autograd."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Normal

from baselines.latent.methods import IWAE
from baselines.latent.training import AutoencoderRun
from repro.data.kinds.images import Images, Split
from tests.benchmarks.clock import compare, table
from tests.benchmarks.context import Quiet

BATCH, PIXELS, LATENTS, HIDDEN = 20, 784, 50, 200


def main() -> str:
    """Milliseconds of this process a step on one thread: batches of 20 images of 784 pixels, the published sizes."""
    torch.set_num_threads(1)
    return "\n\n".join(_one(k) for k in (1, 5, 50))


def _one(k: int) -> str:
    images = np.random.default_rng(0).integers(0, 256, (1_000, 28, 28, 1), dtype=np.uint8)
    works = {"autograd": obvious(k, images), "this project": ours(k, images)}
    seconds = compare(works, inner=100 if k < 50 else 5, clock=time.process_time)
    return table(f"A step at k = {k}", {way: (taken * 1e3, "ms") for way, taken in seconds.items()}, "autograd")


def ours(k: int, images: np.ndarray) -> Callable[[], None]:
    """A step of the project's own run."""
    run = AutoencoderRun(IWAE(samples=k, held_out=0), Images("noise", {"train": Split(images)}), Quiet((0,)))

    def step() -> None:
        run.step(0)

    return step


def obvious(k: int, images: np.ndarray) -> Callable[[], None]:
    """The same step as a PyTorch user writes it: modules, distributions, autograd, the optimiser over lists."""
    body = nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh())
    mean_of, log_deviation_of = nn.Linear(HIDDEN, LATENTS), nn.Linear(HIDDEN, LATENTS)
    decoder = nn.Sequential(
        nn.Linear(LATENTS, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, PIXELS)
    )
    parameters = [p for net in (body, mean_of, log_deviation_of, decoder) for p in net.parameters()]
    adam = _Adam(parameters)
    pixels = torch.from_numpy(images.reshape(len(images), -1)[:BATCH])
    prior = Normal(torch.zeros(LATENTS), torch.ones(LATENTS), validate_args=False)

    def step() -> None:
        x = torch.bernoulli(pixels.float() / 255)
        h = body(x)
        q = Normal(mean_of(h), log_deviation_of(h).exp(), validate_args=False)
        z = q.rsample((k,))
        of_x = Bernoulli(logits=decoder(z), validate_args=False)
        likelihood = of_x.log_prob(x).sum(-1)  # type: ignore[no-untyped-call]
        log_weights = likelihood + (prior.log_prob(z) - q.log_prob(z)).sum(-1)  # type: ignore[no-untyped-call]
        bound = torch.logsumexp(log_weights, dim=0) - math.log(k)
        for parameter in parameters:
            parameter.grad = None
        torch.autograd.backward(bound.sum())
        adam.step(1e-4)

    return step


class _Adam:
    """The published optimiser by torch's operations on lists of tensors."""

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        self.parameters, self.steps = [*parameters], 0
        self.first = [torch.zeros_like(p) for p in parameters]
        self.second = [torch.ones_like(p) for p in parameters]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        self.steps += 1
        rate *= math.sqrt(1 - 0.999**self.steps) / (1 - 0.99**self.steps)
        gradients: list[Tensor] = [p.grad for p in self.parameters if p.grad is not None]
        roots = torch._foreach_sqrt(self.second)
        torch._foreach_add_(roots, 1e-4)
        torch._foreach_addcdiv_(self.parameters, self.first, roots, rate)
        torch._foreach_lerp_(self.first, gradients, 0.01)
        torch._foreach_mul_(self.second, 0.999)
        torch._foreach_addcmul_(self.second, gradients, gradients, 0.001)
