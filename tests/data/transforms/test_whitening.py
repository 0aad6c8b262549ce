"""Whitened training images have the identity as covariance, and the way there is the shortest one."""

import numpy as np
import pytest

from repro.data.kinds.images import digits
from repro.data.transforms.whitening import Whitening, contrast_normalised

RANDOM = np.random.default_rng(0)
MIXED = (RANDOM.normal(size=(500, 12)) @ RANDOM.normal(size=(12, 12)) + RANDOM.normal(size=12)).reshape(500, 2, 3, 2)


def covariance(images: np.ndarray) -> np.ndarray:
    return np.cov(images.reshape(len(images), -1), rowvar=False, bias=True)


def test_the_covariance_of_whitened_images_is_the_identity() -> None:
    """Exactly, in float64; the tolerance is that of float32 results over 500 images."""
    np.testing.assert_allclose(covariance(Whitening.fit(MIXED, 0.0)(MIXED)), np.eye(12), atol=5e-6)


def test_with_epsilon_it_is_the_identity_up_to_epsilon_over_the_variance() -> None:
    """U S / (S + epsilon) U^T, from the singular values of the data matrix: another way than the code's."""
    flat = MIXED.reshape(500, -1) - MIXED.reshape(500, -1).mean(axis=0)
    _, singular, V = np.linalg.svd(flat, full_matrices=False)
    S = singular**2 / 500
    whitening = Whitening.fit(MIXED, 0.3)
    np.testing.assert_allclose(whitening.forward, (V.T / np.sqrt(S + 0.3)) @ V, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(covariance(whitening(MIXED)), (V.T * (S / (S + 0.3))) @ V, atol=5e-6)


def test_more_images_than_are_taken_at_a_time_all_count() -> None:
    many = RANDOM.normal(size=(4_500, 3)) * [1, 2, 3] + 5
    np.testing.assert_allclose(covariance(Whitening.fit(many, 0.0)(many)), np.eye(3), atol=5e-6)


def test_the_inverse_gives_the_images_back() -> None:
    whitening = Whitening.fit(MIXED, 0.1)
    np.testing.assert_allclose(whitening.inverse(whitening(MIXED)), MIXED, atol=1e-5)  # float32 in between
    assert whitening(MIXED).dtype == np.float32


def test_test_images_are_whitened_with_the_training_images_mean_and_covariance() -> None:
    whitening = Whitening.fit(MIXED[:400], 0.0)
    expected = (MIXED[400:].reshape(100, -1) - MIXED[:400].reshape(400, -1).mean(axis=0)) @ whitening.forward
    np.testing.assert_allclose(whitening(MIXED[400:]).reshape(100, -1), expected, rtol=1e-5, atol=1e-6)


def test_images_with_dead_pixels_need_an_epsilon() -> None:
    images = digits().splits["train"].images
    with pytest.raises(ValueError, match=r"the covariance of the images is singular: epsilon 0\.0 must be larger"):
        Whitening.fit(images, 0.0)
    assert np.isfinite(Whitening.fit(images, 10.0)(images)).all()
    with pytest.raises(ValueError, match="epsilon must not be negative"):
        Whitening.fit(images, -1.0)


def test_contrast_normalised_images_have_mean_zero_and_norm_scale_and_plain_ones_are_zero() -> None:
    images = np.concatenate([digits().splits["test"].images[:5], np.full((1, 8, 8, 1), 9, np.uint8)])
    flat = contrast_normalised(images).reshape(6, -1)
    np.testing.assert_allclose(flat.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(flat[:5], axis=1), 55, rtol=1e-12)
    np.testing.assert_array_equal(flat[5], 0)
