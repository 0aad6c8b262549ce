"""A language whose true next-token distribution is known: sentences of a hidden Markov source, for smoke runs.

Why a softmax cannot reach it: given the past, the next token is a mixture of the emissions of S hidden states, weighted
by the belief about the state. The matrix of probabilities (T, V) has rank S at most, but that of log-probabilities has
full rank V, since every word belongs to several states. A softmax of width d gives rank d + 2 at most; a mixture of
softmaxes can follow the belief.

The source is made of integers: thresholds of 16 bits against the raw bits of PCG64, whose stream numpy keeps fixed, so
the text is the same on every platform and the probabilities are exact multiples of 2^-16.

How far: the softmax of width 8 that is best for contexts of one token stays 0.09 nats above their entropy, a mixture of
three such softmaxes 0.03, of five 0.01; at width 4 it is 0.23, and 0.11 of three. (Free context vectors fitted to the
truth itself, no network; a long test does it again.) An LSTM of 64 units and width 16 comes from 4.2 to within 0.2 nats
of the truth, 3.1, in 6 passes over the training split, some seconds on a CPU.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repro.data.kinds.corpus import Corpus

END = 0  # the token of the sentence end, and the hidden state that emits it and nothing else
WORDS, STATES = 120, 24  # without the end
UNIT = 1 << 16
FLOOR = 4  # every word is possible in every state, and every state after every other
DEALS = 4  # in each, every state is dealt WORDS / STATES words of its own
SUCCESSORS = (4, 3, 2)  # weights of the states that follow a state; that of the end is 1


@dataclass(frozen=True)
class HiddenMarkov:
    """A hidden Markov source that starts and ends every sentence in state 0. S states, V tokens.

    transitions (S, S) and emissions (S, V) are integers; each row sums to 2^16, which stands for probability one. State
    0 alone emits token 0, and emits nothing else: the sentence end tells the state, so sentences are independent.
    """

    transitions: np.ndarray
    emissions: np.ndarray

    def log_probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """log p(x_t = v | x_1 .. x_{t-1}) for tokens (T,) of whole sentences, in nats: (T, V), exact by filtering.

        Row t does not see token t; row 0 is the distribution at the start of a sentence. Memory is 8 T V bytes.
        """
        tokens = np.asarray(tokens)
        vocabulary = self.emissions.shape[1]
        if tokens.ndim != 1 or (tokens.size and not 0 <= tokens.min() <= tokens.max() < vocabulary):
            raise ValueError(f"expected one stream of token ids below {vocabulary}, got {tokens.dtype}{tokens.shape}")
        moves, likelihoods = self.transitions / UNIT, (self.emissions / UNIT).T.copy()
        beliefs = np.empty((len(tokens), len(moves)))  # p(state_t | x_1 .. x_{t-1})
        belief = moves[END]
        for t, token in enumerate(tokens.tolist()):
            beliefs[t] = belief
            joint = belief * likelihoods[token]
            belief = (joint / joint.sum()) @ moves
        log_p: np.ndarray = np.log(beliefs @ likelihoods.T)
        return log_p

    def sample(self, tokens: int, bits: np.random.PCG64) -> np.ndarray:
        """Whole sentences (T,) int32: as many as fit into `tokens`, at least one."""
        moves, words = ([row.tolist() for row in table.cumsum(axis=1)] for table in (self.transitions, self.emissions))
        stream: list[int] = []
        state, whole = END, 0
        while len(stream) < tokens or not whole:
            move, word = (bits.random_raw(2) >> np.uint64(48)).tolist()  # two integers below 2^16
            state = bisect_right(moves[state], move)
            stream.append(bisect_right(words[state], word))
            if stream[-1] == END:
                whole = len(stream)
        return np.array(stream[:whole], dtype=np.int32)


@dataclass(frozen=True, kw_only=True)
class ToyLanguage(Corpus):
    """A corpus with its `source`. Every split is of whole sentences and starts at a sentence start."""

    source: HiddenMarkov

    def log_probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """The true log p(x_t = v | x_1 .. x_{t-1}) of tokens (T,) from a sentence start on, in nats: (T, V)."""
        return self.source.log_probabilities(tokens)

    def entropy(self, split: str) -> float:
        """-log p of the split under the truth, in nats per token: exact, and the least a model can hope for.

        A model that was fitted to the split itself may go below it, one that never saw it only by chance.
        """
        tokens = self.splits[split]
        return -float(self.source.log_probabilities(tokens)[np.arange(len(tokens)), tokens].mean())

    @cached_property
    def entropy_rate(self) -> float:
        """Nats per token of the source: the mean entropy of the true next-token distributions along all splits.

        An estimate: its standard error is 0.001 at the 50,000 tokens of the registered language.
        """
        total, count = 0.0, 0
        for tokens in self.splits.values():
            log_p = self.source.log_probabilities(tokens)
            total -= float((np.exp(log_p) * log_p).sum())
            count += len(tokens)
        return total / count

    @cached_property
    def rank(self) -> int:
        """Rank of the matrix of true log-probabilities of the test split (T, V), in float64, numpy's tolerance."""
        return int(np.linalg.matrix_rank(self.source.log_probabilities(self.splits["test"])))


def _shuffled(items: range | list[int], bits: np.random.PCG64) -> list[int]:
    order = np.argsort(bits.random_raw(len(items)), kind="stable")
    return [items[i] for i in order]


def _thresholds(weights: Mapping[int, int], size: int, floor: Mapping[int, int]) -> np.ndarray:
    """A row (size,) of integers with sum 2^16: `floor` by index, the rest in proportion to the weights by index."""
    row = np.zeros(size, dtype=np.int64)
    row[list(floor)] = list(floor.values())
    free, total = UNIT - int(row.sum()), sum(weights.values())
    for index, weight in weights.items():
        row[index] += weight * free // total
    row[max(weights, key=lambda index: weights[index])] += UNIT - int(row.sum())
    return row


def source(seed: int = 1) -> HiddenMarkov:
    """The hidden Markov source of a seed: 24 states of up to 20 words, at rates that fall by 0.7 from word to word.

    A word belongs to up to four states, a state goes on to one of three others or, one time in ten, ends the sentence.
    """
    bits = np.random.PCG64([seed, 0])
    states = range(1, STATES + 1)
    lexicon: dict[int, set[int]] = {state: set() for state in states}
    for _ in range(DEALS):
        deal = _shuffled(range(1, WORDS + 1), bits)
        for state in states:
            lexicon[state].update(deal[state - 1 :: STATES])
    every_word = dict.fromkeys(range(1, WORDS + 1), FLOOR)
    every_state = dict.fromkeys(range(STATES + 1), FLOOR)
    emissions = [_thresholds({END: 1}, WORDS + 1, {})]
    transitions = []
    for state in (END, *states):
        following = _shuffled(states, bits)[: len(SUCCESSORS)]
        weights = dict(zip(following, SUCCESSORS, strict=True))
        transitions.append(_thresholds(weights | ({END: 1} if state != END else {}), STATES + 1, every_state))
        if state != END:
            words = _shuffled(sorted(lexicon[state]), bits)
            rates = {word: 10**6 * 7**place // 10**place for place, word in enumerate(words)}
            emissions.append(_thresholds(rates, WORDS + 1, every_word))
    return HiddenMarkov(np.stack(transitions), np.stack(emissions))


def toy_language(train: int = 40_000, valid: int = 5_000, test: int = 5_000, seed: int = 1) -> ToyLanguage:
    """The toy language of a seed, `<eos>` and 120 words; each split has as many whole sentences as fit its tokens."""
    hidden = source(seed)
    vocabulary = ("<eos>", *(f"w{number:03}" for number in range(1, WORDS + 1)))
    sizes = {"train": train, "valid": valid, "test": test}
    splits = {
        name: hidden.sample(size, np.random.PCG64([seed, stream]))
        for stream, (name, size) in enumerate(sizes.items(), start=1)
    }
    digest = hashlib.sha256("\n".join(vocabulary).encode())
    for name, tokens in splits.items():
        tokens.setflags(write=False)
        digest.update(name.encode() + tokens.astype("<i4").tobytes())
    return ToyLanguage("toy-language", vocabulary, splits, digest.hexdigest(), end=END, source=hidden)
