"""Task image-generation: how good images are that a trained generator draws, as a classifier sees them.

Paper: Energy-based Generative Adversarial Networks (Zhao et al., 2016), arXiv:1609.03126; zhao2019, section 3.5.1
Code:  none released

The classifier is a trained model beside the row's own, of role `classifier`: the record says which. All rows of a table
that name the same one are scored by the same weights, seed by seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.images import Images
from repro.metrics.images.inception import ebgan_score, probabilities_of
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect

CLASSIFIER = "classifier"
SCORE = "ebgan-score"


class ImageGenerator(Protocol):
    """What this task asks of a trained model."""

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` images (count, H, W, C) uint8, shaped as those of the data set."""


class ImageClassifier(Protocol):
    """What it asks of the one beside it."""

    def logits(self, images: np.ndarray) -> np.ndarray:
        """The logits (N, K) of images (N, H, W, C) uint8."""


NOBODY: Mapping[str, ImageClassifier] = MappingProxyType({})


@dataclass(frozen=True)
class ImageGeneration:
    """The score I' of samples. The paper names neither their number nor a floor.

    Attributes:
        samples: images drawn.
        floor: probabilities are at least this before they are divided by their sum: without it I' is not bounded.
    """

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ("classifier",)

    samples: int = 10_000
    floor: float = 1e-6

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples must be 1 or more, it is {self.samples}")

    def reads(self, column: Column) -> frozenset[str]:
        """Both fields."""
        expect(column, "image-generation", {SCORE: ()})
        return frozenset({"samples", "floor"})

    def signature(self, column: Column) -> str:
        """Of how many samples, with which floor, by whom."""
        self.reads(column)
        by = f"the model of role {CLASSIFIER}"
        return signature(column.metric, "repro/1", unit="nats", floor=self.floor, samples=self.samples, by=by)

    def measure(
        self,
        model: ImageGenerator,
        data: Images,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
        *,
        others: Mapping[str, ImageClassifier] = NOBODY,
    ) -> Evaluation:
        """The one score that all columns are about, and how many samples are taken for each class (K,)."""
        if CLASSIFIER not in others:
            raise ValueError(
                f"images are scored by a model of role {CLASSIFIER}: write `beside: {{{CLASSIFIER}: ...}}`"
            )
        said = {name: self.signature(column) for name, column in columns.items()}
        images, shape = model.sample(self.samples, generator), data.splits["train"].images.shape[1:]
        if images.shape != (self.samples, *shape) or images.dtype != np.uint8:
            expected = f"({self.samples}, {', '.join(map(str, shape))}) uint8"
            raise ValueError(f"a generator must give images {expected}, not {images.shape} {images.dtype}")
        probabilities = probabilities_of(others[CLASSIFIER].logits(images))
        score = ebgan_score(probabilities, floor=self.floor).value
        classes = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
        return Evaluation(
            {name: Measurement(value=score, signature=line) for name, line in said.items()}, {"classes": classes}
        )
