"""The losses of improved GAN: labelled, unlabelled, and feature matching.

Paper: Improved Techniques for Training GANs (Salimans et al., 2016), arXiv:1606.03498, sections 3.1 and 5
Code:  openai/improved-gan, mnist_svhn_cifar10/train_mnist_feature_matching.py; read at 0fa06b5

With the logits of K classes and a logit of 0 for generated images, an image is real with probability s(L), where L is
log sum exp of the K logits and s the logistic function.
Shapes: B batch, K classes, F features
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def labelled_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """-log p(label | image, real) in nats, averaged: logits (B, K), labels (B,)."""
    return functional.cross_entropy(logits, labels)


def unlabelled_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Half of -log p(real) on images without labels, and half of -log p(generated) on generated ones: logits (B, K)."""
    return -0.5 * (functional.logsigmoid(real.logsumexp(1)).mean() + functional.logsigmoid(-fake.logsumexp(1)).mean())


def feature_matching_loss(fake: Tensor, real: Tensor) -> Tensor:
    """The squared difference of the mean features (B, F) of two batches, averaged over features."""
    return (fake.mean(0) - real.mean(0)).square().mean()
