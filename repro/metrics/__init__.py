"""The metrics: pure functions on arrays and token lists. A name imported from here imports only its own module.

The functions of all declared metrics can be had, and what else stands in `BESIDE`. Code inside this project imports
from the module itself.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

BESIDE = {
    "Abstention": "repro.metrics.prediction.squad",
    "CriticSettings": "repro.metrics.text.word_mover",
    "File": "repro.metrics.declaration",
    "KneserNey": "repro.metrics.language.kneser_ney",
    "Labelled": "repro.metrics.prediction.linear_probe",
    "LstmSettings": "repro.metrics.language.reverse",
    "Metric": "repro.metrics.declaration",
    "Network": "repro.metrics.images.networks",
    "Nll": "repro.metrics.language.likelihood",
    "Oracle": "repro.metrics.language.likelihood",
    "Rbm": "repro.metrics.density.rbm",
    "Score": "repro.metrics.score",
    "base_rate_bias": "repro.metrics.density.rbm",
    "bleu_precision_recall": "repro.metrics.text.bleu_sets",
    "count_of_rate": "repro.metrics.prediction.classification",
    "ebgan_score_of_images": "repro.metrics.images.sets",
    "exact_plan": "repro.metrics.text.transport",
    "frechet_distance_of_moments": "repro.metrics.images.frechet",
    "free_log_probability": "repro.metrics.density.rbm",
    "inception_network": "repro.metrics.images.networks",
    "inception_score_of_images": "repro.metrics.images.sets",
    "ipot_plan": "repro.metrics.text.transport",
    "load_mnist_classifier": "repro.metrics.images.mnist_classifier",
    "nearest_node_histogram": "repro.metrics.density.histogram",
    "normalised_spectrum": "repro.metrics.language.spectrum",
    "numerical_rank": "repro.metrics.language.spectrum",
    "numpy_threshold": "repro.metrics.language.spectrum",
    "press_threshold": "repro.metrics.language.spectrum",
    "probabilities_of": "repro.metrics.images.inception",
    "rate_of_count": "repro.metrics.prediction.classification",
    "reference_schedule": "repro.metrics.density.rbm",
    "reverse_perplexity_arae": "repro.metrics.language.kneser_ney",
    "reverse_perplexity_kneser_ney": "repro.metrics.language.kneser_ney",
    "sampled_pairwise_kl": "repro.metrics.language.pairwise_kl",
    "token_mixture_divergence": "repro.metrics.density.divergence",
    "tokenise": "repro.metrics.text.tokens",
}
"""Name to module of what is no metric by itself: types of arguments, parts of metrics."""


@cache
def _exports() -> dict[str, str]:
    from repro.metrics.declarations import declarations

    places = ((package, *metric.function.split(":")) for package, metric in declarations() if not metric.fold)
    return {**{attribute: f"{package}.{module}" for package, module, attribute in places}, **BESIDE}


def __getattr__(name: str) -> Any:
    """What the package offers, and EXPORTS: each such name with its module, which `repro.plan.fingerprint` follows."""
    if name == "EXPORTS":
        return _exports()
    if name == "__all__":
        return __dir__()
    if name.startswith("_") or name not in _exports():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_exports()[name]), name)


def __dir__() -> list[str]:
    return sorted(_exports())
