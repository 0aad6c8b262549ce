"""Each dropout drops what it says and nothing else, keeps the mean, and lets gradients through to the raw weight."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from baselines.language.regularisation import dropout, embed, weight_drop

RATE = 0.4


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_locked_mask_is_the_same_at_all_time_steps_and_differs_between_streams() -> None:
    dropped = dropout(torch.ones(7, 5, 31, dtype=torch.float64), RATE, generator())
    assert (dropped == dropped[:1]).all()
    assert not (dropped[:, :1] == dropped).all()
    assert sorted(set(dropped.flatten().tolist())) == [0.0, 1 / (1 - RATE)]


def test_an_ordinary_mask_differs_between_time_steps() -> None:
    dropped = dropout(torch.ones(7, 5, 31), RATE, generator(), locked=False)
    assert not (dropped == dropped[:1]).all()


def test_word_dropout_drops_a_word_wherever_it_stands() -> None:
    tokens = torch.randint(0, 11, (13, 3), generator=generator(1))
    embedded = embed(tokens, torch.ones(11, 4, dtype=torch.float64), RATE, generator())
    for word in range(11):
        values = set(embedded[tokens == word].flatten().tolist())
        assert values <= {0.0} or values <= {1 / (1 - RATE)}
    assert 0.0 in embedded


def test_gradients_of_a_dropped_recurrent_matrix_reach_the_raw_one_where_it_was_kept() -> None:
    raw = torch.randn(20, 5, requires_grad=True, generator=generator(2))
    dropped = weight_drop(raw, RATE, generator())
    dropped.sum().backward()  # type: ignore[no-untyped-call]  # torch's own
    assert raw.grad is not None
    assert torch.equal(raw.grad, (dropped != 0) / (1 - RATE))


OPERATIONS: list[Callable[[float, torch.Generator | None], Tensor]] = [
    lambda rate, random: dropout(torch.ones(3, 200, 50), rate, random),
    lambda rate, random: dropout(torch.ones(3, 200, 50), rate, random, locked=False),
    lambda rate, random: embed(torch.arange(10_000).view(100, 100), torch.ones(10_000, 1), rate, random),
    lambda rate, random: weight_drop(torch.ones(100, 100), rate, random),
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_mean_is_kept(operation: Callable[[float, torch.Generator | None], Tensor]) -> None:
    # 10,000 draws or more: a standard error of sqrt(0.4 / 0.6 / 10,000) = 0.008
    assert operation(RATE, generator()).mean() == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("rate", "random"), [(RATE, None), (0.0, generator())])
def test_nothing_is_dropped_in_evaluation_or_at_rate_zero(
    operation: Callable[[float, torch.Generator | None], Tensor], rate: float, random: torch.Generator | None
) -> None:
    assert (operation(rate, random) == 1).all()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_same_generator_gives_the_same_mask(
    operation: Callable[[float, torch.Generator | None], Tensor],
) -> None:
    assert torch.equal(operation(RATE, generator(5)), operation(RATE, generator(5)))
    assert not torch.equal(operation(RATE, generator(5)), operation(RATE, generator(6)))
