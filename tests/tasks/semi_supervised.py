"""A method for task semi-supervised that asks it for numbers: the class whose mean of labelled images is near.

Shapes: N images, D pixels
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from repro.contracts import Context, single
from repro.data.kinds.partly_labelled import PartlyLabelled


def flat(images: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C) as (N, D), in [0, 1]."""
    found: np.ndarray = images.reshape(len(images), -1) / 255
    return found


@dataclass(frozen=True)
class NearestMean:
    """The mean of the labelled images of each class, drawn towards that of all images by the best of some amounts.

    Attributes:
        amounts: how far; the best is the one with the fewest errors on the validation view.
    """

    evaluates: ClassVar[bool] = True

    amounts: tuple[float, ...] = (0.0, 0.25, 0.5)

    def fit(self, data: PartlyLabelled, context: Context) -> Means:
        """Asks the task for the errors of every amount."""
        labelled, labels = flat(data.labelled.images), data.labelled.labels
        assert labels is not None
        classes = np.unique(labels)
        own = np.stack([labelled[labels == each].mean(axis=0) for each in classes])
        models = [Means(own + amount * (flat(data.unlabelled).mean(axis=0) - own), classes) for amount in self.amounts]
        errors = [context.evaluate(model)["error-rate"] for model in models]
        for step, error in enumerate(errors):
            context.curve("error-rate", step, error, single(context.seeds))
        return models[int(np.argmin(errors))]

    def restore(self, state: Mapping[str, Any], context: Context) -> Means:
        """The model whose `state()` this is."""
        return Means(state["means"], state["classes"])


@dataclass(frozen=True)
class Means:
    """The nearest of means (C, D)."""

    means: np.ndarray
    classes: np.ndarray

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The class of each image (N, H, W, C): (N,)."""
        found: np.ndarray = self.classes[((flat(images)[:, None] - self.means) ** 2).sum(axis=2).argmin(axis=1)]
        return found

    def state(self) -> dict[str, Any]:
        """The means and the names of the classes."""
        return {"means": self.means, "classes": self.classes}
