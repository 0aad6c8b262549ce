"""The n-gram model as task language-modeling reads it, and against the published number; see test_ngram_model too."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from baselines.language.kneser_ney import KneserNey, StreamsModel
from repro.contracts import Measurement
from repro.data.kinds.corpus import Corpus
from repro.data.kinds.language import ptb
from repro.data.toys.language import toy_language
from repro.metrics.language.ngram_model import KENLM_FALLBACK, estimate
from repro.registry import METHODS
from repro.spec.model import Column
from repro.tasks.language_model import LanguageModel
from repro.tasks.language_modeling import LanguageModeling
from tests.benchmarks.context import Quiet

V, END = 13, 2


def text(tokens: int, seed: int) -> np.ndarray:
    """Words of very different frequencies; the last one does not occur."""
    p = 1 / np.arange(1, V) ** 1.2
    return np.random.default_rng(seed).choice(V - 1, tokens, p=p / p.sum()).astype(np.int32)


def small(end: int | None = END) -> Corpus:
    splits = {"train": text(3000, 0), "valid": text(203, 1), "test": text(211, 2)}
    return Corpus("small", tuple(map(str, range(V))), splits, "0" * 64, end)


def fitted(order: int, data: Corpus) -> StreamsModel:
    return KneserNey(order).fit(data, Quiet((0,)))


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


@pytest.mark.parametrize("end", [END, None])
@pytest.mark.parametrize("order", [1, 5])
def test_losses_are_those_of_the_estimator_with_kenlm_s_fallback(order: int, end: int | None) -> None:
    data, tokens = small(end), text(50, 4)
    expected = estimate(data.splits["train"], V, order, end, KENLM_FALLBACK)
    np.testing.assert_array_equal(fitted(order, data).nll(tokens, 1), -np.log(expected.probabilities(tokens)[1:]))
    assert fitted(order, data).parameter_count == expected.gram_count


def test_streams_are_texts_of_their_own() -> None:
    data, tokens = small(), text(400, 5)
    model = fitted(3, data)
    apart = [model.nll(part, 1) for part in np.split(tokens, 4)]
    np.testing.assert_array_equal(model.nll(tokens, 4), np.stack(apart, axis=1).ravel())


def test_penn_treebank_comes_out_at_the_published_perplexity(real_data: Path) -> None:
    """141.2 is printed for KN5 in Mikolov et al., Empirical Evaluation and Combination of Advanced Language Modeling
    Techniques (2011), table 1. Half a unit of its last place.
    """
    data = ptb()
    perplexity = math.exp(fitted(5, data).nll(data.splits["test"], 1).mean())
    assert perplexity == pytest.approx(141.2, abs=0.05)


def test_nothing_in_it_is_random() -> None:
    class Silent(Quiet):
        def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
            raise AssertionError(f"random numbers were asked for: {seed}, {stream}")

    data = small()
    model = KneserNey(4).fit(data, Silent((9,)))
    np.testing.assert_array_equal(model.nll(data.splits["test"], 1), fitted(4, data).nll(data.splits["test"], 1))


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
