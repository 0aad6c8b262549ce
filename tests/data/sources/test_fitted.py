"""Tensors of a file against a network: ties, prefixes and kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from repro.data.sources.fitted import fitted, without_prefix
from repro.data.sources.tensors import tensors

WORDS, WIDTH = 7, 3


class Tied(nn.Module):
    """An encoder and a decoder that share their matrix, and a counter of batches."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Embedding(WORDS, WIDTH), nn.Linear(WIDTH, WORDS)
        self.decoder.weight = self.encoder.weight
        self.norm = nn.BatchNorm1d(WIDTH)


@pytest.fixture
def network() -> Tied:
    torch.manual_seed(0)
    return Tied()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_safetensors_leave_out_the_second_name_of_a_tie_and_it_is_filled_in(network: Tied, tmp_path: Path) -> None:
    from safetensors.torch import save_model

    save_model(network, str(tmp_path / "a.SafeTensors"))
    found = tensors(tmp_path / "a.SafeTensors")
    assert len(found) == len(network.state_dict()) - 1
    assert same(fitted(found, network), network.state_dict())
    network.load_state_dict(fitted(found, network))


@pytest.mark.parametrize("lacking", ["encoder.weight", "decoder.weight"])
def test_either_name_of_a_tie_is_enough(network: Tied, lacking: str) -> None:
    found = {name: tensor for name, tensor in network.state_dict().items() if name != lacking}
    assert same(fitted(found, network), network.state_dict())


def test_tied_weights_that_differ_in_the_file_are_refused(network: Tied) -> None:
    found = {**network.state_dict(), "decoder.weight": torch.randn(WORDS, WIDTH)}
    with pytest.raises(ValueError, match=r"^the network ties 'encoder\.weight' and 'decoder\.weight', and"):
        fitted(found, network)
    with pytest.raises(ValueError, match="the file has them as different ones"):
        fitted({**found, "decoder.weight": torch.zeros(WIDTH, WORDS)}, network)
    untied = Tied()
    untied.decoder.weight = nn.Parameter(torch.zeros(WORDS, WIDTH))
    assert same(fitted(found, untied), found)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "module._orig_mod.", "net.module."])
def test_what_a_wrapper_puts_before_names_is_taken_off(network: Tied, prefix: str) -> None:
    found = {prefix + name: tensor for name, tensor in network.state_dict().items()}
    assert same(fitted(found, network), network.state_dict())


def test_what_torch_s_average_of_a_network_adds_is_left_out(network: Tied) -> None:
    average = torch.optim.swa_utils.AveragedModel(network)
    assert "n_averaged" in average.state_dict()
    assert same(fitted(average.state_dict(), network), network.state_dict())


def test_a_network_that_has_such_a_name_itself_keeps_it() -> None:
    network = nn.Sequential()
    network.add_module("model", nn.Linear(2, 2))
    assert same(fitted(network.state_dict(), network), network.state_dict())
    mixed = {"module.a": torch.zeros(1), "b": torch.zeros(1)}
    assert same(without_prefix(mixed, ("a", "c")), mixed)
    assert without_prefix({}, ("a",)) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"encoder.weight": torch.ones(WORDS, WIDTH, dtype=torch.int8),
          "decoder.weight": torch.ones(WORDS, WIDTH, dtype=torch.int8)},
         "decoder.weight must be of torch.float32, it is of torch.int8: quantised weights"),
        ({"decoder.bias": torch.ones(WORDS, dtype=torch.bool)}, "bias must be of torch.float32, it is of torch.bool"),
        ({"norm.num_batches_tracked": torch.tensor(1.5)}, "must be of torch.int64, it is of torch.float32"),
        ({"decoder.bias": torch.ones(2)}, r"decoder.bias must have shape \(7,\), it has \(2,\)"),
        ({"extra": torch.ones(2)}, "tensor 'extra' is not one of the network"),
        ({"decoder.bias": None, "decoder.bais": torch.ones(WORDS)}, "tensor 'decoder.bais' is not one of the network"),
        ({"decoder.bias": None}, "tensor 'decoder.bias' is missing"),
    ],
)  # fmt: skip
def test_other_tensors_than_the_network_s_are_refused(
    network: Tied, change: dict[str, torch.Tensor | None], said: str
) -> None:
    changed = {**network.state_dict(), **change}
    with pytest.raises(ValueError, match=said):
        fitted({name: tensor for name, tensor in changed.items() if tensor is not None}, network)


def test_halves_and_doubles_are_real_numbers(network: Tied) -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        found = {n: t.to(dtype) if t.is_floating_point() else t for n, t in network.state_dict().items()}
        network.load_state_dict(fitted(found, network))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: torch.ones(2, dtype=torch.complex64), r"complex \(torch.complex64\)"),
        (lambda: torch.eye(2).to_sparse(), "sparse"),
        (lambda: torch.eye(2).to_sparse_csr(), "sparse"),
        (lambda: torch.ones(2).to(torch.float8_e4m3fn), r"quantised \(torch.float8_e4m3fn\)"),
        (lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), r"quantised \(torch.qint8\)"),
        (lambda: torch.ones(2, device="meta"), "without contents"),
        (lambda: torch.tensor([1.0, float("inf")], dtype=torch.bfloat16), "is not finite"),
    ],
    ids=["complex", "sparse", "compressed", "eight bits", "quantised", "meta", "infinite"],
)
@pytest.mark.filterwarnings("ignore")  # of torch, that these kinds of tensors are young or old
def test_a_tensor_that_no_network_has_is_refused_in_one_line(
    tmp_path: Path, made: Callable[[], torch.Tensor], said: str
) -> None:
    torch.save({"w": made()}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=rf"x\.pt: tensor 'w' is {said}|x\.pt: tensor 'w' {said}") as caught:
        tensors(tmp_path / "x.pt")
    assert "\n" not in str(caught.value)
