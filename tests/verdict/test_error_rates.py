"""How often the verdicts are wrong, and what they can see: exact integration, simulation and the real path agree.

Unit: one seed's standard deviation. Where nothing else is said the paper ran once and the margin is two deviations.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtr, stdtrit

from repro.verdict.cells import SMALLEST_FAMILY, judge_cells
from repro.verdict.power import power_table, state_probabilities
from tests.verdict.build import runs_of, table_of

STATES = ("reproduced", "consistent", "tension", "deviates")
NOTE = {  # ANCHORS 7.1: reproduced, consistent, tension, deviates at 3, 5 and 10 seeds
    (1, 0): ((0.38, 0.59, 0.02, 0.01), (0.67, 0.30, 0.02, 0.01), (0.83, 0.13, 0.03, 0.01)),
    (3, 0): ((0.47, 0.51, 0.01, 0.00), (0.83, 0.15, 0.02, 0.00), (0.97, 0.02, 0.02, 0.00)),
    (1, 4): ((0.00, 0.52, 0.02, 0.46), (0.00, 0.22, 0.03, 0.75), (0.01, 0.07, 0.03, 0.90)),
    (3, 4): ((0.00, 0.29, 0.06, 0.65), (0.00, 0.02, 0.06, 0.92), (0.00, 0.00, 0.02, 0.98)),
}


def simulated(
    tables: int, cells: int, n: int, *, k: int = 1, bias: float = 0.0, margin: float = 2.0, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rule of `judge_cells` written once more for whole arrays: states (index into STATES), runs and prints."""
    random = np.random.default_rng(seed)
    runs = random.normal(size=(tables, cells, n))
    prints = np.round(bias + random.normal(size=(tables, cells)) / np.sqrt(k), 6)
    d, s = runs.mean(-1) - prints, runs.std(-1, ddof=1)
    room = margin + 0.5e-6
    half = stdtrit(n - 1, 0.95) * s / np.sqrt(n)
    off = np.maximum(np.abs(d) - 0.5e-6, 0) / (s * np.sqrt(1 / n + 1 / k))
    p = 2 * stdtr(n - 1, -off)
    adjusted, strict = corrected(p, cells), corrected(p, max(cells, SMALLEST_FAMILY))
    touches = np.abs(d) - half <= room
    state = np.where(adjusted >= 0.05, 1, np.where(touches | (strict >= 0.05), 2, 3))
    return np.where(np.abs(d) + half <= room, 0, state), runs, prints


def corrected(p: np.ndarray, family: int) -> np.ndarray:
    order = np.argsort(p, axis=-1)
    ranked = np.take_along_axis(p, order, -1) * family / np.arange(1, p.shape[-1] + 1)
    ranked = np.minimum.accumulate(ranked[..., ::-1], axis=-1)[..., ::-1]
    out = np.empty_like(p)
    np.put_along_axis(out, order, ranked, -1)
    return out


@pytest.mark.parametrize(
    ("n", "k", "bias", "cells"), [(3, 1, 0.0, 12), (5, 3, 3.0, 12), (10, 1, 4.0, 2), (5, 1, 5.0, 1)]
)
def test_the_array_rule_is_the_real_one(n: int, k: int, bias: float, cells: int) -> None:
    states, runs, prints = simulated(25, cells, n, k=k, bias=bias)
    for table in range(25):
        published = {f"R{i}": {"kl": {"value": f"{prints[table, i]:.6f}", "runs": k}} for i in range(cells)}
        measured = runs_of({f"R{i}": {"kl": runs[table, i]} for i in range(cells)})
        verdicts = judge_cells(table_of(published, margin=2.0), measured, "paper")
        said = [verdicts[f"R{i}", "kl"].status.split()[0] for i in range(cells)]
        assert said == [STATES[state] for state in states[table]]


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("margin", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("cells", [1, 3, 6, 60])
def test_a_faithful_reproduction_deviates_in_at_most_1_percent_of_cells(n: int, margin: float, cells: int) -> None:
    """60,000 cells: the standard error at 1 % is 0.04 %, a little more where cells of a table are tested together."""
    states, _, _ = simulated(60_000 // cells, cells, n, margin=margin)
    assert (states == 3).mean() <= 0.01


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("margin", [0.0, 2.0])
def test_a_faithful_table_of_60_cells_seldom_has_any_deviating_one(n: int, margin: float) -> None:
    """Uncorrected, 95 % of such tables have one (ANCHORS 7.1). 2,000 tables: 5 % + 2 standard errors of 0.5 %."""
    states, _, _ = simulated(2000, 60, n, margin=margin)
    assert (states == 3).any(axis=1).mean() <= 0.06


@pytest.mark.parametrize(("k", "bias"), NOTE)
def test_the_four_state_rule_has_the_frequencies_of_the_note(k: int, bias: int) -> None:
    """Exact, against two printed digits of a simulation of 20-40k draws: rounding 0.005 + 3 x 0.0025."""
    for n, expected in zip((3, 5, 10), NOTE[k, bias], strict=True):
        state = state_probabilities(n, k, bias, 2.0)
        found = (state.reproduced, state.consistent, state.tension, state.deviates)
        assert found == pytest.approx(expected, abs=0.0125)
        assert sum(found) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("n", [3, 5, 10])
@pytest.mark.parametrize("bias", [0.0, 4.0])
def test_integration_and_simulation_agree_on_a_lone_cell(n: int, bias: float) -> None:
    """A lone cell: tension at p < 0.05, a deviation at p < 0.05 / 6. 40,000 draws: 4 standard errors are 0.01."""
    states, _, _ = simulated(40_000, 1, n, bias=bias)
    share = [(states == i).mean() for i in range(4)]
    plain, strict = state_probabilities(n, 1, bias, 2.0), state_probabilities(n, 1, bias, 2.0, alpha=0.05 / 6)
    assert share[0] == pytest.approx(plain.reproduced, abs=0.01)
    assert share[1] == pytest.approx(plain.consistent, abs=0.01)
    assert share[3] == pytest.approx(strict.deviates, abs=0.01)


def test_a_print_taken_for_a_constant_would_be_called_wrong_far_too_often() -> None:
    """The reason for the prediction test (ANCHORS 7.1): 16 / 32 / 52 % false alarms at 3 / 5 / 10 seeds."""
    for n, alarm in ((3, 0.16), (5, 0.32), (10, 0.52)):
        state = state_probabilities(n, 1, 0.0, 0.0, drawn=False)
        assert state.deviates + state.tension == pytest.approx(0.05, abs=1e-6)
        random = np.random.default_rng(n)
        x = random.normal(size=(20_000, n))
        t = (x.mean(1) - random.normal(size=20_000)) / (x.std(1, ddof=1) / np.sqrt(n))
        assert (np.abs(t) > stdtrit(n - 1, 0.975)).mean() == pytest.approx(alarm, abs=0.015)  # 4 standard errors


def test_the_power_table_has_a_line_for_each_print_and_bias() -> None:
    lines = power_table().splitlines()
    assert len(lines) == 2 + 2 * 4
    assert lines[2].startswith("1 run   0 sd    .380 .592 .019 .008")
