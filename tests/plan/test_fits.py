"""What a spec puts together and does not go together is said before anything runs, all of it, where it stands."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from repro.plan.fits import misfits
from repro.plan.jobs import plan
from repro.spec.load import loads
from repro.spec.model import Table
from tests.cli.command import repro

SPEC = """
id: mine/wrong
title: Wrong in several ways
source: {{document: own, table: "1", paper: Me (2026)}}
task: {task}
data: {{smoke: toy-language, laptop: {laptop}, paper: ptb}}
columns:
{columns}
protocol: {{valid_streams: {streams}}}
rows:
  - {{label: x, method: awd-lstm, params: {{output: softmax, embedding_size: 16, hidden_sizes: [16]}}, columns: all}}
profiles: {{smoke: {{seeds: 1}}, laptop: {{seeds: 1}}, paper: {{seeds: 1}}}}
"""
RIGHT = "  ok: {label: OK, metric: perplexity, split: valid}"
WRONG = """\
  args: {label: A, metric: perplexity, split: test, args: {quantile: 0.5}}
  metric: {label: B, metric: accuracy}
  split: {label: C, metric: perplexity}
  lacks: {label: D, metric: singular-value-quantile, split: test}
  range: {label: E, metric: singular-value-quantile, split: test, args: {quantile: 2}}"""


def spec(columns: str = RIGHT, laptop: str = "ptb", streams: int = 5) -> str:
    return SPEC.format(task="language-modeling", columns=columns, laptop=laptop, streams=streams)


def table(columns: str = RIGHT, laptop: str = "ptb", streams: int = 5) -> Table:
    return loads(spec(columns, laptop, streams), "wrong.yaml")


def test_what_goes_together_is_not_flagged() -> None:
    assert misfits(table()) == []


def test_columns_that_their_task_cannot_measure_are_all_said_at_the_column() -> None:
    found = dict(misfits(table(f"{RIGHT}\n{WRONG}")))
    assert [path[1] for path in found] == ["args", "metric", "split", "lacks", "range"]
    said = [*found.values()]
    assert "reads no argument 'quantile'" in said[0]
    assert "task language-modeling has no metric 'accuracy'" in said[1]
    assert "is measured on a split: train, valid or test, not None" in said[2]
    assert "needs the argument quantile" in said[3]
    assert "quantile must be a number from 0 to 1, it is 2" in said[4]


def test_a_data_set_of_another_kind_is_said_for_the_scale_that_it_is_of() -> None:
    said = "data set 'four-gaussians' is of Samples2D, which has no splits"
    message = f"task language-modeling is about Corpus, {said}"
    wrong = table(laptop="four-gaussians")
    assert misfits(wrong) == [(("rows", 0), message)]
    with pytest.raises(ValueError, match=f"^row 'x': {message}$"):
        plan(wrong, "laptop", checksum=lambda name: "0" * 64)
    assert plan(wrong, "smoke", checksum=lambda name: "0" * 64).jobs


@dataclass(frozen=True)
class Lookalike:
    """Has what the task asks of its data, and is of another type."""

    name: str
    splits: dict[str, object]
    vocabulary: tuple[str, ...]


def test_a_data_set_of_another_type_with_the_same_parts_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro.plan.fits._given", lambda data: Lookalike)
    assert misfits(table()) == []
    monkeypatch.setattr("repro.plan.fits._given", lambda data: None)  # a loader that does not say
    assert misfits(table()) == []


def test_a_protocol_that_the_task_refuses_is_said() -> None:
    assert misfits(table(streams=0)) == [
        (("rows", 0), "task language-modeling: valid_streams must be 1 or more, it is 0")
    ]


def test_validate_says_all_of_it_with_lines(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(spec(f"{RIGHT}\n{WRONG}", laptop="four-gaussians"))
    said = repro("validate", file)
    assert said.code == 2
    lines = said.out.splitlines()
    assert [line.removeprefix(f"{file}:").split(": ")[:2] for line in lines] == [
        ["9:3", "columns.args"], ["10:3", "columns.metric"], ["11:3", "columns.split"], ["12:3", "columns.lacks"],
        ["13:3", "columns.range"], ["16:5", "rows.0"],
    ]  # fmt: skip


def test_a_user_s_task_is_not_run_to_look_at_it(tmp_path: Path) -> None:
    (tmp_path / "looked_at.py").write_text(
        "from dataclasses import dataclass\nfrom typing import ClassVar\n"
        "raise SystemExit('run')\n@dataclass(frozen=True)\nclass Mine:\n"
        "    VIEW: ClassVar = ()\n    OTHERS: ClassVar = ()\n"
        "    def reads(self, column): ...\n"
    )
    text = spec().replace("task: language-modeling", f"task: {tmp_path}/looked_at.py:Mine").replace("protocol:", "#")
    assert misfits(loads(text, "wrong.yaml")) == []
    assert "looked_at" not in sys.modules
