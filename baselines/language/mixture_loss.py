r"""Likelihood of a mixture of softmaxes in little memory: nothing of size tokens x components x vocabulary ever exists.

Paper:      Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, appendix A
Code:       zihangdai/mos, model.py, lines 96-112 (the plain form: every probability is mixed, then logged)
Departures: the authors return log(p + 1e-8), here log p is exact (test_the_gap_to_the_authors_formula_is_their_epsilon)
Shapes:     N tokens, K components, d embedding width, V vocabulary

Of each component training needs the log-normaliser and the target's logit x_y alone:

    nll = -log sum_k pi_k exp(x_ky - log Z_k)        d nll / d x_kv = r_k (softmax_kv - [v = y])

with the responsibilities r_k = pi_k p_k(y) / p(y). So one pass over blocks of tokens gives the loss and all gradients,
in the three products that a single softmax of N x K rows needs: the logits, and the gradients of contexts and weight.
A block's exponentials are never divided by their sums: the factor r_k / Z_k is applied to rows of width d instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK_BYTES = {"cpu": 16 * 2**20, "cuda": 512 * 2**20}  # measured: a block stays in a CPU's cache, and fills a GPU


class Gradients(NamedTuple):
    """Of the summed loss, by the arguments of `mixture_nll`."""

    contexts: Tensor  # (N, K, d)
    log_prior: Tensor  # (N, K)
    weight: Tensor  # (V, d)
    bias: Tensor  # (V,)


def mixture_nll(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """-log p of the targets, (N,) in nats; lower is better. With one component it is the plain softmax.

    p = sum_k exp(log_prior[:, k]) softmax(contexts[:, k] @ weight.T + bias), with contexts (N, K, d), log_prior (N, K),
    weight (V, d), bias (V,) and targets (N,) of int64. Where gradients are on, they are computed along with the loss,
    for a sum or a mean over tokens; any other weighting of tokens costs a second pass in `backward`. Differentiable
    once. Raises ValueError for shapes that do not fit, and torch's own error for a target outside the vocabulary.
    """
    inputs = (contexts, log_prior, weight, bias)
    _check(*inputs)
    if targets.shape != contexts.shape[:1]:
        raise ValueError(f"targets must be ({len(contexts)},), one a token; they are {tuple(targets.shape)}")
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        nll: Tensor = _MixtureNll.apply(*inputs, targets)
        return nll
    return _nll(*inputs, targets)


@torch.no_grad()
def mixture_log_probabilities(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """log p of every word, (N, V) in nats, without gradients; arguments as those of `mixture_nll`.

    Components are normalised and mixed as logarithms: no probability is so small that it becomes log 0.
    """
    _check(contexts, log_prior, weight, bias)
    log_p = contexts.new_empty(len(contexts), len(weight))
    for block, logits in _blocks(contexts, weight):
        torch.addmm(bias, contexts[block].flatten(0, 1), weight.T, out=logits)
        log_each = logits.view(-1, contexts.shape[1], len(weight))
        log_each += (log_prior[block] - log_each.logsumexp(2)).unsqueeze(2)
        torch.logsumexp(log_each, dim=1, out=log_p[block])
    return log_p


class _MixtureNll(torch.autograd.Function):
    """Gradients are made in `forward` for tokens that all count 1, and scaled in `backward`."""

    @staticmethod
    def forward(ctx: Any, contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        nll, gradients = _nll_and_gradients(contexts, log_prior, weight, bias, targets)
        ctx.save_for_backward(contexts, log_prior, weight, bias, targets, *gradients)
        return nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, counts: Tensor) -> tuple[Tensor | None, ...]:
        contexts, log_prior, weight, bias, targets, *gradients = ctx.saved_tensors
        if bool((counts == counts[:1]).all()):  # as after .sum() and .mean()
            return *(gradient * counts[:1].sum() for gradient in gradients), None
        return *_nll_and_gradients(contexts, log_prior, weight, bias, targets, counts)[1], None


def _nll(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    nll = torch.empty_like(log_prior[:, 0])
    for block, logits in _blocks(contexts, weight):
        _, log_likelihood = _exponentials(contexts[block], weight, bias, targets[block], logits)
        nll[block] = -torch.logsumexp(log_prior[block] + log_likelihood, dim=1)
    return nll


def _nll_and_gradients(
    contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, counts: Tensor | None = None
) -> tuple[Tensor, Gradients]:
    """The losses (N,), and the gradients of their sum, in which token n counts `counts[n]` times, or once."""
    nll = torch.empty_like(log_prior[:, 0])
    gradients = Gradients(
        contexts.new_empty(contexts.shape),
        log_prior.new_empty(log_prior.shape),
        weight.new_zeros(weight.shape),
        bias.new_zeros(bias.shape),
    )
    for block, logits in _blocks(contexts, weight):
        sums, log_likelihood = _exponentials(contexts[block], weight, bias, targets[block], logits)
        log_joint = log_prior[block] + log_likelihood
        nll[block] = -torch.logsumexp(log_joint, dim=1)
        responsibility = torch.exp(log_joint + nll[block].unsqueeze(1))
        if counts is not None:
            responsibility *= counts[block].unsqueeze(1)
        gradients.log_prior[block] = -responsibility
        factor = responsibility.view(-1, 1) / sums
        # the block holds sums * softmax; now what is, times factor, the gradient of the logits
        logits.scatter_add_(1, _of_rows(targets[block], contexts), -sums)
        torch.mm(logits, weight, out=gradients.contexts[block].flatten(0, 1)).mul_(factor)
        gradients.weight.addmm_(logits.T, contexts[block].flatten(0, 1) * factor)
        gradients.bias.addmv_(logits.T, factor.squeeze(1))
    return nll, gradients


def _exponentials(
    contexts: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, logits: Tensor
) -> tuple[Tensor, Tensor]:
    """Fills `logits` (n K, V) with exp(x - max x); gives the sums (n K, 1) and the targets' log softmax (n, K)."""
    torch.addmm(bias, contexts.flatten(0, 1), weight.T, out=logits)
    logits -= logits.amax(dim=1, keepdim=True)
    of_target = logits.gather(1, _of_rows(targets, contexts))
    sums = logits.exp_().sum(dim=1, keepdim=True)
    return sums, (of_target - sums.log()).view(contexts.shape[:2])


def _of_rows(targets: Tensor, contexts: Tensor) -> Tensor:
    return targets.repeat_interleave(contexts.shape[1]).unsqueeze(1)


def _blocks(contexts: Tensor, weight: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Slices of tokens, each with room for its logits (n K, V); the room is the same for every block."""
    tokens, components, _ = contexts.shape
    of_token = components * len(weight) * weight.element_size()
    size = min(max(1, BLOCK_BYTES.get(weight.device.type, BLOCK_BYTES["cpu"]) // of_token), max(1, tokens))
    room = weight.new_empty(size * components, len(weight))
    for start in range(0, tokens, size):
        end = min(start + size, tokens)
        yield slice(start, end), room[: (end - start) * components]


def _check(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor) -> None:
    shapes = [tuple(tensor.shape) for tensor in (contexts, log_prior, weight, bias)]
    N, K, d = contexts.shape if contexts.ndim == 3 else (0, 0, 0)
    if K == 0 or shapes[1] != (N, K) or weight.ndim != 2 or shapes[2][1] != d or shapes[3] != shapes[2][:1]:
        raise ValueError(
            f"expected contexts (N, K, d), log_prior (N, K), weight (V, d) and bias (V,); the shapes are {shapes}"
        )
