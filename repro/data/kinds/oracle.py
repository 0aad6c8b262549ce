"""The synthetic source of SeqGAN and CoT: a fixed LSTM whose parameters are standard normal numbers.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473; CoT (Lu et al., 2018), arXiv:1804.03782
Code:       LantaoYu/SeqGAN, target_lstm.py (the cell: class TARGET_LSTM) and save/target_params_py3.pkl (the parameters
            that both papers share), read here from target_params.npz, the same arrays in the same order
Departures: without that file the parameters are drawn from a seed. Another oracle is another language: four drawn ones
            have 5.90 to 6.04 nats per token where the published one has 5.757, so their numbers cannot be compared.
Shapes:     N sequences, T positions, V = 5000 words, E = 32 embedding, H = 32 hidden; drawn ones may have other V and T
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from scipy.special import expit

from repro.contracts import MissingData
from repro.places import data_directory

FOLDER, FILE = "synthetic_oracle", "target_params.npz"
VOCABULARY, EMBEDDING, HIDDEN, LENGTH = 5_000, 32, 32, 20
START = 0  # what comes before the first word; a word like any other
SAMPLES = 9_984  # 10,000 asked for, in whole batches of 64
ROWS = 256  # sequences at a time: 10 MB of logits
GATES = ("input", "forget", "output", "cell")
SMALL_VOCABULARY, SMALL_LENGTH = 500, 10


def shapes(vocabulary: int = VOCABULARY) -> tuple[tuple[int, ...], ...]:
    """The shapes of the 15 arrays of parameters for a vocabulary."""
    gates = ((EMBEDDING, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN,)) * len(GATES)
    return ((vocabulary, EMBEDDING), *gates, (HIDDEN, vocabulary), (vocabulary,))


SHAPES = shapes()


@dataclass(frozen=True)
class Sequences:
    """What a training on sequences of one length sees.

    Attributes:
        train: the training sequences (N, T), words below `vocabulary`.
        vocabulary: V.
        start: the word that stands before the first one.
    """

    train: np.ndarray
    vocabulary: int
    start: int


@dataclass(frozen=True)
class Oracle:
    """The source as a data set. `parameters` are 15 arrays in float32, of SHAPES, in the order of the published file:

    embedding; W, U, b of the input, forget and output gates and of the new cell; output weights and bias. Vectors are
    rows: a gate is sigmoid(x W + h U + b), the new cell tanh of the same. `origin` says where the parameters are from.
    Its sequences have `length` words.
    """

    name: str
    origin: str
    parameters: tuple[np.ndarray, ...]
    length: int = LENGTH

    @property
    def vocabulary(self) -> int:
        """How many words there are."""
        return len(self.parameters[0])

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the parameters: it tells the published oracle from a drawn one."""
        return hashlib.sha256(b"".join(array.astype("<f4").tobytes() for array in self.parameters)).hexdigest()

    @cached_property
    def train(self) -> np.ndarray:
        """The training sequences (9984, 20) int32, from seed 1."""
        return self.train_of(SAMPLES)

    @cached_property
    def test(self) -> np.ndarray:
        """The sequences (9984, 20) int32 of NLL_test, from seed 2."""
        return self.test_of(SAMPLES)

    def train_of(self, count: int) -> np.ndarray:
        """So many training sequences; of 256, 512 and so on each holds the smaller ones."""
        return self.sample(count, np.random.default_rng(1))

    def test_of(self, count: int) -> np.ndarray:
        """So many sequences of NLL_test."""
        return self.sample(count, np.random.default_rng(2))

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        """log p of sequences (N, T), in nats per sequence: (N,). NLL_oracle is its negative mean over T."""
        tokens = self._checked(tokens)
        total = np.zeros(len(tokens))
        for rows in _parts(len(tokens)):
            for t, logits in enumerate(self._logits(tokens[rows])):
                chosen = np.take_along_axis(logits, tokens[rows, t, None], axis=1)[:, 0]
                total[rows] += chosen - _log_normaliser(logits)[:, 0]
        return total

    def log_probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """log p(x_t = v | x_1 .. x_{t-1}) for sequences (N, T), in nats: (N, T, V). Takes 8 N T V bytes."""
        tokens = self._checked(tokens)
        logits = (
            np.stack(list(self._logits(tokens)), axis=1) if tokens.size else np.zeros((*tokens.shape, self.vocabulary))
        )
        return np.asarray(logits - _log_normaliser(logits))

    def sample(self, count: int, generator: np.random.Generator, length: int | None = None) -> np.ndarray:
        """Sequences (count, length) int32, drawn from the source itself (temperature 1)."""
        length = self.length if length is None else length
        tokens = np.empty((count, length), dtype=np.int32)
        for rows in _parts(count):
            state = self._start(rows.stop - rows.start)
            before = np.full(rows.stop - rows.start, START)
            for t in range(length):
                state, logits = self._step(state, before)
                cumulative = np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1)
                levels = generator.random(len(before)) * cumulative[:, -1]
                before = (cumulative <= levels[:, None]).sum(axis=1)
                tokens[rows, t] = before
        return tokens

    @cached_property
    def _gates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """W (E, 4 H), U (H, 4 H) and b (4 H,) of all gates side by side, in float64."""
        columns = [np.concatenate(self.parameters[1 + i : 13 : 3], axis=-1).astype(np.float64) for i in range(3)]
        return columns[0], columns[1], columns[2]

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Embedding (V, E), output weights (H, V) and output bias (V,), in float64."""
        embedding, *_, weights, bias = self.parameters
        return embedding.astype(np.float64), weights.astype(np.float64), bias.astype(np.float64)

    def _start(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((count, HIDDEN)), np.zeros((count, HIDDEN))

    def _step(
        self, state: tuple[np.ndarray, np.ndarray], before: np.ndarray
    ) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        """The state after the words `before` (N,), and the logits (N, V) of the next word."""
        (W, U, b), (embedding, weights, bias) = self._gates, self._ends
        h, c = state
        gates = embedding[before] @ W + h @ U + b  # (N, 4 H)
        i, f, o = np.split(expit(gates[:, : 3 * HIDDEN]), 3, axis=1)
        c = f * c + i * np.tanh(gates[:, 3 * HIDDEN :])
        h = o * np.tanh(c)
        return (h, c), h @ weights + bias

    def _logits(self, tokens: np.ndarray) -> Iterator[np.ndarray]:
        """For every position of sequences (N, T) the logits (N, V) of its word, given the words before it."""
        state, before = self._start(len(tokens)), np.full(len(tokens), START)
        for t in range(tokens.shape[1]):
            state, logits = self._step(state, before)
            yield logits
            before = tokens[:, t]

    def _checked(self, tokens: np.ndarray) -> np.ndarray:
        tokens = np.asarray(tokens)
        words = self.vocabulary
        if tokens.ndim != 2 or (tokens.size and not 0 <= tokens.min() <= tokens.max() < words):
            raise ValueError(f"expected sequences (N, T) of words below {words}, got {tokens.dtype}{tokens.shape}")
        return tokens


def _log_normaliser(logits: np.ndarray) -> np.ndarray:
    """log sum exp over the last axis, which stays as one; thrice as fast as scipy's, which guards infinities."""
    most = logits.max(axis=-1, keepdims=True)
    return np.asarray(most + np.log(np.exp(logits - most).sum(axis=-1, keepdims=True)))


def _parts(count: int) -> list[slice]:
    return [slice(start, min(start + ROWS, count)) for start in range(0, count, ROWS)]


def load(folder: Path) -> Oracle:
    """The published oracle from `target_params.npz` in a folder. Raises MissingData, ValueError for other contents."""
    path = folder / FILE
    if not path.is_file():
        raise MissingData(f"the published oracle is not at hand: {FILE} must lie in {folder}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            parameters = tuple(arrays[f"arr_{number}"] for number in range(len(SHAPES)))
    except (BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"{path} is no file of 15 arrays arr_0 .. arr_14: {error}; replace it") from error
    found = tuple(array.shape for array in parameters)
    if found != SHAPES:
        raise ValueError(f"{path} holds arrays of shapes {found}, the oracle has {SHAPES}; replace it")
    return Oracle("cot-oracle", "published parameters", parameters)


def drawn(seed: int = 1) -> Oracle:
    """An oracle of the same kind with parameters from a seed; not the published one."""
    random = np.random.RandomState(seed)
    parameters = tuple(random.standard_normal(shape).astype(np.float32) for shape in SHAPES)
    return Oracle("cot-oracle", f"parameters drawn from seed {seed}", parameters)


def cot_oracle_small() -> Oracle:
    """An oracle of the same kind and widths over 500 words, with sequences of 10, from seed 1: always the same."""
    random = np.random.RandomState(1)
    parameters = tuple(random.standard_normal(shape).astype(np.float32) for shape in shapes(SMALL_VOCABULARY))
    return Oracle("cot-oracle-small", "parameters drawn from seed 1", parameters, SMALL_LENGTH)


def cot_oracle() -> Oracle:
    """The published oracle where its file is in `synthetic_oracle` of the data folder; else that of seed 1."""
    folder = data_directory()
    return load(folder / FOLDER) if folder and (folder / FOLDER / FILE).is_file() else drawn()
