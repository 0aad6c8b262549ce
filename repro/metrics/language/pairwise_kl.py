r"""Expected pairwise KL divergence between the predictive distributions of a model: how much contexts differ.

Paper:  Breaking the Softmax Bottleneck (Yang et al., 2018), dai2019 section A.8.3 and table A.11, which samples pairs.
Code:   not released; the number of sampled pairs is not stated.
Shapes: T contexts, M words.

No sampling is needed. Over all T^2 ordered pairs (c, c'), with p_c = P(. | c),

    mean KL(p_c || p_c')  =  mean over c of sum_x p_c(x) log p_c(x)  -  sum_x mean_c p_c(x) * mean_c' log p_c'(x),

since the cross term sum_x p_c(x) log p_c'(x) is linear in p_c and in log p_c', and both are averaged independently. The
T pairs of a context with itself are zero, so the mean over the T (T - 1) pairs of different contexts is T / (T - 1)
times that. Two vectors of M sums and one number are all that is kept: O(T M) time, O(M) memory.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.score import Score, signature

BLOCK = 256
"""Rows that are exponentiated at a time, so that they stay in the processor's cache for short rows."""

ROUNDING = 1e-4
"""What a row may sum to besides 1: float32 log-probabilities of about -20 are off by 1e-6 each, and so is the sum."""


class PairwiseKl:
    """The mean of KL(P(. | c) || P(. | c')) over all ordered pairs of different contexts; log-probabilities by blocks.

    Example:
        >>> total = PairwiseKl(columns=2)
        >>> total.add(np.log([[0.5, 0.5], [0.25, 0.75]]))
        >>> round(total.score().value, 4)  # the mean of 0.1438 and 0.1308
        0.1373
    """

    def __init__(self, columns: int) -> None:
        if columns < 1:
            raise ValueError(f"a distribution has at least 1 word, not {columns}")
        self.columns = columns
        self.contexts = 0
        self._p_log_p = 0.0
        self._p = np.zeros(columns)
        self._log_p = np.zeros(columns)
        self._impossible = np.zeros(columns, dtype=np.int64)

    def add(self, log_p: np.ndarray) -> None:
        """Appends the log-probabilities in nats of n contexts (n, M).

        -inf is allowed where every context has it. Raises ValueError for another shape, or for rows that are not
        log-probabilities: NaN, +inf, or exponentials that do not sum to 1 within 1e-4.
        """
        log_p = np.asarray(log_p)
        if log_p.ndim != 2 or log_p.shape[1] != self.columns:
            raise ValueError(f"log-probabilities must be (n, {self.columns}), they are {log_p.shape}")
        for start in range(0, len(log_p), BLOCK):
            self._add(*_distributions(log_p[start : start + BLOCK]))

    def _add(self, log_p: np.ndarray, p: np.ndarray) -> None:
        if np.isneginf(log_p.min()):
            self._impossible += np.isneginf(log_p).sum(axis=0)
            log_p = np.where(np.isneginf(log_p), 0.0, log_p)  # 0 log 0 = 0; columns are judged by `score`
        self._p_log_p += float(np.vdot(p, log_p))
        self._p += p.sum(axis=0)
        self._log_p += log_p.sum(axis=0)
        self.contexts += len(log_p)

    def score(self) -> Score:
        """The mean over ordered pairs of different contexts, in nats, >= 0; higher is more diverse.

        Details: contexts. Raises ValueError for fewer than two contexts, or where the divergence is infinite because a
        word has probability 0 in one context and not in another.
        """
        T = self.contexts
        if T < 2:
            raise ValueError(f"pairs of different contexts need at least 2 contexts, there are {T}")
        if infinite := int(((self._impossible > 0) & (self._impossible < T)).sum()):
            raise ValueError(f"the divergence is infinite: {infinite} words have probability 0 in some contexts only")
        over_all_pairs = self._p_log_p / T - float((self._p / T) @ (self._log_p / T))
        value = max(over_all_pairs * T / (T - 1), 0.0)  # equal rows come out as +-1e-16
        return Score(value, signature("expected-pairwise-kl", "repro/1", pairs="all"), details={"contexts": T})


def sampled_pairwise_kl(log_p: np.ndarray, pairs: int, generator: np.random.Generator) -> Score:
    """The mean of KL(P(. | c) || P(. | c')) over `pairs` ordered pairs of different contexts, drawn with replacement.

    The paper's way; `PairwiseKl` needs no sample. log_p (T, M) in nats; items (pairs,) are the divergences in nats,
    details their standard error. Raises ValueError as `PairwiseKl` does.
    """
    log_p = np.asarray(log_p)
    if log_p.ndim != 2 or len(log_p) < 2:
        raise ValueError(f"log-probabilities must be (T, M) with T > 1, they are {log_p.shape}")
    if pairs < 2:
        raise ValueError(f"at least 2 pairs must be drawn, not {pairs}")
    first = generator.integers(len(log_p), size=pairs)
    second = (first + generator.integers(1, len(log_p), size=pairs)) % len(log_p)
    items = np.concatenate(
        [_divergences(log_p[first[i : i + BLOCK]], log_p[second[i : i + BLOCK]]) for i in range(0, pairs, BLOCK)]
    )
    if not np.isfinite(items).all():
        raise ValueError("the divergence is infinite: words have probability 0 in some contexts only")
    return Score(
        float(items.mean()),
        signature("expected-pairwise-kl", "repro/1", pairs=pairs),
        items=items,
        details={"standard_error": float(items.std(ddof=1) / np.sqrt(pairs))},
    )


def _divergences(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    (log_p, p), (log_q, _) = _distributions(log_p), _distributions(log_q)
    terms = np.subtract(log_p, log_q, out=np.zeros_like(p), where=p > 0)
    divergences: np.ndarray = np.einsum("nm,nm->n", p, terms)
    return divergences


def _distributions(log_p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_p = log_p.astype(np.float64)
    if log_p.max() <= ROUNDING:  # not where an entry is NaN
        p = np.exp(log_p)
        if (np.abs(p.sum(axis=1) - 1) <= ROUNDING).all():
            return log_p, p
    raise ValueError("rows are not log-probabilities: exp does not sum to 1, or entries are NaN; take log-softmax")
