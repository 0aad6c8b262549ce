"""Mean field against sums over all hidden states."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.boltzmann.mean_field import bound, posterior_means
from baselines.boltzmann.model import BoltzmannModel
from repro.tasks.total_probability import all_states
from tests.baselines.boltzmann.exact import log_joint, random_machine

DEEP = (6, 4, 3, 3)
VISIBLE = torch.from_numpy(all_states(6))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sweeps", [0, 1, 50])
def test_the_bound_is_below_log_p_of_every_visible_state_however_many_sweeps(seed: int, sweeps: int) -> None:
    machine = random_machine(DEEP, seed)
    exact = log_joint(machine).logsumexp(1)
    found = bound(machine, posterior_means(machine, VISIBLE, sweeps))
    assert (found < exact + 1e-12).all()


def test_the_bound_is_log_p_where_hidden_layers_are_not_connected() -> None:
    machine = random_machine(DEEP)
    for weight in machine.weights[1:]:
        weight.zero_()
    found = bound(machine, posterior_means(machine, VISIBLE, 1))
    torch.testing.assert_close(found, log_joint(machine).logsumexp(1), rtol=0, atol=1e-12)


def test_the_bound_of_one_hidden_layer_is_log_p() -> None:
    machine = random_machine((6, 5))
    found = bound(machine, posterior_means(machine, VISIBLE, 0))
    torch.testing.assert_close(found, log_joint(machine).logsumexp(1), rtol=0, atol=1e-12)


def test_the_means_end_at_a_fixed_point() -> None:
    machine = random_machine(DEEP, scale=0.5)
    means = posterior_means(machine, VISIBLE, 200, tolerance=1e-9)
    for layer in (1, 2, 3):
        residual = means[layer] - torch.sigmoid(machine.total_input(layer, means))
        assert float(residual.abs().max()) < 1e-6


def test_no_sweep_lowers_the_bound() -> None:
    machine = random_machine(DEEP, seed=3)
    bounds = torch.stack([bound(machine, posterior_means(machine, VISIBLE, sweeps)) for sweeps in range(12)])
    assert (bounds.diff(dim=0) > -1e-12).all()
    assert float(bounds[1].sum()) > float(bounds[0].sum()) + 0.1  # and the first ones raise it


def test_sweeps_end_where_nothing_moves_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = random_machine(DEEP, scale=0.5)
    inputs, total_input = [], type(machine).total_input

    def counted(self: object, layer: int, *given: object, **options: object) -> torch.Tensor:
        inputs.append(layer)
        return total_input(self, layer, *given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(type(machine), "total_input", counted)
    posterior_means(machine, VISIBLE, 500, tolerance=1e-7)
    assert 3 * 3 < len(inputs) < 3 * 100
    inputs.clear()
    posterior_means(machine, VISIBLE, 7)
    assert inputs == [1, 3, 2] * 7


def test_a_trained_machine_in_float32_has_its_bound_in_float64() -> None:
    machine = random_machine((6, 4, 3))
    examples, means = all_states(6), torch.full((6,), 0.5)
    exact = BoltzmannModel(machine, means).log_unnormalised(examples)
    assert (exact <= log_joint(machine).logsumexp(1).numpy() + 1e-12).all()
    found = BoltzmannModel(random_machine((6, 4, 3)).float(), means).log_unnormalised(examples)
    np.testing.assert_allclose(found, exact, atol=1e-5)  # parameters are rounded to float32
