"""Metrics whose arguments are more than arrays, as functions of what files hold."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from repro.metrics import histogram, inception, linear_probe
from repro.metrics import images as of_images
from repro.metrics import rbm as _rbm
from repro.metrics.linear_probe import Labelled
from repro.metrics.networks import Network, inception_network
from repro.metrics.score import Score, signature

Known: TypeAlias = Literal["inception", "mnist"]
Precision: TypeAlias = Literal["float32", "float64"]


def inception_score(
    images: np.ndarray, *, splits: int = 10, shuffle_seed: int | None = inception.SHUFFLE_SEED,
    network: Known = "inception", weights: Path | None = None, precision: Precision = "float32", device: str = "cpu",
    batch: int = 64,
) -> Score:  # fmt: skip
    """The inception score of images through a network, or of a classifier's probabilities (N, K)."""
    if images.ndim == 2 and shuffle_seed is None:
        return inception.inception_score_in_order(images, splits=splits)
    if images.ndim == 2:
        return inception.inception_score(images, splits=splits, shuffle_seed=shuffle_seed)  # type: ignore[arg-type]
    through = _network(network, weights, precision, device)
    return of_images.inception_score_of_images(images, through, splits=splits, shuffle_seed=shuffle_seed, batch=batch)


def ebgan_score(
    images: np.ndarray, *, floor: float = 1e-6, network: Known = "mnist", weights: Path | None = None,
    precision: Precision = "float32", device: str = "cpu", batch: int = 64,
) -> Score:  # fmt: skip
    """The EBGAN score I' of images through a network, or of a classifier's probabilities (N, K)."""
    if images.ndim == 2:
        return inception.ebgan_score(images, floor=floor)
    through = _network(network, weights, precision, device)
    return of_images.ebgan_score_of_images(images, through, floor=floor, batch=batch)


def frechet_inception_distance(
    images: np.ndarray, reference: np.ndarray, *, split: str, network: Known = "inception",
    weights: Path | None = None, precision: Precision = "float32", device: str = "cpu", batch: int = 64,
) -> Score:  # fmt: skip
    """The Fréchet distance between a network's features of images and of real ones; `split` names the real ones."""
    through = _network(network, weights, precision, device)
    return of_images.frechet_distance_of_images(images, reference, through, split=split, batch=batch)


def _network(name: Known, weights: Path | None, precision: Precision, device: str) -> Network:
    if name == "inception":
        return inception_network(weights, device=device, precision=precision)
    from repro.metrics.mnist_classifier import load_mnist_classifier

    if weights is None:
        raise ValueError("the MNIST classifier has no weights of its own: give a file with --weights")
    return load_mnist_classifier(weights, device=device)


def linear_probe_error(
    test_features: np.ndarray, test_labels: np.ndarray, train_features: np.ndarray, train_labels: np.ndarray,
    valid_features: np.ndarray, valid_labels: np.ndarray, *, strengths: tuple[float, ...] = linear_probe.STRENGTHS,
    iterations: int = 1000,
) -> Score:  # fmt: skip
    """Test error of the logistic regression with the least validation error, on frozen features."""
    train, valid = Labelled(train_features, train_labels), Labelled(valid_features, valid_labels)
    test = Labelled(test_features, test_labels)
    return linear_probe.linear_probe_error(train, valid, test, strengths=strengths, iterations=iterations)


def softmax_probe_error(
    test_features: np.ndarray, test_labels: np.ndarray, train_features: np.ndarray, train_labels: np.ndarray, *,
    seed: int, epochs: int = 50, batch: int = 128, learning_rate: float = 1e-3,
) -> Score:  # fmt: skip
    """Test error of a softmax layer trained by Adam from a random start, on frozen features."""
    train, test = Labelled(train_features, train_labels), Labelled(test_features, test_labels)
    return linear_probe.softmax_probe_error(
        train, test, seed=seed, epochs=epochs, batch=batch, learning_rate=learning_rate
    )


def log_partition(rbm: dict[str, np.ndarray]) -> Score:
    """The exact log-partition function of an RBM in nats, by enumerating its smaller side of at most 25 units."""
    return _rbm.exact_log_partition(_machine(rbm))


def log_partition_ais(
    rbm: dict[str, np.ndarray], data: np.ndarray | None = None, *, seed: int, chains: int = 100,
    temperatures: int | None = None,
) -> Score:  # fmt: skip
    """An RBM's log-partition function in nats by annealed importance sampling, from the base rate of `data`, if any."""
    base = None if data is None else _rbm.base_rate_bias(data)
    return _rbm.ais_log_partition(_machine(rbm), seed=seed, chains=chains, temperatures=temperatures, base_bias=base)


def _machine(arrays: dict[str, np.ndarray]) -> _rbm.Rbm:
    names = ("weights", "visible_bias", "hidden_bias")
    if set(arrays) != set(names):
        raise ValueError(f"an RBM is an .npz of {', '.join(names)}; this one has {', '.join(arrays)}")
    return _rbm.Rbm(*(arrays[name] for name in names))


def histogram_kl(p: np.ndarray, q: np.ndarray, *, empty: float = histogram.EMPTY_CELL) -> Score:
    """KL(p || q) of histograms in nats, with `empty` added to q: the protocol of dai2019, table B.2."""
    return Score(histogram.histogram_kl(p, q, empty), signature("histogram-kl", "repro/1", empty=empty, cells=len(p)))


def tempered_kl(p: np.ndarray, energy: np.ndarray) -> Score:
    """The least KL(p || softmax(-energy / T)) over temperatures T, in nats; `details` has the temperature."""
    least, at = histogram.tempered_kl(p, energy)
    return Score(least, signature("tempered-kl", "repro/1", cells=len(p)), details={"temperature": at})


def temperature(p: np.ndarray, energy: np.ndarray) -> Score:
    """The temperature T of the least KL(p || softmax(-energy / T)): 1 for an energy of the right scale."""
    least, at = histogram.tempered_kl(p, energy)
    return Score(at, signature("temperature", "repro/1", cells=len(p)), details={"tempered_kl": least})
