"""Objects by address, and methods from their parameters."""

from __future__ import annotations

from typing import Any

from repro.registry.addresses import load as load
from repro.spec import construct
from repro.spec.base import Params


def build(address: str, params: Params) -> Any:
    """A method or a task with its parameters."""
    return construct.build(load(address), params)
