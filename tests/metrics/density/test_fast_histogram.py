"""The fast histogram is the reference's in every cell: on the paper's data, on borders, and off the canvas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.data.kinds.mixtures import Samples2D, biased_gaussians, four_gaussians, two_spirals
from repro.metrics.density.fast_histogram import _near_a_border, fast_nearest_node_histogram
from repro.metrics.density.histogram import nearest_node_histogram


@pytest.mark.parametrize("data", [four_gaussians, biased_gaussians, two_spirals])
def test_the_paper_s_data_fall_into_the_same_cells(data: Callable[[], Samples2D]) -> None:
    one = data()
    expected = nearest_node_histogram(one.samples, one.grid.x, one.grid.y)
    np.testing.assert_array_equal(fast_nearest_node_histogram(one.samples, one.grid.x, one.grid.y), expected)
    assert (expected != nearest_node_histogram(one.samples, one.grid.x, one.grid.y, exact=True)).any()
    assert _near_a_border(one.samples, one.grid.x, one.grid.y).mean() < 0.1


@given(
    st.integers(2, 12), st.integers(2, 12), st.floats(-100, 100), st.sampled_from([1e-3, 0.1, 1.0, 30.0]),
    st.sampled_from([np.float32, np.float64]), st.integers(0, 2**31),
)  # fmt: skip
def test_points_on_and_about_borders_fall_into_the_same_cells(
    columns: int, rows: int, low: float, step: float, dtype: type, seed: int
) -> None:
    random = np.random.default_rng(seed)
    x, y = low + step * np.arange(columns), -low + step * np.arange(rows)
    borders = np.stack([random.integers(-2, n + 2, size=400) - 0.5 for n in (columns, rows)], 1) * step + [low, -low]
    away = random.choice([0.0, 1e-7, 1e-6, 1e-5, 1e-3, 0.3], size=(400, 2)) * random.normal(size=(400, 2)) * step
    points: np.ndarray = (borders + away).astype(dtype)
    expected = nearest_node_histogram(points, x, y)
    np.testing.assert_array_equal(fast_nearest_node_histogram(points, x, y), expected)


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.zeros((3, 3)), np.array([[0.0, np.nan]])])
def test_errors_are_the_reference_s(points: np.ndarray) -> None:
    nodes = np.linspace(0, 1, 3)
    with pytest.raises(ValueError) as expected:  # noqa: PT011
        nearest_node_histogram(points, nodes, nodes)
    with pytest.raises(ValueError) as found:  # noqa: PT011
        fast_nearest_node_histogram(points, nodes, nodes)
    assert str(found.value) == str(expected.value)
