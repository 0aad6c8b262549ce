"""The authors' checkpoints by our names: the same model, or a line that says which tensor is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from baselines.language.files import read_released, renamed
from baselines.language.released import Network, ReleasedLstm
from repro.data.kinds.corpus import Corpus
from repro.registry import DATASETS
from repro.worker.checkpoints import Checkpoints
from repro.worker.context import RunContext
from tests.baselines.language.authors import RNNModel, perplexity, save, tiny

WORDS = 121
SOFTMAX = {"output": "softmax", "embedding_size": 5, "hidden_sizes": (7, 5)}
MIXTURE = {"output": "mos", "components": 3, "embedding_size": 5, "hidden_sizes": (7, 11)}


@pytest.fixture(scope="module")
def data() -> Corpus:
    found: Corpus = DATASETS.load("toy-language")()
    return found


def context(folder: Path, model: RNNModel | None = None, form: str = "model") -> RunContext:
    made = RunContext((0,), "cpu", Checkpoints(folder))
    made.start = None if model is None else read_released({"model.pt": save(model, folder / "model.pt", form)})
    return made


@pytest.mark.parametrize("form", ["triple", "model", "state"])
@pytest.mark.parametrize("dropped", [0.5, 0.0])
@pytest.mark.parametrize(("experts", "params"), [(0, SOFTMAX), (3, MIXTURE)])
def test_a_released_model_gives_what_the_authors_module_does(
    experts: int, params: dict[str, object], dropped: float, form: str, data: Corpus, tmp_path: Path
) -> None:
    model = tiny(WORDS, n_experts=experts, wdrop=dropped)
    found = ReleasedLstm(**params).fit(data, context(tmp_path, model, form))  # type: ignore[arg-type]
    tokens = data.splits["test"][:211]
    expected = perplexity(model, tokens, 3)
    # float32 against float64 of the transcription: a rounding of 6e-8 in sums of some tens of terms
    assert float(torch.from_numpy(found.nll(tokens, 3)).double().mean().exp()) == pytest.approx(expected, rel=1e-5)


def test_a_mixture_of_contexts_is_told_by_the_row_alone(data: Corpus, tmp_path: Path) -> None:
    model, tokens = tiny(WORDS, n_experts=3), data.splits["test"][:211]
    given = context(tmp_path, model)
    mos, moc = (ReleasedLstm(**MIXTURE | {"output": name}).fit(data, given) for name in ("mos", "moc"))  # type: ignore[arg-type]
    assert mos.nll(tokens, 1).mean() != moc.nll(tokens, 1).mean()


def test_a_model_of_other_sizes_is_refused_with_the_params_that_fit(data: Corpus, tmp_path: Path) -> None:
    given = context(tmp_path, tiny(WORDS, n_experts=3))
    theirs = "{output: mos or moc, components: 3, embedding_size: 5, hidden_sizes: [7, 11]}"
    for wrong, said in (
        (SOFTMAX, "{output: softmax, embedding_size: 5, hidden_sizes: [7, 5]}"),
        (MIXTURE | {"components": 2}, theirs.replace("components: 3", "components: 2")),
        (MIXTURE | {"embedding_size": 6}, theirs.replace("size: 5", "size: 6")),
        (MIXTURE | {"hidden_sizes": (11,)}, theirs.replace("7, ", "")),
    ):
        with pytest.raises(ValueError, match="weights are of") as caught:
            ReleasedLstm(**wrong).fit(data, given)  # type: ignore[arg-type]
        assert str(caught.value) == f"the weights are of {theirs}, the row's params are {said}: write the former"


def test_a_model_of_other_words_and_none_at_all_are_refused(data: Corpus, tmp_path: Path) -> None:
    method = ReleasedLstm(**SOFTMAX)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match="of a vocabulary of 13 words, data set toy-language has 121: take the data se"
    ):
        method.fit(data, context(tmp_path, tiny(13)))
    with pytest.raises(
        ValueError, match=r"released-lstm trains nothing: write where its weights are from, `from: {wei"
    ):
        method.fit(data, context(tmp_path))


def state(experts: int = 3) -> dict[str, Tensor]:
    return dict(tiny(13, n_experts=experts).state_dict())


def without(name: str) -> Callable[[dict[str, Tensor]], object]:
    return lambda given: given.pop(name)


def shaped(name: str, *shape: int) -> Callable[[dict[str, Tensor]], object]:
    return lambda given: given.update({name: torch.zeros(shape)})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("encoder.weight"), "tensor 'encoder.weight' is missing"),
        (without("rnns.1.module.bias_hh_l0"), "tensor 'rnns.1.bias_hh_l0' is missing"),
        (without("latent.0.bias"), "tensor 'latent.0.bias' is missing"),
        (without("prior.weight"), "tensor 'latent.0.weight' is not one of an AWD-LSTM or MoS of 2 LSTM layers"),
        (shaped("tail_bias", 2), "tensor 'tail_bias' is not one of an AWD-LSTM or MoS of 2 LSTM layers"),
        (shaped("rnns.1.module.weight_ih_l1", 2), "tensor 'rnns.1.weight_ih_l1' is not one of an AWD-LSTM or MoS of"),
        (shaped("decoder.bias", 12), "tensor 'decoder.bias' must have shape (13,), it has (12,)"),
        (shaped("decoder.weight", 13, 6), "tensor 'decoder.weight' must have shape (13, 5), it has (13, 6)"),
        (shaped("rnns.0.module.weight_ih_l0", 28, 4), "tensor 'rnns.0.weight_ih_l0' must have shape (28, 5), it"),
        (shaped("rnns.1.module.weight_ih_l0", 44, 8), "tensor 'rnns.1.weight_ih_l0' must have shape (44, 7), it"),
        (shaped("rnns.1.module.weight_hh_l0_raw", 40, 11), "tensor 'rnns.1.weight_hh_l0' must have shape (44, 11), i"),
        (shaped("rnns.0.module.bias_ih_l0", 27), "tensor 'rnns.0.bias_ih_l0' must have shape (28,), it has (27,)"),
        (shaped("rnns.1.module.bias_hh_l0", 43), "tensor 'rnns.1.bias_hh_l0' must have shape (44,), it has (43,)"),
        (shaped("prior.weight", 4, 11), "tensor 'latent.0.weight' must have shape (20, 11), it has (15, 11)"),
        (shaped("latent.0.bias", 14), "tensor 'latent.0.bias' must have shape (15,), it has (14,)"),
        (shaped("decoder.weight", 13, 5), "the decoder is not tied to the encoder; only tied models are read"),
    ],
)
def test_each_tensor_that_is_wrong_is_said_in_one_line(
    change: Callable[[dict[str, Tensor]], object], said: str, tmp_path: Path
) -> None:
    given = state()
    change(given)
    torch.save(given, tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"model\.pt: ") as caught:
        read_released({"model.pt": tmp_path / "model.pt"})
    assert str(caught.value).startswith(f"{tmp_path / 'model.pt'}: {said}")
    assert "\n" not in str(caught.value)


def test_what_is_no_language_model_and_layers_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^tensor 'rnns\.0\.weight_ih_l0' is missing$"):
        renamed({"weight": torch.zeros(3)})
    gates = {name: value for name, value in state().items() if "rnns.1" not in name}
    with pytest.raises(ValueError, match=r"^tensor 'rnns\.0\.linear\.weight' is not one of an AWD-LSTM or MoS of 1 "):
        renamed(gates | {"rnns.0.linear.module.weight_raw": torch.zeros(3)})


def test_the_raw_recurrent_matrix_counts_and_not_a_dropped_copy_of_it() -> None:
    given = state()
    raw = given["rnns.0.module.weight_hh_l0_raw"]
    copied = given | {"rnns.0.module.weight_hh_l0": torch.zeros_like(raw)}
    for theirs in (copied, dict(reversed(copied.items()))):
        assert torch.equal(renamed(theirs)["layers.layers.0.weight_hh_l0"], raw)


def test_weights_of_half_precision_are_taken_over_in_single() -> None:
    assert {value.dtype for value in renamed({n: v.half() for n, v in state().items()}).values()} == {torch.float32}


def test_a_network_is_known_by_its_weights() -> None:
    assert Network.of(renamed(state(0))) == Network(13, 5, (7, 5), None)
    assert Network.of(renamed(state())) == Network(13, 5, (7, 11), 3)
