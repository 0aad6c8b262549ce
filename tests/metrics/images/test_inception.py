"""Inception and EBGAN score from probabilities: torch-fidelity, improved-gan's formula, bounds, order."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch_fidelity.metric_isc import isc_features_to_metric

from repro.metrics.images.inception import ebgan_score, inception_score, inception_score_in_order, probabilities_of
from repro.metrics.score import Score


def logits(number: int) -> list[np.ndarray]:
    """Logits (N, K) of 1 to 60 images and 1 to 12 classes, from flat to nearly one-hot."""
    random = np.random.default_rng(17)
    return [
        random.normal(0, 10.0 ** random.uniform(-2, 2), size=(int(random.integers(1, 61)), int(random.integers(1, 13))))
        for _ in range(number)
    ]


def one_hot(classes: np.ndarray, number: int) -> np.ndarray:
    return np.asarray(np.eye(number)[classes])


def test_both_orders_are_torch_fidelity_s_on_two_thousand_cases() -> None:
    for values in logits(2000):
        p, n = probabilities_of(values), len(values)
        splits = min(n, 7)
        tensor = torch.from_numpy(values)
        for score, shuffle in (
            (inception_score(p, splits=splits), True),
            (inception_score_in_order(p, splits=splits), False),
        ):
            reference = isc_features_to_metric(tensor, splits=splits, shuffle=shuffle, rng_seed=2020)
            # rounding of exp and log, on scores of at most 12
            assert score.value == pytest.approx(reference["inception_score_mean"], abs=1e-9)
            assert score.details["std"] == pytest.approx(reference["inception_score_std"], abs=1e-9)


def test_in_order_is_improved_gan_s_formula() -> None:
    p = probabilities_of(np.random.default_rng(1).normal(0, 2, size=(103, 10)))
    parts = [p[i * 103 // 10 : (i + 1) * 103 // 10] for i in range(10)]
    values = [np.exp((part * (np.log(part) - np.log(part.mean(0)))).sum(1).mean()) for part in parts]
    score = inception_score_in_order(p)
    assert score.value == pytest.approx(np.mean(values), abs=1e-12)
    assert score.details["std"] == pytest.approx(np.std(values), abs=1e-12)  # ddof 0, as the code has it


@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_the_score_lies_between_1_and_the_number_of_classes(classes: int) -> None:
    flat = np.full((3 * classes, classes), 1 / classes)
    assert inception_score(flat, splits=1).value == pytest.approx(1, abs=1e-12)
    balanced = one_hot(np.arange(3 * classes) % classes, classes)
    assert inception_score(balanced, splits=1).value == pytest.approx(classes, rel=1e-12)  # 0 log 0 is 0


def test_images_sorted_by_class_score_as_one_class_a_split_unless_shuffled() -> None:
    """openai/guided-diffusion#165 and inception-score-pytorch#12: the same images, 62 or 298."""
    p = one_hot(np.repeat(np.arange(10), 100), 10)
    assert inception_score_in_order(p, splits=10).value == pytest.approx(1, abs=1e-12)
    assert inception_score(p, splits=10).value > 9.5
    assert inception_score_in_order(p, splits=1).value == pytest.approx(10, abs=1e-12)


def test_only_one_split_makes_the_order_nothing() -> None:
    random = np.random.default_rng(2)
    p = probabilities_of(random.normal(0, 3, size=(200, 10)))
    mixed = p[random.permutation(200)]
    assert inception_score_in_order(p, splits=1).value == pytest.approx(
        inception_score_in_order(mixed, splits=1).value, abs=1e-12
    )
    assert abs(inception_score_in_order(p).value - inception_score_in_order(mixed).value) > 1e-4
    assert ebgan_score(p).value == pytest.approx(ebgan_score(mixed).value, abs=1e-12)


def test_fewer_images_a_split_score_lower() -> None:
    """A split's p(y) is fitted to its own images."""
    p = one_hot(np.random.default_rng(3).integers(0, 10, 1000), 10)
    values = [inception_score(p, splits=splits).value for splits in (1, 10, 100, 1000)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1, abs=1e-12)


def test_items_are_the_divergences_in_the_order_of_the_input() -> None:
    p = probabilities_of(np.random.default_rng(4).normal(0, 3, size=(50, 10)))
    score = inception_score(p, splits=1)
    expected = (p * np.log(p / p.mean(axis=0))).sum(axis=1)
    assert score.items is not None
    np.testing.assert_allclose(score.items, expected, atol=1e-12)
    assert score.value == pytest.approx(np.exp(score.items.mean()), abs=1e-12)


def test_the_protocol_is_in_the_signature() -> None:
    p = np.full((20, 3), 1 / 3)
    assert inception_score(p).signature == (
        "inception-score|impl:repro/1|splits:10|order:shuffled by 2020|n:20|classes:3"
    )
    signatures = {
        score.signature
        for score in (
            inception_score(p, splits=2),
            inception_score(p, shuffle_seed=1),
            inception_score_in_order(p),
            inception_score(p[:10]),
        )
    }
    assert len(signatures) == 4


@pytest.mark.parametrize(("leak", "expected"), [(1e-2, 1.851), (1e-3, 3.915), (1e-4, 5.987), (1e-6, 10.13)])
def test_the_ebgan_score_measures_how_saturated_the_classifier_is(leak: float, expected: float) -> None:
    """Ten balanced classes, one-hot up to a leak into each other class; the numbers are the fact sheet's."""
    p = np.full((100, 10), leak)
    p[np.arange(100), np.arange(100) % 10] = 1 - 9 * leak
    assert ebgan_score(p).value == pytest.approx(expected, abs=5e-3)  # printed to three or two decimals
    closed = math.log(0.1) - 0.1 * (math.log(1 - 9 * leak) + 9 * math.log(leak))
    assert ebgan_score(p).value == pytest.approx(closed, abs=1e-9)


def test_the_ebgan_score_exchanges_the_arguments_of_the_inception_score_s_divergence() -> None:
    p = probabilities_of(np.random.default_rng(5).normal(size=(40, 6)))
    marginal = p.mean(axis=0)
    items = (marginal * np.log(marginal / p)).sum(axis=1)
    score = ebgan_score(p, floor=0)
    assert score.items is not None
    np.testing.assert_allclose(score.items, items, atol=1e-12)
    assert score.value == pytest.approx(items.mean(), abs=1e-12)


def test_the_floor_keeps_the_ebgan_score_finite_and_is_in_the_signature() -> None:
    p = one_hot(np.arange(10), 10)
    assert ebgan_score(p, floor=1e-6).value == pytest.approx(10.131, abs=1e-3)
    assert ebgan_score(p, floor=1e-4).value == pytest.approx(5.987, abs=1e-3)
    assert "floor:0.0001" in ebgan_score(p, floor=1e-4).signature
    with pytest.raises(ValueError, match="I' is infinite: a class that occurs has probability 0 for an image"):
        ebgan_score(p, floor=0)
    with pytest.raises(ValueError, match=r"floor must be from 0 to below 1 / 10 classes, it is 0\.1"):
        ebgan_score(p, floor=0.1)


def test_classes_whose_probability_underflows_count_0_where_the_reference_has_no_number() -> None:
    values = np.array([[1e4, 0, -1e4], [0, 1e4, -1e4]], dtype=np.float32)
    assert math.isnan(isc_features_to_metric(torch.from_numpy(values), splits=1)["inception_score_mean"])
    p = probabilities_of(values)
    np.testing.assert_array_equal(p, [[1, 0, 0], [0, 1, 0]])
    assert inception_score(p, splits=1).value == pytest.approx(2, abs=1e-15)


@pytest.mark.parametrize("metric", [inception_score, inception_score_in_order, ebgan_score])
@pytest.mark.parametrize(
    ("p", "message"),
    [
        (np.empty((0, 3)), r"probabilities must be \(N, K\) with N > 0, they are \(0, 3\)"),
        (np.full(3, 1 / 3), r"probabilities must be \(N, K\) with N > 0, they are \(3,\)"),
        (np.full((12, 3), 0.2), "the probabilities of image 0 sum to 0.6, not to 1"),
        (
            np.array([[0.5, 0.5], [1.5, -0.5]]),
            "probabilities must be finite and non-negative; of logits take the softmax",
        ),
        (np.array([[0.5, 0.5], [np.nan, 0.5]]), "probabilities must be finite and non-negative"),
    ],
)
def test_what_are_no_probabilities_is_refused(
    metric: Callable[[np.ndarray], Score], p: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(p)


def test_more_splits_than_images_are_refused() -> None:
    with pytest.raises(ValueError, match="splits must be from 1 to the number of images, 9; it is 10"):
        inception_score(np.full((9, 2), 0.5))
    with pytest.raises(ValueError, match="splits must be from 1 to the number of images, 9; it is 0"):
        inception_score_in_order(np.full((9, 2), 0.5), splits=0)


def test_probabilities_in_float32_are_taken_as_they_are() -> None:
    values = np.random.default_rng(6).normal(0, 3, size=(500, 1008)).astype(np.float32)
    single = softmax(values, axis=1)
    # float32 softmaxes are off by 1e-7 of each probability
    assert inception_score(single).value == pytest.approx(inception_score(probabilities_of(values)).value, rel=1e-6)


@pytest.mark.parametrize("values", [np.full((2, 3), np.nan), np.zeros((0, 3)), np.zeros(4)])
def test_logits_that_are_none_are_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="logits must be finite"):
        probabilities_of(values)
