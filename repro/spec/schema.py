"""A JSON Schema of spec files, for editors: it accepts exactly what the loader's shape check accepts.

Two things are beyond JSON Schema: it takes 1.0 for a whole number, and it does not know which rows and names exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from repro.spec.base import PROFILES
from repro.spec.claim import SELECTING
from repro.spec.model import Table
from repro.spec.row import OF_RUNS, WAYS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema, as plain data in a stable order."""
    schema = Table.model_json_schema(mode="validation")
    models = schema["$defs"]
    row, claim, start = models["Row"], models["Claim"], models["Start"]
    row["oneOf"] = _one_of(WAYS, "string")
    row["allOf"] = [
        {
            "if": _has("control", {"const": True}),
            "then": {"allOf": [_empty("published"), _empty("texts")], "not": _has("variant", {"const": True})},
        },
        {"if": _has("variant", {"const": True}), "then": {"allOf": [_empty("published"), _empty("texts")]}},
        {"if": _has("quoted", {"type": "string"}), "then": {"allOf": [_empty(key) for key in OF_RUNS]}},
    ]
    start["oneOf"] = _one_of(("config", "method", "weights"), "string")
    start["if"], start["then"] = _has("weights", {"type": "string"}), {"maxProperties": 1}
    claim["oneOf"] = _one_of(SELECTING, "object") + _one_of(("expression",), "string")
    for model in (schema, *models.values()):
        if "protocol" in model.get("properties", {}):
            mapping = {"type": "object", "additionalProperties": {"$ref": "#/$defs/ParamValue"}}
            model["properties"]["protocol"]["properties"] = dict.fromkeys(PROFILES, mapping)
    return {"$schema": DIALECT, **schema}


def _one_of(keys: Iterable[str], kind: str) -> list[dict[str, Any]]:
    """Exactly one of the keys is there; a key that says null is not."""
    return [_has(key, {"type": kind}) for key in keys]


def _has(key: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"required": [key], "properties": {key: value}}


def _empty(key: str) -> dict[str, Any]:
    """The key is not there, or says null or nothing."""
    return {"properties": {key: {"type": ["object", "null"], "maxProperties": 0}}}
