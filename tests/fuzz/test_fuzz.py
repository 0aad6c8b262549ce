"""15,000 mutated inputs: no other error than one line, no hang, no memory beyond a bound, nothing written or run."""

from __future__ import annotations

import resource
import signal
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from repro.spec.problems import SpecError
from tests.fuzz.inputs import KINDS, Kind
from tests.fuzz.mutate import mutated
from tests.watched import harmless
from tests.worker.tables import registered

FEW, MANY = 40, 2_200
MEMORY_BYTES = 1 << 30
"""What reading any of these inputs may take beyond what the process holds: they have at most some megabytes."""
SECONDS = 20
"""Of the processor, however busy the machine is: a hang. These inputs take milliseconds, one in thousands a second."""


class Hangs(BaseException):
    """An input that is read for longer than any may."""


@contextmanager
def bounded() -> Iterator[None]:
    """In the block memory is limited and time is."""

    def late(*_: object) -> None:
        raise Hangs

    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    handler = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES, hard))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))
        signal.signal(signal.SIGPROF, handler)


@pytest.fixture(autouse=True)
def _nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with registered():
        yield


def refusal(kind: Kind, file: Path) -> str:
    """What is said of an input; nothing of one that is read."""
    try:
        with bounded(), harmless(file.parent):
            kind.read(file)
    except SpecError as error:
        return str(error)
    except ValueError as error:
        said = str(error)
    else:
        return ""
    assert "\n" not in said
    return said


@pytest.mark.parametrize("name", KINDS)
def test_sound_inputs_are_read(name: str, tmp_path: Path) -> None:
    for file, contents in KINDS[name].sound().items():
        (tmp_path / file).write_bytes(contents)
        if name in ("spec", "record", "checkpoint") or file in ("packed.npz", "plain.npz", "walks.zip"):
            assert refusal(KINDS[name], tmp_path / file) == ""


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", KINDS)
def test_a_mutated_input_is_read_or_refused_and_does_nothing_else(name: str, count: int, tmp_path: Path) -> None:
    kind, refused = KINDS[name], 0
    sound = list(kind.sound().items())
    for number in range(count):
        random = Random(zlib.crc32(f"{name} {number}".encode()))
        file, contents = random.choice(sound)
        (tmp_path / file).write_bytes(mutated(contents, random))
        try:
            refused += bool(refusal(kind, tmp_path / file))
        except BaseException as error:
            error.add_note(f"{name} {number}: {file}")
            raise
    assert 0 < refused <= count or name in ("text", "record")
