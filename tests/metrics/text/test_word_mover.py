"""The critics' estimate where the distance is known: a shift of every feature, and equal sources."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from repro.metrics.text.word_mover import CriticSettings, word_mover_distance

FEW = CriticSettings(width=8, steps=60, batch_size=32, learning_rate=5e-3, critics=2)
WORDS, LENGTH = 5, 4
RANDOM = np.random.default_rng(0)
EMBEDDINGS = RANDOM.normal(size=(WORDS, 3))
X, Y = RANDOM.integers(0, WORDS, size=(2, 400, LENGTH))


def shifted(shift: np.ndarray) -> np.ndarray:
    """Embeddings in which word + WORDS lies `shift` beside word."""
    return np.vstack([EMBEDDINGS, EMBEDDINGS + shift])


@pytest.mark.long
@pytest.mark.parametrize("length", [1.0, 2.0])
def test_a_shift_of_all_features_is_its_length_from_either_side(length: float) -> None:
    """A shift by v in each of T places is one by sqrt(T) |v| of the sentence; both sides have the same sentences."""
    embeddings = shifted(np.array([0.6, 0, 0.8]) * length / LENGTH**0.5)
    there, back = (word_mover_distance(*sides, embeddings, FEW) for sides in ((X, X + WORDS), (X + WORDS, X)))
    # 200 sentences are judged on each side: their means along the shift differ by some 0.1
    assert there.value == pytest.approx(length, abs=0.25)
    assert back.value == pytest.approx(length, abs=0.25)


@pytest.mark.long
def test_equal_sources_are_at_no_distance() -> None:
    settings = CriticSettings(width=8, steps=30, batch_size=32, learning_rate=5e-3, critics=6)
    score = word_mover_distance(X, Y, EMBEDDINGS, settings)
    assert abs(score.value) < 0.2  # critics judge 200 sentences a side: deviations of 0.1 each
    assert abs(score.details["floor"]) < 0.3  # 100 a side
    assert score.items is not None
    assert score.value == pytest.approx(score.items.mean())
    assert score.details["deviation"] == pytest.approx(score.items.std(ddof=1))


def test_a_seed_gives_one_number_and_leaves_global_random_numbers_alone() -> None:
    settings = CriticSettings(width=4, steps=3, critics=2)
    state = torch.get_rng_state()
    first, again, other = (word_mover_distance(X, Y, EMBEDDINGS, settings, seed) for seed in (1, 1, 5))
    assert torch.equal(torch.get_rng_state(), state)
    assert first.value == again.value != other.value
    assert first.signature == again.signature != other.signature


@pytest.mark.parametrize("length", [1, 2, 3, 7, 20])
def test_sentences_of_any_length_have_a_distance(length: int) -> None:
    tokens = RANDOM.integers(0, WORDS, size=(8, length))
    assert np.isfinite(
        word_mover_distance(tokens, tokens, EMBEDDINGS, CriticSettings(width=2, steps=1, critics=2)).value
    )


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: word_mover_distance(X[:7], Y, EMBEDDINGS), r"samples must be \(N, T\) with N > 7 and the same T > 0"),
        (lambda: word_mover_distance(X, Y[:, :3], EMBEDDINGS), r"samples must be \(N, T\) .* they are \(400, 4\)"),
        (lambda: word_mover_distance(X + 1, Y, EMBEDDINGS), "samples must be word numbers from 0 to 4"),
        (lambda: word_mover_distance(X, Y - 1, EMBEDDINGS), "references must be word numbers from 0 to 4"),
        (lambda: word_mover_distance(X * 1.0, Y, EMBEDDINGS), "samples must be word numbers from 0 to 4"),
        (lambda: word_mover_distance(X, Y, EMBEDDINGS * np.nan), r"embeddings must be finite and \(V, E\)"),
        (lambda: CriticSettings(critics=1), "width, steps and batch_size must be at least 1, critics at least 2"),
    ],
)
def test_what_no_critic_can_tell_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
