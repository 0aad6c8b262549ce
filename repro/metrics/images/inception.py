"""Scores of generated images by a classifier's predictions: the inception score and the EBGAN score.

Both take class probabilities (N, K), a row each image; `repro.metrics.images.sets` gets them from images and a network.

Papers:    inception score: Salimans et al. (2016), Improved Techniques for Training GANs, section 4.
           EBGAN score: Zhao et al. (2017), Energy-based GAN; zhao2019, section 3.4.1.
Code:      torch-fidelity, metric_isc.py (shuffled); openai/improved-gan, inception_score/model.py (in the given order).
Pitfalls:  the splits are contiguous, so images sorted by class score low: 62 instead of 298 for one set of images
           (openai/guided-diffusion#165; sbarratt/inception-score-pytorch#12). 0 log 0 is 0 here (improved-gan#29).
"""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr, softmax

from repro.metrics.score import Score, signature

SHUFFLE_SEED = 2020
"""torch-fidelity's."""


def inception_score(probabilities: np.ndarray, *, splits: int = 10, shuffle_seed: int = SHUFFLE_SEED) -> Score:
    """Mean over splits of exp(mean over x of KL(p(y|x) || p(y))), in [1, K]; higher is better.

    `probabilities` (N, K) are p(y|x); p(y) is their mean within a split. The images are shuffled first, by numpy's
    RandomState(shuffle_seed), then split into contiguous parts whose sizes differ by at most one: torch-fidelity's
    protocol. `details` has `std`, the standard deviation over splits (ddof 0, as both codes have it), which says
    nothing of the spread over training runs. Items (N,) are the KL in nats, in the order of the input. Fewer images a
    split score lower. Raises ValueError for rows that are no distributions, and for fewer images than splits.
    """
    order = np.random.RandomState(shuffle_seed).permutation(len(probabilities))
    return _inception_score(probabilities, order, splits, f"shuffled by {shuffle_seed}")


def inception_score_in_order(probabilities: np.ndarray, *, splits: int = 10) -> Score:
    """The inception score of improved-gan: `inception_score` without shuffling, on the images in the given order.

    What the papers before torch-fidelity printed. Right only where the order says nothing of the class.
    """
    return _inception_score(probabilities, np.arange(len(probabilities)), splits, "given")


def _inception_score(probabilities: np.ndarray, order: np.ndarray, splits: int, said: str) -> Score:
    p = checked_probabilities(probabilities)
    if not 1 <= splits <= len(p):
        raise ValueError(f"splits must be from 1 to the number of images, {len(p)}; it is {splits}")
    items = np.empty(len(p))
    values = np.empty(splits)
    for i in range(splits):
        part = order[i * len(p) // splits : (i + 1) * len(p) // splits]
        items[part] = rel_entr(p[part], p[part].mean(axis=0)).sum(axis=1)
        values[i] = np.exp(items[part].mean())
    protocol = signature("inception-score", "repro/1", splits=splits, order=said, n=len(p), classes=p.shape[1])
    details = {"std": float(values.std()), "min": float(values.min()), "max": float(values.max())}
    return Score(float(values.mean()), protocol, items, details)


def ebgan_score(probabilities: np.ndarray, *, floor: float = 1e-6) -> Score:
    """I' = mean over x of KL(p(y) || p(y|x)) in nats, at least 0; higher is better. Items (N,) are the KLs.

    Not the inception score that the thesis calls it: no exponential, and the arguments are exchanged. `probabilities`
    (N, K) are p(y|x), p(y) their mean over all images. I' is not bounded: it grows as predictions become one-hot, so it
    measures the saturation of the classifier too. Probabilities are therefore raised to at least `floor` and divided
    by their sum; with 10 balanced classes of one-hot predictions it is 10.13 at 1e-6 and 5.99 at 1e-4. The paper names
    no floor. Raises ValueError for rows that are no distributions, and with `floor` 0 where I' is infinite.
    """
    p = checked_probabilities(probabilities)
    if not 0 <= floor < 1 / p.shape[1]:
        raise ValueError(f"floor must be from 0 to below 1 / {p.shape[1]} classes, it is {floor}")
    p = np.maximum(p, floor)
    p /= p.sum(axis=1, keepdims=True)
    marginal = p.mean(axis=0)
    if ((p == 0) & (marginal > 0)).any():
        raise ValueError(
            "I' is infinite: a class that occurs has probability 0 for an image; give `floor` a value above 0"
        )
    items = rel_entr(marginal, p).sum(axis=1)
    said = signature("ebgan-score", "repro/1", floor=floor, n=len(p), classes=p.shape[1])
    return Score(float(items.mean()), said, items)


def probabilities_of(logits: np.ndarray) -> np.ndarray:
    """The softmax of logits (N, K) in float64, whatever precision they come in."""
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim != 2 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"logits must be finite, (N, K) with N > 0, they are {values.shape}")
    return np.asarray(softmax(values, axis=1))


def checked_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Rows (N, K) in float64, each summing to 1 exactly; a ValueError for what does not to 1e-4.

    Softmaxes in float32 sum to 1 within 1e-6, sums over thousands of classes less well; logits are far off.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or p.size == 0:
        raise ValueError(f"probabilities must be (N, K) with N > 0, they are {p.shape}")
    if not np.isfinite(p).all() or (p < 0).any():
        raise ValueError("probabilities must be finite and non-negative; of logits take the softmax first")
    sums = p.sum(axis=1, keepdims=True)
    off = np.abs(sums[:, 0] - 1)
    if off.max() > 1e-4:
        raise ValueError(f"the probabilities of image {int(off.argmax())} sum to {sums[off.argmax(), 0]:.6g}, not to 1")
    return np.asarray(p / sums)
