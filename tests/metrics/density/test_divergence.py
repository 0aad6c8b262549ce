"""Divergences against scipy, closed forms and the fact sheet's numbers, and what is no pair of distributions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.special import entr, rel_entr

from repro.metrics.density.divergence import (
    divergence_limit_error,
    jensen_shannon,
    kl_divergence,
    mass_off_support,
    token_mixture_divergence,
)
from repro.metrics.density.histogram import nearest_node_histogram

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])


def pair(cells: int, empty: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two distributions with a share of empty cells, and with equal cells among them."""
    random = np.random.default_rng(seed)
    both = random.choice([0.0, 1.0, 0.5, 1e-9, 3.0], p=[empty, *4 * [(1 - empty) / 4]], size=(2, cells))
    both[:, random.integers(cells)] = 1.0  # some mass
    return both[0] / both[0].sum(), both[1] / both[1].sum()


@given(st.integers(1, 200), st.sampled_from([0.0, 0.3, 0.9]), st.integers(0, 2**31))
def test_kl_is_scipy_s_relative_entropy_or_an_error(cells: int, empty: float, seed: int) -> None:
    p, q = pair(cells, empty, seed)
    expected = rel_entr(p, q).sum()
    if np.isfinite(expected):
        score = kl_divergence(p, q)
        assert score.value == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert score.items is not None
        assert (score.items >= 0).all()
    else:
        with pytest.raises(ValueError, match="KL is infinite: q is 0 in"):
            kl_divergence(p, q)


@given(st.integers(1, 200), st.sampled_from([0.0, 0.3, 0.9]), st.integers(0, 2**31), st.floats(0.001, 0.999))
def test_jensen_shannon_is_scipy_s_symmetric_and_bounded(cells: int, empty: float, seed: int, pi: float) -> None:
    p, q = pair(cells, empty, seed)
    # scipy gives the square root, whose rounding near 0 is 1e-8
    assert jensen_shannon(p, q).value == pytest.approx(jensenshannon(p, q) ** 2, rel=1e-9, abs=1e-14)
    value = jensen_shannon(p, q, pi).value
    assert value == pytest.approx(jensen_shannon(q, p, 1 - pi).value, rel=1e-9, abs=1e-14)
    assert 0 <= value <= entr([pi, 1 - pi]).sum() + 1e-12
    m = pi * p + (1 - pi) * q
    by_definition = pi * rel_entr(p, m).sum() + (1 - pi) * rel_entr(q, m).sum()
    assert value == pytest.approx(by_definition, rel=1e-9, abs=1e-13)


def test_the_fact_sheet_s_numbers_come_out() -> None:
    """Fact sheet text_models, section 5."""
    assert kl_divergence(P, Q).value == pytest.approx(0.360062, abs=5e-7)
    assert kl_divergence(Q, P).value == pytest.approx(0.394816, abs=5e-7)
    assert jensen_shannon(P, Q).value == pytest.approx(0.090566, abs=5e-7)
    for share, forward, reverse in [
        (1e-1, 0.322511, 0.346373), (1e-2, 0.356238, 0.389774), (1e-3, 0.359679, 0.394310), (1e-4, 0.360024, 0.394766),
    ]:  # fmt: skip
        assert jensen_shannon(P, Q, share).value / share == pytest.approx(forward, abs=5e-7)
        assert jensen_shannon(P, Q, 1 - share).value / share == pytest.approx(reverse, abs=5e-7)


def test_the_error_of_a_limit_is_half_the_chi_square_distance_times_pi() -> None:
    # the sheet: 0.38333 and 0.50667, half of 0.766667 and 1.013333
    assert divergence_limit_error(P, Q, 1e-6, "forward").value / 1e-6 == pytest.approx(0.38333, abs=1e-4)
    assert divergence_limit_error(P, Q, 1 - 1e-6, "reverse").value / 1e-6 == pytest.approx(0.50667, abs=1e-4)


def test_disjoint_supports_reach_the_entropy_of_pi_and_equals_zero() -> None:
    assert jensen_shannon(np.array([1.0, 0]), np.array([0, 1.0]), 0.3).value == pytest.approx(0.610864, abs=5e-7)
    assert jensen_shannon(P, P, 0.3).value == pytest.approx(0, abs=1e-16)
    assert kl_divergence(P, P).value == 0


def test_samples_on_a_grid_compare_through_their_nearest_nodes() -> None:
    nodes = np.linspace(-1, 1, 5)
    random = np.random.default_rng(0)
    same, shifted = random.normal(0, 0.3, size=(2, 20_000, 2)), random.normal(0.5, 0.3, size=(20_000, 2))
    p, q, r = (nearest_node_histogram(points, nodes, nodes) for points in (*same, shifted))
    assert jensen_shannon(p, q).value < 0.002 < 0.3 < jensen_shannon(p, r).value


def conditionals(seed: int) -> Callable[[tuple[int, ...]], np.ndarray]:
    """A random next-symbol distribution for every prefix over three symbols."""
    random = np.random.default_rng(seed)
    table = {prefix: random.dirichlet([0.5] * 3) for n in range(3) for prefix in product(range(3), repeat=n)}
    return table.__getitem__


def test_the_token_mixture_bounds_the_divergence_of_sequences_from_above() -> None:
    """All 27 sequences of three symbols, each as often as its source draws it; uniform against certain is exact."""
    p_next, g_next = conditionals(1), conditionals(2)
    sequences = list(product(range(3), repeat=3))
    log_p, log_g = (
        np.log([[of(s[:t])[s[t]] for t in range(3)] for s in sequences]) for of in (p_next, g_next)
    )  # (27, 3)
    p, g = np.exp(log_p.sum(1)), np.exp(log_g.sum(1))
    drawn = [np.random.default_rng(3).choice(27, size=40_000, p=of) for of in (p / p.sum(), g / g.sum())]
    found = token_mixture_divergence(log_p[drawn[0]], log_g[drawn[0]], log_p[drawn[1]], log_g[drawn[1]]).value
    m = np.logaddexp(log_p, log_g) - np.log(2)
    exact = (p @ (log_p - m).sum(1) + g @ (log_g - m).sum(1)) / 2
    assert found == pytest.approx(exact, rel=0.02)  # 40,000 draws
    assert exact > jensen_shannon(p / p.sum(), g / g.sum()).value


def test_the_token_mixture_of_equals_is_zero_and_of_disjoint_sources_log_2_a_token() -> None:
    own, never = np.zeros((4, 20)), np.full((4, 20), -np.inf)
    assert token_mixture_divergence(own, own, own, own).value == 0
    assert token_mixture_divergence(own, never, never, own).value == pytest.approx(20 * np.log(2), rel=1e-15)
    assert token_mixture_divergence(own, never, own, own).details == {"data": 20 * np.log(2), "samples": 0}


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: kl_divergence(np.array([0.5, 0.6]), Q), "p sums to 1.1, not to 1"),
        (lambda: kl_divergence(P, np.array([np.nan, 1])), "q must have cells, all finite and non-negative"),
        (lambda: jensen_shannon(np.array([-0.5, 1.5]), P), "p must have cells, all finite and non-negative"),
        (lambda: jensen_shannon(np.empty(0), np.empty(0)), "p must have cells"),
        (
            lambda: jensen_shannon(P, np.array([1.0])),
            r"p has cells \(3,\) and q \(1,\): both must lie on the same grid",
        ),
        (lambda: jensen_shannon(P, Q, 1.0), "pi must lie between 0 and 1, it is 1.0"),
        (lambda: kl_divergence(P, np.array([1.0, 0, 0])), "KL is infinite: q is 0 in 2 cells where p is not; smooth q"),
        (lambda: divergence_limit_error(P, Q, 0.1, cast(Any, "up")), "limit must be forward or reverse, it is 'up'"),
        (lambda: token_mixture_divergence(P, P, P, P), "both models' log-probabilities must be"),
        (lambda: token_mixture_divergence(*[-np.inf * np.ones((1, 1))] * 4), "log-probabilities must be 0 or less"),
        (lambda: token_mixture_divergence(*[np.ones((1, 1))] * 4), "log-probabilities must be 0 or less"),
    ],
)
def test_what_has_no_divergence_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()


def test_the_mass_off_the_support_is_what_q_has_where_p_has_nothing() -> None:
    """By hand: 0.3 of 1; nothing where p has everything."""
    assert mass_off_support(np.array([0.5, 0.0, 0.5]), np.array([0.1, 0.3, 0.6])).value == pytest.approx(0.3, abs=1e-15)
    assert mass_off_support(P, Q).value == 0.0


def test_mass_off_the_support_is_of_distributions_on_the_same_cells() -> None:
    with pytest.raises(ValueError, match="both must lie on the same grid"):
        mass_off_support(P, np.array([0.5, 0.5]))
