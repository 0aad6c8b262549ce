"""Binary draws: as often 1 as asked, independent, and a function of key and count."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from baselines.boltzmann.draws import BLOCK, Draws


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_units_are_1_as_often_as_asked(kind: torch.dtype) -> None:
    """3 million draws for each probability; five standard errors leave one false alarm in 300,000."""
    probabilities = torch.tensor([1e-5, 0.003, 0.2, 0.5, 0.77, 0.9999], dtype=kind)
    asked, count = probabilities.repeat(1000, 1), 3_000
    draws, ones = Draws(7), torch.zeros(6, dtype=torch.float64)
    out = torch.empty_like(asked)
    for _ in range(count):
        ones += draws.bernoulli(asked, out=out).double().sum(0)
    p = probabilities.double()
    assert ((ones / (1000 * count) - p).abs() < 5 * (p * (1 - p) / (1000 * count)).sqrt()).all()


def test_a_unit_that_cannot_be_1_never_is_and_one_that_must_always_is() -> None:
    p = torch.tensor([0.0, 1.0]).repeat(200_000)
    assert torch.equal(Draws(1).bernoulli(p, out=torch.empty_like(p)), p)


@pytest.mark.parametrize("apart", [1, 2, BLOCK, 50_000])
def test_units_near_and_far_and_of_draws_after_each_other_are_independent(apart: int) -> None:
    """Pairs of fair units, one and `apart` later in a stream of draws, fall equally on four cells."""
    draws, half = Draws(3), torch.full((50_000,), 0.5)
    bits = torch.cat([draws.bernoulli(half, out=torch.empty_like(half)) for _ in range(20)]).numpy()
    counts = np.bincount((2 * bits[:-apart] + bits[apart:]).astype(int), minlength=4)
    expected = (len(bits) - apart) / 4
    assert ((counts - expected) ** 2 / expected).sum() < chi2.ppf(1 - 1e-5, 3)


def test_draws_go_on_where_the_last_ones_ended() -> None:
    p = torch.rand(3 * BLOCK, generator=torch.Generator().manual_seed(0))
    whole, parts = Draws(5), Draws(5)
    at_once = whole.bernoulli(p, out=torch.empty_like(p))
    one_by_one = [
        parts.bernoulli(part, out=torch.empty_like(part)) for part in torch.split(p, [BLOCK + 2, BLOCK, BLOCK - 2])
    ]
    assert torch.equal(torch.cat(one_by_one), at_once)
    assert whole.count == parts.count
    assert not torch.equal(whole.bernoulli(p, out=torch.empty_like(p)), at_once)


def test_a_key_decides_the_draws() -> None:
    p = torch.full((1000,), 0.5)
    one, same, other = (Draws(key).bernoulli(p, out=torch.empty_like(p)) for key in (8, 8, 9))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_draws_may_replace_their_probabilities() -> None:
    p = torch.rand(101, generator=torch.Generator().manual_seed(1))
    apart = Draws(2).bernoulli(p, out=torch.empty_like(p))
    assert torch.equal(Draws(2).bernoulli(p, out=p), apart)


def test_a_stream_of_torch_follows_its_seed() -> None:
    torch.manual_seed(4)
    first, second = Draws.of_torch().key, Draws.of_torch().key
    torch.manual_seed(4)
    assert Draws.of_torch().key == first != second
