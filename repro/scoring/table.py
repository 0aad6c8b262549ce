"""What `repro score` can compute: for each metric the files it takes and the function they go to.

A metric more is an entry more. Its options are the other parameters of the function, by their annotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from repro import registry

Kind: TypeAlias = Literal[
    "array", "arrays", "judgements", "labels", "matrix", "numbers", "paragraphs", "ranking", "reference_paragraphs",
    "reference_texts", "references", "sentences", "texts",
]  # fmt: skip
"""How a file is read: see `repro.scoring.inputs`, one function each. Files of references may be several."""


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
DATA = File("data", "matrix", "training data (N, visible) in [0, 1], for the base-rate start", optional=True)
HISTOGRAMS = (
    File("p", "numbers", "a distribution: the probability of each cell"),
    File("q", "numbers", "the other distribution, on the same cells"),
)
ENERGIES = (HISTOGRAMS[0], File("energy", "numbers", "the energy of each cell, in nats"))

OVERLAP = (
    File("hypotheses", "sentences", "the generated sentence of each item"),
    File("references", "references", "a reference of each item; a JSON list is several"),
)
TEXTS = (
    File("hypotheses", "texts", "the generated text of each item"),
    File("references", "reference_texts", "a reference of each item; a JSON list is several"),
)
PARAGRAPHS = (
    File("hypotheses", "paragraphs", "the generated text of each item: a JSON list of sentences"),
    File("references", "reference_paragraphs", "the reference text of each item"),
)
ANSWERS = (
    File("predictions", "texts", "the predicted answer to each question"),
    File("answers", "reference_texts", "the right answers to each question; a JSON list is several"),
)
SAMPLES = (File("sentences", "sentences", "the generated sentences"),)
AGAINST_ALL = (OVERLAP[0], File("references", "sentences", "all reference sentences, which each item is compared with"))
LOG_P = (File("log_p", "numbers", "the log-probability in nats of each token"),)
SEQUENCES = (File("log_p", "numbers", "the log-probability in nats of each sequence"),)
COST = (
    File("cost", "matrix", "the cost (n, m) of moving from each point to each other"),
    File("p", "numbers", "the weight of each row; uniform by default", optional=True),
    File("q", "numbers", "the weight of each column; uniform by default", optional=True),
)
WORDS = (
    File("samples", "array", "word numbers (N, T) of generated sentences"),
    File("references", "array", "word numbers (M, T) of real sentences"),
    File("embeddings", "matrix", "the vector (V, E) of each word"),
)
REVERSE = (
    File("generated", "sentences", "the generated sentences, which a model is trained on"),
    File("real", "sentences", "the real sentences, which it is tested on"),
    File(
        "validation", "sentences", "sentences that choose the epoch; a tenth of the generated by default", optional=True
    ),
)
MATRIX = (File("matrix", "matrix", "a matrix (T, M)"),)
CONTEXTS = (File("log_p", "matrix", "the log-probabilities in nats (T, M) of all words in each context"),)
SPECTRUM = (File("values", "numbers", "the singular values"),)

FROM_FILES = "repro.scoring.adapters"
METRICS: dict[str, Entry] = {
    "accuracy": Entry(LABELS),
    "bits-per-character": Entry(LOG_P, f"{FROM_FILES}:bits_per_character"),
    "bits-per-dimension": Entry(LOG_P, f"{FROM_FILES}:bits_per_dimension"),
    "bleu-1": Entry(OVERLAP, given={"weights": (1.0,)}),
    "bleu-2": Entry(OVERLAP, given={"weights": (1 / 2,) * 2}),
    "bleu-3": Entry(OVERLAP, given={"weights": (1 / 3,) * 3}),
    "bleu-4": Entry(OVERLAP, given={"weights": (1 / 4,) * 4}),
    "bleu-5": Entry(OVERLAP, given={"weights": (1 / 5,) * 5}),
    "cider": Entry(OVERLAP),
    "cider-d": Entry(OVERLAP),
    "classification-f1": Entry(LABELS),
    "coco-bleu": Entry(OVERLAP, "repro.metrics.text.bleu_scripts:coco_bleu"),
    "coco-rouge-l": Entry(OVERLAP, "repro.metrics.text.rouge_scripts:coco_rouge_l"),
    "corpus-bleu": Entry(OVERLAP, "repro.metrics.text.bleu:corpus_bleu"),
    "distinct-1": Entry(SAMPLES, given={"n": 1}),
    "distinct-2": Entry(SAMPLES, given={"n": 2}),
    "distinct-by-sentence": Entry(SAMPLES, "repro.metrics.text.distinct:distinct_n_by_sentence"),
    "divergence-limit-error": Entry(HISTOGRAMS),
    "duc-recall": Entry(TEXTS, "repro.metrics.text.rouge_scripts:duc_recall"),
    "earth-movers-distance": Entry(COST, "repro.metrics.text.transport:earth_movers_distance"),
    "ebgan-score": Entry(IMAGES, f"{FROM_FILES}:ebgan_score"),
    "err-20": Entry(RANKING),
    "error-count": Entry(LABELS),
    "error-over-runs": Entry((File("errors", "numbers", "the error of each run"),)),
    "error-rate": Entry(LABELS),
    "exact-match": Entry(ANSWERS),
    "expected-pairwise-kl": Entry(CONTEXTS, f"{FROM_FILES}:expected_pairwise_kl"),
    "f1": Entry(ANSWERS),
    "frechet-distance": Entry(FEATURES),
    "frechet-inception-distance": Entry(REAL_IMAGES, f"{FROM_FILES}:frechet_inception_distance"),
    "histogram-kl": Entry(HISTOGRAMS, f"{FROM_FILES}:histogram_kl"),
    "inception-score": Entry(IMAGES, f"{FROM_FILES}:inception_score"),
    "inception-score-in-order": Entry(IMAGES, f"{FROM_FILES}:inception_score", {"shuffle_seed": None}),
    "ipot-distance": Entry(COST, "repro.metrics.text.transport:ipot_distance"),
    "jensen-shannon-divergence": Entry(HISTOGRAMS),
    "kl-divergence": Entry(HISTOGRAMS),
    "linear-probe-error": Entry(PROBES, f"{FROM_FILES}:linear_probe_error"),
    "log-partition": Entry(RBM, f"{FROM_FILES}:log_partition"),
    "log-partition-ais": Entry((*RBM, DATA), f"{FROM_FILES}:log_partition_ais"),
    "log-probability": Entry(
        (File("visible", "matrix", "data (N, visible) in [0, 1]"), *RBM), f"{FROM_FILES}:log_probability"
    ),
    "matthews": Entry(LABELS),
    "meteor": Entry(OVERLAP),
    "multi-bleu": Entry(OVERLAP, "repro.metrics.text.bleu_scripts:multi_bleu"),
    "ndcg-20": Entry(RANKING),
    "negative-log-likelihood": Entry(SEQUENCES),
    "nll-oracle": Entry(SEQUENCES, f"{FROM_FILES}:nll_oracle"),
    "nll-test": Entry(SEQUENCES, f"{FROM_FILES}:nll_test"),
    "pearson": Entry(SCORES),
    "pearson-spearman": Entry(SCORES),
    "perplexity": Entry(LOG_P, f"{FROM_FILES}:perplexity"),
    "perplexity-per-row": Entry(LOG_P, f"{FROM_FILES}:perplexity_per_row"),
    "rank": Entry(MATRIX, "repro.metrics.language.spectrum:numerical_rank"),
    "reverse-perplexity": Entry(REVERSE),
    "rouge-1": Entry(OVERLAP, given={"n": 1}),
    "rouge-2": Entry(OVERLAP, given={"n": 2}),
    "rouge-l": Entry(OVERLAP),
    "rouge-lsum": Entry(PARAGRAPHS),
    "sacrebleu": Entry(TEXTS, "repro.metrics.text.bleu_scripts:sacrebleu"),
    "self-bleu": Entry(SAMPLES),
    "self-bleu-counting-itself": Entry(SAMPLES, "repro.metrics.text.bleu_sets:self_bleu_counting_itself"),
    "sentence-bleu": Entry(OVERLAP, "repro.metrics.text.bleu:sentence_bleu"),
    "singular-value-quantile": Entry(SPECTRUM),
    "softmax-probe-error": Entry(PROBES[:4], f"{FROM_FILES}:softmax_probe_error"),
    "spearman": Entry(SCORES),
    "temperature": Entry(ENERGIES, f"{FROM_FILES}:temperature"),
    "tempered-kl": Entry(ENERGIES, f"{FROM_FILES}:tempered_kl"),
    "tensorflow-nmt-bleu": Entry(OVERLAP, "repro.metrics.text.bleu_scripts:tensorflow_nmt_bleu"),
    "tensorflow-nmt-rouge": Entry(AGAINST_ALL, "repro.metrics.text.rouge_scripts:tensorflow_nmt_rouge"),
    "texygen-bleu": Entry(AGAINST_ALL, "repro.metrics.text.bleu_sets:texygen_bleu"),
    "texygen-bleu-fast": Entry(AGAINST_ALL, "repro.metrics.text.bleu_sets:texygen_bleu_fast"),
    "word-mover-distance": Entry(WORDS, f"{FROM_FILES}:word_mover_distance"),
}
NOT_FROM_FILES = {
    "loss-gain": "it is about one step of a text, as two models see it",
    "parameters": "it counts the parameters of a model",
    "position": "it is where one step of a text is",
    "predicted-token": "it is a word, not a score",
    "probability": "it is about one step of a text, as a model sees it",
    "text-token": "it is a word, not a score",
    "training-time": "it is measured while models are trained",
    "training-time-spread": "it is measured while models are trained",
    "rank-excess": "it compares with the width of a model's embedding; `rank` is the rank alone",
}
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
