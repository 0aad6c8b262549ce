"""What there is to know of a metric without importing it: one declaration, from which everything else is derived.

The metrics of a folder are declared in its `declared.py`, those of a family in the family's `__init__.py`, one's own in
their file, each in a tuple METRICS:

    METRICS = (Metric("histogram-kl", "histogram:histogram_kl", better="lower", unit="nats", scale="log"),)

Declarations of families and of one's own are read from source and nothing of the file is run, so that their arguments
are literals, `File(...)`, and names of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Better: TypeAlias = Literal["lower", "higher"]
Scale: TypeAlias = Literal["linear", "log"]
Kind: TypeAlias = Literal[
    "array", "arrays", "judgements", "labels", "matrix", "numbers", "paragraphs", "ranking", "reference_paragraphs",
    "reference_texts", "references", "sentences", "texts",
]  # fmt: skip
"""How a file is read: see `repro.scoring.inputs`, one function each. Files of references may be several."""


@dataclass(frozen=True)
class File:
    """A file that a metric can be computed from: the function's parameter that it becomes, and how it is read."""

    parameter: str
    kind: Kind
    help: str
    optional: bool = False

    @property
    def option(self) -> str:
        """The option that names the file, unless it is the metric's first."""
        return "--" + self.parameter.replace("_", "-")


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes:
        name: as specs and `repro score` have it.
        function: what computes it, `module:attribute` from the folder of the declaration; in a user's own file the
            attribute alone.
        better: which side is better; None where neither is.
        unit: of the function's value: `share` of one, `%`, `score` (a number that papers also print times 100),
            `count`, `nats`, `bits`, `x` times a reference, empty for other plain numbers. Words after the first say per
            what. None: it is not stated, and is taken to be that of the column.
        scale: `log` for positive numbers of which ratios are compared (divergences, perplexities, times, counts),
            `linear` for those of which differences are (shares, scores, differences).
        words: its values are words, of which no mean is taken.
        fold: it makes one number of those of many trainings, the points of a grid (`repro.metrics.folds`). One without
            a unit has unit, better side and scale of the metric that it folds.
        files: what `repro score` computes it from; the first file is the one that is scored.
        from_files: the function that takes what these files hold, where that is not `function` itself: a whole address,
            or a name alone for one in the same module.
        given: parameters of that function that the metric's name decides.
        tokens: how sentences of files are split into tokens where nobody says: `repro.metrics.text.tokens`.
        discrete: its log-probabilities are of discrete things, none of which can be above 0: words, characters.
        no_files: why no file can be scored by it.
        of_models: the task that asks `function` for a number of a trained model: `function(model, data, random)`, and
            by name the fields of its protocol in `reads`.
        reads: these fields.
    """

    name: str
    function: str
    better: Better | None = None
    unit: str | None = None
    scale: Scale = "linear"
    words: bool = False
    fold: bool = False
    files: tuple[File, ...] = ()
    from_files: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    tokens: str = "whitespace"
    discrete: bool = False
    no_files: str = ""
    of_models: str = ""
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher", None):
            raise ValueError(f"metric {self.name!r}: better is 'lower', 'higher' or None, not {self.better!r}")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"metric {self.name!r}: scale is 'linear' or 'log', not {self.scale!r}")
