"""Images are uint8 arrays that nobody writes to, and their checksum follows their contents."""

import numpy as np
import pytest

from repro.data.kinds.images import Images, Split, digits
from repro.registry import DATASETS

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.integers(0, 256, (7, 5, 3, 2), dtype=np.uint8)
LABELS = np.arange(7, dtype=np.int64) % 3


def test_the_checksum_follows_pixels_labels_and_names_of_splits() -> None:
    def checksum(pixels: np.ndarray, labels: np.ndarray | None, name: str = "train") -> str:
        return Images("x", {name: Split(pixels.copy(), labels)}).checksum

    changed = PIXELS.copy()
    changed[6, 4, 2, 1] ^= 1
    different = {
        checksum(PIXELS, LABELS),
        checksum(changed, LABELS),
        checksum(PIXELS, None),
        checksum(PIXELS, LABELS[::-1].copy()),
        checksum(PIXELS, LABELS, "test"),
        checksum(PIXELS.reshape(7, 3, 5, 2), LABELS),
    }
    assert len(different) == 6
    assert checksum(PIXELS, LABELS) == checksum(PIXELS, LABELS)


def test_a_view_with_swapped_axes_has_the_checksum_of_its_copy() -> None:
    view = PIXELS.transpose(0, 2, 1, 3)
    assert not view.flags.c_contiguous
    first, second = (Images("x", {"train": Split(array)}).checksum for array in (view, np.ascontiguousarray(view)))
    assert first == second


def test_more_images_than_are_hashed_at_a_time_all_count() -> None:
    many = np.zeros((4_097, 1, 1, 1), dtype=np.uint8)
    changed = many.copy()
    changed[-1] = 1
    assert Images("x", {"train": Split(many)}).checksum != Images("x", {"train": Split(changed)}).checksum


def test_taking_keeps_images_with_their_labels() -> None:
    taken = Split(PIXELS, LABELS).take(np.array([5, 0]))
    np.testing.assert_array_equal(taken.images, PIXELS[[5, 0]])
    assert taken.labels is not None
    np.testing.assert_array_equal(taken.labels, LABELS[[5, 0]])
    assert len(taken) == 2


def test_images_cannot_be_written_to() -> None:
    split = Split(PIXELS.copy(), LABELS.copy())
    with pytest.raises(ValueError, match="read-only"):
        split.images[0] = 0


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (PIXELS[0], None, r"expected images \(N, H, W, C\) uint8, got uint8\(5, 3, 2\)"),
        (PIXELS / 255, None, r"expected images \(N, H, W, C\) uint8, got float64"),
        (PIXELS, LABELS[:3], r"expected labels \(7,\) int64, got int64\(3,\)"),
        (PIXELS, LABELS.astype(np.uint8), r"expected labels \(7,\) int64, got uint8\(7,\)"),
    ],
)
def test_arrays_of_another_kind_are_an_error(images: np.ndarray, labels: np.ndarray | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Split(images, labels)


def test_the_digits_are_scikit_learn_s_with_levels_stretched_to_a_byte() -> None:
    from sklearn.datasets import load_digits

    ours = digits()
    stretched = np.concatenate([split.images[..., 0] for split in ours.splits.values()])
    data, target = load_digits(return_X_y=True)
    np.testing.assert_array_equal(np.round(stretched / 255 * 16).reshape(-1, 64), data)
    np.testing.assert_array_equal(
        np.concatenate([split.labels for split in ours.splits.values() if split.labels is not None]), target
    )
    assert {name: len(split) for name, split in ours.splits.items()} == {"train": 1297, "valid": 200, "test": 300}
    assert (stretched.min(), stretched.max()) == (0, 255)


def test_the_registry_has_the_digits_as_they_always_were() -> None:
    """The checksum is that of this test's first run, over scikit-learn's file, which is part of its releases."""
    loaded = DATASETS.load("digits")()
    assert loaded.name == "digits"
    assert loaded.checksum == "6d562b3804347849e6da3f9462d1eac8f454fb7ff1f01e13138115baabd5bc5d"
