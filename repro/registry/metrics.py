"""The metrics: those that the folders of `repro.metrics`, the tasks and the families declare, and one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from repro.metrics.declaration import Metric
from repro.metrics.units import shown_unit, unit_problem
from repro.registry import addresses, families
from repro.registry.literals import metrics_in
from repro.registry.table import Registry


class Metrics(Registry):
    """Names of metrics, with what is declared of each."""

    @cached_property
    def own_declared(self) -> dict[str, Metric]:
        """The project's own metrics by name, in order; `function` is the whole address."""
        found: dict[str, Metric] = {}
        for package, metric in _declarations():
            if metric.name in found:
                raise ValueError(f"metric {metric.name!r} is declared twice: in {found[metric.name].function}, and in "
                                 f"{package}.{metric.function}")  # fmt: skip
            found[metric.name] = replace(metric, function=f"{package}.{metric.function}")
        return {name: found[name] for name in sorted(found)}

    def declared(self, name: str, beside: Path | None = None) -> Metric:
        """What is known of a metric: of one that is not the project's own, what its file or module declares, unrun.

        Where that declares nothing, all but name and function is left open. Raises ValueError for an unknown name.
        """
        address = self.address(name, beside)
        own = self.own_declared.get(name)
        if own is not None and own.function == address:
            return own
        module, attribute = addresses.source_of(address, f"{self.kind} {name}")
        for metric in metrics_in(module):
            if metric.function.rpartition(":")[2] == attribute:
                return replace(metric, name=name, function=address)
        return Metric(name, address)

    def of_column(self, name: str, args: Mapping[str, Any], beside: Path | None = None) -> Metric:
        """What is known of the numbers of a column: a fold without a unit has side, unit and scale of its score."""
        metric = self.declared(name, beside)
        if not metric.fold or metric.unit is not None:
            return metric
        if not isinstance(args.get("score"), str):
            raise ValueError(f"metric {name!r} folds another one: name it in `args: {{score: METRIC}}`")
        score = self.declared(str(args["score"]), beside)
        return replace(metric, better=score.better, unit=score.unit, scale=score.scale)

    def column_defaults(self, name: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """`better`, `unit` and `scale` of a column whose spec says nothing of them; nothing of a metric that is not
        there."""
        metric = self._perhaps_of_column(name, args)
        return {} if metric is None else {"better": metric.better, "unit": shown_unit(metric), "scale": metric.scale}

    def unit_problem(self, name: str, args: Mapping[str, Any], unit: str | None) -> str | None:
        """Why numbers of a metric cannot stand in a column of a unit; None where they can, or it is not there yet."""
        metric = self._perhaps_of_column(name, args)
        return None if metric is None or metric.words else unit_problem(metric, unit)

    def is_words(self, name: str, beside: Path | None = None) -> bool:
        """Whether the values of a metric are words; no, of a metric that is not there."""
        found = self._perhaps(name, beside)
        return found is not None and found.words

    def is_fold(self, name: str, beside: Path | None = None) -> bool:
        """Whether a metric makes one number of those of a grid's points; no, of a metric that is not there."""
        found = self._perhaps(name, beside)
        return found is not None and found.fold

    def _perhaps_of_column(self, name: str, args: Mapping[str, Any]) -> Metric | None:
        try:
            return self.of_column(name, args) if self._may_be(name) else None
        except ValueError:
            return None

    def _perhaps(self, name: str, beside: Path | None) -> Metric | None:
        try:
            return self.declared(name, beside) if self._may_be(name) else None
        except ValueError:
            return None

    def _may_be(self, name: str) -> bool:
        """Whether a name is known or an address: an error about an unknown one takes a while to word."""
        return addresses.is_address(name) or name in self


def _declarations() -> Iterator[tuple[str, Metric]]:
    """The package that a function is addressed from, and the declaration."""
    from repro.metrics.declarations import declarations
    from repro.tasks.metrics import METRICS as OF_TASKS

    yield from declarations()
    yield from (("repro.tasks", metric) for metric in OF_TASKS)
    for family, module in families.modules().items():
        yield from ((f"{families.PACKAGE}.{family}", metric) for metric in metrics_in(module))


METRICS: Metrics = Metrics(
    "metric", lambda: {name: metric.function for name, metric in METRICS.own_declared.items()}, group="repro.metrics"
)
