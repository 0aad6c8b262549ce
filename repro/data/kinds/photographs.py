"""Sets of photographs from image files: centre-cropped, resized, kept as uint8.

The papers do not agree on crops. Here: the largest centred square (of CelebA's aligned faces the centred square of
`crop` pixels), resized by Pillow's antialiased bilinear filter.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from repro.contracts import MissingData
from repro.data.kinds.images import Images, Split
from repro.data.kinds.reading import path_of
from repro.data.sources.packed import lines

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
CELEBA_SPLITS = ("train", "valid", "test")


def celeba(folder: Path, size: int = 64, crop: int = 178) -> Images:
    """CelebA's 202,599 aligned faces: 162,770 train, 19,867 valid, 19,962 test, as `list_eval_partition.txt` says.

    The images lie in `img_align_celeba/`. At size 64 they take 2.5 GB.
    """
    names: dict[str, list[str]] = {split: [] for split in CELEBA_SPLITS}
    listing = path_of(folder, "list_eval_partition.txt")
    for line in lines(listing):
        name, _, number = line.strip().partition(" ")
        if number.strip() not in ("0", "1", "2"):
            raise ValueError(f"{listing}: expected an image and 0, 1 or 2 in every line, got {line!r}")
        names[CELEBA_SPLITS[int(number)]].append(name)
    pictures = folder / "img_align_celeba"
    splits = {
        split: Split(_decoded((path_of(pictures, name) for name in listed), len(listed), size, crop))
        for split, listed in names.items()
    }
    return Images("celeba", splits)


def folder_of_images(folder: Path, name: str, size: int, limit: int | None = None) -> Images:
    """All image files below a folder in the order of their paths, at most `limit`, as the split `train`.

    For LSUN as its own tool exports it: 3,033,042 bedrooms are 37 GB at size 64, so mind the limit.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)[:limit]
    if not paths:
        raise MissingData(f"no image files are in {folder}: put the exported images of {name} there")
    return Images(name, {"train": Split(_decoded(paths, len(paths), size, None))})


def cifar_10_lossy_test(folder: Path) -> Split:
    """The 10,000 test images of CIFAR-10 from `test_jpeg10k.tar.xz`: JPEG of quality 75, about 30 dB, ordered by class.

    For looking at and for checks of whole pipelines; where exact pixels matter it is no test set.
    """
    images, labels = [], []
    classes = [line.strip() for line in lines(path_of(folder, "batches.meta.txt")) if line.strip()]
    with tarfile.open(path_of(folder, "test_jpeg10k.tar.xz")) as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                images.append(decoded(io.BytesIO(file.read()), 32))
                labels.append(classes.index(Path(member.name).parent.name))
    return Split(np.stack(images), np.array(labels, dtype=np.int64))


def decoded(file: Path | BinaryIO, size: int, crop: int | None = None) -> np.ndarray:
    """One image file as (size, size, 3) uint8: the centred square of `crop` pixels, the largest without, resized."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as picture:
            colours = picture.convert("RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise ValueError(f"{file} is no readable image: {error}; replace it") from error
    side = min(crop or min(colours.size), *colours.size)
    left, top = ((length - side) // 2 for length in colours.size)
    square = colours.crop((left, top, left + side, top + side))
    return np.asarray(square if side == size else square.resize((size, size), Image.Resampling.BILINEAR))


def _decoded(paths: Iterable[Path], count: int, size: int, crop: int | None) -> np.ndarray:
    images = np.empty((count, size, size, 3), dtype=np.uint8)
    for row, path in enumerate(paths):
        images[row] = decoded(path, size, crop)
    return images
