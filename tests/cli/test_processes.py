"""The command line as processes of its own: what it imports, and what a shell sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import ROOT, python

LOOK = """
import sys
import time
from pathlib import Path
from repro.cli.main import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\nLOADED " + " ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.parametrize(
    "command",
    ["list", "show cegan/kl-2d", "show cegan/kl-2d --format html", "validate", "validate --schema", "audit",
     "report cegan/kl-2d", "report cegan/kl-2d --format json", "why cegan/kl-2d", "run cegan/kl-2d --dry-run",
     "check cegan/kl-2d --no-run", "bundle cegan/kl-2d"],
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


SLOW = '''
import time
from dataclasses import dataclass
from pathlib import Path

from baselines.cegan.methods import DataDistribution


@dataclass(frozen=True)
class Slow:
    """Takes its time until a file says that it may end."""

    def fit(self, data, context):
        Path("begun").touch()
        step = (context.restore() or {"step": 0})["step"]
        while not Path("go").exists():
            step += 1
            context.save({"step": step})
            context.progress(step, 1_000_000)
            time.sleep(0.05)
        return DataDistribution().fit(data, context)

    def restore(self, state, context):
        return DataDistribution().restore(state, context)
'''

SPEC = """
id: mine/slow
title: A row that takes its time
source: {document: dai2019, table: B.2, paper: a test}
task: density-2d
data: four-gaussians
columns: {data_emp: {label: D, metric: histogram-kl, args: {p: data, q: emp}}}
rows: [{label: Slow, method: "slow.py:Slow"}]
profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""


@pytest.mark.long
def test_a_first_interrupt_exits_130_and_the_same_command_continues(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow.yaml").write_text(SPEC)
    command = [sys.executable, "-m", "repro", "run", "slow.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.splitlines()[-2:] == [
        "repro: interrupted: 1 of 1 results are not there: Slow (seed 0)",
        "       the same command continues from the last checkpoints",
    ]
    (tmp_path / "go").touch()
    again = python("-m", "repro", "run", "slow.yaml", timeout=120)
    assert again.code == 0, again.err
    assert "1 training and 1 measurement made" in again.out
