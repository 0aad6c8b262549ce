"""How many seeds a profile needs: what can never be decided is named, with the number that would do."""

from __future__ import annotations

from typing import Any

import pytest

from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import all_paths
from repro.verdict.seeds import WORDS, of_cells, of_orders, shortages
from tests.verdict.build import table_of

ORDER = {"text": "A is lower", "order": {"lower": ("A",), "higher": ("B",), "columns": ("kl",)}}


def said(table: Table) -> list[str]:
    return [str(shortage) for shortage in shortages(table)]


def table(seeds: int, claims: Any = (), **row: Any) -> Table:
    rows = [{"label": name, "method": "m", "published": {"kl": "1.0"}, **row} for name in ("A", "B")]
    return table_of(rows, seeds=seeds, claims=claims)


def test_three_seeds_are_needed_for_cells_and_for_orders() -> None:
    """Power 0.25 and 0.56 of the equivalence test at 2 and 3 seeds, 0.34 and 0.71 of the paired test, at 2 sd."""
    assert (of_cells(), of_orders()) == (3, 3)


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_profile_with_too_few_seeds_is_named_with_the_number_that_would_do(seeds: int) -> None:
    plural = "s" if seeds > 1 else ""
    assert said(table(seeds, [ORDER])) == [
        f"profile paper has {seeds} seed{plural}, too few to decide 2 cells and 1 claim: `seeds: 3`"
    ]
    assert said(table(3, [ORDER])) == []


def test_claims_count_where_they_are_tested_and_cells_where_they_are_judged() -> None:
    """`holds_from: laptop`: at laptop the claim and no cell, since nothing is held against print there."""
    below = {**ORDER, "holds_from": "laptop"}
    assert said(table(1, [below])) == [
        "profile laptop has 1 seed, too few to decide 1 claim: `seeds: 3`",
        "profile paper has 1 seed, too few to decide 2 cells and 1 claim: `seeds: 3`",
    ]


def test_what_needs_no_seeds_is_not_counted() -> None:
    """Rows without random numbers, what every run keeps to, and dashes, supplementary numbers and quoted rows."""
    assert said(table(1, [ORDER], deterministic=True)) == []
    bound = {"rows": ("A",), "columns": ("kl",), "at_least": 0.0, "invariant": True}
    (only,) = said(table(1, [{"text": "not negative", "bound": bound}]))
    assert "2 cells: " in only
    rows = [
        {"label": "A", "method": "m", "published": {"kl": "-", "own": "2.0"}},
        {"label": "B", "quoted": "a paper", "published": {"kl": "1.0"}},
    ]
    assert said(table_of(rows, columns={"kl": {}, "own": {"supplementary": True}})) == []


def test_a_vote_on_words_needs_five() -> None:
    rows = [{"label": "A", "method": "m", "texts": {"t": "tons"}}]
    spec = table_of(
        rows, columns={"t": {"metric": "predicted-token"}}, seeds=3,
        claims=[{"text": "it says tons", "expression": 'tok("A")[0] == "tons"'}],
    )  # fmt: skip
    assert said(spec) == [f"profile paper has 3 seeds, too few to decide 1 claim: `seeds: {WORDS}`"]


def test_at_paper_scale_every_table_has_the_seeds_that_it_needs() -> None:
    assert [str(s) for path in all_paths() for s in shortages(load(path)) if s.profile == "paper"] == []
