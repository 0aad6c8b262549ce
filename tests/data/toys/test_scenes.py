"""Captions are true of their scenes, and the class of a pair is that of the worlds that its sentences allow."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from repro.data.kinds.classification import INFERENCE
from repro.data.toys.scenes import (
    ACTIONS,
    ANIMALS,
    ATTRIBUTES,
    COLOURS,
    PLACES,
    SLOTS,
    Fact,
    Scene,
    references,
    relation,
    scene_features,
    stated,
    toy_captions,
    toy_nli,
)

CAPTIONS, NLI = toy_captions(), toy_nli()
FACTS: dict[str, Fact] = {stated(fact): fact for fact in product(*SLOTS)}
WORLDS = list(product(*(sorted(set().union(*slot.values())) for slot in SLOTS)))


def scene_of(features: np.ndarray) -> Scene:
    starts = np.cumsum([0, *map(len, ATTRIBUTES)])
    count, colour, animal, action, place = (
        values[int(features[start : start + len(values)].argmax())]
        for start, values in zip(starts, ATTRIBUTES, strict=False)
    )
    return count, colour, animal, action, place


def allowed(fact: Fact) -> set[int]:
    """The worlds, fully described events, in which a sentence is true."""
    return {
        number
        for number, world in enumerate(WORLDS)
        if all(value in slot[term] for value, slot, term in zip(world, SLOTS, fact, strict=True))
    }


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_the_features_tell_the_scene_that_the_captions_describe(split: str) -> None:
    rows, features = CAPTIONS.splits[split], CAPTIONS.features[split]
    assert features.shape == (len(rows), 28)
    np.testing.assert_array_equal(features.sum(axis=1), 5)
    for row, vector in zip(rows, features, strict=True):
        scene = scene_of(vector)
        assert row.captions == references(scene)
        np.testing.assert_array_equal(scene_features(scene), vector)


def test_captions_by_hand() -> None:
    assert references(("one", "white", "dog", "running", "on a beach")) == (
        "a white dog is running on a beach",
        "a white puppy racing by the sea",
        "there is a dog running by the sea",
        "on a beach a white dog is racing",
        "a white dog running",
    )


def test_a_caption_names_nothing_that_is_not_in_the_scene() -> None:
    forms = {form: animal for animal, others in ANIMALS.items() for form in (animal, *others)}
    actions = {form: action for action, other in ACTIONS.items() for form in (action, other)}
    for row, vector in zip(CAPTIONS.splits["test"], CAPTIONS.features["test"], strict=True):
        _, colour, animal, action, place = scene_of(vector)
        assert len(set(row.captions)) == 5
        for caption in row.captions:
            words = caption.split()
            assert {forms[word] for word in words if word in forms} == {animal}
            assert {actions[word] for word in words if word in actions} == {action}
            assert {word for word in words if word in COLOURS} <= {colour}
            named = {key for key, other in PLACES.items() if key in caption or other in caption}
            assert named <= {place}


def test_every_fact_has_its_own_sentence() -> None:
    assert len(FACTS) == np.prod([len(slot) for slot in SLOTS])


def test_the_class_of_every_test_pair_is_that_of_its_worlds() -> None:
    """Independent of the rule: the hypothesis holds in all worlds of the premise, in none, or in some."""
    for row in NLI.splits["test"]:
        premise, hypothesis = allowed(FACTS[row.first]), allowed(FACTS[row.second])
        expected = "entailment" if premise <= hypothesis else "neutral" if premise & hypothesis else "contradiction"
        assert INFERENCE[int(row.label)] == expected
    assert NLI.labels == INFERENCE


@pytest.mark.parametrize(
    ("premise", "hypothesis", "expected"),
    [
        ("an old dog is running in the park", "an animal is moving outdoors", "entailment"),
        ("a dog is running", "an old dog is running", "neutral"),
        ("a dog is running", "a dog is sleeping in the park", "contradiction"),
        ("an animal is resting indoors", "a man is resting indoors", "contradiction"),
    ],
)
def test_relations_by_hand(premise: str, hypothesis: str, expected: str) -> None:
    assert INFERENCE[relation(FACTS[premise], FACTS[hypothesis])] == expected


def test_the_classes_have_equal_shares() -> None:
    """They take turns; only pairs that came before are passed over."""
    for rows in NLI.splits.values():
        shares = np.array(list(Counter(row.label for row in rows).values())) / len(rows)
        assert len(shares) == 3
        assert np.abs(shares - 1 / 3).max() < 0.05
