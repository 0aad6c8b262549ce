"""Principal angles of codes: known ones by construction, and none under any invertible map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA

from repro.metrics.representation.angles import principal_angle

RANDOM = np.random.default_rng(0)


def orthonormal(columns: int) -> np.ndarray:
    """Centred columns (211, columns), orthonormal."""
    values = RANDOM.normal(size=(211, columns))
    return np.linalg.qr(values - values.mean(axis=0))[0]


@pytest.mark.parametrize("angle", [0.0, 1e-6, 0.01, 0.5, math.pi / 2])
def test_a_plane_that_is_turned_out_of_another_by_an_angle_is_at_that_angle(angle: float) -> None:
    """Two of three directions are shared; the third is turned towards a fourth. In float64 small angles are exact to
    1e-10 since they are computed by their sine."""
    basis = orthonormal(4)
    turned = basis[:, [0, 1]], math.cos(angle) * basis[:, [2]] + math.sin(angle) * basis[:, [3]]
    mixed = np.hstack(turned) @ RANDOM.normal(size=(3, 3)) + 5.0
    assert principal_angle(mixed, basis[:, :3]).value == pytest.approx(angle, abs=1e-10)


def test_it_is_the_arc_cosine_of_the_smallest_canonical_correlation() -> None:
    """scikit-learn's CCA stops at a tolerance of 1e-6."""
    shared = RANDOM.normal(size=(211, 3))
    one, other = (shared + 0.3 * RANDOM.normal(size=(211, 3)) for _ in range(2))
    u, v = CCA(3, max_iter=5_000, tol=1e-12).fit_transform(one, other)
    least = min(np.corrcoef(u[:, k], v[:, k])[0, 1] for k in range(3))
    assert principal_angle(one, other).value == pytest.approx(math.acos(least), abs=1e-5)


def test_a_code_that_spans_too_few_directions_is_at_a_right_angle() -> None:
    basis = orthonormal(3)
    assert principal_angle(basis[:, [0, 1, 1]], basis).value == math.pi / 2
    assert principal_angle(np.ones((211, 3)), basis).value == math.pi / 2, "constant units span nothing"


def test_a_wider_code_may_contain_the_reference() -> None:
    basis = orthonormal(5)
    assert principal_angle(basis, basis[:, :2] + 3.0).value == pytest.approx(0, abs=1e-10)


def test_what_cannot_be_compared_is_refused() -> None:
    basis = orthonormal(3)
    with pytest.raises(ValueError, match="of the same examples"):
        principal_angle(basis[1:], basis)
    with pytest.raises(ValueError, match="do not span as many directions"):
        principal_angle(basis, basis[:, [0, 0]])
