"""What a small model of generated text makes of real text, where the answer is known or ordered."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.language.reverse import LstmSettings, reverse_perplexity

SMALL = LstmSettings(size=16, epochs=3)


def drawn(count: int, seed: int, words: int = 8, most: int = 6) -> list[list[int]]:
    """Sentences of 1 .. most uniform words: ln(words) nats a word, and ln(most) for the length."""
    random = np.random.default_rng(seed)
    return [random.integers(0, words, size=random.integers(1, most + 1)).tolist() for _ in range(count)]


def under_the_source(sentences: list[list[int]]) -> float:
    """The perplexity of these sentences under the source itself, the best model there is."""
    words = sum(map(len, sentences))
    return perplexity(Nll(words * math.log(8) + len(sentences) * math.log(6), words + len(sentences))).value


def under_frequencies(sentences: list[list[int]]) -> float:
    """The perplexity under the frequencies of the 8 words and of the end, the best model without context."""
    words, ends = sum(map(len, sentences)), len(sentences)
    end = ends / (words + ends)
    return perplexity(Nll(-words * math.log((1 - end) / 8) - ends * math.log(end), words + ends)).value


def test_a_model_of_the_same_source_lies_between_its_entropy_and_its_frequencies() -> None:
    real = drawn(400, 1)
    score = reverse_perplexity(drawn(2000, 0), real, settings=SMALL)
    assert under_the_source(real) < score.value < under_frequencies(real)
    assert score.details["unknown"] == 0
    assert score.details["tokens"] == sum(len(sentence) + 1 for sentence in real)
    assert score.items is not None
    assert score.items.sum() == pytest.approx(score.details["nats"])
    assert perplexity(Nll(score.items.sum(), int(score.details["tokens"]))).value == pytest.approx(score.value)


def test_text_that_collapsed_to_one_sentence_scores_worse() -> None:
    real = drawn(100, 1)
    longer = LstmSettings(size=16, epochs=8)
    diverse = reverse_perplexity(drawn(600, 0), real, settings=longer)
    collapsed = reverse_perplexity([list(range(6))] * 600, real, validation=[list(range(6))], settings=longer)
    assert collapsed.value > 2 * diverse.value
    # words 6 and 7 never occur in it: a quarter of the real ones
    assert collapsed.details["unknown"] == pytest.approx(0.25, abs=0.05)


def test_a_sentence_scores_alone_what_it_scores_in_company() -> None:
    generated, real = drawn(60, 0), [*drawn(40, 1), []]
    settings = LstmSettings(size=8, epochs=1)
    together = reverse_perplexity(generated, real, settings=settings).items
    assert together is not None
    for place in (0, 17, 40):
        alone = reverse_perplexity(generated, [real[place]], settings=settings).items
        assert alone is not None
        assert together[place] == pytest.approx(alone[0], rel=1e-5)  # float32 sums in another order


def test_a_seed_gives_one_number_and_leaves_global_random_numbers_alone() -> None:
    generated, real, settings = drawn(40, 0), drawn(10, 1), LstmSettings(size=4, epochs=1)
    state = torch.get_rng_state()
    first, again, other = (reverse_perplexity(generated, real, settings=settings, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.value == again.value != other.value


def test_words_may_be_strings_and_rare_ones_become_unknown() -> None:
    generated = [["a", "b"], ["a", "c"]] * 10
    settings = LstmSettings(size=4, epochs=1, vocabulary=1)
    score = reverse_perplexity(generated, [["a", "b"], ["z"]], validation=generated[:2], settings=settings)
    assert score.details["unknown"] == pytest.approx(2 / 3)
    assert "samples:20|" in score.signature
    assert "samples:18|" in reverse_perplexity(generated, [["a"]], settings=settings).signature


def test_the_epoch_that_is_kept_is_the_best_on_validation_sentences() -> None:
    """Validation sentences that contradict the generated ones get worse with training: an early epoch is kept."""
    generated, contradicting = [[0, 1, 2, 3]] * 300, [[3, 2, 1, 0]] * 20
    settings = LstmSettings(size=8, epochs=8)
    kept = reverse_perplexity(generated, contradicting, validation=contradicting, settings=settings)
    last = reverse_perplexity(generated, contradicting, settings=settings)
    assert kept.details["epoch"] < last.details["epoch"] == 8
    assert kept.value < last.value


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (
            lambda: reverse_perplexity(drawn(9, 0), drawn(3, 1)),
            "10 generated and 1 real sentences are needed, there are 9",
        ),
        (
            lambda: reverse_perplexity(drawn(20, 0), []),
            "10 generated and 1 real sentences are needed, there are 20 and 0",
        ),
        (lambda: LstmSettings(epochs=0), "size, epochs, batch_size and vocabulary must be at least 1"),
        (
            lambda: reverse_perplexity(
                drawn(20, 0), drawn(3, 1), settings=LstmSettings(size=2, epochs=1, learning_rate=math.nan)
            ),
            "the language model diverged in its first epoch: lower the learning rate",
        ),
    ],
)
def test_what_has_no_reverse_perplexity_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
