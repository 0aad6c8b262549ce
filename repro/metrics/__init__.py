"""The metrics: pure functions on arrays and token lists. A name imported from here imports only its own module.

Code inside this project imports from the module itself.
"""

from __future__ import annotations

from repro.exports import lazily

EXPORTS = {
    "PairwiseKl": "repro.metrics.pairwise_kl",
    "Score": "repro.metrics.score",
    "StreamedMatrix": "repro.metrics.spectrum",
    "histogram_kl": "repro.metrics.histogram",
    "nearest_node_histogram": "repro.metrics.histogram",
    "normalised_spectrum": "repro.metrics.spectrum",
    "numerical_rank": "repro.metrics.spectrum",
    "numpy_threshold": "repro.metrics.spectrum",
    "press_threshold": "repro.metrics.spectrum",
    "sampled_pairwise_kl": "repro.metrics.pairwise_kl",
    "singular_value_quantile": "repro.metrics.spectrum",
    "temperature": "repro.metrics.histogram",
    "tempered_kl": "repro.metrics.histogram",
}
"""Name to module. Read by `repro.plan.fingerprint` too, which follows a name to its module."""

__getattr__, __dir__ = lazily(__name__, EXPORTS)
