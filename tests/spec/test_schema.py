"""The JSON Schema accepts what the shape check accepts, over every single change of a rich spec."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from repro.spec import yaml12
from repro.spec.load import shape
from repro.spec.problems import SpecError
from repro.spec.schema import json_schema
from tests.spec.helpers import SPEC

VALIDATOR = Draft202012Validator(json_schema())
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, 1e-7, -2.5, "", "text", "paper", "lower", "0.9 ± 0.1", "0.9 ±", "-", "1,234",
    "all", "bf16", {"smoke": 1}, {"smoke": {"a": 1}}, {"weights": "w"}, {"weights": "w", "config": None},
    "a/b", "A/B", "long enough text", [], ["a", "b"], [1, 0.5, "x", True], [None], [[1]], {}, {"a": 1}, {"value": 3},
    {"value": "x"}, {"param": "p"}, {"param": "p", "plus": 1}, {"seeds": 1}, {"label": "x"},
    {"paper": "a", "laptop": "b", "smoke": "c"}, {"columns": ["kl"], "rows": ["x"]},
    {"absolute": 1, "why": "long enough"},
)  # fmt: skip
ADDED: tuple[Any, ...] = ("text", True, {}, None)
CLAIMS = {
    "best": {"columns": ["kl"], "row": "Egan", "among": ["Gan"], "groups": ["biased"]},
    "ratio": {"columns": ["kl"], "row": "Egan", "to": "Gan", "at_most": 2},
    "gap": {"columns": ["kl"], "row": "Egan", "to": "Gan", "at_least": 0.5},
    "ranking": {"columns": ["kl"], "rows": ["Egan", "Gan"], "tau_at_least": 0.5},
    "trend": {"columns": ["kl"], "rows": ["Egan", "Gan", "Const"], "direction": "increasing"},
    "bound": {
        "columns": ["kl"],
        "rows": ["Gan"],
        "at_least": 0,
        "at_most": {"param": "a", "plus": -1},
        "invariant": True,
    },
}


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: listed(each) for key, each in value.items()}
    return [listed(each) for each in value] if isinstance(value, tuple) else value


def rich() -> dict[str, Any]:
    """The small spec with every key of every model somewhere, as JSON data."""
    data: dict[str, Any] = listed(yaml12.parse(SPEC).data)
    data["notes"] = ["a note"]
    data["data"] = "four-gaussians"
    data["source"] |= {"aliases": ["B.3"], "arxiv": "1711.03953", "lines": "1-2"}
    data["planned"] = ["gan"]
    data["configurations"] = {
        "x": {
            "method": "data",
            "params": {"a": 1},
            "smoke": {"a": 2},
            "laptop": {},
            "paper": {},
            "params_for": {},
            "from": {"method": "y"},
            "note": "x",
        }
    }
    data["protocol"] = {"a": 1, "smoke": {"a": {"b": [0.5]}}}
    data["groups"]["biased"]["params"] = {"a": 1, "b": [1, ["x", None]], "c": None, "d": {"e": {"f": True}}}
    data["groups"]["biased"] |= {"also": {"unlabelled": "four-gaussians"}, "protocol": {"a": 2}}
    data["columns"]["kl"] |= {"args": {"bins": 3}, "split": "test", "unit": "nats", "better": "lower", "items": 1000}
    data["columns"]["kl"] |= {"timed": False, "scale": "log", "params": {"a": 3}, "protocol": {"laptop": {"a": 4}}}
    data["columns"]["kl"]["margin"] = {"absolute": 0.1, "relative": 0.2, "why": "because of the spread"}
    data["columns"]["kl"]["data"] = {"paper": "four-gaussians", "laptop": "two-spirals", "smoke": "two-spirals"}
    data["columns"]["said"] = {"label": "Samples", "metric": "text"}
    data["rows"][0] |= {
        "note": "a note",
        "deterministic": True,
        "variant": False,
        "texts": {"said": "words"},
        "params_for": {"four-gaussians": {"a": 2}},
        "columns": ["kl"],
        "from": {
            "method": "data",
            "params": {"a": 1},
            "params_for": {"x": {"a": 2}},
            "data": "four-gaussians",
            "also": {"y": "two-spirals"},
            "task": "t",
            "protocol": {"a": 1},
            "precision": "f32",
            "from": {"config": "mos/x"},
        },
        "beside": {"other": {"weights": "w"}},
        "also": {"unlabelled": {"paper": "a", "laptop": "b", "smoke": "c"}},
        "grid": {"a": [1, 2]},
        "protocol": {"paper": {}},
        "precision": "bf16",
        "limit_minutes": 3,
    }
    data["rows"][1] = {"label": "Shared", "config": "mos/x", "columns": "all"}
    data["rows"][2]["published"]["kl"] |= {
        "selection": "best of 3", "note": "x", "corrected": {"value": 3, "why": "the text says three"},
    }  # fmt: skip
    data["claims"] += [{"text": kind, kind: claim} for kind, claim in copy.deepcopy(CLAIMS).items()]
    data["claims"] += [{"text": "words", "expression": "1 < 2"}]
    data["claims"][0] |= {"where": "line 3, implied", "derived": "implied", "holds_from": "laptop", "note": "x"}
    data["figures"][0]["groups"] = ["biased"]
    data["profiles"]["laptop"] |= {
        "equal_to_paper": False,
        "limit_minutes": 5,
        "note": "x",
        "params": {"a": 0.5},
        "params_for": {"two-spirals": {"b": 1}},
        "grid": {"a": [3]},
        "precision": "f32",
    }
    return data


def agrees(data: Any) -> bool:
    """Whether both accept or both refuse; JSON is YAML, so the loader reads the same data."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        shape(text, "mutant")
        loads = True
    except SpecError:
        loads = False
    return loads == VALIDATOR.is_valid(data)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def mutants(data: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """The data with the value at a path replaced, its key dropped or renamed, or a key or item added."""
    for value in VALUES:
        mutant = copy.deepcopy(data)
        at(mutant, path[:-1])[path[-1]] = value
        yield mutant
    mutant = copy.deepcopy(data)
    value = at(mutant, path[:-1]).pop(path[-1])
    yield mutant
    if isinstance(at(data, path[:-1]), dict):
        renamed = copy.deepcopy(mutant)
        at(renamed, path[:-1])[f"{path[-1]}s"] = value
        yield renamed
    if isinstance(value, dict):
        for key in ("note", "params", "method", "quoted", "control", "kl", "best", "extra"):
            for extra in ADDED:
                added = copy.deepcopy(data)
                at(added, path)[key] = copy.deepcopy(extra)
                yield added


PLACES = [path for path in places(rich()) if path]


def test_the_schema_is_itself_valid_and_stable() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json.dumps(json_schema()) == json.dumps(json_schema())


def test_the_rich_spec_is_accepted_by_both_and_has_every_key() -> None:
    assert VALIDATOR.is_valid(rich())
    assert agrees(rich())
    missing = [
        f"{name}.{key}"
        for name, model in {"Table": json_schema(), **json_schema()["$defs"]}.items()
        for key in model.get("properties", {})  # a parameter may be anything
        if not any(path[-1] == key for path in PLACES)
    ]
    assert missing == []


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_changing_one_place_changes_both_or_neither(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PLACES))
    for mutant in mutants(rich(), path):
        assert agrees(mutant), (path, mutant)


@pytest.mark.long
@pytest.mark.parametrize("path", PLACES, ids=str)
def test_changing_any_place_changes_both_or_neither(path: tuple[Any, ...]) -> None:
    assert [mutant for mutant in mutants(rich(), path) if not agrees(mutant)] == []


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES)), min_size=2, max_size=3))
@settings(max_examples=200, deadline=None)
def test_changing_several_places_changes_both_or_neither(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    mutant = rich()
    for path, value in changes:
        try:
            at(mutant, path[:-1])[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    assert agrees(mutant)


@pytest.mark.parametrize("value", [None, 3, "x", [], {}])
def test_what_is_no_spec_at_all_is_refused_by_both(value: Any) -> None:
    assert agrees(value)


def test_a_whole_number_with_a_point_is_the_one_thing_json_cannot_tell() -> None:
    data = rich()
    data["profiles"]["smoke"]["seeds"] = 1.0
    assert VALIDATOR.is_valid(data)
    with pytest.raises(SpecError, match=r"profiles\.smoke\.seeds: expected a whole number, found the number 1\.0"):
        shape(json.dumps(data), "spec.json")
