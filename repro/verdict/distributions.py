"""The normal and the t distribution, and the derivatives of log gamma, as scipy.special has them.

They are written here because a report must be there in half a second, and importing `scipy.special` takes a third of
that (it imports every module of numpy). The tests hold each of them against scipy to 1e-10.
Source: the regularised incomplete beta function by Lentz's continued fraction (Press et al., Numerical Recipes, 6.4).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

Array = np.ndarray

_SQRT_HALF = math.sqrt(0.5)
_TINY = 1e-300
_STEP = 5e-4
_REACH = 12.0


def normal_cdf(x: float) -> float:
    """P(Z <= x) for a standard normal Z; relatively accurate in the lower tail."""
    return 0.5 * math.erfc(-x * _SQRT_HALF)


def normal_cdfs(x: Array) -> Array:
    """`normal_cdf` of each entry, to 1e-8: for powers, and the integrals of best-of-m prints."""
    values: Array = np.interp(x, *_normal_table())
    return values


@lru_cache(maxsize=1)
def _normal_table() -> tuple[Array, Array]:
    """Nodes and values for linear interpolation, which errs by step^2 / 8 times the slope of the density at most."""
    nodes = np.linspace(-_REACH, _REACH, round(2 * _REACH / _STEP) + 1)
    return nodes, np.array([normal_cdf(x) for x in nodes.tolist()])


def normal_quantile(level: float) -> float:
    """The x with P(Z <= x) = level, for 0 < level < 1."""
    return NormalDist().inv_cdf(level)


def t_cdf(t: float, df: float) -> float:
    """P(T <= t) for Student's t with df > 0 degrees of freedom, not necessarily whole; accurate in the lower tail."""
    if math.isinf(t):
        return 0.0 if t < 0 else 1.0
    if math.isinf(df):
        return normal_cdf(t)
    tail = 0.5 * _beta_share(df / (df + t * t), t * t / (df + t * t), df / 2, 0.5)
    return tail if t <= 0 else 1.0 - tail


@lru_cache(maxsize=4096)
def t_quantile(level: float, df: float) -> float:
    """The t with P(T <= t) = level, for 0 < level < 1."""
    if level > 0.5:
        return -t_quantile(1.0 - level, df)
    if level == 0.5:
        return 0.0
    low, high = -1.0, 0.0
    while t_cdf(low, df) > level:
        low, high = 2.0 * low, low
    t = (low + high) / 2
    for _ in range(200):  # Newton's step, or the middle of the bracket where it leads out of it
        error = t_cdf(t, df) - level
        low, high = (low, t) if error > 0 else (t, high)
        step = t - error / _t_density(t, df)
        step = step if low < step < high else (low + high) / 2
        if abs(step - t) <= 1e-15 * abs(step):
            break
        t = step
    return step


def digamma(x: float) -> float:
    """The derivative of log gamma at x > 0: by recurrence up to x >= 10, then its asymptotic series."""
    shift = 0.0
    while x < 10.0:
        shift, x = shift - 1 / x, x + 1
    y = 1 / (x * x)
    return shift + math.log(x) - 0.5 / x - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))


def trigamma(x: float) -> float:
    """The derivative of `digamma` at x > 0, in the same way."""
    shift = 0.0
    while x < 10.0:
        shift, x = shift + 1 / (x * x), x + 1
    y = 1 / (x * x)
    return shift + 1 / x + y / 2 + y / x * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y * (1 / 30 - y * 5 / 66))))


def trigamma_inverse(value: float) -> float:
    """The x > 0 with trigamma(x) = value > 0: by bisection of its logarithm, in which trigamma falls."""
    low, high = -0.5 * math.log(value) - 1.0, math.log1p(1 / value) + 1.0  # 1 / x^2 < trigamma(x) < 1 / x^2 + 1 / x
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if trigamma(math.exp(middle)) > value else (low, middle)
    return math.exp((low + high) / 2)


def _t_density(t: float, df: float) -> float:
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - (df + 1) / 2 * math.log1p(t * t / df))


def _beta_share(x: float, rest: float, a: float, b: float) -> float:
    """I_x(a, b), the regularised incomplete beta function; `rest` is 1 - x, given apart for its digits."""
    if x <= 0.0:
        return 0.0
    if rest <= 0.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(rest, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, _inverse(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = _inverse(1.0 + term * d)
            c = 1.0 + term / c if abs(1.0 + term / c) > _TINY else _TINY
            value *= c * d
        if abs(c * d - 1.0) < 1e-16:
            return value
    raise ArithmeticError(f"the incomplete beta function did not converge at x = {x}, a = {a}, b = {b}")


def _inverse(value: float) -> float:
    return 1.0 / (value if abs(value) > _TINY else _TINY)
