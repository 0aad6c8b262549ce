"""The classifier that scores images of digits: convolution 32, convolution 64, fully connected 128, ten classes.

Paper:      EBGAN (Zhao et al., 2017); zhao2019, section 3.4.1: a plain three-layer network trained on all of MNIST.
Departures: the thesis gives neither sizes nor error; these are the sizes used here, for an error below 1 %.
Shapes:     B images (B, 28, 28) or zero-padded (B, 32, 32), uint8, 0 the background
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from repro.metrics.images.networks import Network, state_checksum


class MnistClassifier(nn.Module):
    """Maps images (B, 1, 28, 28) in [0, 1] to features (B, 128) and logits (B, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 4 * 4, 128), nn.ReLU(),
        )  # fmt: skip
        self.output = nn.Linear(128, 10)

    def features(self, images: Tensor) -> Tensor:
        """The last hidden layer, (B, 128)."""
        hidden: Tensor = self.convolutions(images)
        return hidden

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, 10)."""
        logits: Tensor = self.output(self.features(images))
        return logits


def load_mnist_classifier(weights: Path | str, *, device: str = "cpu") -> Network:
    """A trained `MnistClassifier` as a network of `repro.metrics.images.sets`, from a file with its state dict.

    Raises ValueError for a file that is not there or holds other weights.
    """
    file = Path(weights)
    digest = state_checksum(file)
    model = MnistClassifier()
    try:
        model.load_state_dict(torch.load(file, weights_only=True, map_location="cpu"))
    except RuntimeError as error:
        raise ValueError(f"{file} does not hold the weights of MnistClassifier") from error
    model = model.to(device).eval()

    def logits(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            array: np.ndarray = model(_digits(images).to(device)).cpu().numpy()
        return array

    def features(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            array: np.ndarray = model.features(_digits(images).to(device)).cpu().numpy()
        return array

    return Network("mnist-classifier", logits, features, digest)


def _digits(images: np.ndarray) -> Tensor:
    """Images (B, H, W, 1) of uint8 as (B, 1, 28, 28) in [0, 1]; a padded image loses its frame of two pixels."""
    if images.shape[1:] == (32, 32, 1):
        images = images[:, 2:-2, 2:-2]
    if images.shape[1:] != (28, 28, 1):
        raise ValueError(f"the MNIST classifier wants grey images of 28 x 28 or 32 x 32, not {images.shape[1:]}")
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 255
