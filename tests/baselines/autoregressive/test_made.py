"""MADE against the published step in float64, unit by unit, and what must hold of its masks."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.autoregressive.made import Made, MadeNetwork, adagrad_of, made_step
from baselines.autoregressive.masks import Order, drawn_degrees
from tests.baselines.autoregressive import published
from tests.baselines.autoregressive.cases import (
    always_better,
    binary_images,
    copies,
    examples_of,
    expect_close,
    in_double,
    jacobian_of,
)
from tests.baselines.contract import Mortal

SMALL = Made(hidden_sizes=(7, 5), masks=2, learning_rate=0.05, batch_size=3, epochs=2)


def parameters(network: MadeNetwork) -> list[Tensor]:
    """Weights from below, the direct ones where there are some, then biases from below."""
    direct = [] if network.direct is None else [network.direct]
    return [*network.weights, *direct, *network.biases]


def plain(x: Tensor, network: MadeNetwork, tensors: list[Tensor], mask: int) -> Tensor:
    """The published loss of each example with these parameters."""
    layers = len(network.weights)
    direct = tensors[layers] if network.direct is not None else None
    return published.made(x, network.degrees(mask), tensors[:layers], tensors[-layers:], direct)


@pytest.mark.parametrize("direct", [True, False])
def test_steps_are_the_published_ones(direct: bool, tmp_path: Path) -> None:
    """Two epochs of batches of 3, 3 and 1 of seven examples in their order, under three masks in turn."""
    method = Made(**{**vars(SMALL), "direct": direct})
    with in_double():
        data, context = binary_images(7, 3, 2), always_better(tmp_path)
        x = examples_of(data)
        network = method.network(6, context)
        theirs, adagrad, ours = copies(parameters(network)), published.Adagrad(0.05), adagrad_of(network, 0.05)
        for number in range(6):
            place, mask = number % 3, number % 3
            batch = x[place * 3 : place * 3 + 3]
            expected = plain(batch, network, theirs, mask).mean()
            gradients = published.step(expected, theirs, adagrad)
            found = made_step(network, ours, batch.to(torch.uint8), number)
            expect_close(found["loss"].detach(), expected.detach())
            expect_close([p.grad for p in parameters(network)], gradients)
        model = method.fit(data, context)
        assert isinstance(model.network, MadeNetwork)
        expect_close(copies(parameters(model.network)), copies(theirs))


def test_every_step_has_the_next_of_all_masks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """33 of them by default, in turn, over the ends of epochs: seven steps each."""
    used, loss = [], MadeNetwork.loss

    def recording(network: MadeNetwork, bits: Tensor, mask: int) -> Tensor:
        used.append(mask)
        return loss(network, bits, mask)

    monkeypatch.setattr(MadeNetwork, "loss", recording)
    Made(hidden_sizes=(2,), batch_size=1, epochs=6).fit(binary_images(7, 2, 2), always_better(tmp_path))
    assert used == [number % 33 for number in range(42)]


def test_a_likelihood_is_the_mean_probability_under_all_33_masks(tmp_path: Path) -> None:
    with in_double():
        network = Made(hidden_sizes=(7,)).network(6, Mortal(tmp_path))
        bits = (np.random.default_rng(0).random((4, 6)) < 0.5).astype(np.uint8)
        with torch.no_grad():
            rows = torch.split(torch.from_numpy(bits).double(), 1)
            each = torch.stack([torch.stack([network.loss(row, mask) for row in rows]) for mask in range(33)])
            found = network.log_probabilities(bits)
        assert len(network.get_buffer("degrees0")) == 33
        assert each.std(dim=0).min() > 1e-3, "the masks decide nothing here"
        np.testing.assert_allclose(found, torch.exp(-each).mean(dim=0).log(), rtol=1e-12)


@pytest.mark.parametrize("hidden_sizes", [(9,), (9, 8)])
@pytest.mark.parametrize("direct", [True, False])
def test_the_jacobian_of_the_logits_is_strictly_triangular_in_the_order_of_each_mask(
    hidden_sizes: tuple[int, ...], direct: bool
) -> None:
    network = MadeNetwork(5, hidden_sizes, 3, direct=direct).small(6, np.random.default_rng(0))
    for mask in range(4):
        weights, straight = network.masked(mask)
        x = torch.from_numpy(np.random.default_rng(1).random((1, 6)))
        jacobian = jacobian_of(partial(network.logits, weights=weights, direct=straight), x)
        places = network.degrees(mask)[0].argsort()
        in_order = jacobian[places][:, places]
        assert torch.equal(in_order, torch.tril(in_order, -1))
        assert (in_order != 0).sum() >= 5, "hardly anything is seen at all"


@pytest.mark.parametrize("order", ["agnostic", "random", "raster"])
def test_hidden_degrees_lie_between_the_least_below_and_the_last_but_one(order: Order) -> None:
    inputs, first, second = drawn_degrees(40, 9, (3, 4), order, np.random.default_rng(0))
    assert (np.sort(inputs, axis=1) == np.arange(1, 10)).all()
    assert first.min() == 1
    assert first.max() == second.max() == 8
    assert (second.min(axis=1) >= first.min(axis=1)).all()
    assert len({tuple(row) for row in first}) > 30, "masks share their connectivity"


def test_orders_are_one_a_mask_or_one_for_all_or_that_of_the_data() -> None:
    agnostic, one, raster = (
        drawn_degrees(6, 9, (), order, np.random.default_rng(0))[0] for order in ("agnostic", "random", "raster")
    )
    assert len({tuple(row) for row in agnostic}) == 6
    assert len({tuple(row) for row in one}) == 1
    assert one[0].tolist() != list(range(1, 10))
    assert (raster == np.arange(1, 10)).all()


def test_hidden_degrees_are_uniform() -> None:
    """8,000 draws over eight degrees: counts of 1,000 with a deviation of 30."""
    degrees = drawn_degrees(1, 9, (8_000,), "raster", np.random.default_rng(0))[1]
    counts = np.bincount(degrees[0])[1:]
    assert len(counts) == 8
    assert abs(counts - 1_000).max() < 150


def test_a_single_input_is_refused() -> None:
    with pytest.raises(ValueError, match="an order is one of two inputs or more, not of 1"):
        drawn_degrees(1, 1, (2,), "agnostic", np.random.default_rng(0))


def test_initial_weights_are_orthogonal_and_biases_zero(tmp_path: Path) -> None:
    network = Made(hidden_sizes=(7, 5), masks=0).network(6, Mortal(tmp_path))
    for weight in (*network.weights, network.direct):
        short = weight if weight.shape[0] <= weight.shape[1] else weight.T
        torch.testing.assert_close(short @ short.T, torch.eye(len(short)), rtol=0, atol=1e-5)  # float32
    assert all(not bias.any() for bias in network.biases)


def test_without_weights_a_digit_has_784_bits() -> None:
    """784 log 2 = 543.43 nats, whatever the pixels, the masks, and their mean."""
    bits = (np.random.default_rng(0).random((3, 784)) < 0.5).astype(np.uint8)
    with torch.no_grad():
        found = -MadeNetwork(784, (2,), 3, direct=True).log_probabilities(bits)
    np.testing.assert_allclose(found, 784 * math.log(2), rtol=1e-6)  # float32


@pytest.mark.parametrize(
    ("hidden_sizes", "direct", "count"),
    [((500,), False, 785_284), ((500,), True, 1_399_940), ((8000, 8000), True, 77_175_440)],
)
def test_the_numbers_of_parameters_are_the_published_ones(
    hidden_sizes: tuple[int, ...], direct: bool, count: int
) -> None:
    """papers/notes, recomputed from the published sizes."""
    with torch.device("meta"):
        network = MadeNetwork(784, hidden_sizes, 32, direct=direct)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_the_published_configuration_is_the_default() -> None:
    """mgermain/MADE, the command for MNIST: Adagrad 0.01, batches of 100, 32 masks of order and connectivity,
    look-ahead 30, [8000, 8000], direct connection to the output."""
    assert Made() == Made((8000, 8000), 32, "agnostic", True, 0.01, 100, 1_000, 30)
