"""The method of the tutorial: a mixture of Gaussians by EM, a generator with a density."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture

from repro.contracts import Context, single
from repro.data.kinds.mixtures import Samples2D

LEARNED = ("weights_", "means_", "covariances_", "precisions_cholesky_")


@dataclass(frozen=True)
class Mixture:
    """Gaussian mixture.

    Attributes:
        components: Gaussians.
        points: training samples used; None: all.
    """

    components: int = 8
    points: int | None = None

    def fit(self, data: Samples2D, context: Context) -> FittedMixture:
        """Expectation maximisation from means drawn by k-means++."""
        seed = int(context.generator(single(context.seeds), "start").integers(2**31))
        model = GaussianMixture(self.components, init_params="k-means++", max_iter=200, random_state=seed)
        return FittedMixture(model.fit(data.samples[: self.points].astype(np.float64)))

    def restore(self, state: Mapping[str, Any], context: Context) -> FittedMixture:
        """The mixture from what its `state` gave."""
        model = GaussianMixture(self.components)
        for name in LEARNED:
            setattr(model, name, state[name])
        return FittedMixture(model)


class FittedMixture:
    """What task density-2d asks of a model: samples and an energy."""

    def __init__(self, model: GaussianMixture) -> None:
        self.model = model

    def state(self) -> dict[str, np.ndarray]:
        """The learned arrays."""
        return {name: getattr(self.model, name) for name in LEARNED}

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` points (count, 2) from the mixture."""
        weights, means = np.asarray(self.model.weights_, float), np.asarray(self.model.means_, float)
        roots = np.linalg.cholesky(np.asarray(self.model.covariances_, float))
        chosen = random.choice(len(weights), size=count, p=weights)
        points: np.ndarray = means[chosen] + (roots[chosen] @ random.standard_normal((count, 2, 1)))[..., 0]
        return points

    def energy(self, points: np.ndarray) -> np.ndarray:
        """-log p at points (N, 2): (N,), in nats."""
        energy: np.ndarray = -self.model.score_samples(points)
        return energy
