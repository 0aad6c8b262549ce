"""MAF and Real NVP: determinants, inverses and order, the published step in float64, statistics, what is validated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.flows.adam import DecayedRootAdam
from baselines.flows.flow import Flow, TrainedFlow
from baselines.flows.identities import determinant_error, integral_error, inverse_error
from baselines.flows.likelihood import LOSS, MaskedAutoregressiveFlow, RealNvp, StackedFlow, StackRun, divided
from baselines.flows.maf import GaussianMade, maf
from baselines.flows.real_nvp import Coupling
from baselines.flows.stack import Normalisation, Stack
from baselines.improved_gan.adam import RootAdam
from repro.data.kinds.images import Images, Split, digits
from tests.baselines.contract import Mortal, same
from tests.baselines.flows.jacobian import jacobian, log_determinants
from tests.baselines.flows.published import Made, Published, degrees

SMALL = MaskedAutoregressiveFlow(
    layers=3, hidden_sizes=(17, 13), learning_rate=0.01, batch_size=40, weight_decay=0.1, epochs=2
)
BOTH = pytest.mark.parametrize("method", [SMALL, RealNvp(layers=3, hidden_sizes=(7, 11))], ids=["maf", "real-nvp"])


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def shaken(method: StackedFlow, width: int, seed: int = 1) -> TrainedFlow:
    """One of the method's flows, every parameter and statistic of it random."""
    with torch.random.fork_rng():
        flow = method.flow(width)
    return TrainedFlow(flow, method.flow).small(width, np.random.default_rng(seed))


def exact(flow: TrainedFlow) -> Flow:
    return flow._exact


@BOTH
def test_a_log_determinant_is_that_of_the_jacobian_by_autograd(method: StackedFlow) -> None:
    """Five numbers, three layers; float64, so that what is left is rounding."""
    trained = shaken(method, 5)
    network = exact(trained)
    points = torch.from_numpy(trained.sample(4, np.random.default_rng(2)))
    _, found = network.normalise(points)
    assert found.tolist() == pytest.approx(log_determinants(network, points), abs=1e-9)


@BOTH
def test_the_identities_hold(method: StackedFlow) -> None:
    """Inverses to rounding, central differences to 1e-7, and the issue's bound for an integral over a plane."""
    assert inverse_error(shaken(method, 7), None, np.random.default_rng(3)) < 1e-9
    assert determinant_error(shaken(method, 9), None, np.random.default_rng(4), 6) < 1e-6
    assert integral_error(shaken(method, 3), None, np.random.default_rng(5)) < 1e-3


@pytest.mark.parametrize("order", [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 1, 6, 2, 5, 4]])
def test_noise_depends_on_the_numbers_before_it_and_on_all_of_them(order: list[int]) -> None:
    """The Jacobian in the order of the degrees is lower triangular, and no entry below the diagonal is zero."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        made = GaussianMade(order, (40, 40)).to(torch.float64)
    flow = Stack(6, [made], normalised=False)
    inside = jacobian(flow, torch.ones(6, dtype=torch.float64))[made.places][:, made.places]
    assert torch.equal(inside, inside.tril())
    assert (inside.tril() != 0).sum() == 21


def test_the_order_is_reversed_from_layer_to_layer() -> None:
    flow = maf(4, 3, (5,))
    assert [layer.places for layer in flow.layers if isinstance(layer, GaussianMade)] == [
        [0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3],
    ]  # fmt: skip


def test_networks_of_zeros_without_normalisation_are_a_standard_normal() -> None:
    """log N(x; 0, I) by hand."""
    flow = maf(3, 2, (8, 8), normalised=False).to(torch.float64)
    for parameter in flow.parameters():
        nn.init.zeros_(parameter)
    points = torch.tensor([[0.0, 0.0, 0.0], [1.0, -2.0, 0.5]], dtype=torch.float64)
    expected = -1.5 * np.log(2 * np.pi) - 0.5 * np.array([0.0, 5.25])
    np.testing.assert_allclose(flow.log_density(points).detach().numpy(), expected, rtol=1e-14)


def test_the_published_model_of_mnist_has_as_many_parameters_as_counted() -> None:
    """Five times 784 x 1024 + 1024 x 1024 + 2 x 1024 x 784 weights with their biases, and 2 x 784 of normalisation."""
    with torch.random.fork_rng():
        flow = MaskedAutoregressiveFlow().flow(784)
    assert sum(parameter.numel() for parameter in flow.parameters()) == 17_311_040


def test_normalisation_takes_its_statistics_from_all_points_from_below(tmp_path: Path) -> None:
    """By hand, layer by layer; its log-determinant is sum g - sum log v / 2, of whichever points."""
    flow = exact(shaken(SMALL, 4))
    assert isinstance(flow, Stack)
    flow.eval()
    points = torch.from_numpy(np.random.default_rng(0).normal(1, 2, size=(5_013, 4)))  # more than a block
    kept = points.clone()
    with torch.no_grad():
        flow.take_statistics(points)
        assert torch.equal(points, kept)
        x = points
        for layer in flow.layers:
            if isinstance(layer, Normalisation):
                mean, variance = x.mean(0), ((x - x.mean(0)) ** 2).mean(0) + 1e-5
                torch.testing.assert_close(layer.mean, mean, rtol=1e-12, atol=1e-12)
                torch.testing.assert_close(layer.variance, variance, rtol=1e-12, atol=1e-12)
                y, change = layer(x[:3])
                by_hand = torch.exp(layer.log_scale) * (x[:3] - mean) / torch.sqrt(variance) + layer.shift
                torch.testing.assert_close(y, by_hand, rtol=1e-12, atol=1e-12)
                assert change.item() == pytest.approx(
                    float(layer.log_scale.sum() - variance.log().sum() / 2), rel=1e-12
                )
            x = layer(x)[0]


def pairs(run: StackRun) -> list[Any]:
    """Each MADE with the normalisation behind it."""
    return [*zip(run.flow.layers[::2], run.flow.layers[1::2], strict=True)]


def published(run: StackRun, method: StackedFlow) -> Published:
    """The published MADEs with copies of our weights, in the code's layout."""
    width, mades = run.flow.width, []
    for number, (made, norm) in enumerate(pairs(run)):
        order = np.arange(1, width + 1)
        of_inputs = order if number % 2 == 0 else order[::-1].copy()
        mean_w, precision_w = made.output.weight.detach().T.chunk(2, dim=1)
        mean_b, precision_b = made.output.bias.detach().chunk(2)
        mades.append(
            Made(
                degrees(of_inputs, method.hidden_sizes),
                [layer.weight.detach().T.clone() for layer in made.hidden],
                [layer.bias.detach().clone() for layer in made.hidden],
                (mean_w.clone(), mean_b.clone()), (precision_w.clone(), precision_b.clone()),
                norm.log_scale.detach().clone(), norm.shift.detach().clone(),
            )
        )  # fmt: skip
    return Published(mades, method.learning_rate, method.weight_decay)


def ours(run: StackRun, of: str) -> list[Tensor]:
    """Our parameters, or their gradients, in the order and layout of the published ones."""
    found: list[Tensor] = []
    for made, norm in pairs(run):
        layers = [*made.hidden, made.output]
        weights = [_value(layer.weight, of).T for layer in layers]
        biases = [_value(layer.bias, of) for layer in layers]
        mean, precision = (list(pair) for pair in zip(weights.pop().chunk(2, 1), biases.pop().chunk(2), strict=True))
        found += [*weights, *biases, *mean, *precision, _value(norm.log_scale, of), _value(norm.shift, of)]
    return found


def _value(parameter: nn.Parameter, of: str) -> Tensor:
    value = parameter.grad if of == "gradient" else parameter.detach()
    assert value is not None
    return value


@pytest.mark.usefixtures("double")
def test_steps_are_the_published_ones(tmp_path: Path) -> None:
    """Loss, gradients and weights over a border of epochs, in float64; what is left is the order of sums.

    Where a mask is zero the published weight only shrinks and is never seen; ours is zero.
    """
    data, context = digits(), Mortal(tmp_path)
    train, valid = (part[:100] for part in divided(data, 1))
    run = StackRun(SMALL, train, valid, context)
    theirs = published(run, SMALL)
    for number in range(4):
        order = context.generator(3, "batches", number // 2).permutation(100)
        batch = run.points[torch.from_numpy(order[number % 2 * 40 :][:40])]
        before = [value.clone() for value in ours(run, "value")]
        loss, gradients = theirs.step(batch)
        assert run.step(number)["loss"].item() == pytest.approx(loss, rel=1e-10)
        expected = [g - SMALL.weight_decay * w for g, w in zip(gradients, before, strict=True)]
        for mine, other in zip(ours(run, "gradient"), expected, strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-7, atol=1e-9)
        for mine, other in zip(ours(run, "value"), theirs.parameters, strict=True):
            torch.testing.assert_close(mine, other.detach(), rtol=1e-7, atol=1e-9)


def test_the_optimiser_is_the_same_on_a_list_of_tensors_and_in_one_pass() -> None:
    """A transposed parameter is no contiguous one, so it takes the other way; both in float64."""
    start = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 7)))
    one, other = nn.Parameter(start.clone()), nn.Parameter(start.T.contiguous().T)
    assert not other.is_contiguous()
    optimisers = [DecayedRootAdam([each], 0.1, 0.3) for each in (one, other)]
    plain = nn.Parameter(start.clone())
    reference = RootAdam([plain], 0.1)
    for number in range(3):
        gradient = torch.from_numpy(np.random.default_rng(number).normal(size=(5, 7)))
        one.grad, other.grad, plain.grad = gradient.clone(), gradient.clone(), gradient + 0.3 * plain.detach()
        for optimiser in (*optimisers, reference):
            optimiser.step()
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(one, plain, rtol=1e-12, atol=1e-14)


def test_a_training_is_validated_each_epoch_by_statistics_of_all_training_images(tmp_path: Path) -> None:
    """The published rule: the curve's points are the negative log-densities of the whole split after whole epochs."""
    method = MaskedAutoregressiveFlow(layers=2, hidden_sizes=(9,), batch_size=100, epochs=2, learning_rate=0.001)
    data, context = digits(), Mortal(tmp_path)
    trained = method.fit(data, context)
    curve = context.curves(3)[LOSS]
    assert curve.step == (12, 24)
    assert curve.value[1] < curve.value[0]
    run = StackRun(method, *divided(data, 1), Mortal(tmp_path / "again"))
    run.flow.load_state_dict(trained.flow.network.state_dict())
    run.flow.eval()
    first, norm = pairs(run)[0]
    with torch.no_grad():
        torch.testing.assert_close(norm.mean, first(run.points)[0].mean(0), rtol=1e-4, atol=1e-5)
        measured = run.measure()[LOSS]
    log_density = trained.log_density(run.valid.double().numpy())
    assert measured == pytest.approx(curve.value[1], rel=1e-6)
    assert measured == pytest.approx(-log_density.mean(), rel=1e-5)  # float32 against float64


def test_the_last_training_images_are_held_out_where_there_is_no_split_for_it() -> None:
    data = Images("few", {"train": Split(np.arange(10, dtype=np.uint8).reshape(5, 1, 2, 1))})
    train, valid = divided(data, 2)
    assert train.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert valid.tolist() == [[6, 7], [8, 9]]
    with pytest.raises(ValueError, match="held_out must be below the 5 training images of few, it is 5"):
        divided(data, 5)


def test_couplings_keep_odd_and_even_places_by_turns() -> None:
    flow = RealNvp(layers=3, hidden_sizes=(4,)).flow(5)
    kept = [layer.kept.tolist() for layer in flow.layers if isinstance(layer, Coupling)]
    assert kept == [[0, 1, 0, 1, 0], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0]]


def test_a_coupling_is_the_published_one() -> None:
    """u = x where kept, else (x - t) exp(-s): s through tanh, t through rectified units, both of what is kept."""
    with torch.random.fork_rng():
        coupling = Coupling(torch.tensor([0.0, 1.0, 0.0]), (4, 5)).double()
    x = np.array([[0.3, -1.2, 2.0]])
    with torch.no_grad():
        u, change = coupling(torch.from_numpy(x))

    def through(network: Any, activation: Any) -> np.ndarray:
        h, layers = x * [0.0, 1.0, 0.0], [each for each in network if isinstance(each, nn.Linear)]
        for number, each in enumerate(layers):
            h = h @ each.weight.detach().numpy().T + each.bias.detach().numpy()
            h = activation(h) if number < 2 else h
        return h

    s = through(coupling.log_scale, np.tanh)
    t = through(coupling.translation, lambda h: np.maximum(h, 0))
    by_hand = np.where([False, True, False], x, (x - t) * np.exp(-s))
    np.testing.assert_allclose(u.numpy(), by_hand, rtol=1e-12)
    assert change.item() == pytest.approx(-s[0, 0] - s[0, 2], rel=1e-12)


@BOTH
def test_a_trained_flow_is_the_same_from_its_state(method: StackedFlow, tmp_path: Path) -> None:
    short, context = replace(method, epochs=1, batch_size=600), Mortal(tmp_path)
    trained = short.fit(digits(), context)
    again = short.restore(trained.state(), context)
    assert same(trained.state(), again.state())
    examples = digits().splits["test"].images[:5].reshape(5, -1) / 255
    np.testing.assert_array_equal(
        trained.log_levels(examples, np.random.default_rng(0)), again.log_levels(examples, np.random.default_rng(0))
    )
    assert trained.sample(2, np.random.default_rng(0)).shape == (2, 8, 8, 1)


@pytest.mark.parametrize(("name", "least"), [("layers", 1), ("batch_size", 2), ("patience", 1), ("epochs", 1)])
def test_what_is_counted_has_a_least_number(name: str, least: int) -> None:
    wrong: dict[str, Any] = {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be {least} or more, it is 0"):
        replace(MaskedAutoregressiveFlow(), **wrong)
