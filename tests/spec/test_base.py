"""Data by profile: a bare name, and the embedded set that stands for it at the smallest scale."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from repro.data.sources.entries import ENTRIES
from repro.spec.base import PROFILES, Data, DataChoice

DATA: TypeAdapter[DataChoice] = TypeAdapter(Data)


def chosen(written: object) -> list[str]:
    return [DATA.validate_python(written).of(profile) for profile in PROFILES]


@pytest.mark.parametrize("name", ["toy-language", "my.py:points", "not-yet-there"])
def test_a_bare_name_is_the_same_at_every_scale(name: str) -> None:
    assert chosen(name) == [name] * 3


def test_a_bare_name_of_a_set_that_is_fetched_is_its_embedded_one_at_smoke() -> None:
    assert ENTRIES["mnist"].smoke == "digits"
    assert chosen("mnist") == ["digits", "mnist", "mnist"]


def test_what_is_written_for_each_scale_stays() -> None:
    assert chosen({"paper": "mnist", "laptop": "mnist", "smoke": "mnist"}) == ["mnist"] * 3
