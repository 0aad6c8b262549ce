"""The one table of a comparison: who stands in it, what is best, and how each format shows it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from repro.compare.grid import Grid, GridRow, grid
from repro.compare.judge import Wanted, compare
from repro.compare.model import Comparison
from repro.compare.render import FORMATS, render
from repro.spec.base import Profile
from repro.spec.model import Table
from tests.verdict.build import runs_of, table_of

# By hand: the lowest measured mean is Old's, 0.20; the lowest printed one is that of the quoted row, 0.10.
MEASURED = {"Old": {"loss": [0.18, 0.22]}, "Mine": {"loss": [0.29, 0.31]}, "Worse": {"loss": [0.5, 0.7]}}


def spec(better: str | None = "lower", mine: str = "Mine", **old: Any) -> Table:
    rows = [
        {"label": "Old", "method": "m", "published": {"loss": "0.25"}} | old,
        {"label": "Quoted", "quoted": "a paper", "published": {"loss": "0.10"}},
        {"label": "Worse", "method": "m", "published": {"loss": "0.60"}},
        {"label": "Waits", "planned": "m", "published": {"loss": "0.40"}},
        {"label": mine, "method": "m", "variant": True},
    ]
    return table_of(rows, columns={"loss": {"better": better, "label": "Loss"}})


def compared(table: Table, profile: Profile = "paper", values: Any = None) -> Comparison:
    new = table.rows[-1].name
    others = [row.name for row in table.rows if row.name != new]
    return compare(table, Wanted({new: others}, ["loss"], new, {}), runs_of(values or MEASURED), profile)


def rows(found: Grid) -> dict[str, GridRow]:
    return {row.label: row for _, row in found.rows}


def best(table: Table, profile: Profile, values: Any = None) -> list[str]:
    return [name for name, row in rows(grid(compared(table, profile, values), table)).items() if row.cells["loss"].best]


def test_the_new_row_stands_last_among_all_others_with_what_is_printed_and_measured() -> None:
    found = rows(grid(compared(spec()), spec()))
    assert list(found) == ["Old", "Quoted", "Worse", "Waits", "Mine"]
    cells = {name: (row.kind, row.cells["loss"].printed, row.cells["loss"].measured) for name, row in found.items()}
    assert cells == {
        "Old": ("", "0.25", "0.20 ± 0.03 (2)"),
        "Quoted": ("quoted", "0.10", ""),
        "Worse": ("", "0.60", "0.60 ± 0.14 (2)"),
        "Waits": ("planned", "0.40", ""),
        "Mine": ("new", "", "0.30 ± 0.01 (2)"),
    }


@pytest.mark.parametrize(
    ("better", "profile", "expected"),
    [
        ("lower", "paper", ["Quoted"]),  # what is printed of a row that never runs counts at the same scale
        ("lower", "laptop", ["Old"]),
        ("higher", "laptop", ["Worse"]),
        (None, "laptop", []),
    ],
)
def test_the_best_is_that_of_measured_numbers_and_at_paper_scale_of_printed_ones_too(
    better: str | None, profile: Profile, expected: list[str]
) -> None:
    assert best(spec(better), profile) == expected


def test_numbers_that_are_written_alike_are_best_together() -> None:
    values = {**MEASURED, "Mine": {"loss": [0.2, 0.202]}}
    assert best(spec(), "laptop", values) == ["Old", "Mine"]


def test_a_number_that_was_measured_otherwise_is_shown_and_never_the_best() -> None:
    table = spec()
    made = compared(table, "laptop")
    (standing,) = made.standings
    against = tuple(replace(v, finding="not comparable" if v.row == "Old" else v.finding) for v in standing.against)
    found = rows(grid(replace(made, standings=(replace(standing, against=against),)), table))
    assert [name for name, row in found.items() if row.cells["loss"].best] == ["Mine"]
    assert found["Old"].cells["loss"].shown == "0.20 ± 0.03 (2) not comparable"


def test_a_row_with_nothing_to_compare_with_is_not_best() -> None:
    assert best(spec(), "laptop", {"Mine": {"loss": [0.3, 0.4]}}) == []


def test_whose_a_number_is_stands_beside_it_unless_it_is_ones_own() -> None:
    table = spec()
    made = compared(table)
    (standing,) = made.standings
    against = tuple(
        replace(v, whose=("shipped",) if v.row == "Old" else ("own",), stale=v.row == "Worse") for v in standing.against
    )
    found = rows(grid(replace(made, standings=(replace(standing, against=against),)), table))
    assert found["Old"].cells["loss"].shown.endswith("(2) shipped")
    assert found["Worse"].cells["loss"].shown.endswith("(2) stale")
    assert found["Mine"].cells["loss"].shown.endswith("(2)")


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_has_every_row_and_names_with_a_slash_stay_whole(fmt: str) -> None:
    table = spec(mine="LSTM/GRU & <i>")
    values = {**MEASURED, "LSTM/GRU & <i>": MEASURED["Mine"]}
    text = render(compared(table, "laptop", values), table, fmt)
    escaped = {"html": "LSTM/GRU &amp; &lt;i&gt;", "md": "LSTM/GRU &amp; &lt;i&gt;", "tex": r"LSTM/GRU \& "}
    for name in ("Old", "Quoted", "Worse", "Waits", escaped.get(fmt, "LSTM/GRU & <i>")):
        assert name in text, name
    assert "0.10" in text  # of the quoted row


BOLD = {"text": "0.20 ± 0.03 (2)*", "md": "**0.20 ± 0.03 (2)**", "html": "<strong>0.20 ± 0.03 (2)</strong>",
        "tex": r"\textbf{0.20 \ensuremath{\pm} 0.03 (2)}"}  # fmt: skip


@pytest.mark.parametrize("fmt", list(BOLD))
def test_the_best_is_bold_and_nothing_else(fmt: str) -> None:
    text = render(compared(spec(), "laptop"), spec(), fmt)
    assert BOLD[fmt] in text
    (before, after) = BOLD[fmt].split("0.20")[0], BOLD[fmt][-2:]
    assert text.count(f"{before}0.30 ± 0.01 (2){after}") == 0


@pytest.mark.parametrize("fmt", ["text", "md", "html", "tex"])
def test_below_paper_scale_the_first_words_are_of_the_data_sets(fmt: str) -> None:
    made = replace(compared(spec(), "smoke"), data=("toy-language",))
    begins = {"html": "<title>", "tex": "\\caption"}.get(fmt, "")
    first = next(line for line in render(made, spec(), fmt).splitlines() if begins in line)
    assert "smoke scale (toy-language)" in first
    assert "toy-language" not in render(replace(made, profile="paper"), spec(), fmt)


def test_bold_in_a_terminal_is_only_where_colours_are() -> None:
    plain, bold = (render(compared(spec()), spec(), "text", color=color) for color in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1m" in bold
    assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain


def test_csv_and_json_have_a_cell_for_each_and_which_is_best() -> None:
    made = compared(spec(), "laptop")
    lines = {line["row"]: line for line in csv.DictReader(io.StringIO(render(made, spec(), "csv")))}
    assert list(lines) == ["Old", "Quoted", "Worse", "Waits", "Mine"]
    assert [name for name, line in lines.items() if line["best"]] == ["Old"]
    assert [name for name, line in lines.items() if line["new"]] == ["Mine"]
    assert (lines["Quoted"]["published"], lines["Quoted"]["mean"], lines["Quoted"]["n"]) == ("0.10", "", "0")
    assert float(lines["Old"]["difference"]) == pytest.approx(0.1)  # 0.30 - 0.20
    assert lines["Mine"]["difference"] == ""
    found = {row["label"]: row for row in json.loads(render(made, spec(), "json"))["rows"]}
    assert found["Old"]["cells"]["Loss"] == {
        "printed": "0.25", "mean": pytest.approx(0.2), "std": pytest.approx(0.0283, abs=1e-4), "n": 2, "best": True,
    }  # fmt: skip
    assert (found["Mine"]["new"], found["Quoted"]["cells"]["Loss"]["mean"]) == (True, None)


def test_columns_that_do_not_fit_stand_below_each_other() -> None:
    names = [f"loss {i}" for i in range(6)]
    table = table_of(
        [{"label": "Old", "method": "m"}, {"label": "Mine", "method": "m"}],
        columns={name: {"label": f"A long name of {name}"} for name in names},
    )
    values = {row: {name: [1.0, 2.0] for name in names} for row in ("Old", "Mine")}
    made = compare(table, Wanted({"Mine": ["Old"]}, names, "Mine", {}), runs_of(values), "paper")
    text = render(made, table, "text", 60)
    shown = text[text.index("A long name of loss 0 ") :] if "A long name of loss 0 " in text else text
    assert all(f"A long name of {name}" in shown for name in names)
    block = [line for line in text.splitlines() if line.startswith(("Old ", "Mine (new) ")) and "(2)" in line]
    assert max(map(len, block)) <= 60
