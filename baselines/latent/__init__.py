"""Models of latent variables trained by variational and importance weighted bounds."""

from repro.metrics.declaration import Metric

METHODS = {
    "iwae": "methods:IWAE",
    "vae": "methods:VAE",
}
METRICS = (
    Metric("active-units", "measures:active_units", better="higher", unit="count",
           of_models="density-estimation", reads=("binarised", "examples"), no_files="it is about a model's latents"),
    Metric("bound-gap", "measures:bound_gap", better="lower", unit="nats",
           of_models="density-estimation", reads=("binarised", "examples"), no_files="it is about a model's bound"),
    Metric("gradient-variance", "measures:gradient_variance", better="lower", unit="", scale="log",
           of_models="density-estimation", reads=("binarised", "examples"), no_files="it is about a model's gradient"),
    Metric("importance-weighted-bound", "measures:importance_weighted_bound", better="higher", unit="nats",
           of_models="density-estimation", reads=("binarised", "examples"), no_files="it is about a model's bound"),
    Metric("variational-bound-error", "measures:variational_bound_error", better="lower", unit="nats", scale="log",
           of_models="density-estimation", no_files="it is about a model's bound"),
)  # fmt: skip
