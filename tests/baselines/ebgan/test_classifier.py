"""The classifier that scores generated digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from baselines.ebgan.classifier import DigitClassifier, TrainedDigitClassifier, enlarged
from repro.data.kinds.images import Split, digits
from repro.metrics.images.mnist_classifier import MnistClassifier
from tests.baselines.contract import Mortal

SMALL = DigitClassifier(epochs=1, batch_size=20)


def test_an_image_of_28_pixels_is_seen_as_it_is() -> None:
    images = np.random.RandomState(0).randint(0, 256, (3, 28, 28, 1)).astype(np.uint8)
    assert np.array_equal(enlarged(images), images[..., 0])


def test_a_smaller_image_is_repeated_and_framed_by_background() -> None:
    """8x8 pixels fit three times into 28, with two pixels left on each side; 9x10 twice, with four and five."""
    images = np.random.RandomState(0).randint(1, 256, (3, 8, 8, 1)).astype(np.uint8)
    large = enlarged(images)
    assert large.shape == (3, 28, 28)
    assert np.array_equal(large[:, 2:26, 2:26], np.kron(images[..., 0], np.ones((3, 3), dtype=np.uint8)))
    assert np.count_nonzero(large) == 3 * 24 * 24
    oblong = enlarged(np.full((1, 9, 10, 1), 7, dtype=np.uint8))[0]
    assert (oblong[5:23, 4:24] == 7).all()
    assert np.count_nonzero(oblong) == 18 * 20


def test_images_that_are_no_grey_ones_of_at_most_28_pixels_are_refused() -> None:
    for shape in ((1, 32, 32, 1), (1, 8, 8, 3)):
        with pytest.raises(ValueError, match="the classifier of digits wants grey images of at most 28x28, not"):
            enlarged(np.zeros(shape, dtype=np.uint8))


def test_images_without_labels_train_no_classifier(tmp_path: Path) -> None:
    data = replace(digits(), splits={"train": Split(digits().splits["train"].images)})
    with pytest.raises(ValueError, match="the training images of digits have no labels to train a classifier by"):
        SMALL.fit(data, Mortal(tmp_path))


def test_one_pass_over_the_digits_gets_most_of_them_right(tmp_path: Path) -> None:
    """64 steps: 16 % errors were seen; a classifier that learned nothing has 90 %, one of wrong labels more."""
    model, test = SMALL.fit(digits(), Mortal(tmp_path)), digits().splits["test"]
    assert float((model.logits(test.images).argmax(1) != test.labels).mean()) < 0.35


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("double")
def test_a_step_is_adam_on_the_cross_entropy_of_a_batch(tmp_path: Path) -> None:
    """A training of one step, in closed form: Adam's first moves by rate g / (|g| + 1e-8)."""
    data = digits()
    few = replace(data, splits={"train": data.splits["train"].take(slice(0, 20))})
    context = Mortal(tmp_path)
    found = dict(SMALL.fit(few, context).network.named_parameters())
    network = first_weights(tmp_path)
    order = context.generator(3, "batches", 0).permutation(20)
    split = few.splits["train"].take(order)
    assert split.labels is not None
    large = np.pad(split.images[..., 0].repeat(3, 1).repeat(3, 2), ((0, 0), (2, 2), (2, 2)))
    pixels = torch.from_numpy(large[:, None] / 255)
    network.zero_grad()
    torch.autograd.backward(functional.cross_entropy(network(pixels), torch.from_numpy(np.array(split.labels))))
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None
        step = 0.001 * parameter.grad / (parameter.grad.abs() + 1e-8)
        # float64: gradients agree to 1e-15 and steps, where a gradient is as small as 1e-8, to 1e-3 times 1e-7
        torch.testing.assert_close(found[name], parameter - step, rtol=0, atol=1e-9, msg=name)


def first_weights(folder: Path) -> MnistClassifier:
    """The weights that a training of seed 3 begins with: a learning rate of 0 leaves them."""
    data = digits()
    few = replace(data, splits={"train": data.splits["train"].take(slice(0, 20))})
    return replace(SMALL, learning_rate=0.0).fit(few, Mortal(folder / "none")).network


def test_logits_are_the_same_in_blocks_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the order of sums in float32, which a size of batch may change."""
    torch.manual_seed(0)
    model, images = TrainedDigitClassifier(MnistClassifier()), digits().splits["test"].images[:50]
    at_once = model.logits(images)
    monkeypatch.setattr("baselines.ebgan.classifier.CLASSIFIED_IMAGES", 7)
    np.testing.assert_allclose(model.logits(images), at_once, rtol=0, atol=1e-5)
