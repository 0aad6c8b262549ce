"""Parts of a fit: their states, curves, progress and random numbers, in checkpoints of the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.contracts import Context, State
from repro.worker.checkpoints import Checkpoints
from repro.worker.context import RunContext


class Whole(RunContext):
    """A context whose progress is kept."""

    def __init__(self, folder: Path, interval_seconds: float = 0.0) -> None:
        super().__init__((3,), "cpu", Checkpoints(folder), interval_seconds)
        self.shares: list[tuple[int, int]] = []

    def progress(self, done: int, total: int, **shown: float) -> None:
        self.shares.append((done, total))


def test_a_checkpoint_of_one_part_holds_the_last_state_of_every_other(tmp_path: Path) -> None:
    whole = Whole(tmp_path)
    first, second = (whole.part(name, number=number, of=2) for number, name in enumerate(("mos", "moc"), start=1))
    assert first.restore() is None
    first.save({"step": 1})
    assert Whole(tmp_path).restore() == {"mos": {"step": 1}}
    second.save(lambda: {"step": 5})
    first.save({"step": 2})
    again = Whole(tmp_path)
    assert again.restore() == {"mos": {"step": 2}, "moc": {"step": 5}}
    resumed = again.part("moc")
    assert resumed.restore() == {"step": 5}
    resumed.save({"step": 6})
    assert Whole(tmp_path).restore() == {"mos": {"step": 2}, "moc": {"step": 6}}


def test_a_state_is_built_only_when_it_is_written(tmp_path: Path) -> None:
    built = []

    def state() -> dict[str, int]:
        built.append(1)
        return {"step": len(built)}

    whole = Whole(tmp_path, interval_seconds=1000.0)
    for context in (whole, whole.part("a"), whole.part("a").part("b")):
        context.save(state)
    assert not built
    whole.part("a").part("b").save(state, force=True)
    assert built == [1]
    assert Whole(tmp_path).restore() == {"a": {"b": {"step": 1}}}


def test_curves_have_the_name_of_their_part_and_come_back_once(tmp_path: Path) -> None:
    whole = Whole(tmp_path)
    whole.part("mos").curve("loss", 1, 0.5, 3)
    whole.part("mos").save({})
    resumed = Whole(tmp_path)
    part = resumed.part("mos")
    part.curve("loss", 2, 0.25, 3)
    resumed.part("moc").part("late").curve("loss", 1, 0.125, 3)  # asking for another part reads nothing anew
    assert {name: curve.value for name, curve in resumed.curves(3).items()} == {
        "mos-loss": (0.5, 0.25),
        "moc-late-loss": (0.125,),
    }


def test_parts_share_the_way_evenly(tmp_path: Path) -> None:
    whole = Whole(tmp_path)
    whole.part("a").progress(1, 4)
    whole.part("b", number=2, of=3).progress(1, 4)
    whole.part("b", number=2, of=3).part("c", number=2, of=2).progress(4, 4)
    assert whole.shares == [(1, 4), (5, 12), (16, 24)]


def test_random_numbers_are_those_of_the_whole_unless_they_are_to_be_others(tmp_path: Path) -> None:
    whole = Whole(tmp_path)
    contexts: dict[str, Context] = {
        "whole": whole,
        "part": whole.part("a"),
        "own": whole.part("a", own_streams=True),
        "other": whole.part("b", own_streams=True),
        "inner": whole.part("b", own_streams=True).part("a"),
    }
    drawn = {name: context.generator(3, "noise", 1).random() for name, context in contexts.items()}
    assert drawn["whole"] == drawn["part"]
    assert drawn["other"] == drawn["inner"]
    assert len({drawn["whole"], drawn["own"], drawn["other"]}) == 3


def test_the_rest_is_that_of_the_whole(tmp_path: Path) -> None:
    whole = Whole(tmp_path)
    whole.precision, whole.start, whole.evaluator = "bf16", {"weights": 1}, lambda model: {"error": model / 2}
    part = whole.part("a").part("b")
    assert (part.seeds, part.device, part.precision, part.start) == ((3,), "cpu", "bf16", {"weights": 1})
    assert part.evaluate(3.0) == {"error": 1.5}


def test_a_fit_that_did_not_ask_for_numbers_has_none(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"class attribute `evaluates: ClassVar\[bool\] = True`"):
        Whole(tmp_path).part("a").evaluate(None)


def test_both_forms_of_a_state_are_one(tmp_path: Path) -> None:
    forms: list[State] = [{"step": 1}, lambda: {"step": 1}]
    for number, form in enumerate(forms):
        Whole(tmp_path / str(number)).save(form)
        assert Whole(tmp_path / str(number)).restore() == {"step": 1}
