"""What holds of all autoregressive models of bits: they sum to one, the best epoch is kept, grey is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.autoregressive.made import MadeNetwork
from baselines.autoregressive.model import AutoregressiveModel, Network, bits_of, marginal_logits
from baselines.autoregressive.nade import Nade, NadeNetwork
from baselines.autoregressive.pixelcnn import PixelCnnNetwork
from repro.data.kinds.images import digits
from repro.tasks.total_probability import all_states
from tests.baselines.autoregressive.cases import binary_images
from tests.baselines.contract import Mortal

RANDOM = np.random.default_rng(0)
NETWORKS = {
    "nade": NadeNetwork(3, 2),
    "made": MadeNetwork(3, (4,), 3, direct=False),
    "made-deep-direct": MadeNetwork(3, (4, 4), 1, direct=True),
    "made-one-mask": MadeNetwork(3, (4,), 0, direct=True),
    "pixelcnn": PixelCnnNetwork((3, 1), 1, 1, 1),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_probabilities_of_all_states_sum_to_one(name: str) -> None:
    """2^10 of them in float64, with parameters from N(0, 1), far from those that any order would do for."""
    small = AutoregressiveModel(NETWORKS[name]).small(10, np.random.default_rng(1))
    found = small.log_likelihood(all_states(10), RANDOM)
    assert found.shape == (1024,)
    assert np.ptp(found) > 3, "the small model is almost uniform, so that a wrong one would sum to one as well"
    assert np.exp(found).sum() == pytest.approx(1, abs=1e-12)  # rounding of a thousand terms


def test_small_models_of_two_draws_differ_and_those_of_one_are_the_same() -> None:
    found = [
        AutoregressiveModel(NETWORKS["nade"])
        .small(4, np.random.default_rng(seed))
        .log_likelihood(all_states(4), RANDOM)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_a_small_model_draws_nothing_from_the_global_generator() -> None:
    before = torch.random.get_rng_state()
    AutoregressiveModel(NETWORKS["pixelcnn"]).small(6, np.random.default_rng(1))
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("value", [0.5, 2.0, -1.0])
def test_grey_is_refused_and_the_way_out_is_named(value: float) -> None:
    with pytest.raises(ValueError, match=r"zeros and ones alone; for grey pixels: `protocol: \{binarised: sampled\}`"):
        AutoregressiveModel(NadeNetwork(3, 2)).log_likelihood(np.array([[0.0, 1.0, value]]), RANDOM)


def test_black_and_white_images_are_their_bits_and_grey_ones_are_drawn_once_a_seed(tmp_path: Path) -> None:
    images = binary_images(5, 2, 3).splits["train"].images
    np.testing.assert_array_equal(bits_of(images, Mortal(tmp_path)), images.reshape(5, 6) // 255)
    grey = digits().splits["train"].images
    first, again, other = (bits_of(grey, Mortal(tmp_path, seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    # 1,297 x 64 draws with deviations below 0.5: the mean is off by 0.5 / sqrt(83,008) = 0.0018 at most, here six times
    assert first.mean() == pytest.approx(grey.mean() / 255, abs=0.011)


def test_the_logits_of_means_give_back_the_means_and_stay_finite() -> None:
    bits = np.array([[0, 1, 1], [0, 1, 0], [0, 1, 0], [0, 1, 0]], dtype=np.uint8)
    means = 1 / (1 + np.exp(-marginal_logits(bits)))
    np.testing.assert_allclose(means, [1e-3, 1 - 1e-3, 0.25], rtol=1e-12)


def test_grey_validation_images_are_drawn_and_the_same_in_every_epoch(tmp_path: Path) -> None:
    context = Mortal(tmp_path)
    found: list[list[np.ndarray]] = []

    def evaluate(model: AutoregressiveModel) -> dict[str, float]:
        grey = np.full((50, 6), 0.5)
        found.append([model.log_likelihood(grey, RANDOM), model.log_likelihood(grey, RANDOM)])
        return {"negative-log-likelihood": -float(len(found))}

    context.evaluator = evaluate
    Nade(hidden=3, batch_size=4, epochs=1).fit(binary_images(8, 2, 3), context)
    np.testing.assert_array_equal(found[0][0], found[0][1])
    assert np.ptp(found[0][0]) > 0, "all 50 images were drawn alike"


class Scores:
    """The validation losses of the epochs, as they come; and the bias that the network had at each."""

    def __init__(self, *losses: float) -> None:
        self.losses = iter(losses)
        self.biases: list[Tensor] = []

    def __call__(self, model: AutoregressiveModel) -> dict[str, float]:
        network: Network = model.model.network  # type: ignore[attr-defined]
        assert isinstance(network, NadeNetwork)
        self.biases.append(network.output_bias.detach().clone())
        return {"negative-log-likelihood": next(self.losses)}


def test_the_best_epoch_is_kept_and_as_many_without_a_better_one_as_look_ahead_end_the_training(tmp_path: Path) -> None:
    context, scores = Mortal(tmp_path), Scores(9.0, 5.0, 6.0, 5.0, 1.0)
    context.evaluator = scores
    model = Nade(hidden=3, batch_size=4, epochs=5, look_ahead=2).fit(binary_images(8, 2, 3), context)
    assert len(scores.biases) == 4, "two epochs after the second, of which the last only equals it"
    assert isinstance(model.network, NadeNetwork)
    assert torch.equal(model.network.output_bias, scores.biases[1])
