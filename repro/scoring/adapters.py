"""Metrics whose arguments are more than arrays, as functions of what files hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from repro.devices import require
from repro.metrics.density import histogram
from repro.metrics.density import rbm as _rbm
from repro.metrics.images import inception
from repro.metrics.images import sets as of_images
from repro.metrics.images.networks import Network, inception_network
from repro.metrics.language import likelihood as language
from repro.metrics.language.pairwise_kl import PairwiseKl
from repro.metrics.prediction import linear_probe
from repro.metrics.prediction.linear_probe import Labelled
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
    require(device)
    if name == "inception":
        return inception_network(weights, device=device, precision=precision)
    from repro.metrics.images.mnist_classifier import load_mnist_classifier

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


def perplexity(log_p: np.ndarray, *, count: int | None = None) -> Score:
    """exp of the nats per token of log-probabilities; `count` is the number of units where those are not the tokens."""
    return language.perplexity(_total(log_p, count))


def perplexity_per_row(log_p: np.ndarray, *, streams: int) -> Score:
    """The perplexity of the AWD-LSTM and MoS code, which divides by the rows of text in `streams` columns: too low."""
    return language.perplexity_per_row(language.Nll.of(log_p), streams)


def bits_per_character(log_p: np.ndarray, *, count: int | None = None) -> Score:
    """Bits per character; `count` is the number of characters where a token is more than one."""
    return language.bits_per_character(_total(log_p, count))


def bits_per_dimension(log_p: np.ndarray, *, count: int | None = None, levels: int = 1) -> Score:
    """Bits per dimension; `count` is the number of dimensions where each log-probability is of more than one."""
    return language.bits_per_dimension(_total(log_p, count), levels)


def _total(log_p: np.ndarray, count: int | None) -> language.Nll:
    total = language.Nll.of(log_p)
    return total if count is None else language.Nll(total.nats, count)


@dataclass(frozen=True)
class _Scored:
    """A model of which only the log-probabilities that it gave are known."""

    log_p: np.ndarray

    def log_probability(self, _: np.ndarray) -> np.ndarray:
        return self.log_p


def nll_oracle(log_p: np.ndarray, *, length: int) -> Score:
    """-E log p / T in nats per token of samples that an oracle gave log-probabilities; `length` is T."""
    return language.nll_oracle(_Scored(log_p), np.zeros((len(log_p), length)))


def nll_test(log_p: np.ndarray, *, length: int) -> Score:
    """-E log p / T in nats per token of held-out sequences that a model gave log-probabilities; `length` is T."""
    return language.nll_test(_Scored(log_p), np.zeros((len(log_p), length)))


def expected_pairwise_kl(log_p: np.ndarray) -> Score:
    """The mean KL in nats between the distributions (T, M) of all pairs of different contexts."""
    total = PairwiseKl(log_p.shape[1])
    total.add(log_p)
    return total.score()


def log_probability(visible: np.ndarray, rbm: dict[str, np.ndarray], *, log_partition: float) -> Score:
    """Mean log-probability of data in nats under an RBM, given its log-partition function."""
    return _rbm.log_probability(visible, _machine(rbm), log_partition)


def word_mover_distance(
    samples: np.ndarray, references: np.ndarray, embeddings: np.ndarray, *, critics: int = 5, steps: int = 2000,
    seed: int = 0,
) -> Score:  # fmt: skip
    """The Wasserstein-1 distance of two sets of sentences in embedding space, as critics estimate it."""
    from repro.metrics.text import word_mover

    settings = word_mover.CriticSettings(critics=critics, steps=steps)
    return word_mover.word_mover_distance(samples, references, embeddings, settings, seed)
