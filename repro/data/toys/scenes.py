"""Small corpora about scenes: captions of scenes with several references, and sentence pairs whose relation follows.

Made as those of `repro.data.toys.corpora`: the same everywhere, no row of one split in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from repro.data.kinds.classification import INFERENCE
from repro.data.kinds.rows import Captions, PairText, TextData
from repro.data.toys.corpora import SIZES, Choices, distinct, rows_checksum, split_rows

ENTAILMENT, NEUTRAL, CONTRADICTION = (INFERENCE.index(name) for name in ("entailment", "neutral", "contradiction"))
CAPTION_SIZES = {"train": 1_500, "valid": 200, "test": 200}
REFERENCES = 5

COUNTS = {"one": "a", "two": "two", "three": "three"}
COLOURS = ("white", "black", "brown", "gray", "spotted")
ANIMALS = {  # singular, plural, and another word for them
    "dog": ("dogs", "puppy", "puppies"), "cat": ("cats", "kitten", "kittens"), "horse": ("horses", "pony", "ponies"),
    "sheep": ("sheep", "lamb", "lambs"), "cow": ("cows", "calf", "calves"), "bird": ("birds", "fowl", "fowls"),
    "goat": ("goats", "kid", "kids"), "rabbit": ("rabbits", "bunny", "bunnies"),
}  # fmt: skip
ACTIONS = {  # with another word for it
    "running": "racing", "sleeping": "napping", "eating": "feeding", "jumping": "leaping", "standing": "waiting",
    "playing": "romping",
}  # fmt: skip
PLACES = {  # with another phrase for it
    "in a field": "on the grass", "on a beach": "by the sea", "in the snow": "on a snowy hill",
    "near a barn": "beside a wooden shed", "on a street": "in the road", "under a tree": "in the shade",
}  # fmt: skip
ATTRIBUTES = (tuple(COUNTS), COLOURS, tuple(ANIMALS), tuple(ACTIONS), tuple(PLACES))
FEATURES = sum(map(len, ATTRIBUTES))
Scene = tuple[str, str, str, str, str]


@dataclass(frozen=True, kw_only=True)
class ToyCaptions(TextData[Captions]):
    """Captions with what stands for the images: `features` (N, 28) float32 by split, in the order of the rows.

    Each is five ones among zeros: the scene's number, colour, animal, action and place.
    """

    features: Mapping[str, np.ndarray]


def scene_features(scene: Scene) -> np.ndarray:
    """A scene as (28,) float32: for each of five attributes, a one at its value."""
    starts = (0, *accumulate(map(len, ATTRIBUTES)))
    features = np.zeros(FEATURES, dtype=np.float32)
    for start, values, value in zip(starts, ATTRIBUTES, scene, strict=False):
        features[start + values.index(value)] = 1
    return features


def references(scene: Scene) -> tuple[str, ...]:
    """Five captions of a scene, all true of it: by synonyms, in another order, without colour, without place."""
    count, colour, animal, action, place = scene
    several = count != "one"
    plural, young, young_plural = ANIMALS[animal]
    noun, other = (plural, young_plural) if several else (animal, young)
    number, be = COUNTS[count], "are" if several else "is"
    return (
        f"{number} {colour} {noun} {be} {action} {place}",
        f"{number} {colour} {other} {ACTIONS[action]} {PLACES[place]}",
        f"there {be} {number} {noun} {action} {PLACES[place]}",
        f"{place} {number} {colour} {noun} {be} {ACTIONS[action]}",
        f"{number} {colour} {noun} {action}",
    )


def toy_captions(sizes: Mapping[str, int] = CAPTION_SIZES, seed: int = 1) -> ToyCaptions:
    """Scenes, each with five captions; 4,320 scenes are possible. An image's name is its number."""
    choices = Choices(seed)

    def scene() -> Scene:
        count, colour, animal, action, place = (choices.one(values) for values in ATTRIBUTES)
        return count, colour, animal, action, place

    scenes = distinct(scene, sum(sizes.values()))
    rows = [Captions(f"scene-{number:04}", references(scene)) for number, scene in enumerate(scenes)]
    splits = split_rows(rows, sizes)
    features = {
        split: np.stack([scene_features(scene) for scene in chosen])
        for split, chosen in split_rows(scenes, sizes).items()
    }
    return ToyCaptions("toy-captions", splits, rows_checksum(splits), complete=True, features=features)


AGES = {"young": {"young"}, "old": {"old"}, "": {"young", "old"}}
WHO = {"dog", "cat", "horse"}, {"man", "woman", "clerk", "farmer"}
SUBJECTS = {leaf: {leaf} for group in WHO for leaf in sorted(group)} | {"animal": WHO[0], "person": WHO[1]}
DOING = {"running", "walking", "jumping"}, {"sleeping", "sitting", "lying"}
DEEDS = {leaf: {leaf} for group in DOING for leaf in sorted(group)} | {"moving": DOING[0], "resting": DOING[1]}
WHERE = {"in the park", "on the beach", "in the street"}, {"in the kitchen", "in the office", "in the barn"}
SPOTS = (
    {leaf: {leaf} for group in WHERE for leaf in sorted(group)}
    | {"outdoors": WHERE[0], "indoors": WHERE[1]}
    | {"": WHERE[0] | WHERE[1]}
)
SLOTS = (AGES, SUBJECTS, DEEDS, SPOTS)
Fact = tuple[str, str, str, str]


def relation(premise: Fact, hypothesis: Fact) -> int:
    """The class of a pair, a number of INFERENCE: both tell of the same event, by terms that leave something open.

    Entailment if every term of the hypothesis covers that of the premise; contradiction if some two cannot both be
    true; neutral otherwise.
    """
    sets = [(slot[one], slot[other]) for slot, one, other in zip(SLOTS, premise, hypothesis, strict=True)]
    if any(not one & other for one, other in sets):
        return CONTRADICTION
    return ENTAILMENT if all(one <= other for one, other in sets) else NEUTRAL


def stated(fact: Fact) -> str:
    """A fact as a sentence."""
    age, subject, deed, spot = fact
    article = "an" if (age or subject)[0] in "aeiou" else "a"
    return " ".join(word for word in (article, age, subject, "is", deed, spot) if word)


def toy_nli(sizes: Mapping[str, int] = SIZES, seed: int = 1) -> TextData[PairText]:
    """Premise and hypothesis: one or two of four terms are drawn anew; each class has its third of the pairs."""
    choices = Choices(seed)
    labels = iter(range(10**9))

    def pair() -> tuple[Fact, Fact, int]:
        wanted = next(labels) % len(INFERENCE)
        while True:
            premise = [choices.one(list(slot)) for slot in SLOTS]
            hypothesis = list(premise)
            for _ in range(1 + choices.below(2)):
                slot = choices.below(len(SLOTS))
                hypothesis[slot] = choices.one(list(SLOTS[slot]))
            first, second = _fact(premise), _fact(hypothesis)
            if first != second and relation(first, second) == wanted:
                return first, second, wanted

    pairs = distinct(pair, sum(sizes.values()))
    rows = [PairText(stated(premise), stated(hypothesis), label) for premise, hypothesis, label in pairs]
    splits = split_rows(rows, sizes)
    return TextData("toy-nli", splits, rows_checksum(splits), complete=True, labels=INFERENCE)


def _fact(terms: list[str]) -> Fact:
    age, subject, deed, spot = terms
    return age, subject, deed, spot
