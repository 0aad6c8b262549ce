"""The parts of a row whose columns rest on different trainings, as one record."""

from __future__ import annotations

from repro.evidence.joined import joined
from repro.plan.key import configuration
from repro.store.record import Record
from tests.verdict.build import record_of


def part(column: str, value: float, *, seed: int = 0, batch: int = 1, **more: str) -> Record:
    """The record of one column, whose training has a parameter of its own."""
    record = record_of("A", seed, "smoke", measured={column: value}, key=f"{column}-{seed}", **more)
    training = record.parts.training.model_copy(update={"params": {"batch": batch}})
    return record.model_copy(update={"parts": record.parts.model_copy(update={"training": training})})


def test_a_row_of_two_trainings_is_one_record_a_seed_with_the_numbers_of_both() -> None:
    found = joined([part("kl", 1.0), part("nll", 2.0, batch=2), part("kl", 3.0, seed=1), part("nll", 4.0, seed=1)])
    numbers = [{name: m.value for name, m in record.measured.items()} for record in found]
    assert numbers == [{"kl": 1.0, "nll": 2.0}, {"kl": 3.0, "nll": 4.0}]
    assert [record.parts.signatures.keys() for record in found] == [{"kl", "nll"}] * 2
    assert found[0].seconds == 2.0


def test_a_configuration_is_that_of_all_trainings_and_of_no_seed() -> None:
    def of(seed: int, batch: int) -> str:
        (whole,) = joined([part("kl", 1.0, seed=seed), part("nll", 2.0, seed=seed, batch=batch)])
        return configuration(whole.parts)

    assert of(0, 2) == of(5, 2)
    assert of(0, 2) != of(0, 3)


def test_a_part_that_failed_makes_the_row_a_failure() -> None:
    (whole,) = joined([part("kl", 1.0), part("nll", 2.0, status="failed", message="it broke")])
    assert (whole.status, whole.message) == ("failed", "it broke")


def test_of_two_records_for_the_same_columns_the_later_counts() -> None:
    one, two = part("kl", 1.0, started="2026-01-01"), part("kl", 2.0, started="2026-01-02")
    assert joined([two, one]) == joined([one, two]) == [two]
