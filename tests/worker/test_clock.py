"""What a job takes, by the clock and by the cores."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

import pytest

from repro.worker.clock import Clock, Time


def at(monkeypatch: pytest.MonkeyPatch, seconds: float, user: float, system: float, children: float) -> None:
    """Sets the machine's clocks: the seconds of children are half those of the user, half of the system."""
    times = SimpleNamespace(user=user, system=system, children_user=children / 2, children_system=children / 2)
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    monkeypatch.setattr(os, "times", lambda: times)


def test_seconds_pass_on_the_clock_and_cpu_seconds_are_those_of_user_system_and_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(monkeypatch, 1000.0, user=1.0, system=2.0, children=4.0)
    clock = Clock()
    at(monkeypatch, 1010.0, user=1.5, system=2.25, children=5.0)
    assert clock.spent() == Time(10.0, 0.5 + 0.25 + 1.0)


def test_the_time_of_an_earlier_attempt_is_added_and_comes_back_from_its_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at(monkeypatch, 5.0, user=1.0, system=0.0, children=0.0)
    clock = Clock(Time.restored(Time(100.0, 50.0).state()))
    at(monkeypatch, 6.0, user=1.5, system=0.0, children=0.0)
    assert clock.spent() == Time(101.0, 50.5)


def test_a_fit_of_several_seeds_shares_its_time_evenly() -> None:
    assert Time(3.0, 1.5).shared_by(3) == Time(1.0, 0.5)
