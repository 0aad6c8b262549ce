"""Only what is asked for leaves an archive, and no archive decides where it goes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from repro.data.sources.archive import extract
from tests.data.sources.toys import ALL_MEMBERS, TEXTS, tar, zipped

PACKERS = [tar, zipped]
Packer = Callable[[Mapping[str, bytes]], bytes]


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    folder = tmp_path / "outer" / "inside"
    folder.mkdir(parents=True)
    return folder


def unpack(inside: Path, contents: bytes, member: str = "toy/train.txt", limit: int | None = None) -> Path:
    archive = inside / "archive"
    archive.write_bytes(contents)
    extract(archive, {member: inside / "made"}, {member: limit})
    return inside / "made"


@pytest.mark.parametrize("pack", PACKERS)
def test_a_member_comes_out_whole_and_alone(inside: Path, pack: Packer) -> None:
    assert unpack(inside, pack(ALL_MEMBERS)).read_bytes() == TEXTS["train.txt"]
    assert sorted(path.name for path in inside.iterdir()) == ["archive", "made"]


def test_a_leading_dot_in_a_tar_s_names_is_no_difference(inside: Path) -> None:
    assert unpack(inside, tar({"./toy/train.txt": b"x"})).read_bytes() == b"x"


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("name", ["../evil", "toy/../../evil", "/evil", "..\\evil", "C:\\evil"])
def test_an_archive_with_a_member_that_leaves_its_folder_is_refused(inside: Path, pack: Packer, name: str) -> None:
    with pytest.raises(ValueError, match="would be written outside the folder"):
        unpack(inside, pack({**ALL_MEMBERS, name: b"evil"}))
    assert not (inside / "made").exists()
    assert [path.name for path in inside.parent.iterdir()] == ["inside"]


def test_a_link_is_not_followed(inside: Path) -> None:
    (inside.parent / "secret").write_text("secret")
    with pytest.raises(ValueError, match="is a link or a folder"):
        unpack(inside, tar({}, links={"toy/train.txt": "../secret"}))


@pytest.mark.parametrize("pack", PACKERS)
def test_a_member_larger_than_its_entry_says_is_refused(inside: Path, pack: Packer) -> None:
    with pytest.raises(ValueError, match="holds more than 605 bytes"):
        unpack(inside, pack(ALL_MEMBERS), limit=605)


@pytest.mark.parametrize("pack", PACKERS)
def test_a_missing_member_is_named(inside: Path, pack: Packer) -> None:
    with pytest.raises(ValueError, match=r"lacks toy/dev\.txt"):
        unpack(inside, pack(ALL_MEMBERS), member="toy/dev.txt")


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.9])
def test_a_truncated_archive_is_an_error(inside: Path, pack: Packer, kept: float) -> None:
    contents = pack({"toy/train.txt": bytes(range(256)) * 100})
    with pytest.raises(ValueError, match=r"is truncated or no archive|lacks toy/train\.txt"):
        unpack(inside, contents[: int(kept if kept >= 1 else kept * len(contents))])


def test_a_zip_archive_of_a_version_that_is_not_known_is_one_line(tmp_path: Path) -> None:
    """The version that is needed stands in the seventh byte of an entry of the central directory (APPNOTE 4.3.12)."""
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"x")
    contents = bytearray(file.read_bytes())
    contents[contents.index(b"PK\x01\x02") + 6] = 99
    file.write_bytes(contents)
    with pytest.raises(ValueError, match=r"x\.zip is truncated or no archive: zip file version 9\.9$"):
        extract(file, {"a": tmp_path / "a"}, {})
