"""Contrast normalisation per image and ZCA whitening, fitted on the training images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROWS = 4_096  # images at a time: 100 MB of CIFAR-10 in float64
LEAST_NORM = 1e-8


def contrast_normalised(images: np.ndarray, scale: float = 55.0) -> np.ndarray:
    """Each image less its mean, divided by its norm, times scale, float64; a plain image becomes zero.

    Scale 55 is that of CIFAR-10 in ladder networks (Rasmus et al., 2015; CuriousAI/ladder).
    """
    flat = images.reshape(len(images), -1).astype(np.float64)
    flat -= flat.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    norms[norms < LEAST_NORM] = 1.0
    return np.asarray(flat * (scale / norms)).reshape(images.shape)


@dataclass(frozen=True)
class Whitening:
    """ZCA: x -> (x - mean) W with W = U (S + epsilon)^-1/2 U^T, where U S U^T is the covariance of the training images.

    mean (D,), forward W (D, D), backward W^-1 (D, D), all float64, for images of D values.
    """

    mean: np.ndarray
    forward: np.ndarray
    backward: np.ndarray

    @classmethod
    def fit(cls, images: np.ndarray, epsilon: float) -> Whitening:
        """From training images (N, ...): mean, and covariance over N, plus epsilon on its diagonal.

        Epsilon is in the squared unit of the values: 0.1 after `contrast_normalised` (CuriousAI/ladder). Raises
        ValueError where it must be larger, since images span fewer directions than they have values.
        """
        if epsilon < 0:
            raise ValueError(f"epsilon must not be negative, got {epsilon}")
        flat = images.reshape(len(images), -1)
        mean = flat.mean(axis=0, dtype=np.float64)
        covariance = np.zeros((flat.shape[1], flat.shape[1]))
        for start in range(0, len(flat), ROWS):
            centred = flat[start : start + ROWS] - mean
            covariance += centred.T @ centred
        values, U = np.linalg.eigh(covariance / len(flat))
        S = np.maximum(values, 0) + epsilon
        if S.min() <= S.max() * len(S) * np.finfo(np.float64).eps:
            raise ValueError(f"the covariance of the images is singular: epsilon {epsilon} must be larger")
        return cls(mean, (U / np.sqrt(S)) @ U.T, (U * np.sqrt(S)) @ U.T)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Images (N, ...) whitened, float32, of their shape."""
        flat = images.reshape(len(images), -1) - self.mean
        return np.asarray(flat @ self.forward, dtype=np.float32).reshape(images.shape)

    def inverse(self, whitened: np.ndarray) -> np.ndarray:
        """The images that were whitened, float64, up to rounding."""
        flat = whitened.reshape(len(whitened), -1).astype(np.float64) @ self.backward + self.mean
        return np.asarray(flat).reshape(whitened.shape)
