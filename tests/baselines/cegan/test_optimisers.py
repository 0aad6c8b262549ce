"""Adam and Adagrad in Lasagne's form, against formulas written out here and against torch where they coincide."""

import math

import pytest
import torch

from baselines.cegan.networks import FlatParameters
from baselines.cegan.optimisers import Adagrad, Adam


def parameters(seeds: int = 2) -> FlatParameters:
    made = FlatParameters({"W1": (3, 5), "b1": (1, 5)}, seeds, "cpu", torch.float64)
    made.flat.copy_(torch.randn(made.flat.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    return made


def gradients(steps: int, like: torch.Tensor) -> list[torch.Tensor]:
    source = torch.Generator().manual_seed(1)
    return [torch.randn(like.shape, generator=source, dtype=torch.float64) for _ in range(steps)]


@pytest.mark.parametrize("beta1", [0.0, 0.5])
def test_adam_is_lasagne_s_formula(beta1: float) -> None:
    p = parameters()
    adam, expected = Adam(p, beta1), p.flat.clone()
    first, second = torch.zeros_like(expected), torch.zeros_like(expected)
    for t, gradient in enumerate(gradients(7, p.flat), start=1):
        p.grad.copy_(gradient)
        adam.step(2e-3)
        first = beta1 * first + (1 - beta1) * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = 2e-3 * math.sqrt(1 - 0.999**t) / (1 - beta1**t)
        expected -= rate * first / (second.sqrt() + 1e-8)
    torch.testing.assert_close(p.flat, expected, rtol=1e-13, atol=1e-13)


def test_adam_is_torch_s_but_for_the_place_of_epsilon() -> None:
    p = parameters()
    theirs = torch.nn.Parameter(p.flat.clone())
    adam, reference = Adam(p, 0.5), torch.optim.Adam([theirs], lr=1e-2, betas=(0.5, 0.999), eps=1e-8)
    for gradient in gradients(5, p.flat):
        p.grad.copy_(gradient)
        theirs.grad = gradient
        adam.step(1e-2)
        reference.step()
    # epsilon is 1e-8 against second moments of order 1e-3 and more: relative difference of a step below 1e-5
    torch.testing.assert_close(p.flat, theirs.detach(), rtol=1e-6, atol=1e-6)


def test_adagrad_is_torch_s_with_epsilon_inside_the_root() -> None:
    p = parameters()
    adagrad, expected, squares = Adagrad(p), p.flat.clone(), torch.zeros_like(p.flat)
    for gradient in gradients(5, p.flat):
        p.grad.copy_(gradient)
        adagrad.step(1e-3)
        squares += gradient**2
        expected -= 1e-3 * gradient / (squares + 1e-6).sqrt()
    torch.testing.assert_close(p.flat, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("beta1", [0.0, 0.5])
def test_a_seed_whose_gate_is_shut_behaves_as_if_the_step_had_not_been(beta1: float) -> None:
    gated, free = parameters(), parameters()
    ours, theirs = Adam(gated, beta1), Adam(free, beta1)
    opening = [(True, False), (False, True), (True, True), (True, False)]
    for gradient, gates in zip(gradients(4, gated.flat), opening, strict=True):
        gated.grad.copy_(gradient)
        ours.step(1e-2, torch.tensor(gates).unsqueeze(1))
        if gates[0]:
            free.grad.copy_(gradient)
            theirs.step(1e-2)
    torch.testing.assert_close(gated.flat[0], free.flat[0], rtol=1e-14, atol=1e-14)
    assert ours.steps.flatten().tolist() == [3, 2]


def test_a_restored_optimiser_continues_as_the_saved_one() -> None:
    p, q = parameters(), parameters()
    ours, theirs = Adam(p, 0.5), Adam(q, 0.5)
    first, second = gradients(2, p.flat)
    p.grad.copy_(first)
    ours.step(1e-2)
    theirs.restore(ours.state())
    q.flat.copy_(p.flat)
    for optimiser, target in ((ours, p), (theirs, q)):
        target.grad.copy_(second)
        optimiser.step(1e-2)
    assert torch.equal(p.flat, q.flat)
