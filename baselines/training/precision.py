"""In what precision the products of a training are taken: a declared setting of a job, never a silent default.

What each setting does was measured with torch 2.15 on a Xeon with AMX, relative errors against float64:

- `f32`: products in float32, errors of 3e-7. On a GPU TF32 is off, which torch has on for convolutions and recurrent
  layers.
- `bf16-products`: weights and activations are float32, the factors of matrix products are rounded to bfloat16 and their
  products added in float32: errors of 2e-3, at 3 to 5 times the speed for widths of 256 and more, and slower than f32
  below 64. It reaches `mm`, `addmm`, `bmm`, `linear`, `einsum` and their gradients (oneDNN, by
  `torch.set_float32_matmul_precision`), on processors with AMX: where it makes no difference, as on an EPYC that lists
  avx512_bf16, it is refused. Small products, such as 16 x 16 x 16, those of a matrix and a vector,
  convolutions and LSTM layers stay as in f32. On a GPU the same call means TF32, so it is refused there.
- `bf16`: torch's autocast to bfloat16. Weights stay float32; products, convolutions and LSTM layers read and write
  bfloat16, 3 times as fast for an LSTM, and for a convolution in `torch.channels_last`. Casts of weights are not
  cached, since a step may use a weight before and after it has moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from repro.contracts import MissingDevice, Precision


@contextmanager
def precise(precision: Precision, device: str) -> Iterator[None]:
    """Inside the block products are taken in a precision; outside it is as it was.

    Raises MissingDevice where the machine cannot, and ValueError for an unknown precision.
    """
    if precision not in ("f32", "bf16-products", "bf16"):
        raise ValueError(f"unknown precision {precision!r} (known: f32, bf16-products, bf16)")
    kind = torch.device(device).type
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    try:
        torch.set_float32_matmul_precision("medium" if precision == "bf16-products" else "highest")
        torch.backends.cudnn.allow_tf32 = False
        if precision == "bf16-products":
            _check_products(kind)
        with torch.autocast(kind, torch.bfloat16, enabled=precision == "bf16", cache_enabled=False):
            yield
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]


def _check_products(kind: str) -> None:
    """Looks whether a product loses what bfloat16 cannot hold: the setting is only a permission."""
    if kind != "cpu":
        raise MissingDevice(f"precision bf16-products is one of CPUs: on {kind} use bf16 or f32")
    matrix = torch.full((64, 64), 1 + 2**-12)
    if bool((matrix @ matrix != 64).any()):
        raise MissingDevice(
            "precision bf16-products was asked for, and this processor takes products in float32: it needs AMX or "
            "AVX-512, with which `lscpu` lists amx_bf16 or avx512_bf16"
        )
