"""Task representation: what a code of a few numbers keeps of an example, and which directions it spans.

Paper: Hinton and Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks; salakhutdinov, lines
       61 to 117
Code:  the authors' MATLAB, backprop.m, whose test error is the squared error of an image; it measures no angle
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Arrays, Evaluation, Measurement
from repro.data.kinds.images import Images
from repro.data.kinds.vectors import Pixels, Vectors, as_vectors, principal_components
from repro.metrics.representation.angles import principal_angle
from repro.metrics.representation.reconstruction import reconstruction_error
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect

ERROR, ANGLE = "reconstruction-error", "principal-angle"
SPLITS = ("train", "valid", "test")
SCALES = {"over-255": "pixels over 255", "standardised": "pixels of mean 0, average variance 1 over the whole set"}
SUBSET_SEED = 0  # the same training examples in all runs


class Autoencoder(Protocol):
    """What this task asks of a trained model: `encode` for the angle, `reconstruct` for the error."""

    def encode(self, examples: np.ndarray) -> np.ndarray:
        """The codes (N, K) of examples (N, D) float32."""

    def reconstruct(self, examples: np.ndarray) -> np.ndarray:
        """What is left of examples (N, D) float32 after code and back: (N, D), in their unit."""


@dataclass(frozen=True)
class Representation:
    """Squared error of reconstructions on a split, and the angle of the code to principal components.

    Attributes:
        pixels: an example is an image's pixels `over-255`; or `standardised`: shifted so that each has mean 0 over all
            splits together, and divided by one number that makes their average variance 1.
        training: so many of the training examples are trained on, drawn without replacement, the same in all runs; 0:
            all of them. Principal components are those of the examples that were trained on.
        shown: examples, evenly spaced over the first column's split, that figures show.
    """

    VIEW: ClassVar[tuple[str, ...]] = ("pixels", "training")
    OTHERS: ClassVar[tuple[str, ...]] = ()

    pixels: Pixels = "over-255"
    training: int = 0
    shown: int = 10

    def __post_init__(self) -> None:
        if self.pixels not in SCALES:
            raise ValueError(f"pixels must be {' or '.join(SCALES)}, it is {self.pixels!r}")
        for name in ("training", "shown"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be 0 or more, it is {getattr(self, name)}")

    def reads(self, column: Column) -> frozenset[str]:
        """What an example is and how many were trained on: of others it is another model's number."""
        expect(column, "representation", {ERROR: (), ANGLE: ()}, SPLITS if column.metric == ERROR else ())
        return frozenset(self.VIEW)

    def signature(self, column: Column) -> str:
        """The split, or what the angle is to; the unit of an example; what was trained on."""
        self.reads(column)
        seen = f"{self.training} examples drawn by seed {SUBSET_SEED}" if self.training else "all"
        of = {"split": column.split} if column.metric == ERROR else {"to": "as many first principal components"}
        return signature(column.metric, "repro/1", **of, pixels=SCALES[self.pixels], trained=seen)

    def view(self, data: Images, seed: int) -> Vectors:
        """The training examples. Raises ValueError where there are not as many as `training` says."""
        del seed  # all runs see the same
        train = data.splits["train"]
        if self.training > len(train):
            raise ValueError(f"training is {self.training}, and {data.name} has {len(train)} training images")
        if self.training:
            order = np.random.RandomState(SUBSET_SEED).permutation(len(train))
            train = train.take(np.sort(order[: self.training]))
        return as_vectors(train, data, self.pixels)

    def measure(
        self, model: Autoencoder, data: Images, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's error or angle, and some examples beside their reconstructions."""
        del generator  # nothing is drawn
        said = {name: self.signature(column) for name, column in columns.items()}
        values: dict[tuple[str, str | None], float] = {}
        artifacts: Arrays = {}
        for column in columns.values():
            key = column.metric, column.split
            if column.metric == ANGLE and key not in values:
                values[key] = _angle(model, self.view(data, 0))
            elif key not in values:
                values[key], shown = self._error(model, data, str(column.split))
                artifacts = artifacts or shown
        return Evaluation(
            {n: Measurement(value=values[c.metric, c.split], signature=said[n]) for n, c in columns.items()}, artifacts
        )

    def _error(self, model: Autoencoder, data: Images, split: str) -> tuple[float, Arrays]:
        """The error on a split, and `originals` and `reconstructions` (shown, H, W, C) float32 of some of it."""
        if split not in data.splits:
            raise ValueError(f"{data.name} has no split {split} (it has {', '.join(data.splits)})")
        vectors = as_vectors(data.splits[split], data, self.pixels)
        examples = vectors.rows()
        made = np.asarray(model.reconstruct(examples))
        places = np.linspace(0, len(vectors) - 1, self.shown).astype(int)
        shape = (self.shown, *vectors.images.shape[1:])
        pictures = {"originals": examples[places], "reconstructions": made[places]}
        shown = {name: rows.reshape(shape).astype(np.float32) for name, rows in pictures.items()}
        return reconstruction_error(made, examples).value, shown


def _angle(model: Autoencoder, trained_on: Vectors) -> float:
    """The largest angle between what codes span, on the training examples, and as many first principal components."""
    codes = [np.asarray(model.encode(block)) for block in trained_on.blocks()]
    components = principal_components(trained_on, codes[0].shape[1])
    reference = [(block - trained_on.mean) @ components for block in trained_on.blocks()]
    return principal_angle(np.concatenate(codes), np.concatenate(reference)).value
