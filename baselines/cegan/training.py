"""The adversarial training loop of the 2-D experiments: batches, noise, gates, schedules, checkpoints, curves.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, sections B.4, B.5.1, B.8.1
Code:  zihangdai/cegan_iclr2017, synthetic/egan_knn.py and binary_gan.py (training loops)
Every seed of a pass has its own parameters, batches, noise and gate; only the arithmetic is shared. One seed is a pass
of one, so there is a single path. The loop is not that of `baselines.training.loop`, which trains one seed, steps by
autograd and ends as diverged where one of many seeds does: here derivatives are written out for all seeds at once.
Shapes: S seeds, B batch, Z noise
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.cegan.networks import Generator, ReluNet, initialise
from repro.contracts import Context, Diverged
from repro.data.kinds.mixtures import Samples2D

CURVE_POINTS = 100


@dataclass(frozen=True)
class Architecture:
    """Sizes and initial deviations of the two networks (dai2019, section B.8.1)."""

    noise: int
    hidden: int
    discriminator_deviation: float
    generator_deviation: float


class TrainedPair:
    """The generator and the energy of one seed, as task density-2d wants them."""

    def __init__(self, generator: Generator, discriminator: ReluNet, seed_index: int, noise: int) -> None:
        self._generator, self._discriminator = generator, discriminator
        self._index, self._noise = seed_index, noise

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` generated points (count, 2) float32, with the running statistics of batch normalisation."""
        z = torch.from_numpy(random.standard_normal((count, self._noise), dtype=np.float32))
        return self._one(self._generator, z)

    def energy(self, points: np.ndarray) -> np.ndarray:
        """The energy at points (N, 2) as (N,) float64, in nats up to a constant; low where data is likely."""
        values = self._one(self._discriminator, torch.from_numpy(np.asarray(points, dtype=np.float32)))
        return values[:, 0].astype(np.float64)

    def state(self) -> dict[str, Any]:
        """The parameters of the one seed, and how many seeds were trained at once."""
        generator, discriminator = self._generator, self._discriminator
        return {
            "together": len(generator.parameters.flat),
            "generator": generator.parameters.flat[self._index].cpu().clone(),
            "running_mean": generator.running_mean[self._index].cpu().clone(),
            "running_variance": generator.running_variance[self._index].cpu().clone(),
            "discriminator": discriminator.parameters.flat[self._index].cpu().clone(),
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], noise: int, hidden: int, device: str) -> TrainedPair:
        """The pair whose `state` this is.

        It is evaluated as often at once as there were seeds in its training: the sizes of a batched product decide how
        it rounds.
        """
        seeds = int(state["together"])
        generator, discriminator = Generator((noise, hidden, 2), seeds, device), ReluNet((2, hidden, 1), seeds, device)
        generator.parameters.flat.copy_(state["generator"])
        generator.running_mean.copy_(state["running_mean"])
        generator.running_variance.copy_(state["running_variance"])
        discriminator.parameters.flat.copy_(state["discriminator"])
        return cls(generator, discriminator, 0, noise)

    def _one(self, network: Generator | ReluNet, x: Tensor) -> np.ndarray:
        seeds, device = len(network.parameters.flat), network.parameters.flat.device
        everyone = x.to(device).unsqueeze(0).expand(seeds, -1, -1)
        result: np.ndarray = network.evaluate(everyone)[self._index].cpu().numpy()
        return result


class AdversarialRun(ABC):
    """One training pass over S seeds. Subclasses say what a step does and what else a checkpoint holds."""

    def __init__(self, data: Samples2D, context: Context, epochs: int, batch: int, architecture: Architecture) -> None:
        if len(data.samples) < batch:
            raise ValueError(f"batch_size {batch} is more than the {len(data.samples)} training samples")
        self.context, self.epochs, self.batch, self.architecture = context, epochs, batch, architecture
        self.device, seeds = context.device, len(context.seeds)
        self.data = torch.from_numpy(np.array(data.samples)).to(self.device)
        self.steps_per_epoch = len(self.data) // batch
        self.discriminator = ReluNet((2, architecture.hidden, 1), seeds, self.device)
        self.generator = Generator((architecture.noise, architecture.hidden, 2), seeds, self.device)
        initialise(self.discriminator.parameters, self.normals("discriminator"), architecture.discriminator_deviation)
        initialise(self.generator.parameters, self.normals("generator"), architecture.generator_deviation)
        self.sums: dict[str, Tensor] = {}

    @abstractmethod
    def step(self, real: Tensor, noise: Tensor) -> None:
        """One update on real points (S, B, 2) and noise (S, B, Z)."""

    def begin_epoch(self, epoch: int) -> None:  # noqa: B027  (a schedule is optional)
        """Called before the first step of every epoch."""

    @abstractmethod
    def extra_state(self) -> dict[str, Any]:
        """What a checkpoint holds beside the two networks."""

    @abstractmethod
    def restore_extra(self, state: dict[str, Any]) -> None:
        """The inverse of `extra_state`."""

    def normals(self, network: str) -> list[Any]:
        """For each seed, a function from a shape to standard normals; layers are drawn in their order."""
        return [partial(_normal, self.context.generator(seed, "weights", network)) for seed in self.context.seeds]

    def watch(self, name: str, value: Tensor) -> None:
        """Adds a per-seed value (S,) or (S, 1) of this step to the epoch's mean."""
        value = value.detach().reshape(-1).to(torch.float64)
        self.sums[name] = self.sums[name] + value if name in self.sums else value.clone()

    def train(self) -> list[TrainedPair | Diverged]:
        """All epochs from the last checkpoint on; one result a seed."""
        first, broken = self._restore()
        every = max(1, self.epochs // CURVE_POINTS)
        with torch.inference_mode():
            for epoch in range(first, self.epochs):
                self.begin_epoch(epoch)
                self._epoch(epoch)
                self._find_diverged(epoch, broken)
                self._report(epoch, write=(epoch + 1) % every == 0 or epoch + 1 == self.epochs)
                self.context.save(self._state(epoch + 1, broken), force=epoch + 1 == self.epochs)
                if len(broken) == len(self.context.seeds):
                    break
        return [
            Diverged(broken[str(seed)])
            if str(seed) in broken
            else TrainedPair(self.generator, self.discriminator, index, self.architecture.noise)
            for index, seed in enumerate(self.context.seeds)
        ]

    def _epoch(self, epoch: int) -> None:
        count, noise_size = self.steps_per_epoch, self.architecture.noise
        order, noise = [], []
        for seed in self.context.seeds:
            random = self.context.generator(seed, "epoch", epoch)
            order.append(random.permutation(len(self.data))[: count * self.batch])
            noise.append(random.standard_normal((count, self.batch, noise_size), dtype=np.float32))
        real = self.data[torch.from_numpy(np.stack(order)).to(self.device)].view(len(order), count, self.batch, 2)
        latent = torch.from_numpy(np.stack(noise)).to(self.device)
        for i in range(count):
            self.step(real[:, i], latent[:, i])

    def _find_diverged(self, epoch: int, broken: dict[str, str]) -> None:
        flats = [self.generator.parameters.flat, self.discriminator.parameters.flat]
        finite = torch.stack([flat.isfinite().all(dim=1) for flat in flats]).all(dim=0).tolist()
        for seed, fine in zip(self.context.seeds, finite, strict=True):
            if not fine and str(seed) not in broken:
                broken[str(seed)] = f"parameters are not finite after epoch {epoch + 1} of {self.epochs}"

    def _report(self, epoch: int, write: bool) -> None:
        means = {name: (total / self.steps_per_epoch).tolist() for name, total in self.sums.items()}
        self.sums = {}
        for name, values in means.items():
            for seed, value in zip(self.context.seeds, values, strict=True):
                if write and np.isfinite(value):
                    self.context.curve(name, (epoch + 1) * self.steps_per_epoch, value, seed)
        self.context.progress(epoch + 1, self.epochs, **{name: values[0] for name, values in means.items()})

    def _state(self, epoch: int, broken: dict[str, str]) -> dict[str, Any]:
        return {
            "epoch": epoch,
            "broken": dict(broken),
            "discriminator": self.discriminator.parameters.flat,
            "generator": self.generator.parameters.flat,
            "running_mean": self.generator.running_mean,
            "running_variance": self.generator.running_variance,
            "extra": self.extra_state(),
        }

    def _restore(self) -> tuple[int, dict[str, str]]:
        state = self.context.restore()
        if state is None:
            return 0, {}
        self.discriminator.parameters.flat.copy_(state["discriminator"])
        self.generator.parameters.flat.copy_(state["generator"])
        self.generator.running_mean.copy_(state["running_mean"])
        self.generator.running_variance.copy_(state["running_variance"])
        self.restore_extra(state["extra"])
        return int(state["epoch"]), dict(state["broken"])


def _normal(random: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(random.standard_normal(shape, dtype=np.float32))
