"""A task as coming families have them, and a method for it: the training sees a labelled subset and no test labels.

The digits of `repro.data.kinds.images` in 8 x 8 pixels; the method is the class whose mean of labelled images is near.
Shapes: N images, L labelled images, D pixels, C classes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from repro.contracts import Context, Evaluation, Measurement, single
from repro.data.kinds.images import Images
from repro.data.transforms.subsets import labelled_subset
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect

ARGUMENTS = {"error-rate": ()}
SPLITS = ("valid", "test")


class Classifier(Protocol):
    """What this task asks of a trained model."""

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The class of each image (N, D): (N,)."""


@dataclass(frozen=True)
class View:
    """What a training sees: all training images (N, D), those that are labelled (L, D), the validation images.

    Of the test split it has the images alone.
    """

    images: np.ndarray
    labelled: np.ndarray
    labels: np.ndarray
    valid_images: np.ndarray
    valid_labels: np.ndarray
    test_images: np.ndarray


@dataclass(frozen=True)
class SemiSupervised:
    """Errors of a classifier that was trained with few labels.

    Attributes:
        labels: how many training images have one, equally many of each class.
    """

    VIEW: ClassVar[tuple[str, ...]] = ("labels",)
    OTHERS: ClassVar[tuple[str, ...]] = ()

    labels: int = 100

    def reads(self, column: Column) -> frozenset[str]:
        """The number of labels: other labels, another model."""
        expect(column, "semi-supervised", ARGUMENTS, SPLITS)
        return frozenset({"labels"})

    def signature(self, column: Column) -> str:
        """Split, and with how many labels the model was trained."""
        self.reads(column)
        return signature(column.metric, "repro/1", split=column.split, labels=self.labels, unit="share")

    def view(self, data: Images, seed: int) -> View:
        """A labelled subset of the seed's, and no labels of the test split."""
        train, valid = data.splits["train"], data.splits["valid"]
        assert train.labels is not None
        assert valid.labels is not None
        chosen = labelled_subset(train.labels, self.labels, seed)
        images = flat(train.images)
        return View(images, images[chosen], train.labels[chosen], flat(valid.images), valid.labels,
                    flat(data.splits["test"].images))  # fmt: skip

    def evaluate(self, model: Classifier, view: View, generator: np.random.Generator) -> dict[str, float]:
        """The error rate on the validation images."""
        del generator
        return {"error-rate": float((model.predict(view.valid_images) != view.valid_labels).mean())}

    def measure(
        self, model: Classifier, data: Images, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """The error rate of each column's split."""
        del generator
        measured = {}
        for name, column in columns.items():
            split = data.splits[str(column.split)]
            wrong = float((model.predict(flat(split.images)) != split.labels).mean())
            measured[name] = Measurement(value=wrong, signature=self.signature(column))
        return Evaluation(measured)


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

    def fit(self, data: View, context: Context) -> Means:
        """Asks the task for the errors of every amount."""
        classes = np.unique(data.labels)
        own = np.stack([data.labelled[data.labels == each].mean(axis=0) for each in classes])
        models = [Means(own + amount * (data.images.mean(axis=0) - own), classes) for amount in self.amounts]
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
        """The class of each image (N, D): (N,)."""
        found: np.ndarray = self.classes[((images[:, None] - self.means) ** 2).sum(axis=2).argmin(axis=1)]
        return found

    def state(self) -> dict[str, Any]:
        """The means and the names of the classes."""
        return {"means": self.means, "classes": self.classes}
