"""The declarations of all metrics in this package. Importing them imports no metric."""

from __future__ import annotations

from collections.abc import Iterator

from repro.metrics.declaration import Metric
from repro.metrics.density.declared import METRICS as OF_DENSITIES
from repro.metrics.folds import METRICS as FOLDS
from repro.metrics.images.declared import METRICS as OF_IMAGES
from repro.metrics.language.declared import METRICS as OF_LANGUAGE_MODELS
from repro.metrics.prediction.declared import METRICS as OF_PREDICTIONS
from repro.metrics.representation.declared import METRICS as OF_REPRESENTATIONS
from repro.metrics.text.declared import METRICS as OF_TEXTS

_BY_PACKAGE = {
    "repro.metrics": FOLDS,
    "repro.metrics.density": OF_DENSITIES,
    "repro.metrics.images": OF_IMAGES,
    "repro.metrics.language": OF_LANGUAGE_MODELS,
    "repro.metrics.prediction": OF_PREDICTIONS,
    "repro.metrics.representation": OF_REPRESENTATIONS,
    "repro.metrics.text": OF_TEXTS,
}


def declarations() -> Iterator[tuple[str, Metric]]:
    """Each metric after the package that its `function` is addressed from."""
    for package, metrics in _BY_PACKAGE.items():
        yield from ((package, metric) for metric in metrics)
