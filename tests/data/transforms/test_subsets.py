"""Labelled subsets have exact counts of every class and are those of their seed, in every process."""

import subprocess
import sys

import numpy as np
import pytest

from repro.data.transforms.subsets import held_out, labelled_subset, without

LABELS = np.random.default_rng(0).integers(0, 10, 1_000)


@pytest.mark.parametrize("count", [10, 100, 500])
def test_every_class_has_equally_many_labels(count: int) -> None:
    chosen = labelled_subset(LABELS, count, seed=1)
    np.testing.assert_array_equal(np.bincount(LABELS[chosen], minlength=10), count // 10)
    assert len(np.unique(chosen)) == count


def test_the_subset_is_that_of_the_code_s_loop() -> None:
    """kimiyoung/ssl_bad_gan, data.py, written out: shuffle indices, then mark the first of every class."""
    indices = np.arange(1_000)
    np.random.RandomState(5).shuffle(indices)
    mask = np.zeros(1_000, dtype=bool)
    for kind in range(10):
        mask[np.where(LABELS[indices] == kind)[0][:10]] = True
    np.testing.assert_array_equal(labelled_subset(LABELS, 100, seed=5), indices[mask])


def test_a_larger_subset_of_a_seed_contains_the_smaller_one() -> None:
    assert set(labelled_subset(LABELS, 100, seed=2)) < set(labelled_subset(LABELS, 200, seed=2))
    assert set(labelled_subset(LABELS, 100, seed=2)) != set(labelled_subset(LABELS, 100, seed=3))


def test_another_process_finds_the_same_subset() -> None:
    code = (
        "import numpy as np; from repro.data.transforms.subsets import labelled_subset; "
        "labels = np.random.default_rng(0).integers(0, 10, 1_000); print(labelled_subset(labels, 50, 7).tolist())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(labelled_subset(LABELS, 50, 7).tolist())


def test_subsets_that_cannot_be_balanced_are_errors() -> None:
    with pytest.raises(ValueError, match="105 labels cannot be shared equally by 10 classes"):
        labelled_subset(LABELS, 105, 1)
    with pytest.raises(ValueError, match="0 labels cannot be shared equally by 10 classes"):
        labelled_subset(LABELS, 0, 1)
    with pytest.raises(ValueError, match=r"class 1 has 1 examples, 2 are to be labelled"):
        labelled_subset(np.array([0, 0, 1]), 4, 1)


def test_the_rest_is_everything_else_in_order() -> None:
    chosen = labelled_subset(LABELS, 100, seed=1)
    rest = without(1_000, chosen)
    np.testing.assert_array_equal(np.sort(np.concatenate([chosen, rest])), np.arange(1_000))
    assert (np.diff(rest) > 0).all()


def test_what_is_held_out_is_of_its_size_and_not_left_in() -> None:
    train, valid = held_out(50, 8, seed=0)
    assert (len(train), len(valid)) == (42, 8)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, valid])), np.arange(50))
    for share in (0, 50):
        with pytest.raises(ValueError, match=f"of 50 examples between 1 and 49 can be held out, got {share}"):
            held_out(50, share, 0)
