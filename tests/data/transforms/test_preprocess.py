"""Scales, binarisations and permutations do what their formulas say and come from the generator that they are given."""

import numpy as np
import pytest

from repro.data.transforms import preprocess

PIXELS = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_scales_have_their_ends_and_their_inverse() -> None:
    for scale, back, ends in (
        (preprocess.unit, preprocess.bytes_of_unit, (0, 1)),
        (preprocess.symmetric, preprocess.bytes_of_symmetric, (-1, 1)),
    ):
        scaled = scale(PIXELS)
        assert scaled.dtype == np.float32
        assert (scaled.min(), scaled.max()) == ends
        np.testing.assert_array_equal(back(scaled), PIXELS)


def test_improved_gan_s_cifar_scale_stops_short_of_one() -> None:
    assert preprocess.symmetric(PIXELS, divisor=128).max() == pytest.approx(127.5 / 128)


def test_values_beyond_the_ends_are_cut_off_and_nan_is_an_error() -> None:
    np.testing.assert_array_equal(preprocess.bytes_of_unit(np.array([-0.5, 0.5, 7.0])), [0, 128, 255])
    with pytest.raises(ValueError, match="an image with NaN has no pixels"):
        preprocess.bytes_of_symmetric(np.array([np.nan]))


def test_dequantised_values_stay_in_the_bin_of_their_level_and_fill_it() -> None:
    many = np.repeat(PIXELS, 50, axis=0)
    values = preprocess.dequantised(many, generator())
    np.testing.assert_array_equal(np.floor(values * 256), many)
    within = values * 256 - many
    assert within.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / within.size))
    assert values.max() < 1


def test_logits_are_undone_by_the_logistic_function() -> None:
    values = np.array([0.0, 0.25, 0.999])
    inside = 1 / (1 + np.exp(-preprocess.logits(values, 0.05)))
    np.testing.assert_allclose((inside - 0.05) / 0.9, values, rtol=1e-12, atol=1e-15)
    with pytest.raises(ValueError, match=r"the margin must lie between 0 and 0\.5, got 0"):
        preprocess.logits(values, 0)


def test_the_threshold_is_one_half() -> None:
    np.testing.assert_array_equal(preprocess.binarised(np.array([0, 127, 128, 255], np.uint8)), [0, 0, 255, 255])


def test_sampled_bits_are_on_as_often_as_the_pixel_is_bright() -> None:
    """20,000 draws of every level, within 4.5 standard errors; black and white are certain."""
    bits = preprocess.sampled_bits(np.repeat(PIXELS, 20_000, axis=0), generator())
    assert set(np.unique(bits)) == {0, 255}
    p = PIXELS[0] / 255
    share = bits.mean(axis=0) / 255
    assert (np.abs(share - p) <= 4.5 * np.sqrt(p * (1 - p) / 20_000)).all()


def test_bits_are_sampled_anew_with_every_generator_and_again_with_the_same() -> None:
    first, same, other = (preprocess.sampled_bits(PIXELS, generator(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_the_permutation_is_one_for_all_images_and_loses_no_pixel() -> None:
    images = np.stack([PIXELS[0], PIXELS[0] // 2])
    permuted = preprocess.permuted(images, seed=3)
    order = preprocess.pixel_order(256, 3)
    np.testing.assert_array_equal(permuted[:, np.argsort(order)], images.reshape(2, 256))
    np.testing.assert_array_equal(permuted[1], permuted[0] // 2)
    assert (preprocess.pixel_order(256, 4) != order).any()


def test_the_permutation_of_a_seed_is_always_the_same() -> None:
    """The first places of seed 0 for 784 pixels, by numpy's frozen RandomState; recorded at this test's first run."""
    assert preprocess.pixel_order(784, 0)[:5].tolist() == [693, 85, 647, 392, 765]
