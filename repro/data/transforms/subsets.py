"""Which images are labelled and which are held out: indices that depend on labels and a seed alone.

They come from numpy's RandomState, whose stream is fixed: the same in every process and on every machine.
"""

from __future__ import annotations

import numpy as np


def labelled_subset(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Indices (count,) of equally many examples of every class: the first ones of a permutation of all, in its order.

    labels (N,). The protocol of improved GAN and bad GAN (kimiyoung/ssl_bad_gan, data.py; no seed is set there).
    """
    classes = np.unique(labels)
    each, rest = divmod(count, len(classes))
    if rest or not each:
        raise ValueError(f"{count} labels cannot be shared equally by {len(classes)} classes")
    order = np.random.RandomState(seed).permutation(len(labels))
    chosen = np.zeros(len(labels), dtype=bool)
    for kind in classes:
        places = np.flatnonzero(labels[order] == kind)
        if len(places) < each:
            raise ValueError(f"class {kind} has {len(places)} examples, {each} are to be labelled")
        chosen[places[:each]] = True
    return np.asarray(order[chosen])


def without(count: int, taken: np.ndarray) -> np.ndarray:
    """The indices below count that are not among `taken`, ascending.

    The unlabelled pool of MNIST in bad GAN; on SVHN and CIFAR-10, and in improved GAN and ladder networks, the pool is
    all images, those with labels too.
    """
    left = np.ones(count, dtype=bool)
    left[taken] = False
    return np.flatnonzero(left)


def held_out(count: int, share: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices below count, shuffled: all but `share` of them, and `share`. GLoMo on CIFAR-10: 42,000 and 8,000."""
    if not 0 < share < count:
        raise ValueError(f"of {count} examples between 1 and {count - 1} can be held out, got {share}")
    order = np.random.RandomState(seed).permutation(count)
    return order[share:], order[:share]
