"""A warm parent has imported the sources of the moment when it started; nothing may be computed by those when they are
not what is there any more. The runs are of a copy of the sources, which is changed under way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import repro
from repro.engines import warm
from repro.worker import sources

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.long,  # whole runs of a copy of the sources
    pytest.mark.skipif(not warm.can_fork(), reason="here every worker is a new process"),
]

METHOD = '''
from dataclasses import dataclass

import numpy as np

from tests.worker.toy import Toy, Walked


@dataclass(frozen=True)
class Constant(Toy):
    """Gives a number."""

    def fit(self, data, context):
        print("here is", __file__)
        return Walked(np.full(5, 1.0))
'''

SCRIPT = """
import sys
from pathlib import Path
from unittest.mock import patch

from repro.engines.environment import worker_environment
from repro.engines.local import LocalEngine
from repro.registry import METHODS
from repro.engines.drive import run
from repro.store.records import Store
from tests.worker.driver import is_warm_parent, processes
from tests.worker.tables import registered, toy_table

HOME = Path(sys.argv[1])
METHOD = HOME / "baselines/constant.py"
store = Store(HOME / "store")


def table(label, seeds):
    return toy_table({"label": label, "method": "constant"}, seeds=seeds)


def change(file, old, new):
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def carry_out(table, **settings):
    summary = run(table, "smoke", store=store, **settings)
    for job in summary.plan.jobs:
        record = store.get(job.table, job.key)
        # the number is that of the model, without the noise that the task adds
        said = store.artifacts(record)["weights"][0] if record.status == "ok" else record.message
        print(job.row, job.parts.seed, summary.outcomes[job.key], said)


with registered(), patch.dict(METHODS.entries, {"constant": "baselines.constant:Constant"}):
    with LocalEngine() as engine:
        BODY
"""


def said_by(folder: Path, body: str, method: str = METHOD) -> list[str]:
    """What the script says that does something with a copy of the sources."""
    for package in ("repro", "baselines", "tests/worker"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests/__init__.py").touch()
    (folder / "baselines/constant.py").write_text(method)
    script = SCRIPT.replace("BODY", dedent(body).strip().replace("\n", "\n        "))
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-P", "-c", script, str(folder)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [*done.stdout.splitlines(), *done.stderr.splitlines()]


REFUSED = "workers are started anew from here on, since the warm parent cannot fork: "
CHANGED = f"{REFUSED}the sources have changed since it started"
CODE = "RuntimeError: code of Constant changed since the plan was made: run again to make a new plan"


def untrained(seed: int) -> str:
    """What a measurement says whose training met changed code."""
    return f"the training that it rests on (constant on numbers, seed {seed}) ended as failed: {CODE}"


def test_a_run_after_a_change_computes_with_what_is_there(tmp_path: Path) -> None:
    said = said_by(tmp_path, """
        carry_out(table("A", 2), engine=engine)
        change(METHOD, "1.0", "2.0")
        carry_out(table("A", 2), engine=engine)
        change(METHOD, "2.0", "1.0")
        METHOD.write_text(METHOD.read_text() + "# the same again\\n")
        carry_out(table("B", 2), engine=engine, force=True)
        env = worker_environment(engine.device, engine.threads, None)
        print("forks again:", not engine.parents.of(env, store.root).lost)
    """)  # fmt: skip
    assert said == [
        "A 0 ok 1.0", "A 1 ok 1.0", "A 0 ok 2.0", "A 1 ok 2.0", "B 0 ok 1.0", "B 1 ok 1.0",
        "forks again: True", CHANGED,
    ]  # fmt: skip


def test_a_job_that_waited_while_its_code_changed_fails_and_says_so(tmp_path: Path) -> None:
    said = said_by(tmp_path, """
        def watch(event):
            if event.kind == "ended" and event.seeds == (0,) and not event.is_training:
                change(METHOD, "1.0", "2.0")

        carry_out(table("A", 3), engine=engine, on_event=watch)
    """)  # fmt: skip
    assert said == ["A 0 ok 1.0", f"A 1 failed {untrained(1)}", f"A 2 failed {untrained(2)}", CHANGED]


@pytest.mark.parametrize("settings", ["engine=engine", "engine=LocalEngine(fresh=True)"])
def test_code_that_changes_between_two_seeds_of_one_worker_is_noticed_too(tmp_path: Path, settings: str) -> None:
    under_way = '        Path(__file__).write_text(Path(__file__).read_text().replace("1.0", "2.0"))\n        return'
    method = "from pathlib import Path\n" + METHOD.replace("        return", under_way, 1)
    said = said_by(tmp_path, f'carry_out(table("A", 2), one_worker=True, {settings})', method)
    # the first was trained by the code of the plan, and would be measured by another
    assert [line for line in said if line != CHANGED] == [f"A 0 failed {CODE}", f"A 1 failed {untrained(1)}"]


def test_a_change_that_moves_no_number_costs_only_the_time_of_new_processes(tmp_path: Path) -> None:
    said = said_by(tmp_path, """
        def watch(event):
            if event.kind == "ended" and event.seeds == (0,) and not event.is_training:
                change(HOME / "repro/worker/main.py", "import argparse", "import argparse  # and no more")

        carry_out(table("A", 3), engine=engine, on_event=watch)
    """)  # fmt: skip
    assert said == ["A 0 ok 1.0", "A 1 ok 1.0", "A 2 ok 1.0", CHANGED]


def test_a_module_that_starts_a_thread_makes_the_workers_new_processes(tmp_path: Path) -> None:
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    said = said_by(tmp_path, 'carry_out(table("A", 2), engine=engine)', thread + METHOD)
    why = "importing baselines.constant started threads (2 run), which a fork would not have"
    assert said == ["A 0 ok 1.0", "A 1 ok 1.0", REFUSED + why]


def test_the_state_of_the_sources_is_another_after_each_kind_of_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "repro" / "inner"
    inner.mkdir(parents=True)
    for file in (tmp_path / "repro/__init__.py", inner / "one.py", inner / "notes.txt"):
        file.write_text("x = 1\n")
    monkeypatch.setattr(repro, "__file__", str(tmp_path / "repro/__init__.py"))
    states = [sources.state()]
    times = (inner / "one.py").stat()
    (inner / "one.py").write_text("x = 2\n")
    os.utime(inner / "one.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    states.append(sources.state())
    (inner / "two.py").touch()
    states.append(sources.state())
    (inner / "one.py").unlink()
    states.append(sources.state())
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines/three.py").touch()
    states.append(sources.state())
    assert len(set(states)) == len(states)
    (inner / "lock.py").symlink_to("nowhere")  # as an editor leaves it beside an open file
    (inner / "notes.txt").write_text("changed")
    assert sources.state() == states[-1] == sources.state()
