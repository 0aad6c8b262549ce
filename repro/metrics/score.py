"""What a metric gives: a value, its per-item scores where it has them, and the signature of how it was computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version

import numpy as np

OF = "of"
"""The part of a signature that says what a number is of: the model with a cache beside it, a step of the text. Rows may
differ in it, as they do in their models; in how their numbers are computed they may not."""

FLOORS = {"route:gram": 2.0**-26, "route:qr": 2.0**-46}
"""The least singular value, as a share of the largest, that a way of computing them can see."""


@dataclass(frozen=True)
class Score:
    """One metric on one input. Never NaN or infinite: a number that cannot be had is an error where it is computed.

    `items` (N,) are the scores of the N items in the order of the input, `details` further numbers by name.
    """

    value: float
    signature: str
    items: np.ndarray | None = None
    details: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"the score is {self.value}, not a finite number ({self.signature})")


def signature(metric: str, implementation: str, **protocol: object) -> str:
    """How a number was computed, in one line: `metric|impl:NAME/VERSION|key:value|...`, keys in the order given.

    `implementation` is `repro/N` for the project's own code, where N is the metric's revision, raised when its values
    change, or `library/VERSION`. Two numbers compare only where their signatures agree.

    Example:
        >>> signature("bleu-4", "repro/1", refs="all", smoothing="method1")
        'bleu-4|impl:repro/1|refs:all|smoothing:method1'
    """
    parts = {"impl": implementation, **protocol}
    return "|".join([metric, *(f"{key}:{_word(value)}" for key, value in parts.items())])


@cache
def library(name: str) -> str:
    """`NAME/VERSION` of an installed package, as a signature's implementation."""
    return f"{name}/{version(name)}"


def how(signature: str) -> str:
    """A signature without what the number is of: where two rows agree in it, their numbers compare.

    Example:
        >>> how("perplexity|impl:repro/1|split:test|of:the model with a cache of 500")
        'perplexity|impl:repro/1|split:test'
    """
    return "|".join(part for part in signature.split("|") if not part.startswith(f"{OF}:"))


def is_bound(value: float, signature: str) -> bool:
    """Whether a number is at the floor of what its signature says can be seen: an upper bound of the true one.

    Example:
        >>> is_bound(1.49e-8, "quantile|floor:1.49e-08"), is_bound(2e-8, "quantile|floor:1.49e-08")
        (True, False)
        >>> is_bound(0.0, "ebgan-score|impl:repro/1|floor:1e-06")  # a floor of its probabilities, not of the score
        False
    """
    parts = signature.split("|")
    floors = [float(part.removeprefix("floor:")) for part in parts if part.startswith("floor:")]
    floors += [FLOORS[part] for part in parts if part in FLOORS]
    return any(0 < value <= floor * (1 + 0.5e-2) for floor in floors)  # signatures have three digits of it


def _word(value: object) -> str:
    return str(value).replace("|", "/").replace("\n", " ")
