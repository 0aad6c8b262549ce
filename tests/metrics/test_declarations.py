"""Every declaration is whole, leads to code, and says what the specs say."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from repro.metrics.declaration import Metric
from repro.metrics.units import convert
from repro.registry import METRICS
from repro.registry.addresses import load
from repro.scoring.table import function_of
from repro.spec.load import load as table_of
from repro.spec.tables import all_paths

ALL = METRICS.own_declared
each = pytest.mark.parametrize("metric", ALL.values(), ids=list(ALL))


@each
def test_a_metric_leads_to_its_function_and_to_what_files_go_to(metric: Metric) -> None:
    assert callable(load(metric.function))
    if metric.files:
        assert callable(load(function_of(metric)))


@each
def test_a_metric_says_its_unit_unless_it_is_words_or_of_another_metric(metric: Metric) -> None:
    of_another = metric.fold or metric.name == "error-over-runs"
    assert metric.unit is not None or metric.words or of_another
    assert metric.scale == "linear" or metric.unit not in ("share", "score", "%"), "shares are compared by differences"


@each
def test_a_metric_s_files_are_parameters_of_its_function(metric: Metric) -> None:
    if metric.files:
        names = inspect.signature(load(function_of(metric))).parameters.keys()
        assert {file.parameter for file in metric.files} | metric.given.keys() <= names


def test_the_specs_that_say_a_better_side_say_the_metric_s() -> None:
    """A spec that says `null` does not judge, and contradicts nothing."""
    differ: dict[str, set[str]] = {}
    for table in map(table_of, all_paths()):
        for column in table.columns.values():
            if column.metric in ALL and column.better is not None:
                declared = METRICS.of_column(column.metric, column.args).better
                if declared is not None and declared != column.better:
                    differ.setdefault(column.metric, set()).add(table.id)
    assert differ == {}


def test_a_perfect_prediction_is_a_hundred_percent_in_every_metric_of_shares() -> None:
    """One input on which each of these is at its best: as numbers of a column of %, all are 100."""
    texts = [["the", "cat", "sat", "on", "the", "mat"], ["a", "dog", "barks", "at", "the", "moon"]]
    references = [[text] for text in texts]
    labels, plain = [0, 1, 1, 0], [" ".join(text) for text in texts]
    arguments: dict[str, tuple[Any, ...]] = {
        "accuracy": (labels, labels), "classification-f1": (labels, labels), "matthews": (labels, labels),
        "pearson": ([1.0, 2, 4], [1.0, 2, 4]), "spearman": ([1.0, 2, 4], [1.0, 2, 4]),
        "pearson-spearman": ([1.0, 2, 4], [1.0, 2, 4]), "bleu-4": (texts, references),
        "coco-bleu": (texts, references, 4), "multi-bleu": (texts, references),
        "sacrebleu": (plain, [[text] for text in plain]),
        "tensorflow-nmt-bleu": (texts, references), "rouge-1": (texts, references, 1), "rouge-l": (texts, references),
        "coco-rouge-l": (texts, references), "exact-match": (plain, [[text] for text in plain]),
        "f1": (plain, [[text] for text in plain]), "ndcg-20": ({"1": {"a": 2.0}}, {"1": {"a": 1}}),
    }  # fmt: skip
    for name, given in arguments.items():
        module, _, attribute = ALL[name].function.partition(":")
        value = getattr(import_module(module), attribute)(*given).value
        assert convert(value, ALL[name], "%") == pytest.approx(100, rel=1e-6), name
