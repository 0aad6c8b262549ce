"""The spec of a printed table is valid whatever is in it, and has every text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro.new.printed import PrintedRow, PrintedTable
from repro.new.spec import spec_of
from repro.spec.load import loads

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).map(
    lambda text: " ".join(text.split()) or "x"
)
cells = st.one_of(texts, st.just(""), st.sampled_from(["54.40", "7.07 ± .10", "-", "22M", "5.25%", "1.2e-4", "true"]))


@st.composite
def tables(draw: st.DrawFn) -> PrintedTable:
    columns = tuple(draw(st.lists(texts, min_size=1, max_size=4)))
    row = st.builds(PrintedRow, st.sampled_from(["", "One", "two/2"]), texts, st.tuples(*(cells for _ in columns)))
    return PrintedTable(
        draw(st.one_of(texts, st.just(""))), columns, tuple(draw(st.lists(row, min_size=1, max_size=5)))
    )


@given(tables())
def test_any_table_makes_a_valid_spec_with_every_text(printed: PrintedTable) -> None:
    table = loads(spec_of(printed, "own/x", "a file"), "x.yaml")
    for column, label in zip(table.columns.values(), printed.columns, strict=True):
        assert column.label.startswith(label)
    assert len(table.rows) == len(printed.rows)
    for row, source in zip(table.rows, printed.rows, strict=True):
        found = {key: cell.value for key, cell in row.published.items()} | row.texts
        assert [found.get(key, "") for key in table.columns] == list(source.cells)
        assert row.label.startswith(source.label)


def test_numbers_are_numbers_marks_are_notes_and_a_name_twice_is_numbered() -> None:
    rows = (
        PrintedRow("", "A", ("54.40⁷", "no")),
        PrintedRow("", "A", ("1.2×10⁻⁴", "")),
        PrintedRow("G", "A", ("-", "")),
    )
    table = loads(spec_of(PrintedTable("", ("PPL ↓", "True"), rows), "own/x", "f"), "x.yaml")
    first, second, third = table.rows
    assert (first.published["ppl"].value, first.published["ppl"].note) == ("54.40", "Printed with the mark ⁷.")
    assert (first.texts, second.texts) == ({"column_true": "no"}, {"ppl": "1.2×10⁻⁴"})
    assert [row.label for row in table.rows] == ["A", "A (2)", "A"]
    assert [group.label for group in table.groups.values()] == ["(above the first heading)", "G"]
    assert (second.note, third.group) == ("Printed as A, as another row is.", "g")
    assert {row.planned for row in table.rows} == {"to-be-named"}
    assert (table.columns["ppl"].better, table.title) == ("lower", "own/x")
