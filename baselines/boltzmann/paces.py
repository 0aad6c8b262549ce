"""The published schedules of rate, momentum and Gibbs steps, as functions of an update's number from 0.

Code: alexhunterlang/natural_bm, optimizers.py and examples/long_demo.py, read at 4138ca7; the demos of Salakhutdinov
      for RBM and DBM, by the fact sheets
"""

from __future__ import annotations

from collections.abc import Callable

from baselines.boltzmann.learning import Pace

PaceOf = Callable[[int], Pace]

FIRST_MOMENTUM, FIRST_EPOCHS = 0.5, 5
RAMP = 0.96 ** (1 / 250)


def ramped(rate: float, momentum: float, sweeps: int, *, updates: int, settling: int, decay: float = 10.0) -> PaceOf:
    """natural_bm: the rate falls as a hyperbola, to a `decay`-th after all updates; the momentum rises from half to
    nearly `momentum`, falls back to a quarter before the last `settling` updates, and is half in these.
    """
    until = updates - settling

    def pace(number: int) -> Pace:
        share = 0.5
        if number < until:
            share = (1 - 0.5 * RAMP**number) * (1 - 0.5 * RAMP ** (until - number))
        return Pace(rate / (1 + (decay - 1) * number / updates), momentum * share, sweeps)

    return pace


def stepped(rate: float, momentum: float, sweeps: int, *, per_epoch: int, epochs_per_step: int = 0) -> PaceOf:
    """The demos: momentum 0.5 in the first five epochs. With `epochs_per_step` chains begin with one sweep an update
    and have one more each time so many epochs are over, up to `sweeps`, and the rate is divided by their number.
    """

    def pace(number: int) -> Pace:
        epoch = number // per_epoch
        steps = min(sweeps, 1 + epoch // epochs_per_step) if epochs_per_step else sweeps
        factor = steps if epochs_per_step else 1
        return Pace(rate / factor, FIRST_MOMENTUM if epoch < FIRST_EPOCHS else momentum, steps)

    return pace


def divided(rate: float, momentum: float, sweeps: int, *, per_epoch: int, divisor: float, least: float) -> PaceOf:
    """The demo's joint training of a deep machine: the rate is divided by `divisor` every update, down to `least`."""

    def pace(number: int) -> Pace:
        slowed = max(least, rate / divisor**number)
        return Pace(slowed, FIRST_MOMENTUM if number // per_epoch < FIRST_EPOCHS else momentum, sweeps)

    return pace
