"""A new row's parameters, and that the table in memory is the same table."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.compare.row import NewRow, read_params, with_new_row
from repro.plan.jobs import parameters, plan
from repro.spec.base import PROFILES, Profile
from repro.spec.configuration import TrainingSpec, configurations
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.resolve import data_sets
from repro.spec.tables import find
from tests.worker.tables import toy_table

METHOD = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Mine:
    rate: float = 0.5
    epochs: int = 3
"""


def checksum(task: str, data: str) -> str:
    return f"{task} {data}"


@pytest.fixture
def mine(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(METHOD)
    return f"{tmp_path / 'mine.py'}:Mine"


def given(table: Table, new: NewRow, profile: Profile = "paper") -> dict[str, object]:
    """The parameters that the new row of a table with one data set is called with."""
    made = with_new_row(table, new, profile)
    (row,) = made.rows
    (data,) = data_sets(made.table, row, profile)
    return dict(parameters(made.table, row, profile, data))


def test_a_table_with_a_new_row_has_the_same_other_jobs() -> None:
    table = load(find("cegan/kl-2d"))
    made = with_new_row(table, NewRow("New", "gan-2d"), "smoke")
    old = {job.key for job in plan(table, "smoke", checksum=checksum).jobs}
    jobs = plan(made.table, "smoke", checksum=checksum).jobs
    assert {job.key for job in jobs if not job.row.endswith("/New")} == old
    assert {job.row for job in jobs if job.key not in old} == {"gaussian/New", "biased/New", "spirals/New"}


def test_a_new_row_of_a_configuration_that_a_row_has_is_another_job(toys: None) -> None:
    table = toy_table({"label": "A", "params": {"steps": 3}})
    made = with_new_row(table, NewRow("New", "walk", {"steps": 3}), "paper")
    first, second = plan(made.table, "paper", checksum=checksum).jobs
    assert first.parts.params == second.parts.params
    assert first.key != second.key


def test_parameters_of_the_table_do_not_reach_a_new_row_unless_it_is_like_one_of_its_rows(
    toys: None, mine: str
) -> None:
    profiles = {name: {"seeds": 1, "params": {"steps": 2}} for name in PROFILES}
    table = toy_table({"label": "A", "params": {"scale": 3.0}}, profiles=profiles)
    assert given(table, NewRow("New", mine, {"rate": 1})) == {"rate": 1.0, "epochs": 3}
    like = given(table, NewRow("New", like="A", params={"scale": 4.0}))
    assert (like["steps"], like["scale"]) == (2, 4.0)
    assert with_new_row(table, NewRow("New", mine, like="A"), "paper").dropped == ("scale", "steps")


def test_a_new_row_like_another_starts_from_the_same_training(toys: None) -> None:
    settings = {name: {"seeds": 1, "methods": {"walk": {"steps": 7}}, "params": {"scale": 9.0}} for name in PROFILES}
    table = toy_table({"label": "A", "from": {"method": "walk", "params": {"scale": 3.0}}}, profiles=settings)
    made = with_new_row(table, NewRow("New", like="A", params={"scale": 4.0}), "paper")
    (old,) = configurations(table, table.rows[0], "paper")
    (new,) = configurations(made.table, made.rows[0], "paper")
    assert isinstance(old.training.start, TrainingSpec)
    assert (old.training.start.params["steps"], old.training.start.params["scale"]) == (7, 3.0)
    assert new.training.start == old.training.start
    assert (old.training.params["scale"], new.training.params["scale"]) == (9.0, 4.0)
    (alone,) = with_new_row(table, NewRow("Alone", "walk"), "paper").rows
    assert alone.start is None


def test_a_new_row_is_trained_for_each_column_as_the_others_are(toys: None, mine: str) -> None:
    columns = {name: {"label": name, "metric": "mean", "params": {"scale": i}} for i, name in enumerate("ab", start=1)}
    table = toy_table({"label": "A"}, columns=columns)
    made = with_new_row(table, NewRow("New", "walk", {"steps": 3}), "paper")
    found = configurations(made.table, made.rows[0], "paper")
    assert [each.training.params["scale"] for each in found] == [1, 2]
    with pytest.raises(
        ValueError, match=r"^column 'a' is trained for with other parameters: unknown parameter 'scale'"
    ):
        with_new_row(table, NewRow("New", mine), "paper")


def test_like_takes_the_row_of_each_group() -> None:
    made = with_new_row(load(find("cegan/kl-2d")), NewRow("New", like="EGAN-Ent-NN"), "paper")
    weights = [next(iter(row.params_for.values()))["entropy_weight"] for row in made.rows]
    assert weights == [0.001, 0.0003, 0.0005]  # those of the spec


def test_groups_go_by_key_or_label() -> None:
    table = load(find("cegan/kl-2d"))
    by_key = with_new_row(table, NewRow("New", "gan-2d", groups=["biased"]), "smoke")
    assert [row.name for row in by_key.rows] == ["biased/New"]
    assert by_key == with_new_row(table, NewRow("New", "gan-2d", groups=["Biased Gaussian Mixture"]), "smoke")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewRow("A", "walk"), "toy/walks has a row 'A': name the new one with --label"),
        (NewRow("N"), "a new row needs --method NAME or --method my_method.py:MyMethod, or --like ROW"),
        (NewRow("N", "wlak"), "unknown method 'wlak'; did you mean 'walk'"),
        (NewRow("N", "gone.py:Mine"), "method gone.py:Mine: there is no file 'gone.py'"),
        (NewRow("N", "walk", {"stpes": 1}), "unknown parameter 'stpes' of method walk; did you mean 'steps'?"),
        (NewRow("N", "walk", {"steps": "many"}), "parameter 'steps' of method walk must be int, not 'many'"),
        (NewRow("N", like="B"), "unknown row 'B'"),
        (NewRow("N", "walk", groups=["g"]), "unknown group 'g'"),
        (NewRow("N", params={"steps": 1}, trained=False), "--params are of a method: name it with --method"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(toys: None, new: NewRow, said: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the text is compared below
        with_new_row(toy_table({"label": "A"}), new, "paper")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_values_are_read_as_a_spec_reads_them() -> None:
    texts = ["rate=1e-3 kind=no", "sizes=[64, 3]", "on=true,off=null", "name=a=b"]
    assert read_params(texts) == {
        "rate": 0.001, "kind": "no", "sizes": (64, 3), "on": True, "off": None, "name": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["rate", "=3", "a.=3", "a=[1", "a={b: 1", "a=1\nb: 2"])
def test_what_is_no_parameter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="--params"):
        read_params([text])
    with pytest.raises(ValueError, match="given twice"):
        read_params(["a=1", "a=2"])
