"""The dropouts of the AWD-LSTM, as functions whose gradients reach the raw weights.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182, sections 2 and 4
       A Theoretically Grounded Application of Dropout in Recurrent Neural Networks (Gal and Ghahramani, 2016)
Code:  salesforce/awd-lstm-lm, locked_dropout.py, embed_regularize.py, weight_drop.py; read at 1d466ec
Shapes: T time, B batch, H features, V vocabulary, D embedding

Without a generator nothing is dropped: that is evaluation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Dropouts:
    """Shares of units that are dropped.

    Attributes:
        word: whole rows of the embedding matrix.
        input: features of the embedded words.
        hidden: features between layers.
        weight: recurrent weights (DropConnect on hidden-to-hidden matrices).
        output: features of the last layer.
        locked: one mask for all time steps (variational); False draws one a step, as Zaremba et al. do.
    """

    word: float = 0.0
    input: float = 0.0
    hidden: float = 0.0
    weight: float = 0.0
    output: float = 0.0
    locked: bool = True


def kept(like: Tensor, shape: tuple[int, ...], rate: float, generator: torch.Generator) -> Tensor:
    """A mask of 0 and 1 / (1 - rate), of the type and device of `like`. The share of zeros is `rate` to 1 / 65,536.

    Four entries come from each random integer of 64 bits: `bernoulli_` takes eleven times as long on a CPU, 7 % of a
    training step of the AWD-LSTM.
    """
    count = math.prod(shape)
    bits = torch.empty(-(-count // 4), dtype=torch.int64, device=like.device).random_(
        -(2**63), None, generator=generator
    )
    numbers = bits.view(torch.int16)[:count].view(shape)  # uniform on -32,768 .. 32,767
    return (numbers >= round(rate * 2**16) - 2**15).to(like.dtype).div_(1 - rate)


def dropout(x: Tensor, rate: float, generator: torch.Generator | None, *, locked: bool = True) -> Tensor:
    """Drops features of x (T, B, H): one mask (1, B, H) for all time steps where `locked`, else one for each."""
    if generator is None or rate == 0:
        return x
    return x * kept(x, (1, *x.shape[1:]) if locked else tuple(x.shape), rate, generator)


def embed(tokens: Tensor, weight: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    """Rows of weight (V, D) for tokens (T, B): (T, B, D); a dropped word is zero wherever it stands in the segment."""
    embedded = functional.embedding(tokens, weight)
    if generator is None or rate == 0:
        return embedded
    return embedded * kept(weight, (len(weight), 1), rate, generator)[tokens]


def weight_drop(weight: Tensor, rate: float, generator: torch.Generator | None) -> Tensor:
    """A recurrent matrix with single weights dropped: one mask for the whole segment."""
    if generator is None or rate == 0:
        return weight
    return weight * kept(weight, tuple(weight.shape), rate, generator)
