"""Images as vectors: one scale for a whole set, and moments that do not depend on how it is read."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from sklearn.decomposition import PCA

from repro.data.kinds import vectors
from repro.data.kinds.images import Images, Split, digits
from repro.data.kinds.vectors import Vectors, as_vectors, principal_components

DATA = digits()


def train(pixels: vectors.Pixels = "over-255") -> Vectors:
    return as_vectors(DATA.splits["train"], DATA, pixels)


def test_standardised_pixels_have_mean_0_and_average_variance_1_over_the_whole_set() -> None:
    """float32 has 7 digits, and values go up to about 4."""
    rows = np.concatenate([as_vectors(split, DATA, "standardised").rows() for split in DATA.splits.values()])
    np.testing.assert_allclose(rows.mean(axis=0, dtype=np.float64), 0, atol=1e-6)
    assert rows.var(axis=0, dtype=np.float64).mean() == pytest.approx(1, rel=1e-6)


def test_standardising_scales_by_one_number() -> None:
    """Distances between images all change by one factor."""
    plain, standardised = train(), train("standardised")
    first, second = (np.linalg.norm(each.rows()[1:50] - each.rows()[0], axis=1) for each in (plain, standardised))
    assert np.ptp(second / first) < 1e-5 * (second / first)[0]  # float32


def test_pixels_over_255_are_that() -> None:
    images = DATA.splits["train"].images
    np.testing.assert_array_equal(train().rows(), (images.reshape(len(images), -1) / 255).astype(np.float32))
    np.testing.assert_array_equal(train().rows(np.array([5, 3])), train().rows()[[5, 3]])


def test_moments_do_not_depend_on_blocks_and_are_numpy_s() -> None:
    rows = train().rows().astype(np.float64)
    for size in (97, 5_000):
        with patch.object(vectors, "BLOCK", size):
            data = train()
            np.testing.assert_allclose(data.mean, rows.mean(axis=0), atol=1e-14)
            np.testing.assert_allclose(data.covariance, np.cov(rows.T, bias=True), atol=1e-14)
            np.testing.assert_array_equal(np.concatenate(list(data.blocks())), train().rows())


def test_principal_components_are_scikit_learn_s_up_to_sign() -> None:
    found, expected = principal_components(train(), 9), PCA(9).fit(train().rows().astype(np.float64)).components_.T
    np.testing.assert_allclose(np.abs((found * expected).sum(axis=0)), 1, rtol=1e-10)  # eigenvalues are far apart
    np.testing.assert_allclose(found.T @ found, np.eye(9), atol=1e-12)


def test_more_components_than_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="of 64 numbers have 1 to 64 principal components, not 65"):
        principal_components(train(), 65)


def test_images_that_are_all_the_same_cannot_be_standardised() -> None:
    grey = Split(np.full((7, 2, 2, 1), 9, dtype=np.uint8))
    with pytest.raises(ValueError, match="no variance to scale"):
        as_vectors(grey, Images("grey", {"train": grey}), "standardised")
