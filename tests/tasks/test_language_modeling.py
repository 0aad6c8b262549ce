"""The protocol of language modelling on models whose scores are known: the truth of the toy language, and softmaxes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from repro.data.kinds.corpus import Corpus
from repro.data.toys.language import ToyLanguage, toy_language
from repro.metrics.language.likelihood import Nll
from repro.metrics.language.spectrum import numerical_rank
from repro.spec.model import Column
from repro.tasks.language_modeling import SPLITS, LanguageModeling

TASK = LanguageModeling()
DATA = toy_language(train=2_000, valid=1_000, test=1_500)


class Truth:
    """The source itself, read as the parts that the task asks for."""

    parameter_count = 7
    embedding_size = 3

    def __init__(self, data: ToyLanguage) -> None:
        self.data = data
        self.asked: list[int] = []

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        return np.concatenate([-p[np.arange(len(y)), y] for y, p in self.log_probabilities(tokens, streams)])

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        self.asked.append(streams)
        length = len(tokens) // streams
        for part in range(streams):
            text = tokens[part * length : (part + 1) * length]
            log_p = self.data.log_probabilities(text)[1:]
            for start in range(0, len(log_p), 97):
                yield text[1:][start : start + 97], log_p[start : start + 97]


def column(metric: str, split: str | None = "test", **args: float) -> Column:
    return Column(label=metric, metric=metric, split=split, args=dict(args))


def measured(model: Truth, /, **columns: Column) -> dict[str, float]:
    return under(TASK, model, columns)


def under(task: LanguageModeling, model: Truth, columns: dict[str, Column]) -> dict[str, float]:
    found = task.measure(model, DATA, columns, np.random.default_rng(0)).measured
    return {name: measurement.value for name, measurement in found.items()}


def test_the_perplexity_of_the_truth_is_that_of_its_entropy() -> None:
    tokens = DATA.splits["test"]
    first = float(DATA.log_probabilities(tokens)[0, tokens[0]])  # never predicted
    nats = (DATA.entropy("test") * len(tokens) + first) / (len(tokens) - 1)
    found = measured(Truth(DATA), p=column("perplexity"), b=column("bits-per-character"))
    assert found["p"] == pytest.approx(np.exp(nats), rel=1e-12)  # sums in another order
    assert found["b"] == pytest.approx(nats / np.log(2), rel=1e-12)


def test_splits_are_read_in_their_number_of_streams() -> None:
    model = Truth(DATA)
    columns = {split: column("perplexity", split) for split in SPLITS}
    measured(model, **columns)
    assert model.asked == [100, 10, 1]
    under(LanguageModeling(train_streams=4, valid_streams=3, test_streams=2), model, columns)
    assert model.asked[3:] == [4, 3, 2]


def test_rank_is_that_of_all_log_probabilities_of_the_split() -> None:
    whole = DATA.log_probabilities(DATA.splits["test"])[1:]
    found = measured(Truth(DATA), r=column("rank"), e=column("rank-excess"))
    assert found["r"] == numerical_rank(whole).value == len(DATA.vocabulary)
    assert found["e"] == found["r"] - 3


def test_a_limited_matrix_has_the_first_contexts_and_divergences_have_all() -> None:
    few = LanguageModeling(matrix_contexts=50)
    found = under(few, Truth(DATA), {"r": column("rank"), "k": column("expected-pairwise-kl")})
    assert found["r"] == numerical_rank(DATA.log_probabilities(DATA.splits["test"])[1:51]).value < 50
    assert found["k"] == measured(Truth(DATA), k=column("expected-pairwise-kl"))["k"] > 0


def test_one_reading_serves_all_that_is_asked_of_a_matrix() -> None:
    model = Truth(DATA)
    measured(model, r=column("rank"), k=column("expected-pairwise-kl"),
             q=column("singular-value-quantile", quantile=0.5))  # fmt: skip
    assert model.asked == [1]


class Rounded(Truth):
    """Two numbers a context and two a word: a matrix of rank 2 in float64, and of full rank by rounding to float32."""

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        words = np.random.default_rng(1).uniform(1, 2, (2, len(self.data.vocabulary)))
        for y, log_p in super().log_probabilities(tokens, streams):
            yield y, (-np.random.default_rng(len(y)).uniform(1, 2, (len(log_p), 2)) @ words).astype(np.float32)


def test_ranks_are_those_of_a_float32_matrix_and_its_spectrum_is_computed_in_float64() -> None:
    """Rounding to float32 makes values of 1e-9 of zeros, which a Gram matrix would give as its floor of 1.5e-8."""
    model = Rounded(DATA)
    whole = np.concatenate([p for _, p in model.log_probabilities(DATA.splits["test"], 1)])
    values = np.linalg.svd(whole.astype(np.float64), compute_uv=False)
    found = measured(model, r=column("rank"), q=column("singular-value-quantile", quantile=0.1))
    assert found["r"] == numerical_rank(whole).value == 2
    assert found["q"] == pytest.approx(np.quantile(values, 0.1, method="inverted_cdf") / values[0], rel=1e-3)
    assert 1e-11 < found["q"] < 1e-8


def test_the_curve_of_singular_values_is_kept_where_quantiles_are_measured() -> None:
    columns = {"q": column("singular-value-quantile", quantile=0.5)}
    found = TASK.measure(Truth(DATA), DATA, columns, np.random.default_rng(0))
    thresholds, shares = found.artifacts["spectrum_test"]
    assert (np.diff(shares) >= 0).all()
    assert shares[-1] == 1
    # the quantile is where the curve reaches a half
    assert shares[np.searchsorted(thresholds, found.measured["q"].value) - 1] <= 0.5 <= shares[-1]
    assert not TASK.measure(Truth(DATA), DATA, {"p": column("perplexity")}, np.random.default_rng(0)).artifacts


def test_parameters_are_counted_without_reading_anything() -> None:
    model = Truth(DATA)
    assert measured(model, n=column("parameters", None)) == {"n": 7}
    assert not model.asked


def test_a_model_that_gives_a_word_no_probability_has_no_perplexity() -> None:
    class Broken(Truth):
        def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
            return np.full(len(tokens) - streams, np.inf)

    with pytest.raises(ValueError, match="nats must be finite"):
        measured(Broken(DATA), p=column("perplexity"))


def test_a_metric_that_the_task_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="task language-modeling has no metric 'bleu-4'"):
        measured(Truth(DATA), b=column("bleu-4"))


@pytest.mark.parametrize("split", [None, "dev"])
def test_a_column_without_a_known_split_is_an_error_before_anything_is_trained(split: str | None) -> None:
    column = Column(label="Dev", metric="perplexity", split=split)
    with pytest.raises(ValueError, match=rf"column 'Dev' \(perplexity\) is measured on .* or test, not {split}"):
        TASK.signature(column)


def test_a_split_that_the_corpus_does_not_have_is_an_error() -> None:
    half = Corpus("half", DATA.vocabulary, {"train": DATA.splits["train"]}, "00")
    with pytest.raises(ValueError, match=r"data set half has no split test \(it has train\)"):
        TASK.measure(Truth(DATA), half, {"p": column("perplexity")}, np.random.default_rng(0))


@pytest.mark.parametrize(("task", "message"), [
    (LanguageModeling(evaluation="cache"), "`evaluation: cache` asks the model for `cached_nll`, which a Truth"),
    (LanguageModeling(evaluation="dynamic"), "`evaluation: dynamic` asks the model for `dynamic_nll`, which a T"),
    (LanguageModeling(last_updates=4), "`last_updates: 4` asks the model for `training_nll`, which a Tr"),
])  # fmt: skip
def test_a_model_that_does_not_offer_what_the_protocol_needs_is_refused_in_words(
    task: LanguageModeling, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        under(task, Truth(DATA), {"p": column("perplexity", "train")})
    assert under(task, Truth(DATA), {"r": column("rank")}) == measured(Truth(DATA), r=column("rank"))


@pytest.mark.parametrize(("fields", "message"), [
    ({"valid_streams": 0}, "valid_streams must be 1 or more, it is 0"),
    ({"matrix_contexts": 0}, "matrix_contexts must be 1 or more, it is 0"),
    ({"last_updates": -1}, "last_updates must be 0 or more, it is -1"),
])  # fmt: skip
def test_a_protocol_that_measures_nothing_is_refused(fields: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LanguageModeling(**fields)  # type: ignore[arg-type]  # counts all of them


class Watched(Truth):
    """The truth, which remembers losses of a training that never was."""

    def training_nll(self, updates: int) -> Nll:
        return Nll(nats=updates * math.log(3), tokens=updates)


def test_the_training_perplexity_of_the_last_updates_is_no_reading_of_the_split() -> None:
    model = Watched(DATA)
    columns = {"train": column("perplexity", "train"), "bits": column("bits-per-character", "train"),
               "valid": column("perplexity", "valid"), "size": column("parameters", None)}  # fmt: skip
    found = under(LanguageModeling(last_updates=40), model, columns)
    assert found["train"] == pytest.approx(3.0, rel=1e-12)
    assert found["bits"] == pytest.approx(math.log2(3), rel=1e-12)
    assert list(found) == list(columns)
    assert model.asked == [10]  # the validation split alone is read
    assert found["valid"] == measured(model, valid=column("perplexity", "valid"))["valid"]


def test_a_training_may_ask_for_the_perplexity_of_the_validation_text() -> None:
    model = Truth(DATA)
    found = LanguageModeling(valid_streams=7, evaluation="dynamic").evaluate(model, DATA, np.random.default_rng(0))
    expected = under(LanguageModeling(valid_streams=7), model, {"p": column("perplexity", "valid")})["p"]
    assert found == {"perplexity": expected}
    assert model.asked == [7, 7]
