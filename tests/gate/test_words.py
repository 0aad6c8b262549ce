"""Measured words are outputs of a run: where they differ the run is not the accepted one."""

from __future__ import annotations

from repro.gate.compare import _identical
from tests.verdict.build import record_of


def test_runs_with_equal_numbers_and_other_words_are_not_bit_by_bit_the_same() -> None:
    accepted, same, other = (record_of("A", 0, measured={"p": 0.5}, texts={"t": word}) for word in ("a", "a", "b"))
    assert _identical({0: accepted}, {0: same})
    assert not _identical({0: accepted}, {0: other})
