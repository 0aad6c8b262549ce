"""A printed cell, as frozen plain data: the text of the print is kept, numbers are read from it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from repro.spec.base import Strict
from repro.spec.printed import PATTERN, Printed, parse


def _checked_print(text: str) -> str:
    parse(text)
    return text


def _number_text(value: Any) -> Any:
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


PrintedText = Annotated[
    str,
    BeforeValidator(_number_text),
    AfterValidator(_checked_print),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": PATTERN}]}),
]


class Correction(Strict):
    """A slip of the print: the number that the paper's own data or text demand in its place, and why."""

    value: PrintedText
    why: str = Field(min_length=10)


class PublishedCell(Strict):
    """One printed cell. `value` is the text exactly as printed; a bare scalar stands for a cell with a value only."""

    value: PrintedText
    std: PrintedText | None = None
    runs: int | None = Field(default=None, ge=1)
    selection: str | None = None
    note: str | None = None
    corrected: Correction | None = None

    @property
    def printed(self) -> Printed:
        """The number as printed, uncorrected."""
        return parse(self.value)

    @property
    def target(self) -> Printed:
        """The number that a reproduction is judged against: the correction where there is one."""
        return parse(self.corrected.value if self.corrected else self.value)


def _cell(value: Any) -> Any:
    value = _number_text(value)
    return {"value": value} if isinstance(value, str) else value


Cell = Annotated[PublishedCell, BeforeValidator(_cell, json_schema_input_type=PrintedText | PublishedCell)]
