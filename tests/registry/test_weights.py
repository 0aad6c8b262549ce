"""Released weights: what a declaration must say, whose files they are, and the state that their reader gives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from repro.contracts import MissingData
from repro.data.sources.released import state_of
from repro.registry import WEIGHTS, families
from repro.registry.addresses import load
from repro.registry.source import read_file
from repro.registry.weights import KIND, Weights, entry_of
from tests.cli.command import repro

CONTENTS = b"two tensors"
SUM = hashlib.sha256(CONTENTS).hexdigest()
FILE = {"path": "model.bin", "sha256": SUM, "bytes": len(CONTENTS)}
GIVEN: dict[str, Any] = {
    "title": "A model", "paper": "Author (2019), Title", "licence": "MIT", "home": "https://example.org",
    "reader": "read", "how": "ask its author", "files": [FILE],
}  # fmt: skip
READER = "\ndef read(files):\n    return {name: path.read_bytes() for name, path in files.items()}\n"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`tiny.py` declares weights of one's own; a data folder has their file."""
    (tmp_path / "tiny.py").write_text(f"tiny = {GIVEN!r}\n{READER}")
    (tmp_path / "data" / "tiny").mkdir(parents=True)
    (tmp_path / "data" / "tiny" / "model.bin").write_bytes(CONTENTS)
    monkeypatch.setenv("REPRO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_s_own_weights_are_read_from_their_file_and_their_state_by_their_reader(own: Path) -> None:
    entry = WEIGHTS.entry("tiny.py:tiny")
    assert (entry.name, entry.kind, entry.licence) == ("tiny", KIND, "MIT")
    assert WEIGHTS.address("tiny.py:tiny") == f"{own}/tiny.py:read"
    assert WEIGHTS.checksum("tiny.py:tiny") == SUM
    assert state_of(entry, load(entry.loader)) == {"model.bin": CONTENTS}


def test_weights_that_are_not_at_hand_or_others_give_no_state(own: Path) -> None:
    entry, file = WEIGHTS.entry("tiny.py:tiny"), own / "data" / "tiny" / "model.bin"
    file.write_bytes(CONTENTS[::-1])
    with pytest.raises(ValueError, match=r"tiny: .*model\.bin is damaged or another edition"):
        state_of(entry, load(entry.loader))
    file.unlink()
    with pytest.raises(MissingData, match=r"^released weights tiny is not at hand: ask its author; put the files into"):
        state_of(entry, load(entry.loader))


def test_the_checksum_of_several_files_depends_on_each(own: Path) -> None:
    def checksum(*files: dict[str, Any]) -> str:
        (own / "tiny.py").write_text(f"tiny = {GIVEN | {'files': list(files)}!r}\n")
        return WEIGHTS.checksum("tiny.py:tiny")

    other = {"path": "vocabulary.txt", "sha256": SUM[::-1], "bytes": 3}
    assert checksum(FILE, other) == checksum(other, FILE) == hashlib.sha256((SUM + SUM[::-1]).encode()).hexdigest()
    assert checksum(FILE, other) != checksum(FILE, other | {"sha256": SUM})


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GIVEN.items() if name != key}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "a dictionary is expected"),
        (GIVEN | {"sha": SUM}, "unknown key 'sha' (known: title, paper, licence, home, reader, files, how, note)"),
        (without("licence"), "it needs a text for 'licence'"),
        (without("files"), "it needs a list of 'files'"),
        (
            GIVEN | {"files": [{"path": "a"}]},
            "a file needs 'path', 'sha256' and 'bytes', and 'url' where",
        ),
        (GIVEN | {"files": [FILE | {"sha256": "abc"}]}, "the sha256 of model.bin must be 64 hexadecimal digits"),
        (without("how"), "either its files have a 'url', or it says by 'how' they are had"),
        (GIVEN | {"files": [FILE | {"url": "https://example.org/m"}]}, "either its files have a 'url', or it says by"),
    ],
)
def test_a_declaration_that_is_not_whole_is_refused(given: Any, said: str) -> None:
    with pytest.raises(ValueError, match="released weights tiny: ") as caught:
        entry_of("tiny", given, "baselines.net.")
    assert str(caught.value).startswith(f"released weights tiny: {said}")


def test_what_is_no_literal_is_said(own: Path) -> None:
    (own / "tiny.py").write_text("tiny = dict(title='x')\n")
    with pytest.raises(ValueError, match=r"released weights tiny.py:tiny: tiny.py has no literal dictionary tiny"):
        WEIGHTS.entry("tiny.py:tiny")
    with pytest.raises(ValueError, match="unknown released weights 'no-such'"):
        WEIGHTS.entry("no-such")


@pytest.fixture
def family(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A family that declares the same weights, which have an address."""
    given = without("how") | {"files": [FILE | {"url": "https://example.org/model.bin"}], "reader": "files:read"}
    (own / "__init__.py").write_text(f"WEIGHTS = {{'tiny': {given!r}}}\n")
    monkeypatch.setattr(families, "modules", lambda: {"net": read_file(own / "__init__.py", "baselines.net")})
    made = Weights(KIND, lambda: {name: entry.loader for name, entry in made.own_entries.items()})
    monkeypatch.setattr("repro.registry.weights.WEIGHTS", made)


def test_repro_data_lists_gets_and_verifies_them(family: None, own: Path) -> None:
    listed = next(each for each in repro("data", "list", "--json").json if each["name"] == "tiny")
    assert (listed["kind"], listed["state"], listed["licence"]) == (KIND, "at hand", "MIT")
    assert repro("data", "get", "tiny").out == "tiny: at hand, 1 file, 11 B; licence: MIT\n"  # 11 by hand
    assert repro("data", "verify", "tiny").out == "tiny: as it should be, at hand\n"
    (own / "data" / "tiny" / "model.bin").write_bytes(b"eleven byte")
    said = repro("data", "verify", "tiny")
    assert (said.code, said.out) == (3, "tiny: damaged\n")
    (own / "data" / "tiny" / "model.bin").unlink()
    assert ", 1 released weights not at hand" in repro("data", "verify").err


def test_repro_data_knows_one_s_own_by_their_file(own: Path) -> None:
    assert repro("data", "verify", "tiny.py:tiny").out == "tiny: as it should be, at hand\n"
    (own / "data" / "tiny" / "model.bin").unlink()
    said = repro("data", "get", "tiny.py:tiny")
    assert said.code == 3
    assert said.err.startswith("repro: released weights tiny is not at hand: ask its author")


def test_every_declared_weight_has_a_reader() -> None:
    for name in WEIGHTS.own:
        assert callable(WEIGHTS.load(name))
