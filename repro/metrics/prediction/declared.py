"""The metrics of predictions: labels, scores, answers, rankings, and probes of frozen features."""

from __future__ import annotations

from repro.metrics.declaration import File, Metric

_ADAPTERS = "repro.scoring.adapters"
_LABELS = (
    File("predictions", "labels", "the predicted label of each item"),
    File("labels", "labels", "the right label of each item"),
)
_SCORES = (
    File("predictions", "numbers", "the predicted score of each item"),
    File("scores", "numbers", "the given score of each item"),
)
_ANSWERS = (
    File("predictions", "texts", "the predicted answer to each question"),
    File("answers", "reference_texts", "the right answers to each question; a JSON list is several"),
)
_NULL = File("no_answer", "numbers", "the no-answer score of each question: above the threshold it is left unanswered")
_RANKING = (
    File("run", "ranking", "a TREC run: topic Q0 document rank score name"),
    File("judgements", "judgements", "TREC qrels: topic 0 document grade"),
)
_PROBES = tuple(
    File(f"{split}_{what}", "matrix" if what == "features" else "labels", f"the {what} of the {split} split")
    for split in ("test", "train", "valid") for what in ("features", "labels")
)  # fmt: skip

METRICS = (
    Metric("accuracy", "classification:accuracy", better="higher", unit="share", files=_LABELS),
    Metric("best-exact-match", "squad:best_exact_match", better="higher", unit="%", files=(*_ANSWERS, _NULL)),
    Metric("best-f1", "squad:best_f1", better="higher", unit="%", files=(*_ANSWERS, _NULL)),
    Metric("classification-f1", "classification:classification_f1", better="higher", unit="score", files=_LABELS),
    Metric("err-20", "ranking:err", better="higher", unit="score", files=_RANKING),
    Metric("error-count", "classification:error_count", better="lower", unit="count", scale="log", files=_LABELS),
    Metric("error-over-runs", "classification:error_over_runs", better="lower",
           files=(File("errors", "numbers", "the error of each run"),)),
    Metric("error-rate", "classification:error_rate", better="lower", unit="share", files=_LABELS),
    Metric("exact-match", "squad:exact_match", better="higher", unit="%", files=_ANSWERS),
    Metric("f1", "squad:f1", better="higher", unit="%", files=_ANSWERS),
    Metric("has-answer-exact-match", "squad:has_answer_exact_match", better="higher", unit="%", files=_ANSWERS),
    Metric("has-answer-f1", "squad:has_answer_f1", better="higher", unit="%", files=_ANSWERS),
    Metric("linear-probe-error", "linear_probe:linear_probe_error", better="lower", unit="share", files=_PROBES,
           from_files=f"{_ADAPTERS}:linear_probe_error"),
    Metric("matthews", "classification:matthews", better="higher", unit="score", files=_LABELS),
    Metric("ndcg-20", "ranking:ndcg", better="higher", unit="score", files=_RANKING),
    Metric("pearson", "correlation:pearson", better="higher", unit="score", files=_SCORES),
    Metric("pearson-spearman", "correlation:pearson_spearman", better="higher", unit="score", files=_SCORES),
    Metric("softmax-probe-error", "linear_probe:softmax_probe_error", better="lower", unit="share", files=_PROBES[:4],
           from_files=f"{_ADAPTERS}:softmax_probe_error"),
    Metric("spearman", "correlation:spearman", better="higher", unit="score", files=_SCORES),
)  # fmt: skip
