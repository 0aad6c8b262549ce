"""The order of the layers of parameters, and data sets."""

from __future__ import annotations

import pytest

from repro.spec.load import shape
from repro.spec.model import Profile, Table
from repro.spec.resolve import data_of, layers, resolve
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
    assert resolve(table, table.rows[0], "smoke") == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    assert resolve(table, table.rows[0], "paper") == {"a": 1, "b": 2, "c": 3, "d": 3, "e": 3}


def test_layers_say_where_they_are_written() -> None:
    table, _ = shape(LAYERS, "spec.yaml")
    assert [path for path, _ in layers(table, table.rows[0], "smoke")] == [
        ("groups", "biased", "params"), ("groups", "biased", "methods", "egan"), ("rows", 0, "params"),
        ("profiles", "smoke", "params"), ("profiles", "smoke", "methods", "egan"),
    ]  # fmt: skip


@pytest.mark.parametrize(("profile", "name"), [("smoke", "four-gaussians"), ("paper", "two-spirals")])
def test_the_data_set_is_the_one_of_the_group_and_profile(table: Table, profile: Profile, name: str) -> None:
    assert data_of(table, table.rows[1], profile) == name


def test_a_group_without_data_uses_that_of_the_table() -> None:
    text = changed(("label: Biased Gaussians, data: biased-gaussians", "label: Biased Gaussians"))
    table, _ = shape(f"{text}data: four-gaussians\n", "spec.yaml")
    assert data_of(table, table.rows[0], "paper") == "four-gaussians"


def test_without_any_data_set_the_row_is_named() -> None:
    table, _ = shape(
        changed(("label: Biased Gaussians, data: biased-gaussians", "label: Biased Gaussians")), "spec.yaml"
    )
    with pytest.raises(ValueError, match="row 'biased/Egan' of cegan/kl-2d has no data set: neither its group nor"):
        data_of(table, table.rows[0], "paper")
