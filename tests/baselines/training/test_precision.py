"""Each precision does what its name says, and nothing of it is left afterwards."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from baselines.training.precision import precise
from repro.contracts import MissingDevice, Precision

# oneDNN takes float32 products by bfloat16 on AMX alone: an EPYC that lists avx512_bf16 takes them in float32.
HAS_AMX = torch.cpu._is_amx_tile_supported()
needs_amx = pytest.mark.skipif(not HAS_AMX, reason="needs a processor with AMX")


def error(of: Tensor, exact: Tensor) -> float:
    """Standard deviation of the error over that of the exact result."""
    return float((of.double() - exact).std() / exact.std())


@pytest.fixture(scope="module")
def factors() -> tuple[Tensor, Tensor, Tensor]:
    source = torch.Generator().manual_seed(0)
    a, b = (torch.randn(257, 257, generator=source) for _ in range(2))
    return a, b, a.double() @ b.double()


def test_f32_has_the_errors_of_float32(factors: tuple[Tensor, Tensor, Tensor]) -> None:
    a, b, exact = factors
    with precise("f32", "cpu"):
        assert error(a @ b, exact) < 1e-6
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32


@needs_amx
def test_products_of_bf16_lose_three_digits_forwards_and_backwards_and_weights_none(
    factors: tuple[Tensor, Tensor, Tensor],
) -> None:
    """bfloat16 keeps 8 bits: two factors rounded to 2^-9 make relative errors of about 2^-9 root 2 / 2, 2.4e-3 seen."""
    a, b, exact = factors
    layer = nn.Linear(257, 257, bias=False)
    with precise("bf16-products", "cpu"):
        assert 1e-3 < error(a @ b, exact) < 4e-3
        assert (a @ b).dtype == torch.float32
        out = layer(a)
        torch.autograd.backward(out, b)
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == torch.float32
    assert 1e-3 < error(layer.weight.grad, b.double().T @ a.double()) < 4e-3
    assert error(a @ b, exact) < 1e-6
    assert torch.get_float32_matmul_precision() == "highest"


@needs_amx
def test_what_products_of_bf16_do_not_reach_is_as_in_f32() -> None:
    """If one of these fails, a later torch reaches more: say so in the module, whose numbers then move."""
    torch.manual_seed(0)
    recurrent, convolution = nn.LSTM(64, 64), nn.Conv2d(32, 32, 3)
    x, image, small = torch.randn(9, 5, 64), torch.randn(2, 32, 9, 9), torch.randn(16, 16)
    with torch.no_grad():
        plain = recurrent(x)[0], convolution(image), small @ small
        with precise("bf16-products", "cpu"):
            there = recurrent(x)[0], convolution(image), small @ small
    for one, other in zip(plain, there, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)  # other kernels may add in another order


def test_a_processor_that_has_no_such_products_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _: None)  # as if it did nothing
    with pytest.raises(MissingDevice, match="it needs AMX or AVX-512"), precise("bf16-products", "cpu"):
        pass


def test_bf16_reads_and_writes_bfloat16_and_keeps_weights_in_float32(factors: tuple[Tensor, Tensor, Tensor]) -> None:
    a, b, exact = factors
    layer = nn.Linear(257, 257)
    with precise("bf16", "cpu"):
        assert layer(a).dtype == torch.bfloat16
        assert 1e-3 < error(a @ b, exact) < 1e-2
        torch.autograd.backward(layer(a).float().square().mean())
    assert layer.weight.grad is not None
    assert layer.weight.dtype == layer.weight.grad.dtype == torch.float32
    assert layer(a).dtype == torch.float32


def test_bf16_sees_a_weight_that_has_moved_within_a_step() -> None:
    """A cached cast of the weight would give the old product again."""
    layer = nn.Linear(64, 64, bias=False)
    with precise("bf16", "cpu"):
        before = layer(torch.ones(32, 64))
        with torch.no_grad():
            layer.weight.add_(1.0)
        assert float((layer(torch.ones(32, 64)) - before).mean().detach()) == pytest.approx(64.0, rel=0.01)


def test_unknown_precisions_and_wrong_devices_are_named() -> None:
    with pytest.raises(ValueError, match="unknown precision 'f64' \\(known: f32, bf16-products, bf16\\)"):
        precise("f64", "cpu").__enter__()  # type: ignore[arg-type]
    with pytest.raises(MissingDevice, match="on cuda use bf16 or f32"):
        precise("bf16-products", "cuda").__enter__()


@pytest.mark.parametrize("precision", ["f32", "bf16-products", "bf16"])
def test_nothing_is_left_of_a_precision_when_a_block_raises(precision: Precision) -> None:
    if precision == "bf16-products" and not HAS_AMX:
        pytest.skip("needs a processor with AMX")
    with pytest.raises(ZeroDivisionError), precise(precision, "cpu"):
        raise ZeroDivisionError
    assert torch.get_float32_matmul_precision() == "highest"
    assert not torch.is_autocast_enabled("cpu")
    assert torch.backends.cudnn.allow_tf32
