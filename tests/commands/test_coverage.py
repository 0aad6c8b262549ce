"""The page of results: every table once, rows counted by kind, and every name that rows wait for."""

from __future__ import annotations

import re

import pytest

from repro.commands.coverage import Known, missing_names, page
from repro.registry import DATASETS, FIGURES, METHODS, METRICS, TASKS, WEIGHTS, Registry
from repro.spec.load import load, loads
from repro.spec.model import Table
from repro.spec.tables import all_paths

SPEC = """
id: a/b
title: T
source: {document: seqgen, table: "9", paper: P}
task: language-modeling
data: ptb
margin: {absolute: 1, why: a reason is needed}
columns:
  ppl: {label: PPL, metric: perplexity, split: test}
  loss: {label: Loss, metric: tomorrows-loss}
rows:
  - label: Runs
    published: {ppl: 60}
    method: awd-lstm
    params: {output: softmax, embedding_size: 8, hidden_sizes: [8]}
  - label: Waits for a metric
    published: {ppl: 60, loss: 2}
    method: awd-lstm
    params: {output: softmax, embedding_size: 8, hidden_sizes: [8]}
  - {label: Waits for a method, published: {ppl: 59}, planned: tomorrows-net}
  - {label: Waits for both, published: {loss: 1}, planned: tomorrows-net}
  - {label: To set up, published: {ppl: 58}, planned: zaremba-lstm}
  - {label: Quoted, published: {ppl: 57, loss: 3}, quoted: another paper}
profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""


@pytest.fixture
def table() -> Table:
    return loads(SPEC, "spec.yaml")


def test_a_row_waits_for_its_method_and_for_the_metrics_that_it_prints(table: Table) -> None:
    metric, method = ("metric", "tomorrows-loss"), ("method", "tomorrows-net")
    # `Runs` prints no loss, and what another paper measured waits for nothing
    expected = {"Runs": (), "Waits for a metric": (metric,), "Waits for a method": (method,),
                "Waits for both": (method, metric), "To set up": (), "Quoted": ()}  # fmt: skip
    assert {row.label: missing_names(table, row) for row in table.rows} == expected


def test_the_page_counts_rows_by_kind_and_by_what_they_wait_for(table: Table) -> None:
    text = page(Known([table], {}))
    assert "| `a/b` | seqgen/9 | language-modeling | 2 | 3 | 1 | 8 | 0 | none yet |" in text
    assert "| method | `tomorrows-net` | 2 | `a/b` |" in text
    assert "| metric | `tomorrows-loss` | 2 | `a/b` |" in text
    assert "have to be set up: `zaremba-lstm` (1 row)." in text
    assert "1 tables and figures with 8 printed cells and 6 rows: 2 run, 3 are planned, 1 are quoted" in text
    assert "## At laptop scale" not in text


def test_the_page_has_every_table_once_and_no_name_that_is_there() -> None:
    tables = [load(path) for path in all_paths()]
    text = page(Known(tables, {}))
    assert re.findall(r"^\| `([\w/-]+)` \| ", text, re.MULTILINE) == [table.id for table in tables]
    registries: dict[str, Registry] = {
        "task": TASKS, "method": METHODS, "metric": METRICS, "data set": DATASETS, "weights": WEIGHTS,
        "figure": FIGURES,
    }  # fmt: skip
    waiting = re.findall(r"^\| ([a-z ]+) \| `([^`]+)` \| (\d+) \| ", text, re.MULTILINE)
    assert waiting
    for kind, name, rows in waiting:
        assert name not in registries[kind]
        assert int(rows) > 0
