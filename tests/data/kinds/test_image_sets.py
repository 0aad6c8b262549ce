"""Image sets come checked, counted and mapped; a part of one says what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from repro.contracts import MissingData
from repro.data.kinds import image_files, image_sets
from repro.data.sources.built import damaged, folders
from repro.data.sources.entries import ENTRIES
from tests.data.conftest import Places

RANDOM = np.random.default_rng(0)


def records(count: int, label_bytes: int = 1) -> bytes:
    return RANDOM.integers(0, 10, (count, label_bytes + 3072), dtype=np.uint8).tobytes()


@pytest.fixture
def small_cifar(places: Places) -> Iterator[Places]:
    """Five training batches of 7 records, 3 test records, in the distributed layout; the entry is told."""
    about = ENTRIES["cifar-10"]
    files = tuple(replace(file, sha256=None, bytes=None) for file in about.files)
    small = replace(about, files=files, splits={"train": 35, "test": 3}, stand_ins={"test-first-1000": 2})
    for number in range(1, 6):
        places.put(f"cifar-10-batches-bin/data_batch_{number}.bin", records(7))
    places.put("cifar-10-batches-bin/batches.meta.txt", "\n".join(f"class{k}" for k in range(10)) + "\n\n")
    with patch.dict(ENTRIES, {about.name: small}):
        yield places


def test_arrays_are_mapped_from_the_cache_the_second_time(small_cifar: Places) -> None:
    small_cifar.put("cifar-10-batches-bin/test_batch.bin", records(3))
    first = image_sets.cifar_10()
    with patch.object(image_files, "cifar_10", side_effect=AssertionError("not read again")):
        second = image_sets.cifar_10()
    assert first.checksum == second.checksum
    for split, count in (("train", 35), ("test", 3)):
        images = second.splits[split].images
        assert images.shape == (count, 32, 32, 3)
        assert images.dtype == np.uint8
        assert isinstance(images, np.memmap)
        assert not images.flags.writeable
    assert second.classes[3] == "class3"


def test_the_first_thousand_test_images_do_not_pass_for_the_test_set(small_cifar: Places) -> None:
    small_cifar.put("cifar-10-batches-bin/test_batch.first1000.bin", records(2))
    data = image_sets.cifar_10()
    assert set(data.splits) == {"train", "test-first-1000"}
    with pytest.raises(MissingData, match=r"split test of cifar-10 is not at hand .*repro data get cifar-10"):
        data.splits["test"]


def test_a_set_of_the_wrong_size_is_an_error_and_nothing_is_kept(small_cifar: Places) -> None:
    small_cifar.put("cifar-10-batches-bin/test_batch.bin", records(4))
    with pytest.raises(ValueError, match="cifar-10: split test must hold 3 images, found 4"):
        image_sets.cifar_10()
    assert folders("cifar-10") == []


def test_a_folder_that_is_whole_comes_before_one_that_is_not(small_cifar: Places) -> None:
    small_cifar.put("cifar-10-batches-bin/test_batch.bin", records(3))
    small_cifar.put("cifar-10/batches.meta.txt", "of another folder\n")
    small_cifar.put("cifar-10/test_batch.bin", records(3))
    assert image_sets.cifar_10().classes[0] == "class0"


def test_a_flipped_byte_in_a_mapped_array_is_found(small_cifar: Places) -> None:
    small_cifar.put("cifar-10-batches-bin/test_batch.bin", records(3))
    image_sets.cifar_10()
    (folder,) = folders("cifar-10")
    array = folder / "test.images.npy"
    contents = bytearray(array.read_bytes())
    contents[-1] ^= 1
    array.write_bytes(contents)
    assert damaged(folder) == [array]


def test_mnist_is_what_its_files_hold(real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts of the ten training digits: LeCun's page (5,923 zeros, 6,742 ones, 5,958 twos)."""
    monkeypatch.setenv("REPRO_CACHE", str(tmp_path))
    labels = image_sets.mnist().splits["train"].labels
    assert labels is not None
    assert np.bincount(labels)[:3].tolist() == [5_923, 6_742, 5_958]
