"""Image scores: torch-fidelity's Inception with random weights, the MNIST classifier, any callable."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch_fidelity
from PIL import Image
from torch.utils.data import Dataset
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from repro.metrics.frechet import frechet_distance
from repro.metrics.images import ebgan_score_of_images, frechet_distance_of_images, inception_score_of_images
from repro.metrics.inception import ebgan_score, inception_score, inception_score_in_order, probabilities_of
from repro.metrics.mnist_classifier import MnistClassifier, load_mnist_classifier
from repro.metrics.networks import Network, inception_network, outputs


def pictures(seed: int, number: int, size: int = 20) -> np.ndarray:
    """Smooth coloured images (N, size, size, 3) of uint8."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (number, 4, 4, 3))
    return np.asarray(np.repeat(np.repeat(coarse, size // 4, 1), size // 4, 2).astype(np.uint8))


class InMemory(Dataset[torch.Tensor]):
    """Images as torch-fidelity takes them."""

    def __init__(self, images: np.ndarray) -> None:
        self.images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.images[index]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Random weights in the shape of torch-fidelity's Inception, so drawn that images give different features."""
    network = FeatureExtractorInceptionV3.__new__(FeatureExtractorInceptionV3)
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    with pytest.MonkeyPatch.context() as patch:
        # its constructor builds the layers, then loads a file: hand it its own first state
        patch.setattr(torch, "load", lambda *_, **__: None)
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        torch.manual_seed(0)
        network.__init__("inception-v3-compat", ["2048"], feature_extractor_weights_path="")
    state = network.state_dict()
    for name, value in state.items():  # fresh layers shrink what they see to nothing, these keep its size
        if name.endswith("conv.weight"):
            value.normal_(std=(2 / value[0].numel()) ** 0.5)
    state["fc.weight"].normal_(std=0.3)
    torch.save(state, path)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def inception(weights: Path) -> Network:
    return inception_network(weights)


def fidelity(weights: Path, images: object, reference: object | None = None, **more: object) -> dict[str, float]:
    """torch-fidelity's own scores of the same images and weights."""
    chosen = {"input2": reference, "fid": True} if reference is not None else {}
    return dict(
        torch_fidelity.calculate_metrics(
            input1=images, isc=True, cuda=False, cache=False, verbose=False, save_cpu_ram=True, batch_size=4,
            feature_extractor_weights_path=str(weights), **chosen, **more,
        )
    )  # fmt: skip


@pytest.mark.long
def test_both_scores_are_torch_fidelity_s_for_the_same_images_and_weights(weights: Path, inception: Network) -> None:
    images, reference = pictures(1, 9), pictures(2, 7)
    expected = fidelity(weights, InMemory(images), InMemory(reference), isc_splits=3)
    score = inception_score_of_images(images, inception, splits=3, batch=4)
    assert expected["inception_score_mean"] > 1.05
    # the same batches of the same network: equal up to the order of float64 sums
    assert score.value == pytest.approx(expected["inception_score_mean"], rel=1e-9)
    assert score.details["std"] == pytest.approx(expected["inception_score_std"], rel=1e-6)
    distance = frechet_distance_of_images(images, reference, inception, split="toy/train", batch=4)
    # 2048 features of 9 images: the reference's covariances are of float32 features and its roots of rounding noise
    assert distance.value == pytest.approx(expected["frechet_inception_distance"], rel=1e-4)


def test_images_on_disk_score_the_same(weights: Path, inception: Network, tmp_path: Path) -> None:
    images = pictures(3, 6)
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{number:03}.png")
    expected = fidelity(weights, str(tmp_path), isc_splits=2, samples_shuffle=False)
    score = inception_score_of_images(images, inception, splits=2, shuffle_seed=None, batch=4)
    assert score.value == pytest.approx(expected["inception_score_mean"], rel=1e-9)


@pytest.mark.long
def test_in_float64_the_batch_size_moves_nothing_and_in_float32_next_to_nothing(weights: Path) -> None:
    """torchmetrics#1620, torch-fidelity#43: a distance of 2 or 10 for the same images in batches of 1000 or 2."""
    images, reference = pictures(4, 5), pictures(5, 5)
    # torch-fidelity gives features back in float32, 6e-8 of each
    for precision, close in (("float32", 1e-4), ("float64", 1e-6)):
        network = inception_network(weights, precision=precision)  # type: ignore[arg-type]  # a loop's str
        features = [outputs(images, network.features, batch=batch) for batch in (1, 3, 5)]
        for other in features[1:]:
            np.testing.assert_allclose(other, features[0], rtol=close, atol=close * np.abs(features[0]).max())
        distances = [
            frechet_distance_of_images(images, reference, network, split="toy", batch=batch).value for batch in (1, 5)
        ]
        assert distances[0] == pytest.approx(distances[1], rel=close)


def test_grey_images_are_coloured_ones_with_three_equal_channels(inception: Network) -> None:
    grey = pictures(6, 3)[..., 0]
    coloured = np.repeat(grey[..., None], 3, axis=3)
    np.testing.assert_array_equal(outputs(grey, inception.logits), outputs(coloured, inception.logits))


def test_weights_and_reference_split_are_in_the_signature() -> None:
    """FID 14 or 21 for the training or the validation images (sngan.pytorch#5); one name, many weights."""
    images, train, valid = pictures(1, 4), pictures(2, 4), pictures(3, 4)
    one, other = (Network("inception", features=corner, weights=digest) for digest in ("1a", "2b"))
    scores = [
        frechet_distance_of_images(images, train, one, split="toy/train"),
        frechet_distance_of_images(images, valid, one, split="toy/valid"),
        frechet_distance_of_images(images, train, other, split="toy/train"),
        frechet_distance_of_images(images, valid, one, split="toy/train"),  # named as train, but is not
    ]
    assert len({score.signature for score in scores}) == 4
    assert "|split:toy/train|" in scores[0].signature
    assert "|network:inception|weights:1a|" in scores[0].signature


def corner(images: np.ndarray) -> np.ndarray:
    return images[:, 0, 0].astype(np.float64)


def test_other_weights_have_another_checksum(weights: Path, inception: Network, tmp_path: Path) -> None:
    state = torch.load(weights, weights_only=True)
    state["fc.weight"][0, 0] += 1
    torch.save(state, tmp_path / "other.pth")
    assert inception_network(tmp_path / "other.pth").weights != inception.weights == inception_network(weights).weights


def test_the_logits_are_those_without_bias(weights: Path, inception: Network, tmp_path: Path) -> None:
    """improved-gan's network leaves the bias out: 10.95 against 11.23 for CIFAR-10 (improved-gan#39)."""
    state = torch.load(weights, weights_only=True)
    state["fc.bias"] += 100 * torch.randn(1008, generator=torch.Generator().manual_seed(0))
    torch.save(state, tmp_path / "biased.pth")
    images = pictures(7, 2)
    biased = inception_network(tmp_path / "biased.pth")
    np.testing.assert_array_equal(outputs(images, inception.logits), outputs(images, biased.logits))


def test_a_weights_file_that_would_run_code_is_not_unpickled(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (str(tmp_path / "harm"),)

    harmful = tmp_path / "harmful.pth"
    harmful.write_bytes(pickle.dumps(Harmful()))
    torch.save({"x": Harmful()}, tmp_path / "zipped.pth")
    for name in ("harmful.pth", "zipped.pth"):
        with pytest.raises(
            ValueError, match=r"is no file of weights that torch.save wrote, or holds more than tensors"
        ):
            inception_network(tmp_path / name)
    assert not (tmp_path / "harm").exists()


def test_weights_that_are_none_or_another_network_s_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"there is no weights file .*missing.pth"):
        inception_network(tmp_path / "missing.pth")
    torch.save(MnistClassifier().state_dict(), tmp_path / "mnist.pth")
    with pytest.raises(ValueError, match=r"mnist.pth does not hold the weights of torch-fidelity's Inception"):
        inception_network(tmp_path / "mnist.pth")
    torch.save({"x": torch.zeros(1)}, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"x.pth does not hold the weights of MnistClassifier"):
        load_mnist_classifier(tmp_path / "x.pth")
    torch.save(torch.zeros(3), tmp_path / "tensor.pth")
    with pytest.raises(ValueError, match=r"tensor.pth holds a Tensor, not a state dict"):
        load_mnist_classifier(tmp_path / "tensor.pth")


def test_the_mnist_classifier_sees_a_padded_digit_as_the_digit(tmp_path: Path) -> None:
    torch.manual_seed(1)
    torch.save(MnistClassifier().state_dict(), tmp_path / "mnist.pth")
    network = load_mnist_classifier(tmp_path / "mnist.pth")
    digits = np.random.default_rng(8).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    padded = np.pad(digits, ((0, 0), (2, 2), (2, 2)))
    logits = outputs(digits, network.logits)
    assert logits.shape == (30, 10)
    np.testing.assert_array_equal(outputs(padded, network.logits), logits)
    p = probabilities_of(logits)
    assert inception_score_of_images(digits, network).value == inception_score(p).value
    assert inception_score_of_images(digits, network, shuffle_seed=None).value == inception_score_in_order(p).value
    assert ebgan_score_of_images(digits, network).value == ebgan_score(p).value
    features = outputs(digits, network.features)
    half = frechet_distance_of_images(digits[:15], digits[15:], network, split="mnist/test").value
    # features in float32 from batches of 15 and of 30: some processors sum these in another order
    assert half == pytest.approx(frechet_distance(features[:15], features[15:]).value, rel=1e-6)
    with pytest.raises(ValueError, match=r"the MNIST classifier wants grey images of 28 x 28 or 32 x 32, not"):
        outputs(pictures(1, 2), network.logits)


def test_any_callable_is_a_classifier() -> None:
    def brightness(images: np.ndarray) -> np.ndarray:
        mean = images.reshape(len(images), -1).mean(axis=1)
        return np.stack([mean, -mean], axis=1)

    images = np.concatenate([np.zeros((10, 4, 4), np.uint8), np.full((10, 4, 4), 255, np.uint8)])
    score = inception_score_of_images(images, Network("brightness", brightness), splits=1, batch=3)
    # dark images are undecided, bright ones certain: p(y) is (3/4, 1/4)
    expected = np.exp(0.5 * (0.5 * np.log(2 / 3) + 0.5 * np.log(2)) + 0.5 * np.log(4 / 3))
    assert score.value == pytest.approx(expected, abs=1e-12)
    assert "|network:brightness|weights:unnamed|" in score.signature
    with pytest.raises(ValueError, match="this network has no such output"):
        frechet_distance_of_images(images, images, Network("brightness", brightness), split="toy")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 8, 8)), "images must be uint8 in 0 to 255, they are float64; scale and round them first"),
        (
            np.zeros((0, 8, 8), np.uint8),
            r"images must be \(N, H, W\) or \(N, H, W, C\) with N > 0, they are \(0, 8, 8\)",
        ),
        (np.zeros((8, 8), np.uint8), r"images must be \(N, H, W\) or \(N, H, W, C\) with N > 0, they are \(8, 8\)"),
    ],
)
def test_what_are_no_images_is_refused(images: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        inception_score_of_images(images, Network("none", lambda batch: np.zeros((len(batch), 2))))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (np.zeros((3, 2)), r"the network made \(3, 2\) of 2 images; a row for each is expected"),
        (np.zeros(2), r"the network made \(2,\) of 2 images; a row for each is expected"),
        (np.full((2, 2), np.nan), "the network's outputs are not finite"),
    ],
)
def test_a_network_that_makes_no_rows_is_refused(made: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        outputs(np.zeros((2, 8, 8), np.uint8), lambda _: made)


def test_a_reference_without_a_name_and_a_batch_of_none_are_refused() -> None:
    images = np.zeros((2, 8, 8), np.uint8)
    network = Network("flat", features=lambda batch: np.zeros((len(batch), 2)))
    with pytest.raises(ValueError, match="split names the reference images, for example cifar-10/train; it is empty"):
        frechet_distance_of_images(images, images, network, split=" ")
    with pytest.raises(ValueError, match="batch must be at least 1, it is 0"):
        frechet_distance_of_images(images, images, network, split="toy", batch=0)
