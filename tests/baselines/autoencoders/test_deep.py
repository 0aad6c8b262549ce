"""The deep autoencoder of 2006 against its published steps, written out from the authors' description."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.autoencoders.conjugate_gradients import line_searches
from baselines.autoencoders.deep import DeepAutoencoder, DeepAutoencoderRun, Unrolled, squared_error
from baselines.autoencoders.machines import Machine, contrast
from repro.data.kinds.images import digits
from repro.data.kinds.vectors import Vectors
from repro.tasks.representation import Representation
from tests.baselines.contract import Mortal

RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def in_float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def sigmoid(x: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1 / (1 + np.exp(-x))
    return found


def machine(*, linear_visible: bool = False, linear_hidden: bool = False) -> Machine:
    torch.manual_seed(1)
    made = Machine(7, 5, 0.1, linear_visible=linear_visible, linear_hidden=linear_hidden)
    with torch.no_grad():
        made.visible_bias.normal_()
        made.hidden_bias.normal_()
    return made


KINDS = {"first": {"linear_visible": True}, "middle": {}, "code": {"linear_hidden": True}}
RATES = {"first": 0.001, "middle": 0.1, "code": 0.001}


@pytest.mark.parametrize("kind", KINDS)
def test_pre_training_takes_the_published_steps(kind: str) -> None:
    """rbm.m and rbmhidlinear.m, written out: batches of 11, four steps, the last two with the later momentum. Binary
    hidden states are those whose probability is above a uniform number; linear ones have normal noise added."""
    made, method = machine(**KINDS[kind]), DeepAutoencoder()
    W, b, c = (each.detach().numpy().copy() for each in (made.weights, made.visible_bias, made.hidden_bias))
    steps, dW, db, dc = method.descent(made), np.zeros_like(W), np.zeros_like(b), np.zeros_like(c)
    for number, epoch in enumerate((0, 4, 5, 9)):
        data = RANDOM.normal(size=(11, 7)) if kind == "first" else RANDOM.random((11, 7))
        for group in steps.param_groups:
            group["momentum"] = method.momentum_in(epoch)
        torch.manual_seed(number)
        error = contrast(made, torch.from_numpy(data))
        steps.step()

        torch.manual_seed(number)
        momentum = 0.5 if epoch < 5 else 0.9
        positive = data @ W + c
        if kind == "code":
            states = positive + torch.randn(11, 5).numpy()
        else:
            positive = sigmoid(positive)
            states = (positive > torch.rand(11, 5).numpy()).astype(float)
        reconstruction = states @ W.T + b
        if kind != "first":
            reconstruction = sigmoid(reconstruction)
        negative = reconstruction @ W + c
        if kind != "code":
            negative = sigmoid(negative)
        rate = RATES[kind]
        dW = momentum * dW + rate * ((data.T @ positive - reconstruction.T @ negative) / 11 - 0.0002 * W)
        db = momentum * db + rate / 11 * (data.sum(axis=0) - reconstruction.sum(axis=0))
        dc = momentum * dc + rate / 11 * (positive.sum(axis=0) - negative.sum(axis=0))
        W, b, c = W + dW, b + db, c + dc
        assert float(error) == pytest.approx(((data - reconstruction) ** 2).sum() / 11, rel=1e-12)
    for found, expected in ((made.weights, W), (made.visible_bias, b), (made.hidden_bias, c)):
        np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-12, atol=1e-14)


def test_the_layers_are_those_of_the_paper() -> None:
    """Only the examples and the code are linear; weights begin with deviation 0.1, biases at zero."""
    torch.manual_seed(0)
    machines = DeepAutoencoder((200, 100, 30)).machines(625)
    assert [tuple(each.weights.shape) for each in machines] == [(625, 200), (200, 100), (100, 30)]
    assert [(each.linear_visible, each.linear_hidden) for each in machines] == [
        (True, False), (False, False), (False, True)
    ]  # fmt: skip
    assert float(machines[0].weights.detach().std()) == pytest.approx(0.1, rel=0.02)  # of 125,000 normal numbers
    assert not any(each.visible_bias.any() or each.hidden_bias.any() for each in machines)


def stacked() -> list[Machine]:
    torch.manual_seed(2)
    machines = DeepAutoencoder((6, 5, 3)).machines(7)
    with torch.no_grad():
        for each in machines:
            each.visible_bias.normal_()
            each.hidden_bias.normal_()
    return machines


def test_before_fine_tuning_the_network_is_the_stack_of_machines() -> None:
    """Up through their hidden means and down through their visible ones, whose code is linear."""
    machines, network = stacked(), Unrolled((7, 6, 5, 3))
    network.unroll(machines)
    examples = torch.from_numpy(RANDOM.normal(size=(11, 7)))
    values = examples
    for each in machines:
        values = each.hidden(values)
    torch.testing.assert_close(network.encode(examples), values, rtol=1e-13, atol=1e-13)
    for each in reversed(machines):
        values = each.visible(values)
    torch.testing.assert_close(network(examples), values, rtol=1e-13, atol=1e-13)


def test_the_decoder_has_weights_of_its_own() -> None:
    machines, network = stacked(), Unrolled((7, 6, 5, 3))
    network.unroll(machines)
    before = [each.weights.detach().clone() for each in machines]
    line_searches(lambda: squared_error(network, torch.ones(3, 7)), list(network.parameters()), 2)
    first, last = network.encoder[0].weight, network.decoder[-1].weight
    assert isinstance(first, torch.Tensor)
    assert isinstance(last, torch.Tensor)
    assert not torch.allclose(first.T, last)
    for each, old in zip(machines, before, strict=True):
        torch.testing.assert_close(each.weights.detach(), old, rtol=0, atol=0)


def back_propagated(layers: list[tuple[np.ndarray, np.ndarray]], x: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """The squared error of the network and its derivatives, layer by layer from the output down, as CG_MNIST.m has
    them for its own loss: weights (in, out) and biases; the code, layer 2 of 0 to 5, and the output are linear."""
    values = [x]
    for number, (W, b) in enumerate(layers):
        inputs = values[-1] @ W + b
        values.append(inputs if number in (2, 5) else sigmoid(inputs))
    delta = 2 * (values[-1] - x) / len(x)
    gradients: list[np.ndarray] = []
    for number in reversed(range(6)):
        if number not in (2, 5):
            delta = delta * values[number + 1] * (1 - values[number + 1])
        gradients = [values[number].T @ delta, delta.sum(axis=0), *gradients]
        delta = delta @ layers[number][0].T
    return float(((values[-1] - x) ** 2).sum() / len(x)), gradients


def flat(layers: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    return np.concatenate([each.ravel() for W, b in layers for each in (W.T, b)])


def unflat(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    layers, start = [], 0
    for size, to in pairwise((7, 6, 5, 3, 5, 6, 7)):
        W = values[start : start + size * to].reshape(to, size).T
        layers.append((W, values[start + size * to : start + size * to + to]))
        start += size * to + to
    return layers


def test_fine_tuning_goes_along_conjugate_directions_to_where_the_wolfe_conditions_hold() -> None:
    """One, two and three line searches from the same start give the points between. Each move is a multiple of
    -g + beta * (the last direction) with Polak and Ribiere's beta, where g is the gradient written out above, and ends
    where the strong Wolfe conditions with scipy's constants, 1e-4 and 0.4, hold."""
    machines, x = stacked(), RANDOM.normal(size=(11, 7))
    points = []
    for searches in range(4):
        network = Unrolled((7, 6, 5, 3))
        network.unroll(machines)
        if searches:
            error = partial(squared_error, network, torch.from_numpy(x))
            loss = line_searches(error, list(network.parameters()), searches)
            assert loss == pytest.approx(squared_error(network, torch.from_numpy(x)).item(), rel=1e-12)
        points.append(np.concatenate([each.detach().numpy().ravel() for each in network.parameters()]))
    direction, old = np.zeros(0), np.zeros(0)
    for here, there in pairwise(points):
        (value, gradient), (after, gradient_after) = (
            (loss, flat([*zip(parts[::2], parts[1::2], strict=True)]))
            for loss, parts in (back_propagated(unflat(point), x) for point in (here, there))
        )
        beta = max(0.0, float(gradient @ (gradient - old) / (old @ old))) if len(old) else 0.0
        direction = -gradient + beta * direction if len(old) else -gradient
        length = float((there - here) @ direction / (direction @ direction))
        np.testing.assert_allclose(there - here, length * direction, rtol=1e-8, atol=1e-12)
        slope = float(gradient @ direction)
        assert length > 0
        assert after <= value + 1e-4 * length * slope
        assert abs(float(gradient_after @ direction)) <= 0.4 * abs(slope)
        old = gradient


def run(folder: Path, **settings: int) -> tuple[DeepAutoencoderRun, Vectors]:
    data = Representation(pixels="standardised", training=300).view(digits(), 0)
    chosen = {"first_epochs": 2, "epochs": 2, "fine_tuning_epochs": 3, "fine_tuning_batch": 150} | settings
    return DeepAutoencoderRun(DeepAutoencoder((20, 10, 5), **chosen), data, Mortal(folder)), data


def test_each_layer_learns_from_the_means_of_the_one_below(tmp_path: Path) -> None:
    made, data = run(tmp_path)
    made.train()
    below = torch.from_numpy(data.rows()).double()
    for layer in range(2):
        below = made.machines[layer].hidden(below).detach()
        torch.testing.assert_close(made._inputs(layer + 1), below, rtol=1e-12, atol=1e-12)


def test_every_stage_lowers_the_error_of_the_network(tmp_path: Path) -> None:
    """Of the untrained stack, of the pre-trained one, of the fine-tuned network, on what was trained on."""
    errors = []
    for name, settings in (("none", {"first_epochs": 0, "epochs": 0, "fine_tuning_epochs": 0}),
                           ("machines", {"fine_tuning_epochs": 0}), ("all", {})):  # fmt: skip
        made, data = run(tmp_path / name, **settings)
        made.train()
        made.network.unroll(made.machines) if name != "all" else None
        errors.append(squared_error(made.network, torch.from_numpy(data.rows()).double()).item())
    assert errors[0] > errors[1] > errors[2]


def test_a_network_without_layers_is_refused(tmp_path: Path) -> None:
    data = Representation(training=300).view(digits(), 0)
    with pytest.raises(ValueError, match="hidden_sizes must name one layer or more"):
        DeepAutoencoder(()).fit(data, Mortal(tmp_path))
