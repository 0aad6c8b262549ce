"""Checkpoints of language models: our own state dicts, and what the authors of AWD-LSTM and MoS save.

Code: salesforce/awd-lstm-lm, main.py (model_save), model.py, weight_drop.py; read at 1d466ec
      zihangdai/mos, utils.py (save_checkpoint), model.py; read at 9c0c608

Both projects save whole pickled modules: `[model, criterion, optimizer]`, and `model`. Their tensors are taken out and
their code is left alone (`repro.data.sources.pickled`, which says of which releases of PyTorch); a `state_dict()` of
such a model is read too. What is read: LSTM layers with or without weight drop, the decoder tied to the encoder, a
plain softmax or the mixture. What is not: QRNN and GRU layers, untied decoders, and a softmax split into a head and
tails, whose criterion has weights of its own.

The authors number words by their first occurrence in train, then valid, then test, with `<eos>` at the end of each
line, as the data sets `ptb` and `wikitext-2` do here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.running_loss import LastLosses
from repro.data.kinds.corpus import Corpus
from repro.data.sources.fitted import fitted
from repro.data.sources.tensors import tensors
from repro.hints import did_you_mean

MODULES = (
    "model.", "weight_drop.", "locked_dropout.", "splitcross.", "torch.nn.", "torch.optim.", "torch.backends.",
    "collections.defaultdict", "builtins.list", "builtins.dict", "builtins.getattr",
)  # fmt: skip
"""Whose objects the saved modules, criteria and optimisers consist of; `getattr` is for weight drop."""
ENDS = {
    "encoder.weight": "layers.embedding.weight",
    "decoder.weight": "output.weight",
    "decoder.bias": "output.bias",
    "prior.weight": "output.prior.weight",
    "latent.0.weight": "output.latent.weight",
    "latent.0.bias": "output.latent.bias",
}
"""The authors' names outside the LSTM layers, and ours."""
OF_LAYER = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def read_network(tensors: Mapping[str, Tensor], data: Corpus, method: Any) -> TrainedLanguageModel:
    """The trained model of a checkpoint. Raises ValueError for other tensors than those of the method's network."""
    if not hasattr(method, "network"):
        raise ValueError("this checkpoint needs the method and params of its network: "
                         "--method awd-lstm --params output=softmax ...")  # fmt: skip
    network = method.network(len(data.vocabulary))
    network.load_state_dict(fitted(tensors, network))
    return TrainedLanguageModel(network, "cpu")


def read_released(files: Mapping[str, Path]) -> dict[str, Any]:
    """The state of the authors' model, for `released-lstm`: the reader of released weights, which are one file.

    Raises ValueError, in one line with the authors' names of tensors, for a file that is not such a model.
    """
    (file,) = files.values()
    try:
        weights = renamed(tensors(file, MODULES))
    except ValueError as error:
        said = str(error)
        raise ValueError(said if said.startswith(str(file)) else f"{file}: {said}") from None
    words = len(weights["layers.embedding.weight"])
    return {"vocabulary": words, "weights": weights, "last_losses": LastLosses(0).state_dict()}


def renamed(theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The authors' tensors by our names, in float32. Raises ValueError for a missing, unknown or misshapen one."""
    raw = {name.removesuffix("_raw"): value for name, value in theirs.items() if name.endswith("_raw")}
    given = {name.replace(".module.", "."): value for name, value in {**theirs, **raw}.items() if name[-4:] != "_raw"}
    layers = len({name.split(".")[1] for name in given if name.startswith("rnns.")})
    names = ENDS if "prior.weight" in given else dict(list(ENDS.items())[:3])
    wanted = {**names, **{f"rnns.{n}.{part}": f"layers.layers.{n}.{part}" for n in range(layers) for part in OF_LAYER}}
    for name in [*wanted, *given] if layers else ["rnns.0.weight_ih_l0"]:
        if name not in given:
            raise ValueError(f"tensor {name!r} is missing{did_you_mean(name, given.keys() - wanted.keys())}")
        if name not in wanted:
            raise ValueError(f"tensor {name!r} is not one of an AWD-LSTM or MoS of {layers} LSTM layers")
    for name, shape in _shapes(given, layers).items():
        if tuple(given[name].shape) != shape:
            raise ValueError(f"tensor {name!r} must have shape {shape}, it has {tuple(given[name].shape)}")
    if not torch.equal(given["encoder.weight"], given["decoder.weight"]):
        raise ValueError("the decoder is not tied to the encoder; only tied models are read: train with --tied")
    return {ours: given[name].float() for name, ours in wanted.items()}


def _shapes(given: Mapping[str, Tensor], layers: int) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor by what the others tell: words V, embedding D, layers H, components K."""
    V, D = given["encoder.weight"].shape
    hidden = [given[f"rnns.{layer}.weight_hh_l0"].shape[-1] for layer in range(layers)]
    found: dict[str, tuple[int, ...]] = {"decoder.weight": (V, D), "decoder.bias": (V,)}
    for layer, (below, H) in enumerate(zip([D, *hidden], hidden, strict=False)):
        shapes = ((4 * H, below), (4 * H, H), (4 * H,), (4 * H,))
        found |= {f"rnns.{layer}.{part}": shape for part, shape in zip(OF_LAYER, shapes, strict=True)}
    if "prior.weight" in given:
        K, top = len(given["prior.weight"]), hidden[-1]
        found |= {"prior.weight": (K, top), "latent.0.weight": (K * D, top), "latent.0.bias": (K * D,)}
    return found
