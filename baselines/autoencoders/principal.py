"""Principal component analysis: the linear code of K numbers that leaves the least squared error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from repro.contracts import Context
from repro.data.kinds.vectors import Vectors, principal_components

EXAMPLES = 4_096  # reconstructed at a time, in float64


@dataclass(frozen=True)
class PrincipalComponents:
    """The eigenvectors of the covariance with the largest eigenvalues.

    Attributes:
        components: of the code.
    """

    components: int = 30

    def fit(self, data: Vectors, context: Context) -> Projection:  # noqa: ARG002
        """The projection onto the first components. Raises ValueError for more of them than an example has numbers."""
        return Projection(data.mean, principal_components(data, self.components))

    def restore(self, state: Mapping[str, Any], context: Context) -> Projection:  # noqa: ARG002
        """What `fit` gave, from its `state()`."""
        return Projection(np.asarray(state["mean"]), np.asarray(state["components"]))


@dataclass(frozen=True)
class Projection:
    """The orthogonal projection onto orthonormal `components` (D, K) through `mean` (D,)."""

    mean: np.ndarray
    components: np.ndarray

    def state(self) -> dict[str, np.ndarray]:
        """All that the model is."""
        return {"mean": self.mean, "components": self.components}

    def encode(self, examples: np.ndarray) -> np.ndarray:
        """The coordinates (N, K) of examples (N, D)."""
        codes: np.ndarray = (examples - self.mean) @ self.components
        return codes

    def reconstruct(self, examples: np.ndarray) -> np.ndarray:
        """The nearest points (N, D) on the subspace, in the precision of the examples."""
        nearest = np.empty_like(examples)
        for start in range(0, len(examples), EXAMPLES):
            block = slice(start, start + EXAMPLES)
            nearest[block] = self.encode(examples[block]) @ self.components.T + self.mean
        return nearest
