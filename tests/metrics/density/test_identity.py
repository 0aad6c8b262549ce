"""The error of an equality: how far apart its two sides are."""

from __future__ import annotations

import numpy as np
import pytest

from repro.metrics.density.identity import identity_error


def test_it_is_the_largest_difference_of_either_sign() -> None:
    """By hand: differences of 1, 0 and 2."""
    score = identity_error([1.0, 2.0, 3.0], [2.0, 2.0, 1.0])
    assert score.value == 2.0
    np.testing.assert_array_equal(score.items, [1.0, 0.0, 2.0])
    assert identity_error(0.25, 0.25).value == 0.0


@pytest.mark.parametrize(("left", "right"), [([1.0], [1.0, 1.0]), ([], []), ([1.0], 1.0)])
def test_sides_of_unequal_shape_and_empty_ones_are_refused(left: list[float], right: list[float] | float) -> None:
    with pytest.raises(ValueError, match="both sides must have the same entries, one or more"):
        identity_error(left, right)


def test_a_side_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        identity_error([1.0], [np.inf])
