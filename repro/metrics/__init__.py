"""The metrics: pure functions on arrays and token lists. A name imported from here imports only its own module.

Code inside this project imports from the module itself.
"""

from __future__ import annotations

from repro.exports import lazily

EXPORTS = {
    "Abstention": "repro.metrics.squad",
    "Score": "repro.metrics.score",
    "best_exact_match": "repro.metrics.squad",
    "best_f1": "repro.metrics.squad",
    "bleu_precision_recall": "repro.metrics.bleu_sets",
    "cider_d": "repro.metrics.cider",
    "cider_score": "repro.metrics.cider",
    "coco_bleu": "repro.metrics.bleu_scripts",
    "coco_rouge_l": "repro.metrics.rouge_scripts",
    "corpus_bleu": "repro.metrics.bleu",
    "distinct_n": "repro.metrics.distinct",
    "distinct_n_by_sentence": "repro.metrics.distinct",
    "duc_recall": "repro.metrics.rouge_scripts",
    "exact_match": "repro.metrics.squad",
    "f1": "repro.metrics.squad",
    "histogram_kl": "repro.metrics.histogram",
    "meteor_score": "repro.metrics.meteor",
    "multi_bleu": "repro.metrics.bleu_scripts",
    "nearest_node_histogram": "repro.metrics.histogram",
    "rouge_l": "repro.metrics.rouge",
    "rouge_lsum": "repro.metrics.rouge",
    "rouge_n": "repro.metrics.rouge",
    "sacrebleu": "repro.metrics.bleu_scripts",
    "self_bleu": "repro.metrics.bleu_sets",
    "self_bleu_counting_itself": "repro.metrics.bleu_sets",
    "sentence_bleu": "repro.metrics.bleu",
    "temperature": "repro.metrics.histogram",
    "tempered_kl": "repro.metrics.histogram",
    "tensorflow_nmt_bleu": "repro.metrics.bleu_scripts",
    "tensorflow_nmt_rouge": "repro.metrics.rouge_scripts",
    "texygen_bleu": "repro.metrics.bleu_sets",
    "texygen_bleu_fast": "repro.metrics.bleu_sets",
    "tokenise": "repro.metrics.tokens",
}
"""Name to module. Read by `repro.plan.fingerprint` too, which follows a name to its module."""

__getattr__, __dir__ = lazily(__name__, EXPORTS)
