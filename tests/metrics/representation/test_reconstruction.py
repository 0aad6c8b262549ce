"""The squared error of reconstructions: a sum over numbers, a mean over examples."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error

from repro.metrics.representation import reconstruction
from repro.metrics.representation.reconstruction import reconstruction_error

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(2, 101, 7))


def test_it_is_scikit_learn_s_mean_squared_error_times_the_numbers_of_an_example() -> None:
    score = reconstruction_error(X, Y)
    assert score.value == pytest.approx(7 * mean_squared_error(X, Y), rel=1e-12)
    assert score.items is not None
    np.testing.assert_allclose(score.items, ((X - Y) ** 2).sum(axis=1), rtol=1e-12)


def test_blocks_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reconstruction_error(X, Y).value
    monkeypatch.setattr(reconstruction, "ROWS", 13)
    assert reconstruction_error(X, Y).value == whole


def test_small_errors_of_large_float32_numbers_are_not_lost() -> None:
    """The difference of two neighbours among float32 numbers is exact, and so is its square in float64."""
    one = np.full((3, 2), 4096.0, dtype=np.float32)
    other = np.nextafter(one, np.float32(5000))
    assert reconstruction_error(one, other).value == 2 * (2.0**-11) ** 2


def test_examples_that_do_not_match_are_refused() -> None:
    for pair in ((X, Y[1:]), (X[0], Y[0]), (X[:0], Y[:0])):
        with pytest.raises(ValueError, match=r"must be \(N, D\) both"):
            reconstruction_error(*pair)
