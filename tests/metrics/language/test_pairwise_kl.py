"""The all-pairs formula against all pairs, one by one, and what is no set of distributions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, rel_entr

from repro.metrics.language.pairwise_kl import PairwiseKl, sampled_pairwise_kl


def total(log_p: np.ndarray, block: int = 7) -> PairwiseKl:
    result = PairwiseKl(log_p.shape[1])
    for start in range(0, len(log_p), block):
        result.add(log_p[start : start + block])
    return result


def one_by_one(log_p: np.ndarray) -> float:
    """The reference: scipy's relative entropy of every ordered pair of different contexts."""
    p = np.exp(log_p.astype(np.float64))
    pairs = [rel_entr(p[i], p[j]).sum() for i in range(len(p)) for j in range(len(p)) if i != j]
    return float(np.mean(pairs))


@given(st.integers(2, 25), st.integers(1, 12), st.sampled_from([0.0, 0.1, 3.0, 30.0]), st.integers(0, 2**31))
def test_it_is_the_mean_over_every_pair_of_different_contexts(
    contexts: int, words: int, spread: float, seed: int
) -> None:
    logits = np.random.default_rng(seed).normal(size=(contexts, words)) * spread
    log_p = log_softmax(logits, axis=1)
    # the two sums cancel: an error of 1e-16 of the larger, which is at most some 100 nats
    assert total(log_p).score().value == pytest.approx(one_by_one(log_p), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("block", [1, 2, 300, 1000])
def test_any_split_into_blocks_gives_the_same(block: int) -> None:
    log_p = log_softmax(np.random.default_rng(0).normal(size=(1000, 5)), axis=1)
    assert total(log_p, block).score().value == pytest.approx(total(log_p, 1000).score().value, rel=1e-12)
    assert total(log_p, block).score().details == {"contexts": 1000}


def test_float32_rows_are_summed_in_float64() -> None:
    log_p = log_softmax(np.random.default_rng(1).normal(size=(3000, 400)).astype(np.float32) * 3, axis=1)
    assert log_p.dtype == np.float32
    assert total(log_p).score().value == pytest.approx(total(log_p.astype(np.float64)).score().value, rel=1e-14)


def test_equal_contexts_do_not_differ() -> None:
    log_p = np.tile(log_softmax(np.random.default_rng(2).normal(size=50)), (9, 1))
    assert total(log_p).score().value == pytest.approx(0, abs=1e-14)


def test_two_contexts_by_hand() -> None:
    p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    by_hand = (np.log(2) / 2 + np.log(2 / 3) / 2 + np.log(1 / 2) / 4 + 3 * np.log(3 / 2) / 4) / 2
    assert total(np.log([p, q])).score().value == pytest.approx(by_hand, abs=1e-15)


def test_a_word_that_no_context_allows_changes_nothing() -> None:
    log_p = log_softmax(np.random.default_rng(3).normal(size=(20, 6)), axis=1)
    with_impossible = np.hstack([log_p, np.full((20, 1), -np.inf)])
    assert total(with_impossible).score().value == pytest.approx(total(log_p).score().value, rel=1e-14)
    sampled = [sampled_pairwise_kl(rows, 50, np.random.default_rng(0)).value for rows in (log_p, with_impossible)]
    assert sampled[0] == pytest.approx(sampled[1], rel=1e-14)


def test_a_sample_of_pairs_lies_about_the_exact_value_with_its_standard_error() -> None:
    log_p = log_softmax(np.random.default_rng(4).normal(size=(200, 30)) * 2, axis=1)
    exact = total(log_p).score().value
    scores = [sampled_pairwise_kl(log_p, 400, np.random.default_rng(seed)) for seed in range(100)]
    z = [(score.value - exact) / score.details["standard_error"] for score in scores]
    # 100 draws of about N(0, 1): their mean is within 0.4 and their deviation within 0.3 with room of four deviations;
    # pairs of a context with itself, 1 in 200, would not show, so they are looked for below
    assert abs(np.mean(z)) < 0.4
    assert abs(np.std(z) - 1) < 0.3
    assert all((score.items is not None) and (score.items > 0).all() for score in scores)


ROW = np.log([[0.5, 0.5]])


@pytest.mark.parametrize(
    ("log_p", "message"),
    [
        (ROW, "pairs of different contexts need at least 2 contexts, there are 1"),
        (np.log([[0.5, 0.6], [0.5, 0.5]]), "rows are not log-probabilities: exp does not sum to 1"),
        (np.array([[0.5, 0.5], [0.5, 0.5]]), "rows are not log-probabilities"),
        (np.array([[1e4, 0.5], [0.5, 0.5]]), "rows are not log-probabilities"),
        (np.array([[np.nan, 0], [0.5, 0.5]]), "rows are not log-probabilities"),
        (np.array([[np.inf, 0], [0.5, 0.5]]), "rows are not log-probabilities"),
        (np.array([[-np.inf, -np.inf]] * 2), "rows are not log-probabilities"),
        (
            np.array([[0, -np.inf], [np.log(0.5), np.log(0.5)]]),
            "the divergence is infinite: 1 words have probability 0",
        ),
        (np.zeros((0, 2)), "pairs of different contexts need at least 2 contexts, there are 0"),
    ],
)
def test_what_has_no_expected_divergence_is_refused(log_p: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        total(log_p).score()


def test_wrong_shapes_and_too_few_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"log-probabilities must be \(n, 2\), they are \(1, 1, 2\)"):
        PairwiseKl(2).add(ROW[None])
    with pytest.raises(ValueError, match="a distribution has at least 1 word, not 0"):
        PairwiseKl(0)
    generator = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"log-probabilities must be \(T, M\) with T > 1, they are \(1, 2\)"):
        sampled_pairwise_kl(ROW, 5, generator)
    with pytest.raises(ValueError, match="at least 2 pairs must be drawn, not 1"):
        sampled_pairwise_kl(np.vstack([ROW, ROW]), 1, generator)
    with pytest.raises(ValueError, match="the divergence is infinite"):
        sampled_pairwise_kl(np.vstack([ROW, [[0, -np.inf]]]), 50, generator)
