"""Cells whose measured values are words: same as printed or not, and in the expressions of claims."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.record import Record
from repro.verdict.cells import judge_cells
from repro.verdict.claims import judge_claim
from repro.verdict.model import CellVerdict, TableVerdict
from repro.verdict.runs import Runs, runs_from_records
from repro.verdict.table import judge
from tests.verdict.build import claim_of, record_of, table_of

COLUMNS: dict[str, dict[str, Any]] = {
    "t": {"metric": "predicted-token"},
    "p": {"metric": "probability"},
    "seen": {"metric": "text-token", "supplementary": True},
}
ROWS: list[dict[str, Any]] = [
    {"label": "A", "method": "m", "texts": {"t": "tons"}, "published": {"p": "0.4"}},
    {"label": "B", "method": "m", "texts": {"t": "million"}, "published": {"p": "0.3"}},
    {"label": "Reference", "quoted": "the text", "texts": {"t": "tons"}},
]


def table(seeds: int = 1) -> Table:
    return table_of(ROWS, columns=COLUMNS, margin=0.1, seeds=seeds)


def records(row: str, words: Sequence[str], profile: Profile = "paper", way: str = "t v1") -> list[Record]:
    signatures = {"t": way, "p": "p v1", "seen": "s v1"}
    return [
        record_of(
            row, seed, profile, measured={"p": (0.4, "p v1")}, texts={"t": word, "seen": "x"}, signatures=signatures
        )
        for seed, word in enumerate(words)
    ]


def runs(*made: list[Record], seeds: int = 1, profile: Profile = "paper") -> Runs:
    return runs_from_records(table(seeds), [record for each in made for record in each], profile)


def cell(found: Runs, column: str = "t", seeds: int = 1, profile: Profile = "paper", row: str = "A") -> CellVerdict:
    return judge_cells(table(seeds), found, profile)[row, column]


@pytest.mark.parametrize(("words", "status", "detail"), [
    (["tons"], "reproduced", "the printed words in 1 of 1 seeds"),
    (["million"], "deviates", "the printed words in 0 of 1 seeds"),
    (["Tons"], "deviates", "the printed words in 0 of 1 seeds"),
    (["tons", "tons", "tons"], "reproduced", "the printed words in 3 of 3 seeds"),
    (["tons", "ounces", "tons"], "tension", "the printed words in 2 of 3 seeds"),
    (["", "<eos>"], "deviates", "the printed words in 0 of 2 seeds"),
])  # fmt: skip
def test_words_are_the_printed_ones_in_every_seed_in_some_or_in_none(
    words: list[str], status: str, detail: str
) -> None:
    said = cell(runs(records("A", words), seeds=len(words)), seeds=len(words))
    assert (said.status, said.detail, said.words, said.n) == (status, detail, tuple(words), len(words))
    assert (said.mean, said.target, said.p) == (None, None, None)


def test_below_paper_scale_words_are_reduced_and_what_is_not_printed_is_measured() -> None:
    found = runs(records("A", ["tons"], "laptop"), profile="laptop")
    assert cell(found, profile="laptop").status == "reduced"
    assert cell(found, "seen", profile="laptop").status == "measured"
    assert cell(found, "seen", profile="laptop").words == ("x",)


def test_words_that_are_missing_partial_or_of_a_row_that_does_not_run_say_so() -> None:
    found = runs(records("A", ["tons"]), seeds=2)
    assert cell(found, seeds=2).detail == "1 of 2 seeds have a number"
    assert cell(found, seeds=2).status == "partial"
    assert cell(found, row="B", seeds=2).status == "missing"
    assert cell(found, row="Reference").status == "not run"


def test_words_found_in_two_ways_are_not_comparable() -> None:
    made = records("A", ["tons", "tons"])
    made[1] = records("A", ["tons", "tons"], way="t v2")[1]
    assert cell(runs(made, seeds=2), seeds=2).status == "not comparable"


def test_a_verdict_with_words_comes_back_from_json() -> None:
    verdict = judge(table(2), [*records("A", ["tons", "ounces"]), *records("B", ["million"] * 2)], "paper")
    assert verdict.cells["A", "t"].words == ("tons", "ounces")
    assert TableVerdict.from_json(json.loads(json.dumps(verdict.as_json()))) == verdict


def said_of(expression: str, *made: list[Record], seeds: int) -> tuple[str, str]:
    claim = claim_of(expression=expression)
    found = judge_claim(table(seeds), claim, runs(*made, seeds=seeds), "paper")
    return found.verdict, found.detail


def test_an_expression_reads_measured_words_seed_by_seed() -> None:
    a, b = records("A", ["tons"] * 5), records("B", ["million"] * 5)
    told_apart = 'tok("A")[0] != tok("B")[0] and c("A","p") > 0.1'
    assert said_of(told_apart, a, b, seeds=5)[0] == "holds"
    assert said_of('"million" in tok("A")', a, b, seeds=5)[0] == "fails"
    mixed = records("A", ["tons", "million", "tons", "tons", "tons"])
    assert said_of(told_apart, mixed, b, seeds=5) == (
        "undecided", '1 of 2 parts for, 0 against, 1 undecided; worst: tok("A")[0] != tok("B")[0]: '
                     "true of 4 of 5 seeds; five seeds that agree decide it"
    )  # fmt: skip
    assert said_of('tok("A")[0] == "tons"', records("A", ["tons"] * 2), seeds=2)[0] == "undecided"  # equal by chance


def test_an_expression_over_words_that_are_not_there_is_not_decided() -> None:
    a = records("A", ["tons"] * 5)
    assert said_of('tok("A") != tok("B")', a, seeds=5) == ("not testable", "B has no number")
    assert said_of('tok("A") != tok("B")', a, records("B", ["million"] * 4), seeds=5) == (
        "undecided",
        '0 of 1 parts for, 0 against, 1 undecided; worst: tok("A") != tok("B"): B: 4 of 5 seeds have a number',
    )  # fmt: skip
    assert said_of('tok("A") == tok("Reference")', a, seeds=5) == (
        "not testable", "Reference is quoted and never runs"
    )  # fmt: skip
