"""The corpora of the language-modelling tables have the counts of their papers and the ids of the released code."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from repro.data.kinds.corpus import Corpus
from repro.data.kinds.language import (
    END,
    UNKNOWN,
    by_frequency,
    byte_pieces,
    characters,
    enwik8,
    enwik8_without_newlines,
    one_billion_word,
    ptb,
    ptb_characters,
    text8,
    wikitext_2,
    wikitext_103,
    words,
)  # fmt: skip
from repro.data.sources.entries import ENTRIES
from repro.data.transforms.tokens import Vocabulary
from tests.data.conftest import Places


def reference(folder: Path, names: list[str]) -> tuple[list[str], list[np.ndarray]]:
    """The dictionary of awd-lstm-lm, data.py: two passes over each file, here in its plainest form."""
    idx2word: list[str] = []
    word2idx: dict[str, int] = {}
    streams = []
    for name in names:
        ids = []
        with lzma.open(folder / f"{name}.xz", "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                for word in [*line.split(), "<eos>"]:
                    if word not in word2idx:
                        idx2word.append(word)
                        word2idx[word] = len(idx2word) - 1
                    ids.append(word2idx[word])
        streams.append(np.array(ids))
    return idx2word, streams


@pytest.mark.parametrize(
    ("load", "names", "types", "counts"),
    [  # language_models fact sheet, section 1.1
        (ptb, [f"ptb/ptb.{split}.txt" for split in ("train", "valid", "test")], 10_000, [929_589, 73_760, 82_430]),
        (
            wikitext_2,
            [f"wikitext2/wiki.{split}.tokens" for split in ("train", "valid", "test")],
            33_278,
            [2_088_628, 217_646, 245_569],
        ),
    ],
)
def test_words_have_the_ids_of_the_released_code(
    real_data: Path, load: Callable[[], Corpus], names: list[str], types: int, counts: list[int]
) -> None:
    corpus = load()
    vocabulary, streams = reference(real_data, names)
    assert corpus.vocabulary == tuple(vocabulary)
    assert len(corpus.vocabulary) == types
    assert [len(stream) for stream in corpus.splits.values()] == counts
    for found, expected in zip(corpus.splits.values(), streams, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert corpus.end is not None
    assert corpus.vocabulary[corpus.end] == END


def test_penn_treebank_characters_spell_the_words(real_data: Path) -> None:
    """Joined again, the characters are the lines of the word file; 50 types as in every paper on this corpus."""
    corpus = ptb_characters()
    assert len(corpus.vocabulary) == 50
    assert [len(stream) for stream in corpus.splits.values()] == [5_017_482, 393_042, 442_423]
    spelled = "".join(corpus.vocabulary[i] if i != corpus.end else "\n" for i in corpus.splits["test"])
    with lzma.open(real_data / "ptb" / "ptb.test.txt.xz", "rt", encoding="utf-8") as file:
        assert spelled.replace("_", " ").splitlines() == [line.strip() for line in file]


def test_an_empty_line_is_its_end_alone() -> None:
    assert list(words(["a b", " ", ""])) == [["a", "b", END], [END], [END]]
    assert list(characters([" a b ", ""])) == [["a", "_", "b", END], [END]]


def test_wikitext_103_is_ordered_by_frequency_in_train_with_the_end_first(places: Places) -> None:
    texts = {"train": " b a b \n c a b \n", "valid": " c c \n", "test": " a \n"}
    about = ENTRIES["wikitext-103"]
    files = tuple(replace(file, sha256=None, bytes=None) for file in about.files)
    for split, text in texts.items():
        places.put(f"wikitext-103/wiki.{split}.tokens", text)
    with patch.dict(ENTRIES, {about.name: replace(about, files=files, splits={"train": 8, "valid": 3, "test": 2})}):
        corpus = wikitext_103()
    assert corpus.vocabulary == (END, "b", "a", "c")
    assert corpus.splits["train"].tolist() == [1, 2, 1, 0, 3, 2, 1, 0]


def test_a_word_of_wikitext_103_that_train_lacks_is_an_error(places: Places) -> None:
    about = ENTRIES["wikitext-103"]
    files = tuple(replace(file, sha256=None, bytes=None) for file in about.files)
    for split in ("train", "valid", "test"):
        places.put(f"wikitext-103/wiki.{split}.tokens", f" {split} \n")
    small = replace(about, files=files, splits=dict.fromkeys(about.splits))
    with patch.dict(ENTRIES, {about.name: small}), pytest.raises(ValueError, match="token 'valid' is not in the voc"):
        wikitext_103()


def test_one_billion_word_is_in_lower_case_and_split_by_shards(places: Places) -> None:
    for file in ENTRIES["one-billion-word"].files:
        number = file.path.split("-")[-3]
        places.put(f"one-billion-word/{file.path}", f"The word {file.split} {number} .\n")
    corpus = one_billion_word()
    assert corpus.vocabulary[:7] == (END, UNKNOWN, "the", "word", "train", ".", "00001")
    assert [len(stream) for stream in corpus.splits.values()] == [99 * 6, 2 * 6, 3 * 6]
    spelled = [corpus.vocabulary[i] for i in corpus.splits["test"][:6]]
    assert spelled == ["the", "word", UNKNOWN, "00020", ".", END]  # train has a shard 20, and no word `test`


def test_the_vocabulary_keeps_the_most_frequent_and_counts_what_comes_first() -> None:
    tokens = [["b", "a", "a"], ["c", "c", "d"]]
    assert list(by_frequency(tokens, first=(END, UNKNOWN), most=4, unknown=UNKNOWN).ids) == [END, UNKNOWN, "a", "c"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("load", "name", "types", "counts"),
    [
        (text8, "text8", 3, [90_000_000, 5_000_000, 5_000_000]),
        (enwik8, "enwik8", 4, [90_000_000, 5_000_000, 5_000_000]),
        (enwik8_without_newlines, "enwik8", 3, [67_500_000, 3_750_000, 3_750_000]),
    ],
)
def test_a_hundred_million_bytes_are_split_90_5_5(
    places: Places, load: Callable[[], Corpus], name: str, types: int, counts: list[int]
) -> None:
    pattern = b"ab a" if name == "text8" else b"ab \n"
    places.put(f"{name}/{name}", pattern * 25_000_000)
    corpus = load()
    assert len(corpus.vocabulary) == types
    assert [len(stream) for stream in corpus.splits.values()] == counts
    spelled = "".join(corpus.vocabulary[i] for i in corpus.splits["valid"][:8])
    assert spelled == {text8: "ab_aab_a", enwik8: "ab \nab \n", enwik8_without_newlines: "ab ab ab"}[load]


def test_bytes_are_numbered_as_they_appear_whatever_the_pieces() -> None:
    text = bytes([200, 10, 200, 32, 65, 10])
    (whole,) = byte_pieces([text], vocabulary := Vocabulary(), blank="_")
    assert whole.tolist() == [0, 1, 0, 2, 3, 1]
    assert list(vocabulary.ids) == ["\xc8", "\n", "_", "A"]
    pieces = byte_pieces([text[:1], b"", text[1:4], text[4:]], Vocabulary(), blank="_")
    np.testing.assert_array_equal(np.concatenate(list(pieces)), whole)
