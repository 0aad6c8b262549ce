"""What `repro score` can compute: for each metric the files it takes and the function they go to.

A metric more is an entry more. Its options are the other parameters of the function, by their annotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from repro import registry

Kind: TypeAlias = Literal[
    "array", "arrays", "labels", "matrix", "numbers", "ranking", "judgements", "texts", "sentences", "references",
    "answers",
]  # fmt: skip
"""How a file is read: see `repro.cli.score_inputs`, one function each."""


@dataclass(frozen=True)
class File:
    """A file that a metric takes: the function's parameter that it becomes, and how it is read."""

    parameter: str
    kind: Kind
    help: str
    optional: bool = False

    @property
    def option(self) -> str:
        """The option that names the file, unless it is the metric's first."""
        return "--" + self.parameter.replace("_", "-")


@dataclass(frozen=True)
class Entry:
    """A metric: its files, of which the first is the one that is scored and stands without an option.

    `address` is the function, by default the registry's; `given` are parameters that the metric's name decides.
    """

    inputs: tuple[File, ...]
    address: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> list[str]:
        """The files as the command line takes them."""
        first, *others = self.inputs
        named = [f"{file.option} FILE" for file in others]
        shown = [f"[{text}]" if file.optional else text for file, text in zip(others, named, strict=True)]
        return [first.parameter.upper().replace("_", "-"), *shown]


LABELS = (
    File("predictions", "labels", "the predicted label of each item"),
    File("labels", "labels", "the right label of each item"),
)
SCORES = (
    File("predictions", "numbers", "the predicted score of each item"),
    File("scores", "numbers", "the given score of each item"),
)
RANKING = (
    File("run", "ranking", "a TREC run: topic Q0 document rank score name"),
    File("judgements", "judgements", "TREC qrels: topic 0 document grade"),
)
IMAGES = (File("images", "array", "images (N, H, W[, C]) of uint8, or the probabilities (N, K) of a classifier"),)
REAL_IMAGES = (
    File("images", "array", "images (N, H, W[, C]) of uint8"),
    File("reference", "array", "the real images, of uint8"),
)
FEATURES = (
    File("features", "matrix", "features (N, D)"),
    File("reference", "matrix", "the features (M, D) of the reference"),
)
PROBES = tuple(
    File(f"{split}_{what}", "matrix" if what == "features" else "labels", f"the {what} of the {split} split")
    for split in ("test", "train", "valid") for what in ("features", "labels")
)  # fmt: skip
RBM = (File("rbm", "arrays", "an .npz of `weights` (visible, hidden), `visible_bias`, `hidden_bias`"),)
HISTOGRAMS = (
    File("p", "numbers", "a distribution: the probability of each cell"),
    File("q", "numbers", "the other distribution, on the same cells"),
)
ENERGIES = (HISTOGRAMS[0], File("energy", "numbers", "the energy of each cell, in nats"))

FROM_FILES = "repro.cli.score_adapters"
METRICS: dict[str, Entry] = {
    "accuracy": Entry(LABELS),
    "classification-f1": Entry(LABELS),
    "ebgan-score": Entry(IMAGES, f"{FROM_FILES}:ebgan_score"),
    "err-20": Entry(RANKING),
    "error-count": Entry(LABELS),
    "error-over-runs": Entry((File("errors", "numbers", "the error of each run"),)),
    "error-rate": Entry(LABELS),
    "frechet-distance": Entry(FEATURES),
    "frechet-inception-distance": Entry(REAL_IMAGES, f"{FROM_FILES}:frechet_inception_distance"),
    "histogram-kl": Entry(HISTOGRAMS, f"{FROM_FILES}:histogram_kl"),
    "inception-score": Entry(IMAGES, f"{FROM_FILES}:inception_score"),
    "inception-score-in-order": Entry(IMAGES, f"{FROM_FILES}:inception_score", {"shuffle_seed": None}),
    "linear-probe-error": Entry(PROBES, f"{FROM_FILES}:linear_probe_error"),
    "log-partition": Entry(RBM, f"{FROM_FILES}:log_partition"),
    "log-partition-ais": Entry(
        (*RBM, File("data", "matrix", "training data (N, visible) in [0, 1]", optional=True)),
        f"{FROM_FILES}:log_partition_ais",
    ),
    "matthews": Entry(LABELS),
    "ndcg-20": Entry(RANKING),
    "pearson": Entry(SCORES),
    "pearson-spearman": Entry(SCORES),
    "softmax-probe-error": Entry(PROBES[:4], f"{FROM_FILES}:softmax_probe_error"),
    "spearman": Entry(SCORES),
    "temperature": Entry(ENERGIES, f"{FROM_FILES}:temperature"),
    "tempered-kl": Entry(ENERGIES, f"{FROM_FILES}:tempered_kl"),
}
NOT_FROM_FILES: dict[str, str] = {}
"""Metrics of the registry that no file can be scored by, each with the reason."""


def named(name: str) -> str:
    """The metric of a registry's name, or of a function's name where only one metric has that function."""
    if name in METRICS:
        return name
    own = [metric for metric, entry in METRICS.items() if address(metric, entry).rpartition(":")[2] == name]
    if len(own) == 1:
        return own[0]
    if own:
        raise ValueError(f"{name} computes several metrics: name one of {', '.join(own)}")
    if name in NOT_FROM_FILES:
        raise ValueError(f"{name} cannot be computed from files: {NOT_FROM_FILES[name]}")
    raise ValueError(f"unknown metric {name!r}{registry.did_you_mean(name, list(METRICS))} (`repro score` lists all)")


def address(metric: str, entry: Entry) -> str:
    """The `module:attribute` of a metric's function."""
    return entry.address or ":".join(registry.METRICS.address(metric))
