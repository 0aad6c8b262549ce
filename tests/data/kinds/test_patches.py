"""Patches of faces: turned, enlarged, cut from the centre, every second pixel kept, and split by people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from repro.data.kinds.patches import EVERY, LARGEST_TURN, SIZE, cut_out, olivetti_patches

RANDOM = np.random.default_rng(0)
NO_TURN = np.zeros(1)


def test_every_second_pixel_of_an_image_twice_as_large_is_the_image() -> None:
    image = RANDOM.integers(0, 256, (65, 65), dtype=np.uint8)
    np.testing.assert_array_equal(cut_out(image, NO_TURN, np.array([2.0]))[0], image[20:45, 20:45])


def test_a_quarter_turn_is_numpy_s() -> None:
    """numpy turns against the clock: the other way round is three of its turns."""
    image = RANDOM.integers(0, 256, (65, 65), dtype=np.uint8)
    for turn, quarters in ((np.pi / 2, -1), (-np.pi / 2, 1)):
        found = cut_out(image, np.array([turn]), np.array([2.0]))[0]
        np.testing.assert_array_equal(found, np.rot90(image, quarters)[20:45, 20:45])


def test_a_larger_face_shows_less_of_itself() -> None:
    """On a slope of 4 a pixel two neighbours of a patch differ by 4 * 2 / scale, rounded: by hand."""
    slope = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    for scale in (1.4, 1.6, 1.8):
        patch = cut_out(slope, NO_TURN, np.array([scale]))[0].astype(int)
        assert patch[3, -1] - patch[3, 0] == pytest.approx(4 * EVERY / scale * (SIZE - 1), abs=1)
        assert (patch == patch[0]).all()


def test_no_patch_leaves_the_face() -> None:
    """Of a face with a bright frame of one pixel no patch has any of it, at any turn and the smallest size."""
    framed = np.full((64, 64), 255, dtype=np.uint8)
    framed[1:-1, 1:-1] = 7
    turns = np.linspace(-LARGEST_TURN, LARGEST_TURN, 37)
    assert (cut_out(framed, turns, np.full(37, 1.4)) == 7).all()


def faces(folder: Path) -> Path:
    """40 people with two faces each, both of one grey: ten greys more than the person's number."""
    people = np.repeat(np.arange(40, dtype=np.uint8), 2)
    images = np.broadcast_to(people[:, None, None] + np.uint8(10), (80, 64, 64))
    np.savez(folder / "olivetti_faces.npz", images=images, subject=people)
    return folder


def test_a_person_is_in_one_split_with_all_patches(tmp_path: Path) -> None:
    splits = olivetti_patches(faces(tmp_path), patches=3).splits
    for name, those in (("train", range(25)), ("valid", range(25, 30)), ("test", range(30, 40))):
        labels = splits[name].labels
        assert labels is not None
        np.testing.assert_array_equal(labels, np.repeat(those, 6))
        assert splits[name].images.shape == (6 * len(those), 25, 25, 1)
        assert (splits[name].images == labels[:, None, None, None] + 10).all(), "a patch is of the person it says"


def test_patches_of_a_face_differ_and_come_again(tmp_path: Path) -> None:
    image = RANDOM.integers(0, 256, (64, 64), dtype=np.uint8)
    images = np.broadcast_to(image, (40, 64, 64))
    np.savez(tmp_path / "olivetti_faces.npz", images=images, subject=np.arange(40, dtype=np.uint8))
    first, second = (olivetti_patches(tmp_path, patches=4) for _ in range(2))
    assert first.checksum == second.checksum
    everything = np.concatenate([split.images for split in first.splits.values()]).reshape(160, -1)
    assert len(np.unique(everything, axis=0)) == 160
