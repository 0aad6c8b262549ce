"""The losses of the last updates: of which tokens they are, that a stopped run keeps them, and that nothing moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.methods import AwdLstm
from baselines.language.running_loss import LastLosses
from repro.metrics.language.likelihood import Nll
from repro.objects import build
from repro.registry import METHODS
from repro.spec.configuration import configurations
from repro.spec.load import load
from repro.spec.printed import parse
from repro.spec.tables import find
from tests.baselines.language.recording import Recording, Stopped
from tests.baselines.language.test_training import AWD, DATA

KEPT = 15  # of an epoch of 12 or 13 steps
WATCHED = replace(AWD, epochs=3, finetune=False, last_updates=KEPT)


def fitted(method: AwdLstm, context: Recording) -> TrainedLanguageModel:
    return method.fit(DATA, context)


def kept(model: TrainedLanguageModel) -> tuple[list[float], list[int]]:
    """Means and tokens of the last updates."""
    return list(model.last_losses.means), list(model.last_losses.tokens)


def test_watching_moves_no_bit_of_the_training() -> None:
    plain, watched = Recording(), Recording()
    expected = fitted(replace(WATCHED, last_updates=0), plain).nll(DATA.splits["test"], 1)
    assert np.array_equal(fitted(WATCHED, watched).nll(DATA.splits["test"], 1), expected)
    assert watched.points == plain.points


def test_the_curve_of_the_training_loss_is_that_of_a_plain_training() -> None:
    """A point every 100 steps, the mean of their losses: here from steps whose own losses were taken out one by one."""
    plain, watched = Recording(), Recording()
    method = replace(WATCHED, epochs=10)
    fitted(replace(method, last_updates=0), plain)
    fitted(method, watched)
    curve = [(step, value) for name, step, value in watched.points if name == "train-loss"]
    assert [step for step, _ in curve] == [100]
    assert curve == [(step, value) for name, step, value in plain.points if name == "train-loss"]


@pytest.mark.parametrize("stop_at", [1, 7, 12, 13, 20, 33])
def test_a_run_that_is_stopped_at_any_step_keeps_the_same_losses(stop_at: int) -> None:
    expected = kept(fitted(WATCHED, Recording()))
    assert [len(each) for each in expected] == [KEPT, KEPT]
    stopped = Recording(stop_at)
    with pytest.raises(Stopped):
        fitted(WATCHED, stopped)
    assert kept(fitted(WATCHED, Recording(state=stopped.saved))) == expected


def test_a_finished_run_gives_its_losses_at_once() -> None:
    context = Recording()
    expected = kept(fitted(WATCHED, context))
    again = Recording(state=context.saved)
    assert kept(fitted(WATCHED, again)) == expected
    assert again.offered == 0


def test_a_restored_model_has_the_losses_of_its_training() -> None:
    model = fitted(WATCHED, Recording())
    again = WATCHED.restore(model.state(), Recording())
    assert kept(again) == kept(model)
    assert again.training_nll(KEPT) == model.training_nll(KEPT)


def test_the_losses_of_a_model_that_stands_still_are_those_of_the_end_of_the_text() -> None:
    """At rate 0, without dropout but with penalties, which are no part of the loss; six streams, read in segments of
    other lengths.
    """
    still = AwdLstm(
        output="mos", components=3, embedding_size=6, hidden_sizes=(9, 7), learning_rate=0.0, batch_size=6, bptt=20,
        epochs=1, selection="last", activation_penalty=2.0, temporal_penalty=1.0, last_updates=5,
    )  # fmt: skip
    model = fitted(still, Recording())
    total = model.training_nll(5)
    end = model.nll(DATA.splits["train"], 6)[-total.tokens :]
    assert 5 * 5 * 6 < total.tokens == len(end) < len(DATA.splits["train"]) // 2
    assert total.mean == pytest.approx(end.mean(dtype=np.float64), rel=1e-6)  # float32 sums in another order


def test_every_token_counts_once() -> None:
    """By hand: (2 * 10 + 3 * 4) / 14 nats a token over the last two updates of three."""
    losses = LastLosses(3)
    for mean, tokens in ((9.0, 9), (1.0, 10), (2.0, 10), (3.0, 4)):
        losses.add(mean, tokens)
    assert losses.total(2) == Nll(32.0, 14)
    assert losses.total(3) == Nll(42.0, 24)


@pytest.mark.parametrize("updates", [0, 4])
def test_losses_that_are_not_kept_are_an_error_and_no_smaller_average(updates: int) -> None:
    losses = LastLosses(3)
    for mean in (1.0, 2.0, 3.0):
        losses.add(mean, 10)
    with pytest.raises(ValueError, match=f"the last {updates} updates are asked for, and the training kept those of 3"):
        losses.total(updates)


@pytest.mark.parametrize("updates", [-1, 38])
def test_more_updates_than_there_are_is_an_error_before_anything_is_trained(updates: int) -> None:
    """Three epochs of 249 predicted tokens a stream, in segments of 20: 37 updates."""
    context = Recording()
    with pytest.raises(ValueError, match=f"from 1 to the number of updates, about 37 here; it is {updates}"):
        fitted(replace(WATCHED, last_updates=updates), context)
    assert context.offered == 0


@pytest.mark.parametrize("row", ["Softmax", "MoS"])
def test_the_rows_of_table_a3_have_the_published_numbers_of_parameters(row: str) -> None:
    """At the published sizes and 100,000 types, without a weight of it in memory: 119M and 113M, to half a million."""
    table = load(find("mos/one-billion-word"))
    (found,) = configurations(table, table.row(row), "paper")
    with torch.device("meta"):
        count = build(METHODS.entries[found.training.method], found.training.params).network(100_000).parameter_count
    printed = parse(table.row(row).published["parameters"].value)
    assert printed.value is not None
    assert abs(count - float(printed.value)) <= 0.5e6
