"""The checkpoints that a training of a generator keeps: the best by NLL_test, and by its sum with NLL_oracle.

Which numbers these are is the task's matter: they come by name from `context.evaluate`.
"""

from __future__ import annotations

from baselines.sequences.generator import Generator, TrainedGenerator
from baselines.training.loop import Loop, Validation
from baselines.training.selection import Best
from repro.contracts import Context

NETWORK = "generator"
KEPT: dict[str, str | tuple[str, ...]] = {"best": "nll-test", "best-sum": ("nll-oracle", "nll-test")}


def validation(context: Context, network: Generator, every: int) -> Validation:
    """Evaluates a generator every so many steps, and keeps the best ones."""
    bests = tuple(Best({NETWORK: network}, of) for of in KEPT.values())
    return Validation(lambda: context.evaluate(TrainedGenerator(network)), every, others=bests)


def trained(network: Generator, loop: Loop) -> TrainedGenerator:
    """The generator at the end of a loop, with the best ones beside."""
    assert loop.validation is not None
    bests = zip(KEPT, loop.validation.others, strict=True)
    return TrainedGenerator(network, {name: best.weights[NETWORK] for name, best in bests})
