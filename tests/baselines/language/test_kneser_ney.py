"""The n-gram model against its definition in plain sets and counters, and against the published number."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from baselines.language.kneser_ney import FALLBACK, KneserNey, NGramModel, discounts
from repro.data.corpus import Corpus
from repro.data.language import ptb
from repro.data.toy_language import toy_language
from repro.record import Measurement
from repro.registry import METHODS
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModel, LanguageModeling
from tests.benchmarks.context import Quiet

V, END = 13, 2
Gram = tuple[int, ...]


def text(tokens: int, seed: int) -> np.ndarray:
    """Words of very different frequencies; the last one does not occur."""
    p = 1 / np.arange(1, V) ** 1.2
    return np.random.default_rng(seed).choice(V - 1, tokens, p=p / p.sum()).astype(np.int32)


def small(end: int | None = END) -> Corpus:
    splits = {"train": text(3000, 0), "valid": text(203, 1), "test": text(211, 2)}
    return Corpus("small", tuple(map(str, range(V))), splits, "0" * 64, end)


def fitted(order: int, data: Corpus) -> NGramModel:
    return KneserNey(order).fit(data, Quiet((0,)))


class WrittenOut:
    """Interpolated modified Kneser-Ney by its definition: sets and counters of tuples."""

    def __init__(self, data: Corpus, order: int) -> None:
        self.order, self.end = order, data.end
        train = data.splits["train"].tolist()
        if data.end is not None:
            train = [data.end, *train]
        self.occurrences: Counter[Gram] = Counter()
        for t in range(order - 1 if data.end is None else 1, len(train)):
            history = self.history(train, t)
            for start in range(len(history) + 1):
                self.occurrences[(*history[start:], train[t])] += 1
        self.lefts: dict[Gram, set[int]] = {}
        for gram in self.occurrences:
            self.lefts.setdefault(gram[1:], set()).add(gram[0])
        self.adjusted = {gram: self.adjust(gram) for gram in self.occurrences}
        self.discounts = {
            n: discounts(np.array([a for gram, a in self.adjusted.items() if len(gram) == n]))
            for n in range(1, order + 1)
        }

    def history(self, tokens: list[int], t: int) -> Gram:
        """Up to n - 1 tokens before t, from the last end of line on."""
        start = max(0, t - self.order + 1)
        ends = [i for i in range(start, t) if tokens[i] == self.end]
        return tuple(tokens[ends[-1] if ends else start : t])

    def adjust(self, gram: Gram) -> int:
        at_start = len(gram) > 1 and gram[0] == self.end
        return self.occurrences[gram] if len(gram) == self.order or at_start else len(self.lefts[gram])

    def p(self, word: int, history: Gram) -> float:
        lower = self.p(word, history[1:]) if history else 1 / V
        counts = {w: self.adjusted[(*history, w)] for w in range(V) if (*history, w) in self.adjusted}
        if not counts:
            return lower
        D = self.discounts[len(history) + 1]
        taken = {w: D[min(count, 3) - 1] for w, count in counts.items()}
        own = counts[word] - taken[word] if word in counts else 0.0
        return (own + sum(taken.values()) * lower) / sum(counts.values())


@pytest.mark.parametrize("end", [END, None])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_those_of_the_definition(order: int, end: int | None) -> None:
    data = small(end)
    reference, model = WrittenOut(data, order), fitted(order, data)
    test = data.splits["test"].tolist()
    expected = [[reference.p(word, reference.history(test, t)) for word in range(V)] for t in range(1, len(test))]
    blocks = list(model.log_probabilities(data.splits["test"], 1))
    # float32 keeps 7 digits of logarithms below 10
    np.testing.assert_allclose(np.concatenate([log_p for _, log_p in blocks]), np.log(expected), rtol=0, atol=2e-6)
    of_targets = [-math.log(row[word]) for row, word in zip(expected, test[1:], strict=True)]
    np.testing.assert_allclose(model.nll(data.splits["test"], 1), of_targets, rtol=1e-12)
    assert model.parameter_count == len(reference.adjusted)


@pytest.mark.parametrize("streams", [1, 4])
def test_distributions_sum_to_one_and_hold_the_losses_in_the_order_of_reading(streams: int) -> None:
    data = small()
    model = fitted(4, data)
    tokens = np.random.default_rng(3).integers(V, size=803)  # contexts mostly unseen, the word that never occurs too
    nll = model.nll(tokens, streams)
    targets, log_p = (np.concatenate(part) for part in zip(*model.log_probabilities(tokens, streams), strict=True))
    np.testing.assert_allclose(np.exp(log_p, dtype=np.float64).sum(1), 1, rtol=0, atol=2e-6)  # float32 logarithms
    np.testing.assert_allclose(log_p[np.arange(len(targets)), targets], -nll, rtol=0, atol=2e-6)
    columns = tokens[: len(tokens) // streams * streams].reshape(streams, -1)
    np.testing.assert_array_equal(targets, columns[:, 1:].T.ravel())


def test_streams_are_texts_of_their_own() -> None:
    data, tokens = small(), text(400, 5)
    model = fitted(3, data)
    apart = [model.nll(part, 1) for part in np.split(tokens, 4)]
    np.testing.assert_array_equal(model.nll(tokens, 4), np.stack(apart, axis=1).ravel())


def test_lines_are_modelled_one_by_one() -> None:
    """What stands before an end of line changes nothing after it."""
    model = fitted(5, small())
    line = [END, 0, 1, 3, 0, END, 4]
    one, other = (model.nll(np.array([*before, *line]), 1)[-6:] for before in ([0, 0, 1, 5, 3], [4, 6, 7, 0, 0]))
    np.testing.assert_array_equal(one, other)


def test_orders_above_the_longest_line_change_nothing() -> None:
    line = np.array([4, END, 5, END, 6, END], np.int32)
    data = Corpus("short", tuple(map(str, range(V))), {"train": np.tile(line, 9)}, "0" * 64, END)
    expected = fitted(3, data).nll(text(50, 6), 1)
    np.testing.assert_array_equal(fitted(7, data).nll(text(50, 6), 1), expected)


def test_discounts_are_those_of_chen_and_goodman() -> None:
    """By hand: n1 to n4 are 5, 3, 2, 1, so Y = 5/11 and D = 1 - 6Y/5, 2 - 2Y, 3 - 2Y."""
    counts = np.array([1] * 5 + [2] * 3 + [3] * 2 + [4] + [9] * 7)
    assert discounts(counts) == pytest.approx((5 / 11, 12 / 11, 23 / 11), abs=1e-15)


@pytest.mark.parametrize("counts", [[1, 1, 2, 3], [1, 2, 3, 3, 3, 4], []])
def test_discounts_that_cannot_be_estimated_are_kenlm_s(counts: list[int]) -> None:
    """No count of 4; a D2 of 2 - 3 * 1/3 * 3 = -1; no count at all."""
    assert discounts(np.array(counts)) == FALLBACK


def test_penn_treebank_comes_out_at_the_published_perplexity(real_data: Path) -> None:
    """141.2 is printed for KN5 in Mikolov et al., Empirical Evaluation and Combination of Advanced Language Modeling
    Techniques (2011), table 1. Half a unit of its last place.
    """
    data = ptb()
    perplexity = math.exp(fitted(5, data).nll(data.splits["test"], 1).mean())
    assert perplexity == pytest.approx(141.2, abs=0.05)


def test_the_task_measures_it() -> None:
    data = toy_language()
    model: LanguageModel = METHODS.load("kneser-ney")().fit(data, Quiet((0,)))
    columns = {
        "test": Column(label="Test", metric="perplexity", split="test"),
        "size": Column(label="Parameters", metric="parameters"),
    }
    measured = LanguageModeling().measure(model, data, columns, np.random.default_rng(0)).measured
    assert math.exp(data.entropy("test")) < measured["test"].value < len(data.vocabulary) / 2
    assert measured["size"] == Measurement(value=model.parameter_count, signature=measured["size"].signature)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="order must be 1 or more, it is 0"):
        KneserNey(0)
    tiny = Corpus("tiny", ("a", "b"), {"train": np.array([0, 1], np.int32)}, "0" * 64)
    with pytest.raises(ValueError, match="2 tokens are too few for n-grams of order 3"):
        fitted(3, tiny)
    with pytest.raises(ValueError, match="3 tokens in 2 streams: each needs two or more"):
        fitted(2, tiny).nll(np.array([0, 1, 0]), 2)
    with pytest.raises(ValueError, match="an n-gram model has no embedding: leave out the columns that compare with"):
        _ = fitted(2, tiny).embedding_size
