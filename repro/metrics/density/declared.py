"""The metrics of densities and distributions."""

from __future__ import annotations

from repro.metrics.declaration import File, Metric

_ADAPTERS = "repro.scoring.adapters"
_RBM = (File("rbm", "arrays", "an .npz of `weights` (visible, hidden), `visible_bias`, `hidden_bias`"),)
_DATA = File("data", "matrix", "training data (N, visible) in [0, 1], for the base-rate start", optional=True)
_HISTOGRAMS = (
    File("p", "numbers", "a distribution: the probability of each cell"),
    File("q", "numbers", "the other distribution, on the same cells"),
)
_ENERGIES = (_HISTOGRAMS[0], File("energy", "numbers", "the energy of each cell, in nats"))

METRICS = (
    Metric("divergence-limit-error", "divergence:divergence_limit_error", better="lower", unit="nats", scale="log",
           files=_HISTOGRAMS),
    Metric("histogram-kl", "histogram:histogram_kl", better="lower", unit="nats", scale="log", files=_HISTOGRAMS,
           from_files=f"{_ADAPTERS}:histogram_kl"),
    Metric("identity-error", "identity:identity_error", better="lower", unit="", scale="log",
           files=(File("left", "numbers", "one side of an equality, a number an entry"),
                  File("right", "numbers", "the other side"))),
    Metric("jensen-shannon-divergence", "divergence:jensen_shannon", better="lower", unit="nats", scale="log",
           files=_HISTOGRAMS),
    Metric("kl-divergence", "divergence:kl_divergence", better="lower", unit="nats", scale="log", files=_HISTOGRAMS),
    Metric("log-partition", "rbm:exact_log_partition", unit="nats", files=_RBM,
           from_files=f"{_ADAPTERS}:log_partition"),
    Metric("log-partition-ais", "rbm:ais_log_partition", unit="nats", files=(*_RBM, _DATA),
           from_files=f"{_ADAPTERS}:log_partition_ais"),
    Metric("log-probability", "rbm:log_probability", better="higher", unit="nats",
           files=(File("visible", "matrix", "data (N, visible) in [0, 1]"), *_RBM),
           from_files=f"{_ADAPTERS}:log_probability"),
    Metric("mass-off-support", "divergence:mass_off_support", better="lower", unit="share", files=_HISTOGRAMS),
    Metric("temperature", "histogram:temperature", unit="", scale="log", files=_ENERGIES,
           from_files=f"{_ADAPTERS}:temperature"),
    Metric("tempered-kl", "histogram:tempered_kl", better="lower", unit="nats", scale="log", files=_ENERGIES,
           from_files=f"{_ADAPTERS}:tempered_kl"),
)  # fmt: skip
