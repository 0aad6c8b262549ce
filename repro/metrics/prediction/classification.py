"""How often predicted labels are right: accuracy, error rate and count, F1, Matthews, and the mean over runs.

References: scikit-learn's `accuracy_score`, `f1_score`, `matthews_corrcoef`. Rates are shares in [0, 1]; a column in
percent multiplies by 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Literal, TypeAlias

import numpy as np

from repro.metrics.score import Score, signature

Labels: TypeAlias = np.ndarray | Sequence[int] | Sequence[str]
Average: TypeAlias = Literal["binary", "macro", "micro", "weighted"]


def accuracy(predictions: Labels, labels: Labels) -> Score:
    """Share of the N predictions that equal their label, in [0, 1]; higher is better. Items (N,) are 1 where right.

    Labels are integers or strings; no tolerance, no folding of case. Raises ValueError for no items, for different
    numbers of them, for numbers that are not whole, and for strings against numbers, which never are equal.
    """
    right = _right(predictions, labels)
    return Score(float(right.mean()), signature("accuracy", "repro/1", n=right.size), right)


def error_rate(predictions: Labels, labels: Labels) -> Score:
    """Share of the N predictions that differ from their label, in [0, 1]; lower is better. Items are 1 where wrong.

    `details` has the count as `errors`. Errors are counted before the division, so rate times N is whole. Refuses
    what `accuracy` refuses.
    """
    wrong = 1.0 - _right(predictions, labels)
    details = {"errors": float(wrong.sum())}
    return Score(float(wrong.mean()), signature("error-rate", "repro/1", n=wrong.size), wrong, details)


def error_count(predictions: Labels, labels: Labels) -> Score:
    """Number of predictions that differ from their label, in [0, N]; lower is better. Items are 1 where wrong.

    How bad-gan's table prints MNIST: errors out of 10,000. Refuses what `accuracy` refuses.
    """
    wrong = 1.0 - _right(predictions, labels)
    details = {"rate": float(wrong.mean())}
    return Score(float(wrong.sum()), signature("error-count", "repro/1", n=wrong.size), wrong, details)


def count_of_rate(rate: float, items: int) -> float:
    """The errors out of `items` that a rate in [0, 1] stands for: 0.00795 of 10,000 are 79.5. A mean need not be whole.

    Example:
        >>> round(count_of_rate(0.00795, 10_000), 9)
        79.5
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate lies in [0, 1], this one is {rate}; percent must be divided by 100 first")
    return rate * _positive(items)


def rate_of_count(count: float, items: int) -> float:
    """The rate in [0, 1] that `count` errors out of `items` stand for; the inverse of `count_of_rate`."""
    if not 0 <= count <= _positive(items):
        raise ValueError(f"{count} errors out of {items} items cannot be")
    return count / items


def error_over_runs(errors: Sequence[float] | np.ndarray) -> Score:
    """Mean over R runs of a rate or count, in its own unit; lower is better. Items (R,) are the runs as given.

    `details` has `runs`, `min`, `max` and, of two runs or more, `sd`: the standard deviation with R - 1 below, as
    numpy's `std(ddof=1)`. One run has no `sd` rather than one of 0. Raises ValueError for no run, and for one that is
    negative or not finite: a run that diverged has no error, it is reported instead of averaged.
    """
    runs = np.asarray(errors, dtype=np.float64)
    if runs.ndim != 1 or runs.size == 0:
        raise ValueError(f"errors must be (R,) with R > 0 runs, they are {runs.shape}")
    good = np.isfinite(runs) & (runs >= 0)
    if not good.all():
        raise ValueError(f"the error of run {good.argmin() + 1} is {runs[~good][0]}: give finite errors, at least 0")
    details = {"runs": float(runs.size), "min": float(runs.min()), "max": float(runs.max())}
    if runs.size > 1:
        details["sd"] = float(runs.std(ddof=1))
    return Score(float(runs.mean()), signature("error-over-runs", "repro/1", runs=runs.size, ddof=1), runs, details)


def classification_f1(
    predictions: Labels, labels: Labels, *, average: Average = "binary", positive: int | str = 1
) -> Score:
    """F1 = 2 TP / (2 TP + FP + FN) of scikit-learn's `f1_score`, in [0, 1]; higher is better.

    `average` is `binary` for the class `positive` against the rest (GLUE's MRPC and QQP), or scikit-learn's `macro`,
    `micro`, `weighted` over the classes that occur on either side. Not the F1 of answers in words.
    A class that is neither predicted nor a label has 0 / 0; where that is the positive class, nothing was measured and
    a ValueError says so. Predicted but never right, or never predicted, is 0. Refuses what `accuracy` refuses.
    """
    from sklearn.metrics import f1_score

    predicted, expected = _pair(predictions, labels)
    chosen = {"positive": positive} if average == "binary" else {}
    if average == "binary":
        value = _f1_of_one(predicted == _like(positive, expected), expected == _like(positive, expected), positive)
    else:
        value = float(f1_score(expected, predicted, average=average, zero_division=0))
    implementation = f"scikit-learn/{version('scikit-learn')}"
    return Score(value, signature("classification-f1", implementation, n=expected.size, average=average, **chosen))


def _f1_of_one(predicted: np.ndarray, expected: np.ndarray, positive: int | str) -> float:
    from sklearn.metrics import f1_score

    if not (predicted.any() or expected.any()):
        raise ValueError(
            f"class {positive!r} is neither predicted nor a label: its F1 is 0 / 0; name another `positive`"
        )
    return float(f1_score(expected, predicted, zero_division=0))


def matthews(predictions: Labels, labels: Labels) -> Score:
    """Matthews correlation of scikit-learn's `matthews_corrcoef`, in [-1, 1]; higher is better, 0 is chance.

    For more than two classes Gorodkin's R_K. GLUE's CoLA is scored so. Where all predictions, or all labels, are one
    class the coefficient is 0 / 0 and counted as 0, as scikit-learn and GLUE do: a model that says one thing only
    scores 0. `details` then has `degenerate` 1. Refuses what `accuracy` refuses.
    """
    from sklearn.metrics import matthews_corrcoef

    predicted, expected = _pair(predictions, labels)
    constant = (predicted == predicted[0]).all() or (expected == expected[0]).all()
    value = 0.0 if constant else float(matthews_corrcoef(expected, predicted))
    said = signature("matthews", f"scikit-learn/{version('scikit-learn')}", n=expected.size, constant=0)
    return Score(value, said, details={"degenerate": float(constant)})


def _right(predictions: Labels, labels: Labels) -> np.ndarray:
    predicted, expected = _pair(predictions, labels)
    right: np.ndarray = (predicted == expected).astype(np.float64)
    return right


def _pair(predictions: Labels, labels: Labels) -> tuple[np.ndarray, np.ndarray]:
    predicted, expected = _labels(predictions, "predictions"), _labels(labels, "labels")
    if predicted.size != expected.size:
        raise ValueError(f"{predicted.size} predictions for {expected.size} labels: each item needs one of both")
    if (predicted.dtype.kind == "U") != (expected.dtype.kind == "U"):
        raise ValueError(f"predictions are {predicted.dtype}, labels {expected.dtype}: one is text, the other numbers")
    return predicted, expected


def _labels(values: Labels, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be (N,) with N > 0, they are {array.shape}")
    if array.dtype.kind == "f":
        whole = np.isfinite(array) & (array == np.rint(array))
        if not whole.all():
            raise ValueError(
                f"{name} must be whole numbers or text, item {int(np.argmin(whole))} is {array[~whole][0]}"
            )
        return array.astype(np.int64)
    if array.dtype.kind not in "biuU":
        raise ValueError(f"{name} must be whole numbers or text, they are {array.dtype}")
    return array.astype(np.int64) if array.dtype.kind != "U" else array


def _like(positive: int | str, labels: np.ndarray) -> int | str:
    """The positive class in the labels' own kind: `1` among labels read as text is `"1"`."""
    return str(positive) if labels.dtype.kind == "U" else int(positive)


def _positive(items: int) -> int:
    if items <= 0:
        raise ValueError(f"items must be a number above 0, it is {items}")
    return items
