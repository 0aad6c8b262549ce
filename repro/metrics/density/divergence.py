"""Kullback-Leibler and Jensen-Shannon divergences between distributions over the same cells.

Papers: How (Not) to Train Your Generative Model (Huszar, 2015): generalised Jensen-Shannon divergence; CoT (Lu et al.,
        2018): its divergence by conditional token probabilities.
Code:   desire2020/CoT for the latter; the others are definitions.

Samples become distributions by `nearest_node_histogram` of the histogram module. Empty cells: a cell where p is 0 adds
nothing to KL(p || q); one where only q is 0 makes it infinite, which is an error here (`histogram_kl` adds a constant
instead, as the CEGAN paper's headings need). Jensen-Shannon divergences are finite for any empty cells.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import kl_div

from repro.metrics.score import Score, signature

ROUNDING = 1e-6
"""What p and q may sum to besides 1, being float32 at worst; they are then divided by their sums."""


def kl_divergence(p: np.ndarray, q: np.ndarray) -> Score:
    """KL(p || q) = sum of p log(p / q) in nats; 0 or more, lower is closer.

    p and q are distributions of the same shape; items are the cells' terms p log(p / q) - p + q, each 0 or more, which
    sum to the same. Raises ValueError where the divergence is infinite, for shapes that differ, for entries that are
    negative or not finite, and for sums that are not 1.
    """
    p, q = _pair(p, q)
    if ((q == 0) & (p > 0)).any():
        raise ValueError(f"KL is infinite: q is 0 in {((q == 0) & (p > 0)).sum()} cells where p is not; smooth q")
    return _summed(kl_div(p, q), signature("kl-divergence", "repro/1", unit="nats", empty="error"))


def jensen_shannon(p: np.ndarray, q: np.ndarray, pi: float = 0.5) -> Score:
    """JS_pi(p || q) = pi KL(p || m) + (1 - pi) KL(q || m), m = pi p + (1 - pi) q, in nats; lower is closer.

    From 0 (p = q) to the entropy of pi (disjoint supports). pi = 1/2 is the Jensen-Shannon divergence; JS_pi / pi
    tends to KL(p || q) as pi tends to 0, JS_pi / (1 - pi) to KL(q || p) as pi tends to 1. Items are the cells' terms.
    Raises ValueError for pi outside (0, 1), and as `kl_divergence` does, but for empty cells.
    """
    if not 0 < pi < 1:
        raise ValueError(f"pi must lie between 0 and 1, it is {pi}")
    p, q = _pair(p, q)
    mixture = pi * p + (1 - pi) * q
    terms = pi * kl_div(p, mixture) + (1 - pi) * kl_div(q, mixture)
    return _summed(terms, signature("jensen-shannon-divergence", "repro/1", unit="nats", pi=pi))


def divergence_limit_error(p: np.ndarray, q: np.ndarray, pi: float, limit: Literal["forward", "reverse"]) -> Score:
    """|JS_pi / pi - KL(p || q)| (forward) or |JS_pi / (1 - pi) - KL(q || p)| (reverse), in nats.

    About pi (or 1 - pi) times half the chi-square distance near its limit. Raises ValueError as its parts do.
    """
    if limit not in ("forward", "reverse"):
        raise ValueError(f"limit must be forward or reverse, it is {limit!r}")
    divergence = kl_divergence(p, q) if limit == "forward" else kl_divergence(q, p)
    share = pi if limit == "forward" else 1 - pi
    error = abs(jensen_shannon(p, q, pi).value / share - divergence.value)
    return Score(error, signature("divergence-limit-error", "repro/1", unit="nats", pi=pi, limit=limit))


def mass_off_support(p: np.ndarray, q: np.ndarray) -> Score:
    """The probability under q of the cells where p is 0: from 0 to 1, lower is better. Raises ValueError as a pair."""
    p, q = _pair(p, q)
    return Score(float(q[p == 0].sum()), signature("mass-off-support", "repro/1"))


def token_mixture_divergence(
    p_of_data: np.ndarray, model_of_data: np.ndarray, p_of_samples: np.ndarray, model_of_samples: np.ndarray
) -> Score:
    """The "JSD" of the CoT code: per-token mixtures instead of the mixture of sequences, which it bounds from above.

    (1/2) E_p sum_t log(p_t / m_t) + (1/2) E_G sum_t log(g_t / m_t) in nats a sequence, m_t = (p_t + g_t) / 2, where p_t
    and g_t are probabilities given the sequence so far. From 0 to T log 2; lower is closer. Takes log-probabilities in
    nats: of data sequences (N, T) under the truth p and under the model, and of the model's samples (N', T) under both.
    Details: the two halves before averaging, `data` and `samples`.
    """
    data, samples = _towards_mixture(p_of_data, model_of_data), _towards_mixture(model_of_samples, p_of_samples)
    protocol = signature("jensen-shannon-divergence", "repro/1", unit="nats", mixture="tokens")
    return Score((data + samples) / 2, protocol, details={"data": data, "samples": samples})


def _towards_mixture(own: np.ndarray, other: np.ndarray) -> float:
    own, other = np.asarray(own, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if own.ndim != 2 or not own.size or own.shape != other.shape:
        raise ValueError(
            f"both models' log-probabilities must be (N, T) of the same tokens: {own.shape}, {other.shape}"
        )
    if not np.isfinite(own).all() or np.isnan(other).any() or max(own.max(), other.max()) > ROUNDING:
        raise ValueError("log-probabilities must be 0 or less, and of a sequence under its own source finite")
    mixture = np.logaddexp(own, other) - np.log(2)
    return float((own - mixture).sum(axis=1).mean())


def _summed(terms: np.ndarray, protocol: str) -> Score:
    return Score(float(terms.sum()), protocol, items=terms.ravel())


def _pair(p: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p, q = _distribution(p, "p"), _distribution(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"p has cells {p.shape} and q {q.shape}: both must lie on the same grid")
    return p, q


def _distribution(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if not values.size or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(f"{name} must have cells, all finite and non-negative")
    total = values.sum()
    if abs(total - 1) > ROUNDING:
        raise ValueError(f"{name} sums to {total:.8g}, not to 1")
    normalised: np.ndarray = values / total
    return normalised
