"""The fit by the generalised Jensen-Shannon divergence, and the divergence against the fact sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import rel_entr
from scipy.stats import binom

from baselines.huszar.generalised_js import FittedHump, GeneralisedJs, hump
from repro.data.kinds.exact import CategoricalPairs, categorical_pairs
from tests.baselines.contract import Mortal

PAIRS = categorical_pairs()
HUMPS = PAIRS.pairs["humps"][0]
PRINTED = 6e-7  # half a unit of the fact sheet's sixth digit, and a little rounding


def fitted(pi: float, data: CategoricalPairs = PAIRS, truth: str = "humps") -> FittedHump:
    return GeneralisedJs(pi, truth).fit(data, Mortal(Path("unused")))


@pytest.mark.parametrize(
    ("pi", "share", "expected"),
    [
        (1e-1, 1e-1, 0.322511), (1e-2, 1e-2, 0.356238), (1e-3, 1e-3, 0.359679), (1e-4, 1e-4, 0.360024),
        (1 - 1e-1, 1e-1, 0.346373), (1 - 1e-2, 1e-2, 0.389774), (1 - 1e-3, 1e-3, 0.394310),
        (1 - 1e-4, 1e-4, 0.394766), (0.5, 1.0, 0.090566),
    ],
)  # fmt: skip
def test_the_divergence_is_that_of_the_fact_sheet(pi: float, share: float, expected: float) -> None:
    """papers/notes/text_models.md, section 5: JS_pi / pi, then JS_pi / (1 - pi), then JS_1/2."""
    assert GeneralisedJs(pi).divergence(*PAIRS.pairs["generic"]) / share == pytest.approx(expected, abs=PRINTED)


def test_it_is_symmetric_under_an_exchange_of_pi_and_of_the_distributions() -> None:
    p, q = PAIRS.pairs["generic"]
    for pi in (0.01, 0.3, 0.5):
        assert GeneralisedJs(pi).divergence(p, q) == pytest.approx(GeneralisedJs(1 - pi).divergence(q, p), abs=1e-15)


def test_disjoint_supports_are_as_far_apart_as_pi_is_uncertain() -> None:
    """H(0.3) = 0.610864 of the fact sheet."""
    assert GeneralisedJs(0.3).divergence(*PAIRS.pairs["disjoint"]) == pytest.approx(0.610864, abs=PRINTED)


@pytest.mark.parametrize("pi", [0.0001, 0.3, 0.9999])
def test_no_binomial_on_a_fine_grid_is_nearer(pi: float) -> None:
    """2,000 rates, by the sum as it is printed; the margin is the rounding of terms below 1."""
    found = fitted(pi)

    def printed(q: np.ndarray) -> float:
        mixture = pi * HUMPS + (1 - pi) * q
        return float(pi * rel_entr(HUMPS, mixture).sum() + (1 - pi) * rel_entr(q, mixture).sum())

    least = min(printed(binom.pmf(np.arange(17), 16, rate)) for rate in np.linspace(0.0001, 0.9999, 2_000))
    assert printed(found.fitted) <= least + 1e-15


@pytest.mark.parametrize("pi", [0.0001, 0.5, 0.9999])
@pytest.mark.parametrize("rate", [0.1, 0.4, 0.77])
def test_the_slope_is_that_of_the_divergence(pi: float, rate: float) -> None:
    """Central differences: the error is of the order of the step's square, 1e-8, of a slope of order one."""
    method, step = GeneralisedJs(pi), 1e-4
    above, below = (method.divergence(HUMPS, hump(17, rate + by)) for by in (step, -step))
    scale = min(pi, 1 - pi)
    assert method.slope(HUMPS, rate) / scale == pytest.approx((above - below) / (2 * step) / scale, abs=1e-4)


def test_maximum_likelihood_covers_both_humps_and_the_other_end_takes_the_first_one() -> None:
    """Maximum likelihood of a binomial: its mean is that of the data, 8, in the middle of nothing."""
    mean = {pi: fitted(pi).fitted @ np.arange(17) for pi in (0.0001, 0.9999)}
    assert mean[0.0001] == pytest.approx(8.0, abs=1e-9)
    assert mean[0.9999] < 4  # the first hump's last category


def test_a_binomial_is_found_again_and_restored() -> None:
    data = CategoricalPairs("made", {"binomial": (hump(5, 0.3), hump(5, 0.5))})
    for pi in (0.1, 0.9):
        model = fitted(pi, data, "binomial")
        np.testing.assert_allclose(model.fitted, hump(5, 0.3), atol=1e-7)  # the root of a slope that rounding blurs
        again = GeneralisedJs(pi, "binomial").restore(model.state(), Mortal(Path("unused")))
        np.testing.assert_array_equal(again.fitted, model.fitted)
        assert (again.pi, again.truth) == (pi, "binomial")


def test_a_hump_is_a_distribution() -> None:
    assert hump(17, 0.2).sum() == pytest.approx(1.0, abs=1e-14)
    assert hump(17, 0.2) @ np.arange(17) == pytest.approx(3.2, abs=1e-13)


@pytest.mark.parametrize("pi", [0.0, 1.0])
def test_a_pi_at_the_ends_is_refused(pi: float) -> None:
    with pytest.raises(ValueError, match="pi must lie between 0 and 1"):
        GeneralisedJs(pi)


def test_a_pair_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="categorical-pairs has no pair 'hump'"):
        fitted(0.5, truth="hump")
