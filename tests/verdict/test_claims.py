"""Every kind of claim: where it holds, fails, stays undecided or is not testable, and what the print says of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from repro.spec.base import Profile
from repro.verdict.claims import audit, judge_claim
from repro.verdict.decision import Part
from repro.verdict.model import ClaimVerdict, TableVerdict
from repro.verdict.on_runs import decide
from repro.verdict.table import judge
from tests.verdict.build import claim_of, record_of, runs_of, table_of

PRINT = {"A": "1.0", "B": "2.0", "C": "4.0"}
LOW, MIDDLE, HIGH = (1.0, 1.1, 0.9, 1.05), (2.0, 2.2, 1.9, 2.05), (4.0, 4.1, 3.9, 4.2)
CLEAR = {"A": LOW, "B": MIDDLE, "C": HIGH}
NOISE = {"A": (1.0, 2.0, 3.0, 1.5), "B": (2.0, 1.4, 3.2, 1.2), "C": (1.1, 2.6, 2.9, 1.6)}
ROWS = ("A", "B", "C")

# kind, what is claimed (true of CLEAR and of PRINT), and the same turned round
KINDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("order", {"lower": ("A",), "higher": ("B", "C")}, {"lower": ("C",), "higher": ("A", "B")}),
    ("best", {"row": "A"}, {"row": "C"}),
    ("bound", {"rows": ("A",), "at_most": 1.3}, {"rows": ("A",), "at_least": 1.3}),
    ("ratio", {"row": "C", "to": "A", "at_least": 3.0}, {"row": "C", "to": "A", "at_most": 3.0}),
    ("gap", {"row": "C", "to": "A", "at_least": 2.0}, {"row": "C", "to": "A", "at_most": 2.0}),
    ("ranking", {"rows": ROWS, "tau_at_least": 0.9}, {"rows": ROWS[::-1], "tau_at_least": 0.9}),
    ("trend", {"rows": ROWS, "direction": "increasing"}, {"rows": ROWS, "direction": "decreasing"}),
]
each_kind = pytest.mark.parametrize(("kind", "true", "turned"), KINDS, ids=[kind for kind, _, _ in KINDS])


def judged(
    values: dict[str, Any],
    kind: str,
    stated: dict[str, Any],
    *,
    printed: dict[str, str] | None = None,
    profile: Profile = "paper",
    spec: Any = None,
    params: Any = None,
    **claim: Any,
) -> ClaimVerdict:
    """The verdict of one claim about column `kl` of rows A, B, C."""
    table = spec or table_of({row: {"kl": value} for row, value in (printed or PRINT).items()})
    runs = runs_of({row: {"kl": numbers} for row, numbers in values.items()}, params=params)
    return judge_claim(table, claim_of(**{kind: {"columns": ("kl",), **stated}}, **claim), runs, profile)


@each_kind
def test_a_clear_difference_makes_a_claim_hold_and_its_opposite_fail(kind: str, true: Any, turned: Any) -> None:
    assert judged(CLEAR, kind, true).verdict == "holds"
    assert judged(CLEAR, kind, turned).verdict == "fails"


@each_kind
def test_noise_decides_nothing_and_says_so(kind: str, true: Any, turned: Any) -> None:
    near = {"at_most": 1.9} if kind == "bound" else {"at_least": 1.0} if kind == "ratio" else {"at_least": 0.0}
    stated = {**true, **near} if kind in ("bound", "ratio", "gap") else true
    verdict = judged(NOISE, kind, stated)
    assert verdict.verdict == "undecided"
    assert "undecided; worst: " in verdict.detail
    assert "seeds would decide it" in verdict.detail or "more than 1000 seeds" in verdict.detail


@each_kind
def test_one_seed_decides_nothing(kind: str, true: Any, turned: Any) -> None:
    for stated in (true, turned):
        verdict = judged({row: numbers[:1] for row, numbers in CLEAR.items()}, kind, stated)
        assert verdict.verdict == "undecided"
        assert "has one seed" in verdict.detail


@each_kind
def test_below_its_scale_or_without_runs_a_claim_is_not_testable(kind: str, true: Any, turned: Any) -> None:
    below = judged(CLEAR, kind, true, profile="laptop", holds_from="paper")
    assert below.verdict == "not testable"
    assert below.detail == "the claim is stated from profile paper on, this is laptop"
    assert below.in_print == "holds"
    assert judged({}, kind, true).verdict == "not testable"


@each_kind
def test_the_print_is_read_by_plain_comparison(kind: str, true: Any, turned: Any) -> None:
    assert judged({}, kind, true).in_print == "holds"
    against = judged({}, kind, turned)
    assert against.in_print == "fails"
    assert against.in_print_detail.startswith("fails in ")
    assert judged({}, kind, true, printed={**PRINT, "A": "-"}).in_print is None


@each_kind
def test_deterministic_rows_are_compared_exactly(kind: str, true: Any, turned: Any) -> None:
    same = {row: (float(value),) * 2 for row, value in PRINT.items()}
    assert judged(same, kind, true).verdict == "holds"
    assert judged(same, kind, turned).verdict == "fails"
    assert "exact" in judged(same, kind, true).detail or kind == "ranking"


@each_kind
def test_a_control_that_satisfies_the_claim_makes_it_vacuous(kind: str, true: Any, turned: Any) -> None:
    """The control has the numbers of the row that it replaces; then those of a row that cannot satisfy the claim."""
    replace = {"ratio": "C", "gap": "C", "trend": "C", "ranking": "C"}.get(kind, "A")
    rows = [{"label": row, "published": {"kl": value}, "method": "m"} for row, value in PRINT.items()]
    spec = table_of([*rows, {"label": "untrained", "method": "m", "control": True}])
    control = {"replace": replace, "by": "untrained"}
    vacuous = judged({**CLEAR, "untrained": CLEAR[replace]}, kind, true, spec=spec, control=control)
    assert vacuous.verdict == "undecided"
    assert vacuous.control == "the control untrained satisfies the claim too"
    assert vacuous.detail.startswith("vacuous: ")
    other = (9.0, 9.1, 8.9, 9.2) if replace == "A" else (0.5, 0.6, 0.4, 0.55)
    fine = judged({**CLEAR, "untrained": other}, kind, true, spec=spec, control=control)
    assert (fine.verdict, fine.control) == ("holds", "the control fails it, as it must")
    unrun = judged(CLEAR, kind, true, spec=spec, control=control)
    assert unrun.verdict == "holds"
    assert "was not measured" in (unrun.control or "")


def test_a_conjunction_counts_its_parts_and_names_the_worst() -> None:
    stated = {"lower": ("A", "B"), "higher": ("C",)}
    detail = judged(CLEAR, "order", stated).detail
    assert detail.startswith("2 of 2 parts for, 0 against, 0 undecided; weakest: B < C, kl: distance +")
    mixed = judged({**CLEAR, "B": NOISE["B"], "A": HIGH[::-1]}, "order", stated)
    assert "worst: A < C, kl" in mixed.detail


def test_one_part_decided_against_fails_the_claim_only_after_holms_correction() -> None:
    weak = Part("weak", p_for=0.97, p_against=0.03, numbers="n", leaning=-1)
    sure = Part("sure", p_for=0.001, p_against=0.999, numbers="n", leaning=1)
    assert decide([weak]).verdict == "fails"
    assert decide([weak, sure]).verdict == "undecided"
    assert decide([sure, sure]).verdict == "holds"


def test_a_false_conjunction_is_said_to_hold_in_at_most_5_percent() -> None:
    """Two rows equal (the claim is false), all else clear: 1,000 tables, 5 % + 3 standard errors of 0.7 %."""
    random = np.random.default_rng(5)
    table = table_of({row: {"kl": value} for row, value in PRINT.items()})
    claim = claim_of(order={"columns": ("kl",), "lower": ("A", "B"), "higher": ("C",)})
    verdicts = []
    for _ in range(1000):
        x = random.normal(size=(3, 5)) + np.array([[0.0], [9.0], [9.0]])
        runs = runs_of({row: {"kl": x[i]} for i, row in enumerate(ROWS)})
        verdicts.append(judge_claim(table, claim, runs, "paper").verdict)
    assert verdicts.count("holds") / 1000 <= 0.05 + 0.021
    assert verdicts.count("fails") / 1000 <= 0.05 + 0.021


def test_an_order_is_strict_and_a_tie_for_the_first_place_is_best() -> None:
    tied = {"A": (1.0, 1.0), "B": (1.0, 1.0), "C": (4.0, 4.0)}
    printed = {"A": "1.0", "B": "1.0", "C": "4.0"}
    order = judged(tied, "order", {"lower": ("A",), "higher": ("B",)}, printed=printed)
    best = judged(tied, "best", {"row": "A"}, printed=printed)
    assert (order.verdict, order.in_print) == ("fails", "fails")
    assert (best.verdict, best.in_print) == ("holds", "holds")


def test_best_follows_the_better_side_of_its_column() -> None:
    spec = table_of({row: {"kl": v} for row, v in PRINT.items()}, columns={"kl": {"better": "higher"}})
    best = judged(CLEAR, "best", {"row": "C"}, spec=spec)
    assert (best.verdict, best.in_print) == ("holds", "holds")
    neither = table_of({row: {"kl": v} for row, v in PRINT.items()}, columns={"kl": {"better": None}})
    assert judged(CLEAR, "best", {"row": "C"}, spec=neither).verdict == "not testable"


def test_seeds_shared_by_the_rows_are_paired() -> None:
    """A difference of 0.1 under a spread of 10 shared by both rows: only the pairs show it."""
    shared = {"A": (1.0, 10.01, 20.0), "B": (1.1, 10.1, 20.11), "C": HIGH[:3]}
    stated = {"lower": ("A",), "higher": ("B",)}
    assert judged(shared, "order", stated).verdict == "holds"
    table = table_of({row: {"kl": v} for row, v in PRINT.items()}, seeds=3)
    records = [record_of("A", s, measured={"kl": v}) for s, v in enumerate(shared["A"])]
    records += [record_of("B", s + 7, measured={"kl": v}) for s, v in enumerate(shared["B"])]
    spec = table.model_copy(update={"claims": (claim_of(order={"columns": ("kl",), **stated}),)})
    assert judge(spec, records, "paper").claims[0].verdict == "undecided"


@pytest.mark.parametrize("profile", ["smoke", "laptop", "paper"])
def test_an_invariant_is_judged_on_every_single_run_at_any_scale(profile: Profile) -> None:
    stated = {"rows": ("A", "B"), "at_least": 0.0, "invariant": True}
    fine = judged({"A": (0.1,), "B": (0.0,)}, "bound", stated, profile=profile, holds_from="paper")
    assert fine.verdict == "holds"
    broken = judged({"A": (0.1, 0.2, -0.3), "B": (5.0, 5.0, 5.0)}, "bound", stated, profile=profile, holds_from="paper")
    assert broken.verdict == "fails"
    assert "1 of 3 runs break it: -0.3 (seed 2)" in broken.detail


def test_a_bound_by_a_parameter_takes_the_parameter_that_the_run_had() -> None:
    row = {"label": "A", "published": {"kl": "400"}, "method": "m", "params": {"size": 400}}
    spec = table_of([row])
    stated = {"rows": ("A",), "at_most": {"param": "size", "plus": 1.0}, "invariant": True}
    small = judged({"A": (9.0,)}, "bound", stated, spec=spec, params={"A": {"size": 8}}, profile="smoke")
    assert (small.verdict, small.in_print) == ("holds", "holds")
    assert judged({"A": (9.5,)}, "bound", stated, spec=spec, params={"A": {"size": 8}}).verdict == "fails"
    unknown = judged({"A": (9.5,)}, "bound", stated, spec=spec)
    assert (unknown.verdict, "has no parameter size" in unknown.detail) == ("undecided", True)


def test_a_ratio_of_numbers_that_are_not_positive_is_undecided() -> None:
    verdict = judged({**CLEAR, "A": (-1.0, 0.2, 0.1, 0.3)}, "ratio", {"row": "C", "to": "A", "at_least": 2.0})
    assert verdict.verdict == "undecided"
    assert "a ratio needs positive values" in verdict.detail


def test_a_gap_in_print_is_decimal_arithmetic() -> None:
    """65.8 - 61.45 is 4.35 on paper, and 4.3499999999999943 in binary."""
    printed = {"A": "61.45", "B": "65.8", "C": "1"}
    assert judged({}, "gap", {"row": "B", "to": "A", "at_least": 4.35}, printed=printed).in_print == "holds"
    assert judged({}, "gap", {"row": "B", "to": "A", "at_least": 4.351}, printed=printed).in_print == "fails"


def test_a_ranking_forgives_as_many_pairs_as_its_tau_allows() -> None:
    """Three rows: tau 1/3 needs two of three pairs; here B and C are exchanged."""
    exchanged = {"A": LOW, "B": HIGH, "C": MIDDLE}
    printed = {"A": "1.0", "B": "4.0", "C": "2.0"}
    loose = judged(exchanged, "ranking", {"rows": ROWS, "tau_at_least": 0.33}, printed=printed)
    strict = judged(exchanged, "ranking", {"rows": ROWS, "tau_at_least": 0.34}, printed=printed)
    assert (loose.verdict, loose.in_print) == ("holds", "holds")
    assert (strict.verdict, strict.in_print) == ("fails", "fails")


def test_a_trend_with_one_step_back_fails_although_its_slope_is_right() -> None:
    dented = {"A": LOW, "B": (0.5, 0.6, 0.45, 0.5), "C": HIGH}
    assert judged(dented, "trend", {"rows": ROWS, "direction": "increasing"}).verdict == "fails"


def grouped() -> list[dict[str, Any]]:
    return [
        {"label": label, "group": group, "published": {"kl": value}, "method": "m"}
        for group, (a, b) in {"g1": ("1", "2"), "g2": ("2", "1")}.items()
        for label, value in (("A", a), ("B", b))
    ]


def test_a_claim_is_read_in_every_group_or_in_those_it_names() -> None:
    groups = {"g1": {"label": "First"}, "g2": {"label": "Second"}}
    stated = {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}
    claims = [{"text": "all", "order": stated}, {"text": "one", "order": {**stated, "groups": ("g1",)}}]
    everywhere, first = audit(table_of(grouped(), groups=groups, claims=claims))
    assert everywhere.in_print == "fails"
    assert everywhere.in_print_detail == "fails in 1 of 2: A < B, kl, Second (B 1.0, A 2.0)"
    assert (first.in_print, first.verdict) == ("holds", "not testable")


def test_a_claim_about_a_row_that_does_not_exist_is_an_error() -> None:
    claims = [{"text": "odd", "order": {"columns": ("kl",), "lower": ("Z",), "higher": ("B",)}}]
    with pytest.raises(ValueError, match=r"the claim 'odd' names rows that are not there: \['Z'\]"):
        audit(table_of(grouped(), claims=claims))


def test_the_print_is_audited_as_it_stands_and_not_as_corrected() -> None:
    rows: dict[str, dict[str, Any]] = {
        "A": {"kl": {"value": "3.0", "corrected": {"value": "1.0", "why": "two cells exchanged"}}},
        "B": {"kl": "2.0"},
    }
    claims = [{"text": "c", "order": {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}}]
    assert audit(table_of(rows, claims=claims))[0].in_print == "fails"


def test_a_partial_row_or_two_signatures_leave_a_claim_undecided() -> None:
    claims = [{"text": "c", "order": {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}}]
    table = table_of({"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, seeds=4, claims=claims)
    records = [record_of("A", s, measured={"kl": v}) for s, v in enumerate(LOW)]
    others = [record_of("B", s, measured={"kl": v}) for s, v in enumerate(MIDDLE)]
    assert judge(table, [*records, *others], "paper").claims[0].verdict == "holds"
    failed = judge(table, [*records, *others[:3], record_of("B", 3, status="diverged")], "paper").claims[0]
    assert (failed.verdict, "B: 3 of 4 seeds have a number (diverged)" in failed.detail) == ("undecided", True)
    others = [record_of("B", s, measured={"kl": (v, "kl v2")}) for s, v in enumerate(MIDDLE)]
    assert "signatures differ" in judge(table, [*records, *others], "paper").claims[0].detail


def test_rows_that_differ_in_what_their_numbers_are_of_are_compared_and_a_cell_of_two_such_kinds_is_not_judged() -> (
    None
):
    claims = [{"text": "c", "order": {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}}]
    table = table_of({"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, seeds=4, claims=claims)
    records = [record_of("A", s, measured={"kl": (v, "kl|of:the model")}) for s, v in enumerate(LOW)]
    others = [record_of("B", s, measured={"kl": (v, "kl|of:a cache")}) for s, v in enumerate(MIDDLE)]
    assert judge(table, [*records, *others], "paper").claims[0].verdict == "holds"
    mixed = [*others[:3], record_of("B", 3, measured={"kl": (MIDDLE[3], "kl|of:the model")})]
    assert judge(table, [*records, *mixed], "paper").cells[("B", "kl")].status == "not comparable"


def test_a_quoted_row_never_runs_so_a_claim_about_it_alone_is_not_testable() -> None:
    rows = [
        {"label": "A", "published": {"kl": "1.0"}, "method": "m"},
        {"label": "B", "published": {"kl": "2.0"}, "quoted": "Another paper"},
    ]
    verdict = judged({"A": LOW}, "order", {"lower": ("A",), "higher": ("B",)}, spec=table_of(rows))
    assert (verdict.verdict, verdict.detail) == ("not testable", "B is quoted and never runs")
    assert verdict.in_print == "holds"


def test_shares_at_the_end_of_the_scale_need_more_than_a_tie_of_their_widths() -> None:
    """A share of 100 % in each of 2 runs: the Wilson interval of 2 of 2 begins at 42.5 %, that of 2000 at 99.9 %."""
    values = {"A": (100.0, 100.0)}
    stated = {"rows": ("A",), "at_least": 95.0}
    for items, verdict in ((None, "undecided"), (1000, "holds")):
        spec = table_of({"A": {"kl": "100"}}, columns={"kl": {"unit": "%", "items": items}})
        assert judged(values, "bound", stated, spec=spec).verdict == verdict


def test_a_profile_equal_to_the_papers_reaches_the_papers_scale() -> None:
    spec = table_of({row: {"kl": v} for row, v in PRINT.items()}, equal_to_paper=True)
    stated = {"lower": ("A",), "higher": ("B",)}
    assert judged(CLEAR, "order", stated, spec=spec, profile="laptop", holds_from="paper").verdict == "holds"


def test_a_verdict_goes_through_json_unchanged() -> None:
    claims = [{"text": "c", "order": {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}}]
    table = table_of({"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, margin=0.1, seeds=4, claims=claims)
    records = [record_of("A", s, measured={"kl": v}) for s, v in enumerate(LOW)]
    verdict = judge(table, records, "paper")
    assert any(cell.prediction for cell in verdict.cells.values())
    assert TableVerdict.from_json(json.loads(json.dumps(verdict.as_json()))) == verdict


@pytest.mark.parametrize(("stated", "verdict"), [
    ({"row": "B", "to": "A", "at_least": 1.5}, "holds"),
    ({"row": "B", "to": "A", "at_least": 5.0}, "undecided"),
    ({"row": "B", "to": "A", "at_most": 5.0}, "undecided"),
    ({"row": "B", "to": "A", "at_most": 1.5}, "fails"),
    ({"row": "A", "to": "B", "at_most": 0.7}, "holds"),
    ({"row": "A", "to": "B", "at_least": 0.1}, "undecided"),
    ({"row": "A", "to": "C", "at_least": 0.5}, "fails"),
])  # fmt: skip
def test_a_ratio_to_an_upper_bound_may_hold_and_never_fails(stated: dict[str, Any], verdict: str) -> None:
    """A is at the floor of its metric, its true value anything below: B / A is at least what it seems."""
    table = table_of({row: {"kl": value} for row, value in PRINT.items()})
    ways = {row: {seed: {"kl": "kl|floor:1"} for seed in range(4)} for row in ROWS}
    runs = runs_of({"A": {"kl": (1.0,) * 4}, "B": {"kl": MIDDLE}, "C": {"kl": HIGH}}, signatures=ways)
    said = judge_claim(table, claim_of(ratio={"columns": ("kl",), **stated}), runs, "paper")
    assert said.verdict == verdict
    assert "A at the floor of the metric, an upper bound" in said.detail
    gap = {"row": "B", "to": "A", "columns": ("kl",)}
    assert judge_claim(table, claim_of(gap={**gap, "at_least": 0.5}), runs, "paper").verdict == "holds"
    assert judge_claim(table, claim_of(gap={**gap, "at_least": 4.0}), runs, "paper").verdict == "undecided"


@pytest.mark.parametrize(("kind", "stated", "ratio"), [
    ("order", {"lower": ("A",), "higher": ("B",)}, {"row": "B", "to": "A", "at_least": 1.0}),
    ("ranking", {"rows": ("A", "B"), "tau_at_least": 1.0}, {"row": "B", "to": "A", "at_least": 1.0}),
])  # fmt: skip
def test_numbers_on_a_logarithmic_scale_are_compared_as_ratios(
    kind: str, stated: dict[str, Any], ratio: dict[str, Any]
) -> None:
    """Noise that grows with the number: by differences the two are not told apart, by ratios they are."""
    values = {"A": (1.0, 0.5, 2.0, 0.7), "B": (9.0, 4.0, 24.0, 5.0), "C": HIGH}
    logs = table_of({row: {"kl": v} for row, v in PRINT.items()}, columns={"kl": {"scale": "log"}})
    said = judged(values, kind, stated, spec=logs)
    assert said.verdict == judged(values, "ratio", ratio).verdict == "holds"
    assert judged(values, kind, stated).verdict == "undecided"
    assert judged({**values, "A": (1.0, -0.5, 2.0, 0.7)}, kind, stated, spec=logs).verdict == "undecided"


def test_a_bound_and_a_factor_on_a_logarithmic_scale_are_by_logarithms_and_a_gap_is_not() -> None:
    """By hand: logs of (1, 2, 4, 8) have the mean log 2.83 and the deviation 0.895 (ln 2 times 1.29)."""
    logs = table_of({row: {"kl": v} for row, v in PRINT.items()}, columns={"kl": {"scale": "log"}})
    values = {"A": (1.0, 2.0, 4.0, 8.0), "B": MIDDLE, "C": HIGH}
    said = judged(values, "bound", {"rows": ("A",), "at_most": 10.0}, spec=logs)
    assert (said.verdict, "log distance +1.263, sd 0.895" in said.detail) == ("holds", True)
    assert "log distance -1.04" in judged(values, "bound", {"rows": ("A",), "at_least": 8.0}, spec=logs).detail
    gap = judged(values, "gap", {"row": "C", "to": "B", "at_least": 1.0}, spec=logs)
    assert (gap.verdict, "log" in gap.detail) == ("holds", False)
    plus = {"expression": 'c("A","kl") + c("B","kl") > 0'}
    half = {"A": (0.5, 0.6, 0.4), "B": (0.5, 0.4, 0.45)}  # their product is below 1, their sum above 0
    said = judge_claim(logs, claim_of(**plus), runs_of({row: {"kl": v} for row, v in half.items()}), "paper")
    assert said.verdict == "holds"
