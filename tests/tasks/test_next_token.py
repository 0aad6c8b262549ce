"""The expectation at one step, on models whose probabilities are known, and the printed steps in the real text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from repro.contracts import Evaluation, Task
from repro.data.kinds.corpus import Corpus
from repro.registry import DATASETS, METHODS, TASKS
from repro.spec.base import PROFILES, Profile
from repro.spec.configuration import configurations
from repro.spec.load import load
from repro.spec.model import Column
from repro.spec.tables import find
from repro.tasks.next_token import NextTokenPrediction, largest_gains, most_likely
from repro.tasks.protocol import measured as evaluated
from repro.worker.load import build
from tests.benchmarks.context import Quiet

WORDS = ("<eos>", "a", "b", "c", "d")
TEXT = np.array([3, 1, 2, 2, 0, 4, 1], dtype=np.int32)
DATA = Corpus("letters", WORDS, {"test": TEXT}, "00", end=0)
FLAT = (0.2,) * 5


@dataclass(frozen=True)
class Table:
    """A model whose distribution after a word is written down; `read` is the longest text that it was given."""

    after: dict[int, tuple[float, ...]]

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        return np.log(self.after.get(int(tokens[-1]), FLAT))

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        assert streams == 1
        steps = range(1, len(tokens))
        return np.array([-self.next_token(tokens[:i])[tokens[i]] for i in steps], dtype=np.float32)


def column(metric: str, **args: int) -> Column:
    return Column(label=metric, metric=metric, split="test", args=dict(args))


def measured(
    model: Table,
    columns: dict[str, Column],
    task: NextTokenPrediction | None = None,
    other: Table | None = None,
) -> Evaluation:
    asked = task or NextTokenPrediction(position=2)
    return asked.measure(model, DATA, columns, np.random.default_rng(0), others={"other": other or Table({})})


def ranks(metric: str, count: int) -> dict[str, Column]:
    return {f"r{rank}": column(metric, rank=rank) for rank in range(1, count + 1)}


def test_tokens_and_probabilities_come_by_rank() -> None:
    model = Table({1: (0.1, 0.2, 0.4, 0.25, 0.05)})  # after "a", which is token 1 of the text
    found = measured(model, ranks("probability", 5))
    assert [found.measured[f"r{k}"].value for k in range(1, 6)] == pytest.approx([0.4, 0.25, 0.2, 0.1, 0.05], rel=1e-12)
    assert list(measured(model, ranks("predicted-token", 5)).texts.values()) == ["b", "c", "a", "<eos>", "d"]


def test_equal_probabilities_are_in_the_order_of_the_vocabulary() -> None:
    model = Table({1: (0.1, 0.3, 0.1, 0.4, 0.1)})
    assert list(measured(model, ranks("predicted-token", 5)).texts.values()) == ["c", "a", "<eos>", "b", "d"]
    assert most_likely(np.full(300, -1.0)).tolist() == list(range(300))


def test_the_words_around_a_step_are_those_of_the_text() -> None:
    columns = {"at": column("position"), "before": column("text-token", offset=-1), "then": column("text-token")}
    found = measured(Table({}), columns, NextTokenPrediction(position=5))
    assert found.texts == {"at": "5", "before": "<eos>", "then": "d"}


FAVOURED = Table({2: (0.4, 0.1, 0.4, 0.05, 0.05), 0: (0.05, 0.05, 0.05, 0.05, 0.8)})


@pytest.mark.parametrize("favoured", ["own", "other"])
def test_the_steps_of_the_largest_gains_are_found_in_the_whole_text(favoured: Literal["own", "other"]) -> None:
    """By hand: after "b" the favoured model gives 0.4 and then 0.4 where the other gives 0.2; after "<eos>" 0.8."""
    own, other = (FAVOURED, Table({})) if favoured == "own" else (Table({}), FAVOURED)
    columns = {"at": column("position"), "gain": column("loss-gain")}
    for rank, (at, ratio) in enumerate([("5", 4.0), ("3", 2.0), ("4", 2.0), ("1", 1.0)], start=1):
        found = measured(own, columns, NextTokenPrediction(gain_rank=rank, favoured=favoured), other)
        assert found.texts["at"] == at
        assert found.measured["gain"].value == pytest.approx(np.log(ratio), abs=1e-12)


def test_what_is_shown_is_the_row_s_own_model_whoever_is_favoured() -> None:
    for favoured in ("own", "other"):
        task = NextTokenPrediction(position=3, favoured=favoured)
        shown = measured(FAVOURED, {"p": column("probability", rank=1)}, task).measured["p"].value
        assert shown == pytest.approx(0.4, rel=1e-12)


def test_a_step_where_the_other_model_is_better_has_a_negative_gain() -> None:
    own, task = Table({2: (0.1, 0.3, 0.1, 0.2, 0.3)}), NextTokenPrediction(position=3)
    found = measured(own, {"gain": column("loss-gain")}, task)
    assert found.measured["gain"].value == pytest.approx(np.log(0.5), abs=1e-12)


def test_the_model_beside_is_left_alone_where_only_a_given_step_of_the_own_is_asked_for() -> None:
    class Asleep(Table):
        def next_token(self, tokens: np.ndarray) -> np.ndarray:
            raise AssertionError("nothing asks for this model")

        nll = next_token  # type: ignore[assignment]  # neither is called

    columns = {"p": column("probability", rank=1)}
    assert measured(Table({}), columns, other=Asleep({})).measured["p"].value


@pytest.mark.parametrize(("task", "columns", "message"), [
    ({"position": 7}, {"p": column("position")}, "there is no step 7: split test of letters has steps 1 to 6"),
    ({"gain_rank": 7}, {"p": column("position")}, "there is no gain of rank 7: split test of letters has 6 steps"),
    ({"position": 6}, {"p": column("text-token", offset=1)}, r"step 6 has no token \+1 from it"),
    ({"position": 2}, {"p": column("probability", rank=6)}, "asks for rank 6 of 5 words"),
    ({"position": 2}, {"p": column("probability", rank=0)}, "rank must be a whole number from 1 on, it is 0"),
    ({"position": 2}, {"p": column("probability")}, "needs the argument rank, a whole number"),
    ({}, {"p": Column(label="p", metric="position", split="valid")}, r"one split of test, not \['valid'\]"),
    ({}, {"p": column("rank")}, "task next-token-prediction has no metric 'rank'"),
])  # fmt: skip
def test_what_the_text_does_not_have_is_an_error(
    task: dict[str, int], columns: dict[str, Column], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        measured(Table({}), columns, NextTokenPrediction(**task))  # type: ignore[arg-type]  # counts all of them


def test_without_a_model_beside_it_says_what_to_write() -> None:
    with pytest.raises(ValueError, match=r"beside a model of role other: write `beside: \{other: \.\.\.\}`"):
        NextTokenPrediction().measure(Table({}), DATA, {"p": column("position")}, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["position", "gain_rank"])
def test_steps_and_gains_are_counted_from_1(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, it is 0"):
        NextTokenPrediction(**{name: 0})  # type: ignore[arg-type]  # a count


def test_gains_of_different_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="they must be the same"):
        largest_gains(np.zeros(3), np.zeros(4))


def test_the_printed_steps_are_where_the_reference_stands_in_the_real_text(real_data: Path) -> None:
    """Table A.14: the token underlined in each reference, and, where the text says it, the one before it."""
    table, corpus = load(find("mos/predictions-ptb")), DATASETS.load("ptb")()
    before = {"case_1": "N", "case_2": "N", "case_3": "south"}  # dai2019, lines 1602 and 1603
    text = corpus.splits["test"]
    for group in ("case_1", "case_2", "case_3", "case_4", "case_5"):
        reference = table.row(f"{group}/Reference").texts["t1"]
        for label in ("MoS top-5", "MoC top-5"):
            (found,) = configurations(table, table.row(f"{group}/{label}"), "paper")
            position = found.protocol["position"]
            assert isinstance(position, int)
            assert corpus.vocabulary[text[position]] == reference
            preceding = corpus.vocabulary[text[position - 1]]
            assert preceding == before.get(group, preceding)


@pytest.mark.parametrize("profile", PROFILES)
def test_all_rows_of_the_table_look_at_two_trainings_which_are_those_of_the_ranks(profile: Profile) -> None:
    table, ranks = load(find("mos/predictions-ptb")), load(find("mos/rank-ptb"))
    mos, moc = (configurations(ranks, ranks.row(label), profile)[0].training for label in ("MoS", "MoC"))
    running = [row for row in table.rows if row.kind == "method"]
    assert len(running) == 16
    for row in running:
        (found,) = configurations(table, row, profile)
        own, other = (mos, moc) if row.label == "MoS top-5" else (moc, mos)
        assert replace(found.training, task=own.task) == own
        assert {role: replace(each, task=other.task) for role, each in found.others.items()} == {"other": other}
        assert found.protocol["favoured"] == ("own" if row.label == "MoS top-5" else "other")


@pytest.mark.long
def test_the_rows_of_the_table_each_leave_words_and_numbers() -> None:
    """Trained as a worker does it, without the harness around it."""
    table, data = load(find("mos/predictions-ptb")), DATASETS.load("toy-language")()
    models: dict[str, Any] = {}
    found = {}
    for name in ("case_1/MoS top-5", "case_1/MoC top-5", "gain_1/MoS top-5"):
        (made,) = configurations(table, table.row(name), "smoke")
        for training in (made.training, made.others["other"]):
            output = str(training.params["output"])
            if output not in models:
                models[output] = build(METHODS.entries[training.method], training.params).fit(data, Quiet((0,)))
        own, other = (models[str(each.params["output"])] for each in (made.training, made.others["other"]))
        task: Task = build(TASKS.entries[made.task], made.protocol)
        found[name] = evaluated(task, own, data, made.columns, np.random.default_rng, others={"other": other})
    assert set(models) == {"mos", "moc"}
    mos, moc, gain = found.values()
    assert mos.texts["position"] == moc.texts["position"] == "270"
    assert [mos.measured[f"p{k}"].value for k in range(1, 6)] != [moc.measured[f"p{k}"].value for k in range(1, 6)]
    assert mos.measured["gain"].value == moc.measured["gain"].value
    assert gain.measured["gain"].value > abs(mos.measured["gain"].value)
    for each in found.values():
        assert each.texts.keys() == {*(f"t{k}" for k in range(1, 6)), "position", "before", "reference"}
        assert sum(each.measured[f"p{k}"].value for k in range(1, 6)) <= 1
