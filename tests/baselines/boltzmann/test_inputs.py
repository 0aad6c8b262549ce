"""Inputs given binary states: sums of rows are the dense product, however many units are 1."""

from __future__ import annotations

import pytest
import torch

from baselines.boltzmann.inputs import DENSE, BinaryInputs
from baselines.boltzmann.machine import Machine


def machine(upward: float = 1.0, downward: float = 1.0) -> Machine:
    made = Machine((23, 19, 17), upward, downward).double().scatter(1.0)
    for bias in made.biases:
        bias.normal_()
    return made


@pytest.mark.parametrize("share", [0.0, 0.03, 0.35, DENSE - 1e-9, DENSE + 0.1, 1.0])
@pytest.mark.parametrize(("upward", "downward"), [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0)])
def test_inputs_are_the_machine_s(share: float, upward: float, downward: float) -> None:
    """In float64, so that what is left is the order of sums."""
    torch.manual_seed(0)
    of, states = machine(upward, downward), [(torch.rand(11, size) < share).double() for size in (23, 19, 17)]
    inputs = BinaryInputs(of)
    for layer, size in enumerate(of.sizes):
        found = inputs.total_input(layer, states, out=torch.full((11, size), torch.nan, dtype=torch.float64))
        torch.testing.assert_close(found, of.total_input(layer, states), rtol=0, atol=1e-12)


def test_other_weights_count_once_they_are_looked_at_again() -> None:
    of, states = machine(), [torch.zeros(2, size, dtype=torch.float64) for size in (23, 19, 17)]
    states[1][:, 3] = 1
    inputs, out = BinaryInputs(of), torch.empty(2, 23, dtype=torch.float64)
    before = inputs.total_input(0, states, out=out).clone()
    of.weights[0][:, 3] += 1
    assert torch.equal(inputs.total_input(0, states, out=out), before)
    inputs.refresh()
    torch.testing.assert_close(inputs.total_input(0, states, out=out), before + 1)


def test_states_of_thousands_of_units_in_float32_are_near_those_in_float64() -> None:
    """Sums of 1,000 normal weights, rounded at 6e-8 of some hundred."""
    torch.manual_seed(1)
    of = Machine((4000, 3)).scatter(1.0)
    states = [(torch.rand(5, 4000) < 0.25).float(), torch.zeros(5, 3)]
    found = BinaryInputs(of).total_input(1, states, out=torch.empty(5, 3))
    exact = states[0].double() @ of.weights[0].double()
    assert float((found - exact).abs().max()) < 1e-3
