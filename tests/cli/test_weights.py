"""A row from released weights: a small checkpoint as its authors save it, measured, and known to all commands."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from repro.plan.key import WeightsUsed
from repro.registry import DATASETS
from repro.store.record import Record
from repro.store.records import Store
from tests.baselines.language.authors import RNNModel, perplexity, save, tiny
from tests.cli.command import Said, repro

SPEC = """
id: my/released
title: A released language model
source: {document: seqgen, table: none, paper: none}
task: language-modeling
data: toy-language
columns:
  valid: {label: Validation, metric: perplexity, split: valid}
  test: {label: Test, metric: perplexity, split: test}
rows:
  - label: Released
    method: released-lstm
    params: {output: mos, components: 3, embedding_size: 5, hidden_sizes: [7, 11]}
    from: {weights: "tiny.py:tiny"}
    deterministic: true
profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""
WORDS = 121


@pytest.fixture
def model(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RNNModel:
    """The model whose checkpoint, entry and spec lie in the folder."""
    monkeypatch.setenv("REPRO_DATA", str(empty_folder / "data"))
    monkeypatch.setenv("REPRO_CACHE", str(empty_folder / "cache"))
    (empty_folder / "released.yaml").write_text(SPEC)
    made = tiny(WORDS, n_experts=3)
    released(made)
    return made


def checkpoint() -> Path:
    file = Path("data/tiny/model.pt")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def released(model: Any, form: str = "model") -> str:
    """The checkpoint of a model and its entry; the SHA-256 of the file."""
    file = checkpoint()
    if isinstance(model, RNNModel):
        save(model, file, form)
    else:
        torch.save(model, file)
    return declared()


def declared(sha256: str | None = None) -> str:
    """The entry of the checkpoint as it is."""
    contents = checkpoint().read_bytes()
    found = sha256 or hashlib.sha256(contents).hexdigest()
    entry = {
        "title": "A tiny language model", "paper": "Author (2019), Title", "licence": "MIT",
        "home": "https://example.org", "reader": "read_released", "how": "ask its author",
        "files": [{"path": "model.pt", "sha256": found, "bytes": len(contents)}],
    }  # fmt: skip
    Path("tiny.py").write_text(f"from baselines.language.files import read_released\n\ntiny = {entry!r}\n")
    return found


def run(*more: str) -> Said:
    return repro("run", "released.yaml", "--profile", "smoke", *more)


def record() -> Record:
    [found] = Store().records("my/released")
    return found


def test_the_checkpoint_of_the_authors_measures_what_their_own_model_does(model: RNNModel) -> None:
    said = run()
    assert said.code == 0, said.err
    found, data = record(), DATASETS.load("toy-language")()
    assert len(data.vocabulary) == WORDS
    for split, streams in (("valid", 10), ("test", 1)):
        expected = perplexity(model, data.splits[split], streams)
        # float32 sums over some hundred products against float64: 1e-6 of a nat a token, at most
        assert found.measured[split].value == pytest.approx(expected, rel=1e-5)


@pytest.mark.long
def test_every_command_knows_where_the_model_is_from(model: RNNModel) -> None:
    sha256 = declared()
    said = run()
    assert said.code == 0, said.err
    found = record()
    assert found.parts.training.start == WeightsUsed(weights="tiny.py:tiny", sha256=sha256)
    assert "cached        Released" in repro("why", "released.yaml", "--profile", "smoke").out
    shown = repro("report", "released.yaml", "--format", "html").out
    assert f"weights tiny.py:tiny, SHA-256 {sha256}" in shown
    assert "my/released (smoke): 1 accepted" in repro("accept", "released.yaml", "--profile", "smoke").out
    assert repro("check", "released.yaml", "--profile", "smoke").out == "check at smoke scale: passed (2 same)\n"
    assert repro("bundle", "released.yaml", "--profile", "smoke", "--output", "all.zip").code == 0
    with zipfile.ZipFile("all.zip") as bundle:
        names = bundle.namelist()
    assert [name for name in names if not name.startswith("records/")] == ["manifest.json", "table.yaml"]  # no weights
    compared = repro("compare", "released.yaml", "--method", "kneser-ney", "--profile", "smoke", "--columns", "Test")
    assert compared.code == 0, compared.err
    assert "Released" in compared.out


@pytest.mark.long
def test_other_weights_are_another_training_and_a_worse_model_fails_the_gate(model: RNNModel) -> None:
    before = declared()
    assert run().code == 0
    assert repro("accept", "released.yaml", "--profile", "smoke").code == 0
    worse = tiny(WORDS, n_experts=3)
    worse.decoder.bias.data += 5 * torch.rand(WORDS, generator=torch.Generator().manual_seed(0))
    after = released(worse)
    why = repro("why", "released.yaml", "--profile", "smoke").out
    assert f"weights tiny.py:tiny: {before[:12]} -> {after[:12]}" in why
    assert "stale" in repro("report", "released.yaml").out
    gate = repro("check", "released.yaml", "--profile", "smoke")
    assert (gate.code, gate.out.count("worse ")) == (1, 2), gate.out


def test_another_reader_is_another_training(model: RNNModel) -> None:
    assert run().code == 0
    entry = Path("tiny.py")
    entry.write_text(
        f"{entry.read_text()}\n\ndef theirs(files):\n    return read_released(files)\n".replace(
            "'reader': 'read_released'", "'reader': 'theirs'"
        )
    )
    assert "code of theirs newly used" in repro("why", "released.yaml", "--profile", "smoke").out


class Bomb:
    """What a file may hold that is no model."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("gone-off",)


@pytest.mark.long
def test_weights_that_cannot_be_taken_are_one_line_each(model: RNNModel) -> None:
    file = checkpoint()  # messages name files from the working directory
    state = model.state_dict()
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: declared("0" * 64), f"tiny: {file} is damaged or another edition: expected sha256 0000000000000000"),
        (lambda: released(dict(list(state.items())[1:])), f"{file}: tensor 'encoder.weight' is missing"),
        (lambda: released([model.decoder, Bomb()]), f"{file} holds posix.mkdir, which is no part of a model that is"),
        (file.unlink, "released weights tiny is not at hand: ask its author; put the files into tiny/ of the folder"),
    ]
    for change, expected in cases:
        change()
        said = run()
        assert said.code == 3, expected
        [line] = [line for line in said.err.splitlines() if re.match(r"my/released  \[\d of \d\] training of ", line)]
        assert expected in line
    assert not Path("gone-off").exists()


def test_a_spec_whose_weights_are_nowhere_is_refused_at_their_place(model: RNNModel) -> None:
    for name, expected in (
        ("tiny.py:tny", "tiny.py has no literal dictionary tny"),
        ("tinny.py:tiny", "tinny.py cannot be read: No such file or directory"),
    ):
        Path("released.yaml").write_text(SPEC.replace("tiny.py:tiny", name))
        said = repro("validate", "released.yaml")
        assert said.code == 2
        assert said.out.startswith(f"released.yaml:14:12: rows.0.from.weights: released weights {name}: ")
        assert said.out.endswith(f"{expected}\n")


def test_a_method_that_starts_from_nothing_is_no_method_of_a_row_from_weights(model: RNNModel) -> None:
    Path("released.yaml").write_text(re.sub(r"method: .*\n.*params: .*", "method: kneser-ney", SPEC))
    said = run()
    assert said.code == 3
    assert (
        "ValueError: kneser-ney starts from no other model, it never asks for `context.start`: take `from:`" in said.err
    )
