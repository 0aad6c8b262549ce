"""The training of language models, step by step, against a plain transcription of the published one, in float64."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.language import regularisation
from baselines.language.methods import AwdLstm, ZarembaLstm, initialised
from baselines.language.streams import batchify
from baselines.language.training import VALID_STREAMS, TextRun
from repro.data.kinds.corpus import Corpus
from repro.worker.streams import generator
from tests.baselines.language.published import Settings, Step, Training
from tests.baselines.language.recording import Recording

CLOSE: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-10}  # float64, whose rounding tens of steps amplify to 1e-12 here
SEED = 3  # of the recording context
WORDS = 13
STREAMS = 3
EPOCHS, FINETUNE_EPOCHS, PATIENCE = 6, 5, 1
CAP, FINETUNE_CAP = 15, 10  # of the lengths of segments
FINETUNE_RATE = 12.0  # so high that finetuning makes the model worse, and ends early
MOS = AwdLstm(
    output="mos", components=2, embedding_size=4, hidden_sizes=(7, 5), learning_rate=5.0, batch_size=STREAMS,
    micro_batch_size=2, bptt=8, bptt_above=CAP - 8, finetune_bptt_above=FINETUNE_CAP - 8, epochs=EPOCHS,
    patience=PATIENCE, word_dropout=0.15, input_dropout=0.3, hidden_dropout=0.2, weight_drop=0.4, context_dropout=0.25,
    output_dropout=0.35, gradient_clip=0.6, weight_decay=1e-2, activation_penalty=2.0, temporal_penalty=3.0,
    finetune=True, finetune_learning_rate=FINETUNE_RATE, finetune_epochs=FINETUNE_EPOCHS,
)  # fmt: skip
AS_MOS = Settings(2, 2, True, True, False, 8, lambda epoch: 5.0, 0.6, 1e-2, 2.0, 3.0, CAP, at_once=2)
ZAREMBA = ZarembaLstm(
    embedding_size=4, hidden_sizes=(6, 4), dropout=0.4, learning_rate=0.8, learning_rate_decay=1.5, constant_epochs=2,
    epochs=4, batch_size=STREAMS, bptt=9, gradient_clip=1.5,
)  # fmt: skip
AS_ZAREMBA = Settings(2, 0, False, False, True, 9, lambda epoch: 0.8 / 1.5 ** max(0, epoch - 1), 1.5, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def data() -> Corpus:
    """Texts that a model can learn something of: every word is followed by one of three. 29 tokens a stream."""
    random = np.random.default_rng(0)
    tokens = [0]
    for _ in range(400):
        tokens.append((2 * tokens[-1] + int(random.integers(3))) % WORDS)
    text = np.array(tokens, dtype=np.int32)
    splits = {"train": text[: 29 * STREAMS], "valid": text[100:330], "test": text[330:]}
    return Corpus("chain", tuple(map(str, range(WORDS))), splits, "")


class Seen(TextRun):
    """The training under test, with its masks, losses, gradients and weights."""

    def __init__(self, method: AwdLstm | ZarembaLstm, data: Corpus) -> None:
        self.recorded = Recording()
        super().__init__(initialised(method, WORDS, self.recorded).double(), method.recipe, data, self.recorded)
        self.first = self.weights()
        self.steps: list[Step] = []
        self.gradients: dict[str, Tensor] = {}

    def weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}

    def _descend(self, rate: float) -> None:
        named = self.model.named_parameters()
        self.gradients = {name: parameter.grad.clone() for name, parameter in named if parameter.grad is not None}
        super()._descend(rate)

    def step(self, number: int) -> dict[str, Tensor]:
        watched = super().step(number)
        self.steps.append(Step(float(watched["train-loss"].detach()), self.gradients, self.weights()))
        return watched


@pytest.fixture
def masks(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """Every mask that is drawn, in the order of drawing."""
    drawn: list[Tensor] = []
    original = regularisation.kept

    def kept(*args: Any) -> Tensor:
        drawn.append(original(*args))
        return drawn[-1].clone()

    monkeypatch.setattr(regularisation, "kept", kept)
    return drawn


def random(number: int) -> np.random.Generator:
    return generator(SEED, "step", number)


def trained_as_published(training: Training, data: Corpus) -> tuple[list[float], list[int], list[int]]:
    """MoS: NT-ASGD, then finetuning from the best model. The perplexities, and the epochs of switch and of the best."""
    text, valid = batchify(data.splits["train"], STREAMS), batchify(data.splits["valid"], VALID_STREAMS)
    perplexities: list[float] = []
    lengths: dict[str, list[tuple[int, int]]] = {"train": [], "finetune": []}
    switched, best, lowest = [], [], math.inf
    for phase, epochs in (("train", EPOCHS), ("finetune", FINETUNE_EPOCHS)):
        history: list[float] = []
        for number in range(epochs):
            lengths[phase] += training.epoch(text, number, random)
            perplexities.append(training.perplexity(valid))
            if perplexities[-1] < lowest:
                lowest, kept = perplexities[-1], dict(training.mean or training.theta)
                best.append(len(perplexities))
            stuck = len(history) > PATIENCE and perplexities[-1] > min(history[:-PATIENCE])
            history.append(perplexities[-1])
            if stuck and phase == "train" and training.mean is None:
                training.average()
                switched.append(len(perplexities))
            if stuck and phase == "finetune":
                break
        training.theta = dict(kept)
        if phase == "train":
            training.average()
            training.settings = replace(training.settings, rate=lambda epoch: FINETUNE_RATE, cap=FINETUNE_CAP)
    seen = [*lengths["train"], *lengths["finetune"]]
    assert any(drawn > taken for drawn, taken in seen), "some segment must be cut by the end of the text"
    assert len({taken for _, taken in seen}) > 5, "lengths must differ"
    longest = {phase: max(drawn for drawn, _ in found) for phase, found in lengths.items()}
    assert longest == {"train": CAP, "finetune": FINETUNE_CAP}, "both caps must be reached"
    return perplexities, switched, best


def untied(parameters: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the second name of the tied matrix."""
    return {name: value for name, value in parameters.items() if name != "output.weight"}


def test_every_loss_gradient_weight_and_validation_of_mos_is_that_of_the_published_training(
    data: Corpus, masks: list[Tensor]
) -> None:
    seen = Seen(MOS, data)
    model = seen.train()
    drawn = list(masks)
    published = Training(AS_MOS, untied(seen.first), masks)
    perplexities, switched, best = trained_as_published(published, data)
    assert not masks, f"{len(masks)} of {len(drawn)} masks were drawn for nothing"
    compare(seen.steps, published.steps)
    found = [value for name, _, value in seen.recorded.points if name == "valid-perplexity"]
    assert found == pytest.approx(perplexities, rel=1e-7)
    for name, value in untied(dict(model.state_dict())).items():
        torch.testing.assert_close(value, published.theta[name], **CLOSE)
    assert switched, "the trigger must fire within the epochs of training"
    assert 1 < switched[0] < EPOCHS
    assert best[-1] != len(perplexities), "the kept model must not be the last one"
    assert EPOCHS + 1 < len(perplexities) < EPOCHS + FINETUNE_EPOCHS, "finetuning must end early, and not at once"


def test_streams_that_are_taken_at_once_have_masks_of_their_own(data: Corpus, masks: list[Tensor]) -> None:
    """Three streams by two: of what is dropped for all streams, words and recurrent weights, each part draws anew."""
    Seen(MOS, data).step(0)
    first, second = masks[: len(masks) // 2], masks[len(masks) // 2 :]
    shared = [(one, other) for one, other in zip(first, second, strict=True) if one.shape == other.shape]
    assert [tuple(one.shape) for one, _ in shared] == [(WORDS, 1), (28, 7), (20, 5)]
    for one, other in shared:
        assert not torch.equal(one, other)


def test_every_loss_gradient_and_weight_of_zaremba_is_that_of_the_published_training(
    data: Corpus, masks: list[Tensor]
) -> None:
    seen = Seen(ZAREMBA, data)
    model = seen.train()
    published, text = Training(AS_ZAREMBA, seen.first, masks), batchify(data.splits["train"], STREAMS)
    for epoch in range(4):
        assert published.epoch(text, epoch, random) == [(9, 9), (9, 9), (9, 9), (9, 1)]
    assert not masks
    compare(seen.steps, published.steps)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, published.theta[name], **CLOSE)


def compare(seen: list[Step], expected: list[Step]) -> None:
    assert len(seen) == len(expected)
    for one, other in zip(seen, expected, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-7)
        for name, gradient in one.gradients.items():
            torch.testing.assert_close(gradient, other.gradients[name], **CLOSE)
        for name, weight in untied(one.weights).items():
            torch.testing.assert_close(weight, other.weights[name], **CLOSE)


@pytest.mark.parametrize("output", ["softmax", "mos"])
def test_the_first_weights_are_in_the_published_ranges(output: Literal["softmax", "mos"]) -> None:
    """AWD-LSTM and MoS: embeddings in +-0.1, the decoder's bias 0, all else in +-1 / sqrt(inputs) of a linear layer and
    +-1 / sqrt(H) of an LSTM, as the library has it. Of 1,000 uniform numbers the largest is above 0.98 of the range.
    """
    method = AwdLstm(output=output, components=3, embedding_size=40, hidden_sizes=(60, 40))
    weights = dict(initialised(method, 200, Recording()).state_dict())
    assert not weights.pop("output.bias").any()
    ranges = {"layers.embedding.weight": 0.1, "output.weight": 0.1, "layers.layers.0": 60**-0.5}
    ranges |= {"layers.layers.1": 40**-0.5, "output.prior.weight": 40**-0.5, "output.latent": 40**-0.5}
    for name, weight in weights.items():
        bound = next(bound for start, bound in ranges.items() if name.startswith(start))
        assert float(weight.abs().max()) <= bound, name
        assert weight.numel() < 1000 or float(weight.abs().max()) > 0.98 * bound, name
        assert weight.numel() < 1000 or abs(float(weight.mean())) < 0.1 * bound, name


def test_all_first_weights_of_zaremba_are_in_one_range() -> None:
    """Uniform in +-0.05, biases too (Zaremba et al., 2014, section 4.1, the medium network)."""
    for name, weight in initialised(ZarembaLstm(width_divisor=10), 200, Recording()).state_dict().items():
        assert 0.045 < float(weight.abs().max()) <= 0.05, name
