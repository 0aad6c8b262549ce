"""Trainings of machines on images: which visible states an update sees, and the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.boltzmann.draws import Draws
from baselines.boltzmann.learning import Step
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.paces import PaceOf
from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.parts import Part
from baselines.training.watch import finite
from repro.contracts import Context
from repro.data.kinds.images import Images

Visible = Callable[[Tensor, Draws], Tensor]
"""The visible states (B, D) of images by their indices (B,)."""


class Pixels:
    """The first so many training images, flat; 0: all. Pixels are probabilities of ones.

    Attributes:
        means: of each pixel over these images (D,).
    """

    def __init__(self, data: Images, count: int, device: str) -> None:
        images = data.splits["train"].images
        if count > len(images):
            raise ValueError(f"{data.name} has {len(images)} training images, fewer than images: {count}")
        chosen = np.array(images[: count or None]).reshape(min(count or len(images), len(images)), -1)
        self.pool = torch.from_numpy(chosen).to(device)
        self.means = torch.from_numpy(chosen.mean(axis=0) / 255).to(self.pool.device, torch.get_default_dtype())

    def __len__(self) -> int:
        return len(self.pool)

    def __call__(self, indices: Tensor, draws: Draws) -> Tensor:
        """Zeros and ones, drawn anew at every visit."""
        pixels = self.pool[indices].to(torch.get_default_dtype()) / 255
        return draws.bernoulli(pixels, out=pixels)


def above(pixels: Visible, machines: Sequence[Machine]) -> Visible:
    """What the hidden layer of the last of some machines is drawn as, each layer from the one below it."""

    def visible(indices: Tensor, draws: Draws) -> Tensor:
        states = pixels(indices, draws)
        for machine in machines:
            means = torch.sigmoid(machine.total_input(1, [states, states]))
            states = draws.bernoulli(means, out=means)
        return states

    return visible


@dataclass
class MachineTraining:
    """A training, or a stage of one, of so many epochs."""

    step: Step
    visible: Visible
    batches: Batches
    pace: PaceOf
    epochs: int

    def loop(self, context: Context, name: str = "") -> Loop:
        """Its loop: machine, learner and chains are what a checkpoint holds, the machine what is left at the end."""
        parts: dict[str, Part] = {
            "machine": self.step.learner.machine,
            "learner": self.step.learner,
            "chains": self.step.chains,
        }
        return Loop(context, parts, self.update, self.epochs * self.batches.per_epoch, kept=("machine",), name=name)

    def update(self, number: int) -> dict[str, Tensor]:
        """One update, whose draws are those of torch's generator as it is seeded for the step."""
        draws = Draws.of_torch()
        return self.step.make(self.visible(self.batches[number], draws), self.pace(number), draws)


def settled(machine: Machine, steps: int) -> Machine:
    """The machine itself. Raises Diverged where a parameter is not finite."""
    norms = torch.stack([parameter.norm() for parameter in machine.parameters()])
    finite("the norm of the parameters", float(norms.norm()), steps)
    return machine
