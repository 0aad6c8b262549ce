"""A small valid spec with the sources of fake methods, and ways to break it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from repro.spec.load import loads
from repro.spec.problems import SpecError

METHOD_SOURCE = '''
"""Importing this is an error, as it would be slow for a real one."""
from dataclasses import dataclass, field, KW_ONLY
from typing import Annotated, ClassVar, Literal, Optional

from fakes.base import Trained, Choice

raise ImportError("the loader must not import methods")

WIDTHS = (8, 4)


@dataclass(frozen=True)
class Egan(Trained):
    """An energy-based GAN.

    More words.
    """

    kind: ClassVar[str] = "energy"
    _: KW_ONLY
    entropy: Literal["const", "nn", "vi"]
    choice: Choice = "a"
    widths: tuple[int, ...] = WIDTHS
    clip: float | None = None
    name: "Optional[str]" = None
    noise: Annotated[float, "std"] = field(default=0.5)
    warm: bool = field(default_factory=bool)
    cache: int = field(init=False, default=0)

    def fit(self, data, context): ...

    def fit_many(self, data, context): ...


class Data(object):
    """No parameters."""

    def fit(self, data, context): ...


@dataclass(frozen=True)
class Odd:
    weights: "numpy.ndarray"
'''
BASE_SOURCE = """
from dataclasses import dataclass
from typing import Literal

Choice = Literal["a", "b"]


@dataclass(frozen=True)
class Trained:
    epochs: int
    learning_rate: float = 2e-4
"""

SPEC = """\
id: cegan/kl-2d
title: Pairwise KL divergence
source: {document: dai2019, table: B.2, paper: "Dai et al. (2017)"}
task: density-2d
margin: {absolute: 0.05, why: half the spread over seeds}
groups:
  biased: {label: Biased Gaussians, data: biased-gaussians}
  spirals:
    label: Two spirals
    data: {paper: two-spirals, laptop: two-spirals, smoke: four-gaussians}
    methods: {egan: {learning_rate: 1e-3}}
columns:
  kl: {label: KL, metric: histogram-kl}
  tau: {label: Temperature, metric: temperature, supplementary: true, better: null}
rows:
  - {label: Egan, group: biased, published: {kl: 0.90}, method: egan, params: {entropy: nn, epochs: 7}}
  - {label: Egan, group: spirals, published: {kl: 0.50}, method: egan, params: {entropy: nn, epochs: 7}}
  - {label: Gan, group: biased, published: {kl: {value: 400, std: .10, runs: 3}}, planned: gan}
  - {label: Gan, group: spirals, published: {kl: "1,234 ± 5"}, planned: gan}
  - {label: Const, group: biased, published: {kl: -}, quoted: the first author's thesis}
  - {label: Const, group: spirals, quoted: the first author's thesis}
  - {label: Untrained, group: biased, control: true, method: data}
  - {label: Untrained, group: spirals, control: true, method: data}
profiles:
  smoke: {seeds: 1, methods: {egan: {epochs: 1}}}
  laptop: {seeds: 3, methods: {egan: {epochs: 2}}}
  paper: {seeds: 5}
claims:
  - {text: Egan is best, order: {columns: [kl], lower: [Egan], higher: [Gan]}, control: {replace: Egan, by: Untrained}}
  - {text: Egan is bounded, bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}}
figures:
  - {label: B.1, title: Energies, draw: energy-and-samples, rows: [Egan]}
"""


def changed(*changes: tuple[str, str]) -> str:
    """The small spec with each first text, which must be there once, replaced by the second."""
    text = SPEC
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def errors(text: str, loader: Callable[[str, str], object] = loads) -> str:
    """The message of the SpecError that a text gives."""
    with pytest.raises(SpecError) as caught:
        loader(text, "spec.yaml")
    return str(caught.value)


def lines(text: str) -> str:
    """An indented block of expected lines."""
    return textwrap.dedent(text).strip()
