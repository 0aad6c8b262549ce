"""`repro data`: what is listed, fetched and verified, with the exit codes that a script relies on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from repro.data.sources.entries import ENTRIES
from repro.data.sources.entry import Download
from repro.data.sources.find import cached_files
from repro.registry import DATASETS
from tests.cli.command import python, repro
from tests.data.conftest import Places
from tests.data.sources.server import Server, serving
from tests.data.sources.toys import ALL_MEMBERS, MEMBERS, TEXTS, licensed, tar, toy


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    made = Places(tmp_path / "data", tmp_path / "cache")
    made.data.mkdir()
    monkeypatch.setenv("REPRO_DATA", str(made.data))
    monkeypatch.setenv("REPRO_CACHE", str(made.cache))
    return made


@pytest.fixture
def server(places: Places) -> Iterator[Server]:
    """A data set `toy` that is served here, and one `locked` that no command may fetch."""
    with serving({"/toy.tgz": tar(ALL_MEMBERS)}) as running:
        entry = toy(Download(f"{running.address}/toy.tgz", "toy.tgz", members=MEMBERS))
        locked = replace(licensed("sign the agreement"), name="locked")
        with patch.dict(ENTRIES, {"toy": entry, "locked": locked}):
            yield running


def test_list_has_a_line_for_every_data_set_and_its_json_says_more(server: Server) -> None:
    text, data = repro("data", "list"), repro("data", "list", "--json").json
    assert text.code == 0
    names = [line.split()[0] for line in text.out.splitlines()[1:]]
    assert names == [each["name"] for each in data]
    assert {*ENTRIES, *DATASETS.entries} == set(names)
    ptb = next(each for each in data if each["name"] == "ptb")
    assert ptb["splits"] == {"train": 929_589, "valid": 73_760, "test": 82_430}
    assert ptb["state"] == "missing"
    assert {"licence", "home", "paper", "get", "smoke", "files", "version"} <= ptb.keys()


def test_get_brings_a_set_here_and_says_what_came(server: Server) -> None:
    said = repro("data", "get", "toy")
    assert (said.code, said.err) == (0, "")
    assert said.out == "toy: at hand, 3 files, 644 B; licence: none\n"  # 606 + 28 + 10, by hand
    assert repro("data", "get", "toy").out == said.out
    assert server.ranges == [None]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("locked", 3, "repro: data set locked is not at hand: sign the agreement; put the files into locked/"),
        ("tpy", 2, "repro: no data set 'tpy'; did you mean 'toy'?"),
    ],
)
def test_what_cannot_be_had_is_one_line(server: Server, name: str, code: int, said: str) -> None:
    found = repro("data", "get", name)
    assert found.code == code
    assert found.out == ""
    assert found.err.startswith(said)
    assert found.err.count("\n") == 1


def test_an_address_that_does_not_answer_is_exit_code_3(server: Server) -> None:
    server.files.clear()
    found = repro("data", "get", "toy")
    assert found.code == 3
    assert "cannot be fetched: 404 Not Found; or put the files into toy/" in found.err


def test_verify_reads_again_and_finds_a_flipped_byte(server: Server) -> None:
    repro("data", "get", "toy")
    assert repro("data", "verify", "toy").out == "toy: as it should be, at hand\n"
    path = cached_files(ENTRIES["toy"]) / "train.txt"
    stat = path.stat()
    path.write_bytes(b"A" + TEXTS["train.txt"][1:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    said = repro("data", "verify", "toy")
    assert said.code == 3
    assert said.out == "toy: damaged\n"
    assert "train.txt is damaged or another edition" in said.err
    everything = repro("data", "verify")
    assert everything.code == 3
    assert everything.out == "toy: damaged\n"
    assert f"{len(ENTRIES) - 1} data sets not at hand" in everything.err
    assert repro("data", "verify", "--json").json[0]["wrong"]
    assert repro("data", "get", "toy").code == 0  # fetches the damaged file again
    assert repro("data", "verify", "toy").code == 0


def test_verify_of_what_is_not_at_hand_says_how_to_get_it(server: Server) -> None:
    said = repro("data", "verify", "toy")
    assert (said.code, said.err) == (3, "repro: data set toy is not at hand: get it with: repro data get toy\n")


def test_a_change_where_no_checksum_is_known_is_told_until_it_is_accepted(server: Server, places: Places) -> None:
    with patch.dict(ENTRIES, {"toy": toy(known=False)}):
        for path, text in TEXTS.items():
            places.put(f"toy/{path}", text)
        assert repro("data", "verify", "toy").out == "toy: as it should be, at hand, recorded checksums\n"
        places.put("toy/test.txt", "d\n" * 5)
        assert repro("data", "verify", "toy").code == 3
        assert repro("data", "verify", "toy", "--accept").code == 0
        assert repro("data", "verify", "toy").code == 0


def test_the_option_names_the_folder_for_one_command(server: Server, tmp_path: Path, places: Places) -> None:
    other = tmp_path / "other" / "toy"
    other.mkdir(parents=True)
    (other / "valid.txt").write_bytes(TEXTS["valid.txt"])
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REPRO_DATA", str(places.data))
        listed = repro("data", "list", "--data", other.parent, "--json").json
        assert os.environ["REPRO_DATA"] == str(other.parent)  # what workers inherit
    state = next(each for each in listed if each["name"] == "toy")
    assert (state["state"], state["at_hand"]) == ("partial", ["valid"])


@pytest.mark.parametrize("command", [["data", "list"], ["run", "cegan/kl-2d", "--dry-run"], ["doctor"]])
def test_a_folder_that_is_none_is_wrong_use(command: list[str]) -> None:
    said = repro(*command, "--data", "nowhere")
    assert (said.code, said.err) == (2, "repro: --data must name a folder with data sets; 'nowhere' is none\n")


def test_doctor_says_which_data_are_at_hand(server: Server, places: Places) -> None:
    places.put("toy/valid.txt", TEXTS["valid.txt"])
    said = repro("doctor", "--json").json["data"]
    assert said["REPRO_DATA"] == str(places.data)
    assert said["cache"] == str(places.cache)
    assert (said["at hand"], said["partial"]) == ("none", "toy")
    assert said["missing"].startswith(f"{len(ENTRIES) - 1} ")


def test_a_cache_that_cannot_be_written_is_one_line(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REPRO_CACHE", str(tmp_path / "file"))
        said = repro("data", "get", "toy")
    assert said.code == 3
    assert "cannot write the cache folder" in said.err
    assert "name another in REPRO_CACHE" in said.err


def test_listing_data_imports_no_framework() -> None:
    code = (
        "import sys; from repro.cli.main import app; app(['data', 'list'], standalone_mode=False); "
        "print([name for name in ('torch', 'scipy', 'sklearn', 'pandas', 'requests', 'pooch') if name in sys.modules])"
    )
    assert python("-c", code).out.splitlines()[-1] == "[]"
