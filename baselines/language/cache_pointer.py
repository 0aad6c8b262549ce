"""Continuous cache: what was said after similar hidden states is likely to be said again.

Paper:      Improving Neural Language Models with a Continuous Cache (Grave et al., 2017), arXiv:1612.04426, section 3
Code:       salesforce/awd-lstm-lm, pointer.py; read at 1d466ec
Departures: the cache is asked from the second prediction on, as in the paper. The code leaves it out until more than
            `size` tokens have been read: 501 of the 82,429 predictions of Penn Treebank's test text at size 500.
Shapes:     T time, B streams, H hidden width, M remembered predictions, V vocabulary

    p(w) = (1 - lambda) p_model(w) + lambda sum_i [w_i = w] softmax_i(theta h h_i)

over the last `size` predictions i of the stream, each with the hidden state h_i that it was made from and the word w_i
that came. Nothing is learned, so that any trained model can be given a cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

BLOCK = 256  # predictions whose similarities are held at a time


@dataclass(frozen=True)
class Cache:
    """The constants of a cache.

    Attributes:
        weight: lambda, the cache's share of the mixture, in [0, 1).
        flatness: theta; 0 makes all remembered words equally likely.
        size: how many of the last predictions are remembered.
    """

    weight: float
    flatness: float
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.weight < 1 or self.flatness < 0 or self.size < 1:
            raise ValueError(f"a cache needs 0 <= weight < 1, flatness >= 0 and size >= 1, it is {self}")


class Memory(NamedTuple):
    """The last predictions of each stream: their hidden states (M, B, H), and the words that came (M, B)."""

    hidden: Tensor
    words: Tensor


@torch.no_grad()
def cached_nll(
    nll: Tensor, hidden: Tensor, targets: Tensor, cache: Cache, memory: Memory | None = None
) -> tuple[Tensor, Memory]:
    """-log p of targets (T, B) with a cache, in nats, from a model's own `nll` (T, B) and its hidden states (T, B, H).

    Also gives the memory to continue with: a text can be read in segments of any lengths. Where nothing is remembered
    yet the model's own loss stands. Raises ValueError for shapes that do not fit.
    """
    history = _history(nll, hidden, targets, memory)
    mixed = nll.clone()
    for block, log_attention, words in _attention(history, len(targets), cache):
        of_target = log_attention.masked_fill(words != targets[block].unsqueeze(2), -math.inf).logsumexp(dim=2)
        mixed[block] = -_mixed(-nll[block], of_target, cache)
    return mixed, _last(history, cache)


@torch.no_grad()
def cached_log_probabilities(
    log_p: Tensor, hidden: Tensor, targets: Tensor, cache: Cache, memory: Memory | None = None
) -> tuple[Tensor, Memory]:
    """The same for every word: log-probabilities (T, B, V) with a cache, from a model's own, and the memory."""
    history = _history(log_p[..., 0], hidden, targets, memory)
    mixed = log_p.clone()
    for block, log_attention, words in _attention(history, len(targets), cache):
        of_words = torch.zeros_like(log_p[block]).scatter_add_(2, words.expand_as(log_attention), log_attention.exp())
        mixed[block] = _mixed(log_p[block], of_words.log(), cache)
    return mixed, _last(history, cache)


def _attention(history: Memory, predictions: int, cache: Cache) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For slices of t of the last predictions, without one that has nothing before it: log softmax_i (t, B, m) over
    what each may look at, and the words (1, B, m).
    """
    hidden, words = history
    first = len(words) - predictions
    for start in range(max(first, 1), len(words), BLOCK):
        end = min(start + BLOCK, len(words))
        seen = slice(max(0, start - cache.size), end - 1)
        now = torch.arange(start, end, device=hidden.device).unsqueeze(1)
        before = torch.arange(seen.start, seen.stop, device=hidden.device)
        outside = (before >= now) | (before < now - cache.size)  # (t, m)
        similarity = cache.flatness * torch.einsum("tbh,sbh->tbs", hidden[start:end], hidden[seen])
        similarity.masked_fill_(outside.unsqueeze(1), -math.inf)
        yield slice(start - first, end - first), torch.log_softmax(similarity, dim=2), words[seen].T.unsqueeze(0)


def _mixed(of_model: Tensor, of_cache: Tensor, cache: Cache) -> Tensor:
    log_weight = math.log(cache.weight) if cache.weight else -math.inf
    return torch.logaddexp(of_model + math.log1p(-cache.weight), of_cache + log_weight)


def _history(scores: Tensor, hidden: Tensor, targets: Tensor, memory: Memory | None) -> Memory:
    if hidden.ndim != 3 or not scores.shape == targets.shape == hidden.shape[:2]:
        shapes = tuple(scores.shape), tuple(hidden.shape), tuple(targets.shape)
        raise ValueError(f"expected scores (T, B), hidden states (T, B, H) and targets (T, B), the shapes are {shapes}")
    if memory is None:
        return Memory(hidden, targets)
    return Memory(torch.cat([memory.hidden, hidden]), torch.cat([memory.words, targets]))


def _last(history: Memory, cache: Cache) -> Memory:
    return Memory(history.hidden[-cache.size :], history.words[-cache.size :])
