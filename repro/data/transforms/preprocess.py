"""What is done to images (N, H, W, C) uint8 before a model sees them; what is random takes a generator.

Called on the batch at hand, so that the set stays uint8: `symmetric(split.images[batch])`.
"""

from __future__ import annotations

import numpy as np

HALF = 127.5


def unit(images: np.ndarray) -> np.ndarray:
    """Pixels from 0 to 1, float32: x / 255. MNIST in improved GAN, bad GAN, ladder networks, VAEs."""
    return np.asarray(images, dtype=np.float32) / np.float32(255)


def symmetric(images: np.ndarray, divisor: float = HALF) -> np.ndarray:
    """Pixels from -1 to 1, float32: (x - 127.5) / 127.5. SVHN and CIFAR-10 in bad GAN; PixelCNN++; outputs of tanh.

    Improved GAN divides CIFAR-10 by 128 (openai/improved-gan, mnist_svhn_cifar10).
    """
    return (np.asarray(images, dtype=np.float32) - np.float32(HALF)) / np.float32(divisor)


def bytes_of_unit(values: np.ndarray) -> np.ndarray:
    """Values from 0 to 1 as uint8, rounded, those beyond cut off: the inverse of `unit`. Raises ValueError for NaN."""
    values = np.asarray(values)
    if np.isnan(values).any():
        raise ValueError("an image with NaN has no pixels: the model that made it has diverged")
    return np.asarray(np.round(np.clip(values, 0, 1) * 255), dtype=np.uint8)


def bytes_of_symmetric(values: np.ndarray) -> np.ndarray:
    """Values from -1 to 1 as uint8, rounded, those beyond cut off: the inverse of `symmetric`."""
    return bytes_of_unit((np.asarray(values) + 1) / 2)


def dequantised(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(x + u) / 256 with u uniform on [0, 1), float64 in [0, 1): a density on it bounds that of the 256 levels.

    For a fixed set, as in gpapamak/maf, call it once; for fresh noise, at every visit.
    """
    return (images + generator.random(images.shape)) / 256


def logits(values: np.ndarray, margin: float) -> np.ndarray:
    """logit(margin + (1 - 2 margin) x) of x in [0, 1): the space of flows. MAF: 1e-6 on MNIST, 0.05 on CIFAR-10."""
    if not 0 < margin < 0.5:
        raise ValueError(f"the margin must lie between 0 and 0.5, got {margin}")
    inside = margin + (1 - 2 * margin) * np.asarray(values, dtype=np.float64)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def binarised(images: np.ndarray) -> np.ndarray:
    """Pixels 0 or 255, uint8, by the fixed threshold of one half: 128 and above are 255."""
    return np.where(images >= 128, np.uint8(255), np.uint8(0))


def sampled_bits(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Pixels 255 with probability x / 255, else 0, uint8: the IWAE's binarisation by sampling, anew at every visit.

    One to two nats easier than a fixed sample (Larochelle's, `mnist-binary`): numbers of the two are not comparable.
    """
    return np.where(generator.random(images.shape) * 255 < images, np.uint8(255), np.uint8(0))


def permuted(images: np.ndarray, seed: int) -> np.ndarray:
    """Flat images (N, H * W * C), pixels in the order of the seed, the same for all: permutation-invariant MNIST."""
    flat = images.reshape(len(images), -1)
    return np.asarray(flat[:, pixel_order(flat.shape[1], seed)])


def pixel_order(pixels: int, seed: int) -> np.ndarray:
    """The permutation (pixels,) of a seed; numpy keeps RandomState's stream fixed, so it is the same everywhere."""
    return np.random.RandomState(seed).permutation(pixels)
