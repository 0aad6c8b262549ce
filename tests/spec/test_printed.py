"""Printed numbers, read and written."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.spec.load import loads
from repro.spec.printed import MISSING, PATTERN, parse
from tests.spec.helpers import changed

# value, std, half width, decimals; by hand
READ = [
    ("0.3034", 0.3034, None, 5e-5, 4), ("7.07 ± .10", 7.07, 0.1, 5e-3, 2), ("1,234", 1234.0, None, 0.5, 0),
    ("22M", 22e6, None, 5e5, 0), ("5.25%", 5.25, None, 5e-3, 2), ("1800x", 1800.0, None, 0.5, 0),
    ("1800X", 1800.0, None, 0.5, 0),
    ("4.25†", 4.25, None, 5e-3, 2), ("-.5", -0.5, None, 0.05, 1), ("−3", -3.0, None, 0.5, 0), ("5.", 5.0, None, 0.5, 0),
    ("1.2e-4", 1.2e-4, None, 5e-6, 5), ("3E2", 300.0, None, 50.0, 0), ("< 0.01", 0.01, None, 5e-3, 2),
    ("22M ± 1", 22e6, 1e6, 5e5, 0), ("1.5K +- 20", 1500.0, 20e3, 50.0, 1), ("0.90 +/- 0.01 **", 0.9, 0.01, 5e-3, 2),
]  # fmt: skip
NOT_PRINTED = [
    "",
    " ",
    ".",
    "±1",
    "7 ±",
    "7 ± -1",
    "1 000",
    "1,23",
    "e5",
    "0x1F",
    "nan",
    "inf",
    "1e400",
    "٣",
    "7\n7",
    "1e",
]


def is_printed(text: str) -> bool:
    """Whether the form is that of a printed number, even if it is too large for a float."""
    try:
        parse(text)
    except ValueError as error:
        return "too large" in str(error)
    return True


@pytest.mark.parametrize(("text", "value", "std", "half_width", "decimals"), READ)
def test_a_printed_number_is_read(text: str, value: float, std: float | None, half_width: float, decimals: int) -> None:
    printed = parse(text)
    assert (printed.text, printed.value, printed.std, printed.decimals) == (text, value, std, decimals)
    assert printed.half_width == pytest.approx(half_width, rel=1e-12)  # powers of ten, each rounded once


@pytest.mark.parametrize("text", [*MISSING, "-(MLE)", " – (not run) "])
def test_a_dash_is_a_number_that_is_missing(text: str) -> None:
    assert parse(text).value is None


@pytest.mark.parametrize("text", NOT_PRINTED)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a printed number; write it like|is too large a number"):
        parse(text)


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(0, 4))
def test_value_and_rounding_of_a_decimal_come_back(number: object, places: int) -> None:
    text = f"{number:.{places}f}"
    printed = parse(text)
    assert printed.value == float(text)
    assert printed.decimals == places
    assert f"{printed.value:.{printed.decimals}f}" == text
    assert abs(float(f"{number}") - float(text)) <= printed.half_width + 1e-9  # float64 on numbers up to 1e6


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_json_can_say_is_a_printed_number(number: float) -> None:
    if abs(number) < 1e300:  # half a unit of a rounder one may be infinite
        assert parse(json.dumps(number)).value == number


@given(st.one_of(st.text("0123456789.,-+±eE%KMx†~< /na–()", max_size=9), st.from_regex(PATTERN), st.text(max_size=5)))
def test_the_pattern_for_other_programs_accepts_what_parse_accepts(text: str) -> None:
    assert (re.search(PATTERN, text) is not None) == is_printed(text)


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,5})?", fullmatch=True))
def test_a_bare_number_in_a_spec_keeps_every_digit(text: str) -> None:
    table = loads(changed(("{kl: 0.90}", f"{{kl: {text}}}")), "spec.yaml")
    assert table.rows[0].published["kl"].value == text
    assert math.isfinite(parse(text).half_width)
