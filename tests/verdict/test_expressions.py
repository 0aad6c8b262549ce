"""Claims that are expressions: seeds vote, what never runs is not testable, and the print is read as printed."""

from __future__ import annotations

from typing import Any

import pytest

from repro.spec.base import Profile
from repro.spec.model import Table
from repro.verdict.claims import audit, judge_claim
from repro.verdict.model import ClaimVerdict
from repro.verdict.runs import Runs
from tests.verdict.build import claim_of, runs_of, table_of

LOWER = 'c("A","kl") < c("B","kl")'
ROWS = {"A": {"kl": "1.0"}, "B": {"kl": "2.0"}, "C": {"kl": "-"}}
A, B = (1.0, 1.1, 0.9, 1.2, 0.8), (2.0, 2.1, 1.9, 2.2, 1.8)
FIVE = "true of 5 of 5 seeds, sign test p = 0.031"


def library(name: str) -> Table:
    if name != "seqgen/2":
        raise ValueError(f"unknown table {name!r}")
    return table_of({"A": {"kl": "1.0"}}).model_copy(update={"id": "other/table"})


def judged(
    text: str,
    runs: Runs | dict[str, Any],
    *,
    table: Table | None = None,
    profile: Profile = "paper",
    **claim: Any,
) -> ClaimVerdict:
    made = runs if isinstance(runs, Runs) else runs_of({row: {"kl": values} for row, values in runs.items()})
    return judge_claim(table or table_of(ROWS), claim_of(expression=text, **claim), made, profile, library)


@pytest.mark.parametrize(("runs", "verdict", "detail"), [
    ({"A": A, "B": B}, "holds", FIVE),
    ({"A": B, "B": A}, "fails", "true of 0 of 5 seeds, sign test p = 0.031"),
    ({"A": A, "B": (*B[:4], 0.1)}, "undecided", "true of 4 of 5 seeds; five seeds that agree decide it"),
    ({"A": A[:4], "B": B[:4]}, "undecided", "true of 4 of 4 seeds; five seeds that agree decide it"),
    ({"A": A[:1], "B": B[:1]}, "undecided", "true of 1 of 1 seed; five seeds that agree decide it"),
    ({"A": (1.0, 1.0), "B": (2.0, 2.0)}, "holds", "compared exactly"),
    ({"A": (2.0, 2.0), "B": (2.0, 2.0)}, "fails", "compared exactly"),
    ({"A": A}, "not testable", "B has no number"),
])  # fmt: skip
def test_seeds_vote(runs: dict[str, Any], verdict: str, detail: str) -> None:
    said = judged(LOWER, runs)
    assert (said.kind, said.verdict, said.detail) == ("expression", verdict, detail)


def test_seeds_are_paired() -> None:
    """Each seed of A is below its own of B, and above the B of others."""
    assert judged(LOWER, {"A": (1, 2, 3, 4, 5), "B": (1.5, 2.5, 3.5, 4.5, 5.5)}).verdict == "holds"
    unpaired = runs_of({"A": {"kl": A}})
    shifted = {seed + 9: numbers for seed, numbers in runs_of({"B": {"kl": B}}).values["B"].items()}
    runs = Runs({**unpaired.values, "B": shifted}, {r: {"x": dict.fromkeys(range(5), "ok")} for r in "AB"}, expected=5)
    assert judged(LOWER, runs).detail == "its rows have no seed in common"


def test_a_deterministic_row_stands_beside_every_seed() -> None:
    runs = runs_of({"A": {"kl": A}, "B": {"kl": (2.0,)}}, expected=5, exact=frozenset({"B"}))
    assert judged(LOWER, runs).detail == FIVE
    alone = runs_of({"A": {"kl": (1.0,)}, "B": {"kl": (2.0,)}}, expected=5, exact=frozenset({"A", "B"}))
    assert (judged(LOWER, alone).verdict, judged(LOWER, alone).detail) == ("holds", "compared exactly")


def test_missing_seeds_and_two_ways_of_measuring_leave_it_undecided() -> None:
    assert judged(LOWER, runs_of({"A": {"kl": A}, "B": {"kl": B}}, expected=6)).detail == (
        "A: 5 of 6 seeds have a number"
    )
    ways = {row: {seed: {"kl": f"kl of {row}"} for seed in range(5)} for row in "AB"}
    made = runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways)
    assert judged(LOWER, made).detail == "signatures differ: kl of A | kl of B"
    apart = judged("1 / (c('A','kl') - 1) < 9 or c('B','kl') < 0", {"A": A, "B": B})
    assert (apart.verdict, apart.detail) == ("undecided", "seed 0: division by zero")


def test_rows_whose_numbers_are_of_other_things_but_measured_alike_are_compared() -> None:
    ways = {row: {seed: {"kl": f"kl|split:test|of:the step of {row}"} for seed in range(5)} for row in "AB"}
    made = runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways)
    assert judged(LOWER, made).detail == FIVE
    ways["B"] = {seed: {"kl": "kl|split:valid|of:the step of A"} for seed in range(5)}
    apart = judged(LOWER, runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways))
    assert apart.detail == "signatures differ: kl|split:test | kl|split:valid"


@pytest.mark.parametrize(("text", "detail"), [
    ('c("A","kl") < c("Q","kl")', "Q is quoted and never runs"),
    ('c("A","kl") > 9 and c("Q","kl") > 9', "Q is quoted and never runs"),  # also where it would not be looked at
    ('c("A","kl") == c("A","kl",t="seqgen/2")', "it reads another table too: other/table"),
    ('"x" in tok("Q")', "it reads printed texts, which nothing measures"),
    ('s("A","kl") < 1', "it reads deviations, which one seed does not have"),
    ("len(GROUPS) == 0", "it reads no number of the table"),
])  # fmt: skip
def test_what_never_runs_is_not_testable(text: str, detail: str) -> None:
    quoted = {"label": "Q", "quoted": "someone", "published": {"kl": "3"}, "texts": {"w": "x"}}
    rows = [{"label": row, "method": "m", "published": cells} for row, cells in ROWS.items()]
    table = table_of([*rows, quoted], columns={"kl": {}, "w": {"metric": "text"}})
    said = judged(text, {"A": A, "B": B}, table=table)
    assert (said.verdict, said.detail) == ("not testable", detail)


def test_below_its_scale_it_is_not_tested() -> None:
    said = judged(LOWER, {"A": A, "B": B}, profile="smoke", holds_from="paper")
    assert said.detail == "the claim is stated from profile paper on, this is smoke"


def test_a_claim_that_restates_the_print_is_not_held_against_runs() -> None:
    for text in ('c("A","kl") == 1.0', 'all(round(c(r,"kl"), 1) == x for r, x in [("A", 1.5)])'):
        said = judged(text, {"A": B, "B": B})
        assert said.verdict == "undecided"
        assert said.detail.endswith("; it restates printed numbers, which no run need equal")
    assert judged('min(col("kl")) == c("A","kl")', {"A": A, "B": B}).verdict == "holds"
    assert judged('min(col("kl")) == c("A","kl")', {"A": B, "B": A}).verdict == "fails"
    assert judged('len(col("kl")) == 2 and c("A","kl") < 0', {"A": A, "B": B}).verdict == "fails"


def test_a_control_that_satisfies_it_too_makes_it_vacuous() -> None:
    rows = [{"label": row, "method": "m", "published": cells} for row, cells in ROWS.items()]
    table = table_of([*rows, {"label": "Untrained", "method": "m", "control": True}])
    control = {"replace": "A", "by": "Untrained"}
    vacuous = judged(LOWER, {"A": A, "B": B, "Untrained": A}, table=table, control=control)
    assert (vacuous.verdict, vacuous.control) == ("undecided", "the control Untrained satisfies the claim too")
    fine = judged(LOWER, {"A": A, "B": A[::-1], "Untrained": tuple(x + 1 for x in B)}, table=table, control=control)
    assert fine.control == "the control fails it, as it must"
    unrun = judged(LOWER, {"A": A, "B": B}, table=table, control=control)
    assert (unrun.verdict, "was not measured" in (unrun.control or "")) == ("holds", True)


@pytest.mark.parametrize(("text", "in_print", "detail"), [
    (LOWER, "holds", "true in 1 comparisons"),
    ('all(c(r,"kl") > 1 for r in ["B","A"])', "fails", """fails in c(r,"kl") > 1 for r = 'A': 1 > 1"""),
    ('c("A","kl") < c("C","kl")', None, "not printed: C has no number in column kl"),
    ('c("A","kl") > 1 and c("C","kl") > 1', "fails", 'fails in c("A","kl") > 1: 1 > 1'),
    ('1 / (c("A","kl") - 1) > 0', None, "it has no value: division by zero"),
    ('not c("A","kl") == 1', "fails", "false"),
    ('c("A","kl",t="seqgen/2") == c("A","kl")', "holds", "true in 1 comparisons"),
])  # fmt: skip
def test_the_print_is_read_and_what_decides_is_shown(text: str, in_print: str | None, detail: str) -> None:
    table = table_of(ROWS, claims=[{"text": "a claim", "expression": text}])
    said = audit(table, library)[0]
    assert (said.in_print, said.in_print_detail, said.verdict) == (in_print, detail, "not testable")


def test_the_print_is_read_uncorrected() -> None:
    slip = {"value": "1.0", "corrected": {"value": "9.0", "why": "the text says nine"}}
    table = table_of({"A": {"kl": slip}}, claims=[{"text": "a claim", "expression": 'c("A","kl") == 1'}])
    assert audit(table, library)[0].in_print == "holds"


def test_noise_is_seldom_said_to_hold() -> None:
    """Two equal rows: 2000 tables of five seeds; true of all with probability 1/32, + 3 standard errors of 0.4 %."""
    import numpy as np

    random = np.random.default_rng(3)
    draws = random.normal(size=(2000, 2, 5))
    found = [judged(LOWER, {"A": a, "B": b}).verdict for a, b in draws.tolist()]
    assert found.count("holds") / 2000 <= 1 / 32 + 0.012
    assert found.count("fails") / 2000 <= 1 / 32 + 0.012
