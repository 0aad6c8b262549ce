"""Piano rolls are cut into the sequences that the file says."""

from pathlib import Path

import numpy as np
import pytest

from repro.contracts import MissingData
from repro.data.kinds.music import piano_rolls


def write(folder: Path, lengths: dict[str, list[int]], frames: int = 5) -> dict[str, np.ndarray]:
    rolls = {split: np.random.default_rng(k).integers(0, 2, (frames, 88)) for k, split in enumerate(lengths)}
    named = {f"{split}_bits": np.packbits(roll, axis=1) for split, roll in rolls.items()}
    named |= {f"{split}_lengths": np.array(values, dtype=np.int32) for split, values in lengths.items()}
    np.savez(folder / "Toy.npz", allow_pickle=False, **named)
    return rolls


def test_sequences_are_cut_by_their_lengths(tmp_path: Path) -> None:
    rolls = write(tmp_path, {"train": [2, 3], "valid": [5], "test": [1, 1, 3]})
    loaded = piano_rolls(tmp_path, "Toy", "toy")
    assert {name: [len(part) for part in parts] for name, parts in loaded.splits.items()} == {
        "train": [2, 3],
        "valid": [5],
        "test": [1, 1, 3],
    }
    for name, parts in loaded.splits.items():
        np.testing.assert_array_equal(np.concatenate(parts), rolls[name])


def test_the_checksum_follows_the_cuts(tmp_path: Path) -> None:
    write(tmp_path, {"train": [2, 3], "valid": [5], "test": [5]})
    first = piano_rolls(tmp_path, "Toy", "toy").checksum
    write(tmp_path, {"train": [3, 2], "valid": [5], "test": [5]})
    assert piano_rolls(tmp_path, "Toy", "toy").checksum != first


def test_lengths_that_do_not_add_up_and_missing_splits_are_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match=r"Toy\.npz is not in"):
        piano_rolls(tmp_path, "Toy", "toy")
    write(tmp_path, {"train": [2, 2], "valid": [5], "test": [5]})
    with pytest.raises(ValueError, match="the lengths of train do not add up to its 5 frames"):
        piano_rolls(tmp_path, "Toy", "toy")
    write(tmp_path, {"train": [5]})
    with pytest.raises(ValueError, match="is no numpy archive with train_bits"):
        piano_rolls(tmp_path, "Toy", "toy")


@pytest.mark.parametrize(
    ("stem", "counts"),
    [
        ("JSB_Chorales", (229, 76, 77)),
        ("MuseData", (524, 135, 124)),
        ("Nottingham", (694, 173, 170)),
        ("Piano_midi", (87, 12, 25)),
    ],
)
def test_the_official_splits_have_their_sequences(real_data: Path, stem: str, counts: tuple[int, ...]) -> None:
    splits = piano_rolls(real_data / "poly_music", stem, stem.lower()).splits
    assert tuple(len(parts) for parts in splits.values()) == counts
    assert all(part.shape[1] == 88 for parts in splits.values() for part in parts)
