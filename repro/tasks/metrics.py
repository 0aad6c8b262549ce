"""The metrics that a task computes from its model, and no function of files does."""

from __future__ import annotations

from repro.metrics.declaration import Metric

_OF_ONE_STEP = "it is about one step of a text, as a model sees it"
_A_WORD = "it is a word, not a score"
_TIMED = "it is measured while models are trained"

METRICS = (
    Metric("loss-gain", "next_token:largest_gains", unit="nats",
           no_files="it is about one step of a text, as two models see it"),
    Metric("parameters", "reading:parameter_count", unit="count", scale="log",
           no_files="it counts the parameters of a model"),
    Metric("position", "next_token:largest_gains", words=True, no_files="it is where one step of a text is"),
    Metric("predicted-token", "next_token:most_likely", words=True, no_files=_A_WORD),
    Metric("probability", "next_token:most_likely", unit="share", no_files=_OF_ONE_STEP),
    Metric("rank-excess", "reading:rank_excess", unit="count",
           no_files="it compares with the width of a model's embedding; `rank` is the rank alone"),
    Metric("text-token", "next_token:Step", words=True, no_files=_A_WORD),
    Metric("total-probability-error", "total_probability:total_probability_error", better="lower", unit="", scale="log",
           of_models="density-estimation", reads=("small",), no_files="it is about all states of a model"),
    Metric("training-time", "training_time:slowdown", better="lower", unit="x", scale="log", no_files=_TIMED),
    Metric("training-time-spread", "training_time:slowdown_spread", unit="x", scale="log", no_files=_TIMED),
)  # fmt: skip
