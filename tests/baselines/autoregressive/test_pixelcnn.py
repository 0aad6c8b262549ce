"""PixelCNN against the published step in float64, pixel by pixel, and what must hold of its masks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.autoregressive.pixelcnn import MaskedConvolution, PixelCnn, PixelCnnNetwork, pixelcnn_step
from baselines.training.batches import Batches
from baselines.training.schedules import set_rate
from baselines.training.seeding import seeded
from repro.data.kinds.images import Images, Split
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

SMALL = PixelCnn(
    blocks=2, channels=5, head_channels=3, learning_rate=0.02, rate_decay=0.9, batch_size=2, epochs=2
)  # fmt: skip


def in_order(network: PixelCnnNetwork) -> list[Tensor]:
    """Filters and biases from the image to the logits."""
    layers: list[nn.Module] = [network.first]
    for block in network.blocks:
        layers += [block.narrow, block.masked, block.wide]  # type: ignore[list-item]
    return [
        layer.get_parameter(name) for layer in (*layers, network.head, network.output) for name in ("weight", "bias")
    ]


def test_steps_are_the_published_ones(tmp_path: Path) -> None:
    """Two epochs of two batches of two of five images of 4x5 pixels, of which a 7x7 filter sees the ends."""
    with in_double():
        data, context = binary_images(5, 4, 5), always_better(tmp_path)
        x = examples_of(data)
        with seeded(context, "weights", 0):
            network = PixelCnnNetwork((4, 5), 2, 5, 3)
        theirs, adam = copies(in_order(network)), published.Adam(0.02, decay=0.9)
        ours, batches = torch.optim.Adam(network.parameters(), lr=0.02), Batches(context, 5, 2)
        for number in range(4):
            batch = x[batches[number]]
            expected = published.pixelcnn(batch.reshape(-1, 4, 5), theirs).mean()
            gradients = published.step(expected, theirs, adam)
            set_rate(ours, 0.9**number)
            found = pixelcnn_step(network, ours, batch.to(torch.uint8))
            expect_close(found["loss"].detach(), expected.detach())
            expect_close([p.grad for p in in_order(network)], gradients)
        model = SMALL.fit(data, context)
        assert isinstance(model.network, PixelCnnNetwork)
        expect_close(copies(in_order(model.network)), copies(theirs))


def test_the_jacobian_of_the_logits_is_strictly_triangular_in_raster_order() -> None:
    """Of a 3x4 image; every pixel sees the one on its left, or behind the first column the one above."""
    network = PixelCnnNetwork((1, 1), 1, 1, 1).small(12, np.random.default_rng(0))
    assert network.shape == (3, 4)
    x = torch.from_numpy(np.random.default_rng(1).random((1, 12)))
    jacobian = jacobian_of(network.logits, x)
    assert torch.equal(jacobian, torch.tril(jacobian, -1))
    for pixel in range(1, 12):
        assert jacobian[pixel, pixel - 1 if pixel % 4 else pixel - 4] != 0


@pytest.mark.parametrize(("kind", "seen"), [("A", 24), ("B", 25)])
def test_a_mask_of_kind_a_is_without_the_pixel_itself(kind: str, seen: int) -> None:
    """Of 7x7: three whole rows, and three or four pixels of the fourth."""
    mask = MaskedConvolution(kind, 1, 1, 7).mask  # type: ignore[arg-type]
    assert mask.sum() == seen
    assert bool(mask[3, 3]) == (kind == "B")
    assert mask[:3].all()
    assert not mask[4:].any()


def test_images_in_colour_are_refused(tmp_path: Path) -> None:
    data = Images("colours", {"train": Split(np.zeros((4, 2, 2, 3), dtype=np.uint8))})
    with pytest.raises(ValueError, match="one of binary images of 1 channel, colours has 3"):
        SMALL.fit(data, Mortal(tmp_path))


def test_without_its_output_layer_a_digit_has_784_bits() -> None:
    """784 log 2 = 543.43 nats, whatever the pixels."""
    network = PixelCnnNetwork((28, 28), 1, 2, 3)
    for tensor in (network.output.weight, network.output.bias):
        assert tensor is not None
        torch.nn.init.zeros_(tensor)
    bits = (np.random.default_rng(0).random((3, 784)) < 0.5).astype(np.uint8)
    with torch.no_grad():
        np.testing.assert_allclose(-network.log_probabilities(bits), 784 * math.log(2), rtol=1e-6)  # float32


def test_fifteen_blocks_of_sixteen_channels_have_so_many_parameters() -> None:
    """By hand: 7 * 7 * 32 + 32; a block 32 * 16 + 16, 9 * 16 * 16 + 16, 16 * 32 + 32; 32 * 32 + 32 and 32 + 1."""
    network = PixelCnnNetwork((28, 28), 15, 16, 32)
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_600 + 15 * 3_392 + 1_056 + 33
