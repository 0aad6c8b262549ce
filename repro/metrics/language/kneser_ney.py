"""Reverse perplexity by an n-gram model with modified Kneser-Ney smoothing, as KenLM estimates it.

Paper:  Adversarially Regularized Autoencoders (Zhao et al., 2018), whose early stopping uses it
Code:   jakezhaojb/ARAE for the variant under its own name; the model is `repro.metrics.language.ngram_model`
Shapes: N sentences
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import Enum
from itertools import chain, repeat

import numpy as np

from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.language.ngram_lookup import probabilities, tabled
from repro.metrics.language.ngram_model import Discounts, estimate, logarithms
from repro.metrics.score import Score, signature

Sentences = Sequence[Sequence[Hashable]]


class _Mark(Enum):
    """A symbol that equals no word."""

    BEGIN = "<s>"
    END = "</s>"


BEGIN, END = _Mark


class KneserNey:
    """An interpolated n-gram model over the words of its sentences, the end of a sentence, and one unknown word.

    `fallback` replaces the discounts (for counts 1, 2, and 3 or more) of an order where they have no closed form, as
    KenLM's option does, whose values are (0.5, 1, 1.5); without it, text that is too repetitive or too short is an
    error. Memory: all n-grams of all orders.
    """

    def __init__(self, sentences: Sentences, order: int = 5, fallback: Discounts | None = None) -> None:
        if not len(sentences):
            raise ValueError("a model of no sentences has no probabilities")
        self._ids: dict[Hashable, int] = {BEGIN: 0, END: 0}  # one token ends a sentence and begins the next
        for sentence in sentences:
            for word in sentence:
                self._ids.setdefault(word, len(self._ids) - 1)
        self.words = len(self._ids)  # with the end, and the unknown word, whose id is the last
        self._model = estimate(self._text(sentences)[0][1:], self.words, order, end=0, fallback=fallback)
        self._tables = tabled(self._model)

    @property
    def discounts(self) -> list[Discounts]:
        """Those of each order, words alone first."""
        return [level.discounts for level in self._model.levels]

    def probability(self, word: Hashable, context: Sequence[Hashable] = ()) -> float:
        """P(word | the last words of `context`), which BEGIN begins; unknown words share one probability."""
        text = np.array([self._ids.get(each, self.words - 1) for each in (*context, word)])
        return float(probabilities(self._tables, self.words, text)[-1])

    def nats(self, sentences: Sentences, *, end: bool = True) -> np.ndarray:
        """-log P of the words of each sentence and, with `end`, of its end: (N,)."""
        text, lengths = self._text(sentences)
        of_sentence = np.repeat(np.arange(len(lengths)), lengths + 1)
        p = probabilities(self._tables, self.words, text)[1:]
        if not end:
            words = text[1:] != 0
            p, of_sentence = p[words], of_sentence[words]
        return np.bincount(of_sentence, -logarithms(p), len(lengths))

    def _text(self, sentences: Sentences) -> tuple[np.ndarray, np.ndarray]:
        """The ids of all sentences, each between two ends, and the sentences' lengths."""
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        words = map(self._ids.get, chain.from_iterable(sentences), repeat(self.words - 1))
        ids = np.fromiter(words, dtype=np.int64, count=int(lengths.sum()))
        return np.insert(ids, np.concatenate([[0], np.cumsum(lengths)]), 0), lengths


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
    items = model.nats(real, end=end)
    total = Nll(float(items.sum()), sum(len(sentence) + end for sentence in real))
    details = {"nats": total.nats, "tokens": total.tokens}
    return Score(perplexity(total).value, protocol, items=items, details=details)
