"""Output layers of language models: softmax, mixture of contexts (MoC), mixture of softmaxes (MoS), one interface.

Paper:      Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, appendix A
Code:       zihangdai/mos, model.py, lines 30-112; read at 9c0c608
Departures: log p is exact, see `baselines.language.mixture_loss`. The authors' MoC is not released: here contexts are
            dropped before they are mixed, as in their MoS.
Shapes:     T time, B streams, H hidden width, K components, d embedding width, V vocabulary; `...` is (T, B) or (N,)

The decoder weight (V, d) is passed in, so that it can be the embedding's; the bias (V,) is the layer's own.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from baselines.language.mixture_loss import mixture_log_probabilities, mixture_nll
from baselines.language.regularisation import dropout


class Mixture(NamedTuple):
    """What a softmax is taken of, and how much of each: contexts (..., K, d) and log-weights (..., K)."""

    contexts: Tensor
    log_prior: Tensor


class OutputLayer(nn.Module):
    """Distributions over the vocabulary from hidden states; layers differ in their `mixture`."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = weight
        self.bias = nn.Parameter(torch.zeros(len(weight), device=weight.device, dtype=weight.dtype))

    def mixture(self, hidden: Tensor, generator: torch.Generator | None = None) -> Mixture:
        """The mixture after hidden states (..., H); contexts are dropped where there is a generator."""
        raise NotImplementedError

    def nll(self, hidden: Tensor, targets: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """-log p in nats of targets (...) after hidden states (..., H), one number a target.

        Without a generator nothing is dropped: that is evaluation. With one, the latent contexts are, by a mask that is
        the same along the first dimension, which is time.
        """
        contexts, log_prior = self.mixture(hidden, generator)
        shape, first = targets.shape, targets.ndim - 1
        nll = mixture_nll(
            contexts.flatten(0, first), log_prior.flatten(0, first), self.weight, self.bias, targets.flatten()
        )
        return nll.view(shape)

    @torch.no_grad()
    def log_probabilities(self, hidden: Tensor) -> Tensor:
        """log p in nats of every word (N, V) after hidden states (N, H), nothing dropped, without gradients."""
        return mixture_log_probabilities(*self.mixture(hidden), self.weight, self.bias)


class Softmax(OutputLayer):
    """The plain softmax of W h + b; the hidden width is the embedding's."""

    def __init__(self, hidden_size: int, weight: Tensor) -> None:
        super().__init__(weight)
        if hidden_size != weight.shape[1]:
            raise ValueError(
                f"a softmax over embeddings of width {weight.shape[1]} needs hidden states of that width, "
                f"not {hidden_size}: make the last layer as wide as the embedding"
            )

    def mixture(self, hidden: Tensor, generator: torch.Generator | None = None) -> Mixture:  # noqa: ARG002
        """One component, the hidden state; there is nothing latent to drop."""
        return Mixture(hidden.unsqueeze(-2), hidden.new_zeros(*hidden.shape[:-1], 1))


class MixtureOfSoftmaxes(OutputLayer):
    """sum_k pi_k softmax(W tanh(L_k h + c_k) + b) with log pi = log_softmax(P h)."""

    def __init__(self, hidden_size: int, weight: Tensor, components: int, dropout: float = 0.0) -> None:
        super().__init__(weight)
        if components < 1:
            raise ValueError(f"a mixture needs at least one component, not {components}")
        self.components, self.dropout = components, dropout
        self.prior = nn.Linear(hidden_size, components, bias=False)
        self.latent = nn.Linear(hidden_size, components * weight.shape[1])

    def mixture(self, hidden: Tensor, generator: torch.Generator | None = None) -> Mixture:
        """K contexts in (-1, 1), before dropout, and their weights."""
        latent = dropout(torch.tanh(self.latent(hidden)), self.dropout, generator)
        contexts = latent.view(*latent.shape[:-1], self.components, self.weight.shape[1])
        return Mixture(contexts, torch.log_softmax(self.prior(hidden), dim=-1))


class MixtureOfContexts(MixtureOfSoftmaxes):
    """softmax(W sum_k pi_k tanh(L_k h + c_k) + b): the parameters of MoS, the rank of one softmax."""

    def mixture(self, hidden: Tensor, generator: torch.Generator | None = None) -> Mixture:
        """One component, the mean of the K contexts."""
        contexts, log_prior = super().mixture(hidden, generator)
        mean = torch.einsum("...k,...kd->...d", log_prior.exp(), contexts)
        return Mixture(mean.unsqueeze(-2), torch.zeros_like(log_prior[..., :1]))
