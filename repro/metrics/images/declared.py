"""The metrics of sets of images."""

from __future__ import annotations

from repro.metrics.declaration import File, Metric

_ADAPTERS = "repro.scoring.adapters"
_IMAGES = (File("images", "array", "images (N, H, W[, C]) of uint8, or the probabilities (N, K) of a classifier"),)
_REAL_IMAGES = (
    File("images", "array", "images (N, H, W[, C]) of uint8"),
    File("reference", "array", "the real images, of uint8"),
)
_FEATURES = (
    File("features", "matrix", "features (N, D)"),
    File("reference", "matrix", "the features (M, D) of the reference"),
)

METRICS = (
    Metric("ebgan-score", "inception:ebgan_score", better="higher", unit="nats", files=_IMAGES,
           from_files=f"{_ADAPTERS}:ebgan_score"),
    Metric("frechet-distance", "frechet:frechet_distance", better="lower", unit="", scale="log", files=_FEATURES),
    Metric("frechet-inception-distance", "sets:frechet_distance_of_images", better="lower", unit="", scale="log",
           files=_REAL_IMAGES, from_files=f"{_ADAPTERS}:frechet_inception_distance"),
    Metric("inception-score", "inception:inception_score", better="higher", unit="", files=_IMAGES,
           from_files=f"{_ADAPTERS}:inception_score"),
    Metric("inception-score-in-order", "inception:inception_score_in_order", better="higher", unit="", files=_IMAGES,
           from_files=f"{_ADAPTERS}:inception_score", given={"shuffle_seed": None}),
)  # fmt: skip
