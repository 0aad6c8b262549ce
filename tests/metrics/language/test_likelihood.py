"""Averages of negative log-likelihoods: pooled sums, the released codes' divisions, and what has no average."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from repro.metrics.language.likelihood import (
    Nll,
    bits_per_character,
    bits_per_dimension,
    negative_log_likelihood,
    nll_oracle,
    nll_test,
    perplexity,
    perplexity_per_row,
)

NATS = st.floats(0, 50)


@given(st.lists(NATS, min_size=1, max_size=300), st.integers(1, 40))
def test_any_split_into_batches_gives_torch_s_cross_entropy(losses: list[float], batch: int) -> None:
    """The reference: the mean of torch's loss in float64 over all tokens, exponentiated."""
    log_p = -np.array(losses)
    total = sum((Nll.of(log_p[i : i + batch]) for i in range(0, len(log_p), batch)), start=Nll(0.0, 0))
    two_words = torch.from_numpy(np.stack([log_p, np.log1p(-np.exp(log_p.clip(max=-1e-12)))], axis=1))
    expected = torch.nn.functional.nll_loss(two_words, torch.zeros(len(losses), dtype=torch.long)).exp().item()
    score = perplexity(total)
    assert score.value == pytest.approx(expected, rel=1e-12)
    assert score.details == {"nats": total.nats, "tokens": len(losses)}
    assert bits_per_character(total).value == pytest.approx(math.log2(expected), rel=1e-9, abs=1e-12)


def test_a_uniform_model_s_perplexity_is_the_number_of_words() -> None:
    assert perplexity(Nll.of(np.full((7, 3), -math.log(5000), dtype=np.float32))).value == pytest.approx(5000, rel=1e-6)
    assert bits_per_character(Nll(11 * math.log(2), 11)).value == 1


def test_a_number_per_word_of_a_model_of_pieces_divides_by_words() -> None:
    """exp(total / words) and exp(total / pieces) (fact sheet text_models, section 1.4)."""
    log_p = np.array([-1.0, -2.0, -3.0, -0.5])
    assert perplexity(Nll.of(log_p)).value == pytest.approx(math.exp(6.5 / 4))
    assert perplexity(Nll(Nll.of(log_p).nats, tokens=2)).value == pytest.approx(math.exp(6.5 / 2))


@given(st.integers(1, 12), st.integers(2, 60), st.integers(1, 70), st.integers(0, 2**31))
def test_the_released_average_divides_by_rows(streams: int, rows: int, bptt: int, seed: int) -> None:
    """The loop of the AWD-LSTM and MoS code: means of segments times their lengths, divided by the rows of the text."""
    losses = np.random.default_rng(seed).exponential(4, size=(rows - 1, streams))
    summed = sum(len(losses[i : i + bptt]) * losses[i : i + bptt].mean() for i in range(0, rows - 1, bptt))
    found = perplexity_per_row(Nll.of(-losses), streams)
    assert found.value == pytest.approx(math.exp(summed / rows), rel=1e-12)
    assert found.value < perplexity(Nll.of(-losses)).value
    assert found.signature != perplexity(Nll.of(-losses)).signature


def test_the_released_average_makes_58_11_of_ptb_s_validation_58_08() -> None:
    """Fact sheet language_models, section 5.4: 73,760 tokens in 10 streams; the test split, 82,430 in one, by .003."""
    valid = Nll(math.log(58.11) * 73_750, 73_750)
    assert perplexity_per_row(valid, 10).value == pytest.approx(58.08, abs=0.005)
    test = Nll(math.log(55.97) * 82_429, 82_429)
    assert perplexity(test).value - perplexity_per_row(test, 1).value == pytest.approx(0.003, abs=0.0005)


@given(st.integers(1, 200), st.integers(0, 2**31))
def test_dynamic_evaluation_s_weights_are_the_mean_over_tokens(tokens: int, seed: int) -> None:
    losses = np.random.default_rng(seed).exponential(4, size=tokens)
    segments = [losses[i : i + 5] for i in range(0, tokens, 5)]
    weights = [len(segment) / 5 for segment in segments]
    released = sum(w * s.mean() for w, s in zip(weights, segments, strict=True)) / sum(weights)
    total = Nll.of_segments((segment.mean() for segment in segments), (len(segment) for segment in segments))
    assert total.tokens == tokens
    assert total.mean == pytest.approx(released, rel=1e-12)
    assert total.mean == pytest.approx(losses.mean(), rel=1e-12)


def test_scaling_images_to_the_unit_interval_costs_eight_bits() -> None:
    """Uniform integers 0 .. 255: 8 bits a dimension; as density on [0, 1] after scaling, 0 nats."""
    assert bits_per_dimension(Nll(math.log(256) * 12, 12)).value == pytest.approx(8, rel=1e-15)
    assert bits_per_dimension(Nll(0.0, 12), levels=256).value == 8


def test_the_mean_over_examples_keeps_its_items() -> None:
    score = negative_log_likelihood(np.array([-1.0, -2.5]), per="sentence")
    assert score.value == 1.75
    assert score.items is not None
    assert score.items.tolist() == [1.0, 2.5]
    assert score.signature == "negative-log-likelihood|impl:repro/1|unit:nats|per:sentence"


class Markov:
    """A first-order chain with known transition probabilities (V, V), started uniformly."""

    def __init__(self, transitions: np.ndarray) -> None:
        self.transitions = transitions

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        log_p: np.ndarray = np.log(self.transitions)[tokens[:, :-1], tokens[:, 1:]].sum(axis=1)
        return log_p - math.log(len(self.transitions))


def test_an_oracle_scores_per_token_and_a_temperature_below_one_scores_better() -> None:
    oracle = Markov(np.array([[0.5, 0.5], [0.25, 0.75]]))
    score = nll_oracle(oracle, np.array([[0, 0, 0, 0], [1, 1, 1, 1]]))
    by_hand = [4 * math.log(2) / 4, (math.log(2) + 3 * math.log(4 / 3)) / 4]
    assert score.items is not None
    np.testing.assert_allclose(score.items, by_hand, rtol=1e-14)
    assert score.value == pytest.approx(np.mean(by_hand), rel=1e-14)
    assert nll_test(oracle, np.array([[1, 1, 1, 1]])).value == pytest.approx(by_hand[1], rel=1e-14)
    assert nll_test(oracle, np.array([[1]])).signature.startswith("nll-test|")


def test_the_uniform_oracle_gives_the_logarithm_of_the_vocabulary() -> None:
    """ln 5000 = 8.517 (fact sheet text_models, section 6.1)."""
    samples = np.random.default_rng(0).integers(0, 5000, size=(64, 20))
    uniform = Markov(np.full((5000, 5000), 1 / 5000))
    assert nll_test(uniform, samples).value == pytest.approx(8.517, abs=5e-4)


class Wrong:
    """A model whose log-probabilities are not what they should be."""

    def __init__(self, log_p: list[float]) -> None:
        self.log_p = log_p

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        return np.array(self.log_p)


TOKENS = np.zeros((2, 3), dtype=np.int64)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: Nll(math.nan, 1), "nats must be finite, they are nan"),
        (lambda: Nll.of(np.array([-1.0, -np.inf])), "nats must be finite, they are inf: a token has probability 0"),
        (lambda: Nll(1.0, -1), "tokens must not be negative, they are -1"),
        (lambda: perplexity(Nll(0.0, 0)), "the mean over no tokens: the split is empty, or every target is padding"),
        (lambda: perplexity_per_row(Nll(0.0, 0), 10), "the mean over no tokens"),
        (lambda: perplexity_per_row(Nll(1.0, 1), 0), "the text stands in at least 1 stream, not 0"),
        (lambda: bits_per_character(Nll.of(np.empty(0))), "the mean over no tokens"),
        (lambda: perplexity(Nll(1e5, 1)), r"1e\+05 nats a token: the perplexity exceeds float64; the model diverged"),
        (lambda: bits_per_dimension(Nll(1.0, 1), levels=0), "data have at least 1 level, not 0"),
        (lambda: Nll.of_segments([1.0], [5, 5]), r"zip\(\) argument 2 is longer than argument 1"),
        (lambda: negative_log_likelihood(np.empty(0)), r"log-likelihoods must be \(N,\) with N > 0, they are \(0,\)"),
        (lambda: negative_log_likelihood(np.array([np.nan, 1])), "1 of 2 log-likelihoods are not finite"),
        (lambda: nll_oracle(Wrong([0, 0]), TOKENS[0]), r"sequences must be \(N, T\) with N, T > 0, they are \(3,\)"),
        (lambda: nll_oracle(Wrong([0]), TOKENS), r"log_probability must give \(2,\), one for each sequence"),
        (lambda: nll_oracle(Wrong([0, -np.inf]), TOKENS), "1 of 2 sequences have no finite log-probability"),
    ],
)
def test_what_has_no_average_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
