"""The specs against the papers' own texts: every number where the table is printed, and no claim left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from repro.spec.cell import PublishedCell
from repro.spec.claim import Claim
from repro.spec.load import load
from repro.spec.model import Row, Table
from repro.spec.tables import all_paths, find, id_of
from repro.verdict.claims import audit
from repro.verdict.model import ClaimVerdict
from tests.papers.texts import FILES, Listed, lines_of, listed_claims, numbers_in

EVERYTHING = "1-999999"
OF_THE_DOCUMENTS = [path for path in all_paths() if load(path).source.document in FILES]
each_table = pytest.mark.parametrize("path", OF_THE_DOCUMENTS, ids=lambda path: str(id_of(path)))


def is_garbled(row: Row, cell: PublishedCell) -> bool:
    """Whether the spec says itself that the text is damaged here: the word garbled in the note of cell or row."""
    return "garbled" in f"{cell.note or ''} {row.note or ''}".lower()


def numbers_of(table: Table) -> Counter[str]:
    """The printed numbers and deviations of a table, but for those in garbled places."""
    cells = [cell for row in table.rows for cell in row.published.values() if not is_garbled(row, cell)]
    return sum((numbers_in(text) for cell in cells for text in (cell.value, cell.std or "")), Counter())


@each_table
def test_every_number_stands_in_the_lines_of_its_table(path: Path) -> None:
    """Each as often as the spec has it; a table without lines is one of numbers from all over the document."""
    table = load(path)
    printed = numbers_in(lines_of(table.source.document, table.source.lines or EVERYTHING))
    missing = numbers_of(table) - printed
    assert not missing, f"not in lines {table.source.lines} of {FILES[table.source.document]}: {dict(missing)}"


def test_a_slip_of_one_digit_is_found() -> None:
    """Each number of the tables in turn with its last digit changed: nearly all slips are seen (5 in 6 at least)."""
    seen = tried = 0
    for path in all_paths():
        table = load(path)
        if table.source.lines is None:
            continue
        need, have = numbers_of(table), numbers_in(lines_of(table.source.document, table.source.lines))
        for number in need:
            slip = number[:-1] + str((int(number[-1]) + 1) % 10)
            tried += 1
            seen += bool(need - Counter([number]) + Counter([slip]) - have)
    assert tried > 900
    assert seen / tried > 5 / 6, f"{seen} of {tried}"


@each_table
def test_every_word_of_a_text_stands_in_the_lines_of_its_table(path: Path) -> None:
    table = load(path)
    printed = lines_of(table.source.document, table.source.lines or EVERYTHING)
    words = {word for row in table.rows for text in row.texts.values() for word in re.findall(r"[^\W\d_]{3,}", text)}
    assert not {word for word in words if word not in re.sub("[_{}]", "", printed)}


def tables_of(name: str) -> list[Table]:
    """The specs of a heading of the list of claims; what is stated in the text alone may be in several."""
    for spelled in (name, name.replace("Figure-", "Figure ")):
        try:
            return [load(find(spelled))]
        except ValueError:
            continue
    document, _, table = name.partition("/")
    found = [load(path) for path in all_paths()] if table == "text" else []
    return [t for t in found if t.source.document == document and t.source.table.startswith("text")]


def matched(listed: list[Listed], tables: list[Table]) -> list[tuple[Listed, ClaimVerdict | None]]:
    """Each listed claim with a claim of the specs: the one with its expression, else its quote, else the next one."""
    left = [pair for table in tables for pair in zip(table.claims, audit(table), strict=True)]
    pairs: dict[int, ClaimVerdict] = {}

    def match(same: Callable[[Listed, Claim], bool]) -> None:
        for i, want in enumerate(listed):
            found = next((pair for pair in left if i not in pairs and same(want, pair[0])), None)
            if found is not None:
                pairs[i] = found[1]
                left.remove(found)

    match(lambda want, claim: claim.expression is not None and squeezed(claim.expression) == squeezed(want.expression))
    match(lambda want, claim: bool(want.quote) and squeezed(want.quote) in squeezed(claim.text))
    match(lambda want, claim: True)
    return [(want, pairs.get(i)) for i, want in enumerate(listed)]


def sentences(listed: list[Listed]) -> list[Listed]:
    """The listed claims, each sentence once however often it is said or read: it fails where one reading does."""
    return _once(_once(listed, [want.expression for want in listed]), None)


def _once(listed: list[Listed], keys: list[str] | None) -> list[Listed]:
    found: dict[str, Listed] = {}
    for want, key in zip(listed, keys or [want.quote or want.expression for want in listed], strict=True):
        before = found.setdefault(squeezed(key), want)
        found[squeezed(key)] = replace(before, holds=before.holds and want.holds)
    return list(found.values())


def squeezed(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum() or char in "<>=+-*/")


def test_every_listed_claim_is_in_its_spec_and_has_the_listed_verdict_in_print() -> None:
    sections: dict[tuple[str, ...], tuple[list[Table], list[Listed]]] = {}
    for name, listed in listed_claims().items():
        if tables := tables_of(name):
            sections.setdefault(tuple(table.id for table in tables), (tables, []))[1].extend(listed)
    assert sections
    wrong = [
        f"{', '.join(ids)}: {want.quote or want.expression}: {'no claim' if found is None else found.in_print}"
        for ids, (tables, listed) in sections.items()
        for want, found in matched(sentences(listed), tables)
        if found is None or found.in_print != ("holds" if want.holds else "fails")
    ]
    assert wrong == []


def test_numbers_are_read_through_damage() -> None:
    text = r"7.07 ± .10 & 1,234 | $22\mathrm{M}$ **0.90** 4. 25† <b>3</b> 12, 5"
    assert numbers_in(text) == Counter(["7.07", ".10", "1234", "22", "0.90", "4.25", "3", "12", "5"])


def test_the_list_of_claims_is_read_whole() -> None:
    listed = [claim for section in listed_claims().values() for claim in section]
    assert (len(listed), sum(not claim.holds for claim in listed)) == (203, 10)
