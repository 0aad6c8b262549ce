"""What records say of ends that went wrong: recording one cannot fail, whatever the error is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import torch

from repro import devices
from repro.contracts import Diverged, MissingDevice
from repro.engines.drive import local_engine
from repro.engines.environment import worker_environment
from repro.files import readable_json
from repro.store.record import Ran
from repro.worker.environment import environment
from repro.worker.session import TAIL_LINES, classify, failure


class Mute(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def errors() -> Iterator[tuple[BaseException, str]]:
    """Errors, and how their message begins."""
    yield ValueError("cannot read " + os.fsdecode(b"donn\xe9es.txt")), "ValueError: cannot read donn\\xe9es.txt"
    yield ValueError("half a pair: \ud83d"), "ValueError: half a pair: \\ud83d"
    yield ValueError("loss \x1b[31mnan\x1b[0m\x07 \x00"), "ValueError: loss \\x1b[31mnan\\x1b[0m\\x07 \\x00"
    yield ValueError("y" * 3_000_000), "ValueError: yyyy"
    yield Mute(), "Mute: (its message cannot be shown: RuntimeError)"
    yield Diverged("loss is nan\x07"), "loss is nan\\x07"
    yield Diverged(), "Diverged: "
    yield MemoryError(), "MemoryError: "
    yield SystemExit(3), "SystemExit: 3"
    yield ExceptionGroup("two\ud83d", [ValueError("a"), Mute()]), "ExceptionGroup: two\\ud83d"


@pytest.mark.parametrize(("error", "message"), list(errors()), ids=lambda each: type(each).__name__)
def test_every_error_has_a_record_that_can_be_written(error: BaseException, message: str) -> None:
    said = failure(raised(error))
    record = Ran(key="k", started=datetime.now(UTC).isoformat(), seconds=0.0, environment=environment("cpu", 1), **said)
    read = json.loads(readable_json(record.model_dump(mode="json")))
    assert read["status"] == classify(error)
    assert read["message"].startswith(message)
    assert len(read["message"]) < 3000
    assert len(read["tail"]) < 600 * TAIL_LINES
    assert read["tail"].isprintable() or "\n" in read["tail"]


def test_a_device_without_a_driver_is_no_error_of_the_record() -> None:
    """torch raises for the name of a GPU where there is none; that must not hide why a job failed."""
    if not torch.cuda.is_available():
        assert environment("cuda", 1).device == "cuda"
        with pytest.raises(MissingDevice, match=r"^device cuda:1 was asked for, and there is no GPU here: only cpu$"):
            devices.require("cuda:1")


def test_a_gpu_that_is_not_there_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = SimpleNamespace(is_available=lambda: True, device_count=lambda: 2, get_device_name=lambda device: "H")
    monkeypatch.setattr(torch, "cuda", there)
    devices.require("cuda")
    devices.require("cuda:1")
    with pytest.raises(MissingDevice, match="cuda:2 was asked for, and there are 2 GPUs here, the first is cuda:0"):
        devices.require("cuda:2")
    assert devices.described("cuda:1") == "cuda:1 (H)"


@pytest.mark.parametrize("name", ["cudda", "", "CPU", "cuda:", "cuda:x", "cuda:\u0661", "cuda:0,1", "mps", "gpu"])
def test_a_device_that_there_is_none_of_is_refused_before_anything_starts(name: str) -> None:
    with pytest.raises(ValueError, match=r"^unknown device '.*' \(known: cpu, cuda, cuda:0 and so on\)$"):
        local_engine(1, name)


def test_what_a_worker_prints_is_never_refused() -> None:
    assert worker_environment("cpu", 1, None)["PYTHONIOENCODING"] == "utf-8:backslashreplace"


@pytest.mark.parametrize("writable", [True, False])
def test_compiled_code_is_kept_in_the_store_where_the_package_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("REPRO_STORE", "/somewhere")
    monkeypatch.setattr(os, "access", lambda place, mode: writable)
    assert worker_environment("cpu", 1, None).get("NUMBA_CACHE_DIR") == (None if writable else "/somewhere/compiled")
