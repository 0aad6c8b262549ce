"""Task semi-supervised: errors of a classifier of images that was trained with few labels.

Paper: Improved Techniques for Training GANs (Salimans et al., 2016), arXiv:1606.03498, section 6
       Good Semi-supervised Learning that Requires a Bad GAN (Dai et al., 2017); dai2019, section 6.3 and appendix C
Code:  openai/improved-gan, mnist_svhn_cifar10; read at 0fa06b5
       kimiyoung/ssl_bad_gan, data.py; read at 2863f0a

Both draw the labelled images from a permutation of all training images, equally many of each class. In the first the
images without labels are all training images and the draw has a seed of its own; in the second, on MNIST, they are the
others, and nothing is seeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.images import Images, Split
from repro.data.kinds.partly_labelled import PartlyLabelled
from repro.data.transforms.subsets import held_out, labelled_subset, without
from repro.metrics.prediction.classification import error_count, error_rate
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect

METRICS = {"error-count": error_count, "error-rate": error_rate}
SPLITS = ("valid", "test")
HELD_OUT_SEED = 0  # the same images are held out in all runs, so that a column of split valid is about them


class ImageClassifier(Protocol):
    """What this task asks of a trained model."""

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The class of each image (N, H, W, C) uint8: (N,), numbered as the labels are."""


@dataclass(frozen=True)
class SemiSupervised:
    """Errors on a split, of a model that saw few labels and none of the test split.

    Attributes:
        labels: how many training images have one, equally many of each class.
        unlabelled: the images without labels are `all` training images, or the `rest` of them.
        validation: so many training images are held out for the choice of a model, the same in all runs; 0: it is the
            data set's own validation split, where it has one.
        subset_seed: of the draw of the labelled images; None: that of the run, which then decides both the images and
            the weights.
    """

    VIEW: ClassVar[tuple[str, ...]] = ("labels", "unlabelled", "validation", "subset_seed")
    OTHERS: ClassVar[tuple[str, ...]] = ()

    labels: int = 100
    unlabelled: Literal["all", "rest"] = "all"
    validation: int = 0
    subset_seed: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("labels", 1), ("validation", 0), ("subset_seed", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} must be {least} or more, it is {value}")
        if self.unlabelled not in ("all", "rest"):
            raise ValueError(f"unlabelled must be all or rest, it is {self.unlabelled!r}")

    def reads(self, column: Column) -> frozenset[str]:
        """All fields: with other labelled, unlabelled or held-out images it is another model's number."""
        expect(column, "semi-supervised", dict.fromkeys(METRICS, ()), SPLITS)
        return frozenset(self.VIEW)

    def signature(self, column: Column) -> str:
        """The split, and what the training saw."""
        self.reads(column)
        drawn = "by the run's seed" if self.subset_seed is None else f"by seed {self.subset_seed}"
        return signature(
            column.metric, "repro/1", split=column.split, labels=self.labels, balanced="yes", drawn=drawn,
            unlabelled=self.unlabelled, validation=self.validation or "own split",
        )  # fmt: skip

    def view(self, data: Images, seed: int) -> PartlyLabelled:
        """A labelled subset of the training images, the images without labels, and the validation images."""
        train, validation = self._divided(data)
        labels = _labels(train, data.name, "train")
        chosen = labelled_subset(labels, self.labels, seed if self.subset_seed is None else self.subset_seed)
        images = train.images if self.unlabelled == "all" else train.images[without(len(train), chosen)]
        return PartlyLabelled(train.take(chosen), images, validation, len(np.unique(labels)))

    def evaluate(
        self, model: ImageClassifier, view: PartlyLabelled, generator: np.random.Generator
    ) -> dict[str, float]:
        """The error rate on the validation images. Raises ValueError where there are none."""
        del generator  # nothing is drawn
        if view.validation is None:
            raise ValueError("there are no validation images: hold some out by `protocol: {validation: 10000}`")
        labels = _labels(view.validation, "the view", "validation")
        return {"error-rate": error_rate(model.predict(view.validation.images), labels).value}

    def measure(
        self, model: ImageClassifier, data: Images, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """The errors on each column's split, and the predicted classes of each split."""
        del generator  # nothing is drawn
        measured, predicted = {}, {}
        for name, column in columns.items():
            split = self._split(data, str(column.split))
            key = f"predictions_{column.split}"
            if key not in predicted:
                predicted[key] = model.predict(split.images).astype(np.int16)
            score = METRICS[column.metric](predicted[key], _labels(split, data.name, str(column.split)))
            measured[name] = Measurement(value=score.value, signature=self.signature(column))
        return Evaluation(measured, predicted)

    def _split(self, data: Images, name: str) -> Split:
        if name == "test":
            return data.splits["test"]
        validation = self._divided(data)[1]
        if validation is None:
            raise ValueError(f"{data.name} has no validation split: hold images out by `protocol: {{validation: N}}`")
        return validation

    def _divided(self, data: Images) -> tuple[Split, Split | None]:
        """The training images that are left, and the validation images."""
        train = data.splits["train"]
        if not self.validation:
            return train, data.splits.get("valid")
        kept, taken = held_out(len(train), self.validation, HELD_OUT_SEED)
        return train.take(np.sort(kept)), train.take(np.sort(taken))


def _labels(split: Split, data: str, name: str) -> np.ndarray:
    if split.labels is None:
        raise ValueError(f"the images of {data}, {name}, have no labels")
    return split.labels
