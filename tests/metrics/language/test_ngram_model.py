"""The n-gram model against its definition in plain sets and counters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from repro.metrics.language.ngram_model import KENLM_FALLBACK, Discounts, discounts, estimate, logarithms

V, END = 13, 2
Gram = tuple[int, ...]


def text(tokens: int, seed: int) -> np.ndarray:
    """Words of very different frequencies; the last one does not occur."""
    p = 1 / np.arange(1, V) ** 1.2
    return np.random.default_rng(seed).choice(V - 1, tokens, p=p / p.sum())


class WrittenOut:
    """Interpolated modified Kneser-Ney by its definition: sets and counters of tuples."""

    def __init__(self, tokens: np.ndarray, order: int, end: int | None) -> None:
        self.order, self.end = order, end
        train = tokens.tolist() if end is None else [end, *tokens.tolist()]
        self.occurrences: Counter[Gram] = Counter()
        for t in range(order - 1 if end is None else 1, len(train)):
            history = self.history(train, t)
            for start in range(len(history) + 1):
                self.occurrences[(*history[start:], train[t])] += 1
        self.lefts: dict[Gram, set[int]] = {}
        for gram in self.occurrences:
            self.lefts.setdefault(gram[1:], set()).add(gram[0])
        self.adjusted = {gram: self.adjust(gram) for gram in self.occurrences}
        self.discounts = {
            n: discounts(np.array([a for gram, a in self.adjusted.items() if len(gram) == n]), n, KENLM_FALLBACK)
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
    train, test = text(3000, 0), text(211, 2)
    reference, model = WrittenOut(train, order, end), estimate(train, V, order, end, KENLM_FALLBACK)
    tokens = test.tolist()
    expected = [[reference.p(word, reference.history(tokens, t)) for word in range(V)] for t in range(len(test))]
    np.testing.assert_allclose(model.distributions(model.histories(test)), expected, rtol=1e-12)
    of_tokens = [row[word] for row, word in zip(expected, tokens, strict=True)]
    np.testing.assert_allclose(model.probabilities(test), of_tokens, rtol=1e-12)
    assert model.gram_count == len(reference.adjusted)
    assert [level.discounts for level in model.levels] == list(reference.discounts.values())


def test_distributions_sum_to_one_after_any_history() -> None:
    model = estimate(text(3000, 0), V, 4, END, KENLM_FALLBACK)
    tokens = np.random.default_rng(3).integers(V, size=803)  # mostly unseen, the word that never occurs too
    p = model.distributions(model.histories(tokens))
    assert p.min() > 0
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-12)
    np.testing.assert_allclose(model.probabilities(tokens), p[np.arange(len(tokens)), tokens], rtol=1e-12)


def test_lines_are_modelled_one_by_one() -> None:
    """What stands before an end of line changes nothing after it."""
    model = estimate(text(3000, 0), V, 5, END, KENLM_FALLBACK)
    line = [END, 0, 1, 3, 0, END, 4]
    one, other = (model.probabilities(np.array([*b, *line]))[-6:] for b in ([0, 0, 1, 5, 3], [4, 6, 7, 0, 0]))
    np.testing.assert_array_equal(one, other)


def test_orders_above_the_longest_line_change_nothing() -> None:
    train, test = np.tile([4, END, 5, END, 6, END], 9), text(50, 6)
    long, enough = (estimate(train, V, order, END, KENLM_FALLBACK) for order in (7, 3))
    np.testing.assert_array_equal(long.probabilities(test), enough.probabilities(test))
    of_long, of_enough = (model.distributions(model.histories(test)) for model in (long, enough))
    np.testing.assert_array_equal(of_long, of_enough)


def test_orders_above_the_longest_line_have_no_discounts() -> None:
    """Lines of two words: with both ends 4-grams are the longest."""
    pairs = 3 + np.random.default_rng(0).zipf(1.3, size=(2000, 2)) % 3000
    train = np.insert(pairs, 2, END, axis=1).ravel()
    assert estimate(train, 3003, 4, END, None).gram_count == estimate(train, 3003, 5, END, KENLM_FALLBACK).gram_count
    with pytest.raises(ValueError, match="5-grams have no Kneser-Ney discounts: 0, 0 and 0 of them occur once, twice"):
        estimate(train, 3003, 5, END, None)


def test_discounts_are_those_of_chen_and_goodman() -> None:
    """By hand: n1 to n4 are 5, 3, 2, 1, so Y = 5/11 and D = 1 - 6Y/5, 2 - 2Y, 3 - 2Y."""
    counts = np.array([1] * 5 + [2] * 3 + [3] * 2 + [4] + [9] * 7)
    assert discounts(counts, 1) == pytest.approx((5 / 11, 12 / 11, 23 / 11), abs=1e-15)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1, 1, 2, 3], (1 / 2, 1 / 2, 3)),  # n1 to n3 are 2, 1, 1, so Y = 1/2: no count of 4 is needed
        ([1, 1, 1, 1, 2, 3, 4], (2 / 3, 0, 1 / 3)),  # 4, 1, 1, 1, so Y = 2/3: a discount may be 0
    ],
)
def test_discounts_exist_where_lmplz_finds_them(counts: list[int], expected: Discounts) -> None:
    assert discounts(np.array(counts), 2) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2, 3, 3, 3, 4], "4-grams have no Kneser-Ney discounts: 1, 1 and 3 of them"),  # D2 = 2 - 3 * 1/3 * 3 = -1
        ([1, 1, 2, 4], "4-grams have no Kneser-Ney discounts: 2, 1 and 0 of them"),
        ([], "4-grams have no Kneser-Ney discounts: 0, 0 and 0 of them"),
    ],
)
def test_discounts_that_cannot_be_estimated_are_the_fallback_or_an_error(counts: list[int], message: str) -> None:
    assert discounts(np.array(counts, int), 4, (0.25, 0.5, 0.75)) == (0.25, 0.5, 0.75)
    with pytest.raises(ValueError, match=message):
        discounts(np.array(counts, int), 4)


def test_a_fallback_replaces_the_discounts_of_its_order_alone() -> None:
    """Every line stands twice: no 3-gram occurs once, nor has one of the few words one left; 2-grams have their own."""
    lines = np.split(text(3000, 0), 300)
    train = np.concatenate([[*line, END] for line in lines for _ in range(2)])
    one, other = (estimate(train, 40, 3, END, fallback).levels for fallback in (KENLM_FALLBACK, (0.1, 0.2, 0.3)))
    assert [a.discounts == b.discounts for a, b in zip(one, other, strict=True)] == [False, True, False]


def test_a_discount_of_zero_leaves_others_a_probability_of_zero_and_no_logarithm() -> None:
    """After 0 comes 1, twice; the fallback takes nothing from what occurs twice."""
    model = estimate(np.array([0, 1, END, 0, 1, END]), V, 2, END, (0.5, 0.0, 1.5))
    np.testing.assert_array_equal(model.probabilities(np.array([0, 3]))[1:], 0)
    with pytest.raises(ValueError, match="a word has probability 0 after words whose followers a discount of 0 leaves"):
        logarithms(model.probabilities(np.array([0, 3])))


@pytest.mark.parametrize(
    ("tokens", "order", "message"),
    [(2, 3, "2 tokens are too few for n-grams of order 3"), (2, 0, "order must be at least 1, it is 0")],
)
def test_what_has_no_model_is_refused(tokens: int, order: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(text(tokens, 0), V, order, None, KENLM_FALLBACK)
