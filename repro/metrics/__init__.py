"""The metrics: pure functions on arrays and token lists. A name imported from here imports only its own module.

Code inside this project imports from the module itself.
"""

from __future__ import annotations

from repro.exports import lazily

EXPORTS = {
    "Labelled": "repro.metrics.linear_probe",
    "Network": "repro.metrics.networks",
    "Rbm": "repro.metrics.rbm",
    "Score": "repro.metrics.score",
    "accuracy": "repro.metrics.classification",
    "ais_log_partition": "repro.metrics.rbm",
    "base_rate_bias": "repro.metrics.rbm",
    "classification_f1": "repro.metrics.classification",
    "count_of_rate": "repro.metrics.classification",
    "ebgan_score": "repro.metrics.inception",
    "ebgan_score_of_images": "repro.metrics.images",
    "err": "repro.metrics.ranking",
    "error_count": "repro.metrics.classification",
    "error_over_runs": "repro.metrics.classification",
    "error_rate": "repro.metrics.classification",
    "exact_log_partition": "repro.metrics.rbm",
    "frechet_distance": "repro.metrics.frechet",
    "frechet_distance_of_images": "repro.metrics.images",
    "frechet_distance_of_moments": "repro.metrics.frechet",
    "free_log_probability": "repro.metrics.rbm",
    "histogram_kl": "repro.metrics.histogram",
    "inception_network": "repro.metrics.networks",
    "inception_score": "repro.metrics.inception",
    "inception_score_in_order": "repro.metrics.inception",
    "inception_score_of_images": "repro.metrics.images",
    "linear_probe_error": "repro.metrics.linear_probe",
    "load_mnist_classifier": "repro.metrics.mnist_classifier",
    "log_probability": "repro.metrics.rbm",
    "matthews": "repro.metrics.classification",
    "ndcg": "repro.metrics.ranking",
    "nearest_node_histogram": "repro.metrics.histogram",
    "pearson": "repro.metrics.correlation",
    "pearson_spearman": "repro.metrics.correlation",
    "probabilities_of": "repro.metrics.inception",
    "rate_of_count": "repro.metrics.classification",
    "reference_schedule": "repro.metrics.rbm",
    "softmax_probe_error": "repro.metrics.linear_probe",
    "spearman": "repro.metrics.correlation",
    "temperature": "repro.metrics.histogram",
    "tempered_kl": "repro.metrics.histogram",
}
"""Name to module. Read by `repro.plan.fingerprint` too, which follows a name to its module."""

__getattr__, __dir__ = lazily(__name__, EXPORTS)
