"""The log-partition of an RBM: sums over all pairs of states, closed forms, and AIS against the exact value."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp

from repro.metrics.density import rbm as module
from repro.metrics.density.rbm import (
    Rbm,
    ais_log_partition,
    base_rate_bias,
    exact_log_partition,
    free_log_probability,
    log_probability,
    reference_schedule,
)

EXACT = 10.897025  # the fact sheet's fixture, section 6.2


def fixture() -> Rbm:
    random = np.random.RandomState(0)
    return Rbm(0.5 * random.randn(8, 6), 0.5 * random.randn(8), 0.5 * random.randn(6))


def generated(seed: int, visible: int, hidden: int, scale: float) -> Rbm:
    random = np.random.default_rng(seed)
    return Rbm(*(scale * random.normal(size=shape) for shape in ((visible, hidden), visible, hidden)))


def brute_force(rbm: Rbm) -> float:
    """log Z as the sum over all pairs (v, h)."""
    v, h = (np.array(list(itertools.product((0, 1), repeat=size))) for size in rbm.weights.shape)
    negative_energy = v @ rbm.weights @ h.T + (v @ rbm.visible_bias)[:, None] + h @ rbm.hidden_bias
    return float(logsumexp(negative_energy))


def test_the_fixture_of_the_fact_sheet_comes_out() -> None:
    assert exact_log_partition(fixture()).value == pytest.approx(EXACT, abs=5e-7)  # printed to six decimals


def test_the_exact_value_is_the_sum_over_all_pairs_of_states() -> None:
    for seed in range(200):
        random = np.random.default_rng(seed)
        rbm = generated(seed, int(random.integers(1, 8)), int(random.integers(1, 8)), 10.0 ** random.uniform(-2, 2))
        assert exact_log_partition(rbm).value == pytest.approx(brute_force(rbm), rel=1e-12, abs=1e-12)


def test_either_side_may_be_enumerated() -> None:
    rbm = generated(1, 9, 5, 1.0)
    turned = Rbm(rbm.weights.T, rbm.hidden_bias, rbm.visible_bias)
    assert exact_log_partition(turned).value == pytest.approx(exact_log_partition(rbm).value, rel=1e-14)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rbm = generated(2, 10, 7, 1.0)
    whole = exact_log_partition(rbm).value
    monkeypatch.setattr(module, "CHUNK", 33)
    assert exact_log_partition(rbm).value == pytest.approx(whole, rel=1e-14)


@pytest.mark.parametrize(("visible", "hidden"), [(1, 1), (784, 12), (3, 3000)])
def test_without_weights_the_units_are_independent(visible: int, hidden: int) -> None:
    zero = Rbm(np.zeros((visible, hidden)), np.zeros(visible), np.zeros(hidden))
    assert exact_log_partition(zero).value == pytest.approx((visible + hidden) * np.log(2), rel=1e-13)
    rbm = Rbm(np.zeros((visible, hidden)), np.full(visible, 0.7), np.full(hidden, -300.0))
    assert exact_log_partition(rbm).value == pytest.approx(visible * np.logaddexp(0, 0.7), rel=1e-13)


def test_biases_of_thousands_neither_overflow_nor_vanish() -> None:
    rbm = Rbm(np.full((2, 2), 5000.0), np.full(2, -9000.0), np.zeros(2))
    assert exact_log_partition(rbm).value == pytest.approx(brute_force(rbm), rel=1e-14)


def test_probabilities_of_all_visible_states_sum_to_1() -> None:
    rbm = generated(3, 9, 4, 1.5)
    states = np.array(list(itertools.product((0, 1), repeat=9)))
    scored = log_probability(states, rbm, exact_log_partition(rbm).value)
    assert scored.items is not None
    assert np.exp(scored.items).sum() == pytest.approx(1, abs=1e-12)
    assert scored.value == pytest.approx(scored.items.mean(), abs=1e-12)
    np.testing.assert_allclose(free_log_probability(rbm, states), scored.items + brute_force(rbm), atol=1e-10)


@pytest.mark.parametrize(
    ("temperatures", "spread"), [(10, 0.36), (100, 0.12), pytest.param(1000, 0.037, marks=pytest.mark.long)]
)
def test_ais_is_within_the_fact_sheet_s_distance_of_the_exact_value(temperatures: int, spread: float) -> None:
    """20,000 chains from the uniform start; the distance and the spreads of log w are the fact sheet's, 9.13."""
    found = ais_log_partition(fixture(), seed=0, chains=20_000, temperatures=temperatures)
    assert found.value == pytest.approx(EXACT, abs=0.005)
    assert found.details["std"] == pytest.approx(spread, rel=0.15)
    assert found.details["low"] < EXACT < found.details["high"]


def test_few_temperatures_are_not_biased_upwards() -> None:
    """Weighing a point after it moved would give log Z + 0.39 at three temperatures (fact sheet, pitfalls)."""
    values = [ais_log_partition(fixture(), seed=seed, chains=5000, temperatures=3) for seed in range(8)]
    mean = logsumexp([score.value for score in values]) - np.log(8)
    assert mean == pytest.approx(EXACT, abs=0.03)  # 40,000 chains of spread 0.65: three standard errors are 0.012


def test_the_mean_weight_is_unbiased_however_few_the_temperatures() -> None:
    rbm = generated(5, 4, 3, 0.5)
    found = ais_log_partition(rbm, seed=1, chains=200_000, temperatures=1)
    assert found.details["low"] < exact_log_partition(rbm).value < found.details["high"]


def test_the_interval_covers_the_exact_value_about_as_often_as_it_says() -> None:
    """Three standard errors of 100 skewed weights: misses are rarer than 1 in 20 over 100 models."""
    missed = 0
    for seed in range(100):
        rbm = generated(seed, 6, 5, 0.5)
        found = ais_log_partition(rbm, seed=seed, temperatures=50)
        exact = exact_log_partition(rbm).value
        missed += not found.details.get("low", -np.inf) <= exact <= found.details["high"]
    assert missed <= 5


def test_a_start_at_the_data_s_base_rate_needs_fewer_temperatures() -> None:
    random = np.random.default_rng(6)
    rbm = Rbm(0.2 * random.normal(size=(10, 5)), np.linspace(-4, 4, 10), np.zeros(5))
    data = random.random((500, 10)) < 1 / (1 + np.exp(-rbm.visible_bias))
    uniform = ais_log_partition(rbm, seed=0, chains=500, temperatures=20)
    based = ais_log_partition(rbm, seed=0, chains=500, temperatures=20, base_bias=base_rate_bias(data))
    assert based.details["std"] < 0.5 * uniform.details["std"]
    assert based.value == pytest.approx(exact_log_partition(rbm).value, abs=0.05)
    assert "start:base-rate" in based.signature
    assert "start:uniform" in uniform.signature


def test_without_weights_ais_is_exact_from_the_right_start() -> None:
    rbm = Rbm(np.zeros((4, 3)), np.array([1.0, -2, 0, 3]), np.zeros(3))
    found = ais_log_partition(rbm, seed=0, temperatures=2, base_bias=rbm.visible_bias)
    assert found.value == pytest.approx(exact_log_partition(rbm).value, abs=1e-12)
    assert found.details["effective_chains"] == pytest.approx(100, abs=1e-9)


def test_a_seed_is_a_number_and_another_is_another() -> None:
    first, again, other = (ais_log_partition(fixture(), seed=seed, temperatures=5).value for seed in (1, 1, 2))
    assert first == again != other


def test_the_reference_schedule_is_the_demo_s() -> None:
    beta = reference_schedule()
    assert (beta.size, beta[0], beta[-1]) == (14_501, 0, 1)
    np.testing.assert_allclose(np.unique(np.diff(beta).round(9)), [1e-5, 1e-4, 1e-3], atol=1e-12)
    assert (np.diff(beta) > 0).all()


def test_the_base_rate_is_the_log_odds_of_the_means_away_from_0_and_1() -> None:
    data = np.array([[0, 1, 0, 1], [0, 1, 1, 1], [0, 1, 0, 0.0]])
    odds = np.array([1e-3, 0.999, 1 / 3, 2 / 3])
    np.testing.assert_allclose(base_rate_bias(data), np.log(odds / (1 - odds)), atol=1e-12)


def test_more_than_25_units_are_not_enumerated() -> None:
    with pytest.raises(ValueError, match="the smaller side has 26 units, more than 25 cannot be enumerated; use AIS"):
        exact_log_partition(Rbm(np.zeros((26, 40)), np.zeros(26), np.zeros(40)))


def test_arrays_that_make_no_rbm_are_refused() -> None:
    with pytest.raises(ValueError, match=r"weights must be \(visible, hidden\) = \(3, 2\), they are \(2, 3\)"):
        Rbm(np.zeros((2, 3)), np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="hidden_bias of the RBM must be finite"):
        Rbm(np.zeros((1, 1)), np.zeros(1), np.array([np.nan]))
    with pytest.raises(ValueError, match=r"visible must be \(N, 8\) with N > 0, it is \(0, 8\)"):
        log_probability(np.zeros((0, 8)), fixture(), 0.0)
    with pytest.raises(ValueError, match=r"data of a binary RBM must lie in \[0, 1\]"):
        log_probability(np.full((1, 8), 255.0), fixture(), 0.0)
    with pytest.raises(ValueError, match=r"data of a binary RBM must lie in \[0, 1\]"):
        base_rate_bias(np.full((1, 8), np.nan))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"chains": 1}, "chains must be at least 2, to say how sure the estimate is; it is 1"),
        ({"temperatures": 0}, "temperatures must be at least one step, not 0"),
        ({"temperatures": np.array([0.5, 1])}, "inverse temperatures must increase from 0 to 1"),
        ({"temperatures": np.array([0, 0.5, 0.5, 1])}, "inverse temperatures must increase from 0 to 1"),
        ({"base_bias": np.zeros(3)}, r"base_bias must be finite, \(8,\), it is \(3,\)"),
    ],
)
def test_a_schedule_that_is_none_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ais_log_partition(fixture(), seed=0, **given)  # type: ignore[arg-type]  # each case has its own types
