"""Crops are windows of their image at places that are all equally likely, mirrors are every second image."""

import numpy as np
import pytest

from repro.data.transforms.augment import padded, random_crops, random_mirrors

IMAGES = np.random.default_rng(0).integers(1, 256, (3, 5, 7, 2), dtype=np.uint8)


def generator() -> np.random.Generator:
    return np.random.default_rng(1)


def test_padding_puts_zeros_or_mirrored_pixels_around() -> None:
    zero, mirrored = padded(IMAGES, 2), padded(IMAGES, 2, "reflect")
    np.testing.assert_array_equal(zero[:, 2:7, 2:9], IMAGES)
    assert zero.sum(dtype=int) == IMAGES.sum(dtype=int)
    np.testing.assert_array_equal(mirrored[:, 1], mirrored[:, 3])


def test_every_crop_is_a_window_of_its_own_image_and_every_window_is_as_likely() -> None:
    """3 x 3 places, 9,000 crops of one image: chi-square of eight degrees below its 99.99 % point, 31.8."""
    crops = random_crops(np.repeat(IMAGES[:1], 9_000, axis=0), (3, 5), generator())
    windows = [IMAGES[0, top : top + 3, left : left + 5] for top in range(3) for left in range(3)]
    counts = np.array([(crops == window).all(axis=(1, 2, 3)).sum() for window in windows])
    assert counts.sum() == 9_000
    assert ((counts - 1_000) ** 2 / 1_000).sum() < 31.8


def test_crops_keep_the_order_of_images_and_their_type() -> None:
    crops = random_crops(IMAGES, (5, 7), generator())
    np.testing.assert_array_equal(crops, IMAGES)
    assert crops.dtype == np.uint8


def test_a_crop_larger_than_the_image_is_an_error() -> None:
    with pytest.raises(ValueError, match="crops of 6x7 do not fit into 5x7: pad first"):
        random_crops(IMAGES, (6, 7), generator())


def test_half_of_the_images_are_mirrored_left_to_right() -> None:
    many = np.repeat(IMAGES[:1], 1_000, axis=0)
    mirrored = random_mirrors(many, generator())
    turned = (mirrored == IMAGES[0][:, ::-1]).all(axis=(1, 2, 3))
    kept = (mirrored == IMAGES[0]).all(axis=(1, 2, 3))
    assert (turned ^ kept).all()
    assert turned.sum() == pytest.approx(500, abs=4.5 * np.sqrt(250))


def test_the_same_generator_gives_the_same_images() -> None:
    first, second = (random_mirrors(random_crops(IMAGES, (2, 2), g), g) for g in (generator(), generator()))
    np.testing.assert_array_equal(first, second)
