"""What all parts of a spec are made of: lists of texts, profiles, data sets and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator
from typing_extensions import TypeAliasType

from repro.strict import Strict as Strict

Profile = Literal["smoke", "laptop", "control", "paper"]
PROFILES: tuple[Profile, ...] = ("smoke", "laptop", "paper")
"""The scales that a spec says things for; `control` is `laptop` but for what its `control:` says."""
RUNNABLE: tuple[Profile, ...] = ("smoke", "laptop", "control", "paper")
Precision = Literal["f32", "bf16-products", "bf16"]
ParamValue = TypeAliasType(
    "ParamValue", "bool | int | float | str | tuple[ParamValue, ...] | dict[str, ParamValue] | None"
)
"""A parameter: a scalar, a list, or a mapping where the parameter is a structure itself."""
Params = dict[str, ParamValue]


def as_tuple(value: Any) -> Any:
    """A list, which YAML and JSON have, as the tuple that a frozen model keeps; all else as it is."""
    return tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]


def scale_of(profile: Profile) -> Profile:
    """The scale whose data sets and protocol a profile has: a control differs in its training alone."""
    return "laptop" if profile == "control" else profile


class DataChoice(Strict):
    """The data set that each profile uses.

    A bare name stands for the same one everywhere, but that at `smoke` one that has to be fetched gives way to the
    embedded set that its entry names.
    """

    paper: str
    laptop: str
    smoke: str

    def of(self, profile: Profile) -> str:
        """The name of the data set for one profile."""
        return str(getattr(self, scale_of(profile)))


def _data(value: Any) -> Any:
    return dict.fromkeys(PROFILES, value) | {"smoke": _at_smoke(value)} if isinstance(value, str) else value


def _at_smoke(name: str) -> str:
    from repro.data.sources.entries import ENTRIES

    return (name in ENTRIES and ENTRIES[name].smoke) or name


Data = Annotated[DataChoice, BeforeValidator(_data, json_schema_input_type=str | DataChoice)]


def _by_profile(protocol: Params) -> Params:
    for profile in PROFILES:
        if not isinstance(protocol.get(profile, {}), dict):
            raise ValueError(f"what profile {profile} has of its own is a mapping: `{profile}: {{...}}`")
    return protocol


Protocol = Annotated[Params, AfterValidator(_by_profile)]
"""Parameters of a task; under the name of a profile those that differ there."""


def everywhere(protocol: Params) -> Params:
    """What a protocol says for all profiles."""
    return {name: value for name, value in protocol.items() if name not in PROFILES}


def only_at(protocol: Params, profile: Profile) -> Params:
    """What a protocol says for one profile alone."""
    found = protocol.get(scale_of(profile), {})
    assert isinstance(found, dict)
    return found


def merged(lower: Mapping[str, ParamValue], upper: Mapping[str, ParamValue]) -> Params:
    """Two layers of parameters: what the upper says wins, key by key inside mappings too.

    Example:
        >>> merged({"rate": 1, "optimiser": {"kind": "adam", "rate": 2}}, {"optimiser": {"rate": 3}})
        {'rate': 1, 'optimiser': {'kind': 'adam', 'rate': 3}}
    """
    found = dict(lower)
    for name, value in upper.items():
        below = found.get(name)
        found[name] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found
