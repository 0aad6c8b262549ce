"""The metrics: pure functions on arrays and token lists. A name imported from here imports only its own module.

Code inside this project imports from the module itself.
"""

from __future__ import annotations

from repro.exports import lazily

EXPORTS = {
    "CriticSettings": "repro.metrics.word_mover",
    "KneserNey": "repro.metrics.kneser_ney",
    "LstmSettings": "repro.metrics.reverse",
    "Nll": "repro.metrics.language",
    "Oracle": "repro.metrics.language",
    "PairwiseKl": "repro.metrics.pairwise_kl",
    "Score": "repro.metrics.score",
    "StreamedMatrix": "repro.metrics.spectrum",
    "bits_per_character": "repro.metrics.language",
    "bits_per_dimension": "repro.metrics.language",
    "divergence_limit_error": "repro.metrics.divergence",
    "earth_movers_distance": "repro.metrics.transport",
    "exact_plan": "repro.metrics.transport",
    "histogram_kl": "repro.metrics.histogram",
    "ipot_distance": "repro.metrics.transport",
    "ipot_plan": "repro.metrics.transport",
    "jensen_shannon": "repro.metrics.divergence",
    "kl_divergence": "repro.metrics.divergence",
    "nearest_node_histogram": "repro.metrics.histogram",
    "negative_log_likelihood": "repro.metrics.language",
    "nll_oracle": "repro.metrics.language",
    "nll_test": "repro.metrics.language",
    "normalised_spectrum": "repro.metrics.spectrum",
    "numerical_rank": "repro.metrics.spectrum",
    "numpy_threshold": "repro.metrics.spectrum",
    "perplexity": "repro.metrics.language",
    "perplexity_per_row": "repro.metrics.language",
    "press_threshold": "repro.metrics.spectrum",
    "reverse_perplexity_arae": "repro.metrics.kneser_ney",
    "reverse_perplexity_kneser_ney": "repro.metrics.kneser_ney",
    "reverse_perplexity": "repro.metrics.reverse",
    "sampled_pairwise_kl": "repro.metrics.pairwise_kl",
    "singular_value_quantile": "repro.metrics.spectrum",
    "temperature": "repro.metrics.histogram",
    "tempered_kl": "repro.metrics.histogram",
    "token_mixture_divergence": "repro.metrics.divergence",
    "word_mover_distance": "repro.metrics.word_mover",
}
"""Name to module. Read by `repro.plan.fingerprint` too, which follows a name to its module."""

__getattr__, __dir__ = lazily(__name__, EXPORTS)
