"""A claim at reduced scale is judged where the control, twice the training, gives the same verdict."""

from __future__ import annotations

from typing import Any

import pytest

from repro.spec.configuration import configurations
from repro.verdict.table import judge
from tests.verdict.build import claim_of, record_of, table_of

LOW, HIGH, NOISE = (1.0, 1.1, 0.9), (2.0, 2.2, 1.9), (0.2, 2.9, 1.5)
ORDER = {"columns": ("kl",), "lower": ("A",), "higher": ("B",)}


def judged(
    laptop: tuple[Any, Any] | None, control: tuple[Any, Any] | None, *, has_control: Any = True, **claim: Any
) -> tuple[str, str]:
    """Verdict and detail of `A < B` at laptop, from the numbers of A and B there and at the control."""
    more: dict[str, Any] = {"control": {"params": {"epochs": 2}}} if has_control else {}
    said = {"text": "c", "holds_from": "laptop", "order": ORDER, **claim}
    table = table_of({"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, seeds=3, claims=[said], **more)

    def records(numbers: tuple[Any, Any] | None, profile: Any) -> list[Any]:
        return [
            record_of(row, seed, profile, measured={"kl": value}, key=f"{profile}-{row}-{seed}")
            for row, values in zip("AB", numbers or (), strict=False)
            for seed, value in enumerate(values)
        ]

    found = judge(table, records(laptop, "laptop"), "laptop", control=records(control, "control")).claims[0]
    return found.verdict, found.detail


@pytest.mark.parametrize(("laptop", "control", "verdict"), [
    ((LOW, HIGH), (LOW, HIGH), "holds"),
    ((HIGH, LOW), (HIGH, LOW), "fails"),
    ((LOW, HIGH), (HIGH, LOW), "not testable"),
    ((HIGH, LOW), (LOW, HIGH), "not testable"),
    ((LOW, HIGH), (LOW, NOISE), "undecided"),
    ((LOW, NOISE), (LOW, HIGH), "undecided"),
    ((LOW, NOISE), (LOW, NOISE), "undecided"),
    ((LOW, HIGH), (LOW,), "not testable"),
])  # fmt: skip
def test_a_reduced_scale_says_what_its_control_says_too(laptop: Any, control: Any, verdict: str) -> None:
    assert judged(laptop, control)[0] == verdict


def test_without_a_control_a_reduced_scale_judges_nothing_and_says_why() -> None:
    verdict, detail = judged((LOW, HIGH), None)
    assert verdict == "not testable"
    assert "its control was not run (repro run test/table --profile control)" in detail
    assert "by itself this scale says holds, 1 of 1 parts for" in detail
    verdict, detail = judged((LOW, HIGH), None, has_control=False)
    assert (verdict, "the spec has no `control:` at profile laptop" in detail) == ("not testable", True)


def test_a_control_judges_nothing_by_itself() -> None:
    said = {"text": "c", "holds_from": "laptop", "order": ORDER}
    table = table_of(
        {"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, seeds=3, claims=[said], control={"params": {"epochs": 2}}
    )
    rows = (("A", LOW), ("B", HIGH))
    records = [record_of(r, s, "control", measured={"kl": v}) for r, x in rows for s, v in enumerate(x)]
    found = judge(table, records, "control").claims[0]
    assert (found.verdict, "it says holds, 1 of 1 parts for" in found.detail) == ("not testable", True)


def test_no_claim_holds_from_a_control() -> None:
    with pytest.raises(ValueError, match="'smoke', 'laptop' or 'paper'"):
        claim_of(holds_from="control", order=ORDER)


def test_both_verdicts_are_told_where_they_differ() -> None:
    detail = judged((LOW, HIGH), (HIGH, LOW))[1]
    assert detail.startswith("this scale says holds (1 of 1 parts for, 0 against")
    assert "twice the training says fails (0 of 1 parts for, 1 against" in detail
    assert judged((LOW, HIGH), (LOW, HIGH))[1].endswith(
        "twice the training says holds too: 1 of 1 parts for, 0 against, 0 undecided"
    )


def test_what_is_true_of_every_run_at_any_scale_and_what_is_the_papers_scale_need_no_control() -> None:
    invariant: dict[str, Any] = {
        "order": None,
        "bound": {"columns": ("kl",), "rows": ("A",), "at_least": 0.0, "invariant": True},
    }
    assert judged((LOW, HIGH), None, **invariant)[0] == "holds"
    assert judged((LOW, HIGH), None, holds_from="smoke")[0] == "holds"
    said = {"text": "c", "holds_from": "laptop", "order": ORDER}
    table = table_of({"A": {"kl": "1.0"}, "B": {"kl": "2.0"}}, seeds=3, claims=[said], equal_to_paper=True)
    records = [
        record_of(r, s, "laptop", measured={"kl": v}) for r, x in (("A", LOW), ("B", HIGH)) for s, v in enumerate(x)
    ]
    assert judge(table, records, "laptop").claims[0].verdict == "holds"


def test_mostly_and_holds_agree_on_mostly() -> None:
    """Nine of the ten bounds are clear at both; the tenth is decided at one of them."""
    parts = [f'c("A","kl") < {2 + i}' for i in range(9)]
    claim: dict[str, Any] = {"order": None, "expression": " and ".join([*parts, 'c("A","kl") < 1.15'])}
    clear, wide = ((0.5, 0.6, 0.4), HIGH), (LOW, HIGH)
    assert judged(clear, clear, **claim)[0] == "holds"
    assert judged(wide, wide, **claim)[0] == "mostly"
    assert judged(clear, wide, **claim)[0] == judged(wide, clear, **claim)[0] == "mostly"


def test_a_control_is_its_scale_but_for_what_it_says() -> None:
    table = table_of(
        {"A": {"kl": "1.0"}}, seeds=3, params={"epochs": 1, "rate": 2}, limit_minutes=5,
        control={"params": {"epochs": 2}, "seeds": 4, "note": "twice"},
    )  # fmt: skip
    laptop, control = table.profiles.of("laptop"), table.profiles.of("control")
    assert (control.params, control.seeds, control.note) == ({"epochs": 2, "rate": 2}, 4, "twice")
    assert (control.limit_minutes, laptop.params, laptop.seeds) == (5, {"epochs": 1, "rate": 2}, 3)
    without = table_of({"A": {"kl": "1.0"}})
    with pytest.raises(ValueError, match="the spec has no control: write `control:`"):
        without.profiles.of("control")


def test_the_jobs_of_a_control_are_those_of_its_scale_trained_for_longer() -> None:
    from pathlib import Path

    from repro.spec.load import load

    table = load(Path("tables/mos/rank-ptb.yaml"))
    for row in table.rows:
        (laptop,), (control,) = (configurations(table, row, profile) for profile in ("laptop", "control"))
        assert (laptop.profile, control.profile) == ("laptop", "control")
        assert (control.data, control.protocol, control.columns) == (laptop.data, laptop.protocol, laptop.columns)
        changed = {k for k, v in laptop.training.params.items() if control.training.params[k] != v}
        assert changed == {"epochs"}
        assert (laptop.training.params["epochs"], control.training.params["epochs"]) == (1, 2)
