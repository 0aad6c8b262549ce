"""A download arrives whole and right, or there is one readable line and nothing in its place."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from repro.contracts import MissingData
from repro.data.sources.download import CHUNK_BYTES
from repro.data.sources.entry import Download, Entry, File
from repro.data.sources.find import cached_files, find
from repro.data.sources.get import get
from tests.cli.command import ROOT
from tests.data.conftest import Places
from tests.data.sources.server import Server, serving
from tests.data.sources.toys import ALL_MEMBERS, MEMBERS, TEXTS, licensed, tar, toy, zipped

ARCHIVE = tar(ALL_MEMBERS)


@pytest.fixture
def server(places: Places) -> Iterator[Server]:
    with serving({"/toy.tgz": ARCHIVE}) as running:
        yield running


def entry(server: Server, *, known: bool = True, url: str = "", **about: Any) -> Entry:
    download = Download(url or f"{server.address}/toy.tgz", "toy.tgz", members=MEMBERS)
    return toy(replace(download, **about), known=known)


def fetched(about: Entry) -> dict[str, bytes]:
    """Every file of the cache that is no lock or note, by its path."""
    folder = cached_files(about)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("contents", [ARCHIVE, tar(ALL_MEMBERS, "w:xz"), zipped(ALL_MEMBERS)], ids=["gz", "xz", "zip"])
def test_an_archive_is_fetched_checked_and_unpacked(server: Server, places: Places, contents: bytes) -> None:
    server.files["/toy.tgz"] = contents
    about = entry(server, sha256=hashlib.sha256(contents).hexdigest(), bytes=len(contents))
    seen = []
    found = get(about, lambda done, total: seen.append((done, total)))
    assert found.state == "at hand"
    assert fetched(about) == TEXTS
    assert seen[-1] == (len(contents), len(contents))
    assert not list((places.cache / "downloads").rglob("*.*"))


def test_what_is_at_hand_is_not_fetched(server: Server, places: Places) -> None:
    get(entry(server))
    get(entry(server))
    assert server.ranges == [None]


def test_a_single_packed_file_is_kept_packed(server: Server) -> None:
    server.files["/text.gz"] = gzip.compress(b"text")
    about = Entry(
        "one", "One file", "none", "none", "", "lines", {"train": 1}, (File("text", "train"),), "tests:none", "toy",
        downloads=(Download(f"{server.address}/text.gz", "text.gz"),),
    )  # fmt: skip
    assert get(about).contents("text").bytes == 4
    assert list(fetched(about)) == ["text.gz"]


def test_a_broken_download_is_continued_where_it_broke(server: Server) -> None:
    """The answer is read in pieces of 256 KiB; of 600,000 bytes sent two whole pieces are kept."""
    text = np.random.default_rng(0).bytes(1_000_003)
    server.files["/text"] = text
    about = Entry(
        "one", "One file", "none", "none", "", "lines", {"train": 1}, (File("text", "train"),), "tests:none", "toy",
        downloads=(Download(f"{server.address}/text", "text", hashlib.sha256(text).hexdigest(), len(text)),),
    )  # fmt: skip
    server.break_after = 600_000
    with pytest.raises(MissingData, match="the connection broke off; the same command continues"):
        get(about)
    assert fetched(about) == {}
    get(about)
    assert server.ranges == [None, f"bytes={2 * CHUNK_BYTES}-"]
    assert fetched(about) == {"text": text}


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(server: Server) -> None:
    noise = {"noise": np.random.default_rng(0).bytes(1_000_003)}
    server.files["/toy.tgz"] = tar({**ALL_MEMBERS, **noise})
    server.break_after = 600_000
    with pytest.raises(MissingData):
        get(entry(server))
    server.files["/toy.tgz"] = zipped({**noise, **ALL_MEMBERS})
    get(entry(server))
    assert server.ranges == [None, f"bytes={2 * CHUNK_BYTES}-"]
    assert fetched(entry(server)) == TEXTS


def test_without_a_version_a_download_begins_anew(server: Server) -> None:
    server.versioned, server.break_after = False, 100
    with pytest.raises(MissingData):
        get(entry(server))
    get(entry(server))
    assert server.ranges == [None, None]
    assert fetched(entry(server)) == TEXTS


@pytest.mark.parametrize(
    ("about", "contents", "said"),
    [
        ({"sha256": "0" * 64}, ARCHIVE, "sent something else than expected: .*does not match the known hash"),
        ({"bytes": 50}, ARCHIVE, "sent something else than expected: more than the 50 bytes"),
        ({}, ARCHIVE[:100], "sent something else than expected: .*is truncated or no archive"),
        ({}, tar({**ALL_MEMBERS, "../evil": b""}), "would be written outside the folder"),
        ({}, tar({**ALL_MEMBERS, "toy/train.txt": b"x" * 606}), "is damaged or another edition: expected sha256"),
        ({"url": "http://127.0.0.1:9/toy.tgz"}, ARCHIVE, "no connection"),
    ],
    ids=["checksum", "too long", "truncated", "traversal", "member", "no server"],
)
def test_what_is_wrong_is_one_line_and_leaves_nothing_in_place(
    server: Server, places: Places, about: dict[str, Any], contents: bytes, said: str
) -> None:
    server.files["/toy.tgz"] = contents
    with pytest.raises(MissingData, match=said) as caught:
        get(entry(server, **about))
    assert "\n" not in str(caught.value)
    assert "train.txt" not in fetched(entry(server))
    assert not list((places.cache / "downloads").rglob("*.tgz"))
    server.files["/toy.tgz"] = ARCHIVE
    get(entry(server))
    assert fetched(entry(server)) == TEXTS


def test_an_address_that_is_gone_says_so_and_where_files_may_be_put(server: Server) -> None:
    with pytest.raises(MissingData, match="/gone cannot be fetched: 404 Not Found; or put the files into toy/"):
        get(entry(server, url=f"{server.address}/gone"))


def test_a_damaged_file_of_the_cache_is_fetched_again(server: Server) -> None:
    about = entry(server)
    get(about)
    (cached_files(about) / "valid.txt").write_bytes(b"x" * 28)
    get(about)
    assert fetched(about) == TEXTS


def test_a_damaged_file_of_the_user_is_an_error_and_stays(server: Server, places: Places) -> None:
    mine = places.put("toy/valid.txt", b"x" * 28)
    with pytest.raises(ValueError, match="damaged or another edition"):
        get(entry(server))
    assert mine.read_bytes() == b"x" * 28


def test_another_edition_at_the_address_is_told_where_no_checksum_is_known(server: Server) -> None:
    about = entry(server, known=False)
    get(about)
    (cached_files(about) / "test.txt").unlink()
    server.files["/toy.tgz"] = tar({**ALL_MEMBERS, "toy/test.txt": b"d\n" * 5})
    with pytest.raises(MissingData, match=r"test\.txt.* has changed: sha256 .* was recorded|has changed"):
        get(about)


def test_a_licensed_set_is_not_fetched(places: Places) -> None:
    with pytest.raises(MissingData, match="sign the agreement"):
        get(licensed("sign the agreement"))


FETCH = """
import sys
from repro.data.sources.entry import Download
from repro.data.sources.get import get
from tests.data.sources.toys import MEMBERS, toy
print(get(toy(Download(sys.argv[1], "toy.tgz", members=MEMBERS))).state)
"""


def test_two_processes_that_get_a_set_at_once_fetch_it_once(server: Server) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FETCH, f"{server.address}/toy.tgz"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in processes] == ["at hand"] * 2
    assert server.ranges == [None]
    assert find(entry(server)).state == "at hand"
    assert fetched(entry(server)) == TEXTS
