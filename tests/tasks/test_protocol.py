"""Columns with a protocol of their own: which of them are measured together, what is refused, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from repro.contracts import Evaluation, Measurement
from repro.spec.model import Column
from repro.tasks.protocol import asked, grouped, measured, signatures, unread, view_of


@dataclass(frozen=True)
class Dice:
    """Sums so many throws of dice with so many sides, and counts how often it is asked; `view` is of so many throws."""

    VIEW: ClassVar[tuple[str, ...]] = ("seen",)
    OTHERS: ClassVar[tuple[str, ...]] = ()

    throws: int = 5
    sides: tuple[int, ...] = (6,)
    seen: int = 3

    def reads(self, column: Column) -> frozenset[str]:
        return frozenset({"throws", "sides"} if column.metric == "sum" else {"throws"})

    def signature(self, column: Column) -> str:
        return f"{column.metric}|{[(name, getattr(self, name)) for name in sorted(self.reads(column))]}"

    def measure(
        self, model: Any, data: Any, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        model.append(list(columns))
        thrown = generator.integers(1, max(self.sides) + 1, size=self.throws)
        found: dict[str, float] = {"sum": float(thrown.sum()), "count": float(self.throws)}
        return Evaluation(
            {
                name: Measurement(value=found[column.metric], signature=self.signature(column))
                for name, column in columns.items()
                if column.metric != "word"
            },
            {"thrown": thrown, f"of_{self.throws}": thrown},
            {name: str(self.throws) for name, column in columns.items() if column.metric == "word"},
        )

    def view(self, data: list[int], seed: int) -> list[int]:
        return data[seed : seed + self.seen]


def column(metric: str) -> Column:
    return Column(label=metric.title(), metric=metric)


COLUMNS = {"a": column("sum"), "b": column("sum"), "n": column("count"), "w": column("word"), "c": column("sum")}
PROTOCOLS: dict[str, Any] = {"a": {"throws": 9}, "w": {"throws": 9}, "c": {"sides": [2]}, "n": {"throws": 5}}


def rolled(protocols: Any, columns: Mapping[str, Column] = COLUMNS) -> tuple[Evaluation, list[list[str]]]:
    asked_for: list[list[str]] = []
    draw = lambda: np.random.default_rng(3)  # noqa: E731 - a stream that begins anew
    return measured(Dice(), asked_for, None, columns, draw, protocols=protocols), asked_for


def test_columns_that_come_to_one_setting_are_measured_together_and_the_row_s_own_come_first() -> None:
    found = grouped(Dice(), COLUMNS, PROTOCOLS)
    assert [(task.throws, task.sides, list(columns)) for task, columns in found] == [
        (5, (6,), ["b", "n"]),
        (9, (6,), ["a", "w"]),
        (5, (2,), ["c"]),
    ]
    assert rolled(PROTOCOLS)[1] == [["b", "n"], ["a", "w"], ["c"]]


def test_a_column_has_the_number_that_it_has_alone_whatever_else_is_measured() -> None:
    together = rolled(PROTOCOLS)[0]
    assert list(together.measured) == ["a", "b", "n", "c"]
    for name in COLUMNS:
        alone = rolled(PROTOCOLS, {name: COLUMNS[name]})[0]
        assert alone.measured.get(name) == together.measured.get(name)
        assert alone.texts.get(name) == together.texts.get(name)
    assert together.measured["a"].value != together.measured["b"].value
    assert together.texts == {"w": "9"}


def test_a_number_s_signature_is_that_of_its_own_setting_and_the_one_that_was_announced() -> None:
    found, announced = rolled(PROTOCOLS)[0].measured, signatures(Dice(), COLUMNS, PROTOCOLS)
    assert found["a"].signature == "sum|[('sides', (6,)), ('throws', 9)]"
    assert found["c"].signature == "sum|[('sides', (2,)), ('throws', 5)]"
    assert list(announced) == list(COLUMNS)
    assert {name: announced[name] for name in found} == {name: each.signature for name, each in found.items()}


def test_arrays_are_those_of_the_row_s_protocol_where_several_settings_make_them() -> None:
    found = rolled(PROTOCOLS)[0].artifacts
    assert found["thrown"].tolist() == np.random.default_rng(3).integers(1, 7, size=5).tolist()
    assert len(found["of_9"]) == 9


@pytest.mark.parametrize(("name", "protocol", "message"), [
    ("a", {"throw": 9}, r"column 'Sum': its task has no parameter 'throw'; did you mean 'throws'\? \(known: thr"),
    ("n", {"sides": [2]}, r"column 'Count' \(count\) does not read the protocol's 'sides' \(it reads throws\)"),
    ("a", {"seen": 9}, r"column 'Sum' \(sum\) does not read the protocol's 'seen' \(it reads sides, throws\)"),
])  # fmt: skip
def test_what_a_column_does_not_read_is_refused_in_words(name: str, protocol: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        asked(Dice(), COLUMNS[name], protocol)
    with pytest.raises(ValueError, match=message):
        rolled({name: protocol})


def test_a_row_s_fields_that_no_column_reads_are_named_but_for_those_of_the_view() -> None:
    assert unread(Dice(), [column("count")], ["throws", "sides", "seen"]) == ("sides",)
    assert unread(Dice(), [column("count"), column("sum")], ["throws", "sides", "seen"]) == ()


def test_models_of_roles_that_the_task_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="the task looks at models of roles none, it was given other"):
        measured(Dice(), [], None, COLUMNS, np.random.default_rng, others={"other": object()})


def test_a_training_sees_the_task_s_view_and_without_one_the_data() -> None:
    assert view_of(Dice(seen=2), [10, 11, 12, 13, 14], seed=1) == [11, 12]

    class Plain:
        VIEW: ClassVar[tuple[str, ...]] = ()
        OTHERS: ClassVar[tuple[str, ...]] = ()
        reads, signature, measure = Dice.reads, Dice.signature, Dice.measure

    assert view_of(Plain(), [10, 11], seed=1) == [10, 11]


@dataclass(frozen=True)
class Own(Dice):
    """Measures one column by a metric of a file, and says so."""

    def measure(
        self, model: Any, data: Any, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        return Evaluation({name: Measurement(value=1.0, signature=self.signature(columns[name])) for name in columns})


@pytest.mark.parametrize("folder", ["", "tables/my/", "../tables/my/", "/home/me/tables/my/"])
def test_a_signature_is_the_same_from_whatever_folder_its_metric_is_seen(folder: str) -> None:
    columns = {"a": column(f"{folder}my.py:sum")}
    said = "my.py:sum|[('throws', 5)]"
    assert signatures(Own(), columns, {}) == {"a": said}
    found = measured(Own(), None, None, columns, lambda: np.random.default_rng(3))
    assert found.measured["a"].signature == said
