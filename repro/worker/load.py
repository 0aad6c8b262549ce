"""Objects by address, and methods from their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repro.registry.addresses import load as load
from repro.spec.base import ParamValue


def build(address: str, params: Mapping[str, ParamValue]) -> Any:
    """A method with its parameters; lists become tuples, as frozen dataclasses want them."""
    return load(address)(**{name: tuple(value) if isinstance(value, list) else value for name, value in params.items()})
