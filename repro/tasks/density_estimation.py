"""Task density-estimation: how likely unseen examples are under a trained model, and whether its formulas are right.

Source: salakhutdinov, the slides on density models; each number's own is with its metric.

Likelihoods are asked for by estimate: `exact`; `bound`, the evidence lower bound from one sample an example;
`importance-weighted`, the bound of `samples` samples; `ais`, log p* less a log Z by annealed importance sampling. The
last three are estimates, and the signature says of how many samples. What a family is measured by besides is a metric
of its own that names this task (`of_models`), a function of the trained model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.metrics.language.likelihood import Nll, bits_per_dimension, negative_log_likelihood
from repro.metrics.probabilities import of_discrete
from repro.metrics.score import signature
from repro.registry import METRICS
from repro.spec.model import Column
from repro.tasks.arguments import expect, word
from repro.tasks.examples import SPLITS, DensityData, examples_of

TASK = "density-estimation"
LIKELIHOODS = ("log-probability", "negative-log-likelihood")
READS = {
    "exact": (),
    "bound": (),
    "importance-weighted": ("samples",),
    "ais": ("chains", "temperatures"),
}
"""The estimates of a likelihood, with the fields that each depends on."""


class DensityModel(Protocol):
    """What the task asks of a model, of which each offers what its columns need. Examples are (N, D) float64."""

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """log p of each example (N,), in nats."""

    def log_levels(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """log p of each example (N,) as integers from 0 to 255, in nats: a density of pixels is per level."""

    def log_bound(self, examples: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:
        """The log of the mean of `samples` importance weights, of each example (N,), in nats."""

    def log_unnormalised(self, examples: np.ndarray) -> np.ndarray:
        """log p + log Z of each example (N,), or a lower bound of it, in nats."""

    def log_partition(self, chains: int, temperatures: int, random: np.random.Generator) -> LogPartition:
        """log Z by annealed importance sampling; 0 temperatures: the published schedule of the method."""


class LogPartition(NamedTuple):
    """log Z in nats, and three deviations of the mean weight below and above, as far as that stays positive."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DensityEstimation:
    """Likelihoods of a split's examples.

    Attributes:
        examples: so many of the split, the first ones; 0: all.
        binarised: pixels go to the model `as-is`, over 255; or `sampled`: they are probabilities of ones, which are
            drawn once, the same for all seeds.
        samples: of the latent variables, for each example.
        chains: of annealed importance sampling.
        temperatures: of it; 0: the published schedule of the method.
        small: inputs of the model that is small enough to sum over all of its states.
    """

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    examples: int = 0
    binarised: Literal["as-is", "sampled"] = "as-is"
    samples: int = 5_000
    chains: int = 100
    temperatures: int = 0
    small: int = 8

    def __post_init__(self) -> None:
        for name, least in (("examples", 0), ("samples", 1), ("chains", 2), ("temperatures", 0), ("small", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, it is {getattr(self, name)}")
        if self.binarised not in ("as-is", "sampled"):
            raise ValueError(f"binarised must be as-is or sampled, it is {self.binarised!r}")

    def reads(self, column: Column) -> frozenset[str]:
        """The fields that a column's number depends on."""
        if _is_of_models(column):
            expect(column, TASK, {column.metric: ()})
            return frozenset(METRICS.declared(column.metric).reads)
        expect(column, TASK, {"bits-per-dimension": (), **dict.fromkeys(LIKELIHOODS, ("estimate",))}, SPLITS)
        return frozenset({"examples", "binarised", *READS[_estimate(column)]})

    def signature(self, column: Column) -> str:
        """The split and the estimate, with what it is made from."""
        reads = sorted(self.reads(column))
        fields = {name: getattr(self, name) or _ALL.get(name, 0) for name in reads}
        if _is_of_models(column):
            return signature(column.metric, "repro/1", **fields)
        unit = "bits" if column.metric == "bits-per-dimension" else "nats"
        return signature(column.metric, "repro/1", unit=unit, split=column.split, estimate=_estimate(column), **fields)

    def measure(
        self, model: Any, data: DensityData, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number. Each likelihood is computed once, and log Z once for all splits."""
        likelihoods = Likelihoods(self, model, data, generator)
        measured = {}
        for name, column in columns.items():
            value = self._asked(model, data, column, generator) if _is_of_models(column) else likelihoods.value(column)
            measured[name] = Measurement(value=value, signature=self.signature(column))
        return Evaluation(measured, likelihoods.artifacts)

    def evaluate(self, model: Any, view: DensityData, generator: np.random.Generator) -> dict[str, float]:
        """The mean negative log-likelihood of the validation split in nats: exact where the model can, else a bound."""
        examples = examples_of(view, "valid", self.examples, self.binarised)
        exact = hasattr(model, "log_likelihood")
        log_p = model.log_likelihood(examples, generator) if exact else model.log_bound(examples, 1, generator)
        return {"negative-log-likelihood": negative_log_likelihood(log_p).value}

    def _asked(self, model: Any, data: DensityData, column: Column, generator: np.random.Generator) -> float:
        """A family's own metric, of which the declaration says what it reads."""
        fields = {name: getattr(self, name) for name in METRICS.declared(column.metric).reads}
        return float(METRICS.load(column.metric)(model, data, generator, **fields))


class Likelihoods:
    """The likelihoods of one model, each estimate of each split once."""

    def __init__(self, task: DensityEstimation, model: Any, data: DensityData, generator: np.random.Generator) -> None:
        self.task, self.model, self.data, self.generator = task, model, data, generator
        self._known: dict[tuple[str, str], np.ndarray] = {}
        self.artifacts: dict[str, np.ndarray] = {}

    def value(self, column: Column) -> float:
        """The number of one column: a mean over examples."""
        split = str(column.split)
        if column.metric == "bits-per-dimension":
            examples = self._examples(split)
            log_p = self.model.log_levels(examples, self.generator)
            return bits_per_dimension(Nll(-float(np.sum(log_p)), examples.size)).value
        score = negative_log_likelihood(self._log_p(split, _estimate(column))).value
        return -score if column.metric == "log-probability" else score

    def _log_p(self, split: str, estimate: str) -> np.ndarray:
        if (split, estimate) not in self._known:
            self._known[split, estimate] = self._estimated(self._examples(split), estimate)
        return self._known[split, estimate]

    def _estimated(self, examples: np.ndarray, estimate: str) -> np.ndarray:
        model, task = self.model, self.task
        if estimate == "ais":
            log_p: np.ndarray = model.log_unnormalised(examples) - self._log_partition()
        elif estimate == "exact":
            log_p = model.log_likelihood(examples, self.generator)
            if np.isin(examples, (0.0, 1.0)).all():
                of_discrete(log_p, "log_likelihood of the model")
        else:
            log_p = model.log_bound(examples, 1 if estimate == "bound" else task.samples, self.generator)
        if np.shape(log_p) != (len(examples),):
            raise ValueError(f"a model must give one likelihood an example ({len(examples)},), not {np.shape(log_p)}")
        return log_p

    def _log_partition(self) -> float:
        if "log_partition" not in self.artifacts:
            found = self.model.log_partition(self.task.chains, self.task.temperatures, self.generator)
            self.artifacts["log_partition"] = np.array(found)
        return float(self.artifacts["log_partition"][0])

    def _examples(self, split: str) -> np.ndarray:
        return examples_of(self.data, split, self.task.examples, self.task.binarised)


_ALL: Mapping[str, object] = {"examples": "all", "temperatures": "published"}


def _estimate(column: Column) -> str:
    if "estimate" not in column.args:
        return "exact"
    return word(column, "estimate", tuple(READS))


def _is_of_models(column: Column) -> bool:
    """Whether a column's metric is one that declares this task, and not a likelihood."""
    return METRICS.declared(column.metric).of_models == TASK
