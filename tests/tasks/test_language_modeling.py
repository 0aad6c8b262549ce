"""The protocol of language modelling on models whose scores are known: the truth of the toy language, and softmaxes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from repro.data.toys.language import ToyLanguage, toy_language
from repro.metrics.language.spectrum import numerical_rank
from repro.spec.model import Column
from repro.tasks.language_modeling import STREAMS, LanguageModeling

TASK = LanguageModeling()
DATA = toy_language(train=2_000, valid=1_000, test=1_500)


class Truth:
    """The source itself, read as the parts that the task asks for."""

    parameter_count = 7
    embedding_size = 3

    def __init__(self, data: ToyLanguage, matrix_contexts: int | None = None) -> None:
        self.data, self.matrix_contexts = data, matrix_contexts
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


def measured(model: Truth, **columns: Column) -> dict[str, float]:
    found = TASK.measure(model, DATA, columns, np.random.default_rng(0)).measured
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
    measured(model, **{split: column("perplexity", split) for split in STREAMS})
    assert model.asked == [100, 10, 1]


def test_rank_is_that_of_all_log_probabilities_of_the_split() -> None:
    whole = DATA.log_probabilities(DATA.splits["test"])[1:]
    found = measured(Truth(DATA), r=column("rank"), e=column("rank-excess"))
    assert found["r"] == numerical_rank(whole).value == len(DATA.vocabulary)
    assert found["e"] == found["r"] - 3


def test_a_limited_matrix_has_the_first_contexts_and_divergences_have_all() -> None:
    found = measured(Truth(DATA, matrix_contexts=50), r=column("rank"), k=column("expected-pairwise-kl"))
    assert found["r"] == numerical_rank(DATA.log_probabilities(DATA.splits["test"])[1:51]).value < 50
    assert found["k"] == measured(Truth(DATA), k=column("expected-pairwise-kl"))["k"] > 0


def test_one_reading_serves_all_that_is_asked_of_a_matrix() -> None:
    model = Truth(DATA)
    measured(model, r=column("rank"), k=column("expected-pairwise-kl"),
             q=column("singular-value-quantile", quantile=0.5))  # fmt: skip
    assert model.asked == [1]


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


def test_signatures_differ_where_numbers_do_not_compare() -> None:
    columns = [column(metric, split) for metric in ("perplexity", "bits-per-character", "rank", "rank-excess",
               "expected-pairwise-kl") for split in STREAMS]  # fmt: skip
    columns += [column("parameters", None), column("singular-value-quantile", quantile=0.1),
                column("singular-value-quantile", quantile=0.5)]  # fmt: skip
    assert len({TASK.signature(each) for each in columns}) == len(columns)


def test_a_model_that_gives_a_word_no_probability_has_no_perplexity() -> None:
    class Broken(Truth):
        def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
            return np.full(len(tokens) - streams, np.inf)

    with pytest.raises(ValueError, match="nats must be finite"):
        measured(Broken(DATA), p=column("perplexity"))


def test_a_metric_that_a_split_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no metric 'bleu-4' on a split"):
        measured(Truth(DATA), b=column("bleu-4"))


@pytest.mark.parametrize("split", [None, "dev"])
def test_a_column_without_a_known_split_is_an_error_before_anything_is_trained(split: str | None) -> None:
    column = Column(label="Dev", metric="perplexity", split=split)
    with pytest.raises(ValueError, match=f"column 'Dev' is measured on a split: train, valid or test, not {split}"):
        TASK.signature(column)
