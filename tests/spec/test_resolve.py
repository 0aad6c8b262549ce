"""The order of the layers of parameters, and data sets."""

from __future__ import annotations

import pytest

from repro.spec.base import Profile
from repro.spec.load import shape
from repro.spec.model import Table
from repro.spec.resolve import data_sets, layers, resolve
from tests.spec.helpers import changed

LAYERS = changed(
    ("data: biased-gaussians", "data: biased-gaussians, params: {a: 1, b: 1, c: 1, d: 1, e: 1}, "
     "methods: {egan: {b: 2, c: 2, d: 2, e: 2}, data: {z: 2}}"),
    ("{kl: 0.90}, method: egan, params: {entropy: nn, epochs: 7}",
     "{kl: 0.90}, method: egan, params: {c: 3, d: 3, e: 3}"),
    ("smoke: {seeds: 1, methods: {egan: {epochs: 1}}}",
     "smoke: {seeds: 1, params: {d: 4, e: 4}, methods: {egan: {e: 5}, data: {z: 5}}}"),
)  # fmt: skip


def test_each_layer_wins_over_those_before_it() -> None:
    table, _ = shape(LAYERS, "spec.yaml")
    assert resolve(table, table.rows[0], "smoke", "") == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    assert resolve(table, table.rows[0], "paper", "") == {"a": 1, "b": 2, "c": 3, "d": 3, "e": 3}


def test_layers_say_where_they_are_written() -> None:
    table, _ = shape(LAYERS, "spec.yaml")
    assert [path for path, _ in layers(table, table.rows[0], "smoke", "", ("rows", 0))] == [
        ("groups", "biased", "params"), ("groups", "biased", "methods", "egan"), ("rows", 0, "params"),
        ("profiles", "smoke", "params"), ("profiles", "smoke", "methods", "egan"),
    ]  # fmt: skip


@pytest.mark.parametrize(("profile", "name"), [("smoke", "four-gaussians"), ("paper", "two-spirals")])
def test_the_data_set_is_the_one_of_the_group_and_profile(table: Table, profile: Profile, name: str) -> None:
    assert list(data_sets(table, table.rows[1], profile)) == [name]


def test_a_group_without_data_uses_that_of_the_table() -> None:
    text = changed(("label: Biased Gaussians, data: biased-gaussians", "label: Biased Gaussians"))
    table, _ = shape(f"{text}data: four-gaussians\n", "spec.yaml")
    assert list(data_sets(table, table.rows[0], "paper")) == ["four-gaussians"]


def test_without_any_data_set_the_row_is_named() -> None:
    table, _ = shape(
        changed(("label: Biased Gaussians, data: biased-gaussians", "label: Biased Gaussians")), "spec.yaml"
    )
    message = "column 'kl' has no data set for row 'biased/Egan' of cegan/kl-2d: write `data:`"
    with pytest.raises(ValueError, match=message):
        data_sets(table, table.rows[0], "paper")


TWO_SETS = """
id: test/two-sets
title: Two data sets side by side
source: {document: dai2019, table: "0", paper: None}
task: density-2d
columns:
  four: {label: Four, metric: histogram-kl, data: four-gaussians}
  biased: {label: Biased, metric: histogram-kl, data: {paper: biased-gaussians, laptop: biased-gaussians,
                                                      smoke: four-gaussians}}
  four_too: {label: Four again, metric: temperature, data: four-gaussians}
rows:
  - {label: Both, published: {four: 1, biased: 2, four_too: 3}, method: egan, params: {epochs: 1},
     params_for: {biased-gaussians: {epochs: 2}}}
  - {label: One, published: {four: "-", biased: 2, four_too: "-"}, method: egan}
  - {label: Untrained, method: data, control: true}
profiles: {smoke: {seeds: 1, params_for: {four-gaussians: {epochs: 9}}}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""


@pytest.fixture
def two_sets() -> Table:
    return shape(TWO_SETS, "spec.yaml")[0]


def test_a_row_runs_once_on_each_data_set_of_its_columns(two_sets: Table) -> None:
    both, _, untrained = two_sets.rows
    expected = {"four-gaussians": ("four", "four_too"), "biased-gaussians": ("biased",)}
    assert data_sets(two_sets, both, "paper") == expected
    assert data_sets(two_sets, untrained, "paper") == expected
    assert data_sets(two_sets, both, "smoke") == {"four-gaussians": ("four", "biased", "four_too")}


def test_a_row_does_not_run_where_the_print_has_only_blanks(two_sets: Table) -> None:
    assert data_sets(two_sets, two_sets.rows[1], "paper") == {"biased-gaussians": ("biased",)}


def test_parameters_of_one_data_set_hold_on_it_alone(two_sets: Table) -> None:
    both = two_sets.rows[0]
    assert resolve(two_sets, both, "paper", "four-gaussians") == {"epochs": 1}
    assert resolve(two_sets, both, "paper", "biased-gaussians") == {"epochs": 2}
    assert resolve(two_sets, both, "smoke", "four-gaussians") == {"epochs": 9}
