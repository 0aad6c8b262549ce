"""What is said of a task is what its code says."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import fields

import pytest

from repro.commands.describe import described, one_line_each
from repro.objects import load
from repro.registry import LOADERS, TASKS
from tests.cli.command import repro

SAID = {name: described(name, []) for name in TASKS.entries}


@pytest.mark.parametrize("name", list(TASKS.entries))
def test_a_task_is_described_with_all_that_it_asks_and_has(name: str) -> None:
    task = load(TASKS.address(name))
    said = SAID[name]
    assert all(f"| `{each.name}` | `" in said for each in fields(task) if each.init)
    module = sys.modules[task.__module__]
    assert "(Protocol):\n" in said
    assert "    def " in said
    assert all(f"`{metric}`" in said for metric in getattr(module, "ARGUMENTS", {}))
    assert "| |" not in said, "every parameter is explained"


def test_a_protocol_is_shown_with_its_signature_and_its_words() -> None:
    assert (
        "    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:\n"
        '        """`count` generated points (count, 2)."""\n'
    ) in SAID["density-2d"]
    assert "    @property\n    def parameter_count(self) -> int:\n" in SAID["language-modeling"]
    assert SAID["language-modeling"].index("class LanguageModel(") < SAID["language-modeling"].index(
        "class CachedModel("
    )
    assert "class TrainedSequenceModel(SequenceModel, Protocol):" in SAID["sequence-generation"]


def test_the_files_of_a_task_are_those_that_its_reader_knows() -> None:
    for name in (name for name in TASKS.entries if name in LOADERS):
        module = importlib.import_module(LOADERS.load(name).__module__)
        _, _, files = SAID[name].partition("### Files")
        for array in module.KNOWN:
            assert array in files or array.replace("valid", "test") in files, array
    assert "not read yet" in SAID["training-time"].partition("### Files")[2]


def test_every_task_has_a_line_and_a_wrong_name_the_likely_one() -> None:
    said = repro("describe")
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == [name for name, _ in one_line_each()]
    wrong = repro("describe", "language-modelling")
    assert (wrong.code, "did you mean 'language-modeling'" in wrong.err) == (2, True)


def test_a_description_imports_no_training_framework() -> None:
    code = "import sys\nfrom repro.commands.describe import page\npage()\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
