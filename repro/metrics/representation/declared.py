"""The metrics of codes and of what is reconstructed from them."""

from __future__ import annotations

from repro.metrics.declaration import File, Metric

METRICS = (
    Metric("principal-angle", "angles:principal_angle", better="lower", unit="rad",
           files=(File("codes", "matrix", "codes (N, K) of N examples"),
                  File("reference", "matrix", "others (N, K) of the same examples, principal components say"))),
    Metric("reconstruction-error", "reconstruction:reconstruction_error", better="lower", unit="", scale="log",
           files=(File("reconstructions", "matrix", "reconstructions (N, D)"),
                  File("originals", "matrix", "what is reconstructed (N, D)"))),
)  # fmt: skip
