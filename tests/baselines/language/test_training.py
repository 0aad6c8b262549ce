"""Training on the toy language: what a run leaves, that it goes on from any step, and what its recipe means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.language.methods import AwdLstm, ZarembaLstm, initialised
from baselines.language.training import TextRun
from repro.contracts import Diverged
from repro.data.kinds.corpus import Corpus
from repro.data.toys.language import toy_language
from tests.baselines.language.recording import Recording, Stopped

DATA = toy_language(train=1_500, valid=600, test=600)
AWD = AwdLstm(
    output="mos", components=3, embedding_size=6, hidden_sizes=(9, 7), learning_rate=5.0, batch_size=6,
    micro_batch_size=4, bptt=20, epochs=4, patience=1, word_dropout=0.1, input_dropout=0.2, hidden_dropout=0.1,
    weight_drop=0.3, context_dropout=0.2, output_dropout=0.1, weight_decay=1e-6, activation_penalty=2.0,
    temporal_penalty=1.0, finetune=True, finetune_epochs=3,
)  # fmt: skip
ADAM = replace(AWD, output="softmax", hidden_sizes=(9, 6), optimiser="adam", learning_rate=0.01, schedule="linear",
               selection="last", epochs=2, finetune=False)  # fmt: skip
ZAREMBA = ZarembaLstm(embedding_size=6, hidden_sizes=(7, 7), epochs=3, constant_epochs=1, batch_size=6, bptt=20)


def losses(method: AwdLstm | ZarembaLstm, context: Recording, data: Corpus = DATA) -> np.ndarray:
    return method.fit(data, context).nll(data.splits["test"], 1)


def valid_points(context: Recording) -> list[tuple[str, int, float]]:
    return [point for point in context.points if point[0] == "valid-perplexity"]


@pytest.mark.parametrize("method", [AWD, ADAM, ZAREMBA])
@pytest.mark.parametrize("stop_at", [1, 12, 13, 40])
def test_a_run_that_is_stopped_at_any_step_ends_with_the_same_bits(method: AwdLstm | ZarembaLstm, stop_at: int) -> None:
    """An epoch is of 12 or 13 steps: stops before, at and after its end, and in a later one."""
    alone = Recording()
    expected = losses(method, alone)
    stopped = Recording(stop_at)
    try:
        losses(method, stopped)
    except Stopped:
        resumed = Recording(state=stopped.saved)
        assert np.array_equal(losses(method, resumed), expected)
        known, after = valid_points(alone), valid_points(resumed)
        assert after == known[len(known) - len(after) :]
    else:
        assert method is ADAM, "only the short run may end before it is stopped"


def test_a_finished_run_gives_its_model_at_once() -> None:
    context = Recording()
    expected = losses(AWD, context)
    again = Recording(state=context.saved)
    assert np.array_equal(losses(AWD, again), expected)
    assert again.offered == 0
    assert not again.points


def test_seeds_and_only_seeds_make_runs_differ() -> None:
    one, same, other = Recording(), Recording(), Recording()
    other.seeds = (4,)
    other.curve = lambda *_: None  # type: ignore[method-assign]
    assert np.array_equal(losses(ADAM, one), losses(ADAM, same))
    assert not np.array_equal(losses(ADAM, one), losses(ADAM, other))


def test_training_leaves_torchs_own_generator_alone() -> None:
    before = torch.random.get_rng_state()
    losses(ADAM, Recording())
    assert torch.equal(torch.random.get_rng_state(), before)


def run(method: AwdLstm | ZarembaLstm) -> TextRun:
    context = Recording()
    return TextRun(initialised(method, len(DATA.vocabulary), context), method.recipe, DATA, context)


def test_the_kept_model_is_the_best_one_on_the_validation_text() -> None:
    context = Recording()
    model = AWD.fit(DATA, context)
    best = min(value for name, _, value in context.points if name == "valid-perplexity")
    mean = float(model.nll(DATA.splits["valid"], 10).mean(dtype=np.float64))
    # other segments: rounding of float32
    assert np.exp(mean) == pytest.approx(best, rel=1e-5)


def next_epoch(training: TextRun) -> None:
    """The epoch is over: what the loop does then, and the first step of the next one."""
    training.position = training.last
    with torch.no_grad(), training.average.in_place():
        training.best.offer(training.validate())
    training.step(0)


def test_averaging_begins_when_the_validation_loss_no_longer_falls() -> None:
    training = run(replace(AWD, learning_rate=0.0, epochs=9))  # the loss is the same every epoch: never above its best
    for _ in range(4):
        next_epoch(training)
    assert not training.average.is_running
    training = run(replace(AWD, epochs=9))
    assert training.trigger is not None
    training.trigger.losses = [1.0, 1.0]  # nats a token, which the untrained model is far above
    next_epoch(training)
    assert training.average.count == 1


def test_finetuning_begins_at_the_best_model_and_averages_from_its_first_step() -> None:
    training = run(replace(AWD, epochs=2, learning_rate=0.0))
    next_epoch(training)
    best = {name: tensor.clone() for name, tensor in training.best.weights["model"].items()}
    assert training.share() < 0.5
    with torch.no_grad():
        training.model.output.bias.add_(1000.0)
    next_epoch(training)
    assert training.phase == "finetune"
    assert all(torch.equal(tensor, best[name]) for name, tensor in training.model.state_dict().items())
    assert training.average.count == 1
    assert training.trigger is not None
    assert not training.trigger.losses
    training.recipe = replace(training.recipe, finetune_learning_rate=7.0)
    assert training._rate() == 7.0


def test_no_epoch_leaves_the_model_untrained() -> None:
    untrained = initialised(ADAM, len(DATA.vocabulary), Recording())
    for method in (ADAM, AWD):
        model = replace(method, epochs=0, finetune=False).fit(DATA, context := Recording())
        assert context.offered == 1
        assert (method is AWD) or all(map(torch.equal, model.model.parameters(), untrained.parameters()))


def test_an_epoch_reads_the_beginnings_of_the_streams() -> None:
    training = run(replace(ADAM, epoch_tokens=240))
    assert training.train_text.shape == (40, 6)
    assert training.train_text[:, 1].tolist() == DATA.splits["train"][len(DATA.splits["train"]) // 6 :][:40].tolist()


def test_the_linear_rate_falls_to_zero_over_all_epochs() -> None:
    recipe = ADAM.recipe
    assert [recipe.rate(0, 0.0), recipe.rate(1, 0.0), recipe.rate(1, 1.0)] == pytest.approx([0.01, 0.005, 0.0])


def test_the_rate_of_zaremba_falls_after_the_constant_epochs() -> None:
    """Six epochs at 1, then divided by 1.2 before each (Zaremba et al., 2014, section 4.1)."""
    rates = [ZarembaLstm().recipe.rate(epoch, 0.5) for epoch in range(8)]
    assert rates == pytest.approx([1.0] * 6 + [1 / 1.2, 1 / 1.44])


def test_a_loss_that_is_not_finite_ends_the_run_at_its_step() -> None:
    broken = replace(ADAM, learning_rate=1e30, epochs=30)
    context = Recording()
    with pytest.raises(Diverged, match=r"train-loss is nan at step \d+"):
        broken.fit(DATA, context)
    assert context.offered < 10
