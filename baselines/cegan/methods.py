"""The models of table B.2: GAN, EGAN-Const, EGAN-Ent-VI, EGAN-Ent-NN on 2-D data, and the data themselves.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017), arXiv:1702.01691
       dai2019, appendix B
Code:  zihangdai/cegan_iclr2017, synthetic/egan_knn.py, egan_knn_state.py, binary_gan.py; read at d37c738
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from baselines.cegan.objectives import BinaryGanRun, EnergyGanRun
from baselines.cegan.training import TrainedPair
from repro.contracts import Context, Diverged
from repro.data.kinds.mixtures import Mixture, Samples2D


@dataclass(frozen=True)
class EnergyGan:
    """Energy-based GAN whose generator is given an entropy bonus: none, variational, or from nearest neighbours.

    Where text and code differ, the default and its reason:
    - neighbour_form: `variance` (code). The text's unit norm leaves the scale alpha unstated; the code's scales belong
      to the variance form. `unit` is the text's.
    - entropy_weight for `nn` multiplies the SUM over the batch of <direction, x>, as in the code, while the energy
      term is a mean: the effective weight is batch_size * entropy_weight. For `vi` it multiplies a mean.
    - log_sigma_coefficient: 1 (text): -log q of a Gaussian whose standard deviation is sigma, (B.26). The code's 0.5
      fits a variance twice the residual's.
    - shared_trunk: true (code). The 2-D VI script is not released, but synthetic/network.py builds the inference net
      as a head on the discriminator's two hidden layers, and egan_knn.py still holds the updates of such a shared
      encoder. False is the text (B.8.1) and the released CIFAR-10 code: a network of its own. Either moves with the
      generator, at the generator's rate.
    - optimisers: one of the discriminator (text). The code has two for its hidden layers: `egan-two-adams`.

    Attributes:
        entropy: the bonus: `const` none, `vi` the variational bound of section B.4.2, `nn` the neighbours of B.4.1.
        epochs: passes over the training samples.
        constant_epochs: epochs after the first one before the learning rate begins to fall.
        entropy_weight: scale of the bonus, see above.
        neighbours: k of `nn`.
        neighbour_form: see above.
        log_sigma_coefficient: see above.
        shared_trunk: see above.
        lower_gap: the discriminator rests where the gap of the step before is not above this.
        upper_gap: the generator rests where the gap of the step before is above this.
        margin: a fake's energy counts up to the mean energy of the data plus this; None counts all.
        learning_rate: Adam's rate of the discriminator.
        learning_rate_decay: factor per epoch.
        learning_rate_floor: the rate falls no further once it is not above this.
        generator_rate: the generator's rate as a multiple of the discriminator's.
        beta1: Adam's first decay.
        batch_size: points and noise vectors a step.
        noise_size: dimensions of z ~ N(0, I).
        hidden_size: units of every hidden layer.
        discriminator_deviation: standard deviation of the discriminator's initial weights.
        generator_deviation: the same of the generator's.
        inference_deviation: the same of the inference net's (not stated anywhere; as the 2-D discriminator's 0.1).
    """

    entropy: Literal["const", "vi", "nn"]
    epochs: int
    constant_epochs: int
    entropy_weight: float = 0.0
    neighbours: int = 20
    neighbour_form: Literal["variance", "unit"] = "variance"
    log_sigma_coefficient: float = 1.0
    shared_trunk: bool = True
    lower_gap: float = -10.0
    upper_gap: float = 0.1
    margin: float | None = None
    learning_rate: float = 2e-4
    learning_rate_decay: float = 0.985
    learning_rate_floor: float = 1e-5
    generator_rate: float = 10.0
    beta1: float = 0.0
    batch_size: int = 500
    noise_size: int = 4
    hidden_size: int = 128
    discriminator_deviation: float = 0.01
    generator_deviation: float = 0.001
    inference_deviation: float = 0.1

    def learning_rate_at(self, epoch: int) -> float:
        """The discriminator's rate in an epoch counted from 0: it falls before every epoch > constant_epochs."""
        rate = self.learning_rate
        for _ in range(self.constant_epochs + 1, epoch + 1):
            if rate > self.learning_rate_floor:
                rate *= self.learning_rate_decay
        return rate

    def fit(self, data: Samples2D, context: Context) -> TrainedPair:
        """Trains one seed. Raises Diverged."""
        return _only(self.fit_many(data, context))

    def fit_many(self, data: Samples2D, context: Context) -> list[TrainedPair | Diverged]:
        """Trains all seeds of the context in one pass."""
        return EnergyGanRun(self, data, context).train()

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedPair:
        """The trained model whose `state()` this is."""
        return TrainedPair.restored(state, self.noise_size, self.hidden_size, context.device)


@dataclass(frozen=True)
class BinaryGan:
    """The original GAN on the same networks, logit = -energy (code: synthetic/binary_gan.py).

    Attributes:
        epochs: passes over the training samples.
        learning_rate: Adagrad's rate of both networks.
        batch_size: points and noise vectors a step.
        noise_size: dimensions of z ~ N(0, I).
        hidden_size: units of every hidden layer.
        discriminator_deviation: standard deviation of the discriminator's initial weights.
        generator_deviation: the same of the generator's.
    """

    epochs: int = 500
    learning_rate: float = 1e-3
    batch_size: int = 500
    noise_size: int = 4
    hidden_size: int = 128
    discriminator_deviation: float = 0.01
    generator_deviation: float = 0.125

    def fit(self, data: Samples2D, context: Context) -> TrainedPair:
        """Trains one seed. Raises Diverged."""
        return _only(self.fit_many(data, context))

    def fit_many(self, data: Samples2D, context: Context) -> list[TrainedPair | Diverged]:
        """Trains all seeds of the context in one pass."""
        return BinaryGanRun(self, data, context).train()

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedPair:
        """The trained model whose `state()` this is."""
        return TrainedPair.restored(state, self.noise_size, self.hidden_size, context.device)


def _only(results: list[TrainedPair | Diverged]) -> TrainedPair:
    (result,) = results
    if isinstance(result, Diverged):
        raise result
    return result


@dataclass(frozen=True)
class DataDistribution:
    """No model: the training samples as the generated ones, the true energy as the learned one.

    Its row holds what the headings of table B.2 state, and figure B.1 is drawn from it.
    """

    def fit(self, data: Samples2D, context: Context) -> TrueDistribution:  # noqa: ARG002  (nothing is trained)
        """Nothing to train."""
        return TrueDistribution(data.samples, data.truth)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrueDistribution:  # noqa: ARG002
        """The model whose `state()` this is."""
        return TrueDistribution(state["samples"], Mixture(state["weights"], state["means"], state["variances"]))


@dataclass(frozen=True)
class TrueDistribution:
    """What a perfect generator and a perfect discriminator would be: the samples (N, 2), and their true density."""

    samples: np.ndarray
    truth: Mixture

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002  (the samples are fixed)
        """The first `count` training samples (count, 2)."""
        return self.samples[:count]

    def energy(self, points: np.ndarray) -> np.ndarray:
        """-log p_data at points (N, 2): (N,), in nats."""
        return -self.truth.log_density(points)

    def state(self) -> dict[str, Any]:
        """The samples, and the parameters of the density."""
        of_density = {"weights": self.truth.weights, "means": self.truth.means, "variances": self.truth.variances}
        return {"samples": self.samples, **of_density}
