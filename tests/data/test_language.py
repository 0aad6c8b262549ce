"""The corpora of the language-modelling tables have the counts of their papers and the ids of the released code."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from repro.contracts import MissingData
from repro.data.corpus import Corpus
from repro.data.language import END, characters, ptb, ptb_characters, wikitext_2, words
from repro.registry import DATASETS


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


@pytest.fixture
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path))
    monkeypatch.delenv("REPRO_DATA", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", ["ptb", "ptb-characters", "wikitext-2"])
def test_without_files_the_error_is_one_line_with_the_command(no_files: Path, name: str) -> None:
    with pytest.raises(MissingData) as caught:
        DATASETS.load(name)()
    assert str(caught.value) == f"data set {name} is not at hand: get it with: repro data get {name}"
