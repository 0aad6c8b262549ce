"""GLUE: its nine tasks by name, each a data set of its own.

Paper: Wang et al. (2019), GLUE: A Multi-Task Benchmark and Analysis Platform
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from repro.contracts import MissingData
from repro.data.kinds import classification
from repro.data.kinds.rows import LabelledText, PairText, TextData
from repro.data.sources.entries import entry

LOADERS: dict[str, Callable[[], TextData[LabelledText] | TextData[PairText]]] = {
    "cola": classification.cola, "mnli": classification.mnli, "mrpc": classification.mrpc, "qnli": classification.qnli,
    "qqp": classification.qqp, "rte": classification.rte, "sst-2": classification.sst_2, "sts-b": classification.sts_b,
    "wnli": classification.wnli,
}  # fmt: skip


class Tasks(dict[str, TextData[LabelledText] | TextData[PairText]]):
    """Tasks by name; asking for one that is not at hand says what one does to have it."""

    def __missing__(self, task: str) -> TextData[LabelledText] | TextData[PairText]:
        """Raises MissingData for a task of GLUE, KeyError for any other name."""
        if task in LOADERS:
            raise MissingData(f"data set {task} is not at hand: get it with: repro data get {task}")
        raise KeyError(f"GLUE has no task {task!r} (it has {', '.join(LOADERS)})")


@dataclass(frozen=True)
class Glue:
    """The tasks at hand, by name. `complete` says whether all nine are; `checksum` is the SHA-256 over theirs."""

    splits: Mapping[str, TextData[LabelledText] | TextData[PairText]]
    checksum: str
    complete: bool
    name: str = "glue"


def glue() -> Glue:
    """Every task of GLUE that is at hand. Raises MissingData where none is."""
    tasks = Tasks()
    for name, load in LOADERS.items():
        try:
            tasks[name] = load()
        except MissingData:
            continue
    if not tasks:
        raise MissingData(f"data set glue is not at hand: {entry('glue').to_get}")
    sums = " ".join(f"{name} {task.checksum}" for name, task in tasks.items())
    return Glue(tasks, hashlib.sha256(sums.encode()).hexdigest(), len(tasks) == len(LOADERS))
