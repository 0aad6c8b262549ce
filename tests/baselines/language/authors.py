"""The models of salesforce/awd-lstm-lm and zihangdai/mos, transcribed, and saved as their training scripts save them.

Code:   salesforce/awd-lstm-lm, model.py, weight_drop.py and main.py (model_save); read at 1d466ec
        zihangdai/mos, model.py and utils.py (save_checkpoint); read at 9c0c608
Shapes: T time, B streams, V vocabulary

Nothing of `baselines.language` is used. Dropout is left out: nothing is dropped when a model is evaluated.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class WeightDrop(nn.Module):
    """An LSTM whose recurrent matrix is a parameter under another name."""

    def __init__(self, module: nn.Module, weights: list[str], dropout: float = 0.0) -> None:
        super().__init__()
        self.module, self.weights, self.dropout = module, weights, dropout
        # a bound method, which is part of the file
        self.module.flatten_parameters = self.widget_demagnetizer_y2k_edition  # type: ignore[assignment]
        for name in weights:
            value = getattr(self.module, name)
            del self.module._parameters[name]
            self.module.register_parameter(f"{name}_raw", nn.Parameter(value.data))

    def widget_demagnetizer_y2k_edition(self, *args: Any) -> None:
        """Nothing."""

    def forward(self, *args: Any) -> Any:
        for name in self.weights:
            raw = getattr(self.module, f"{name}_raw")
            setattr(self.module, name, nn.functional.dropout(raw, p=self.dropout, training=self.training))
        return self.module.forward(*args)


class RNNModel(nn.Module):
    """Both models: with `n_experts` that of MoS, else that of AWD-LSTM."""

    def __init__(
        self, ntoken: int, ninp: int, nhid: int, nhidlast: int, nlayers: int, n_experts: int = 0, wdrop: float = 0.5
    ) -> None:
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        last = nlayers - 1
        rnns: list[nn.Module] = [
            nn.LSTM(ninp if n == 0 else nhid, nhid if n != last else nhidlast, 1, dropout=0) for n in range(nlayers)
        ]
        self.rnns = nn.ModuleList([WeightDrop(rnn, ["weight_hh_l0"], wdrop) for rnn in rnns] if wdrop else rnns)
        if n_experts:
            self.prior = nn.Linear(nhidlast, n_experts, bias=False)
            self.latent = nn.Sequential(nn.Linear(nhidlast, n_experts * ninp), nn.Tanh())
        self.decoder = nn.Linear(ninp, ntoken)
        self.decoder.weight = self.encoder.weight
        self.ntoken, self.ninp, self.n_experts = ntoken, ninp, n_experts

    def forward(self, tokens: Tensor) -> Tensor:
        """log p (T, B, V) of each next word after tokens (T, B), from the state of zeros on."""
        output = self.encoder(tokens)
        for rnn in self.rnns:
            output, _ = rnn(output)
        if not self.n_experts:
            return torch.log_softmax(self.decoder(output), dim=-1)
        logit = self.decoder(self.latent(output).view(-1, self.ninp))
        prior = nn.functional.softmax(self.prior(output).contiguous().view(-1, self.n_experts), -1)
        prob = nn.functional.softmax(logit.view(-1, self.ntoken), -1).view(-1, self.n_experts, self.ntoken)
        prob = (prob * prior.unsqueeze(2).expand_as(prob)).sum(1)
        return torch.log(prob).view(*tokens.shape, self.ntoken)  # theirs is log(p + 1e-8): see `baselines.language`


class SplitCrossEntropyLoss(nn.Module):
    """The criterion that AWD-LSTM saves beside its model: of one split it has no weights."""

    def __init__(self) -> None:
        super().__init__()
        self.splits, self.verbose = [0, 100 * 1000000], False


def tiny(words: int, n_experts: int = 0, seed: int = 0, **sizes: Any) -> RNNModel:
    """A small model with random weights, large enough ones that no two words are alike."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RNNModel(words, 5, 7, 5 if not n_experts else 11, 2, n_experts, **sizes)
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -0.5, 0.5)
    return model.eval()


def perplexity(model: RNNModel, tokens: np.ndarray, streams: int) -> float:
    """Of a text (N,), read as so many streams, in float64: every token but the first of each stream."""
    length = len(tokens) // streams
    text = torch.from_numpy(tokens[: length * streams].astype(np.int64)).view(streams, length).t()
    model = model.double()
    with torch.no_grad():
        log_p = model(text[:-1]).gather(-1, text[1:].unsqueeze(-1))
    model.float()
    return math.exp(-float(log_p.mean()))


def save(model: RNNModel, file: Path, form: str = "model", *, legacy: bool = True) -> Path:
    """As AWD-LSTM saves it (`triple`), as MoS does (`model`), or a `state` dict; `legacy`: as before PyTorch 1.6."""
    optimiser = torch.optim.SGD(model.parameters(), lr=30.0, weight_decay=1.2e-6)
    saved = {"triple": [model, SplitCrossEntropyLoss(), optimiser], "model": model, "state": model.state_dict()}[form]
    with theirs(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that their source is not kept in the file
        torch.save(saved, file, _use_new_zipfile_serialization=not legacy)
    return file


@contextmanager
def theirs() -> Iterator[None]:
    """Inside the block the classes have the authors' names, as in the authors' working directory."""
    places = {WeightDrop: "weight_drop", RNNModel: "model", SplitCrossEntropyLoss: "splitcross"}
    here = WeightDrop.__module__
    try:
        for cls, name in places.items():
            sys.modules[name] = ModuleType(name)
            setattr(sys.modules[name], cls.__name__, cls)
            cls.__module__ = name
        yield
    finally:
        for cls, name in places.items():
            del sys.modules[name]
            cls.__module__ = here
