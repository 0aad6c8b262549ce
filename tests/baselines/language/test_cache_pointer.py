"""The continuous cache against the formula of the paper, prediction by prediction, and read in any segments."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from baselines.language import cache_pointer
from baselines.language.cache_pointer import Cache, cached_log_probabilities, cached_nll

T, B, H, V = 53, 3, 7, 11
CACHES = [Cache(0.1, 1.0, 19), Cache(0.3, 0.662, 500), Cache(0.5, 0.0, 1), Cache(0.0, 1.0, 5)]


@pytest.fixture(params=[4, 256], autouse=True)
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test holds for blocks of four predictions and for one block."""
    monkeypatch.setattr(cache_pointer, "BLOCK", request.param)


def model() -> tuple[Tensor, Tensor, Tensor]:
    """Log-probabilities (T, B, V) that need not come from the hidden states, these (T, B, H), and targets (T, B)."""
    random = torch.Generator().manual_seed(0)
    log_p = torch.log_softmax(2 * torch.randn(T, B, V, generator=random, dtype=torch.float64), dim=-1)
    hidden = torch.randn(T, B, H, generator=random, dtype=torch.float64)
    return log_p, hidden, torch.randint(V, (T, B), generator=random)


def nll_of(log_p: Tensor, targets: Tensor) -> Tensor:
    return -log_p.gather(2, targets.unsqueeze(2)).squeeze(2)


def written_out(log_p: Tensor, hidden: Tensor, targets: Tensor, cache: Cache) -> Tensor:
    """p(w) of every prediction by the formula, one word and one remembered prediction after the other."""
    mixed = log_p.exp()
    for t in range(1, T):
        for b in range(B):
            window = range(max(0, t - cache.size), t)
            weights = [math.exp(cache.flatness * float(hidden[t, b] @ hidden[i, b])) for i in window]
            mixed[t, b] *= 1 - cache.weight
            for i, weight in zip(window, weights, strict=True):
                mixed[t, b, targets[i, b]] += cache.weight * weight / sum(weights)
    return mixed.log()


@pytest.mark.parametrize("cache", CACHES)
def test_a_cache_is_the_formula_of_the_paper(cache: Cache) -> None:
    log_p, hidden, targets = model()
    expected = written_out(log_p, hidden, targets, cache)
    found, _ = cached_log_probabilities(log_p, hidden, targets, cache)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    nll, _ = cached_nll(nll_of(log_p, targets), hidden, targets, cache)
    torch.testing.assert_close(nll, nll_of(expected, targets), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cache", CACHES)
def test_probabilities_sum_to_one(cache: Cache) -> None:
    log_p, _ = cached_log_probabilities(*model(), cache)
    torch.testing.assert_close(log_p.exp().sum(2), torch.ones(T, B, dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("lengths", [(53,), (1, 52), (5,) * 10 + (3,), (20, 0, 33)])
@pytest.mark.parametrize("cache", CACHES)
def test_a_text_read_in_segments_scores_as_one_read_at_once(cache: Cache, lengths: tuple[int, ...]) -> None:
    log_p, hidden, targets = model()
    nll = nll_of(log_p, targets)
    at_once, last = cached_nll(nll, hidden, targets, cache)
    memory, parts, distributions, start = None, [], [], 0
    for length in lengths:
        part = slice(start, start := start + length)
        distributions.append(cached_log_probabilities(log_p[part], hidden[part], targets[part], cache, memory)[0])
        score, memory = cached_nll(nll[part], hidden[part], targets[part], cache, memory)
        parts.append(score)
    torch.testing.assert_close(torch.cat(parts), at_once, rtol=0, atol=1e-12)
    torch.testing.assert_close(nll_of(torch.cat(distributions), targets), at_once, rtol=0, atol=1e-12)
    assert memory is not None
    assert torch.equal(memory.words, last.words)
    assert len(last.words) == min(cache.size, T)


def test_without_weight_or_memory_the_model_s_own_loss_stands() -> None:
    log_p, hidden, targets = model()
    nll = nll_of(log_p, targets)
    torch.testing.assert_close(cached_nll(nll, hidden, targets, Cache(0.0, 1.0, 5))[0], nll, rtol=0, atol=1e-15)
    assert torch.equal(cached_nll(nll, hidden, targets, Cache(0.9, 1.0, 5))[0][0], nll[0])


def test_a_word_that_the_model_excludes_is_possible_once_it_was_said() -> None:
    hidden, targets = torch.zeros(3, 1, H), torch.tensor([[4], [4], [5]])
    nll, _ = cached_nll(torch.full((3, 1), math.inf), hidden, targets, Cache(0.25, 1.0, 5))
    assert nll.flatten().tolist() == pytest.approx([math.inf, -math.log(0.25), math.inf])


def test_similarities_that_overflow_in_exp_are_compared_as_logarithms() -> None:
    log_p, hidden, targets = model()
    nll = nll_of(log_p, targets).float()
    found, _ = cached_nll(nll, 100 * hidden.float(), targets, Cache(0.1, 1.0, 19))
    assert torch.isfinite(found).all()


def test_what_cannot_be_a_cache_is_refused() -> None:
    for weight, flatness, size in ((1.0, 1.0, 5), (-0.1, 1.0, 5), (0.1, -1.0, 5), (0.1, 1.0, 0)):
        with pytest.raises(ValueError, match="a cache needs 0 <= weight < 1, flatness >= 0 and size >= 1, it is Cache"):
            Cache(weight, flatness, size)
    log_p, hidden, targets = model()
    message = r"expected scores \(T, B\), hidden states \(T, B, H\) and targets \(T, B\), the shapes are "
    with pytest.raises(ValueError, match=message):
        cached_nll(nll_of(log_p, targets)[:5], hidden, targets, CACHES[0])
    with pytest.raises(ValueError, match=message):
        cached_log_probabilities(log_p[:, 0], hidden[:, 0], targets[:, 0], CACHES[0])
