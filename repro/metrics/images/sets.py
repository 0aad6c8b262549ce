"""Scores of images through a network: the inception score, the EBGAN score, the Fréchet distance.

Images are uint8 (N, H, W) or (N, H, W, C), 0 to 255; the network is `inception_network()`, the MNIST classifier, or any
callable wrapped in a `Network`. Its name, the checksum of its weights and its precision stand in
the signature: two Inceptions give two scores (mseitzer/pytorch-fid#11 and #16, pytorch/ignite#2423).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from repro.metrics.images.frechet import frechet_distance
from repro.metrics.images.inception import (
    SHUFFLE_SEED,
    ebgan_score,
    inception_score,
    inception_score_in_order,
    probabilities_of,
)
from repro.metrics.images.networks import Network, checked_images, checksum, outputs
from repro.metrics.score import Score


def inception_score_of_images(
    images: np.ndarray,
    network: Network,
    *,
    splits: int = 10,
    shuffle_seed: int | None = SHUFFLE_SEED,
    batch: int = 64,
) -> Score:
    """`inception_score` of the network's predictions for images; without a `shuffle_seed` in the given order."""
    probabilities = probabilities_of(outputs(images, network.logits, batch=batch))
    if shuffle_seed is None:
        return _through(network, inception_score_in_order(probabilities, splits=splits))
    return _through(network, inception_score(probabilities, splits=splits, shuffle_seed=shuffle_seed))


def ebgan_score_of_images(images: np.ndarray, network: Network, *, floor: float = 1e-6, batch: int = 64) -> Score:
    """`ebgan_score` of the network's predictions for images."""
    probabilities = probabilities_of(outputs(images, network.logits, batch=batch))
    return _through(network, ebgan_score(probabilities, floor=floor))


def frechet_distance_of_images(
    images: np.ndarray, reference: np.ndarray, network: Network, *, split: str, batch: int = 64
) -> Score:
    """`frechet_distance` between the network's features of images and of a reference set; lower is better.

    With `inception_network()` this is the Fréchet inception distance. `split` names the reference, for example
    `cifar-10/train`: the distance to the training images is another number than that to the test images, 14 against 21
    for one model (GongXinyuu/sngan.pytorch#5). The signature has it, and a checksum of the reference images.
    """
    if not split.strip():
        raise ValueError("split names the reference images, for example cifar-10/train; it is empty")
    a, b = (outputs(side, network.features, batch=batch) for side in (images, reference))
    score = frechet_distance(a, b)
    said = f"{score.signature}|split:{split}|images:{checksum(checked_images(reference))}"
    return _through(network, replace(score, signature=said))


def _through(network: Network, score: Score) -> Score:
    said = f"network:{network.name}|weights:{network.weights}|precision:{network.precision}"
    return replace(score, signature=f"{score.signature}|{said}")
