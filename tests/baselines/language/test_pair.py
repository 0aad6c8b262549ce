"""MoS and MoC trained together are those trained alone, and a step is read as a whole text is."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from baselines.language.pair import AwdLstmPair, PairedModel

from baselines.language.methods import AwdLstm
from repro.contracts import State
from repro.data.toys.language import toy_language
from tests.benchmarks.context import Quiet

DATA = toy_language(train=1_500, valid=300, test=2_300)
TEXT = DATA.splits["test"]
SHARED: dict[str, Any] = {
    "components": 3, "embedding_size": 6, "hidden_sizes": (9, 7), "optimiser": "adam", "learning_rate": 0.01,
    "batch_size": 6, "bptt": 20, "epochs": 1, "selection": "last", "hidden_dropout": 0.1, "context_dropout": 0.2,
}  # fmt: skip
METHOD = AwdLstmPair(output="mos", position=2_100, **SHARED)


class Stopped(Exception):
    """The run is ended from outside."""


class Keeping(Quiet):
    """Keeps the last state and all curves; ends the run when `stop_at` checkpoints were offered."""

    def __init__(self, state: Mapping[str, Any] | None = None, stop_at: int | None = None) -> None:
        super().__init__((3,))
        self.state, self.stop_at, self.offered = state, stop_at, 0
        self.curves: list[str] = []
        self.shares: list[float] = []

    def restore(self) -> Mapping[str, Any] | None:
        return self.state

    def save(self, state: State, *, force: bool = False) -> None:
        self.offered += 1
        self.state = deepcopy(dict(state() if callable(state) else state))
        if self.offered == self.stop_at:
            raise Stopped

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        self.curves.append(name)

    def progress(self, done: int, total: int, **shown: float) -> None:
        self.shares.append(done / total)


@pytest.fixture(scope="module")
def undisturbed() -> Keeping:
    context = Keeping()
    METHOD.fit(DATA, context)
    return context


@pytest.fixture(scope="module")
def pair(undisturbed: Keeping) -> PairedModel:
    return METHOD.fit(DATA, Keeping(undisturbed.state))


def same(one: torch.nn.Module, two: torch.nn.Module) -> bool:
    return all(map(torch.equal, one.parameters(), two.parameters()))


def test_both_models_are_those_that_are_trained_alone_from_the_same_seed(pair: PairedModel) -> None:
    mos = AwdLstm(output="mos", **SHARED).fit(DATA, Quiet((3,)))
    moc = AwdLstm(output="moc", **SHARED).fit(DATA, Quiet((3,)))
    assert same(pair.favoured.model, mos.model)
    assert same(pair.other.model, moc.model)


def test_what_is_shown_and_the_step_move_no_trained_number(undisturbed: Keeping, pair: PairedModel) -> None:
    assert set(METHOD.__dataclass_fields__) >= AwdLstmPair.evaluation_parameters
    context = Keeping()
    shown = replace(METHOD, output="moc", position=None, gain_rank=2).fit(DATA, context)
    assert context.offered == undisturbed.offered
    assert same(shown.favoured.model, pair.favoured.model)
    assert same(shown.model, pair.other.model)
    assert (shown.position, shown.gain_rank) == (None, 2)


def test_a_kept_checkpoint_is_both_models_and_nothing_is_trained_again(undisturbed: Keeping) -> None:
    context = Keeping(undisturbed.state)
    model = METHOD.fit(DATA, context)
    assert not context.shares  # no step was made
    assert context.state is not None
    assert undisturbed.state is not None
    for output in ("mos", "moc"):
        assert context.state[output]["finished"]
    assert same(model.model, model.favoured.model)


@pytest.mark.parametrize("stop_at", [5, 20])  # 12 steps and a last checkpoint each: within MoS, within MoC
def test_a_run_that_is_stopped_in_either_half_goes_on_with_the_same_bits(stop_at: int, pair: PairedModel) -> None:
    stopped = Keeping(stop_at=stop_at)
    with pytest.raises(Stopped):
        METHOD.fit(DATA, stopped)
    assert stopped.state is not None
    assert set(stopped.state) == ({"mos"} if stop_at == 5 else {"mos", "moc"})
    model = METHOD.fit(DATA, Keeping(stopped.state))
    assert same(model.favoured.model, pair.favoured.model)
    assert same(model.other.model, pair.other.model)


def test_progress_goes_on_through_both_halves(undisturbed: Keeping) -> None:
    assert undisturbed.shares == sorted(undisturbed.shares)
    assert undisturbed.shares[0] < 0.1
    assert undisturbed.shares[-1] == 1.0


@pytest.mark.parametrize("position", [1, 2, 1_024, 1_025, 2_200])  # 1,024 tokens are read at a time
def test_a_step_has_the_log_probabilities_of_the_whole_text(pair: PairedModel, position: int) -> None:
    blocks = [log_p for _, log_p in pair.log_probabilities(TEXT, 1)]
    # float32, other segments
    np.testing.assert_allclose(pair.next_token(TEXT[:position]), np.concatenate(blocks)[position - 1], atol=1e-5)


@pytest.mark.parametrize(("params", "message"), [
    ({"position": None}, "give position or gain_rank, one of them: they are None and None"),
    ({"gain_rank": 1}, "give position or gain_rank, one of them: they are 2100 and 1"),
    ({"position": 0}, "position must be 1 or more, it is 0"),
    ({"position": None, "gain_rank": 0}, "gain_rank must be 1 or more, it is 0"),
    ({"evaluation": "cache"}, "evaluation must be static"),
])  # fmt: skip
def test_what_names_no_step_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(METHOD, **params)
