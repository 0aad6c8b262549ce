"""The command line as processes of its own: what it imports, and what a shell sees of it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.command import ROOT, python

LOOK = """
import sys
from repro.cli.main import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\nLOADED " + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "command",
    ["list", "show cegan/kl-2d", "show cegan/kl-2d --format html", "validate", "validate --schema", "audit",
     "report cegan/kl-2d", "report cegan/kl-2d --format json", "why cegan/kl-2d", "run cegan/kl-2d --dry-run"],
)  # fmt: skip
def test_a_command_that_trains_nothing_imports_no_framework(command: str) -> None:
    said = python("-c", LOOK, *command.split())
    loaded = set(said.err.rpartition("LOADED ")[2].split())
    assert "repro" in loaded
    assert loaded & {"torch", "torchvision", "numba", "matplotlib", "pandas", "sklearn"} == set()


def test_the_module_and_its_exit_codes_are_what_a_shell_sees() -> None:
    fine, wrong, nothing = (
        python("-m", "repro", *command) for command in (["list"], ["show", "nope"], ["report", "cegan/kl-2d"])
    )
    assert (fine.code, fine.err) == (0, "")
    assert (wrong.code, wrong.out) == (2, "")
    assert nothing.code == 4


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    command = f"{sys.executable} -m repro show cegan/kl-2d --format html | head -c 1"
    shell = ["bash", "-o", "pipefail", "-c", command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_pipe_gets_utf_8_whatever_the_locale_is() -> None:
    said = python("-m", "repro", "report", "cegan/kl-2d", PYTHONIOENCODING="ascii")
    assert said.code == 4, said.err
    assert "mean ± deviation" in said.out
