"""What `repro score` can compute: the metrics whose declarations name files, each with the function they go to."""

from __future__ import annotations

from repro.hints import did_you_mean
from repro.metrics.declaration import Metric
from repro.registry import METRICS
from repro.registry.addresses import is_address


def scorable() -> dict[str, Metric]:
    """The project's metrics that files can be scored by, by name, in order."""
    return {name: metric for name, metric in METRICS.own_declared.items() if metric.files}


def named(name: str) -> Metric:
    """The metric of a name or an address, or of a function's name where only one metric has that function.

    Raises ValueError for an unknown name, and for a metric that no file can be scored by.
    """
    known = scorable()
    if name in known:
        return known[name]
    own = [metric for metric in known.values() if function_of(metric).rpartition(":")[2] == name]
    if len(own) == 1:
        return own[0]
    if own:
        raise ValueError(f"{name} computes several metrics: name one of {', '.join(metric.name for metric in own)}")
    if name not in METRICS and not is_address(name):
        raise ValueError(f"unknown metric {name!r}{did_you_mean(name, known)} (`repro score` lists all)")
    METRICS.check(name)
    metric = METRICS.declared(name)
    if metric.files:
        return metric
    why = metric.no_files or "its declaration names no files: METRICS = (Metric(..., files=(File(...),)),) beside it"
    raise ValueError(f"{name} cannot be computed from files: {why}")


def function_of(metric: Metric) -> str:
    """The `module:attribute`, or `file.py:attribute`, of what takes the contents of a metric's files."""
    given = metric.from_files
    if not given or ":" in given:
        return given or metric.function
    return f"{metric.function.rpartition(':')[0]}:{given}"


def as_written(metric: Metric) -> list[str]:
    """The files of a metric as the command line takes them: the first stands without an option."""
    first, *others = metric.files
    options = [f"{file.option} FILE" for file in others]
    shown = [f"[{text}]" if file.optional else text for file, text in zip(others, options, strict=True)]
    return [first.parameter.upper().replace("_", "-"), *shown]
