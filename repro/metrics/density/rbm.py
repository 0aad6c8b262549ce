"""The log-partition function of a binary restricted Boltzmann machine, exact or by annealed importance sampling.

Paper:   Salakhutdinov and Murray (2008), On the Quantitative Analysis of Deep Belief Networks, sections 3 and 4.
Code:    the order of weight and transition, the base-rate start and the schedule are those of the authors' demo for the
         500-unit model. Some codes weigh a point after it has moved to the new temperature, which overestimates log Z
         by the order of one over the number of temperatures (monsta-hd/boltzmann-machines); here it is weighed before.
Shapes:  D visible, F hidden units, N items, C chains
Units:   nats
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import expit, logit, logsumexp

from repro.metrics.score import Score, signature

LARGEST = 25
"""The units that are enumerated at most: 2^25 states, minutes for some hundred units on the other side."""
CHUNK = 1 << 17
"""Numbers held at once while enumerating: 1 MB, which stays in the cache."""


@dataclass(frozen=True)
class Rbm:
    """p(v, h) = exp(v W h + b v + a h) / Z over binary v (D,) and h (F,); W are `weights`, b and a the biases."""

    weights: np.ndarray
    visible_bias: np.ndarray
    hidden_bias: np.ndarray

    def __post_init__(self) -> None:
        expected = (np.size(self.visible_bias), np.size(self.hidden_bias))
        if np.shape(self.weights) != expected or min(expected) == 0:
            raise ValueError(f"weights must be (visible, hidden) = {expected}, they are {np.shape(self.weights)}")
        for name in ("weights", "visible_bias", "hidden_bias"):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            if not np.isfinite(value).all():
                raise ValueError(f"{name} of the RBM must be finite")
            object.__setattr__(self, name, value if name == "weights" else value.reshape(-1))


def free_log_probability(rbm: Rbm, visible: np.ndarray) -> np.ndarray:
    """log p*(v) = b v + sum_j softplus(a_j + (v W)_j), hidden units summed out, for visible (N, D); (N,) in nats."""
    return _tempered(rbm, visible, np.zeros_like(rbm.visible_bias), 1.0)


def exact_log_partition(rbm: Rbm) -> Score:
    """log Z in nats, by enumerating the side with fewer units, of which there may be 25; the other is summed out.

    States are summed in float64 by log-sum-exp, chunk by chunk, so memory stays small and nothing overflows. Raises
    ValueError for more units than that: `ais_log_partition` estimates.
    """
    small = rbm if len(rbm.visible_bias) <= len(rbm.hidden_bias) else Rbm(
        rbm.weights.T, rbm.hidden_bias, rbm.visible_bias
    )  # fmt: skip
    units, others = small.weights.shape
    if units > LARGEST:
        raise ValueError(f"the smaller side has {units} units, more than {LARGEST} cannot be enumerated; use AIS")
    step = max(1, CHUNK // max(units, others))
    parts = [
        float(logsumexp(free_log_probability(small, _states(start, min(start + step, 1 << units), units))))
        for start in range(0, 1 << units, step)
    ]
    said = signature("log-partition", "repro/1", method="exact", enumerated=units, dtype="float64")
    return Score(float(logsumexp(parts)), said)


def _states(start: int, stop: int, units: int) -> np.ndarray:
    """The binary spellings (stop - start, units) of the numbers from start to stop."""
    return ((np.arange(start, stop)[:, None] >> np.arange(units)) & 1).astype(np.float64)


def reference_schedule() -> np.ndarray:
    """The inverse temperatures of the authors' demo: steps of 1e-3 to 0.5, of 1e-4 to 0.9, of 1e-5 to 1; (14501,)."""
    return np.concatenate([np.arange(500) / 1e3, 0.5 + np.arange(4000) / 1e4, 0.9 + np.arange(10_001) / 1e5])


def base_rate_bias(visible: np.ndarray, *, clip: float = 1e-3) -> np.ndarray:
    """Visible biases (D,) of the base-rate model: log odds of the means of data (N, D), within [clip, 1 - clip]."""
    means = np.asarray(visible, dtype=np.float64).mean(axis=0)
    if not ((means >= 0) & (means <= 1)).all():
        raise ValueError("data of a binary RBM must lie in [0, 1]")
    bias: np.ndarray = logit(means.clip(clip, 1 - clip))
    return bias


def ais_log_partition(
    rbm: Rbm,
    *,
    seed: int,
    chains: int = 100,
    temperatures: np.ndarray | int | None = None,
    base_bias: np.ndarray | None = None,
) -> Score:
    """The estimate log mean(w) of log Z in nats, by annealed importance sampling with `chains` independent chains.

    `temperatures` are inverse ones from 0 to 1, increasing; a number K is K equal steps, None `reference_schedule`.
    The start is a model without weights whose visible biases are `base_bias` (D,), see `base_rate_bias`; uniform if
    None. mean(w) is unbiased for Z, so its log is too low in expectation, and likelihoods come out optimistic.
    `details`: `std` of the log-weights, `effective_chains` = (sum w)^2 / sum w^2, and `low` and `high`, the log of
    mean(w) -+ 3 standard errors; `low` is left out where that is not positive. Items (C,) are the log-weights.
    """
    beta = _schedule(temperatures)
    start = np.zeros(len(rbm.visible_bias)) if base_bias is None else np.asarray(base_bias, dtype=np.float64)
    if start.shape != rbm.visible_bias.shape or not np.isfinite(start).all():
        raise ValueError(f"base_bias must be finite, {rbm.visible_bias.shape}, it is {start.shape}")
    if chains < 2:
        raise ValueError(f"chains must be at least 2, to say how sure the estimate is; it is {chains}")
    log_w = _log_weights(rbm, start, beta, chains, np.random.default_rng(seed))
    said = signature("log-partition", "repro/1", method="ais", chains=chains, temperatures=beta.size,
                     start="uniform" if base_bias is None else "base-rate", seed=seed)  # fmt: skip
    value = float(logsumexp(log_w) - np.log(chains))
    return Score(value, said, log_w, _certainty(log_w, value))


def _log_weights(rbm: Rbm, start: np.ndarray, beta: np.ndarray, chains: int, random: np.random.Generator) -> np.ndarray:
    base = len(rbm.hidden_bias) * np.log(2) + np.logaddexp(0, start).sum()
    log_w = np.full(chains, base)
    v = (random.random((chains, len(start))) < expit(start)).astype(np.float64)
    for before, now in pairwise(beta):
        log_w += _tempered(rbm, v, start, now) - _tempered(rbm, v, start, before)
        h = random.random((chains, len(rbm.hidden_bias))) < expit(now * (v @ rbm.weights + rbm.hidden_bias))
        inward = (1 - now) * start + now * (h @ rbm.weights.T + rbm.visible_bias)
        v = (random.random(v.shape) < expit(inward)).astype(np.float64)
    return log_w


def _tempered(rbm: Rbm, v: np.ndarray, start: np.ndarray, beta: float) -> np.ndarray:
    """log p*_beta(v), between the base-rate model at 0 and the RBM at 1, (N,)."""
    bias = (1 - beta) * start + beta * rbm.visible_bias
    total: np.ndarray = v @ bias + _sum_of_softplus(beta * (v @ rbm.weights + rbm.hidden_bias))
    return total


def _sum_of_softplus(x: np.ndarray) -> np.ndarray:
    """sum_j log(1 + e^x_j) of each row, with one logarithm for 1000 terms: a term of 1 + e^-|x| is at most 2."""
    factors = 1 + np.exp(-np.abs(x))
    logs = np.log(np.multiply.reduceat(factors, np.arange(0, x.shape[1], 1000), axis=1)).sum(axis=1)
    total: np.ndarray = np.maximum(x, 0).sum(axis=1) + logs
    return total


def _schedule(temperatures: np.ndarray | int | None) -> np.ndarray:
    if temperatures is None:
        return reference_schedule()
    if isinstance(temperatures, (int, np.integer)):
        if temperatures < 1:
            raise ValueError(f"temperatures must be at least one step, not {temperatures}")
        return np.linspace(0, 1, int(temperatures) + 1)
    beta = np.asarray(temperatures, dtype=np.float64)
    if beta.ndim != 1 or beta.size < 2 or beta[0] != 0 or beta[-1] != 1 or not (np.diff(beta) > 0).all():
        raise ValueError("inverse temperatures must increase from 0 to 1")
    return beta


def _certainty(log_w: np.ndarray, value: float) -> dict[str, float]:
    w = np.exp(log_w - value)  # mean 1
    error = 3 * w.std(ddof=1) / np.sqrt(w.size)
    details = {"std": float(log_w.std(ddof=1)), "effective_chains": float(w.sum() ** 2 / (w**2).sum()),
               "high": value + float(np.log1p(error))}  # fmt: skip
    return {**details, "low": value + float(np.log1p(-error))} if error < 1 else details


def log_probability(visible: np.ndarray, rbm: Rbm, log_partition: float) -> Score:
    """Mean log p(v) = log p*(v) - log Z in nats of data (N, D) in [0, 1]; higher is better. Items (N,) are each item's.

    `log_partition` is the value of `exact_log_partition`, which makes this exact, or of `ais_log_partition`, which
    tends to make it too high.
    """
    values = np.asarray(visible, dtype=np.float64)
    if values.ndim != 2 or len(values) == 0 or values.shape[1] != len(rbm.visible_bias):
        raise ValueError(f"visible must be (N, {len(rbm.visible_bias)}) with N > 0, it is {values.shape}")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("data of a binary RBM must lie in [0, 1]")
    items = free_log_probability(rbm, values) - log_partition
    said = signature("log-probability", "repro/1", model="rbm", log_partition=f"{log_partition:.6f}", n=len(values))
    return Score(float(items.mean()), said, items)
