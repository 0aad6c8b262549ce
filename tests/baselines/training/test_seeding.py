"""Seeds of steps: what draws from torch's global generators repeats by name, and nothing outside sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from baselines.training.seeding import NumberedSeeds, left_alone, seeded
from tests.baselines.contract import Mortal

DROPOUT = nn.Dropout(0.5)


def drawn() -> list[float]:
    """Numbers as a step may draw them without a generator."""
    normal = torch.distributions.Normal(0.0, 1.0).sample(torch.Size([3]))  # type: ignore[no-untyped-call]
    return [*DROPOUT(torch.ones(64)).tolist(), *normal.tolist(), *torch.randperm(20).tolist()]


def test_a_step_draws_the_same_whenever_it_is_made_and_no_two_steps_do(tmp_path: Path) -> None:
    context = Mortal(tmp_path)
    names = [("step", 0), ("step", 1), ("evaluation", 0), ("step", 2**32 - 1), ("other", 7)]
    found = {}
    for name, number in names:
        with seeded(context, name, number):
            found[name, number] = drawn()
    assert len({tuple(each) for each in found.values()}) == len(names)
    for name, number in reversed(names):
        torch.randn(1)
        with seeded(context, name, number):
            assert drawn() == found[name, number]
    with seeded(Mortal(tmp_path, 4), "step", 0):
        assert drawn() != found["step", 0]


def test_the_generator_is_left_as_it_was_also_by_a_block_that_raises(tmp_path: Path) -> None:
    torch.randn(1)  # an odd number of normals: the generator keeps the other one of the pair
    before = torch.get_rng_state()

    def failing() -> None:
        with seeded(Mortal(tmp_path), "step", 0):
            drawn()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert torch.equal(torch.get_rng_state(), before)
    with left_alone("cpu"):
        drawn()
    assert torch.equal(torch.get_rng_state(), before)


def test_no_two_steps_of_a_stream_have_one_seed_on_a_cpu(tmp_path: Path) -> None:
    """The generator of a CPU takes 32 bits; by chance two of 200,000 would be equal (with probability 99 %)."""
    seeds = NumberedSeeds(Mortal(tmp_path), "step")
    assert len({seeds.seed(number) & 0xFFFFFFFF for number in range(200_000)}) == 200_000
    assert {seeds.seed(number) >> 32 for number in range(1000)} == {seeds.key >> 32}
    assert all(0 <= seeds.seed(number) < 2**63 for number in range(1000))


def test_torchs_generator_of_a_cpu_takes_32_bits_of_a_seed() -> None:
    """What the seeds are made for. If it fails, a later torch takes more, and a plain sum of key and number will do."""
    one, two = (torch.Generator().manual_seed(seed) for seed in (5, 5 + 2**32))
    assert torch.equal(torch.rand(9, generator=one), torch.rand(9, generator=two))


def test_the_seeds_of_neighbouring_steps_are_unrelated(tmp_path: Path) -> None:
    """First uniform numbers of 4,000 steps: their mean, and the correlation from step to step, as chance has them."""
    seeds = NumberedSeeds(Mortal(tmp_path), "step")
    with left_alone("cpu"):
        numbers = []
        for number in range(4000):
            seeds.sow(number)
            numbers.append(torch.rand(1))
    x = torch.cat(numbers).double()
    assert abs(float(x.mean()) - 0.5) < 4 / (12 * 4000) ** 0.5  # four standard errors
    neighbours = float(torch.corrcoef(torch.stack([x[:-1], x[1:]]))[0, 1])
    assert abs(neighbours) < 4 / 4000**0.5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_is_seeded_and_left_alone_too(tmp_path: Path) -> None:
    context = Mortal(tmp_path)
    context.device = "cuda"
    before = torch.cuda.get_rng_state()
    found = []
    for _ in range(2):
        with seeded(context, "step", 5):
            found.append(torch.randn(5, device="cuda").tolist())
    assert found[0] == found[1]
    assert torch.equal(torch.cuda.get_rng_state(), before)
