"""Task representation from files.

Predictions: an .npz file of one trained model on one data set, with any of

    reconstructions_test   (N, D)  of all examples of split test, in their order and unit
    reconstructions_valid  (N, D)  of those of split valid
    reconstructions_train  (N, D)  of those of split train
    codes_train            (N, K)  codes of the examples that were trained on, in their order

    from repro.data.kinds.image_sets import mnist
    from repro.tasks.representation import Representation
    trained_on = Representation().view(mnist(), 0).rows()           # (60000, 784) float32: pixels over 255
    numpy.savez("mine.npz", reconstructions_test=..., codes_train=encode(trained_on))

Columns that need what is not in the file are left out. The protocol of the row says what an example is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from repro.compare.loading import Loaded, arrays
from repro.data.kinds.images import Images
from repro.data.kinds.vectors import BLOCK, as_vectors
from repro.spec.model import Column
from repro.tasks.representation import ANGLE, SPLITS, Representation

CODES = "codes_train"
KNOWN = {
    **{f"reconstructions_{split}": f"reconstructions of split {split}" for split in SPLITS},
    CODES: "codes of the examples that were trained on",
}


def _of(split: str) -> str:
    """The array of the reconstructions of a split."""
    return f"reconstructions_{split}"


class Predicted:
    """What a file holds, as a model that knows the examples that it is asked about."""

    def __init__(self, task: Representation, data: Images, found: Mapping[str, np.ndarray]) -> None:
        self._found, self._trained_on = found, task.view(data, 0)
        self._splits = {
            split: as_vectors(data.splits[split], data, task.pixels) for split in SPLITS if _of(split) in found
        }

    def encode(self, examples: np.ndarray) -> np.ndarray:
        """The codes of a block of the examples that were trained on."""
        for start in range(0, len(self._trained_on), BLOCK):
            block = slice(start, start + BLOCK)
            if np.array_equal(self._trained_on.rows(block), examples):
                return self._found[CODES][block]
        raise ValueError("predictions hold the codes of the training examples, others were asked for")

    def reconstruct(self, examples: np.ndarray) -> np.ndarray:
        """The reconstructions of a split."""
        for split, vectors in self._splits.items():
            if len(vectors) == len(examples) and np.array_equal(vectors.rows(), examples):
                return self._found[_of(split)]
        raise ValueError(f"predictions hold reconstructions of {', '.join(self._splits)}, others were asked for")


@dataclass(frozen=True)
class RepresentationFiles:
    """Predictions of task representation, for the protocol of `task`."""

    task: Representation = field(default_factory=Representation)

    def predictions(self, file: Path, data: Images, columns: Mapping[str, Column]) -> Loaded:
        """Reconstructions and codes from a file, in the form above."""
        trained_on = self.task.view(data, 0)
        found = arrays(file, KNOWN, {
            CODES: [(len(trained_on), None)],
            **{_of(split): [(len(images), trained_on.size)] for split, images in data.splits.items()},
        })  # fmt: skip
        for split in SPLITS:
            if _of(split) in found and split not in data.splits:
                raise ValueError(f"{file}: {data.name} has no split {split} (it has {', '.join(data.splits)})")
        needed = {n: CODES if c.metric == ANGLE else _of(str(c.split)) for n, c in columns.items()}
        lacking = {name: f"the file has no {array}" for name, array in needed.items() if array not in found}
        return Loaded(Predicted(self.task, data, found), lacking)
