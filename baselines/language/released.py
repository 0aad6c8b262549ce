"""Language models as somebody left them: their weights are taken over and measured, and nothing is trained.

Code: salesforce/awd-lstm-lm, main.py (model_load, evaluate); read at 1d466ec
      zihangdai/mos, main.py; read at 9c0c608
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.methods import AwdLstm, restored
from repro.contracts import Context
from repro.data.kinds.corpus import Corpus


@dataclass(frozen=True)
class ReleasedLstm:
    """The LSTM language model that the row's `from:` names, measured as it is: released weights, or a training.

    A row says what network it is, and is held to it: weights of other sizes are refused. Word ids must be those of the
    data set, which a checkpoint does not tell; `baselines.language.files` says whose are. Two runs of it are one, so
    that its rows are `deterministic: true`.

    Attributes:
        output: `softmax`, `moc` (one softmax of mixed contexts) or `mos` (mixed softmaxes).
        embedding_size: width of the embedding and of the contexts.
        hidden_sizes: LSTM layers from below.
        components: K of `moc` and `mos`.
    """

    output: Literal["softmax", "moc", "mos"]
    embedding_size: int
    hidden_sizes: tuple[int, ...]
    components: int = 1

    def fit(self, data: Corpus, context: Context) -> TrainedLanguageModel:
        """The model itself. Raises ValueError, in one line, where there is none, and for other words or other sizes."""
        if context.start is None:
            raise ValueError("released-lstm trains nothing: write where its weights are from, `from: {weights: NAME}`")
        found, words = Network.of(context.start["weights"]), len(data.vocabulary)
        if found.words != words:
            raise ValueError(
                f"the weights are of a vocabulary of {found.words} words, data set {data.name} has {words}: take the "
                "data set that they were trained on"
            )
        if (wanted := self._network(words)) != found:
            raise ValueError(f"the weights are of {found}, the row's params are {wanted}: write the former")
        return self.restore(context.start, context)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedLanguageModel:
        """The trained model whose `state()` this is."""
        return restored(AwdLstm(self.output, self.embedding_size, self.hidden_sizes, self.components), state, context)

    def _network(self, words: int) -> Network:
        components = None if self.output == "softmax" else self.components
        return Network(words, self.embedding_size, self.hidden_sizes, components)


@dataclass(frozen=True)
class Network:
    """What the shapes of weights tell of their network. `components` is None under a plain softmax."""

    words: int
    embedding: int
    hidden: tuple[int, ...]
    components: int | None

    @classmethod
    def of(cls, weights: Mapping[str, Tensor]) -> Network:
        """The network that has weights of these names (those of `LanguageModel`) and shapes."""
        layers = sum(name.endswith(".weight_hh_l0") for name in weights)
        hidden = tuple(weights[f"layers.layers.{layer}.weight_hh_l0"].shape[1] for layer in range(layers))
        prior = weights.get("output.prior.weight")
        words, embedding = weights["layers.embedding.weight"].shape
        return cls(words, embedding, hidden, None if prior is None else len(prior))

    def __str__(self) -> str:
        """As the parameters of a row say it."""
        mixture = "output: softmax" if self.components is None else f"output: mos or moc, components: {self.components}"
        return f"{{{mixture}, embedding_size: {self.embedding}, hidden_sizes: {list(self.hidden)}}}"
