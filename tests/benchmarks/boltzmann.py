"""Chains of an RBM: a Gibbs sweep and a temperature of AIS against plain torch, an update against scikit-learn's."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from sklearn.neural_network import BernoulliRBM
from torch import Tensor
from torch.nn.functional import softplus

from baselines.boltzmann.ais import Annealing
from baselines.boltzmann.chains import Chains
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.learning import Learner, Pace, Step
from baselines.boltzmann.machine import Machine
from tests.benchmarks.clock import Work, compare, table

CHAINS, VISIBLE, HIDDEN, SWEEPS = 100, 784, 500, 25
NOW, THEN = 0.9, 0.90001


def main() -> str:
    """Milliseconds on one thread, of 100 chains of an RBM 784-500 in float32, with as many ones as on digits."""
    torch.set_num_threads(1)
    machine = like_digits()
    chains = Chains(machine, CHAINS).scatter(Draws(0))
    chains.advance(20, Draws(1))
    shares = " and ".join(f"{float(states.mean()):.0%}" for states in chains.states)
    ways = {
        f"{SWEEPS} Gibbs sweeps": sweeps(chains),
        "a temperature of AIS": temperatures(machine),
        "an update by PCD-1": updates(machine),
    }
    tables = [
        table(
            f"{what}, {shares} of the units are 1",
            {way: (1e3 * t, "ms") for way, t in compare(works, 9, clock=time.process_time).items()},
            next(iter(works)),
        )
        for what, works in ways.items()
    ]
    return "\n\n".join(tables)


def like_digits() -> Machine:
    """Parameters that give an eighth of ones among the visible units, and a quarter among the hidden ones."""
    torch.manual_seed(0)
    machine = Machine((VISIBLE, HIDDEN)).scatter(0.05)
    machine.biases[0].fill_(-2.0)
    machine.biases[1].fill_(-1.0)
    return machine


def sweeps(chains: Chains) -> dict[str, Work]:
    """As many as an update of the published RBM has."""
    w, b, a = (parameter.detach() for parameter in chains.machine.parameters())
    h, draws = chains.states[1].clone(), Draws(2)

    def plain(draw: Callable[[Tensor], Tensor]) -> None:
        states = h
        for _ in range(SWEEPS):
            v = draw(torch.sigmoid(states @ w.T + b))
            states = draw(torch.sigmoid(v @ w + a))

    return {
        "torch.bernoulli": lambda: plain(torch.bernoulli),
        "torch.rand < p": lambda: plain(lambda p: (torch.rand_like(p) < p).float()),
        "ours": lambda: chains.advance(SWEEPS, draws),
    }


def temperatures(machine: Machine) -> dict[str, Work]:
    """Weights from one temperature to the next, and a sweep there."""
    base = torch.full((VISIBLE,), -2.0)
    run = Annealing(machine, base, CHAINS, Draws(3))
    w, b, a = (parameter.detach() for parameter in machine.parameters())
    v, log_weights = run.states[0].clone(), torch.zeros(CHAINS)

    def plain() -> Tensor:
        inputs = v @ w + a
        for t, sign in ((THEN, 1), (NOW, -1)):
            log_weights.add_(softplus(t * inputs).sum(1) + v @ (t * b + (1 - t) * base), alpha=sign)
        h = torch.bernoulli(torch.sigmoid(THEN * inputs))
        return torch.bernoulli(torch.sigmoid(THEN * (h @ w.T + b) + (1 - THEN) * base))

    def ours() -> None:
        run.weigh(NOW, THEN)
        run.move(THEN)

    return {"plain torch": plain, "ours": ours}


def updates(machine: Machine) -> dict[str, Work]:
    """Persistent chains, one sweep, 100 images of an eighth of ones; a rate of 1e-9, so that all rounds do one work."""
    images = (torch.rand(CHAINS, VISIBLE) < 0.13).float()
    theirs = BernoulliRBM(HIDDEN, learning_rate=1e-9, batch_size=CHAINS, random_state=0)
    theirs.partial_fit(images.numpy())
    w, b, a = (parameter.detach().numpy() for parameter in machine.parameters())
    theirs.components_, theirs.intercept_visible_, theirs.intercept_hidden_ = np.asfortranarray(w.T), b.copy(), a.copy()
    step = Step(Learner(machine, weight_decay=0.0), Chains(machine, CHAINS).scatter(Draws(4)), persistent=True)
    step.chains.advance(20, Draws(5))
    theirs.h_samples_, draws = step.chains.states[1].numpy().copy(), Draws(6)
    return {
        "scikit-learn's BernoulliRBM": lambda: theirs.partial_fit(images.numpy()),
        "ours": lambda: step.make(images, Pace(1e-9, 0.5, 1), draws),
    }
