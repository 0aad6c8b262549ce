"""What is declared of metrics: one's own, a family's, those of grids, and what a column takes from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.metrics.declaration import File, Metric
from repro.registry import METRICS, families
from repro.registry.literals import metrics_in
from repro.registry.metrics import Metrics
from repro.registry.source import read_file
from repro.spec.model import Column

OWN = """
import numpy as np
from repro.metrics.declaration import File, Metric
_FILES = (File("p", "numbers", "one"), File("q", "numbers", "the other", optional=True))
METRICS = (
    Metric("gap", "gap", better="lower", unit="nats", scale="log", files=_FILES, given={"order": 2}),
    Metric("said", function="said", words=True),
)
raise RuntimeError("this file was run")
def gap(p, q=None, order=1): ...
def said(): ...
def plain(): ...
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def test_one_s_own_metric_is_read_from_its_file_and_not_run(own: Path) -> None:
    files = (File("p", "numbers", "one"), File("q", "numbers", "the other", optional=True))
    assert METRICS.declared("own.py:gap", own) == Metric(
        "own.py:gap", f"{own}/own.py:gap", "lower", "nats", "log", files=files, given={"order": 2}
    )
    assert METRICS.is_words("own.py:said", own)
    assert not METRICS.is_words("own.py:gap", own)


def test_what_a_file_does_not_declare_is_left_open(own: Path) -> None:
    found = METRICS.declared("own.py:plain", own)
    assert (found.better, found.unit, found.files) == (None, None, ())
    assert METRICS.column_defaults("no.such.module:plain", {}) == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("METRICS = (Metric('a', 'a', unit=UNIT),)", "mine.py:1: METRICS cannot be read: UNIT is no literal"),
        ("METRICS = (Metric('a', 'a', unti=''),)", "unexpected keyword argument 'unti'"),
        ("METRICS = (Metric('a', 'a', better='up'),)", "metric 'a': better is 'lower', 'higher' or None, not 'up'"),
        ("METRICS = (Metric('a', 'a', scale='ratio'),)", "metric 'a': scale is 'linear' or 'log', not 'ratio'"),
        ("METRICS = Metric('a', 'a')", "METRICS must be a tuple of `Metric"),
        ("METRICS = (make(),)", r"make\(\) is no literal, and nothing of the file is run"),
        ("A = B\nB = A\nMETRICS = A", "mine.py:3: METRICS cannot be read"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_said_with_its_line(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(f"{written}\n")
    with pytest.raises(ValueError, match=said):
        metrics_in(read_file(tmp_path / "mine.py"))


def test_a_family_s_metric_is_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").write_text("METRICS = (Metric('norm', 'metrics:norm', unit='count'),)\n")
    monkeypatch.setattr(families, "modules", lambda: {"net": read_file(tmp_path / "__init__.py", "baselines.net")})
    made = Metrics("metric", lambda: {})
    assert made.own_declared["norm"] == Metric("norm", "baselines.net.metrics:norm", unit="count")


def test_a_name_is_declared_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__init__.py").write_text("METRICS = (Metric('perplexity', 'metrics:norm'),)\n")
    monkeypatch.setattr(families, "modules", lambda: {"net": read_file(tmp_path / "__init__.py", "baselines.net")})
    with pytest.raises(ValueError, match=r"metric 'perplexity' is declared twice: in repro\.metrics\.language"):
        _ = Metrics("metric", lambda: {}).own_declared


def test_a_fold_without_a_unit_is_as_its_score() -> None:
    best = METRICS.of_column("best", {"score": "histogram-kl"})
    assert (best.better, best.unit, best.scale) == ("lower", "nats", "log")
    share = METRICS.of_column("share-above", {"score": "histogram-kl", "threshold": 1.0})
    assert (share.better, share.unit, share.scale) == ("higher", "share", "linear")
    with pytest.raises(ValueError, match=r"metric 'mean' folds another one: name it in `args: \{score: METRIC\}`"):
        METRICS.of_column("mean", {})
    assert METRICS.is_fold("best")
    assert not METRICS.is_fold("perplexity")
    assert not METRICS.is_fold("no-such-metric")


def test_a_silent_column_takes_side_and_unit_from_the_metric_and_a_spec_s_word_counts() -> None:
    def column(**more: object) -> Column:
        return Column.model_validate({"label": "A", **more})

    assert (column(metric="accuracy").better, column(metric="accuracy").unit) == ("higher", None)
    assert (column(metric="tempered-kl").better, column(metric="tempered-kl").unit) == ("lower", "nats")
    assert column(metric="temperature").better is None
    said = column(metric="accuracy", better=None, unit="%")
    assert (said.better, said.unit) == (None, "%")
    assert column(metric="best", args={"score": "inception-score"}).better == "higher"
    assert column(metric="a-metric-of-tomorrow").better == "lower"


def test_a_word_is_no_number() -> None:
    words = {name for name, metric in METRICS.own_declared.items() if metric.words}
    assert words == {"position", "predicted-token", "text-token"}
    assert Column(label="A", metric="position").is_words
    assert not Column(label="A", metric="perplexity").is_words
