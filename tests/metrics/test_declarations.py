"""Every declaration is whole, leads to code, and says what the specs say."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from repro.metrics.declaration import Metric
from repro.metrics.language.likelihood import Nll
from repro.metrics.score import Score
from repro.metrics.units import convert
from repro.registry import METRICS, TASKS
from repro.registry.addresses import load
from repro.scoring.table import function_of
from repro.spec.load import load as table_of
from repro.spec.tables import all_paths
from repro.tasks.protocol import parameters

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


@each
def test_a_metric_of_models_reads_fields_of_its_task_which_its_function_takes_by_name(metric: Metric) -> None:
    assert bool(metric.of_models) or not metric.reads
    if metric.of_models:
        fields = parameters(TASKS.load(metric.of_models)())
        takes = inspect.signature(load(metric.function)).parameters
        assert set(metric.reads) <= {*fields}
        assert [*takes] == ["model", "data", "random", *metric.reads]


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


LABELS, WRONG = [0, 1, 1, 0], [1, 0, 1, 0]
TEXTS = [["the", "cat", "sat", "on", "the", "mat"], ["a", "dog", "barks", "at", "the", "moon"]]
OTHERS = [["the", "cat", "sat", "on", "a", "bed", "now"], ["a", "dog", "barks", "at", "the", "sun"]]
PLAIN, PLAIN_OTHERS = [" ".join(text) for text in TEXTS], [" ".join(text) for text in OTHERS]
P, Q, FAR = np.array([0.5, 0.3, 0.2]), np.array([0.45, 0.35, 0.2]), np.array([0.1, 0.1, 0.8])
POINTS = np.random.default_rng(0).normal(size=(50, 2))
SURE, UNSURE = np.eye(3)[np.arange(30) % 3] * 0.97 + 0.01, np.full((30, 3), 1 / 3)
SENTENCES = [["a", "b", "c", "d", "e"], ["f", "g", "h", "i", "j"], ["k", "l", "m", "n", "o"]]
ENERGY = -np.log(P)
# arguments on which a metric is at its best or near it, and others on which it is worse
GOOD_AND_WORSE: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    **dict.fromkeys(("accuracy", "classification-f1", "error-count", "error-rate", "matthews"),
                    ((LABELS, LABELS), (WRONG, LABELS))),
    **{name: (([1.0, 2, 4], [1.0, 2, 4]), ([2.0, 1, 4], [1.0, 2, 4]))
       for name in ("pearson", "pearson-spearman", "spearman")},
    "error-over-runs": (([0.1, 0.2],), ([0.3, 0.4],)),
    "exact-match": ((PLAIN, [[text] for text in PLAIN]), (PLAIN_OTHERS, [[text] for text in PLAIN])),
    "f1": ((PLAIN, [[text] for text in PLAIN]), (PLAIN_OTHERS, [[text] for text in PLAIN])),
    "ndcg-20": (({"1": {"a": 2.0, "b": 1.0}}, {"1": {"a": 1, "b": 0}}),
                ({"1": {"a": 1.0, "b": 2.0}}, {"1": {"a": 1, "b": 0}})),
    "err-20": (({"1": {"a": 2.0, "b": 1.0}}, {"1": {"a": 1, "b": 0}}),
               ({"1": {"a": 1.0, "b": 2.0}}, {"1": {"a": 1, "b": 0}})),
    **{name: ((TEXTS, [[text] for text in TEXTS], *more), (OTHERS, [[text] for text in TEXTS], *more))
       for name, more in {"bleu-4": (), "coco-bleu": (4,), "multi-bleu": (), "tensorflow-nmt-bleu": (), "rouge-1": (1,),
                          "rouge-l": (), "coco-rouge-l": (), "cider": (), "cider-d": ()}.items()},
    "sacrebleu": ((PLAIN, [[text] for text in PLAIN]), (PLAIN_OTHERS, [[text] for text in PLAIN])),
    "distinct-1": ((SENTENCES, 1), ([["a", "a"], ["a", "b"]], 1)),
    "distinct-by-sentence": ((SENTENCES, 1), ([["a", "a"], ["a", "b"]], 1)),
    "self-bleu": ((SENTENCES, 2), ([SENTENCES[0]] * 3, 2)),
    "earth-movers-distance": ((np.array([[0.0, 1], [1, 0]]),), (np.array([[2.0, 3], [3, 2]]),)),
    "ipot-distance": ((np.array([[0.0, 1], [1, 0]]),), (np.array([[2.0, 3], [3, 2]]),)),
    **dict.fromkeys(("kl-divergence", "jensen-shannon-divergence", "histogram-kl"), ((P, Q), (P, FAR))),
    "tempered-kl": ((P, ENERGY), (P, -ENERGY)),
    "frechet-distance": ((POINTS, POINTS[::-1]), (POINTS + 3, POINTS)),
    **dict.fromkeys(("ebgan-score", "inception-score", "inception-score-in-order"), ((SURE,), (UNSURE,))),
    "perplexity": ((Nll(1.0, 2),), (Nll(2.0, 2),)),
    "bits-per-character": ((Nll(1.0, 2),), (Nll(2.0, 2),)),
    "bits-per-dimension": ((Nll(1.0, 2),), (Nll(2.0, 2),)),
    "perplexity-per-row": ((Nll(1.0, 2), 1), (Nll(2.0, 2), 1)),
    "negative-log-likelihood": ((np.array([-1.0, -2]),), (np.array([-3.0, -4]),)),
    "training-time": ((np.array([1.0, 1.2]),), (np.array([2.0, 2.2]),)),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD_AND_WORSE)
def test_the_better_side_is_that_of_the_better_input(name: str) -> None:
    function = load(ALL[name].function)
    good, worse = (_number(function(*arguments)) for arguments in GOOD_AND_WORSE[name])
    assert good != worse
    assert ALL[name].better == ("lower" if good < worse else "higher")


def _number(found: Any) -> float:
    """The value of a score, of a pair that begins with it, or a number itself."""
    return float(found.value if isinstance(found, Score) else found[0] if isinstance(found, tuple) else found)
