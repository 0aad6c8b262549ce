"""Reverse perplexity by an n-gram model with modified Kneser-Ney smoothing, as KenLM estimates it.

Papers: Chen and Goodman (1999), equations 26 and 27; Scalable Modified Kneser-Ney Language Model Estimation (Heafield
        et al., 2013); Adversarially Regularized Autoencoders (Zhao et al., 2018), whose early stopping uses it.
Code:   kpu/kenlm, lmplz: unpruned, interpolated down to the uniform distribution, counts of grams that begin a sentence
        not adjusted, `<unk>` with what smoothing leaves to it; jakezhaojb/ARAE for the variant under its own name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np

from repro.metrics.language import Nll, perplexity
from repro.metrics.score import Score, signature

Sentences = Sequence[Sequence[Hashable]]
Gram = tuple[Hashable, ...]
Discounts = tuple[float, float, float]


class _Mark:
    """A symbol that equals no word."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


BEGIN, END = _Mark("<s>"), _Mark("</s>")


class KneserNey:
    """An interpolated n-gram model over the words of its sentences, the end of a sentence, and one unknown word.

    `fallback` replaces the discounts (for counts 1, 2, and 3 or more) of an order where they have no closed form, as
    KenLM's option does, whose values are (0.5, 1, 1.5); without it, text that is too repetitive or too short is an
    error. Memory: all n-grams of all orders.
    """

    def __init__(self, sentences: Sentences, order: int = 5, fallback: Discounts | None = None) -> None:
        if order < 1:
            raise ValueError(f"order must be at least 1, it is {order}")
        if not len(sentences):
            raise ValueError("a model of no sentences has no probabilities")
        self.order = order
        self._counts = _adjusted(sentences, order)
        self.words = len(self._counts[0]) + 1  # with the end, and <unk>
        self.discounts = [_discounts(counts, n, fallback) for n, counts in enumerate(self._counts, start=1)]
        self._contexts = [
            _contexts(counts, discounts) for counts, discounts in zip(self._counts, self.discounts, strict=True)
        ]

    def probability(self, word: Hashable, context: Gram = ()) -> float:
        """P(word | the last words of `context`), which BEGIN begins; unknown words share one probability."""
        context = context[max(len(context) - self.order + 1, 0) :]
        result = 1 / self.words
        for n in range(len(context) + 1):
            history = context[len(context) - n :]
            if history not in self._contexts[n]:
                break
            total, left_over = self._contexts[n][history]
            count = self._counts[n].get((*history, word), 0)
            discount = self.discounts[n][min(count, 3) - 1] if count else 0.0
            result = (count - discount) / total + left_over * result
        return result

    def nats(self, sentence: Sequence[Hashable], *, end: bool = True) -> float:
        """-log P of a sentence's words and, with `end`, of its end."""
        words = (BEGIN, *sentence, *([END] if end else []))
        return -float(sum(np.log(self.probability(words[i], words[:i])) for i in range(1, len(words))))


def reverse_perplexity_kneser_ney(
    generated: Sentences, real: Sentences, order: int = 5, *, end: bool = True, fallback: Discounts | None = None
) -> Score:
    """The perplexity per word of real sentences under a Kneser-Ney model of generated ones; lower is better.

    Not comparable with `reverse_perplexity`, which trains a recurrent model. With `end` every sentence's end is
    predicted and counted, as KenLM's own perplexity does. Items (N,) are nats of each real sentence; details: nats,
    tokens. Raises ValueError for no sentences, and for text whose discounts have no closed form where no `fallback` is
    given: repetitive text fails, and is not scored.
    """
    protocol = signature(
        "reverse-perplexity", "repro/1", lm=f"{order}-gram", smoothing="modified-kneser-ney",
        end="counted" if end else "left-out", fallback=fallback, samples=len(generated),
    )  # fmt: skip
    return _perplexity(KneserNey(generated, order, fallback), real, end, protocol)


def reverse_perplexity_arae(
    generated: Sentences, real: Sentences, vocabulary: Sequence[Hashable], fallback: Discounts | None = None
) -> Score:
    """The reverse perplexity of the ARAE code's early stopping; not comparable with one of the generated text alone.

    Every word of the vocabulary is added to the generated text as a sentence of its own, so that none is unknown, which
    also moves the frequencies of all others; the model has order 5; ends of sentences are neither scored nor counted.
    Where its estimation fails the code returns 1e15, which is an error here.
    """
    protocol = signature(
        "reverse-perplexity", "repro/1", lm="5-gram", smoothing="modified-kneser-ney", end="left-out",
        fallback=fallback, appended=len(vocabulary), samples=len(generated),
    )  # fmt: skip
    appended = [*generated, *([word] for word in vocabulary)]
    return _perplexity(KneserNey(appended, 5, fallback), real, False, protocol)


def _perplexity(model: KneserNey, real: Sentences, end: bool, protocol: str) -> Score:
    items = np.array([model.nats(sentence, end=end) for sentence in real])
    total = Nll(float(items.sum()), sum(len(sentence) + end for sentence in real))
    details = {"nats": total.nats, "tokens": total.tokens}
    return Score(perplexity(total).value, protocol, items=items, details=details)


def _adjusted(sentences: Sentences, order: int) -> list[Counter[Gram]]:
    """Counts of the highest order; below it, of different words before a gram, unless it begins a sentence."""
    raw: list[Counter[Gram]] = [Counter() for _ in range(order)]
    for sentence in sentences:
        words = (BEGIN, *sentence, END)
        for n, counts in enumerate(raw, start=1):
            counts.update(words[i : i + n] for i in range(len(words) - n + 1))
    adjusted = [
        Counter(gram[1:] for gram in longer) + Counter({g: c for g, c in counts.items() if g[0] is BEGIN})
        for counts, longer in pairwise(raw)
    ]
    adjusted.append(raw[-1])
    del adjusted[0][(BEGIN,)]  # it is never predicted
    return adjusted


def _discounts(counts: Counter[Gram], order: int, fallback: Discounts | None) -> Discounts:
    frequency = Counter(counts.values())
    once, twice = frequency[1], frequency[2]
    if once and twice and frequency[3]:
        y = once / (once + 2 * twice)
        found = (
            1 - 2 * y * twice / once,
            2 - 3 * y * frequency[3] / twice,
            3 - 4 * y * frequency[4] / frequency[3],
        )
        if all(0 <= discount <= k for k, discount in enumerate(found, start=1)):
            return found
    if fallback is None:
        raise ValueError(
            f"{order}-grams have no Kneser-Ney discounts: {once}, {twice} and {frequency[3]} of them occur once, twice "
            "and thrice; the text is too repetitive or too short, or needs a fallback such as (0.5, 1, 1.5)"
        )
    return fallback


def _contexts(counts: Counter[Gram], discounts: Discounts) -> dict[Gram, tuple[int, float]]:
    """For every context the sum of its counts, and the share that discounts leave to shorter contexts."""
    totals: dict[Gram, int] = defaultdict(int)
    discounted: dict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        totals[gram[:-1]] += count
        discounted[gram[:-1]] += discounts[min(count, 3) - 1]
    return {context: (total, discounted[context] / total) for context, total in totals.items()}
