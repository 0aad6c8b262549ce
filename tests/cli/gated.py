"""A table of one method in a file, so that a test can make the method worse and look at what the gate says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import repro

METHOD = '''
from dataclasses import dataclass

from tests.worker.toy import Toy, Walked


@dataclass(frozen=True)
class Stroll(Toy):
    """Goes a few steps."""

    steps: int = 5

    def fit(self, data, context):
        return self.fit_many(data, context)[0]

    def fit_many(self, data, context):
        if self.steps == 13 and SICK:
            raise ValueError("the towel is missing")
        walks = [self.steps + context.generator(seed, "noise").normal(size=5) + WORSE for seed in context.seeds]
        return [Walked(walk) for walk in walks]


SICK = False
WORSE = 0.0
'''
SPEC = """\
id: toy/strolls
title: Strolls
source: {document: seqgen, table: "9.9", paper: a toy}
task: toy
data: numbers
columns: {mean: {label: Mean, metric: mean, better: lower}}
rows:
  - {label: Short, method: "stroll.py:Stroll", params: {steps: 5}}
  - {label: Long, method: "stroll.py:Stroll", params: {steps: 13}}
profiles:
  smoke: {seeds: 3, limit_minutes: 1}
  laptop: {seeds: 1, limit_minutes: 1}
  paper: {seeds: 1, limit_minutes: 1}
"""


def write(folder: Path) -> Path:
    """The spec in a file, and the method beside it."""
    (folder / "stroll.py").write_text(METHOD)
    path = folder / "strolls.yaml"
    path.write_text(SPEC)
    return path


def accept(folder: Path) -> Path:
    """Three accepted seeds of both rows, and nothing changed since; gives the folder, for tests to copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("REPRO_STORE", str(folder / "store"))
        patch.setenv("REPRO_RESULTS", str(folder / "results"))
        path = write(folder)
        assert repro("run", path).code == 0
        assert repro("accept", path, "--profile", "smoke").code == 0
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    """Changes the method's code."""
    file = folder / "stroll.py"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
