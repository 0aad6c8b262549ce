"""Language models of dai2019, appendix A: AWD-LSTM under a softmax, MoC or MoS, and the LSTM of Zaremba et al.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182
       Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953
       Recurrent Neural Network Regularization (Zaremba et al., 2014), arXiv:1409.2329
Code:  salesforce/awd-lstm-lm, main.py and finetune.py; read at 1d466ec
       zihangdai/mos, main.py and finetune.py; read at 9c0c608
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import torch
from torch import nn

from baselines.language.awd_lstm import LanguageModel, LstmLayers, Sizes
from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.outputs import MixtureOfContexts, MixtureOfSoftmaxes, OutputLayer, Softmax
from baselines.language.regularisation import Dropouts
from baselines.language.running_loss import LastLosses, WatchedRun
from baselines.language.streams import SegmentLength
from baselines.language.training import Recipe, TextRun
from repro.contracts import Context, single
from repro.data.kinds.corpus import Corpus


@dataclass(frozen=True)
class AwdLstm:
    """AWD-LSTM with tied embeddings under an output layer.

    The defaults are the released commands' where MoS and AWD-LSTM agree. Their Adam-free recipe needs hundreds of
    epochs: `optimiser`, `schedule`, `epoch_tokens`, `selection`, `layers`, `width_divisor` and `embedding_bound` exist
    for runs at reduced scale, and `schedule` and `selection` for One Billion Word, whose recipe is not published: no
    other row sets them at `paper`. The training text is held as int64 on the device: 6.4 GB
    for the 799 million tokens of One Billion Word.

    Attributes:
        output: `softmax`, `moc` (one softmax of mixed contexts) or `mos` (mixed softmaxes).
        components: K of `moc` and `mos`.
        embedding_size: width of the embedding and of the contexts.
        hidden_sizes: LSTM layers from below; under `softmax` the last is as wide as the embedding.
        layers: how many of the LSTM layers there are, from the top; None: all.
        width_divisor: divides all widths, to the nearest whole number.
        embedding_bound: embeddings start uniform within plus and minus this.
        optimiser: `sgd`, which becomes NT-ASGD by `patience`, or `adam`.
        learning_rate: of the optimiser, at segments of length `bptt`; it is scaled by the length of others.
        schedule: `constant`, or `linear`: the rate falls to zero over all epochs.
        batch_size: parallel streams.
        micro_batch_size: streams that are computed at once, one after another for one update: each so many have masks
            of words and of recurrent weights of their own; None: all.
        bptt: usual length of a segment.
        bptt_above: longest segment, above `bptt`; None: no cap.
        epochs: passes over the training text.
        epoch_tokens: an epoch goes through so many tokens, the beginnings of the streams; None: all.
        selection: the model kept: the `best` on the validation text, which is read after every epoch, or the `last`
            one, for which it is never read and averaging starts with finetuning only.
        patience: averaging starts when the validation loss is above the best of all epochs but so many last ones.
        word_dropout: share of words whose embeddings are dropped.
        input_dropout: of the embedded words' features.
        hidden_dropout: of features between layers.
        weight_drop: of recurrent weights.
        context_dropout: of the features of each context of `moc` and `mos`.
        output_dropout: of the last layer's features.
        gradient_clip: largest norm of the gradients.
        weight_decay: coefficient of the squared norm of all parameters, halved.
        activation_penalty: of the mean square of the last layer's outputs after dropout (AR).
        temporal_penalty: of the mean square of their differences before dropout (TAR).
        finetune: whether averaged SGD goes on from the best model, until `patience` is exhausted.
        finetune_learning_rate: its rate; None: `learning_rate`.
        finetune_epochs: its longest duration.
        finetune_bptt_above: its longest segment, above `bptt`; None: `bptt_above`.
        last_updates: the updates whose losses are kept, at the end of the training; 0: none.
    """

    output: Literal["softmax", "moc", "mos"]
    embedding_size: int
    hidden_sizes: tuple[int, ...]
    components: int = 1
    layers: int | None = None
    width_divisor: int = 1
    embedding_bound: float = 0.1
    optimiser: Literal["sgd", "adam"] = "sgd"
    learning_rate: float = 30.0
    schedule: Literal["constant", "linear"] = "constant"
    batch_size: int = 20
    micro_batch_size: int | None = None
    bptt: int = 70
    bptt_above: int | None = None
    epochs: int = 1000
    epoch_tokens: int | None = None
    selection: Literal["best", "last"] = "best"
    patience: int = 5
    word_dropout: float = 0.0
    input_dropout: float = 0.0
    hidden_dropout: float = 0.0
    weight_drop: float = 0.0
    context_dropout: float = 0.0
    output_dropout: float = 0.0
    gradient_clip: float = 0.25
    weight_decay: float = 0.0
    activation_penalty: float = 0.0
    temporal_penalty: float = 0.0
    finetune: bool = False
    finetune_learning_rate: float | None = None
    finetune_epochs: int = 1000
    finetune_bptt_above: int | None = None
    last_updates: int = 0

    def fit(self, data: Corpus, context: Context) -> TrainedLanguageModel:
        """Trains one seed. Raises Diverged, and ValueError where there are fewer updates than `last_updates`."""
        model = initialised(self, len(data.vocabulary), context)
        if not self.last_updates:
            return TrainedLanguageModel(TextRun(model, self.recipe, data, context).train(), context.device)
        run = WatchedRun(model, self.recipe, data, context, self.last_updates)
        return TrainedLanguageModel(run.train(), context.device, run.last_losses)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedLanguageModel:
        """The trained model whose `state()` this is."""
        return restored(self, state, context)

    def sizes(self, vocabulary: int) -> Sizes:
        """The widths for a vocabulary."""
        embedding, *hidden = divided((self.embedding_size, *self.hidden_sizes), self.width_divisor)
        return Sizes(vocabulary, embedding, tuple(hidden if self.layers is None else hidden[-self.layers :]))

    def network(self, vocabulary: int) -> LanguageModel:
        """The untrained model; its initial weights come from torch's current generator."""
        layers = LstmLayers(self.sizes(vocabulary), self.embedding_bound)
        return LanguageModel(layers, output_layer(self, layers))

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        own = of_recipe(self) | {"finetune_learning_rate": self.finetune_learning_rate or self.learning_rate}
        dropouts = Dropouts(
            self.word_dropout, self.input_dropout, self.hidden_dropout, self.weight_drop, self.output_dropout
        )
        above = self.bptt_above if self.finetune_bptt_above is None else self.finetune_bptt_above
        lengths, finetune_lengths = SegmentLength(self.bptt, self.bptt_above), SegmentLength(self.bptt, above)
        return Recipe(dropouts=dropouts, lengths=lengths, finetune_lengths=finetune_lengths, **own)


def output_layer(method: AwdLstm, layers: LstmLayers) -> OutputLayer:
    """The output layer of a method, tied to the embedding of the layers."""
    weight, width = layers.embedding.weight, layers.sizes.hidden[-1]
    if method.output == "softmax":
        return Softmax(width, weight)
    kind = MixtureOfContexts if method.output == "moc" else MixtureOfSoftmaxes
    return kind(width, weight, method.components, method.context_dropout)


def initialised(method: AwdLstm | ZarembaLstm, vocabulary: int, context: Context) -> LanguageModel:
    """The untrained model of the context's seed; torch's own generator is left as it was."""
    number = int(context.generator(single(context.seeds), "weights").integers(2**62))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(number)
        return method.network(vocabulary)


def restored(method: AwdLstm | ZarembaLstm, state: Mapping[str, Any], context: Context) -> TrainedLanguageModel:
    """The model of a method whose `state()` this is; torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        model = method.network(state["vocabulary"])
    model.load_state_dict(state["weights"])
    losses = LastLosses(0)
    losses.load_state_dict(state["last_losses"])
    return TrainedLanguageModel(model.to(context.device), context.device, losses)


def of_recipe(method: AwdLstm | ZarembaLstm) -> dict[str, Any]:
    """The parameters that a method has by the names of its recipe."""
    names = {each.name for each in fields(Recipe)}
    return {name: value for name, value in vars(method).items() if name in names}


@dataclass(frozen=True)
class ZarembaLstm:
    """The regularised LSTM of Zaremba et al.: ordinary dropout between layers, SGD whose rate decays, no tying.

    The rate and the largest gradient norm count for losses summed over the time steps of a segment and averaged over
    the batch, as the paper's are. The last model is kept, not the best.

    Attributes:
        embedding_size: width of the embedded words.
        hidden_sizes: LSTM layers from below.
        width_divisor: divides all widths, to the nearest whole number.
        deviation: all parameters start uniform within plus and minus this.
        dropout: of features below, between and above the layers, drawn anew at every time step.
        optimiser: `sgd`, or `adam` at reduced scale.
        learning_rate: until `constant_epochs` are over.
        learning_rate_decay: what the rate is divided by in every epoch after them.
        constant_epochs: epochs at the full rate.
        epochs: passes over the training text.
        epoch_tokens: an epoch goes through so many tokens, the beginnings of the streams; None: all.
        batch_size: parallel streams.
        bptt: length of a segment.
        gradient_clip: largest norm of the gradients.
    """

    embedding_size: int = 650
    hidden_sizes: tuple[int, ...] = (650, 650)
    width_divisor: int = 1
    deviation: float = 0.05
    dropout: float = 0.5
    optimiser: Literal["sgd", "adam"] = "sgd"
    learning_rate: float = 1.0
    learning_rate_decay: float = 1.2
    constant_epochs: int = 6
    epochs: int = 39
    epoch_tokens: int | None = None
    batch_size: int = 20
    bptt: int = 35
    gradient_clip: float = 5.0

    def fit(self, data: Corpus, context: Context) -> TrainedLanguageModel:
        """Trains one seed. Raises Diverged."""
        model = initialised(self, len(data.vocabulary), context)
        trained = TextRun(model, self.recipe, data, context).train()
        return TrainedLanguageModel(trained, context.device)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedLanguageModel:
        """The trained model whose `state()` this is."""
        return restored(self, state, context)

    def network(self, vocabulary: int) -> LanguageModel:
        """The untrained model; its initial weights come from torch's current generator."""
        embedding, *hidden = divided((self.embedding_size, *self.hidden_sizes), self.width_divisor)
        layers = LstmLayers(Sizes(vocabulary, embedding, tuple(hidden)))
        model = LanguageModel(layers, Softmax(hidden[-1], nn.Embedding(vocabulary, hidden[-1]).weight))
        for parameter in model.parameters():
            nn.init.uniform_(parameter, -self.deviation, self.deviation)
        return model

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        rate = self.dropout
        return Recipe(
            dropouts=Dropouts(input=rate, hidden=rate, output=rate, locked=False),
            lengths=SegmentLength(self.bptt, varied=False),
            schedule="decay",
            summed_over_time=True,
            selection="last",
            **of_recipe(self),
        )


def divided(widths: tuple[int, ...], divisor: int) -> tuple[int, ...]:
    """Widths at reduced scale: each over the divisor, to the nearest whole number, at least 1."""
    return tuple(max(1, round(width / divisor)) for width in widths)
