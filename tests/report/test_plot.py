"""Drawn curves: what is on the axes is true of the points, and a mean is one only over seeds."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.report.model import CurveView
from repro.report.plot import BOTTOM, LEFT, RIGHT, TOP, plot, short, ticks

finite = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False, allow_subnormal=False)


def lines_of(drawing: str) -> dict[str, list[tuple[float, float]]]:
    """The points of every line, in the drawing's units, by what its title says."""
    found = re.findall(r'<polyline class="[\w-]+" points="([^"]*)"><title>([^<]*)</title>', drawing)
    return {title: [tuple(map(float, place.split(","))) for place in places.split()] for places, title in found}  # type: ignore[misc]


def curve(*lines: list[float], seeds: list[int] | None = None) -> CurveView:
    numbered = zip(seeds or range(len(lines)), lines, strict=True)
    return CurveView(
        "a <b>loss</b>", tuple((seed, tuple((10.0 * i, y) for i, y in enumerate(line))) for seed, line in numbered)
    )


@given(finite, finite)
def test_ticks_are_few_round_even_and_within_the_range(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1.0):
        return
    found = ticks(low, high)
    assert 1 <= len(found) <= 5
    slack = 1e-9 * max(abs(low), abs(high))  # twelve digits of a tick
    assert all(low - slack <= tick <= high + slack for tick in found)
    steps = [after - before for before, after in pairwise(found)]
    assert all(step == pytest.approx(steps[0], abs=slack + 1e-6 * steps[0]) for step in steps)


def test_the_corners_of_the_field_are_the_extremes_of_all_seeds() -> None:
    drawn = lines_of(plot(curve([1.0, 3.0], [2.0, 5.0])))
    half = BOTTOM - (BOTTOM - TOP) / 2  # 3 is half way from 1 to 5
    assert drawn["seed 0"] == [(LEFT, BOTTOM), (RIGHT, half)]
    assert drawn["seed 1"][-1] == (RIGHT, TOP)


def test_a_tick_stands_where_its_number_is() -> None:
    drawing = plot(curve([0.0, 100.0]))
    found = {text: float(y) for y, text in re.findall(r'<text class="tick-y" x="[^"]*" y="([^"]*)">([^<]*)<', drawing)}
    assert list(found) == ["0", "50", "100"]
    assert found["100"] - 3.5 == TOP
    assert found["0"] - 3.5 == BOTTOM


def test_the_mean_is_over_seeds_of_the_same_steps_and_of_one_training_each() -> None:
    drawn = lines_of(plot(curve([0.0, 4.0], [2.0, 8.0])))
    low, high = 0.0, 8.0
    want = [BOTTOM - (mean - low) / (high - low) * (BOTTOM - TOP) for mean in (1.0, 6.0)]
    assert [y for _, y in drawn["mean of 2 seeds"]] == pytest.approx(
        want, abs=0.06
    )  # a digit behind the point is written
    for other in (curve([0.0, 4.0]), curve([0.0, 4.0], [1.0]), curve([0.0, 4.0], [2.0, 8.0], seeds=[0, 0])):
        assert "mean" not in plot(other)
    assert "1 seed, 2 trainings" in plot(curve([0.0, 4.0], [2.0, 8.0], seeds=[0, 0]))


def test_a_line_that_never_changes_is_drawn_and_nothing_for_no_points() -> None:
    assert lines_of(plot(curve([3.0, 3.0])))["seed 0"] == [(LEFT, (TOP + BOTTOM) / 2), (RIGHT, (TOP + BOTTOM) / 2)]
    assert plot(CurveView("none", ((0, ()),))) == ""


def test_a_name_is_text() -> None:
    assert "<b>loss" not in plot(curve([1.0, 2.0])).replace("<figcaption><b>", "")


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (9999.0, "9999"), (10000.0, "10k"), (-2.5e6, "−2.5M")])
def test_large_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text
