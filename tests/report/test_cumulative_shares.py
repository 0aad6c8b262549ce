"""The drawing of shares below a threshold: Figure A.1 of Dai (2019)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from repro.report.cumulative_shares import cumulative_shares, draw_curves
from repro.report.figures import Panel
from repro.spec.model import Figure

FIGURE = Figure.model_validate(
    {"label": "A.1", "title": "Shares <of> values", "draw": "cumulative-shares", "rows": ["Softmax", "MoS"]}
)
CURVE = np.stack([np.logspace(-8, 0, 9), np.linspace(0.2, 1.0, 9)]).astype(np.float32)


def test_every_row_with_a_spectrum_is_a_curve_and_the_others_are_named_as_not_run() -> None:
    svg = cumulative_shares(
        FIGURE, [Panel("Softmax", None, {"spectrum_test": CURVE}), Panel("MoS", "PTB", None), Panel("MoC", None, {})]
    )
    assert "Softmax" in svg
    assert "PTB, MoS: not run" in svg
    assert "MoC: not run" in svg
    assert svg.count('id="a-1-line2d_') > 0
    assert "<title" in svg
    assert "Shares &lt;of&gt; values" in svg


def test_a_curve_has_the_thresholds_and_the_shares_in_per_cent() -> None:
    axes = Canvas().subplots()
    panels = [Panel("Softmax", None, {"spectrum_test": CURVE, "other": CURVE}), Panel("MoS", None, None)]
    assert draw_curves(axes, panels) == 1
    curve, missing = axes.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), CURVE[0])
    np.testing.assert_array_equal(curve.get_ydata(), 100 * CURVE[1])
    assert (curve.get_label(), missing.get_label()) == ("Softmax", "MoS: not run")


def test_the_same_curves_are_the_same_bytes() -> None:
    panels = [Panel("Softmax", None, {"spectrum_test": CURVE})]
    assert cumulative_shares(FIGURE, panels) == cumulative_shares(FIGURE, panels)


def test_without_any_curve_the_figure_says_not_run() -> None:
    svg = cumulative_shares(FIGURE, [Panel("Softmax", None, None)])
    assert "not run" in svg
    assert "normalised singular value" not in svg


def test_decades_are_written_out_since_no_formula_is_set() -> None:
    svg = cumulative_shares(FIGURE, [Panel("Softmax", None, {"spectrum_test": CURVE})])
    assert "1e-08" in svg
    assert "$" not in svg
