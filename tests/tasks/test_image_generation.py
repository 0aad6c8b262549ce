"""The score I' of a generator's samples, by the classifier beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from repro.contracts import Evaluation
from repro.data.kinds.images import Images, Split
from repro.metrics.images.inception import ebgan_score, probabilities_of
from repro.spec.model import Column
from repro.tasks.image_generation import ImageGeneration

DATA = Images("grey", {"train": Split(np.zeros((3, 2, 2, 1), dtype=np.uint8))})
SCORE = Column(label="Score", metric="ebgan-score")


@dataclass
class Drawn:
    """Draws images whose first pixel is one of `shades`, and keeps them."""

    shades: tuple[int, ...] = (0, 1, 2, 3)
    shape: tuple[int, ...] = (2, 2, 1)
    dtype: str = "uint8"
    images: list[np.ndarray] = field(default_factory=list)

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        found = np.zeros((count, *self.shape), dtype=self.dtype)
        found.reshape(count, -1)[:, 0] = random.choice(self.shades, count)
        self.images.append(found)
        return found


class Told:
    """A classifier of four classes, which the first pixel names, with logit log 9 against 0 of each other."""

    def logits(self, images: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.log(9) * np.eye(4)[images.reshape(len(images), -1)[:, 0]]
        return found


def measure(task: ImageGeneration, model: Any, others: Mapping[str, Any] | None = None) -> Evaluation:
    beside = {"classifier": Told()} if others is None else others
    return task.measure(model, DATA, {"score": SCORE}, np.random.default_rng(7), others=beside)


def test_the_score_is_that_of_a_hand() -> None:
    """p(y|x) is (9, 1, 1, 1) / 12 in some order. Of one image p(y) = p(y|x) and I' = 0. Of two, of different classes,
    p(y) = (5, 5, 1, 1) / 12 and KL(p(y) || p(y|x)) = 5/12 log(5/9) + 5/12 log 5; the order the other way round, which
    is the inception score's, would be 9/12 log(9/5) + 1/12 log(1/5).
    """
    assert measure(ImageGeneration(samples=1), Drawn()).measured["score"].value == pytest.approx(0, abs=1e-12)

    class Both(Drawn):
        def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
            return np.arange(2, dtype=np.uint8).repeat(4).reshape(2, 2, 2, 1)

    found = measure(ImageGeneration(samples=2), Both())
    assert found.measured["score"].value == pytest.approx(5 / 12 * (math.log(5 / 9) + math.log(5)), rel=1e-12)
    assert found.measured["score"].value != pytest.approx(9 / 12 * math.log(9 / 5) + math.log(1 / 5) / 12, rel=1e-3)
    assert found.artifacts["classes"].tolist() == [1, 1, 0, 0]


def test_the_score_is_the_metric_s_of_as_many_samples_as_the_protocol_says() -> None:
    model = Drawn()
    found = measure(ImageGeneration(samples=50, floor=0.2), model).measured["score"]
    assert [len(images) for images in model.images] == [50]
    assert found.value == ebgan_score(probabilities_of(Told().logits(model.images[0])), floor=0.2).value


def test_columns_about_one_score_draw_once() -> None:
    """As the columns of a grid are at each of its points: other shares of the same scores."""
    model, columns = Drawn(), {name: Column(label=name, metric="ebgan-score") for name in ("above 1", "above 2")}
    found = ImageGeneration(samples=9).measure(
        model, DATA, columns, np.random.default_rng(0), others={"classifier": Told()}
    )
    assert len(model.images) == 1
    assert found.measured["above 1"] == found.measured["above 2"]


def test_the_protocol_stands_in_the_signature() -> None:
    said = ImageGeneration(samples=500).signature(SCORE)
    assert said == "ebgan-score|impl:repro/1|unit:nats|floor:1e-06|samples:500|by:the model of role classifier"


def test_what_cannot_be_measured_is_refused_in_words() -> None:
    task = ImageGeneration(samples=3)
    with pytest.raises(ValueError, match=r"images are scored by a model of role classifier: write `beside: \{class"):
        measure(task, Drawn(), {})
    with pytest.raises(
        ValueError, match=r"a generator must give images \(3, 2, 2, 1\) uint8, not \(3, 4, 4, 1\) uint8"
    ):
        measure(task, Drawn(shape=(4, 4, 1)))
    with pytest.raises(ValueError, match=r"must give images \(3, 2, 2, 1\) uint8, not \(3, 2, 2, 1\) float32"):
        measure(task, Drawn(dtype="float32"))
    with pytest.raises(ValueError, match="samples must be 1 or more, it is 0"):
        ImageGeneration(samples=0)
    with pytest.raises(ValueError, match="task image-generation has no metric 'error-rate'"):
        task.signature(Column(label="Errors", metric="error-rate"))
