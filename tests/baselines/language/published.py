"""The published training of AWD-LSTM, MoS and the LSTM of Zaremba et al., written plainly: a loop over time steps, no
fused kernel, no optimiser of a library. It shares nothing with `baselines.language` but the masks that were drawn.

Papers: Merity et al. (2018), arXiv:1708.02182, sections 2 to 4, algorithm 1; Yang et al. (2018), arXiv:1711.03953
        Zaremba et al. (2014), arXiv:1409.2329
Code:   salesforce/awd-lstm-lm, main.py, finetune.py and model.py; zihangdai/mos, model.py
Shapes: T time, B streams, V vocabulary
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

Parameters = dict[str, Tensor]
State = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Settings:
    """What a training is told; `rate` of an epoch, from 0."""

    layers: int
    components: int  # 0: a plain softmax
    locked: bool  # masks of a segment, else of a time step
    varied: bool  # lengths are drawn, else all are bptt
    summed: bool  # the loss is a sum over time, else a mean
    bptt: int
    rate: Callable[[int], float]
    clip: float
    decay: float
    alpha: float
    beta: float
    cap: int | None = None  # the longest segment
    at_once: int | None = None  # streams of a forward and backward pass, else all


@dataclass
class Step:
    """What one update leaves: its loss, the gradients before they are clipped, the weights after it."""

    loss: float
    gradients: Parameters
    weights: Parameters


@dataclass
class Training:
    """A training that is being repeated: `masks` are those that the training beside it drew, in the order of drawing.

    `theta` are the parameters by name; without an `output.weight` the embedding is the decoder.
    """

    settings: Settings
    theta: Parameters
    masks: list[Tensor]
    steps: list[Step] = field(default_factory=list)
    mean: Parameters | None = None
    averaged: int = 0

    def epoch(self, text: Tensor, number: int, random: Callable[[int], np.random.Generator]) -> list[tuple[int, int]]:
        """One pass over a text (T, B), the state zero at first; gives the lengths as drawn, and as taken."""
        settings, at, lengths = self.settings, 0, []
        state = zeros(self.theta, settings.layers, text.shape[1])
        while at < len(text) - 1:
            drawn = length(settings, random(len(self.steps)))
            taken = min(drawn, len(text) - 1 - at)
            state = self.update(text[at : at + taken], text[at + 1 : at + taken + 1], state, number, drawn)
            at += taken
            lengths.append((drawn, taken))
        return lengths

    def update(self, tokens: Tensor, targets: Tensor, state: State, epoch: int, drawn: int) -> State:
        """One update on a segment, with the rate of the segment's drawn length; gives the state without history."""
        settings, streams = self.settings, tokens.shape[1]
        gradients = {name: torch.zeros_like(value) for name, value in self.theta.items()}
        loss, states = 0.0, []
        for start in range(0, streams, settings.at_once or streams):
            part = slice(start, start + (settings.at_once or streams))
            share = tokens[:, part].shape[1] / streams
            theta = {name: value.clone().requires_grad_() for name, value in self.theta.items()}
            before = [(h[part], c[part]) for h, c in state]
            raw, dropped, after = forward(settings, theta, tokens[:, part], before, self.masks)
            of_part = nll(settings, theta, dropped, targets[:, part], self.masks).mean()
            cost = of_part * len(tokens) if settings.summed else of_part
            cost = cost + settings.alpha * (dropped**2).mean()
            if len(tokens) > 1:
                cost = cost + settings.beta * ((raw[1:] - raw[:-1]) ** 2).mean()
            for name, gradient in zip(theta, torch.autograd.grad(share * cost, list(theta.values())), strict=True):
                gradients[name] = gradients[name] + gradient
            loss += share * float(of_part.detach())
            states.append([(h.detach(), c.detach()) for h, c in after])
        norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients.values()))
        shrink = min(1.0, settings.clip / (norm + 1e-6))
        rate = settings.rate(epoch) * drawn / settings.bptt
        for name, value in self.theta.items():
            self.theta[name] = value - rate * (shrink * gradients[name] + settings.decay * value)
        if self.mean is not None:
            self.averaged += 1
            for name, value in self.theta.items():
                self.mean[name] = self.mean[name] + (value - self.mean[name]) / self.averaged
        self.steps.append(Step(loss, gradients, dict(self.theta)))
        return [
            (torch.cat([h for h, _ in layer]), torch.cat([c for _, c in layer])) for layer in zip(*states, strict=True)
        ]

    def average(self) -> None:
        """From the next step on, the mean of the iterates."""
        self.mean, self.averaged = dict(self.theta), 0

    def perplexity(self, text: Tensor) -> float:
        """Of a text (T, B): segments of bptt, nothing dropped, the state carried, the mean where there is one."""
        theta, settings, total = self.mean or self.theta, self.settings, 0.0
        state = zeros(theta, settings.layers, text.shape[1])
        for at in range(0, len(text) - 1, settings.bptt):
            end = min(at + settings.bptt, len(text) - 1)
            _, hidden, state = forward(settings, theta, text[at:end], state, None)
            total += float(nll(settings, theta, hidden, text[at + 1 : end + 1], None).sum())
        return math.exp(total / ((len(text) - 1) * text.shape[1]))


def length(settings: Settings, random: np.random.Generator) -> int:
    """bptt with probability 0.95, else half of it; around that a normal of deviation 5; at least 5, at most the cap."""
    if not settings.varied:
        return settings.bptt
    base = settings.bptt if random.random() < 0.95 else settings.bptt / 2
    return min(max(5, int(random.normal(base, 5))), settings.cap or 1000)


def zeros(theta: Parameters, layers: int, streams: int) -> State:
    widths = [theta[f"layers.layers.{layer}.weight_hh_l0"].shape[1] for layer in range(layers)]
    return [(torch.zeros(streams, width).double(), torch.zeros(streams, width).double()) for width in widths]


def forward(
    settings: Settings, theta: Parameters, tokens: Tensor, state: State, masks: list[Tensor] | None
) -> tuple[Tensor, Tensor, State]:
    """The top layer's outputs (T, B, H) before and after dropout, and the state after the segment."""
    x, after = theta["layers.embedding.weight"][tokens], []
    if masks is not None and settings.locked:
        x = x * masks.pop(0)[tokens]  # whole words
    x = x if masks is None else x * masks.pop(0)
    for layer in range(settings.layers):
        weights = {name: theta[f"layers.layers.{layer}.{name}_l0"] for name in ("weight_ih", "weight_hh")}
        bias = theta[f"layers.layers.{layer}.bias_ih_l0"] + theta[f"layers.layers.{layer}.bias_hh_l0"]
        recurrent = weights["weight_hh"]
        if masks is not None and settings.locked:
            recurrent = recurrent * masks.pop(0)
        h, c = state[layer]
        outputs = []
        for of_time in x:
            i, f, g, o = (of_time @ weights["weight_ih"].T + h @ recurrent.T + bias).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        after.append((h, c))
        raw = torch.stack(outputs)
        x = raw if masks is None else raw * masks.pop(0)
    return raw, x, after


def nll(settings: Settings, theta: Parameters, hidden: Tensor, targets: Tensor, masks: list[Tensor] | None) -> Tensor:
    """-log p of targets (T, B)."""
    decoder, bias = theta.get("output.weight", theta["layers.embedding.weight"]), theta["output.bias"]
    if not settings.components:
        p = torch.softmax(hidden @ decoder.T + bias, dim=-1)
    else:
        latent = torch.tanh(hidden @ theta["output.latent.weight"].T + theta["output.latent.bias"])
        latent = latent if masks is None else latent * masks.pop(0)
        contexts = latent.reshape(*latent.shape[:-1], settings.components, decoder.shape[1])
        prior = torch.softmax(hidden @ theta["output.prior.weight"].T, dim=-1)
        p = (prior.unsqueeze(-1) * torch.softmax(contexts @ decoder.T + bias, dim=-1)).sum(-2)
    return -torch.log(p.gather(-1, targets.unsqueeze(-1)).squeeze(-1))
