"""Subword units give the text back, are trained once, and the same texts give the same units."""

from __future__ import annotations

import random

import pytest

from repro.data.sources.seen import Seen
from repro.data.transforms.subwords import Kind, Subwords, subwords
from tests.data.conftest import Places

SOURCE = Seen("text.txt", 1, 1, "0" * 64, 1)


def texts() -> list[str]:
    made = random.Random(0)
    words = ["".join(made.choices("abcdefgh", k=made.randint(1, 6))) for _ in range(200)]
    return [" ".join(made.choices(words, k=11)) for _ in range(300)]


def train(size: int = 61, kind: Kind = "bpe", sentences: list[str] | None = None) -> Subwords:
    return subwords("toy", [SOURCE], texts() if sentences is None else sentences, size, kind)


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_units_give_the_text_back(places: Places, kind: Kind) -> None:
    units = train(kind=kind)
    assert len(units.vocabulary) == 61
    assert units.vocabulary[:3] == ("<unk>", "<s>", "</s>")
    for text in texts()[:20]:
        ids = units.encode(text)
        assert units.decode(ids) == text
        assert max(ids) < 61


def test_more_units_need_fewer_of_them(places: Places) -> None:
    lengths = [len(train(size).encode(texts()[0])) for size in (17, 61, 151)]
    assert lengths[0] > lengths[1] > lengths[2]


def test_the_same_texts_give_the_same_units_and_the_cache_gives_them_again(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train()
    assert train(sentences=["never read"]).file == first.file
    monkeypatch.setenv("REPRO_CACHE", str(places.cache / "another"))
    assert train().checksum == first.checksum


@pytest.mark.parametrize("size", [5, 5_000])
def test_a_size_that_the_texts_cannot_give_is_one_line(places: Places, size: int) -> None:
    with pytest.raises(ValueError, match=f"toy: cannot make {size:,} bpe units: ") as caught:
        train(size)
    assert "\n" not in str(caught.value)
