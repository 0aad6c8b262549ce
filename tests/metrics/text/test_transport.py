"""Exact transport against permutations, one-dimensional closed forms and each other; IPOT against its algorithm."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from repro.metrics.text import transport
from repro.metrics.text.transport import earth_movers_distance, exact_plan, ipot_distance, ipot_plan


def weights(size: int, empty: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    drawn = random.dirichlet(np.ones(size)) * (random.random(size) >= empty)
    drawn[random.integers(size)] += 0.1
    normalised: np.ndarray = drawn / drawn.sum()
    return normalised


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([0.0, 0.5]), st.booleans(), st.integers(0, 2**31))
def test_on_a_line_it_is_scipy_s_wasserstein_distance(n: int, m: int, empty: float, ties: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=n), random.normal(size=m)
    if ties:
        x, y = x.round(), y.round()
    p, q = weights(n, empty, seed), weights(m, empty, seed + 1)
    cost = abs(x[:, None] - y)
    # sums of up to 60 products in another order
    assert earth_movers_distance(cost, p, q).value == pytest.approx(wasserstein_distance(x, y, p, q), abs=1e-9)
    assert earth_movers_distance(cost).value == pytest.approx(wasserstein_distance(x, y), abs=1e-9)


@given(st.integers(1, 6), st.integers(0, 2**31))
def test_uniform_weights_are_served_by_the_best_permutation(n: int, seed: int) -> None:
    cost = np.random.default_rng(seed).normal(size=(n, n))
    best = min(sum(cost[i, j] for i, j in enumerate(order)) / n for order in permutations(range(n)))
    assert earth_movers_distance(cost).value == pytest.approx(best, abs=1e-12)
    nearly = np.full(n, 1 / n) * (1 + 1e-12 * np.arange(n))  # not uniform, so that the linear programme is solved
    assert earth_movers_distance(cost, nearly / nearly.sum()).value == pytest.approx(best, abs=1e-9)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**31))
def test_a_plan_has_the_weights_as_its_sums(n: int, m: int, seed: int) -> None:
    cost = np.random.default_rng(seed).random((n, m)) * 1e4
    p, q = weights(n, 0.3, seed), weights(m, 0.3, seed + 1)
    plan = exact_plan(cost, p, q)
    assert (plan >= 0).all()
    np.testing.assert_allclose(plan.sum(1), p, atol=1e-9)
    np.testing.assert_allclose(plan.sum(0), q, atol=1e-9)


def released(cost: np.ndarray, beta: float, iterations: int) -> np.ndarray:
    """Algorithm 1 as the code has it: uniform weights, one inner step, no logarithms."""
    n, m = cost.shape
    sigma, plan, kernel = np.ones(m) / m, np.ones((n, m)), np.exp(-cost / beta)
    for _ in range(iterations):
        weighted = kernel * plan
        delta = 1 / (n * weighted @ sigma)
        sigma = 1 / (m * weighted.T @ delta)
        plan = delta[:, None] * weighted * sigma
    return plan


@given(
    st.integers(1, 9), st.integers(1, 9), st.sampled_from([2.0, 0.5, 0.1]), st.integers(1, 60), st.integers(0, 2**31)
)
def test_the_iterations_are_the_released_ones(n: int, m: int, beta: float, iterations: int, seed: int) -> None:
    cost = np.random.default_rng(seed).random((n, m))
    plan = ipot_plan(cost, beta=beta, iterations=iterations)
    np.testing.assert_allclose(plan, released(cost, beta, iterations), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(plan.sum(0), 1 / m, rtol=1e-12)


@pytest.mark.parametrize(
    ("beta", "iterations", "expected"), [(0.5, 1, 0.119203), (0.5, 5, 4.54e-5), (1, 1, 0.268941), (1, 5, 6.69e-3)]
)
def test_two_points_have_a_closed_form(beta: float, iterations: int, expected: float) -> None:
    """1 / (1 + exp(t / beta)) after t iterations (fact sheet text_models, section 7.1)."""
    found = ipot_distance(np.array([[0.0, 1], [1, 0]]), beta=beta, iterations=iterations).value
    assert found == pytest.approx(1 / (1 + np.exp(iterations / beta)), rel=1e-12)
    assert found == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("beta", [1.0, 0.5, 0.1])
@pytest.mark.parametrize(("n", "m", "dimensions"), [(6, 8, 16), (12, 12, 64), (20, 15, 300)])
def test_it_reaches_the_linear_programme_for_every_beta(n: int, m: int, dimensions: int, beta: float) -> None:
    random = np.random.default_rng(n)
    x, y = random.normal(size=(n, dimensions)), random.normal(size=(m, dimensions))
    cost = 1 - (x @ y.T) / np.linalg.norm(x, axis=1)[:, None] / np.linalg.norm(y, axis=1)
    exact = earth_movers_distance(cost).value
    scores = [ipot_distance(cost, beta=beta, iterations=t) for t in (10, 50, 500, 5000)]
    gaps = [score.value - exact for score in scores]
    assert abs(gaps[0]) > abs(gaps[2]) >= abs(gaps[3]) - 1e-9
    assert abs(gaps[3]) < 1e-4
    for gap, score in zip(gaps, scores, strict=True):
        assert gap >= -n / 2 * score.details["row_error"] * np.ptp(cost) - 1e-12


def test_ipot_takes_weights_and_leaves_empty_points_alone() -> None:
    random = np.random.default_rng(0)
    cost, p, q = random.random((7, 9)), weights(7, 0.5, 1), weights(9, 0.5, 2)
    plan = ipot_plan(cost, p, q, beta=0.1, iterations=3000)
    np.testing.assert_allclose(plan.sum(1), p, atol=1e-6)
    assert (plan[p == 0] == 0).all()
    assert (plan * cost).sum() == pytest.approx(earth_movers_distance(cost, p, q).value, abs=1e-4)
    score = ipot_distance(cost, p, q, beta=0.1, iterations=5)
    assert score.details["row_error"] == pytest.approx(
        abs(ipot_plan(cost, p, q, beta=0.1, iterations=5).sum(1) - p).max()
    )


def test_more_inner_steps_meet_the_row_sums_better() -> None:
    cost = np.random.default_rng(3).random((8, 8))
    errors = [ipot_distance(cost, beta=0.1, iterations=5, inner=inner).details["row_error"] for inner in (1, 100)]
    assert errors[1] < errors[0] / 10


def test_a_sequence_and_its_permutation_are_at_no_distance() -> None:
    """The sequence loss is blind to order (fact sheet text_models, section 7.1)."""
    words = np.random.default_rng(4).normal(size=(10, 16))
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    cost = 1 - words @ words[np.random.default_rng(5).permutation(10)].T
    assert earth_movers_distance(cost).value == pytest.approx(0, abs=1e-15)
    assert ipot_distance(cost).value == pytest.approx(0, abs=1e-12)


def test_costs_that_are_large_against_beta_do_not_underflow() -> None:
    """A constant added to the cost changes no plan; here every entry of exp(-cost / beta) would be 0."""
    cost = np.random.default_rng(6).random((20, 30))
    plan = ipot_plan(cost + 500, beta=0.5, iterations=50)
    np.testing.assert_allclose(plan, released(cost, 0.5, 50), rtol=1e-9, atol=1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(released(cost + 500, 0.5, 50)).any()


@given(st.integers(2, 8), st.integers(2, 8), st.sampled_from([0.2, 0.05, 0.02]), st.integers(0, 2**31))
def test_plain_iterations_and_those_on_logarithms_are_the_same(n: int, m: int, beta: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    weight, p, q = -random.random((n, m)) / beta, weights(n, 0.0, seed), weights(m, 0.0, seed + 1)
    for inner in (1, 3):
        plain = transport._scaled(weight, p, q, 10, inner)
        np.testing.assert_allclose(
            plain, transport._scaled_by_logarithms(weight, p, q, 10, inner), rtol=1e-9, atol=1e-14
        )  # 500 / 0.02 roundings at most


def test_a_transport_that_is_given_up_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PIVOTS", 1)
    cost = np.random.default_rng(0).random((20, 30))
    with pytest.warns(UserWarning, match="numItermax"), pytest.raises(ValueError, match="20 x 30 was not solved"):
        earth_movers_distance(cost)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e9, 1e200])
def test_the_unit_of_the_cost_is_that_of_the_distance(scale: float) -> None:
    cost, p, q = np.random.default_rng(1).normal(size=(9, 7)), weights(9, 0.0, 1), weights(7, 0.0, 2)
    plain = earth_movers_distance(cost, p, q).value
    assert earth_movers_distance(scale * cost, p, q).value == pytest.approx(scale * plain, rel=1e-12)


SQUARE = np.ones((2, 2))


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: earth_movers_distance(np.array([[np.nan]])), r"cost must be finite and \(n, m\) with n, m > 0"),
        (lambda: earth_movers_distance(np.array([[np.inf]])), "cost must be finite"),
        (
            lambda: earth_movers_distance(np.empty((0, 2))),
            r"cost must be finite and \(n, m\) with n, m > 0, it is \(0, 2\)",
        ),
        (lambda: earth_movers_distance(np.ones(3)), "cost must be finite"),
        (lambda: exact_plan(SQUARE, np.array([0.5, 0.6])), "p sums to 1.1, not to 1"),
        (
            lambda: exact_plan(SQUARE, None, np.array([1.0])),
            r"q must have 2 finite, non-negative weights, it has \(1,\)",
        ),
        (lambda: ipot_distance(SQUARE, np.array([1.5, -0.5])), "p must have 2 finite, non-negative weights"),
        (lambda: ipot_distance(SQUARE, beta=0.0), "beta, iterations and inner must be positive, they are 0.0, 50, 1"),
        (lambda: ipot_distance(SQUARE, iterations=0), "beta, iterations and inner must be positive"),
    ],
)
def test_what_cannot_be_transported_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
