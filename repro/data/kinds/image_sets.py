"""The image sets of the registry: their files found and checked, their splits counted.

Each is read from one folder by `image_files` or `photographs` beside this file, which know the formats.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from repro.data.kinds import image_files, patches, photographs
from repro.data.kinds.images import Images, Split
from repro.data.sources.built import built
from repro.data.sources.entries import entry
from repro.data.sources.find import find_in_one_folder
from repro.data.transforms.splits import Splits, counted
from repro.files import readable_json, write_atomic


def mnist() -> Images:
    """MNIST: 60,000 / 10,000 images of 28x28x1."""
    return _checked("mnist", image_files.mnist)


def mnist_binary() -> Images:
    """MNIST in Larochelle's fixed binarisation: 50,000 / 10,000 / 10,000."""
    return _checked("mnist-binary", image_files.mnist_binary)


def dna() -> Images:
    """DNA as rows of 180 bits: 1,400 / 600 / 1,186."""
    return _checked("dna", partial(image_files.binary_rows, name="dna", file="dna.npz"))


def mushrooms() -> Images:
    """Mushrooms as rows of 112 bits: 2,000 / 500 / 5,624."""
    return _checked("mushrooms", partial(image_files.binary_rows, name="mushrooms", file="mushrooms.npz"))


def nips_0_12() -> Images:
    """NIPS-0-12 as rows of 500 bits: 400 / 100 / 1,240."""
    return _checked("nips-0-12", partial(image_files.binary_rows, name="nips-0-12", file="nips.npz"))


def nist_digit_1() -> Images:
    """The digit 1 of NIST SD19 at 28x28, 85 % to train on."""
    return _checked("nist-digit-1", image_files.nist_digit_1)


def cifar_10() -> Images:
    """CIFAR-10: 50,000 / 10,000 images of 32x32x3."""
    return _checked("cifar-10", image_files.cifar_10)


def cifar_100() -> Images:
    """CIFAR-100: 50,000 / 10,000 images of 32x32x3."""
    return _checked("cifar-100", image_files.cifar_100)


def svhn() -> Images:
    """SVHN: 73,257 / 26,032 digits of 32x32x3."""
    return _checked("svhn", image_files.svhn)


def stl_10() -> Images:
    """STL-10: 5,000 / 8,000 images of 96x96x3 and 100,000 without labels."""
    return _checked("stl-10", image_files.stl_10)


def celeba() -> Images:
    """CelebA: 162,770 / 19,867 / 19,962 aligned faces at 64x64x3."""
    return _checked("celeba", photographs.celeba)


def imagenet_32() -> Images:
    """ImageNet at 32x32x3: 1,281,167 / 50,000."""
    return _checked("imagenet-32", partial(image_files.imagenet_small, size=32))


def imagenet_64() -> Images:
    """ImageNet at 64x64x3: 1,281,167 / 50,000."""
    return _checked("imagenet-64", partial(image_files.imagenet_small, size=64))


def olivetti_faces() -> Images:
    """Olivetti faces at 64x64x1: 300 of 30 people, 100 of ten others."""
    return _checked("olivetti-faces", image_files.olivetti_faces)


def olivetti_patches() -> Images:
    """25x25x1 patches of the Olivetti faces: 103,500 of 25 people, 20,700 of five others, 41,400 of ten others."""
    return _checked("olivetti-patches", patches.olivetti_patches)


def _checked(name: str, read: Callable[[Path], Images]) -> Images:
    """The set with its arrays mapped from the cache, where they are unpacked to when it is loaded for the first time.

    Raises MissingData, and ValueError for damaged files and splits of the wrong size.
    """
    about = entry(name)
    found, folder = find_in_one_folder(about)
    if not found.splits:
        found.require()
    sources = [found.contents(path) for path in found.copies]

    def build(target: Path) -> None:
        images = read(folder)
        for split, contents in images.splits.items():
            counted(about, split, contents, str(folder))
            np.save(target / f"{split}.images.npy", contents.images)
            if contents.labels is not None:
                np.save(target / f"{split}.labels.npy", contents.labels)
        names = {"splits": list(images.splits), "classes": images.classes}
        write_atomic(target / "images.json", readable_json(names))

    made = built("images", name, about.version, sources, build)
    names = json.loads((made / "images.json").read_bytes())
    splits: Splits[Split] = Splits(found)
    for split in names["splits"]:
        labels = made / f"{split}.labels.npy"
        pixels = np.load(made / f"{split}.images.npy", mmap_mode="r")
        splits[split] = Split(pixels, np.load(labels) if labels.is_file() else None)
    return Images(name, splits, tuple(names["classes"]))
