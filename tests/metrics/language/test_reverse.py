"""What a small model of generated text makes of real text, where the answer is known or ordered."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.language.reverse import (
    LstmSettings,
    _batches,
    _LanguageModel,
    _step,
    forward_perplexity,
    reverse_perplexity,
)
from tests.metrics.language.released_rnnlm import Weights, plain_step, released_perplexity

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


def test_a_step_is_that_of_the_released_code_in_float64() -> None:
    """Weights after three steps, with dropout and with clipped gradients, against the transcription in float64."""
    settings = LstmSettings(size=5, dropout=0.2)
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    model = _LanguageModel(11, settings).double()
    plain = Weights.of({name: value.detach().clone() for name, value in model.state_dict().items()})
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    for clip, (sentences, words) in ((5.0, (3, 7)), (0.5, (2, 4)), (5.0, (1, 6))):
        batch = torch.tensor([[*random.integers(2, 11, size=words), 0] for _ in range(sentences)])
        torch.manual_seed(1)
        _step(model, optimiser, batch, clip)
        torch.manual_seed(1)
        norm = plain_step(plain, batch, dropout=0.2, learning_rate=1.0, clip=clip)
        assert (norm > clip) == (clip == 0.5)
        for name, value in model.state_dict().items():
            torch.testing.assert_close(value, plain.named()[name], rtol=1e-10, atol=1e-12)


def test_batches_hold_all_sentences_once_each_of_one_length() -> None:
    sentences = drawn(200, 0)
    batches = _batches(sentences, 32, np.random.default_rng(0))
    assert sorted(place for batch in batches for place in batch) == list(range(200))
    assert all(len({len(sentences[place]) for place in batch}) == 1 and len(batch) <= 32 for batch in batches)
    # at most one batch of each length is not full
    assert sum(len(batch) < 32 for batch in batches) <= len({len(sentence) for sentence in sentences})


def chained(count: int, seed: int) -> list[list[str]]:
    """Sentences of 4 to 10 of 60 words, each followed by one of four that depend on it, of unequal shares."""
    source, random = np.random.default_rng(99), np.random.default_rng(seed)
    followers, sentences = source.integers(0, 60, size=(60, 4)), []
    for length in random.integers(4, 11, size=count):
        words = [int(random.integers(60))]
        while len(words) < length:
            words.append(int(followers[words[-1], random.choice(4, p=[0.6, 0.2, 0.1, 0.1])]))
        sentences.append([f"w{word}" for word in words])
    return sentences


@pytest.mark.long
def test_seeds_of_the_released_code_and_ours_have_one_distribution() -> None:
    """The means of the logarithms over four seeds each differ by less than three standard errors.

    They are 6.3 to 7.1 on both sides; with the mean over positions in the place of the sum they are 39.
    """
    train, validation, real = chained(1500, 0), chained(100, 1), chained(100, 2)
    settings, seeds = LstmSettings(size=32, epochs=5), range(4)
    ours = [
        math.log(reverse_perplexity(train, real, validation=validation, settings=settings, seed=seed).value)
        for seed in seeds
    ]
    theirs = [math.log(released_perplexity(train, validation, real, settings, seed)) for seed in seeds]
    error = math.sqrt((np.var(ours, ddof=1) + np.var(theirs, ddof=1)) / len(seeds))
    assert abs(np.mean(ours) - np.mean(theirs)) < 3 * error < 0.3


def test_text_that_collapsed_to_one_sentence_scores_worse() -> None:
    real = drawn(100, 1)
    longer = LstmSettings(size=16, epochs=8)
    diverse = reverse_perplexity(drawn(600, 0), real, settings=longer)
    collapsed = reverse_perplexity([list(range(6))] * 600, real, validation=[list(range(6))], settings=longer)
    assert collapsed.value > 2 * diverse.value
    # words 6 and 7 never occur in it: a quarter of the real ones
    assert collapsed.details["unknown"] == pytest.approx(0.25, abs=0.05)


def test_forward_perplexity_is_the_reverse_of_the_reverse() -> None:
    """The same model of the one text, tested on the other; and a likely sentence over and over is at its best."""
    ours, real = drawn(80, 0), drawn(90, 1)
    settings = LstmSettings(size=8, epochs=2)
    forward, swapped = (
        forward_perplexity(ours, real, settings=settings),
        reverse_perplexity(real, ours, settings=settings),
    )
    assert forward.value == swapped.value
    assert forward.details == swapped.details
    assert forward.signature.startswith("forward-perplexity|")
    assert "|unk:real|" in forward.signature
    collapsed = forward_perplexity([[0]] * 80, [*real, *([[0]] * 90)], settings=LstmSettings(size=8, epochs=8))
    assert collapsed.value < forward.value
    with pytest.raises(ValueError, match="10 real and 1 generated sentences are needed, there are 9 and 3"):
        forward_perplexity(drawn(3, 0), drawn(9, 1))


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
