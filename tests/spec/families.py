"""Small specs in the forms that families need, and their methods and tasks, which are never imported."""

from __future__ import annotations

import textwrap

from repro.spec.load import loads
from repro.spec.model import Table

METHODS = '''
"""Methods that are read and never imported."""
from dataclasses import dataclass, field

raise ImportError("a spec is checked without its methods")


@dataclass(frozen=True)
class Adam:
    rate: float = 0.001
    betas: tuple[float, float] = (0.9, 0.999)


@dataclass(frozen=True)
class Lstm:
    epochs: int = 100
    hidden_size: int = 32
    optimiser: Adam = Adam(rate=0.01)


@dataclass(frozen=True)
class Gan:
    layers: int
    size: int = 400
    adversarial_steps: int = 200
    generator: Adam = field(default_factory=Adam)
    discriminator: Adam | None = None


@dataclass(frozen=True)
class Swwae:
    weight: float = 0.5
    epochs: int = 10
    stack: tuple[tuple[int, ...], ...] = ((64, 3), (128, 3))
'''
TASKS = '''
"""Tasks that are read and never imported."""
from dataclasses import dataclass
from typing import ClassVar

raise ImportError("a spec is checked without its task")


@dataclass(frozen=True)
class FewLabels:
    VIEW: ClassVar[tuple[str, ...]] = ("labels",)
    labels: int | None = None
    batch: int = 100


@dataclass(frozen=True)
class Pair:
    OTHERS = ("other",)
    position: int | None = None
    samples: int = 1000


@dataclass(frozen=True)
class Generation:
    samples: int = 10000
    threshold: float = 1


@dataclass(frozen=True)
class Demanding:
    streams: int
'''
REGISTERED = {
    "methods": {"lstm": "Lstm", "adversarial": "Gan", "what-where": "Swwae"},
    "tasks": {"few-labels": "FewLabels", "pair": "Pair", "generation": "Generation", "demanding": "Demanding"},
}
FRAME = """\
id: small/table
title: A small table
source: {{document: seqgen, table: T-1, paper: none}}
task: {task}
data: {{paper: mnist, laptop: mnist, smoke: digits}}
margin: {{absolute: 1, why: for the test alone}}
columns:
{columns}
rows:
{rows}
profiles:
{profiles}
"""
ERROR = "  error: {label: Error, metric: error-rate, split: test}"
SCALES = "  smoke: {seeds: 1}\n  laptop: {seeds: 1}\n  paper: {seeds: 1}"


def text(rows: str, task: str = "generation", columns: str = ERROR, profiles: str = SCALES, **more: str) -> str:
    """A spec of rows, written as YAML lists are, indented or not; `more` are further keys of the table."""

    def block(lines: str) -> str:
        return textwrap.indent(textwrap.dedent(lines).strip("\n"), "  ")

    whole = FRAME.format(task=task, columns=block(columns), rows=block(rows), profiles=block(profiles))
    return whole + "".join(f"{key}: {value}\n" for key, value in more.items())


def small(rows: str, task: str = "generation", columns: str = ERROR, profiles: str = SCALES, **more: str) -> Table:
    """The table of `text`, checked in full."""
    return loads(text(rows, task, columns, profiles, **more), "spec.yaml")
