"""The expectation at one step, on models whose probabilities are known, and the printed steps in the real text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from repro.contracts import Evaluation
from repro.data.kinds.corpus import Corpus
from repro.engines.drive import Selection, run
from repro.registry import DATASETS
from repro.spec.load import load
from repro.spec.model import Column
from repro.spec.resolve import resolve
from repro.spec.tables import find
from repro.store.records import Store
from repro.tasks.next_token import NextTokenPrediction, PairedModel, largest_gains, most_likely

TASK = NextTokenPrediction()
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


@dataclass(frozen=True)
class Pair(Table):
    favoured: Table = Table({})
    other: Table = Table({})
    position: int | None = None
    gain_rank: int | None = None


def column(metric: str, **args: int) -> Column:
    return Column(label=metric, metric=metric, split="test", args=dict(args))


def measured(model: PairedModel, **columns: Column) -> Evaluation:
    return TASK.measure(model, DATA, columns, np.random.default_rng(0))


def ranks(metric: str, count: int) -> dict[str, Column]:
    return {f"r{rank}": column(metric, rank=rank) for rank in range(1, count + 1)}


def test_tokens_and_probabilities_come_by_rank() -> None:
    model = Pair({1: (0.1, 0.2, 0.4, 0.25, 0.05)}, position=2)  # after "a", which is token 1 of the text
    found = measured(model, **ranks("probability", 5))
    assert [found.measured[f"r{k}"].value for k in range(1, 6)] == pytest.approx([0.4, 0.25, 0.2, 0.1, 0.05], rel=1e-12)
    assert list(measured(model, **ranks("predicted-token", 5)).texts.values()) == ["b", "c", "a", "<eos>", "d"]


def test_equal_probabilities_are_in_the_order_of_the_vocabulary() -> None:
    model = Pair({1: (0.1, 0.3, 0.1, 0.4, 0.1)}, position=2)
    assert list(measured(model, **ranks("predicted-token", 5)).texts.values()) == ["c", "a", "<eos>", "b", "d"]
    assert most_likely(np.full(300, -1.0)).tolist() == list(range(300))


def test_the_words_around_a_step_are_those_of_the_text() -> None:
    columns = {"at": column("position"), "before": column("text-token", offset=-1), "then": column("text-token")}
    assert measured(Pair({}, position=5), **columns).texts == {"at": "5", "before": "<eos>", "then": "d"}


def test_the_steps_of_the_largest_gains_are_found_in_the_whole_text() -> None:
    """By hand: after "b" the favoured model gives 0.4 and then 0.4 where the other gives 0.2; after "<eos>" 0.8."""
    favoured = Table({2: (0.4, 0.1, 0.4, 0.05, 0.05), 0: (0.05, 0.05, 0.05, 0.05, 0.8)})
    columns = {"at": column("position"), "gain": column("loss-gain")}
    for rank, (at, ratio) in enumerate([("5", 4.0), ("3", 2.0), ("4", 2.0), ("1", 1.0)], start=1):
        found = measured(Pair({}, favoured, Table({}), gain_rank=rank), **columns)
        assert found.texts["at"] == at
        assert found.measured["gain"].value == pytest.approx(np.log(ratio), abs=1e-12)


def test_a_step_where_the_other_model_is_better_has_a_negative_gain() -> None:
    found = measured(Pair({}, Table({2: (0.1, 0.3, 0.1, 0.2, 0.3)}), Table({}), position=3), gain=column("loss-gain"))
    assert found.measured["gain"].value == pytest.approx(np.log(0.5), abs=1e-12)


@pytest.mark.parametrize(("model", "columns", "message"), [
    (Pair({}, position=7), {"p": column("position")}, "there is no step 7: split test of letters has steps 1 to 6"),
    (Pair({}, position=0), {"p": column("position")}, "there is no step 0: split test of letters has steps 1 to 6"),
    (Pair({}, gain_rank=7), {"p": column("position")}, "there is no gain of rank 7: split test of letters has 6 steps"),
    (Pair({}, position=6), {"p": column("text-token", offset=1)}, r"step 6 has no token \+1 from it"),
    (Pair({}, position=2), {"p": column("probability", rank=6)}, "asks for rank 6 of 5 words"),
    (Pair({}, position=2), {"p": column("probability", rank=0)}, "asks for rank 0 of 5 words"),
    (Pair({}, position=2), {"p": Column(label="p", metric="position", split="valid")}, r"one split of test, not \['va"),
    (Pair({}, position=2), {"p": column("rank")}, "task next-token-prediction has no metric 'rank'"),
])  # fmt: skip
def test_what_the_text_does_not_have_is_an_error(model: PairedModel, columns: dict[str, Column], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measured(model, **columns)


def test_gains_of_different_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="they must be the same"):
        largest_gains(np.zeros(3), np.zeros(4))


def test_signatures_tell_metrics_and_ranks_apart_and_not_steps() -> None:
    columns: Iterable[Column] = [column("probability", rank=1), column("probability", rank=2), column("position"),
                                 column("loss-gain"), column("text-token", offset=-1), column("text-token", offset=0),
                                 column("predicted-token", rank=1)]  # fmt: skip
    assert len({TASK.signature(each) for each in columns}) == 7


def test_the_printed_steps_are_where_the_reference_stands_in_the_real_text(real_data: Path) -> None:
    """Table A.14: the token underlined in each reference, and, where the text says it, the one before it."""
    table, corpus = load(find("mos/predictions-ptb")), DATASETS.load("ptb")()
    before = {"case_1": "N", "case_2": "N", "case_3": "south"}  # dai2019, lines 1602 and 1603
    text = corpus.splits["test"]
    for group in ("case_1", "case_2", "case_3", "case_4", "case_5"):
        reference = table.row(f"{group}/Reference").texts["t1"]
        for label in ("MoS top-5", "MoC top-5"):
            position = resolve(table, table.row(f"{group}/{label}"), "paper", "ptb")["position"]
            assert isinstance(position, int)
            assert corpus.vocabulary[text[position]] == reference
            preceding = corpus.vocabulary[text[position - 1]]
            assert preceding == before.get(group, preceding)


@pytest.mark.long
def test_the_rows_of_the_table_share_one_training_and_each_leaves_words_and_numbers(tmp_path: Path) -> None:
    store, table = Store(tmp_path), load(find("mos/predictions-ptb"))
    rows = ["case_1/MoS top-5", "case_1/MoC top-5", "gain_1/MoS top-5"]
    run(table, "smoke", store=store, selection=Selection(rows=rows))
    found = {record.row: record for record in store.records()}
    assert {record.status for record in found.values()} == {"ok"}, [record.tail for record in found.values()]
    assert len(list(tmp_path.glob("models/*.pt"))) == 1
    assert len({str(record.curves) for record in found.values()}) == 1
    mos, moc, gain = (found[row] for row in rows)
    assert mos.texts["position"] == moc.texts["position"] == "270"
    assert [mos.measured[f"p{k}"].value for k in range(1, 6)] != [moc.measured[f"p{k}"].value for k in range(1, 6)]
    assert gain.measured["gain"].value > abs(mos.measured["gain"].value)
    for record in found.values():
        assert record.texts.keys() == {*(f"t{k}" for k in range(1, 6)), "position", "before", "reference"}
        assert sum(record.measured[f"p{k}"].value for k in range(1, 6)) <= 1
