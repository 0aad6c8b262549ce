"""The network against the library's own LSTM, and the published numbers of parameters."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from baselines.language.awd_lstm import LstmLayers, Sizes
from baselines.language.methods import AwdLstm, ZarembaLstm
from baselines.language.regularisation import Dropouts

SIZES = Sizes(vocabulary=13, embedding=5, hidden=(11, 7))
TOKENS = torch.randint(0, 13, (17, 3), generator=torch.Generator().manual_seed(1))
ALL = Dropouts(word=0.1, input=0.2, hidden=0.3, weight=0.5, output=0.4)


def layers() -> LstmLayers:
    torch.manual_seed(0)
    return LstmLayers(SIZES).double()


def test_without_dropout_it_is_a_stack_of_library_lstms() -> None:
    own = layers()
    x = own.embedding(TOKENS)
    for layer in own.layers:
        assert isinstance(layer, nn.LSTM)
        x, _ = layer(x)
    hidden = own(TOKENS, own.start(3), Dropouts())
    # the same kernels in another order of calls; a few units of rounding of float64
    torch.testing.assert_close(hidden.plain, x, rtol=1e-12, atol=1e-14)
    assert torch.equal(hidden.plain, hidden.dropped)


def test_dropouts_are_off_without_a_generator() -> None:
    own = layers()
    assert torch.equal(own(TOKENS, own.start(3), ALL).dropped, own(TOKENS, own.start(3), Dropouts()).dropped)


def test_a_text_read_in_two_parts_is_the_text_read_at_once() -> None:
    own = layers()
    whole = own(TOKENS, own.start(3), Dropouts())
    first = own(TOKENS[:6], own.start(3), Dropouts())
    second = own(TOKENS[6:], first.state, Dropouts())
    torch.testing.assert_close(torch.cat([first.plain, second.plain]), whole.plain, rtol=1e-12, atol=1e-14)


def test_gradients_reach_the_raw_recurrent_matrix() -> None:
    """What broke silently in later versions of PyTorch (salesforce/awd-lstm-lm issues 79 and 86)."""
    own = layers()
    raw = [own.get_parameter(f"layers.{number}.weight_hh_l0") for number in range(2)]
    before = [weight.detach().clone() for weight in raw]
    hidden = own(TOKENS, own.start(3), Dropouts(weight=0.5), torch.Generator().manual_seed(0))
    for weight, old, gradient in zip(raw, before, torch.autograd.grad(hidden.dropped.sum(), raw), strict=True):
        assert torch.equal(weight, old)
        assert 0.4 < torch.count_nonzero(gradient) / gradient.numel() < 0.6  # half of 196 weights or more


def test_the_output_dropout_leaves_the_plain_outputs() -> None:
    own = layers()
    hidden = own(TOKENS, own.start(3), Dropouts(output=0.4), torch.Generator().manual_seed(0))
    torch.testing.assert_close(hidden.plain, own(TOKENS, own.start(3), Dropouts()).plain, rtol=1e-12, atol=1e-14)
    assert (hidden.dropped == 0).any()


SOFTMAX = AwdLstm(output="softmax", embedding_size=400, hidden_sizes=(1150, 1150, 400))
COUNTS = [
    (SOFTMAX, 10_000, 24_221_600),
    (SOFTMAX, 33_278, 33_556_078),
    (AwdLstm(output="softmax", embedding_size=280, hidden_sizes=(960, 960, 280)), 10_000, 16_350_800),
    (AwdLstm(output="softmax", embedding_size=300, hidden_sizes=(1150, 1150, 300)), 33_278, 29_027_478),
    *((AwdLstm(output="mos", components=k, embedding_size=280, hidden_sizes=(960, 960, 620)), 10_000, count)
      for k, count in {3: 19_406_620, 5: 19_755_620, 10: 20_628_120, 15: 21_500_620, 20: 22_373_120}.items()),
    (AwdLstm(output="moc", components=15, embedding_size=280, hidden_sizes=(960, 960, 620)), 10_000, 21_500_620),
    (AwdLstm(output="mos", components=15, embedding_size=300, hidden_sizes=(1150, 1150, 650)), 33_278, 34_909_528),
    (AwdLstm(output="softmax", embedding_size=1024, hidden_sizes=(1024, 1024)), 100_000, 119_293_600),
    (AwdLstm(output="mos", components=7, embedding_size=900, hidden_sizes=(1024, 1024)), 100_000, 112_850_364),
    (AwdLstm(output="softmax", embedding_size=1024, hidden_sizes=(1024,)), 27, 8_424_475),
    (AwdLstm(output="mos", components=7, embedding_size=510, hidden_sizes=(910,)), 27, 8_448_517),
    (AwdLstm(output="mos", components=7, embedding_size=750, hidden_sizes=(750,)), 27, 8_474_277),
    (AwdLstm(output="mos", components=10, embedding_size=452, hidden_sizes=(860,)), 27, 8_432_711),
    (AwdLstm(output="mos", components=10, embedding_size=683, hidden_sizes=(683,)), 27, 8_434_394),
]  # fmt: skip


@pytest.mark.parametrize(("method", "vocabulary", "count"), COUNTS)
def test_parameter_counts_are_the_published_ones(method: AwdLstm, vocabulary: int, count: int) -> None:
    """Counts of the released configurations; print has 24M, 33M, 22M, 35M, 119M, 113M, 8.42M to 8.45M."""
    with torch.device("meta"):
        assert method.network(vocabulary).parameter_count == count


def test_the_medium_lstm_of_zaremba_has_20m_parameters() -> None:
    """By hand: two tables of 10,000 x 650, two layers of 4 * 650 * (1300 + 2), a bias of 10,000."""
    with torch.device("meta"):
        assert ZarembaLstm().network(10_000).parameter_count == 2 * 6_500_000 + 2 * 4 * 650 * 1302 + 10_000


def test_a_softmax_needs_a_last_layer_of_the_width_of_the_embedding() -> None:
    with pytest.raises(ValueError, match="make the last layer as wide as the embedding"):
        AwdLstm(output="softmax", embedding_size=8, hidden_sizes=(16,)).network(11)
