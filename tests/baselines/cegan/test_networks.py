"""The derivatives that are written out equal autograd's, and a pass over many seeds equals passes over each."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from baselines.cegan.networks import BATCH_NORM_EPSILON, FlatParameters, Generator, ReluNet, initialise

SEEDS, BATCH, HIDDEN, NOISE = 3, 17, 11, 5
EXACT = 1e-12  # float64 rounding over sums of at most 17 x 11 terms of order one


def randomly(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def discriminator(outputs: int = 1) -> ReluNet:
    net = ReluNet((2, HIDDEN, outputs), SEEDS, "cpu", torch.float64)
    net.parameters.flat.copy_(randomly(tuple(net.parameters.flat.shape)))
    return net


def generator() -> Generator:
    net = Generator((NOISE, HIDDEN, 2), SEEDS, "cpu", torch.float64)
    net.parameters.flat.copy_(randomly(tuple(net.parameters.flat.shape), seed=1))
    return net


def plain_relu_net(p: dict[str, Tensor], x: Tensor) -> Tensor:
    h = torch.relu(x @ p["W1"] + p["b1"])
    h = torch.relu(h @ p["W2"] + p["b2"])
    return h @ p["W3"] + p["b3"]


def plain_generator(p: dict[str, Tensor], z: Tensor) -> Tensor:
    h = z
    for layer in "12":
        a = h @ p["W" + layer]
        normal = (a - a.mean(1, keepdim=True)) / (a.var(1, correction=0, keepdim=True) + BATCH_NORM_EPSILON).sqrt()
        h = torch.relu(normal * p["scale" + layer] + p["shift" + layer])
    return h @ p["W3"] + p["b3"]


def autograd(
    plain: Callable[[dict[str, Tensor], Tensor], Tensor], parameters: FlatParameters, x: Tensor, slope: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.value.items()}
    x = x.clone().requires_grad_()
    *gradients, to_x = torch.autograd.grad((plain(leaves, x) * slope).sum(), [*leaves.values(), x])
    return dict(zip(leaves, gradients, strict=True)), to_x


@pytest.mark.parametrize("outputs", [1, 2 * NOISE])
def test_the_relu_net_s_backward_is_autograd(outputs: int) -> None:
    net, x, slope = discriminator(outputs), randomly((SEEDS, BATCH, 2), 2), randomly((SEEDS, BATCH, outputs), 3)
    net.forward(x)
    to_x = net.backward(slope)
    expected, expected_x = autograd(plain_relu_net, net.parameters, x, slope)
    torch.testing.assert_close(to_x, expected_x, rtol=EXACT, atol=EXACT)
    for name, gradient in expected.items():
        torch.testing.assert_close(net.parameters.slope[name], gradient, rtol=EXACT, atol=EXACT * BATCH)


def test_two_backwards_in_one_are_backward_and_the_input_s_slope() -> None:
    net, x, slope = discriminator(), randomly((SEEDS, BATCH, 2), 2), randomly((SEEDS, BATCH, 1), 3)
    net.forward(x)
    net.backward(slope)
    alone = net.parameters.grad.clone()
    together = net.two_backwards(slope, start=7)
    torch.testing.assert_close(net.parameters.grad, alone, rtol=EXACT, atol=EXACT * BATCH)
    _, expected = autograd(plain_relu_net, net.parameters, x, torch.ones_like(slope))
    torch.testing.assert_close(together, expected[:, 7:], rtol=EXACT, atol=EXACT)
    net.parameters.grad.zero_()
    torch.testing.assert_close(net.input_slope(7), expected[:, 7:], rtol=EXACT, atol=EXACT)
    assert not net.parameters.grad.any()


def test_the_generator_s_backward_is_autograd_through_batch_normalisation() -> None:
    net, z, slope = generator(), randomly((SEEDS, BATCH, NOISE), 4), randomly((SEEDS, BATCH, 2), 5)
    torch.testing.assert_close(net.forward(z), plain_generator(net.parameters.value, z), rtol=1e-10, atol=1e-10)
    net.backward(slope)
    expected, _ = autograd(plain_generator, net.parameters, z, slope)
    for name, gradient in expected.items():
        # 1 / deviation amplifies rounding by up to the inverse of the smallest deviation, about 1e2 here
        torch.testing.assert_close(net.parameters.slope[name], gradient, rtol=1e-10, atol=1e-10)


def test_running_statistics_are_torch_s_with_momentum_a_tenth() -> None:
    net, z = generator(), randomly((SEEDS, BATCH, NOISE), 4)
    torch_norm = torch.nn.BatchNorm1d(HIDDEN, eps=BATCH_NORM_EPSILON, momentum=0.1, dtype=torch.float64)
    for _ in range(3):
        net.forward(z)
        net.track()
        torch_norm(z[1] @ net.parameters.value["W1"][1])
    torch.testing.assert_close(net.running_mean[1, 0], torch_norm.running_mean, rtol=EXACT, atol=EXACT)
    torch.testing.assert_close(net.running_variance[1, 0], torch_norm.running_var, rtol=EXACT, atol=EXACT)


def test_a_shut_gate_keeps_the_running_statistics_of_its_seed() -> None:
    net = generator()
    net.forward(randomly((SEEDS, BATCH, NOISE), 4))
    net.track(torch.tensor([[True], [False], [True]]))
    assert not net.running_mean[1].any()
    assert (net.running_variance[1] == 1).all()
    assert net.running_mean[0].any()
    assert net.running_mean[2].any()


def test_evaluation_uses_running_statistics_and_is_training_s_once_they_have_converged() -> None:
    net, z = generator(), randomly((SEEDS, BATCH, NOISE), 4)
    for _ in range(400):  # 0.9^400 < 1e-18
        sampled = net.forward(z)
        net.track()
    net.running_variance *= (BATCH - 1) / BATCH  # they hold the unbiased variance, the batch uses the biased one
    torch.testing.assert_close(net.evaluate(z), sampled, rtol=1e-9, atol=1e-9)


def test_initial_weights_follow_their_seed_alone() -> None:
    def normal(seed: int) -> Callable[[tuple[int, ...]], Tensor]:
        source = torch.Generator().manual_seed(seed)
        return lambda shape: torch.randn(shape, generator=source, dtype=torch.float64)

    together, alone = ReluNet((2, HIDDEN, 1), 2, "cpu", torch.float64), ReluNet((2, HIDDEN, 1), 1, "cpu", torch.float64)
    initialise(together.parameters, [normal(8), normal(9)], 0.1)
    initialise(alone.parameters, [normal(9)], 0.1)
    assert torch.equal(together.parameters.flat[1], alone.parameters.flat[0])
    assert not together.parameters.value["b1"].any()
