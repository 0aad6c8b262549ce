"""The test error of a linear classifier on frozen features.

Two protocols under two names: the convex optimum, with the regularisation chosen on validation data, and the softmax
layer trained from a random start, whose spread over seeds is what dai2019, table B.3, prints.

Reference: scikit-learn's `StandardScaler` and `LogisticRegression`; torch's `Linear` and `Adam`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from repro.metrics.prediction.classification import error_rate
from repro.metrics.score import Score, signature

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2)
"""scikit-learn's C: the inverse of the weight of the penalty |W|^2 / 2 on the summed log-loss."""


@dataclass(frozen=True)
class Labelled:
    """Features (N, D) of a split and their labels (N,), whole numbers or text."""

    features: np.ndarray
    labels: np.ndarray

    def __post_init__(self) -> None:
        features = np.asarray(self.features, dtype=np.float64)
        if features.ndim != 2 or features.size == 0 or len(features) != len(self.labels):
            raise ValueError(
                f"features must be (N, D), a row for each of {len(self.labels)} labels; they are {features.shape}"
            )
        finite: np.ndarray = np.asarray(np.isfinite(features).all(axis=1))
        if not finite.all():
            raise ValueError(f"{int((~finite).sum())} of {len(finite)} rows of features are not finite")
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "labels", np.asarray(self.labels))


def linear_probe_error(
    train: Labelled, valid: Labelled, test: Labelled, *, strengths: Sequence[float] = STRENGTHS, iterations: int = 1000
) -> Score:
    """Test error of the multinomial logistic regression with the least validation error, in [0, 1]; lower is better.

    Features are standardised by the training split's mean and deviation. One model for each of `strengths` (C, see
    above) is fitted to its optimum on the training split, the one with the least validation error is scored on the
    test split; of equals the smallest C. It is not fitted again on both splits. No randomness. `details` has the
    chosen `strength` and `valid_error`; items (N,) are 1 where the test prediction is wrong. Raises ValueError for
    one class only, features of other width, and a fit that needs more than `iterations`.
    """
    from sklearn.preprocessing import StandardScaler

    _check(train, valid, test)
    scaler = StandardScaler().fit(train.features)
    best: tuple[float, float, Any] | None = None
    for strength in sorted(strengths):
        model = _fitted(scaler.transform(train.features), train.labels, strength, iterations)
        error = error_rate(model.predict(scaler.transform(valid.features)), valid.labels).value
        if best is None or error < best[0]:
            best = error, strength, model
    if best is None:
        raise ValueError("strengths is empty: name at least one C")
    valid_error, strength, model = best
    found = error_rate(model.predict(scaler.transform(test.features)), test.labels)
    said = signature(
        "linear-probe-error", f"scikit-learn/{version('scikit-learn')}", protocol="logistic regression",
        strengths=",".join(f"{value:g}" for value in sorted(strengths)), scaled="train", train=len(train.labels),
        valid=len(valid.labels), n=len(test.labels),
    )  # fmt: skip
    return Score(found.value, said, found.items, {"strength": strength, "valid_error": valid_error})


def _fitted(features: np.ndarray, labels: np.ndarray, strength: float, iterations: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            return LogisticRegression(C=strength, max_iter=iterations).fit(features, labels)
        except ConvergenceWarning as warning:
            raise ValueError(f"the probe with C = {strength:g} needs more than {iterations} iterations") from warning


def softmax_probe_error(
    train: Labelled, test: Labelled, *, seed: int, epochs: int = 50, batch: int = 128, learning_rate: float = 1e-3
) -> Score:
    """Test error of a softmax layer trained by Adam from a random start, in [0, 1]; lower is better.

    The protocol of dai2019, table B.3, as far as it is told: one randomly initialised linear softmax layer on frozen
    features, ten runs, of which `error_over_runs` gives min, mean and deviation. Optimiser, epochs and batch are not
    told; features are standardised by the training split, constant ones become 0. Start and order of the
    examples come from `seed`; arithmetic is float32 on the CPU. Items (N,) are 1 where the prediction is wrong.
    """
    from sklearn.preprocessing import StandardScaler

    _check(train, test)
    scaler = StandardScaler().fit(train.features)
    classes, targets = np.unique(train.labels, return_inverse=True)
    inputs = scaler.transform(train.features).astype(np.float32)
    weights, bias = _trained(inputs, targets, len(classes), seed, epochs, batch, learning_rate)
    logits = scaler.transform(test.features) @ weights.T + bias
    found = error_rate(classes[logits.argmax(axis=1)], test.labels)
    said = signature("softmax-probe-error", "repro/1", optimiser="adam", learning_rate=learning_rate, epochs=epochs,
                     batch=batch, seed=seed, scaled="train", train=len(targets), n=len(test.labels))  # fmt: skip
    return Score(found.value, said, found.items, found.details)


def _trained(
    inputs: np.ndarray, targets: np.ndarray, classes: int, seed: int, epochs: int, batch: int, learning_rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (K, D) and biases (K,) of the trained layer."""
    import torch
    from torch.nn import functional

    random = torch.Generator().manual_seed(seed)
    x, y = torch.from_numpy(inputs), torch.from_numpy(targets)
    bound = 1 / x.shape[1] ** 0.5
    weights = ((torch.rand(classes, x.shape[1], generator=random) * 2 - 1) * bound).requires_grad_()
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.Adam([weights, bias], lr=learning_rate)
    for _ in range(epochs):
        for chosen in torch.split(torch.randperm(len(x), generator=random), batch):
            optimiser.zero_grad()
            torch.autograd.backward(functional.cross_entropy(x[chosen] @ weights.T + bias, y[chosen]))
            optimiser.step()
    return weights.detach().double().numpy(), bias.detach().double().numpy()


def _check(*splits: Labelled) -> None:
    widths = [split.features.shape[1] for split in splits]
    if len(set(widths)) > 1:
        raise ValueError(f"the splits have features of {widths} columns: take all from one layer")
    if len(np.unique(splits[0].labels)) < 2:
        raise ValueError("the training split has one class only: there is nothing to tell apart")
