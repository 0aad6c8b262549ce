"""How many of how many, and the time left."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from repro.commands import progress
from repro.commands.progress import Tally, ending
from repro.engines import Awaited, Event, Outcome


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def planned(*seconds: float | None, workers: int = 1) -> Event:
    """Jobs a, b, c, ... of these seconds: the first is a training, the others are measurements."""
    awaited = tuple(
        Awaited(key, f"row {key}", i == 0, each) for i, (key, each) in enumerate(zip("abcdef", seconds, strict=False))
    )
    return Event("planned", "toy/walks", "", (), awaited=awaited, workers=workers)


def started(key: str) -> Event:
    return Event("started", "toy/walks", f"row {key}", (0,), (key,))


def ended(key: str, outcome: Outcome = "ok", message: str = "") -> Event:
    return Event("ended", "toy/walks", f"row {key}", (0,), (key,), outcome=outcome, message=message)


def after(*events: Event, clock: Clock | None = None) -> Tally:
    tally = Tally(clock or Clock())
    for event in events:
        tally.hear(event)
    return tally


def test_jobs_are_counted_as_they_end_however_they_end() -> None:
    tally = after(planned(1.0, 1.0, 1.0))
    assert tally.counted == "0 of 3"
    tally.hear(ended("a", "failed"))
    tally.hear(ended("b"))
    assert tally.counted == "2 of 3"


def test_the_time_left_is_that_of_earlier_records_over_the_workers() -> None:
    assert after(planned(60.0, 30.0, 30.0)).left == "about 2 min left"
    assert after(planned(60.0, 30.0, 30.0, workers=2)).left == "about 60 s left"
    assert after(planned(60.0, 30.0, 30.0, workers=8)).left == "about 40 s left", "three jobs keep three workers busy"


def test_what_runs_has_done_its_part_and_what_takes_longer_owes_nothing() -> None:
    clock = Clock()
    tally = after(planned(60.0, 30.0), started("a"), clock=clock)
    clock.now = 20.0
    assert tally.left == "about 70 s left"
    clock.now = 500.0
    assert tally.left == "about 30 s left"


def test_where_nothing_is_known_nothing_is_said_and_where_a_part_is_that_it_is_a_part() -> None:
    assert after(planned(None, None)).left == ""
    assert after(planned(60.0, None)).left == "more than 60 s left"


def test_a_job_without_records_takes_what_its_kind_took_in_this_run() -> None:
    clock = Clock()
    tally = after(planned(None, None, None), started("b"), clock=clock)
    clock.now = 40.0
    tally.hear(ended("b"))
    assert tally.left == "more than 40 s left"  # c is a measurement too; of the training nothing is known


def test_what_failed_tells_nothing_of_how_long_others_take() -> None:
    assert after(planned(None, None, None), started("b"), ended("b", "failed")).left == ""


def test_the_line_of_a_job_says_which_of_how_many_how_it_ended_and_what_is_left() -> None:
    clock = Clock()
    tally = after(planned(60.0, 30.0), started("a"), clock=clock)
    clock.now = 12.0
    tally.hear(ended("a"))
    assert ending(ended("a"), tally) == "[1 of 2] row a, seed 0  ok, 12 s; about 30 s left"
    tally.hear(ended("b", "failed", "no memory"))
    assert ending(ended("b", "failed", "no memory"), tally) == "[2 of 2] row b, seed 0  failed: no memory"


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_what_has_ended_stays_as_a_line_and_a_measurement_has_a_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "120"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    with progress.progress("toy/walks") as draw:
        for event in (planned(60.0, 30.0), started("a"), ended("a"), started("b"), ended("b")):
            draw(event)
            if event.kind == "started":
                draw(replace(event, kind="progress", done=1, total=2))
    lines = shown.getvalue()
    assert "[1 of 2] row a, seed 0  ok" in lines
    assert "[2 of 2] row b, seed 0  ok" in lines
    assert "  measuring row b, seed 0" in lines
    assert "toy/walks  2 of 2" in lines


def test_without_a_terminal_every_job_that_ends_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress("toy/walks") as draw:
        for event in (planned(60.0, 30.0), started("a"), ended("a", "failed", "why"), ended("b")):
            draw(event)
    assert capsys.readouterr().err.splitlines() == [
        "toy/walks  [1 of 2] row a, seed 0  failed: why; about 30 s left",
        "toy/walks  [2 of 2] row b, seed 0  ok",
    ]


BAR = 40
"""Characters of a bar."""


def drawn(monkeypatch: pytest.MonkeyPatch, seconds: float | None, *, after: float) -> str:
    """The line of a measurement that says nothing itself, so many seconds after its start."""
    monkeypatch.setattr("sys.stderr", shown := Terminal())
    monkeypatch.setattr("rich.progress.Task.elapsed", after)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "120"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    with progress.progress("toy/walks") as draw:
        draw(planned(seconds))
        draw(started("a"))
    return [line for line in shown.getvalue().splitlines() if "measuring row a" in line][-1]


@pytest.mark.parametrize(("after", "share"), [(0.0, 0.0), (20.0, 0.5), (30.0, 0.75)])
def test_a_measurement_has_the_share_of_the_time_that_earlier_ones_took(
    monkeypatch: pytest.MonkeyPatch, after: float, share: float
) -> None:
    line = drawn(monkeypatch, 40.0, after=after)
    assert line.split("seed 0 ")[1][:BAR].rstrip() == "━" * int(share * BAR)
    assert "of about 40 s" in line


@pytest.mark.parametrize(("seconds", "after"), [(40.0, 50.0), (None, 20.0)])
def test_a_measurement_that_takes_longer_or_of_which_nothing_is_known_has_a_bar_without_a_share(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, after: float
) -> None:
    line = drawn(monkeypatch, seconds, after=after)
    assert re.search("━ +━", line), "without colours a bar that pulses has gaps"
    assert ("of about" in line) == (seconds is not None)
