"""Files are found in the data folder first, then in the cache, packed or not, and their contents are checked."""

from __future__ import annotations

import gzip
import lzma
import os

import pytest

from repro.contracts import MissingData
from repro.data.sources.find import cached_files, find
from tests.data.conftest import Places
from tests.data.sources.toys import TEXTS, licensed, toy


def fill(places: Places, folder: str = "toy") -> None:
    for path, text in TEXTS.items():
        places.put(f"{folder}/{path}", text)


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)])
def test_a_file_is_the_same_however_it_is_packed(places: Places, suffix: str, pack: type[bytes]) -> None:
    for path, text in TEXTS.items():
        places.put(f"toy/{path}{suffix}", pack(text))
    found = find(toy())
    assert found.state == "at hand"
    assert [found.contents(path).bytes for path in TEXTS] == [606, 28, 10]


def test_the_data_folder_comes_before_the_cache_file_by_file(places: Places) -> None:
    fill(places)
    other = cached_files(toy())
    other.mkdir(parents=True)
    for path in TEXTS:
        (other / path).write_bytes(b"another")
    (places.data / "toy" / "test.txt").unlink()
    copies = find(toy()).copies
    assert copies["train.txt"].path == places.data / "toy" / "train.txt"
    assert copies["test.txt"].path == other / "test.txt"


def test_nothing_at_hand_is_one_line_with_the_command(places: Places) -> None:
    with pytest.raises(MissingData) as caught:
        find(toy()).require()
    assert str(caught.value) == "data set toy is not at hand: get it with: repro data get toy"


def test_a_licensed_set_says_how_one_gets_it_and_where_it_goes(places: Places) -> None:
    with pytest.raises(MissingData) as caught:
        find(licensed("sign the agreement")).require("train")
    assert str(caught.value) == (
        "data set toy is not at hand: sign the agreement; "
        "put the files into toy/ of the folder that REPRO_DATA or --data names"
    )


def test_a_part_does_not_pass_for_the_whole(places: Places) -> None:
    fill(places)
    (places.data / "toy" / "train.txt").unlink()
    found = find(toy())
    assert (found.state, found.splits) == ("partial", ("valid", "test"))
    found.require("valid", "test")
    with pytest.raises(MissingData, match=r"^split train of toy is not at hand \(only valid, test\): get it with"):
        found.require()


@pytest.mark.parametrize("packed", [False, True])
def test_a_flipped_byte_is_found_at_the_next_verification(places: Places, packed: bool) -> None:
    fill(places)
    entry = toy()
    find(entry).contents("train.txt")
    text = bytearray(TEXTS["train.txt"])
    text[50] ^= 1
    path = places.data / "toy" / "train.txt"
    if packed:
        path.unlink()
        path = places.put("toy/train.txt.gz", gzip.compress(bytes(text)))
    else:
        stat = path.stat()
        path.write_bytes(text)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as a failing disk would leave it
    with pytest.raises(ValueError, match=r"train\.txt.* is damaged or another edition: expected sha256") as caught:
        find(entry).contents("train.txt", afresh=True)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("suffix", "pack"), [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)], ids=["plain", "xz", "gz"]
)
def test_a_truncated_file_is_an_error_not_a_short_text(places: Places, suffix: str, pack: type[bytes]) -> None:
    contents = pack(TEXTS["train.txt"])
    places.put(f"toy/train.txt{suffix}", contents[: len(contents) - 9])
    with pytest.raises(ValueError, match=r"is truncated|expected 606 bytes, found 597"):
        find(toy()).contents("train.txt")


@pytest.mark.parametrize(("suffix", "pack"), [(".xz", lzma.compress), (".gz", gzip.compress)])
def test_packed_rubbish_is_an_error_that_names_the_file(places: Places, suffix: str, pack: type[bytes]) -> None:
    places.put(f"toy/train.txt{suffix}", b"no archive at all")
    with pytest.raises(ValueError, match=rf"train\.txt{suffix} is damaged"):
        find(toy()).contents("train.txt")


def test_a_file_that_unpacks_beyond_its_size_is_not_read_to_its_end(places: Places) -> None:
    places.put("toy/train.txt.xz", lzma.compress(b"0" * 50_000_000))
    with pytest.raises(ValueError, match="holds more than the 606 bytes that it may"):
        find(toy()).contents("train.txt")


def test_without_a_known_checksum_the_first_sight_is_recorded_and_a_change_is_told(places: Places) -> None:
    fill(places)
    entry = toy(known=False)
    find(entry).contents("valid.txt")
    places.put("toy/valid.txt", b"b d\n" * 7)
    os.utime(places.data / "toy" / "valid.txt", ns=(1, 1))
    with pytest.raises(ValueError, match=r"has changed: sha256 .* was recorded, .* repro data verify toy --accept"):
        find(entry).contents("valid.txt")
    find(entry).contents("valid.txt", accept=True)
    find(entry).contents("valid.txt")


def test_a_data_folder_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_DATA", "nowhere/at/all")
    with pytest.raises(ValueError, match=r"REPRO_DATA \(or --data\) must name a folder .* 'nowhere/at/all' is none"):
        find(toy())
