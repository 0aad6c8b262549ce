"""The restricted Boltzmann machines that a deep autoencoder is pre-trained as, and a step of contrastive divergence.

Paper: Hinton and Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks, with its supplement
Code:  the authors' MATLAB, rbm.m and rbmhidlinear.m

Units are binary, or linear with Gaussian noise of variance 1. What a layer says of the other is its mean: of linear
units that is the input itself. Hidden units are sampled once, to reconstruct from; visible ones never are, as in the
code.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Machine(nn.Module):
    """Two layers: `weights` (V, H), `visible_bias` (V,), `hidden_bias` (H,).

    Weights begin as normal numbers of deviation `scale`, biases at zero.
    """

    def __init__(
        self, visible: int, hidden: int, scale: float, *, linear_visible: bool = False, linear_hidden: bool = False
    ) -> None:
        super().__init__()
        self.linear_visible, self.linear_hidden = linear_visible, linear_hidden
        self.weights = nn.Parameter(scale * torch.randn(visible, hidden))
        self.visible_bias = nn.Parameter(torch.zeros(visible))
        self.hidden_bias = nn.Parameter(torch.zeros(hidden))

    def hidden(self, visible: Tensor) -> Tensor:
        """The means (B, H) of the hidden units, given visible ones (B, V)."""
        inputs = visible @ self.weights + self.hidden_bias
        return inputs if self.linear_hidden else torch.sigmoid(inputs)

    def visible(self, hidden: Tensor) -> Tensor:
        """The means (B, V) of the visible units, given hidden ones (B, H)."""
        inputs = hidden @ self.weights.T + self.visible_bias
        return inputs if self.linear_visible else torch.sigmoid(inputs)

    def sample(self, means: Tensor) -> Tensor:
        """Hidden units (B, H) of these means, from torch's current generator."""
        if self.linear_hidden:
            return means + torch.randn_like(means)
        return (means > torch.rand_like(means)).to(means.dtype)


@torch.no_grad()
def contrast(machine: Machine, visible: Tensor) -> Tensor:
    """Leaves in the parameters' `grad` the negative of CD-1's estimate, and returns the reconstruction error.

    The estimate is <v h> - <v' h'> with v' the reconstruction from sampled hidden units and h, h' means. The error is
    |v - v'|^2, the mean over the batch (B, V).
    """
    hidden = machine.hidden(visible)
    reconstruction = machine.visible(machine.sample(hidden))
    again = machine.hidden(reconstruction)
    size = len(visible)
    machine.weights.grad = (reconstruction.T @ again - visible.T @ hidden) / size
    machine.visible_bias.grad = (reconstruction - visible).mean(dim=0)
    machine.hidden_bias.grad = (again - hidden).mean(dim=0)
    return (visible - reconstruction).square().sum() / size
