"""Boltzmann machines, restricted and deep, with annealed importance sampling of their partition functions."""

from repro.metrics.declaration import Metric

METHODS = {
    "dbm": "dbm:DeepBoltzmannMachine",
    "dbm-layer-by-layer": "dbm:LayerByLayer",
    "rbm": "rbm:RestrictedBoltzmannMachine",
}
METRICS = (
    Metric("dbm-gradient-error", "identities:deep_gradient_error", better="lower", unit="", scale="log",
           of_models="density-estimation", reads=("small",), no_files="it is about all states of a model"),
    Metric("mean-field-gap", "identities:mean_field_gap", unit="nats",
           of_models="density-estimation", reads=("small",), no_files="it is about all states of a model"),
    Metric("rbm-conditional-error", "identities:conditional_error", better="lower", unit="", scale="log",
           of_models="density-estimation", reads=("small",), no_files="it is about all states of a model"),
    Metric("rbm-gradient-error", "identities:restricted_gradient_error", better="lower", unit="", scale="log",
           of_models="density-estimation", reads=("small",), no_files="it is about all states of a model"),
)  # fmt: skip
