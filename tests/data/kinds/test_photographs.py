"""Photographs are cropped about their centre, resized, and kept with their official splits."""

import io
import lzma
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from repro.contracts import MissingData
from repro.data.kinds.photographs import celeba, cifar_10_lossy_test, decoded, folder_of_images


def picture(width: int, height: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_square_of_the_right_size_is_left_as_it_is(tmp_path: Path) -> None:
    pixels = picture(6, 6)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 6), pixels)


def test_the_crop_is_centred_and_no_larger_than_the_picture(tmp_path: Path) -> None:
    pixels = picture(10, 6)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 6), pixels[:, 2:8])
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 4, crop=4), pixels[1:5, 3:7])
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 6, crop=99), pixels[:, 2:8])


def test_resizing_keeps_a_plain_picture_plain_and_gray_ones_get_three_colours(tmp_path: Path) -> None:
    Image.fromarray(np.full((9, 12), 77, dtype=np.uint8)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", 4), np.full((4, 4, 3), 77))


def test_celeba_has_its_official_splits(tmp_path: Path) -> None:
    (tmp_path / "img_align_celeba").mkdir()
    for number in range(4):
        Image.fromarray(np.full((218, 178, 3), 50 * number, dtype=np.uint8)).save(
            tmp_path / "img_align_celeba" / f"{number}.jpg"
        )
    (tmp_path / "list_eval_partition.txt").write_text("0.jpg 0\n1.jpg 2\n2.jpg 1\n3.jpg 0\n")
    loaded = celeba(tmp_path, size=8)
    means = {name: split.images.mean(axis=(1, 2, 3)).round().tolist() for name, split in loaded.splits.items()}
    assert means == {"train": [0, 150], "valid": [100], "test": [50]}
    assert loaded.splits["train"].images.shape == (2, 8, 8, 3)
    (tmp_path / "list_eval_partition.txt").write_text("0.jpg 0\n1.jpg 7\n")
    with pytest.raises(ValueError, match=r"expected an image and 0, 1 or 2 in every line, got '1\.jpg 7'"):
        celeba(tmp_path, size=8)


def test_a_folder_of_images_is_read_in_the_order_of_its_paths_up_to_the_limit(tmp_path: Path) -> None:
    for number, name in enumerate(["b/1.webp", "a/2.png", "a/1.jpg", "notes.txt"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if name.endswith("txt"):
            (tmp_path / name).write_text("no image")
        else:
            Image.fromarray(np.full((9, 9, 3), 60 * number, dtype=np.uint8)).save(tmp_path / name)
    images = folder_of_images(tmp_path, "lsun", 4).splits["train"].images
    np.testing.assert_allclose(images.mean(axis=(1, 2, 3)), [120, 60, 0], atol=2)  # of lossy formats
    assert len(folder_of_images(tmp_path, "lsun", 4, limit=2).splits["train"]) == 2


def test_a_folder_without_images_is_missing_data_and_a_broken_image_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="put the exported images of lsun there"):
        folder_of_images(tmp_path, "lsun", 4)
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match="is no readable image"):
        folder_of_images(tmp_path, "lsun", 4)


def test_the_lossy_test_images_have_the_labels_of_their_folders(tmp_path: Path) -> None:
    (tmp_path / "batches.meta.txt").write_text("airplane\nbird\n")
    with lzma.open(tmp_path / "test_jpeg10k.tar.xz", "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, level in (("test/bird/0000.jpg", 200), ("test/airplane/0000.jpg", 40)):
            file = io.BytesIO()
            Image.fromarray(np.full((32, 32, 3), level, dtype=np.uint8)).save(file, "JPEG")
            member = tarfile.TarInfo(name)
            member.size = len(file.getvalue())
            archive.addfile(member, io.BytesIO(file.getvalue()))
    split = cifar_10_lossy_test(tmp_path)
    assert split.labels is not None
    np.testing.assert_array_equal(split.labels, [0, 1])
    np.testing.assert_allclose(split.images.mean(axis=(1, 2, 3)), [40, 200], atol=2)
