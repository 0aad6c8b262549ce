"""Accuracy and its kin: scikit-learn on thousands of generated cases, closed forms, and inputs that must be refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics

from repro.metrics.prediction.classification import (
    Labels,
    accuracy,
    classification_f1,
    count_of_rate,
    error_count,
    error_over_runs,
    error_rate,
    matthews,
    rate_of_count,
)
from repro.metrics.score import Score

SAME = 1e-12  # the same float64 ratios of counts, in another order of operations


def cases(number: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Predictions and labels of 1 to 40 items and 1 to 5 classes: one item, one class, all right, all wrong."""
    random = np.random.default_rng(11)
    found = []
    for _ in range(number):
        size, classes = int(random.integers(1, 41)), int(random.integers(1, 6))
        labels = random.integers(0, classes, size)
        copied = random.random(size) < random.choice([0.0, 0.5, 1.0])
        found.append((np.where(copied, labels, random.integers(0, classes, size)), labels))
    return found


def test_accuracy_and_errors_are_those_of_scikit_learn() -> None:
    for predictions, labels in cases(2000):
        right = metrics.accuracy_score(labels, predictions)
        wrong = metrics.zero_one_loss(labels, predictions, normalize=False)
        assert accuracy(predictions, labels).value == pytest.approx(right, abs=SAME)
        assert error_rate(predictions, labels).value == pytest.approx(1 - right, abs=SAME)
        assert error_count(predictions, labels).value == wrong


def test_each_item_says_whether_it_is_right() -> None:
    score = accuracy(["a", "b", "b"], ["a", "a", "b"])
    assert score.items is not None
    np.testing.assert_array_equal(score.items, [1, 0, 1])
    assert score.value == score.items.mean()
    assert score.signature == "accuracy|impl:repro/1|n:3"


def test_a_rate_and_a_count_say_the_same_error() -> None:
    predictions, labels = [0, 1, 2, 3], [0, 0, 0, 3]
    rate, count = error_rate(predictions, labels), error_count(predictions, labels)
    assert (rate.value, rate.details["errors"]) == (0.5, 2)
    assert (count.value, count.details["rate"]) == (2, 0.5)
    assert count_of_rate(rate.value, 4) == count.value
    assert rate_of_count(count.value, 4) == rate.value


def test_the_printed_mnist_errors_of_bad_gan_are_a_rate_and_back() -> None:
    assert rate_of_count(79.5, 10_000) == pytest.approx(0.00795, abs=1e-15)  # fact sheet: 79.5 = 0.795 %


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_averaged_f1_is_that_of_scikit_learn(average: str) -> None:
    for predictions, labels in cases(400):
        expected = metrics.f1_score(labels, predictions, average=average, zero_division=0)  # type: ignore[arg-type]
        found = classification_f1(predictions, labels, average=average)  # type: ignore[arg-type]  # a parameter's str
        assert found.value == pytest.approx(expected, abs=SAME)


def test_binary_f1_is_the_ratio_of_its_definition() -> None:
    for predictions, labels in cases(2000):
        hit = ((predictions == 1) & (labels == 1)).sum()
        said = (predictions == 1).sum() + (labels == 1).sum()
        if said == 0:
            with pytest.raises(ValueError, match="class 1 is neither predicted nor a label: its F1 is 0 / 0"):
                classification_f1(predictions, labels)
        else:
            assert classification_f1(predictions, labels).value == pytest.approx(2 * hit / said, abs=SAME)


def test_the_positive_class_may_be_named_as_text_or_number() -> None:
    labels, predictions = ["0", "1", "1", "0"], ["0", "1", "0", "1"]
    assert classification_f1(predictions, labels, positive=1).value == 0.5
    assert classification_f1(predictions, labels, positive="0").value == 0.5
    assert "positive:0" in classification_f1(predictions, labels, positive="0").signature


def test_matthews_is_that_of_scikit_learn_and_0_where_it_is_not_defined() -> None:
    constant = 0
    for predictions, labels in cases(2000):
        score = matthews(predictions, labels)
        if len({*predictions, *labels}) > 1:  # for fewer scikit-learn warns, and gives 0
            assert score.value == pytest.approx(metrics.matthews_corrcoef(labels, predictions), abs=SAME)
        if len(set(predictions)) == 1 or len(set(labels)) == 1:
            constant += 1
            assert (score.value, score.details["degenerate"]) == (0, 1)
    assert constant > 100


def test_a_model_that_says_one_class_only_has_no_matthews_correlation() -> None:
    """XLNet's runs that failed on CoLA: accuracy flatters them, the coefficient does not."""
    assert matthews([1] * 10, [1] * 7 + [0] * 3).value == 0
    assert accuracy([1] * 10, [1] * 7 + [0] * 3).value == 0.7


def test_the_spread_over_runs_has_one_less_below() -> None:
    score = error_over_runs([1.0, 2.0, 4.0])
    assert score.value == pytest.approx(7 / 3, abs=1e-15)
    assert score.details["sd"] == pytest.approx((7 / 3) ** 0.5, abs=1e-15)  # by hand: squares 16/9, 1/9, 25/9 over 2
    assert (score.details["min"], score.details["max"], score.details["runs"]) == (1, 4, 3)


def test_one_run_has_no_deviation_rather_than_one_of_0() -> None:
    assert "sd" not in error_over_runs([0.5]).details


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([], r"errors must be \(R,\) with R > 0 runs, they are \(0,\)"),
        ([0.1, float("nan")], "the error of run 2 is nan: give finite errors, at least 0"),
        ([0.1, 0.2, -1.0], "the error of run 3 is -1.0: give finite errors, at least 0"),
    ],
)
def test_runs_that_have_no_error_are_refused(errors: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        error_over_runs(errors)


@pytest.mark.parametrize("metric", [accuracy, error_rate, error_count, classification_f1, matthews])
@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([], [], r"predictions must be \(N,\) with N > 0, they are \(0,\)"),
        ([[1]], [[1]], r"predictions must be \(N,\) with N > 0, they are \(1, 1\)"),
        ([1, 0], [1], "2 predictions for 1 labels: each item needs one of both"),
        ([1.0, np.nan], [1, 0], "predictions must be whole numbers or text, item 1 is nan"),
        ([1.0, 0.0], [1.0, np.inf], "labels must be whole numbers or text, item 1 is inf"),
        ([0.3, 0.9], [0, 1], "predictions must be whole numbers or text, item 0 is 0.3"),
        (["1", "0"], [1, 0], "predictions are <U1, labels int64: one is text, the other numbers"),
        ([None, 1], [1, 1], "predictions must be whole numbers or text, they are object"),
    ],
)
def test_what_is_no_pair_of_labels_is_refused(
    metric: Callable[[Labels, Labels], Score], predictions: Labels, labels: Labels, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(predictions, labels)


def test_percent_is_not_a_rate() -> None:
    with pytest.raises(ValueError, match=r"a rate lies in \[0, 1\], this one is 1.04; percent must be divided by 100"):
        count_of_rate(1.04, 10_000)
    with pytest.raises(ValueError, match="11 errors out of 10 items cannot be"):
        rate_of_count(11, 10)
    with pytest.raises(ValueError, match="items must be a number above 0, it is 0"):
        rate_of_count(0, 0)
