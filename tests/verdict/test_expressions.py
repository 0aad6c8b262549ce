"""Claims that are expressions: their parts are decided as the structured kinds are; the print is read as printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.spec.base import Profile
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.reading import NoNumberError
from repro.verdict.claims import audit, judge_claim
from repro.verdict.model import ClaimVerdict
from repro.verdict.runs import Runs
from tests.spec.drawn import agree
from tests.verdict.build import claim_of, runs_of, table_of

LOWER = 'c("A","kl") < c("B","kl")'
ROWS = {"A": {"kl": "1.0"}, "B": {"kl": "2.0"}, "C": {"kl": "-"}}
A, B = (1.0, 1.1, 0.9, 1.2, 0.8), (2.0, 2.1, 1.9, 2.25, 1.8)
PRINT = {"A": {"kl": "1.0", "nll": "2"}, "B": {"kl": "2.0", "nll": "3"}, "C": {"kl": "4.0", "nll": "5"}}


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


def numbers_of(said: ClaimVerdict) -> str:
    """The detail behind the name of its worst part, which the kinds word differently."""
    return said.detail.partition(": ")[2].partition(": ")[2]


@pytest.mark.parametrize(("text", "kind", "stated"), [
    ('c("A","kl") < c("B","kl")', "order", {"lower": ("A",), "higher": ("B",)}),
    ('max(c("A","kl"), c("B","kl")) < c("C","kl")', "order", {"lower": ("A", "B"), "higher": ("C",)}),
    ('all(c(r,"kl") > c("A","kl") for r in ["B","C"])', "order", {"lower": ("A",), "higher": ("B", "C")}),
    ('c("A","kl") <= min(col("kl", but="A"))', "best", {"row": "A"}),
    ('min(col("kl")) == c("A","kl")', "best", {"row": "A"}),
    ('c("A","kl") <= 1.3 and c("A","kl") >= 0.5', "bound", {"rows": ("A",), "at_most": 1.3, "at_least": 0.5}),
    ('c("C","kl") / c("A","kl") >= 3', "ratio", {"row": "C", "to": "A", "at_least": 3.0}),
    ('c("C","kl") >= 3 * c("A","kl")', "ratio", {"row": "C", "to": "A", "at_least": 3.0}),
    ('c("C","kl") - c("A","kl") >= 2', "gap", {"row": "C", "to": "A", "at_least": 2.0}),
    ('c("A","kl") < c("B","kl") < c("C","kl") and c("A","kl") < c("C","kl")', "ranking",
     {"rows": ("A", "B", "C"), "tau_at_least": 1.0}),
])  # fmt: skip
def test_an_expression_is_decided_as_the_structured_claim_that_says_the_same(
    text: str, kind: str, stated: dict[str, Any]
) -> None:
    """On tables of noisy numbers, some true and some false: verdict and, but for a ranking's one part, detail."""
    random = np.random.default_rng(7)
    found = []
    for _ in range(20):
        means = np.array([[1.0], [2.0], [4.0]]) * random.uniform(0.4, 2, size=(3, 1))
        x = means * (1 + 0.15 * random.normal(size=(3, 4)))
        runs = runs_of({row: {"kl": numbers} for row, numbers in zip("ABC", x, strict=True)})
        table = table_of(PRINT)
        said = judge_claim(table, claim_of(expression=text), runs, "paper")
        same = judge_claim(table, claim_of(**{kind: {"columns": ("kl",), **stated}}), runs, "paper")
        if kind == "ranking":
            assert said.verdict == same.verdict or (said.verdict, same.verdict) == ("fails", "undecided")
        else:
            assert (said.verdict, said.parts) == (same.verdict, same.parts)
            assert numbers_of(said) == numbers_of(same)
        found.append(said.verdict)
    assert len(set(found)) > 1


def test_an_equality_holds_where_it_is_exact_and_is_refuted_beyond_the_margin_alone() -> None:
    text = 'c("A","kl") == c("B","kl")'
    assert judged(text, {"A": (1.0, 1.0), "B": (1.0, 1.0)}).verdict == "holds"
    assert judged(text, {"A": A, "B": B}).verdict == "fails"
    assert judged(text, {"A": A, "B": B}, table=table_of(ROWS, margin=1.02)).verdict == "undecided"
    assert judged(text, {"A": A, "B": B}, table=table_of(ROWS, margin=2.0)).verdict == "holds"
    assert judged('c("A","kl") == 1.5', {"A": A}, table=table_of(ROWS, margin=1.0)).verdict == "holds"
    for extreme in (
        "min",
        "max",
    ):  # the smallest equals one of them: none is below it, by more than noise and no margin
        low = judged(f'{extreme}(c("A","kl"), c("B","kl")) == c("A","kl")', {"A": A, "B": B})
        assert low.verdict == ("holds" if extreme == "min" else "fails")


def test_a_difference_within_the_margin_refutes_nothing() -> None:
    for text in ('c("B","kl") < c("A","kl")', 'c("B","kl") < 1.2', 'c("B","kl") / c("A","kl") < 1.2'):
        assert judged(text, {"A": A, "B": B}).verdict == "fails"
        assert judged(text, {"A": A, "B": B}, table=table_of(ROWS, margin=0.5)).verdict == "fails"
        near = judged(text, {"A": A, "B": B}, table=table_of(ROWS, margin=1.1))
        assert (near.verdict, "margin " in near.detail) == ("undecided", True)
    exact = {"A": (1.0, 1.0), "B": (2.0, 2.0)}
    assert judged('c("B","kl") < c("A","kl")', exact).verdict == "fails"
    assert judged('c("B","kl") < c("A","kl")', exact, table=table_of(ROWS, margin=1.1)).verdict == "undecided"


def test_parts_are_counted_and_those_refuted_are_named() -> None:
    three = table_of({**ROWS, "C": {"kl": "3"}})
    said = judged('c("A","kl") < c("B","kl") and c("B","kl") < 1 and c("C","kl") < 5 and c("C","kl") < c("A","kl")',
                  {"A": A, "B": B, "C": (1.0, 9.0, 2.0, 8.0, 3.0)}, table=three)  # fmt: skip
    assert (said.verdict, said.parts, said.refuted) == ("fails", (1, 1, 2), ("B < 1, kl",))
    assert said.detail.startswith("1 of 4 parts for, 1 against, 2 undecided; worst: B < 1, kl: distance -1.01")


@pytest.mark.parametrize(("right", "open_", "verdict"), [
    (4, 1, "mostly"), (8, 2, "mostly"), (5, 0, "holds"), (3, 1, "undecided"), (7, 2, "undecided"),
])  # fmt: skip
def test_mostly_is_four_fifths_of_the_parts_and_none_refuted(right: int, open_: int, verdict: str) -> None:
    parts = [f'c("A","kl") < {2 + i}' for i in range(right)] + [f'c("A","kl") < {1 + i / 1e4}' for i in range(open_)]
    assert judged(" and ".join(parts), {"A": A}).verdict == verdict
    if open_:
        assert judged(" and ".join([*parts, 'c("A","kl") < 0']), {"A": A}).verdict == "fails"
        missing = judged(" and ".join([*parts[:-1], 'c("B","kl") > 0']), runs_of({"A": {"kl": A}, "B": {"kl": (1.0,)}}))
        assert missing.verdict == "undecided"  # a part that could not be tested is not among those left open


def test_seeds_are_paired() -> None:
    """Each seed of A is below its own of B, and above the B of others."""
    assert judged(LOWER, {"A": (1, 2, 3, 4, 5), "B": (1.5, 2.6, 3.5, 4.6, 5.5)}).verdict == "holds"
    unpaired = runs_of({"A": {"kl": (1, 2, 3, 4, 5)}})
    shifted = {s + 9: v for s, v in runs_of({"B": {"kl": (1.5, 2.6, 3.5, 4.6, 5.5)}}).values["B"].items()}
    runs = Runs({**unpaired.values, "B": shifted}, {r: {"x": dict.fromkeys(range(5), "ok")} for r in "AB"}, expected=5)
    assert judged(LOWER, runs).verdict == "undecided"


def test_a_deterministic_row_stands_beside_every_seed() -> None:
    """A - B - C with B deterministic: A and C stay paired."""
    runs = runs_of({"A": {"kl": (1, 2, 3, 4)}, "B": {"kl": (0.5,)}, "C": {"kl": (0.2, 1.25, 2.2, 3.25)}},
                   expected=4, exact=frozenset({"B"}))  # fmt: skip
    table = table_of({**ROWS, "C": {"kl": "3"}})
    assert judged('c("A","kl") - c("B","kl") - c("C","kl") > 0', runs, table=table).verdict == "holds"
    alone = runs_of({"A": {"kl": (1.0,)}, "B": {"kl": (2.0,)}}, expected=5, exact=frozenset({"A", "B"}))
    assert (judged(LOWER, alone).verdict, "exact" in judged(LOWER, alone).detail) == ("holds", True)


def test_missing_seeds_and_two_ways_of_measuring_leave_it_undecided() -> None:
    lacking = judged(LOWER, runs_of({"A": {"kl": A}, "B": {"kl": B}}, expected=6))
    assert (lacking.verdict, "A: 5 of 6 seeds have a number" in lacking.detail) == ("undecided", True)
    ways = {row: {seed: {"kl": f"kl of {row}"} for seed in range(5)} for row in "AB"}
    made = runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways)
    assert "signatures differ: kl of A | kl of B" in judged(LOWER, made).detail


def test_rows_whose_numbers_are_of_other_things_but_measured_alike_are_compared() -> None:
    ways = {row: {seed: {"kl": f"kl|split:test|of:the step of {row}"} for seed in range(5)} for row in "AB"}
    assert judged(LOWER, runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways)).verdict == "holds"
    ways["B"] = {seed: {"kl": "kl|split:valid|of:the step of A"} for seed in range(5)}
    apart = judged(LOWER, runs_of({"A": {"kl": A}, "B": {"kl": B}}, signatures=ways))
    assert "signatures differ: kl|split:test | kl|split:valid" in apart.detail


@pytest.mark.parametrize(("text", "detail"), [
    ('c("A","kl") < c("Q","kl")', "Q is quoted and never runs"),
    ('c("A","kl") > 0 and c("Q","kl") > 9', "1 of 2 parts for, 0 against, 1 undecided; Q is quoted and never runs"),
    ('c("A","kl") < c("B","kl")', "B has no number"),
    ('c("A","kl") == c("A","kl",t="seqgen/2")', "it reads another table too: other/table"),
    ('"x" in tok("Q")', "it reads printed texts, which nothing measures"),
    ('s("A","kl") < 1', "it reads deviations, which one seed does not have"),
    ("len(GROUPS) == 0", "it reads no number of the table"),
])  # fmt: skip
def test_what_never_runs_is_not_testable(text: str, detail: str) -> None:
    quoted = {"label": "Q", "quoted": "someone", "published": {"kl": "3"}, "texts": {"w": "x"}}
    rows = [{"label": row, "method": "m", "published": cells} for row, cells in ROWS.items()]
    table = table_of([*rows, quoted], columns={"kl": {}, "w": {"metric": "text"}})
    said = judged(text, {"A": A}, table=table)
    assert (said.verdict, said.detail) == ("not testable", detail)
    assert judged(f"{text} and c('A','kl') > 5", {"A": A}, table=table).verdict in ("fails", "not testable")


def test_below_its_scale_it_is_not_tested() -> None:
    said = judged(LOWER, {"A": A, "B": B}, profile="smoke", holds_from="paper")
    assert said.detail == "the claim is stated from profile paper on, this is smoke"


def test_a_claim_that_restates_the_print_is_not_held_against_runs() -> None:
    for text in ('c("A","kl") == 1.0', 'all(round(c(r,"kl"), 1) == x for r, x in [("A", 1.5)])'):
        said = judged(text, {"A": B, "B": B})
        assert said.verdict == "undecided"
        assert "; it restates printed numbers, which no run need equal" in said.detail
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
    whole = 'c("A","kl") * c("B","kl") < 3'
    vacuous = judged(whole, {"A": A, "B": B, "Untrained": A}, table=table, control=control)
    assert vacuous.control == "the control Untrained satisfies the claim too"
    fine = judged(whole, {"A": A, "B": B, "Untrained": B}, table=table, control=control)
    assert (fine.verdict, fine.control) == ("holds", "the control fails it, as it must")


def test_what_cannot_be_split_is_evaluated_on_resampled_means() -> None:
    """The product of means 1 and 2.01; a statement that is no inequality leaves others beside it alone."""
    text = 'c("A","kl") * c("B","kl") {}'
    assert judged(text.format("< 3"), {"A": A, "B": B}).verdict == "holds"
    assert judged(text.format("> 3"), {"A": A, "B": B}).verdict == "fails"
    assert judged(text.format("< 2.01"), {"A": A, "B": B}).verdict == "undecided"
    assert judged(text.format("> 1.99"), {"A": (1.0, 1.0), "B": (2.0, 2.0)}).verdict == "holds"
    beside = judged(text.format("< 3 and c('A','kl') > 5"), {"A": A, "B": B})
    assert (beside.verdict, beside.parts) == ("fails", (1, 1, 0))
    broken = judged("1 % (c('A','kl') - c('A','kl')) < 9", {"A": A, "B": B})
    assert (broken.verdict, "it cannot be evaluated: " in broken.detail) == ("undecided", True)


@pytest.mark.parametrize(("a", "b", "expected"), [
    ((1.0, 1.3, 0.7), (1.3, 2.2, 1.1), 0.051),  # t = -2.874 of -0.3, -0.9, -0.4; a normal p-value would be 0.002
    ((1.0, 1.5), (1.0, 3.5), 0.25),  # t = -1 of 0 and -2
])  # fmt: skip
def test_one_inequality_on_resampled_means_has_the_p_value_of_the_t_test(
    a: tuple[float, ...], b: tuple[float, ...], expected: float
) -> None:
    """Written so that it is not split. 1,000 draws: three standard errors of a share p are 0.095 sqrt(p (1 - p))."""
    split, whole = (
        judged(text, {"A": a, "B": b}).detail for text in (LOWER, 'sorted([c("A","kl") - c("B","kl")])[0] < 0')
    )
    assert float(split.split("p = ")[1].split(";")[0]) == pytest.approx(expected, abs=0.0005)
    true = int(whole.split(" in 1000")[0].split()[-1])
    assert 1 - true / 1000 == pytest.approx(expected, abs=0.095 * (expected * (1 - expected)) ** 0.5)


@pytest.mark.parametrize(("text", "in_print", "detail"), [
    (LOWER, "holds", "true in 1 comparisons"),
    ('all(c(r,"kl") > 1 for r in ["B","A"])', "fails", "fails in 1 of 2: A > 1, kl"),
    ('all(c(r,"kl") > 1 for r in ["A"])', "fails", """fails in c(r,"kl") > 1 for r = 'A': 1 > 1"""),
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


def test_the_claims_of_all_tables_are_the_conjunctions_of_their_parts() -> None:
    """In print, and on draws of numbers within 2 and 0.2 % of it, where many comparisons turn."""
    looked = 0
    for path in sorted(Path("tables").glob("*/*.yaml")):
        table = load(path) if path.name != "configurations.yaml" else None
        for claim in table.claims if table else ():
            for seed, spread in ((0, 0.0), (1, 0.02), (2, 0.002)):
                if table is None or claim.expression is None or (spread and "round" in claim.expression):
                    continue  # beside a rounded number a bound may lie between two points of its grid
                try:
                    assert agree(table, claim.expression, seed, spread), (table.id, claim.text, seed)
                except NoNumberError:
                    continue
                looked += 1
    assert looked > 200


TWO = {"A": {"kl": "1.0", "nll": "2"}, "B": {"kl": "2.0", "nll": "3"}, "C": {"kl": "4.0", "nll": "5"}}


@pytest.mark.parametrize("text", [
    f'{LOWER} or len(col("kl")) == 3',
    'max(col("kl")) >= c("A","kl")',
])  # fmt: skip
def test_what_is_true_whatever_the_runs_give_is_no_claim_about_them(text: str) -> None:
    said = judged(text, {"A": B, "B": A, "C": B}, table=table_of(TWO))
    assert (said.verdict, said.detail) == ("not testable", "it is true whatever the runs give")


def test_a_division_by_a_cell_of_zero_is_no_number_and_no_crash() -> None:
    ratios = 'c("A","kl") / c("B","kl") > c("A","nll") / c("B","nll")'
    zero = {"A": {"kl": A, "nll": A}, "B": {"kl": (0.0,) * 5, "nll": B}, "C": {"kl": B, "nll": B}}
    assert judged(ratios, runs_of(zero), table=table_of(TWO)).verdict in ("undecided", "not testable")
    printed = {**TWO, "B": {"kl": "0.0", "nll": "3"}}
    said = judged(f'c("A","kl") > 5 and {ratios}', runs_of(zero), table=table_of(printed))
    assert said.in_print != "holds"


def test_a_count_against_a_count_is_decided_as_a_whole() -> None:
    def fewer(row: str) -> str:
        return f'sum(c("{row}",k) < c("B",k) for k in ["kl","nll"])'

    runs = runs_of({"A": {"kl": A, "nll": A}, "B": {"kl": B, "nll": B}, "C": {"kl": (4.0,) * 5, "nll": (5.0,) * 5}})
    assert judged(f"{fewer('A')} > {fewer('C')}", runs, table=table_of(TWO)).verdict == "holds"


def test_a_rounded_number_against_a_bound_between_two_is_decided_by_what_it_rounds_to() -> None:
    """0.7 rounds to 1, which is above 0.4, though 0.7 is not above 0.4 and a half."""
    low = tuple(value - 0.3 for value in (0.98, 1.02, 1.0, 1.01, 0.99))
    assert judged('round(c("A","kl")) > 0.4', {"A": low, "B": B, "C": B}, table=table_of(TWO)).verdict == "holds"


def test_the_largest_over_a_negative_number_is_not_taken_for_the_largest_of_quotients() -> None:
    """max(1, 4) / -1 is -4, below 1/2 - 3; the larger of -1 and -4 would be above it."""
    runs = runs_of({"A": {"kl": A, "nll": A}, "B": {"kl": (4.0, 4.1, 3.9, 4.05, 3.95), "nll": B},
                    "C": {"kl": (-1.0, -1.1, -0.9, -1.05, -0.95), "nll": B}})  # fmt: skip
    said = judged('max(c("A","kl"), c("B","kl")) / c("C","kl") > c("A","nll") / c("B","nll") - 3', runs,
                  table=table_of(TWO))  # fmt: skip
    assert said.verdict == "fails"
