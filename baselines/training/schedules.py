"""Learning rates over a training, as factors of the first one: linear, cosine, inverse root, steps, and a warm-up.

Papers: SGDR: Stochastic Gradient Descent with Warm Restarts (Loshchilov and Hutter, 2017), arXiv:1608.03983, equation 5
        Attention Is All You Need (Vaswani et al., 2017), arXiv:1706.03762, equation 3

A schedule is a function from the number of a step (or of an epoch), counted from 0, to a factor. It has no state: there
is nothing in a checkpoint, and a step's rate does not depend on how often something was called. Each is also what
`torch.optim.lr_scheduler.LambdaLR` takes; `set_rate` does the same without counting calls, and lets a recipe multiply
by more, such as the length of a segment. A rate that falls when a validation loss does not is torch's own
`ReduceLROnPlateau`, which is a part for a loop as it is.

A recipe that counts steps from 1 asks for `schedule(number + 1)`: with the warm-up of a Transformer the first step then
has the rate 1 / steps instead of 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from torch.optim import Optimizer

Schedule = Callable[[int], float]


def constant(number: int) -> float:
    """The factor 1, whatever the step."""
    del number
    return 1.0


def linear(until: int, *, begin: int = 0, to: float = 0.0) -> Schedule:
    """1 up to step `begin`, then straight to `to` at step `until`, and so from there on."""
    _check(begin, until)
    return lambda number: 1 + (to - 1) * _share(number, begin, until)


def cosine(until: int, *, begin: int = 0, to: float = 0.0) -> Schedule:
    """1 up to step `begin`, then half a period of a cosine down to `to` at step `until`, and so from there on."""
    _check(begin, until)
    return lambda number: to + (1 - to) * (1 + math.cos(math.pi * _share(number, begin, until))) / 2


def inverse_root(begin: int) -> Schedule:
    """1 up to step `begin`, then the root of `begin` over the step's number."""
    if begin < 1:
        raise ValueError(f"an inverse root begins at step 1 or later, not at {begin}")
    return lambda number: math.sqrt(begin / max(begin, number))


def steps(factor: float, every: int, *, begin: int = 0, least: float = 0.0) -> Schedule:
    """`factor` to the power of the whole periods of `every` steps since `begin`, but at least `least`."""
    if every < 1:
        raise ValueError(f"a rate falls every so many steps, 1 or more, not {every}")
    return lambda number: max(least, factor ** (max(0, number - begin) // every))


def warm_up(over: int, then: Schedule = constant) -> Schedule:
    """From 0 at step 0 straight to 1 at step `over`, and from there on another schedule by its own numbers.

    A schedule that begins to fall at step `over` goes on without a jump; one that falls from step 0 on is joined where
    it has come to meanwhile, as in Transformer-XL's PyTorch code and in BERT.
    """
    return lambda number: number / over if number < over else then(number)


def set_rate(optimiser: Optimizer, factor: float) -> None:
    """Every group's rate becomes `factor` times the one that it was made with."""
    for group in optimiser.param_groups:
        group["lr"] = factor * group.setdefault("initial_lr", group["lr"])


def _share(number: int, begin: int, until: int) -> float:
    return min(max(number - begin, 0) / (until - begin), 1.0)


def _check(begin: int, until: int) -> None:
    if not 0 <= begin < until:
        raise ValueError(f"a schedule falls from one step to a later one, 0 or more, not from {begin} to {until}")
