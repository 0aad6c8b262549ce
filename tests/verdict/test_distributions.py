"""The distributions that are written out, against scipy's."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from repro.verdict.distributions import (
    digamma,
    normal_cdf,
    normal_cdfs,
    normal_quantile,
    t_cdf,
    t_quantile,
    trigamma,
    trigamma_inverse,
)

DEGREES = st.floats(0.6, 1e4)


@given(st.floats(-60, 60), DEGREES)
def test_the_t_distribution_is_scipy_s_in_both_tails(t: float, df: float) -> None:
    # scipy itself is known to about 1e-10 in the far tail; beyond 1e-200 it underflows before we do
    assert t_cdf(t, df) == pytest.approx(special.stdtr(df, t), rel=1e-9, abs=1e-200)


@given(st.floats(1e-9, 1 - 1e-9), DEGREES)
def test_the_quantile_is_the_inverse_of_the_distribution(level: float, df: float) -> None:
    # a quantile carries the rounding of its level: near 1 that is 1e-16 / 1e-9
    assert t_cdf(t_quantile(level, df), df) == pytest.approx(level, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("df", [1, 2, 2.7, 4, 9, 30, 1000])
@pytest.mark.parametrize("level", [0.005, 0.025, 0.05, 0.5, 0.9, 0.975])
def test_quantiles_are_scipy_s(level: float, df: float) -> None:
    assert t_quantile(level, df) == pytest.approx(special.stdtrit(df, level), rel=1e-10, abs=1e-12)


def test_student_s_t_is_normal_with_ever_more_degrees_of_freedom() -> None:
    assert t_cdf(-1.7, math.inf) == normal_cdf(-1.7)
    assert t_cdf(-1.7, 1e7) == pytest.approx(normal_cdf(-1.7), rel=1e-5)
    assert (t_cdf(-math.inf, 3), t_cdf(math.inf, 3), t_cdf(0.0, 3)) == (0.0, 1.0, 0.5)


def test_the_normal_distribution_is_scipy_s() -> None:
    x = np.linspace(-12, 12, 301)
    np.testing.assert_allclose([normal_cdf(each) for each in x], special.ndtr(x), rtol=1e-13)
    np.testing.assert_allclose(normal_cdfs(x), special.ndtr(x), atol=1e-8)  # linear between nodes 5e-4 apart
    assert normal_cdfs(x.reshape(7, 43)).shape == (7, 43)
    for level in (1e-6, 0.025, 0.5, 0.95, 0.999):
        assert normal_quantile(level) == pytest.approx(special.ndtri(level), rel=1e-13, abs=1e-15)


@given(st.floats(1e-3, 1e6))
def test_the_derivatives_of_log_gamma_are_scipy_s(x: float) -> None:
    # digamma has a zero at 1.46, about which only its absolute error is small
    assert digamma(x) == pytest.approx(special.psi(x), rel=1e-10, abs=1e-10)
    assert trigamma(x) == pytest.approx(special.polygamma(1, x), rel=1e-10)


@given(st.floats(1e-6, 1e6))
def test_the_inverse_of_trigamma_is_its_inverse(value: float) -> None:
    assert trigamma(trigamma_inverse(value)) == pytest.approx(value, rel=1e-9)
