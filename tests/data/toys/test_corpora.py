"""The rows are the same everywhere, and the answers are those of the grammar."""

import pytest

from repro.data.kinds.rows import TextData
from repro.data.toys.corpora import (
    ADJECTIVES,
    DEALS,
    NOUNS,
    VERBS,
    Choices,
    distinct,
    split_rows,
    toy_summaries,
    toy_translation,
    translate,
)
from repro.data.toys.scenes import toy_captions, toy_nli
from repro.registry import DATASETS

CHECKSUMS = {
    "toy-captions": "3c6f8e675d144da14da26420a8e5508431cbacfbe8c925308eb107da6c722eec",
    "toy-nli": "fa321f4ff0c6be62aa369e1752c31c6dc5d29b69744b09a08d43a827eed714b9",
    "toy-summaries": "884d414927f83c8c861da439ce528cfde8467e9792d3bf9e84f66e6faabdd9bd",
    "toy-translation": "c3f2d66b9db370f20df71f96c86d5ae702cf2be015493f60add79204125840c1",
}
"""Those of this file's first run: only Python's printing and numpy's fixed stream PCG64 go into them."""

TRANSLATION, SUMMARIES = toy_translation(), toy_summaries()


@pytest.mark.parametrize("name", list(CHECKSUMS))
def test_the_registered_corpus_is_the_same_everywhere_and_complete(name: str) -> None:
    loaded = DATASETS.load(name)()
    assert isinstance(loaded, TextData)
    assert (loaded.name, loaded.checksum, loaded.complete) == (name, CHECKSUMS[name], True)


@pytest.mark.parametrize("make", [toy_captions, toy_nli, toy_summaries, toy_translation])
def test_no_row_is_twice_in_a_corpus(make: type) -> None:
    rows = [row for part in make().splits.values() for row in part]
    inputs = {getattr(row, "source", None) or getattr(row, "captions", None) or (row.first, row.second) for row in rows}
    assert len(inputs) == len(rows)


def test_other_seeds_and_sizes_give_other_rows() -> None:
    sizes = {"train": 5, "test": 2}
    first, other = toy_translation(sizes), toy_translation(sizes, seed=2)
    assert {split: len(rows) for split, rows in first.splits.items()} == sizes
    assert first.checksum != other.checksum


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("the dog sees a cat", "lo kano una fela videt"),
        ("the dogs see two small cats today", "hodi los kanos du felas parvas vident"),
        ("many quick children paint the old house", "mult pueras rapidas la doma veta tinkent"),
    ],
)
def test_translations_by_hand(source: str, target: str) -> None:
    assert translate(source) == target


def test_a_translation_has_as_many_words_and_says_something_else_for_every_source() -> None:
    rows = [row for part in TRANSLATION.splits.values() for row in part]
    assert all(len(row.source.split()) == len(row.target.split()) for row in rows)
    assert len({row.target for row in rows}) == len(rows)


def test_what_belongs_to_a_noun_has_its_ending_and_the_verb_comes_last_in_the_subject_s_number() -> None:
    stems = {stem: gender for _, stem, gender in NOUNS.values()}
    adjectives, verbs = set(ADJECTIVES.values()), {stem for _, stem in VERBS.values()}
    for row in TRANSLATION.splits["test"]:
        *words, verb = row.target.split()
        nouns = [place for place, word in enumerate(words) if word.rstrip("s")[:-1] in stems]
        assert len(nouns) == 2
        for place in nouns:
            bare = words[place].rstrip("s")
            assert bare[-1] == stems[bare[:-1]]
            ending = words[place][len(bare) - 1 :]
            if words[place - 1] not in ("du", "mult"):
                assert words[place - 1] in ("l" + ending, "un" + ending)
            after = words[place + 1] if place + 1 < len(words) else ""
            if after.rstrip("s")[:-1] in adjectives:
                assert after.endswith(ending)
                assert after.endswith("s") == ending.endswith("s")
        stem, number = (verb[:-3], "s") if verb.endswith("ent") else (verb[:-2], "")
        assert stem in verbs
        assert words[nouns[0]].endswith("s") == (number == "s")


def test_every_word_of_the_lexicon_is_in_the_training_rows() -> None:
    words = {word for row in TRANSLATION.splits["train"] for word in row.source.split()}
    assert words >= {*NOUNS, *VERBS, *ADJECTIVES}


def test_a_headline_is_what_is_left_of_the_story_with_its_verb_in_the_present() -> None:
    for row in SUMMARIES.splits["test"]:
        firm, verb, other, *where = row.target.split()
        past = next(past for past, present in DEALS.items() if present == verb)
        story = row.source.split()
        places = [story.index(word) for word in (firm, past, other)]
        assert places == sorted(places)
        after = story[places[2] + 1 :]
        assert after[: len(where)] == where
        assert where or after[0] in (",", ".")
        assert story[-1] == "."


def test_headlines_are_much_shorter_than_stories() -> None:
    rows = SUMMARIES.splits["train"]
    lengths = [
        sum(len(text.split()) for text in texts) for texts in zip(*((r.source, r.target) for r in rows), strict=True)
    ]
    assert lengths[0] > 2 * lengths[1]


def test_choices_are_even_and_those_of_their_seed() -> None:
    """6,000 choices of six: each within 4.5 standard errors of 1,000."""
    choices = Choices(0)
    counts = [0] * 6
    for _ in range(6_000):
        counts[choices.below(6)] += 1
    assert all(abs(count - 1_000) < 4.5 * (6_000 * 5 / 36) ** 0.5 for count in counts)
    assert [Choices(3).one("abc") for _ in range(2)] == [Choices(3).one("abc")] * 2


def test_distinct_keeps_the_order_and_splits_take_one_after_the_other() -> None:
    drawn = iter([3, 1, 3, 2, 1, 5])
    assert distinct(lambda: next(drawn), 4) == [3, 1, 2, 5]
    assert split_rows([3, 1, 2, 5], {"train": 2, "test": 1}) == {"train": (3, 1), "test": (2,)}
