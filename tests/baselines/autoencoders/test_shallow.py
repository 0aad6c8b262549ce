"""The autoencoder of one hidden layer: its loss and gradient, and what it comes to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.autoencoders.principal import PrincipalComponents
from baselines.autoencoders.shallow import (
    Activation,
    OneLayer,
    ShallowAutoencoder,
    differentiated,
    linear_loss,
    loss_by_blocks,
)
from repro.data.kinds.images import Images, Split, digits
from repro.data.kinds.vectors import Vectors
from repro.metrics.representation.angles import principal_angle
from repro.metrics.representation.reconstruction import reconstruction_error
from repro.tasks.representation import Representation
from tests.baselines.contract import Mortal

RANDOM = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def in_float64() -> object:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def small() -> Vectors:
    """101 images of 3x3 pixels."""
    split = Split(RANDOM.integers(0, 256, (101, 3, 3, 1), dtype=np.uint8))
    return Representation().view(Images("small", {"train": split}), 0)


def network(data: Vectors, activation: Activation) -> OneLayer:
    made = OneLayer(data.size, 4, activation)
    made.mean.copy_(torch.from_numpy(data.mean))
    with torch.no_grad():
        made.encoder.copy_(torch.from_numpy(RANDOM.normal(size=(4, 9))))
        made.decoder.copy_(torch.from_numpy(RANDOM.normal(size=(9, 4))))
    return made


def by_hand(net: OneLayer, data: Vectors) -> tuple[float, np.ndarray, np.ndarray]:
    """E = 1/2 mean |y - x|^2 with y = D f(W x) of centred x, and its derivatives by W and D, as on the slides."""
    W, D = net.encoder.detach().numpy(), net.decoder.detach().numpy()
    x = data.rows().astype(np.float64) - data.mean  # (N, D)
    inputs = x @ W.T
    z = 1 / (1 + np.exp(-inputs)) if net.activation == "sigmoid" else inputs
    slope = z * (1 - z) if net.activation == "sigmoid" else np.ones_like(z)
    off = z @ D.T - x
    by_D = off.T @ z / len(x)
    by_W = ((off @ D) * slope).T @ x / len(x)
    return float((off**2).sum() / (2 * len(x))), by_W, by_D


@pytest.mark.parametrize("activation", ["linear", "sigmoid"])
def test_loss_and_gradient_are_those_of_the_slide(activation: Activation) -> None:
    """Both in float64, from float32 examples: only rounding differs."""
    data = small()
    net = network(data, activation)
    loss, by_W, by_D = by_hand(net, data)
    ways = [loss_by_blocks(net, data)] + ([linear_loss(net, data)] if activation == "linear" else [])
    for parts in ways:
        assert float(differentiated(net, parts)) == pytest.approx(loss, rel=1e-12)
        for parameter, expected in ((net.encoder, by_W), (net.decoder, by_D)):
            assert parameter.grad is not None
            np.testing.assert_allclose(parameter.grad.numpy(), expected, rtol=1e-10, atol=1e-12)


def fitted(activation: Activation, folder: Path, **settings: int) -> tuple[float, Vectors, np.ndarray]:
    """The training error on digits of an autoencoder of 10 units, with what it was trained on and its codes."""
    data = Representation().view(digits(), 0)
    model = ShallowAutoencoder(10, activation, **settings).fit(data, Mortal(folder))
    return reconstruction_error(model.reconstruct(data.rows()), data.rows()).value, data, model.encode(data.rows())


def test_a_linear_one_leaves_the_discarded_eigenvalues_and_spans_the_components(tmp_path: Path) -> None:
    """Twice its loss is the error, whose least value is their sum: never below it, and after 300 iterations at it."""
    error, data, codes = fitted("linear", tmp_path, iterations=300)
    least = float(np.linalg.eigvalsh(data.covariance)[:-10].sum())
    assert least * (1 - 1e-9) <= error <= least * (1 + 1e-6)
    components = PrincipalComponents(10).fit(data, Mortal(tmp_path)).encode(data.rows())
    assert principal_angle(codes, components).value <= 0.01, "the threshold of the table's claim"


def test_a_sigmoid_one_is_no_better_than_components_and_loses_about_one(tmp_path: Path) -> None:
    """All its reconstructions lie in 10 directions through the mean, which is the theorem; without biases the halves
    of the units have to cancel, which costs about the tenth eigenvalue."""
    error, data, _ = fitted("sigmoid", tmp_path, iterations=100)
    eigenvalues = np.linalg.eigvalsh(data.covariance)
    assert error >= eigenvalues[:-10].sum()
    assert error == pytest.approx(eigenvalues[:-9].sum(), rel=0.05)


def test_a_restored_one_computes_in_the_precision_of_its_inputs(tmp_path: Path) -> None:
    data = small()
    net = network(data, "sigmoid")
    examples = torch.from_numpy(data.rows())
    assert net(examples).dtype == torch.float32
    assert net(examples.double()).dtype == torch.float64
