"""Every distributed format is read as its definition says, from files written here and the real ones where at hand."""

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from sklearn.model_selection import train_test_split

from repro.contracts import MissingData
from repro.data.kinds import image_files
from repro.data.kinds.image_files import idx, of_class, stl_10_folds
from repro.data.kinds.images import Images

RANDOM = np.random.default_rng(0)


def labels_of(images: Images, split: str) -> np.ndarray:
    labels = images.splits[split].labels
    assert labels is not None
    return labels


def pixels(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def write_mnist(folder: Path, pack: Callable[[bytes], bytes], suffix: str) -> dict[str, np.ndarray]:
    written = {}
    for stem, count in (("train", 5), ("t10k", 3)):
        images, labels = pixels(count, 4, 6), np.arange(count, dtype=np.uint8)
        head = b"\0\0\x08\x03" + np.array([count, 4, 6], ">u4").tobytes()
        (folder / f"{stem}-images-idx3-ubyte{suffix}").write_bytes(pack(head + images.tobytes()))
        head = b"\0\0\x08\x01" + np.array([count], ">u4").tobytes()
        (folder / f"{stem}-labels-idx1-ubyte{suffix}").write_bytes(pack(head + labels.tobytes()))
        written[stem] = images
    return written


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, ".gz"), (lzma.compress, ".xz"), (bytes, "")])
def test_mnist_is_read_from_idx_files_packed_or_not(
    tmp_path: Path, pack: Callable[[bytes], bytes], suffix: str
) -> None:
    written = write_mnist(tmp_path, pack, suffix)
    loaded = image_files.mnist(tmp_path)
    np.testing.assert_array_equal(loaded.splits["train"].images[..., 0], written["train"])
    np.testing.assert_array_equal(loaded.splits["test"].images[..., 0], written["t10k"])
    np.testing.assert_array_equal(labels_of(loaded, "train"), range(5))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\0\0\x0d\x01" + bytes(8), "is no idx file of bytes: it begins with 00000d01"),
        (b"\0\0\x08", "is no idx file of bytes"),
        (b"\0\0\x08\x01" + np.array([5], ">u4").tobytes() + bytes(4), "must hold 5 bytes, it holds 4"),
    ],
)
def test_a_damaged_idx_file_is_an_error(tmp_path: Path, raw: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(ValueError, match=message):
        idx(tmp_path / "x")


def test_one_class_is_cut_out_of_every_split(tmp_path: Path) -> None:
    written = write_mnist(tmp_path, bytes, "")
    ones = of_class(image_files.mnist(tmp_path), 1, "ones")
    np.testing.assert_array_equal(ones.splits["train"].images[..., 0], written["train"][1:2])
    assert (ones.name, len(ones.splits["test"])) == ("ones", 1)


@pytest.mark.parametrize("scale", [1, 255])
def test_nist_is_cut_as_by_the_code_s_train_test_split(tmp_path: Path, scale: int) -> None:
    images = pixels(33, 28, 28)
    np.save(tmp_path / "nist.digit.1.npy", images if scale == 1 else images.reshape(33, -1) / np.float32(scale))
    loaded = image_files.nist_digit_1(tmp_path)
    train, test = train_test_split(images, test_size=0.15, random_state=0)
    np.testing.assert_array_equal(loaded.splits["train"].images[..., 0], train)
    np.testing.assert_array_equal(loaded.splits["test"].images[..., 0], test)


def test_nist_of_other_values_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "nist.digit.1.npy", np.full((2, 784), 255.0))
    with pytest.raises(ValueError, match=r"must hold bytes or values from 0 to 1, it has 255\.0 to 255\.0"):
        image_files.nist_digit_1(tmp_path)


def test_binarised_mnist_is_the_same_from_packed_bits_and_from_text(tmp_path: Path) -> None:
    bits = {split: RANDOM.integers(0, 2, (count, 784)) for split, count in (("train", 4), ("valid", 2), ("test", 3))}
    (tmp_path / "packed").mkdir()
    np.savez(
        tmp_path / "packed" / "binarized_mnist.npz",
        allow_pickle=False,
        **{split: np.packbits(rows, axis=1) for split, rows in bits.items()},
    )
    for split, rows in bits.items():
        np.savetxt(tmp_path / f"binarized_mnist_{split}.amat", rows, fmt="%d")
    packed, text = image_files.mnist_binary(tmp_path / "packed"), image_files.mnist_binary(tmp_path)
    assert packed.checksum == text.checksum
    np.testing.assert_array_equal(packed.splits["valid"].images.reshape(2, 784), bits["valid"] * 255)


def test_rows_of_bits_are_images_one_pixel_high_without_the_bits_that_fill_the_last_byte(tmp_path: Path) -> None:
    bits = {split: RANDOM.integers(0, 2, (count, 11)) for split, count in (("train", 4), ("valid", 2), ("test", 3))}
    packed = {split: np.packbits(rows, axis=1) for split, rows in bits.items()}
    np.savez(tmp_path / "x.npz", allow_pickle=False, columns=np.array(11), **packed)
    loaded = image_files.binary_rows(tmp_path, "rows", "x.npz")
    assert (loaded.name, list(loaded.splits)) == ("rows", ["train", "valid", "test"])
    for split, rows in bits.items():
        np.testing.assert_array_equal(loaded.splits[split].images, rows[:, None, :, None] * 255)


def cifar_records(count: int, label_bytes: int) -> tuple[bytes, np.ndarray, np.ndarray]:
    images, labels = pixels(count, 3, 32, 32), RANDOM.integers(0, 10, (count, label_bytes), dtype=np.uint8)
    raw = b"".join(label.tobytes() + image.tobytes() for label, image in zip(labels, images, strict=True))
    return raw, images.transpose(0, 2, 3, 1), labels[:, -1]


def test_cifar_10_is_read_from_records_in_the_order_of_the_batches(tmp_path: Path) -> None:
    (tmp_path / "batches.meta.txt").write_text("airplane\nbird\n\n")
    parts = [cifar_records(2, 1) for _ in range(6)]
    for name, (raw, _, _) in zip([*image_files.CIFAR_BATCHES, "test_batch.bin"], parts, strict=True):
        (tmp_path / name).write_bytes(raw)
    loaded = image_files.cifar_10(tmp_path)
    np.testing.assert_array_equal(loaded.splits["train"].images, np.concatenate([images for _, images, _ in parts[:5]]))
    np.testing.assert_array_equal(labels_of(loaded, "train"), np.concatenate([labels for _, _, labels in parts[:5]]))
    np.testing.assert_array_equal(loaded.splits["test"].images, parts[5][1])
    assert loaded.classes == ("airplane", "bird")


def test_a_part_of_cifar_s_test_batch_is_not_called_test(tmp_path: Path) -> None:
    (tmp_path / "batches.meta.txt").write_text("airplane")
    for name in (*image_files.CIFAR_BATCHES, "test_batch.first1000.bin"):
        (tmp_path / name).write_bytes(cifar_records(2, 1)[0])
    assert set(image_files.cifar_10(tmp_path).splits) == {"train", "test-first-1000"}
    (tmp_path / "test_batch.first1000.bin").unlink()
    with pytest.raises(MissingData, match=r"test_batch\.bin is not in"):
        image_files.cifar_10(tmp_path)


def test_a_truncated_batch_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1.bin").write_bytes(cifar_records(2, 1)[0][:-1])
    with pytest.raises(ValueError, match="must hold records of 3073 bytes, it holds 6,145 bytes"):
        image_files.cifar_10(tmp_path)


def test_cifar_100_has_the_fine_label_the_second_of_a_record(tmp_path: Path) -> None:
    (tmp_path / "fine_label_names.txt").write_text("apple\n")
    raw, images, labels = cifar_records(3, 2)
    for name in ("train.bin", "test.bin"):
        (tmp_path / name).write_bytes(raw)
    loaded = image_files.cifar_100(tmp_path)
    np.testing.assert_array_equal(labels_of(loaded, "train"), labels)
    np.testing.assert_array_equal(loaded.splits["test"].images, images)


def test_svhn_has_its_axes_in_order_and_zero_for_the_digit_0(tmp_path: Path) -> None:
    written = {}
    for name, count in (("train", 3), ("test", 2), ("extra", 2)):
        written[name] = pixels(32, 32, 3, count)
        savemat(tmp_path / f"{name}_32x32.mat", {"X": written[name], "y": np.array([[10], [1], [9]][:count], np.uint8)})
    loaded = image_files.svhn(tmp_path)
    assert set(loaded.splits) == {"train", "test"}
    np.testing.assert_array_equal(loaded.splits["train"].images[1], written["train"][..., 1])
    np.testing.assert_array_equal(labels_of(loaded, "train"), [0, 1, 9])
    assert len(image_files.svhn(tmp_path, extra=True).splits["extra"]) == 2


def test_a_damaged_matlab_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "train_32x32.mat").write_bytes(b"MATLAB 5.0 MAT-file, but not really" * 20)
    with pytest.raises(ValueError, match="is no MATLAB file with X and y"):
        image_files.svhn(tmp_path)


def test_stl_10_is_read_by_column_colour_by_colour(tmp_path: Path) -> None:
    images = pixels(2, 96, 96, 3)
    raw = images.transpose(0, 3, 2, 1).tobytes()  # colour, column, row
    for name in ("train", "test"):
        (tmp_path / f"{name}_X.bin").write_bytes(raw)
        (tmp_path / f"{name}_y.bin").write_bytes(bytes([10, 1]))
    (tmp_path / "class_names.txt").write_text("airplane\nbird\n")
    (tmp_path / "fold_indices.txt").write_text("1 0 \n0 \n")
    loaded = image_files.stl_10(tmp_path)
    np.testing.assert_array_equal(loaded.splits["train"].images, images)
    np.testing.assert_array_equal(labels_of(loaded, "test"), [9, 0])
    assert set(loaded.splits) == {"train", "test"}
    (tmp_path / "unlabeled_X.bin").write_bytes(raw)
    assert image_files.stl_10(tmp_path).splits["unlabelled"].labels is None
    assert [fold.tolist() for fold in stl_10_folds(tmp_path)] == [[1, 0], [0]]


@pytest.mark.parametrize("size", [32, 64])
def test_small_imagenet_is_read_from_rows_colour_by_colour(tmp_path: Path, size: int) -> None:
    images = pixels(11, 3, size, size)
    for row, name in enumerate([*image_files.IMAGENET_BATCHES, "val_data.npz"]):
        np.savez(tmp_path / name, data=images[row : row + 1].reshape(1, -1), labels=np.array([1 + 99 * row]))
    loaded = image_files.imagenet_small(tmp_path, size)
    np.testing.assert_array_equal(loaded.splits["train"].images, images[:10].transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(labels_of(loaded, "train"), 99 * np.arange(10))
    assert labels_of(loaded, "valid") == [990]
    assert loaded.name == f"imagenet-{size}"
    with pytest.raises(ValueError, match="holds rows of shape"):
        image_files.imagenet_small(tmp_path, 96 - size)


def test_pickles_are_not_read(tmp_path: Path) -> None:
    np.save(tmp_path / "nist.digit.1.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="is no numpy array"):
        image_files.nist_digit_1(tmp_path)
    np.savez(tmp_path / "olivetti_faces.npz", images=np.array([{}], dtype=object), subject=np.zeros(1))
    with pytest.raises(ValueError, match="is no numpy archive with images, subject"):
        image_files.olivetti_faces(tmp_path)


@pytest.mark.parametrize(
    "loader", ["cifar_10", "cifar_100", "frey_faces", "mnist", "mnist_binary", "nist_digit_1", "olivetti_faces",
               "omniglot_small", "stl_10", "svhn"]
)  # fmt: skip
def test_an_empty_folder_is_missing_data(tmp_path: Path, loader: str) -> None:
    with pytest.raises(MissingData, match="put the files of the data set there"):
        getattr(image_files, loader)(tmp_path)


def test_mnist_is_the_real_one(real_data: Path) -> None:
    """Class counts of digit 1: 6,742 and 1,135 (fact sheet)."""
    loaded = image_files.mnist(real_data / "mnist")
    assert loaded.splits["train"].images.shape == (60_000, 28, 28, 1)
    assert loaded.splits["test"].images.shape == (10_000, 28, 28, 1)
    ones = of_class(loaded, 1, "mnist-digit-1")
    assert (len(ones.splits["train"]), len(ones.splits["test"])) == (6_742, 1_135)


def test_binarised_mnist_is_a_binarisation_of_mnist(real_data: Path) -> None:
    """In another order, so pixel by pixel on average: within five standard errors of 50,000 bits."""
    loaded = image_files.mnist_binary(real_data / "binarized_mnist")
    assert {name: len(split) for name, split in loaded.splits.items()} == {
        "train": 50_000,
        "valid": 10_000,
        "test": 10_000,
    }
    binary, gray = loaded.splits["train"].images, image_files.mnist(real_data / "mnist").splits["train"].images
    assert set(np.unique(binary)) == {0, 255}
    error = np.abs(binary.mean(axis=0) - gray.mean(axis=0)) / 255
    assert error.max() < 5 * 0.5 / np.sqrt(50_000)


def test_a_row_of_dna_has_one_of_four_letters_at_each_of_60_places(real_data: Path) -> None:
    """A letter is one bit of three, or none: 60 places of 3 bits make the 180 columns."""
    loaded = image_files.binary_rows(real_data / "binary_density", "dna", "dna.npz")
    assert {name: split.images.shape for name, split in loaded.splits.items()} == {
        "train": (1_400, 1, 180, 1), "valid": (600, 1, 180, 1), "test": (1_186, 1, 180, 1),
    }  # fmt: skip
    assert (loaded.splits["test"].images.reshape(-1, 60, 3) // 255).sum(axis=2).max() == 1


@pytest.mark.long
def test_cifar_10_has_the_known_channel_means(real_data: Path) -> None:
    """.4914 .4822 .4465 of 255 over the training images."""
    loaded = image_files.cifar_10(real_data / "cifar10")
    train = loaded.splits["train"]
    np.testing.assert_allclose(train.images.reshape(-1, 3).mean(axis=0) / 255, [0.4914, 0.4822, 0.4465], atol=5e-5)
    np.testing.assert_array_equal(np.bincount(labels_of(loaded, "train")), 5_000)


def test_the_faces_and_characters_are_the_real_ones(real_data: Path) -> None:
    olivetti = image_files.olivetti_faces(real_data / "olivetti")
    np.testing.assert_array_equal(np.bincount(labels_of(olivetti, "train")), 10)
    assert (len(olivetti.splits["train"]), len(olivetti.splits["test"])) == (300, 100)
    assert not set(labels_of(olivetti, "train")) & set(labels_of(olivetti, "test"))
    frey = image_files.frey_faces(real_data / "frey_faces")
    assert [len(split) for split in frey.splits.values()] == [1_565, 200, 200]
    omniglot = image_files.omniglot_small(real_data / "omniglot")
    for split, characters in (("small-1", 136), ("small-2", 156)):
        np.testing.assert_array_equal(np.bincount(labels_of(omniglot, split)), [20] * characters)
        assert 0.01 < (omniglot.splits[split].images == 255).mean() < 0.1  # ink is the rare value
