"""What a training step of each 2-D model does: energy-based GANs with and without entropy, and the binary GAN.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, sections B.3, B.4
Code:  zihangdai/cegan_iclr2017, synthetic/egan_knn.py (energy-based, gates, margin), synthetic/binary_gan.py (binary),
       cifar10/conv_cifar10_energy_gan.py (variational bound; its 2-D script is not released)
Shapes: S seeds, B batch, Z noise
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from baselines.cegan.neighbours import density_direction
from baselines.cegan.networks import Head, ReluNet, initialise
from baselines.cegan.optimisers import Adagrad, Adam
from baselines.cegan.training import AdversarialRun, Architecture
from repro.contracts import Context
from repro.data.kinds.mixtures import Samples2D

if TYPE_CHECKING:
    from baselines.cegan.methods import BinaryGan, EnergyGan

DEVIATION_FLOOR = 1e-6

Gate = Tensor | bool  # whether a network moves: for all seeds, or one flag a seed (S, 1)


class EnergyGanRun(AdversarialRun):
    """max over c, min over p_gen of E_gen[c] - E_data[c] - H(p_gen), with updates gated by the gap of the energies.

    The cost of the discriminator is mean c(real) - mean c(fake), each fake's term held above -margin. Where the
    previous step's cost (the gap) lies inside (lower_gap, upper_gap) both networks move, above it the discriminator
    alone, below it the generator alone. Both gradients of a step are taken before either network moves.
    """

    def __init__(self, settings: EnergyGan, data: Samples2D, context: Context) -> None:
        architecture = Architecture(
            settings.noise_size, settings.hidden_size, settings.discriminator_deviation, settings.generator_deviation
        )
        super().__init__(data, context, settings.epochs, settings.batch_size, architecture)
        self.settings = settings
        self.discriminator_adam = Adam(self.discriminator.parameters, settings.beta1)
        self.generator_adam = Adam(self.generator.parameters, settings.beta1)
        self.gap = torch.ones(len(context.seeds), 1, device=self.device)
        if settings.entropy == "vi":
            self.inference = self._inference_net(settings)
            initialise(self.inference.parameters, self.normals("inference"), settings.inference_deviation)
            self.inference_adam = Adam(self.inference.parameters, settings.beta1)

    def _inference_net(self, settings: EnergyGan) -> ReluNet | Head:
        outputs, seeds = 2 * settings.noise_size, len(self.context.seeds)
        if settings.shared_trunk:
            return Head((settings.hidden_size, outputs), seeds, self.device)
        return ReluNet((2, settings.hidden_size, outputs), seeds, self.device)

    def begin_epoch(self, epoch: int) -> None:
        """Sets the discriminator's learning rate of this epoch; the generator's is a multiple of it."""
        self.learning_rate = self.settings.learning_rate_at(epoch)

    def step(self, real: Tensor, noise: Tensor) -> None:
        """One gated update."""
        move_d, move_g = self._gates()
        fake = self.generator.forward(noise)
        energy = self.discriminator.forward(torch.cat([real, fake], dim=1))
        slope = self._discriminator_slope(energy)
        if move_g is False:
            self.discriminator.backward(slope)
        else:
            self.generator.backward(self._slopes(slope, fake, noise, move_d, move_g))
            mask = move_g if isinstance(move_g, Tensor) else None
            self.generator.track(mask)
            self.generator_adam.step(self.learning_rate * self.settings.generator_rate, mask)
            if self.settings.entropy == "vi":
                self.inference_adam.step(self.learning_rate * self.settings.generator_rate, mask)
        if move_d is not False:
            self.discriminator_adam.step(self.learning_rate, move_d if isinstance(move_d, Tensor) else None)

    def _slopes(self, slope: Tensor, fake: Tensor, noise: Tensor, move_d: Gate, move_g: Gate) -> Tensor:
        """d generator's cost / d samples (S, B, 2); writes the discriminator's gradients, if it moves, on the way."""
        if self.settings.entropy == "vi" and self.settings.shared_trunk:
            return self._slopes_through_shared_trunk(slope, noise, move_d, move_g)
        if move_d is False:
            to_fake = self.discriminator.input_slope(self.batch)
        else:
            to_fake = self.discriminator.two_backwards(slope, self.batch)
        return to_fake / self.batch + self._entropy_slope(fake, noise)

    def _slopes_through_shared_trunk(self, slope: Tensor, noise: Tensor, move_d: Gate, move_g: Gate) -> Tensor:
        """The same where the inference head sits on the discriminator's trunk.

        Where both networks move the trunk descends the sum of the discriminator's cost and the bound; where the
        discriminator moves alone, its cost alone.
        """
        from_head = self._variational_slope(self.discriminator.h2[:, self.batch :], noise)
        if move_d is not False:
            self.discriminator.backward(
                slope, from_head * move_g.unsqueeze(-1) if isinstance(move_g, Tensor) else from_head
            )
        return self.discriminator.input_slope(self.batch, from_head * self.batch) / self.batch

    def _gates(self) -> tuple[Gate, Gate]:
        """Whether discriminator and generator move: True or False where all seeds agree, else one flag a seed (S, 1).

        On a GPU the flags stay where they are: asking whether they agree would wait for the device at every step.
        """
        move_g = self.gap <= self.settings.upper_gap
        move_d = self.gap > self.settings.lower_gap
        self.watch("discriminator updates", move_d)
        self.watch("generator updates", move_g)
        if self.gap.is_cuda:
            return move_d, move_g
        return _collapse(move_d), _collapse(move_g)

    def _discriminator_slope(self, energy: Tensor) -> Tensor:
        """d cost / d energy (S, 2B, 1) of the discriminator's cost; sets the gap to the cost."""
        real, fake = energy[:, : self.batch], energy[:, self.batch :]
        mean_real = real.mean(dim=1, keepdim=True)
        difference = mean_real - fake
        slope = torch.empty_like(energy)
        if self.settings.margin is None:
            cost = difference.mean(dim=1)
            slope[:, : self.batch] = 1 / self.batch
            slope[:, self.batch :] = -1 / self.batch
        else:
            cost = difference.clamp(min=-self.settings.margin).mean(dim=1)
            counted = (difference > -self.settings.margin).to(energy.dtype) / self.batch
            slope[:, : self.batch] = counted.sum(dim=1, keepdim=True) / self.batch
            slope[:, self.batch :] = -counted
        self.gap = cost
        self.watch("gap", cost)
        self.watch("energy of data", mean_real)
        return slope

    def _entropy_slope(self, fake: Tensor, noise: Tensor) -> Tensor | float:
        """d (-entropy bonus) / d samples (S, B, 2): the second training signal of the generator."""
        if self.settings.entropy == "nn":
            direction = density_direction(fake, self.settings.neighbours, self.settings.neighbour_form)
            return self.settings.entropy_weight * direction
        if self.settings.entropy == "vi":
            return self._variational_slope(fake, noise)
        return 0.0

    def _variational_slope(self, inputs: Tensor, noise: Tensor) -> Tensor:
        """Slope of the bound (B.16), weight * mean of -log q(z | x), by the inference net's input; writes its gradient.

        -log q = sum of coefficient * log sigma + ((z - mu) / (sigma + 1e-6))^2 / 2, constants dropped.
        """
        output = self.inference.forward(inputs)
        mean, log_deviation = output.chunk(2, dim=-1)
        deviation = log_deviation.exp()
        error = (noise - mean) / (deviation + DEVIATION_FLOOR)
        weight = self.settings.entropy_weight / self.batch
        to_mean = -error / (deviation + DEVIATION_FLOOR)
        to_log = self.settings.log_sigma_coefficient - error * error * (deviation / (deviation + DEVIATION_FLOOR))
        nll = (self.settings.log_sigma_coefficient * log_deviation + 0.5 * error * error).sum(dim=-1).mean(dim=-1)
        self.watch("-log q(z|x)", nll)
        return self.inference.backward(weight * torch.cat([to_mean, to_log], dim=-1))

    def extra_state(self) -> dict[str, Any]:
        """Optimisers, the gap, and the inference net where there is one."""
        state = {
            "gap": self.gap,
            "discriminator_adam": self.discriminator_adam.state(),
            "generator_adam": self.generator_adam.state(),
        }
        if self.settings.entropy == "vi":
            state |= {"inference": self.inference.parameters.flat, "inference_adam": self.inference_adam.state()}
        return state

    def restore_extra(self, state: dict[str, Any]) -> None:
        """The inverse of `extra_state`."""
        self.gap = state["gap"].to(self.device)
        self.discriminator_adam.restore(state["discriminator_adam"])
        self.generator_adam.restore(state["generator_adam"])
        if self.settings.entropy == "vi":
            self.inference.parameters.flat.copy_(state["inference"])
            self.inference_adam.restore(state["inference_adam"])


def _collapse(flags: Tensor) -> Gate:
    values = flags.flatten().tolist()
    return flags if any(values) and not all(values) else bool(values[0])


class BinaryGanRun(AdversarialRun):
    """The original GAN with logit -c(x): both networks move at every step, by gradients taken before either moves.

    Discriminator: -mean log D(real) - mean log(1 - D(fake)); generator (non-saturating): -mean log D(fake).
    """

    def __init__(self, settings: BinaryGan, data: Samples2D, context: Context) -> None:
        architecture = Architecture(
            settings.noise_size, settings.hidden_size, settings.discriminator_deviation, settings.generator_deviation
        )
        super().__init__(data, context, settings.epochs, settings.batch_size, architecture)
        self.settings = settings
        self.discriminator_adagrad = Adagrad(self.discriminator.parameters)
        self.generator_adagrad = Adagrad(self.generator.parameters)

    def step(self, real: Tensor, noise: Tensor) -> None:
        """One update of both networks."""
        fake = self.generator.forward(noise)
        energy = self.discriminator.forward(torch.cat([real, fake], dim=1))
        # -log D = softplus(c) and -log(1 - D) = softplus(-c), so the slopes are sigmoid(c) and -sigmoid(-c)
        believed_fake = energy.sigmoid()
        slope = believed_fake / self.batch
        slope[:, self.batch :] -= 1 / self.batch
        to_fake = self.discriminator.two_backwards(slope, self.batch)
        self.generator.backward(to_fake * (believed_fake[:, self.batch :] / self.batch))
        self.generator.track()
        self.discriminator_adagrad.step(self.settings.learning_rate)
        self.generator_adagrad.step(self.settings.learning_rate)
        self.watch("D(data)", 1 - believed_fake[:, : self.batch].mean(dim=1))
        self.watch("D(generated)", 1 - believed_fake[:, self.batch :].mean(dim=1))

    def extra_state(self) -> dict[str, Any]:
        """The optimisers."""
        return {"discriminator": self.discriminator_adagrad.state(), "generator": self.generator_adagrad.state()}

    def restore_extra(self, state: dict[str, Any]) -> None:
        """The inverse of `extra_state`."""
        self.discriminator_adagrad.restore(state["discriminator"])
        self.generator_adagrad.restore(state["generator"])
