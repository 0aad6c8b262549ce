"""Corpora come out of the cache as they were built, whole, and hold the number of tokens of their entry."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from repro.data.kinds.corpus import Corpus
from repro.data.sources.built import damaged, folders
from repro.data.sources.entry import Entry
from repro.data.sources.seen import Seen
from repro.data.transforms.tokens import Streams, Vocabulary, corpus

TEXT = {"train": [["a", "b", "a"], ["c"]], "valid": [["c", "d"]], "test": [["a"]]}
ENTRY = Entry(
    "toy", "A toy", "none", "none", "", "tokens", {"train": 4, "valid": 2, "test": 1}, (), "tests:none", "toy-language"
)
SOURCE = Seen("toy.txt", 1, 1, "0" * 64, 1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path))
    return tmp_path / "corpora"


def toy(vocabulary: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
    return {split: (vocabulary.encode(piece) for piece in pieces) for split, pieces in TEXT.items()}


def never(vocabulary: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
    raise AssertionError("a corpus in the cache is not built again")


def build(streams: Streams = toy, entry: Entry = ENTRY, source: Seen = SOURCE) -> Corpus:
    return corpus(entry, [source], streams, end="b")


def test_ids_follow_first_appearance_over_train_then_valid_then_test() -> None:
    built = build()
    assert built.vocabulary == ("a", "b", "c", "d")
    assert {split: stream.tolist() for split, stream in built.splits.items()} == {
        "train": [0, 1, 0, 2], "valid": [2, 3], "test": [0],
    }  # fmt: skip
    assert built.end == 1


def test_a_corpus_is_built_once_and_mapped_afterwards() -> None:
    first, second = build(), build(never)
    assert first.checksum == second.checksum
    for split, stream in second.splits.items():
        assert isinstance(stream, np.memmap)
        assert not stream.flags.writeable
        assert stream.dtype == np.int32
        np.testing.assert_array_equal(stream, first.splits[split])


@pytest.mark.parametrize("change", [{"entry": replace(ENTRY, version=2)}, {"source": replace(SOURCE, sha256="1" * 64)}])
def test_other_sources_or_another_version_are_another_corpus(change: dict[str, Entry | Seen]) -> None:
    build()
    with pytest.raises(AssertionError, match="not built again"):
        build(never, **change)  # type: ignore[arg-type]  # each change is of the type that its name says


def test_the_checksum_follows_ids_vocabulary_and_splits_alone() -> None:
    plain = build().checksum
    assert build(source=replace(SOURCE, sha256="1" * 64)).checksum == plain
    other_word = {"train": [["a", "b", "a"], ["x"]], "valid": [["x", "d"]], "test": [["a"]]}
    other_order = {"train": [["a", "b", "c"], ["a"]], "valid": [["c", "d"]], "test": [["a"]]}
    for number, text in enumerate((other_word, other_order), start=2):

        def streams(
            vocabulary: Vocabulary, text: dict[str, list[list[str]]] = text
        ) -> Mapping[str, Iterable[np.ndarray]]:
            return {split: map(vocabulary.encode, pieces) for split, pieces in text.items()}

        assert build(streams, source=replace(SOURCE, sha256=f"{number}" * 64)).checksum != plain


def test_a_split_of_the_wrong_size_is_an_error_that_names_both_and_leaves_nothing(cache: Path) -> None:
    with pytest.raises(ValueError, match="toy: split valid must hold 3 tokens, found 2"):
        build(entry=replace(ENTRY, splits={"train": 4, "valid": 3, "test": 1}))
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]


def test_a_build_that_breaks_leaves_nothing_and_the_next_one_is_whole(cache: Path) -> None:
    def breaks(vocabulary: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
        def pieces() -> Iterator[np.ndarray]:
            yield vocabulary.encode(["a"])
            raise KeyboardInterrupt

        return {"train": pieces()}

    with pytest.raises(KeyboardInterrupt):
        build(breaks)
    assert not [path for path in cache.iterdir() if path.suffix != ".lock"]
    assert len(build().splits["train"]) == 4


def test_what_a_killed_build_left_is_cleared(cache: Path) -> None:
    finished = build().splits["train"]
    folder = Path(str(finished.filename)).parent  # type: ignore[attr-defined]  # a memory map has it
    left = folder.rename(folder.with_name(f".{folder.name}.left"))
    build()
    assert not left.exists()


def test_a_flipped_byte_in_a_built_corpus_is_found() -> None:
    build()
    (folder,) = folders("toy")
    assert damaged(folder) == []
    contents = bytearray((folder / "valid.npy").read_bytes())
    contents[-1] ^= 1
    (folder / "valid.npy").write_bytes(contents)
    assert damaged(folder) == [folder / "valid.npy"]


def test_a_closed_vocabulary_knows_its_words_only() -> None:
    assert Vocabulary.of(["<unk>", "a"], unknown="<unk>").encode(["a", "b"]).tolist() == [1, 0]
    with pytest.raises(ValueError, match="'b' is not in the vocabulary"):
        Vocabulary.of(["a"]).encode(["a", "b"])
    with pytest.raises(ValueError, match="names 1 twice"):
        Vocabulary.of(["a", "a"])
    with pytest.raises(ValueError, match="'<unk>', must be in the vocabulary"):
        Vocabulary.of(["a"], unknown="<unk>")


BUILD_LARGE = """
import json, resource, sys
from itertools import repeat
from dataclasses import replace
from repro.data.kinds.language import encoded
from repro.data.transforms.tokens import corpus
from tests.data.transforms.test_tokens import ENTRY, SOURCE
sentence = [f"word{i}" for i in range(20)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
built = corpus(replace(ENTRY, splits={"train": 20_000_000}), [SOURCE],
               lambda v: {"train": encoded(repeat(sentence, 1_000_000), v)})
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"tokens": len(built.splits["train"]), "grown_bytes": (after - before) * 1024}))
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux only")
def test_twenty_million_tokens_are_built_in_less_memory_than_their_array() -> None:
    """The ids alone are 80 MB, a list of the tokens 160 MB; a piece of 10,000 lines is 200,000 tokens, about 2 MB."""
    done = subprocess.run([sys.executable, "-c", BUILD_LARGE], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["tokens"] == 20_000_000
    assert found["grown_bytes"] < 20e6
