"""Normalizing flows: densities by a change of variables, exact at every point and easy to draw from."""

from repro.metrics.declaration import Metric

METHODS = {
    "glow": "glow_training:Glow",
    "maf": "likelihood:MaskedAutoregressiveFlow",
    "planar-flow": "planar:PlanarFlow",
    "real-nvp": "likelihood:RealNvp",
}
METRICS = (
    Metric("flow-determinant-error", "identities:determinant_error", better="lower", unit="nats", scale="log",
           of_models="density-estimation", reads=("small",), no_files="it is about the Jacobian of a model"),
    Metric("flow-inverse-error", "identities:inverse_error", better="lower", unit="", scale="log",
           of_models="density-estimation", no_files="it is about a model and its inverse"),
    Metric("plane-integral-error", "identities:integral_error", better="lower", unit="", scale="log",
           of_models="density-estimation", no_files="it is about the density of a model at all points of a plane"),
)  # fmt: skip
