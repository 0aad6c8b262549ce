"""The transfer rate where the styles are told apart by a word, or by nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("fasttext")

from repro.metrics.text.transfer import transfer_rate

Words = list[str]


def styled(count: int, seed: int, labels: np.ndarray) -> list[Words]:
    """Neutral words, and one of three that only this style has."""
    random = np.random.default_rng(seed)
    own = (["good", "nice", "fine"], ["bad", "poor", "sad"])
    return [
        [f"w{n}" for n in random.integers(0, 30, size=4)] + [own[labels[i]][random.integers(3)]] for i in range(count)
    ]


LABELS = np.arange(400) % 2
TRAIN = styled(400, 0, LABELS)


def test_sentences_of_the_wanted_style_are_transferred_and_others_are_not() -> None:
    wanted = np.array([0, 1] * 20)
    sentences = styled(40, 1, wanted)
    reached = transfer_rate(sentences, wanted, TRAIN, LABELS, epochs=25)
    assert reached.value == 1
    assert reached.details["accuracy"] == 1
    assert transfer_rate(sentences, 1 - wanted, TRAIN, LABELS, epochs=25).value == 0
    half = transfer_rate([*sentences[:20], *styled(20, 2, 1 - wanted[:20])], wanted, TRAIN, LABELS, epochs=25)
    assert half.items is not None
    assert half.items.tolist() == [1] * 20 + [0] * 20


def test_labels_may_be_words_and_a_seed_gives_one_number() -> None:
    names = np.array(["up", "down"])
    first, again, other = (
        transfer_rate(TRAIN[:9], names[LABELS[:9]], TRAIN, names[LABELS], epochs=2, seed=seed) for seed in (1, 1, 2)
    )
    assert first.signature == again.signature != other.signature
    assert first.value == again.value
    assert first.items is not None
    assert again.items is not None
    assert first.items.tolist() == again.items.tolist()


def test_styles_that_nothing_tells_apart_are_classified_by_chance_and_the_details_say_so() -> None:
    coins = np.random.default_rng(3).integers(0, 2, size=1000)
    sentences = [[f"w{n}" for n in row] for row in np.random.default_rng(4).integers(0, 5, size=(1000, 4))]
    found = transfer_rate(sentences[:100], coins[:100], sentences, coins)
    assert 0.3 < found.details["accuracy"] < 0.7  # 100 coins: four standard errors are 0.2


def test_accuracy_is_measured_on_sentences_that_were_not_learned() -> None:
    """Each sentence has a word of its own: those that were learned are known by heart, the others are coins."""
    coins = np.random.default_rng(5).integers(0, 2, size=400)
    sentences = [[f"own{number}", "all"] for number in range(400)]
    found = transfer_rate(sentences, coins, sentences, coins, epochs=50, learning_rate=1.0)
    assert found.items is not None
    assert found.items[np.arange(400) % 10 > 0].mean() > 0.95
    assert found.details["accuracy"] == found.items[::10].mean()
    assert 0.18 < found.details["accuracy"] < 0.82  # 40 coins: four standard errors are 0.32
    assert "|train:360|" in found.signature


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: transfer_rate([["a"]], [0, 1], TRAIN, LABELS), "1 sentences of generated and 2 labels"),
        (lambda: transfer_rate([["a"]], [2], TRAIN, LABELS), "the label 2 is wanted, and no sentence of train has it"),
        (lambda: transfer_rate([["a"]], [0], TRAIN[:9], LABELS[:9]), "9 labelled sentences of 2 classes"),
        (lambda: transfer_rate([["a"]], [0], TRAIN, LABELS * 0), "400 labelled sentences of 1 classes"),
        (lambda: transfer_rate([["a b"]], [0], TRAIN, LABELS), "'a b' is no token to fastText"),
        (lambda: transfer_rate([["__label__1"]], [0], TRAIN, LABELS), "'__label__1' is no token to fastText"),
        (lambda: transfer_rate([], [], TRAIN, LABELS), "generated: a list of sentences is needed"),
    ],
)
def test_what_has_no_transfer_rate_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
