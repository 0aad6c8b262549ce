"""A method, a task and data sets that take milliseconds, and misbehave on request. Workers import this file too."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from repro.contracts import Arrays, Context, Diverged, Evaluation, Measurement, MissingData, single
from repro.spec.model import Column


@dataclass(frozen=True)
class Numbers:
    """A data set of a few numbers."""

    name: str
    values: np.ndarray

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.values.tobytes()).hexdigest()


def numbers() -> Numbers:
    return Numbers("numbers", np.arange(7, dtype=np.float64))


def absent() -> Numbers:
    raise MissingData("data set absent is not here: `repro data get absent` fetches it")


@dataclass(frozen=True)
class Walked:
    """What a toy method trains: a few weights."""

    weights: np.ndarray

    def state(self) -> Mapping[str, Any]:
        return {"weights": self.weights}


@dataclass(frozen=True)
class Toy:
    """What all toy methods have in common: their model can be stored."""

    def restore(self, state: Mapping[str, Any], context: Context) -> Walked:
        return Walked(state["weights"])


@dataclass(frozen=True)
class ToyTask:
    """Measures the mean of a model's weights, and draws from the generator that it is given."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        return frozenset()

    def signature(self, column: Column) -> str:
        return f"{column.metric} v1 {dict(column.args)}"

    def measure(
        self, model: Walked, data: Numbers, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        noise = float(generator.normal())
        measured = {
            name: Measurement(value=float(model.weights.mean()) + noise, signature=self.signature(column))
            for name, column in columns.items()
        }
        arrays: Arrays = {"weights": model.weights}
        return Evaluation(measured, arrays)


@dataclass(frozen=True)
class Walk(Toy):
    """A random walk that remembers where it is; `behaviour` is what goes wrong, `diary` counts the trainings."""

    steps: int = 5
    scale: float = 1.0
    sizes: tuple[int, ...] = (3, 2)
    behaviour: str = ""
    diary: str = ""
    step_seconds: float = 0.0

    def fit(self, data: Numbers, context: Context) -> Walked:
        seed = single(context.seeds)
        note(self.diary, f"begun {seed}")
        if self.behaviour == "says no UTF-8":
            context.curve("loss \udce9", 1, 0.5, context.seeds[0])
        if self.behaviour == "talks":
            talk(context)
        elif self.behaviour:
            misbehave(self.behaviour)
        state: Mapping[str, Any] | None = context.restore() if self.step_seconds else None
        at = int(state["step"]) if state else 0
        weights = np.array(state["weights"]) if state else np.zeros(5)
        for step in range(at, self.steps):
            weights = weights + self.scale * context.generator(seed, "noise", step).normal(size=5) + data.values[:5]
            context.curve("mean", step, float(weights.mean()), seed)
            context.progress(step + 1, self.steps, mean=float(weights.mean()))
            if self.step_seconds:
                time.sleep(self.step_seconds)
                context.save({"step": step + 1, "weights": weights.tolist()})
        note(self.diary, f"done {seed}")
        return Walked(weights)

    def fit_many(self, data: Numbers, context: Context) -> list[Walked | Diverged]:
        note(self.diary, f"together {context.seeds}")
        return [
            Diverged("at step 3") if self.behaviour == "one diverges" and seed == 1 else Walked(np.full(5, float(seed)))
            for seed in context.seeds
        ]


@dataclass(frozen=True)
class Alone(Toy):
    """A walk that fits one seed at a time, and fails at one of them."""

    steps: int = 3
    failing_seed: int = -1
    diary: str = ""

    def fit(self, data: Numbers, context: Context) -> Walked:
        if single(context.seeds) == self.failing_seed:
            raise ValueError("the towel is missing")
        return Walk(steps=self.steps, diary=self.diary).fit(data, context)


@dataclass(frozen=True)
class Further(Toy):
    """Goes on from another training: its weights, once more as large."""

    diary: str = ""

    def fit(self, data: Numbers, context: Context) -> Walked:
        note(self.diary, f"further {single(context.seeds)}")
        assert context.start is not None
        return Walked(2 * context.start["weights"])


def note(diary: str, line: str) -> None:
    """Appends to a file in one write, so that processes do not disturb each other."""
    if diary:
        handle = os.open(diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{line} {os.getpid()}\n".encode())
        os.close(handle)


def talk(context: Context) -> None:
    """Curves without end: 50,000 points of one, and 151 more, one of them of a name like a book."""
    for step in range(50_000):
        context.curve("endless", step, step / 7, context.seeds[0])
    for number in range(150):
        context.curve(f"curve {number}", 0, 0.5, context.seeds[0])
    context.curve("x" * 1_000_000, 0, 0.5, context.seeds[0])


def misbehave(how: str) -> None:
    """Goes wrong in one of the ways in which a job can."""
    if how == "raises":
        raise ValueError("the towel is missing")
    if how == "cannot read a file":
        raise OSError(f"no file {Path.home()}/mine, nor /data/alice/mine")
    if how == "dies at home":
        print(f"looking into {Path.home()}/mine", flush=True)
        os._exit(3)
    if how == "says no UTF-8":
        print("printed \udce9")
        raise ValueError("cannot read donn\udce9es \x1b[31m")
    if how == "diverges":
        raise Diverged("loss is nan at step 3")
    if how == "exits":
        sys.exit(0)
    if how == "vanishes":
        os._exit(0)
    if how == "aborts":
        os.abort()
    if how == "is killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "has no memory":
        raise MemoryError
    if how == "eats memory":
        blocks = []
        while True:
            blocks.append(np.ones(2_000_000))
            time.sleep(0.02)
    if how == "hangs":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if how == "prints":
        for _ in range(100):
            sys.stdout.write("x" * 99_999 + "\n")
    if how == "forks":
        import subprocess

        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(os.environ["REPRO_TEST_CHILD"]).write_text(str(child.pid))
    assert how in ("prints", "forks", "one diverges"), how
