"""What all parts of a spec are made of: strict models, lists of texts, profiles and parameters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

Profile = Literal["smoke", "laptop", "paper"]
PROFILES: tuple[Profile, ...] = ("smoke", "laptop", "paper")
ParamValue = bool | int | float | str | None | tuple[bool | int | float | str, ...]
Params = dict[str, ParamValue]


class Strict(BaseModel):
    """Unknown keys, coerced types, NaN and infinity are errors; nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)


def as_tuple(value: Any) -> Any:
    """A list, which YAML and JSON have, as the tuple that a frozen model keeps; all else as it is."""
    return tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
