"""Accepted results over a change of code: carried where no bit moves, refused where one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.commands.carry import Carrying, carry
from repro.engines.drive import run
from repro.spec.model import Table
from repro.store.accepted import accept, read_results, replace_accepted
from repro.store.records import Store
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

METHOD = """
from dataclasses import dataclass
from tests.worker.toy import Walk

@dataclass(frozen=True)
class Mine(Walk):
    def fit(self, data, context):
        return super().fit(data, context)
"""
SAME = (
    METHOD.replace("        return super().fit", "        fitted = super().fit").replace(
        "(data, context)\n", "(data, context)\n"
    )
    + "        return fitted\n"
)
ULP = (
    METHOD.replace("return super().fit(data, context)", "return shifted(super().fit(data, context))")
    + """

def shifted(model):
    import numpy as np
    model.weights[0] = np.nextafter(model.weights[0], np.inf)
    return model
"""
)


@pytest.fixture
def method(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(METHOD)
    return file


def walks(method: Path) -> Table:
    return toy_table({"label": "A", "method": f"{method}:Mine"})


def accepted(method: Path, store: Store, results: Path) -> Table:
    table = walks(method)
    for profile in ("smoke", "laptop"):
        run(table, profile, store=store)
        accept(store, results, table, profile)
    return table


def again(method: Path, tmp_path: Path) -> Carrying:
    results = tmp_path / "results"
    return carry(walks(method), "laptop", read_results(results, "toy/walks"), Store(tmp_path / "later"))


def test_a_change_that_moves_no_bit_is_carried_with_its_evidence_and_the_record_is_current(
    method: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    accepted(method, Store(tmp_path / "store"), results)
    before = {record.profile: record for record in read_results(results, "toy/walks")}
    method.write_text(SAME)
    done = again(method, tmp_path)
    (record,) = done.carried
    assert not done.refused
    assert record.carried is not None
    assert record.carried.from_key == before["laptop"].key != record.key
    assert list(record.carried.evidence) == [before["smoke"].key]
    assert record.measured == before["laptop"].measured
    replace_accepted(results, {record.key: before["laptop"]}, done.carried)
    after = {each.profile: each for each in read_results(results, "toy/walks")}
    assert after["laptop"] == record
    store = Store(tmp_path / "later")
    assert carry(walks(method), "laptop", list(after.values()), store) == Carrying((), {}, current=1)


def test_a_change_that_moves_one_bit_is_refused(method: Path, tmp_path: Path) -> None:
    accepted(method, Store(tmp_path / "store"), tmp_path / "results")
    method.write_text(ULP)
    done = again(method, tmp_path)
    assert not done.carried
    assert done.refused == {"A, seed 0": "its smoke job of seed 0 gives other arrays than the accepted one"} or (
        done.refused == {"A, seed 0": "its smoke job of seed 0 gives other numbers and arrays than the accepted one"}
    )


def with_parameter(method: Path, default: int) -> None:
    method.write_text(METHOD.replace("class Mine(Walk):\n", f"class Mine(Walk):\n    new: int = {default}\n\n"))


def test_a_parameter_that_the_method_has_got_since_is_carried_at_its_default_and_at_no_other_value(
    method: Path, tmp_path: Path
) -> None:
    accepted(method, Store(tmp_path / "store"), tmp_path / "results")
    with_parameter(method, 4)
    (record,) = again(method, tmp_path).carried
    assert record.parts.params["new"] == 4
    table = toy_table({"label": "A", "method": f"{method}:Mine", "params": {"new": 5}})
    done = carry(table, "laptop", read_results(tmp_path / "results", "toy/walks"), Store(tmp_path / "later"))
    assert done.refused == {"A, seed 0": "more than its code has changed: `repro why` says what"}


def test_another_default_of_a_parameter_is_never_carried(method: Path, tmp_path: Path) -> None:
    with_parameter(method, 4)
    accepted(method, Store(tmp_path / "store"), tmp_path / "results")
    with_parameter(method, 5)
    assert again(method, tmp_path).refused == {"A, seed 0": "more than its code has changed: `repro why` says what"}


def test_more_than_code_is_never_carried(method: Path, tmp_path: Path) -> None:
    accepted(method, Store(tmp_path / "store"), tmp_path / "results")
    table = toy_table({"label": "A", "method": f"{method}:Mine", "params": {"steps": 7}})
    done = carry(table, "laptop", read_results(tmp_path / "results", "toy/walks"), Store(tmp_path / "later"))
    assert done.refused == {"A, seed 0": "more than its code has changed: `repro why` says what"}


def test_without_smoke_results_of_the_same_code_there_is_no_evidence(method: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    accepted(method, Store(tmp_path / "store"), results)
    smoke = next(file for file in results.glob("toy/walks/records/*.json") if '"profile": "smoke"' in file.read_text())
    smoke.unlink()
    method.write_text(SAME)
    done = again(method, tmp_path)
    assert done.refused == {"A, seed 0": "no accepted smoke result of the row: nothing to compare with"}
