"""Seeds of torch's global generators, one for every step by name, so that dropout and the like can be repeated.

What draws without being given a generator (`nn.Dropout`, `torch.distributions`, `torch.randn`) draws from one global
generator a device. Here each step finds them seeded from a stream of the seed that is named by the step's number: it
draws the same numbers whether the steps before it ran in this process or in one that was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from repro.contracts import Context, single

WORD = 2**32 - 1


class NumberedSeeds:
    """The seeds of the steps of one named stream, for the generators of the CPU and of the context's device.

    They come from the stream by a mixing function and not from a stream each, whose hashing would take 40 microseconds.
    The function permutes 32 bits, all that torch's generator on a CPU takes: no two of 2**32 steps have one seed.
    """

    def __init__(self, context: Context, *stream: str) -> None:
        self.key = int(context.generator(single(context.seeds), *stream).integers(2**63))
        self._generators = generators(context.device)

    def seed(self, number: int) -> int:
        """The seed of a step: the upper bits of the key, and below them, mixed as in Murmur3, key plus number."""
        x = (self.key + number) & WORD
        x = (x ^ x >> 16) * 0x85EBCA6B & WORD
        x = (x ^ x >> 13) * 0xC2B2AE35 & WORD
        return self.key & ~WORD | x ^ x >> 16

    def sow(self, number: int) -> None:
        """Torch's global generators begin the numbers of a step."""
        seed = self.seed(number)
        for generator in self._generators:
            generator.manual_seed(seed)  # torch.manual_seed takes 90 times as long where there is no GPU


@contextmanager
def seeded(context: Context, name: str, number: int) -> Iterator[None]:
    """Inside the block torch draws what step `number` of stream `name` draws; outside it is as it was.

    The steps of a loop are `seeded(context, "step", number)`, its evaluations `seeded(context, "evaluation", number)`.
    """
    with left_alone(context.device):
        NumberedSeeds(context, name).sow(number)
        yield


@contextmanager
def left_alone(device: str) -> Iterator[None]:
    """After the block torch's global generators, of the CPU and of a device, are as they were before."""
    before = [(generator, generator.get_state()) for generator in generators(device)]
    try:
        yield
    finally:
        for generator, state in before:
            generator.set_state(state)


def generators(device: str) -> list[torch.Generator]:
    """The global generators of the CPU and, where a GPU is meant, of that one."""
    found = [torch.default_generator]
    if device.startswith("cuda"):
        torch.cuda.init()  # type: ignore[no-untyped-call]
        index = torch.device(device).index
        found.append(torch.cuda.default_generators[torch.cuda.current_device() if index is None else index])
    return found
