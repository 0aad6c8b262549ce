"""Sets of images from the files that they are distributed as: idx, binary records, MATLAB and numpy archives.

Every loader takes the folder of the files, which may carry a further `.xz` or `.gz`, reads no pickles, and raises
MissingData for a file that is not there and ValueError for one that is damaged, each in one line.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from repro.data.kinds.images import Images, Split
from repro.data.kinds.reading import array, arrays, contents, is_there, path_of
from repro.data.sources.packed import opened

CIFAR_BATCHES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
IMAGENET_BATCHES = tuple(f"train_data_batch_{number}.npz" for number in range(1, 11))
OLIVETTI_TRAINING_SUBJECTS = 30
FREY_VALID, FREY_TEST, FREY_SEED = 200, 200, 0
NIST_TEST_SHARE, NIST_SEED = 0.15, 0


def mnist(folder: Path) -> Images:
    """MNIST: 60,000 train and 10,000 test images of 28x28x1, from the four idx files."""
    splits = {}
    for split, stem in (("train", "train"), ("test", "t10k")):
        images = idx(path_of(folder, f"{stem}-images-idx3-ubyte", f"{stem}-images.idx3-ubyte"))
        labels = idx(path_of(folder, f"{stem}-labels-idx1-ubyte", f"{stem}-labels.idx1-ubyte"))
        splits[split] = Split(images[..., None], labels.astype(np.int64))
    return Images("mnist", splits, tuple("0123456789"))


def idx(path: Path) -> np.ndarray:
    """The uint8 array of an idx file: two zero bytes, type 8, the number of axes, their lengths, then the values."""
    raw = contents(path)
    if raw[:3] != b"\0\0\x08" or len(raw) < 4 or len(raw) < 4 + 4 * raw[3]:
        raise ValueError(f"{path} is no idx file of bytes: it begins with {raw[:4].hex()}; replace it")
    shape = np.frombuffer(raw, ">u4", raw[3], offset=4)
    values = np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape))
    if values.size != shape.prod(dtype=np.int64):
        raise ValueError(f"{path} must hold {'x'.join(map(str, shape))} bytes, it holds {values.size:,}; replace it")
    return values.reshape(shape)


def of_class(images: Images, label: int, name: str) -> Images:
    """The images of one class, for example the digit 1 of MNIST (6,742 train, 1,135 test) in place of that of NIST."""
    return Images(name, {key: split.take(_labels(split) == label) for key, split in images.splits.items()})


def nist_digit_1(folder: Path) -> Images:
    """The digit 1 of NIST SD19 at 28x28 pixels, from `nist.digit.1.npy`: uint8, or floats from 0 to 1; any flat shape.

    85 % train, 15 % test, cut as by train_test_split(test_size=0.15, random_state=0) of scikit-learn.
    Code: zihangdai/cegan_iclr2017, knn_nist/load.py (the arrays themselves were never released with it)
    """
    path = path_of(folder, "nist.digit.1.npy")
    values = array(path)
    if values.dtype != np.uint8:
        if not 0 <= values.min() <= values.max() <= 1:
            raise ValueError(f"{path} must hold bytes or values from 0 to 1, it has {values.min()} to {values.max()}")
        values = np.round(values * 255).astype(np.uint8)
    images = values.reshape(-1, 28, 28, 1)
    test = int(np.ceil(NIST_TEST_SHARE * len(images)))
    order = np.random.RandomState(NIST_SEED).permutation(len(images))
    return Images("nist-digit-1", {"train": Split(images[order[test:]]), "test": Split(images[order[:test]])})


def mnist_binary(folder: Path) -> Images:
    """Larochelle's fixed binarisation of MNIST, pixels 0 or 255: 50,000 train, 10,000 valid, 10,000 test, no labels.

    From `binarized_mnist.npz` (bits packed by row) or the three `.amat` files of text.
    """
    if is_there(folder, "binarized_mnist.npz"):
        packed = arrays(path_of(folder, "binarized_mnist.npz"), "train", "valid", "test")
        bits = {name: np.unpackbits(rows, axis=1, count=784) for name, rows in packed.items()}
    else:
        names = {split: f"binarized_mnist_{split}.amat" for split in ("train", "valid", "test")}
        bits = {split: _text_bits(path_of(folder, name)) for split, name in names.items()}
    return Images(
        "mnist-binary", {name: Split(rows.reshape(-1, 28, 28, 1) * np.uint8(255)) for name, rows in bits.items()}
    )


def binary_rows(folder: Path, name: str, file: str) -> Images:
    """Rows of D bits, pixels 0 or 255 of images one pixel high: (N, 1, D, 1), splits train, valid and test, no labels.

    From an archive of `train`, `valid` and `test`, bits packed by row, and `columns`, how many bits a row has.
    """
    packed = arrays(path_of(folder, file), "train", "valid", "test", "columns")
    columns = int(packed.pop("columns"))
    bits = {split: np.unpackbits(rows, axis=1, count=columns) for split, rows in packed.items()}
    return Images(name, {split: Split(rows.reshape(-1, 1, columns, 1) * np.uint8(255)) for split, rows in bits.items()})


def cifar_10(folder: Path) -> Images:
    """CIFAR-10: 50,000 train and 10,000 test images of 32x32x3, from the binary version.

    Where only `test_batch.first1000.bin` is there, the split is called `test-first-1000`: no stand-in for the test set.
    """
    splits = {"train": _joined([_records(path_of(folder, name), 1) for name in CIFAR_BATCHES])}
    if is_there(folder, "test_batch.bin") or not is_there(folder, "test_batch.first1000.bin"):
        splits["test"] = _records(path_of(folder, "test_batch.bin"), 1)
    else:
        splits["test-first-1000"] = _records(path_of(folder, "test_batch.first1000.bin"), 1)
    return Images("cifar-10", splits, _names(path_of(folder, "batches.meta.txt")))


def cifar_100(folder: Path) -> Images:
    """CIFAR-100 with its 100 fine labels: 50,000 train and 10,000 test images of 32x32x3, from the binary version."""
    splits = {name: _records(path_of(folder, f"{name}.bin"), 2) for name in ("train", "test")}
    return Images("cifar-100", splits, _names(path_of(folder, "fine_label_names.txt")))


def svhn(folder: Path, *, extra: bool = False) -> Images:
    """Street view house numbers, cropped digits of 32x32x3: 73,257 train, 26,032 test, with `extra` 531,131 more.

    The files label the digit 0 with 10; here it is 0.
    """
    from scipy.io import loadmat

    splits = {}
    for name in ("train", "test", *(("extra",) if extra else ())):
        path = path_of(folder, f"{name}_32x32.mat")
        try:
            with opened(path) as file:
                loaded = loadmat(file, variable_names=["X", "y"])  # type: ignore[arg-type]  # stubs know paths alone
            images, labels = loaded["X"], loaded["y"]
        except (KeyError, NotImplementedError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is no MATLAB file with X and y: {error}; replace it") from error
        splits[name] = Split(images.transpose(3, 0, 1, 2), labels[:, 0].astype(np.int64) % 10)
    return Images("svhn", splits, tuple("0123456789"))


def stl_10(folder: Path) -> Images:
    """STL-10, 96x96x3: 5,000 train, 8,000 test, 100,000 unlabelled where at hand. Labels 0 to 9 (1 to 10 in the files).

    Pixels lie in the files by column, the three colours one after another.
    """
    splits = {}
    for name in ("train", "test"):
        labels = np.frombuffer(contents(path_of(folder, f"{name}_y.bin")), np.uint8).astype(np.int64) - 1
        splits[name] = Split(_columns(path_of(folder, f"{name}_X.bin")), labels)
    if is_there(folder, "unlabeled_X.bin"):
        splits["unlabelled"] = Split(_columns(path_of(folder, "unlabeled_X.bin")))
    return Images("stl-10", splits, _names(path_of(folder, "class_names.txt")))


def stl_10_folds(folder: Path) -> tuple[np.ndarray, ...]:
    """The ten folds of STL-10's training split: indices (1000,) each."""
    text = contents(path_of(folder, "fold_indices.txt")).decode()
    return tuple(np.array(line.split(), dtype=np.int64) for line in text.splitlines())


def imagenet_small(folder: Path, size: int) -> Images:
    """ImageNet at `size` 32 or 64: 1,281,167 train and 50,000 valid images from the numpy archives (3.9 GB at 32).

    Labels 0 to 999 (1 to 1000 in the files). Chrabaszcz et al. (2017), arXiv:1707.08819.
    """
    parts = [_archive(path_of(folder, name), size) for name in IMAGENET_BATCHES]
    splits = {"train": _joined(parts), "valid": _archive(path_of(folder, "val_data.npz"), size)}
    return Images(f"imagenet-{size}", splits)


def olivetti_faces(folder: Path) -> Images:
    """The Olivetti faces, 64x64x1, 10 of each of 40 people: the first 30 people train, the other 10 test."""
    found = arrays(path_of(folder, "olivetti_faces.npz"), "images", "subject")
    everything = Split(found["images"][..., None], found["subject"].astype(np.int64))
    training = _labels(everything) < OLIVETTI_TRAINING_SUBJECTS
    return Images("olivetti-faces", {"train": everything.take(training), "test": everything.take(~training)})


def frey_faces(folder: Path) -> Images:
    """The Frey faces, 28x20x1: 1,565 train, 200 valid, 200 test after a shuffle, whose seed is ours."""
    images = arrays(path_of(folder, "frey_faces.npz"), "images")["images"][..., None]
    order = np.random.RandomState(FREY_SEED).permutation(len(images))
    train, valid, test = np.split(order, [len(order) - FREY_VALID - FREY_TEST, len(order) - FREY_TEST])
    return Images(
        "frey-faces", {"train": Split(images[train]), "valid": Split(images[valid]), "test": Split(images[test])}
    )


def omniglot_small(folder: Path) -> Images:
    """Omniglot's two small background sets, 105x105x1, ink 255: 2,720 and 3,120 drawings.

    Labels number the characters of a set in the order of alphabet and character: 136 and 156 of 20 drawings each. The
    sets share alphabets (Greek, Latin): neither is a test set of the other.
    """
    splits = {}
    for number in (1, 2):
        path = path_of(folder, f"images_background_small{number}.npz")
        found = arrays(path, "images", "alphabet", "character")
        ink = np.unpackbits(found["images"], axis=2, count=105) * np.uint8(255)
        kinds = np.stack([found["alphabet"], found["character"]], axis=1)
        labels = np.unique(kinds, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
        splits[f"small-{number}"] = Split(ink[..., None], labels)
    return Images("omniglot-small", splits)


def _names(path: Path) -> tuple[str, ...]:
    return tuple(contents(path).decode().split())


def _labels(split: Split) -> np.ndarray:
    if split.labels is None:
        raise ValueError("images without labels have no class")
    return split.labels


def _joined(parts: list[Split]) -> Split:
    return Split(np.concatenate([part.images for part in parts]), np.concatenate([_labels(part) for part in parts]))


def _records(path: Path, label_bytes: int) -> Split:
    """Records of CIFAR: label bytes, of which the last counts, then 3x32x32 pixels, colour by colour."""
    raw, length = contents(path), label_bytes + 3 * 32 * 32
    if not raw or len(raw) % length:
        raise ValueError(f"{path} must hold records of {length} bytes, it holds {len(raw):,} bytes; replace it")
    records = np.frombuffer(raw, np.uint8).reshape(-1, length)
    images = records[:, label_bytes:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Split(images, records[:, label_bytes - 1].astype(np.int64))


def _columns(path: Path) -> np.ndarray:
    raw, length = contents(path), 3 * 96 * 96
    if len(raw) % length:
        raise ValueError(f"{path} must hold images of {length} bytes, it holds {len(raw):,} bytes; replace it")
    return np.frombuffer(raw, np.uint8).reshape(-1, 3, 96, 96).transpose(0, 3, 2, 1)


def _archive(path: Path, size: int) -> Split:
    found = arrays(path, "data", "labels")
    if found["data"].shape[1:] != (3 * size * size,):
        raise ValueError(f"{path} holds rows of shape {found['data'].shape[1:]}, expected {3 * size * size} bytes")
    images = found["data"].reshape(-1, 3, size, size).transpose(0, 2, 3, 1)
    return Split(images, found["labels"].astype(np.int64) - 1)


def _text_bits(path: Path) -> np.ndarray:
    """Rows of 784 zeros and ones with blanks between."""
    values = np.frombuffer(contents(path), np.uint8)
    bits: np.ndarray = values[(values == ord("0")) | (values == ord("1"))] - np.uint8(ord("0"))
    if not bits.size or bits.size % 784:
        raise ValueError(f"{path} must hold rows of 784 zeros and ones, it holds {bits.size:,}; replace it")
    return bits.reshape(-1, 784)
