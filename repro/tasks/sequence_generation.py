"""Task sequence-generation: sequences of one length from a source whose probabilities are known, the oracle.

Papers: SeqGAN (Yu et al., 2017), arXiv:1609.05473; CoT (Lu et al., 2018), arXiv:1804.03782, table 1
Code:   LantaoYu/SeqGAN, sequence_gan.py (target_loss); desire2020/CoT (both likelihoods, 9,984 sequences each)

NLL_oracle judges samples of the model by the oracle, NLL_test sequences of the oracle by the model, both in nats per
word. A model is looked at where its training ended, `final`, or at one of its evaluations: `best` has the least
NLL_test, `best-sum` the least sum of both. As in print these are chosen by the very sequences that they are measured
on: the papers have no others. The numbers on the way are the task's own, by `context.evaluate`, so that what decides
over them, all fields, is part of what a training is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.oracle import START, Oracle, Sequences
from repro.metrics.language.likelihood import nll_oracle, nll_test
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

ORACLE, TEST = "nll-oracle", "nll-test"
FINAL, CHECKPOINTS = "final", ("final", "best", "best-sum")
ARGUMENTS = {ORACLE: ("checkpoint",), TEST: ("checkpoint",)}
LEAST = {"best": "nll-test", "best-sum": "nll-oracle + nll-test"}


class SequenceModel(Protocol):
    """What this task asks of a model, and of one in training."""

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` sequences (count, T) of words."""

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        """log p of sequences (N, T), in nats per sequence: (N,)."""


class TrainedSequenceModel(SequenceModel, Protocol):
    """What this task asks of a trained model beside that."""

    def at(self, checkpoint: str) -> SequenceModel:
        """The model of `final`, `best` or `best-sum`."""


@dataclass(frozen=True)
class JudgedSequences(Sequences):
    """What the task keeps of a data set for a training: methods see `Sequences`, the rest is for `evaluate`."""

    oracle: Oracle
    test: np.ndarray


@dataclass(frozen=True)
class SequenceGeneration:
    """The protocol of CoT's table 1: 10,000 sequences asked for, in whole batches of 64.

    Attributes:
        train_sequences: of the oracle, for training.
        test_sequences: of the oracle, for NLL_test.
        oracle_samples: of the model, for NLL_oracle.
    """

    VIEW: ClassVar[tuple[str, ...]] = ("train_sequences", "test_sequences", "oracle_samples")
    OTHERS: ClassVar[tuple[str, ...]] = ()

    train_sequences: int = 9_984
    test_sequences: int = 9_984
    oracle_samples: int = 9_984

    def __post_init__(self) -> None:
        for name in self.VIEW:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")

    def reads(self, column: Column) -> frozenset[str]:
        """The number of sequences that a likelihood is the mean of; a chosen checkpoint depends on what chose it."""
        expect(column, "sequence-generation", ARGUMENTS, ("test",) if column.metric == TEST else ())
        own = {ORACLE: "oracle_samples", TEST: "test_sequences"}[column.metric]
        chosen = {"final": (), "best": ("test_sequences",), "best-sum": ("test_sequences", "oracle_samples")}
        return frozenset({own, *chosen[_checkpoint(column)]})

    def signature(self, column: Column) -> str:
        """Which likelihood, of how many sequences, and how the checkpoint is chosen."""
        reads, checkpoint = self.reads(column), _checkpoint(column)
        protocol = {name: getattr(self, name) for name in self.VIEW if name in reads}
        if checkpoint != FINAL:
            protocol["selection"] = f"least {LEAST[checkpoint]} of the run, on the sequences measured"
        return signature(column.metric, "repro/1", unit="nats", per="token", checkpoint=checkpoint, **protocol)

    def view(self, data: Oracle, seed: int) -> JudgedSequences:
        """Training sequences, the same for all seeds, and what the numbers on the way need."""
        del seed
        return JudgedSequences(
            train=data.train_of(self.train_sequences),
            vocabulary=data.vocabulary,
            start=START,
            oracle=data,
            test=data.test_of(self.test_sequences),
        )

    def evaluate(
        self, model: SequenceModel, view: JudgedSequences, generator: np.random.Generator
    ) -> Mapping[str, float]:
        """Both likelihoods of a model in training, by the names of the metrics."""
        return self._likelihoods(model, view.oracle, view.test, generator)

    def measure(
        self, model: TrainedSequenceModel, data: Oracle, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's likelihood. All checkpoints draw by the same numbers, whichever of them are asked for."""
        said = {name: self.signature(column) for name, column in columns.items()}
        seed, test = int(generator.integers(2**63)), data.test_of(self.test_sequences)
        found = {
            checkpoint: self._likelihoods(model.at(checkpoint), data, test, np.random.default_rng(seed))
            for checkpoint in dict.fromkeys(map(_checkpoint, columns.values()))
        }
        return Evaluation(
            {
                name: Measurement(value=found[_checkpoint(column)][column.metric], signature=said[name])
                for name, column in columns.items()
            }
        )

    def _likelihoods(
        self, model: SequenceModel, oracle: Oracle, test: np.ndarray, generator: np.random.Generator
    ) -> dict[str, float]:
        samples = model.sample(self.oracle_samples, generator)
        if samples.shape != (self.oracle_samples, oracle.length):
            raise ValueError(f"a model must give samples ({self.oracle_samples}, {oracle.length}), not {samples.shape}")
        return {ORACLE: nll_oracle(oracle, samples).value, TEST: nll_test(model, test).value}


def _checkpoint(column: Column) -> str:
    """Which checkpoint a column is about; the final one where it does not say."""
    return word(column, "checkpoint", CHECKPOINTS) if "checkpoint" in column.args else FINAL
