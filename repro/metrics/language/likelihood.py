"""Perplexity, bits per character and their kin, from one sum of negative log-likelihoods and one division at the end.

Papers: dai2019 (perplexity, bits per character), salakhutdinov (bits per dimension, nats an example), CoT (oracle).
Code:   zihangdai/mos and salesforce/awd-lstm-lm (rows instead of tokens), benkrause/dynamic-evaluation (segments),
        desire2020/CoT (NLL under an oracle).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from repro.metrics.score import Score, signature


@dataclass(frozen=True)
class Nll:
    """A sum of negative log-likelihoods in nats over `tokens` predicted tokens; sums add across batches and streams.

    A token is whatever is predicted: word, sub-word, character, dimension. For a number per another unit, say words of
    a sub-word model, give the number of those. Raises ValueError for nats that are not finite (infinite: a token has
    probability 0) or for a negative number of tokens.

    Example:
        >>> easy, hard = Nll(nats=0.0, tokens=1), Nll(nats=2 * math.log(8), tokens=1)
        >>> round(perplexity(easy + hard).value, 6)  # not the mean of 1 and 64
        8.0
    """

    nats: float
    tokens: int

    def __post_init__(self) -> None:
        if not math.isfinite(self.nats):
            raise ValueError(
                f"nats must be finite, they are {self.nats}: a token has probability 0, or a model diverged"
            )
        if self.tokens < 0:
            raise ValueError(f"tokens must not be negative, they are {self.tokens}")

    def __add__(self, other: Nll) -> Nll:
        return Nll(self.nats + other.nats, self.tokens + other.tokens)

    @classmethod
    def of(cls, log_p: np.ndarray) -> Nll:
        """Of the log-probabilities (any shape) of the tokens that occurred, in nats, summed in float64."""
        return cls(-float(np.sum(log_p, dtype=np.float64)), int(np.size(log_p)))

    @classmethod
    def of_segments(cls, means: Iterable[float], lengths: Iterable[int]) -> Nll:
        """Of segments that are known by their mean nats a token: dynamic evaluation's average.

        Its code sums the means of segments of 5 tokens, weights that of the last, shorter segment by its length / 5,
        and divides by the number of segments so weighted: the mean over all tokens, which this gives for any lengths.
        """
        pairs = list(zip(means, lengths, strict=True))
        return cls(math.fsum(mean * length for mean, length in pairs), sum(length for _, length in pairs))

    @property
    def mean(self) -> float:
        """Nats per token. Raises ValueError where there is no token."""
        if self.tokens == 0:
            raise ValueError("the mean over no tokens: the split is empty, or every target is padding")
        return self.nats / self.tokens


def perplexity(total: Nll) -> Score:
    """exp(nats per token): of (0, inf), 1 for a perfect model of words; lower is better. Details: nats, tokens."""
    return _score("perplexity", _exp(total.mean), total, per="token")


def perplexity_per_row(total: Nll, streams: int) -> Score:
    """The perplexity of the AWD-LSTM and MoS code, which divides by rows of the batched text: too low.

    The text stands in `streams` columns (10 for validation, 1 for test). The first token of each is never predicted,
    but its row is counted: exp(nats / (tokens + streams)), which makes 58.11 on validation 58.08, and lowers a test
    perplexity by 0.003.
    """
    if streams < 1:
        raise ValueError(f"the text stands in at least 1 stream, not {streams}")
    per_row = Nll(total.nats, total.tokens + streams) if total.tokens else total
    return _score("perplexity", _exp(per_row.mean), total, per="row", streams=streams)


def bits_per_character(total: Nll) -> Score:
    """Bits per character, where tokens are the characters of the text, also for a model of words; lower is better."""
    return _score("bits-per-character", total.mean / math.log(2), total, per="character")


def bits_per_dimension(total: Nll, levels: int = 1) -> Score:
    """Bits per dimension of discrete data, where tokens are dimensions (pixels times channels); lower is better.

    A density of data that were scaled from `levels` integer values to [0, 1] (256 for images, after uniform noise was
    added) is larger by that factor in each dimension; log2(levels) makes up for it. Leave 1 for probabilities of
    integer values and for densities on their scale.
    """
    if levels < 1:
        raise ValueError(f"data have at least 1 level, not {levels}")
    bits = total.mean / math.log(2) + math.log2(levels)
    return _score("bits-per-dimension", bits, total, per="dimension", levels=levels)


def negative_log_likelihood(log_p: np.ndarray, per: str = "example") -> Score:
    """The mean of -log p over examples, in nats; lower is better. log_p (N,) in nats; items (N,) are the summands.

    `per` names the example in the signature, for instance `sentence`, which sums its tokens.
    """
    items = -np.asarray(log_p, dtype=np.float64)
    if items.ndim != 1 or not items.size:
        raise ValueError(f"log-likelihoods must be (N,) with N > 0, they are {items.shape}")
    if not np.isfinite(items).all():
        raise ValueError(f"{(~np.isfinite(items)).sum()} of {len(items)} log-likelihoods are not finite")
    return Score(
        float(items.mean()), signature("negative-log-likelihood", "repro/1", unit="nats", per=per), items=items
    )


class Oracle(Protocol):
    """What knows the probability of sequences: the true distribution of synthetic text, or a trained model."""

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        """Log-probabilities (N,) in nats of whole sequences (N, T)."""


def nll_oracle(oracle: Oracle, samples: np.ndarray) -> Score:
    """-E log p_oracle(sample) / T, in nats per token; lower says that samples are likely, not that they are diverse.

    Sequences (N, T) of T tokens each. There is no lower bound near the oracle's own value: its samples at temperature
    0.5 score better than those at 1. Items (N,) are nats per token of each sample.
    """
    return _per_token("nll-oracle", oracle, samples)


def nll_test(model: Oracle, held_out: np.ndarray) -> Score:
    """-E log p_model(held-out sequence) / T, in nats per token; at least the entropy of the data. Lower is better.

    Sequences (N, T) of T tokens each, of which padding counts as one where the sequences were padded (CoT table 3).
    """
    return _per_token("nll-test", model, held_out)


def _per_token(metric: str, model: Oracle, tokens: np.ndarray) -> Score:
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or not tokens.size:
        raise ValueError(f"sequences must be (N, T) with N, T > 0, they are {tokens.shape}")
    log_p = np.asarray(model.log_probability(tokens), dtype=np.float64)
    if log_p.shape != (len(tokens),):
        raise ValueError(f"log_probability must give ({len(tokens)},), one for each sequence, it gave {log_p.shape}")
    if not np.isfinite(log_p).all():
        raise ValueError(f"{(~np.isfinite(log_p)).sum()} of {len(tokens)} sequences have no finite log-probability")
    items = -log_p / tokens.shape[1]
    return Score(float(items.mean()), signature(metric, "repro/1", unit="nats", per="token"), items=items)


def _exp(mean: float) -> float:
    try:
        return math.exp(mean)
    except OverflowError:
        raise ValueError(f"{mean:.4g} nats a token: the perplexity exceeds float64; the model diverged") from None


def _score(metric: str, value: float, total: Nll, **protocol: object) -> Score:
    return Score(value, signature(metric, "repro/1", **protocol), details={"nats": total.nats, "tokens": total.tokens})
