"""Numbers as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.report.numbers import FIGURE_SPACE, POINT_SPACE, Style, aligned, duration, styles
from tests.report import examples


def test_a_measured_number_has_the_prints_decimals() -> None:
    """The form is the issue's own example."""
    assert Style(4).measured(0.10718, 0.01214, 5) == "0.1072 ± 0.0121 (5)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (Style(1).measured(58.84, None, 1), "58.8 (1)"),
        (Style(1).measured(58.84, 0.04, 3), "58.8 ± <0.1 (3)"),
        (Style(1).measured(58.84, 0.0, 3), "58.8 ± 0.0 (3)"),
        (Style(2).number(-0.001), "0.00"),
        (Style(2).number(-1.5), "−1.50"),
        (Style(0, 1e6).measured(21_987_654, None, 1), "22M (1)"),
        (Style().measured(6.96016e-08, 1.2e-09, 3), "6.96e-08 ± 1.2e-09 (3)"),
        (Style().number(0.0), "0"),
        (Style().deviation(0.0), "0"),
        (Style().difference(-0.52341), "−0.5234"),
        (Style(2).difference(0.004), "0.00"),
        (Style(2).difference(0.014), "+0.01"),
    ],
)
def test_rounding_neither_hides_nor_invents(text: str, said: str) -> None:
    assert text == said


def test_a_column_without_print_takes_the_tables_decimals() -> None:
    assert styles(examples.table())["temperature"] == Style(4)


def test_where_nothing_is_printed_a_number_has_four_significant_digits() -> None:
    rows = [{"label": "a curve", "group": "grid", "method": "egan"}]
    look = styles(examples.table(rows=rows, claims=[], figures=[]))["temperature"]
    assert [look.number(value) for value in (1.490116e-08, 0.0316228, 12345.6)] == ["1.49e-08", "0.03162", "1.235e+04"]


numbers = st.from_regex(r"\A-?\d{1,4}(\.\d{1,4})?( ± \.\d{2})?( \(\d\))?\Z").filter(lambda text: text[0] != "-")


@given(st.lists(numbers, min_size=1))
def test_decimal_points_stand_under_each_other(texts: list[str]) -> None:
    padded = aligned(texts)
    assert len({len(text) for text in padded}) == 1
    wholes = [len(text.partition(".")[0].partition(" ")[0]) for text in texts]
    starts = [len(text) - len(text.lstrip(FIGURE_SPACE)) for text in padded]
    assert len({start + whole for start, whole in zip(starts, wholes, strict=True)}) == 1
    assert [text.strip(FIGURE_SPACE + POINT_SPACE) for text in padded] == texts


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0.0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3599.9, "1 h 0 min"), (9060, "2 h 31 min")],
)
def test_durations_read_as_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"), [(4.539, "x4.54"), (24.54, "x24.5"), (0.2303, "x0.230"), (1.0, "x1.00"), (127.4, "x127")]
)
def test_a_ratio_has_three_digits(value: float, said: str) -> None:
    assert Style(decimals=1).ratio(value) == said
