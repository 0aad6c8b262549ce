from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from repro.contracts import Diverged
from repro.worker.checkpoints import Checkpoints
from repro.worker.clock import Time
from repro.worker.context import RunContext, Stopped
from repro.worker.streams import generator


def context(folder: Path, seeds: tuple[int, ...] = (0,), interval_seconds: float = 0.0) -> RunContext:
    return RunContext(seeds=seeds, device="cpu", checkpoints=Checkpoints(folder), interval_seconds=interval_seconds)


def test_a_stream_is_the_same_whenever_it_is_asked_for_and_differs_from_every_other() -> None:
    draws = {
        name: tuple(generator(seed, *stream).integers(1 << 62, size=3))
        for name, (seed, stream) in {
            "a": (0, ("a",)), "b": (0, ("b",)), "seed": (1, ("a",)), "number": (0, ("a", 1)), "text": (0, ("a", "1")),
            "joined": (0, ("a1",)), "none": (0, ()),
        }.items()
    }  # fmt: skip
    assert len(set(draws.values())) == len(draws)
    assert draws["a"] == tuple(generator(0, "a").integers(1 << 62, size=3))
    assert draws["number"] == tuple(generator(0, "a", np.int64(1)).integers(1 << 62, size=3))  # type: ignore[arg-type]


def test_the_streams_are_those_of_every_earlier_release() -> None:
    """Computed by this code when it was written: a change makes every accepted record stale."""
    assert generator(0, "noise", 3).integers(1000, size=4).tolist() == [685, 392, 48, 876]


def test_state_curves_and_time_come_back_from_a_checkpoint(tmp_path: Path) -> None:
    first = context(tmp_path)
    first.curve("loss", 1, 0.5, seed=0)
    first.clock.before = Time(100.0, 50.0)
    first.save({"weights": torch.arange(3.0), "nested": {"list": [1, None, "x"]}})
    first.curve("loss", 2, 0.4, seed=0)
    second = context(tmp_path)
    state = second.restore()
    assert state is not None
    assert torch.equal(state["weights"], torch.arange(3.0))
    assert state["nested"] == {"list": [1, None, "x"]}
    assert second.curves(0)["loss"].step == (1,)
    assert second.clock.spent().seconds >= 100.0
    assert second.clock.spent().cpu_seconds >= 50.0


def test_a_checkpoint_of_another_training_or_of_another_form_is_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = context(tmp_path)
    ours.of = ("ours",)
    ours.save({"step": 3})
    theirs = context(tmp_path)
    theirs.of = ("theirs",)
    theirs.save({"step": 100})
    theirs.checkpoints.write({"no": "state"})
    again = context(tmp_path)
    again.of = ("ours",)
    assert again.restore() is None  # two are kept, and neither is ours
    assert [file.suffix for file in sorted(tmp_path.iterdir())] == [".aside", ".aside"]
    assert capsys.readouterr().err.count("is of another training: set aside as") == 2
    again.save({"step": 4})
    assert again.restore() == {"step": 4}


def test_a_checkpoint_that_torch_did_not_write_is_set_aside_and_the_one_before_counts(tmp_path: Path) -> None:
    ours = context(tmp_path)
    ours.save({"step": 3})
    contents = b"whole, and nothing that torch can read"
    (tmp_path / "00000007.pt").write_bytes(contents + hashlib.sha256(contents).digest())
    assert context(tmp_path).restore() == {"step": 3}
    assert (tmp_path / "00000007.aside").exists()


def test_a_checkpoint_of_before_cpu_seconds_were_counted_goes_on(tmp_path: Path) -> None:
    context(tmp_path).checkpoints.write({"state": {"step": 3}, "curves": {}, "seconds": 100.0})
    later = context(tmp_path)
    assert later.restore() == {"step": 3}
    assert later.clock.before == Time(100.0, 0.0)


def test_what_a_training_starts_from_counts_as_read_once_it_or_a_state_after_it_was_asked_for(tmp_path: Path) -> None:
    def asked() -> tuple[RunContext, list[bool]]:
        made = context(tmp_path)
        made.start = {"weights": 1}
        return made, [made.is_start_read]

    first, read = asked()
    first.restore()
    read.append(first.is_start_read)
    assert first.part("stage").start == {"weights": 1}
    read.append(first.is_start_read)
    assert read == [False, False, True]
    first.save({"step": 1})
    second, read = asked()
    assert second.restore() == {"step": 1}
    read.append(second.is_start_read)
    assert read == [False, True]


def test_the_last_two_checkpoints_are_kept_and_a_damaged_one_falls_back_on_the_one_before(tmp_path: Path) -> None:
    writer = context(tmp_path)
    for step in range(5):
        writer.save({"step": step})
    files = sorted(tmp_path.glob("*.pt"))
    assert len(files) == 2
    contents = bytearray(files[1].read_bytes())
    contents[len(contents) // 2] ^= 1
    files[1].write_bytes(contents)
    assert context(tmp_path).restore() == {"step": 3}
    files[0].write_bytes(b"")
    assert context(tmp_path).restore() is None


def test_a_checkpoint_is_written_when_it_is_due_or_forced_and_not_in_between(tmp_path: Path) -> None:
    patient = context(tmp_path, interval_seconds=1000.0)
    patient.save({"step": 1})
    assert patient.restore() is None
    patient.save({"step": 2}, force=True)
    assert patient.restore() == {"step": 2}


def test_a_worker_that_is_to_stop_does_so_at_the_next_checkpoint_that_the_method_offers(tmp_path: Path) -> None:
    stopping = context(tmp_path, interval_seconds=1000.0)
    stopping.stop_requested = lambda: True
    with pytest.raises(Stopped):
        stopping.save({"step": 7})
    assert context(tmp_path).restore() == {"step": 7}


def test_a_curve_that_leaves_the_finite_numbers_ends_a_single_fit_as_diverged(tmp_path: Path) -> None:
    with pytest.raises(Diverged, match="loss is nan at step 3"):
        context(tmp_path).curve("loss", 3, float("nan"), seed=0)
    many = context(tmp_path, seeds=(0, 1))
    many.curve("loss", 3, float("inf"), seed=0)
    assert many.curves(0) == {}


def test_progress_goes_out_as_lines_of_json_and_a_full_pipe_is_no_reason_to_wait(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    talking = context(tmp_path)
    talking.progress_handle = writer
    talking.progress(1, 3, loss=0.5)
    talking.progress(2, 3, loss=0.4)  # too soon after the first
    talking.progress(3, 3, loss=0.3)
    said = os.read(reader, 1 << 16).decode()
    assert said == (
        '{"done": 1, "total": 3, "shown": {"loss": 0.5}}\n{"done": 3, "total": 3, "shown": {"loss": 0.3}}\n'
    )
    for _ in range(5000):
        talking.progress(3, 3, loss=0.3)
    os.close(reader)
    talking.progress(3, 3)
    os.close(writer)
