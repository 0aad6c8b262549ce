"""What is particular to workers that are forked: what the parent has done before, and what happens when it cannot."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest

from repro.engines import Event, warm
from repro.engines.drive import Selection, run
from repro.engines.environment import worker_environment
from repro.engines.local import LocalEngine
from repro.engines.warm import WarmParent
from repro.spec.load import load
from repro.spec.tables import find
from repro.store.record import Record
from repro.store.records import Store
from tests.worker.driver import is_warm_parent, lines, processes, start, wait_until
from tests.worker.tables import endings, toy_table, trained

Engines = Callable[..., LocalEngine]

pytestmark = [
    pytest.mark.long,  # each test starts a parent of its own
    pytest.mark.usefixtures("toys"),
    pytest.mark.skipif(not warm.can_fork(), reason="here every worker is a new process"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def method(folder: Path, body: str, imports: str = "") -> str:
    """The address of a method of a user, whose `fit` is given."""
    file = folder / "mine.py"
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    file.write_text(
        "import json, os, sys\nfrom dataclasses import dataclass\nfrom pathlib import Path\nimport numpy as np\n"
        f"from tests.worker.toy import Toy, Walked\n{imports}\n\n@dataclass(frozen=True)\nclass Mine(Toy):\n"
        "    said: str = ''\n    size: int = 0\n\n"
        f"    def fit(self, data, context):\n{lines}\n        return Walked(np.zeros(5))\n"
    )
    return f"{file}:Mine"


LOOK = """
import random
import threading
from numba.np.ufunc import parallel
state = {
    "threads": threading.active_count(), "tasks": len(os.listdir("/proc/self/task")),
    "device used before": torch.cuda._is_in_bad_fork(), "device": torch.cuda.is_initialized(),
    "thread pool": parallel._is_initialized, "drawing": "matplotlib" in sys.modules,
    "leads its group": os.getpgid(0) == os.getpid(), "handles": sorted(os.listdir("/proc/self/fd"), key=int)[:-1],
    "input": os.readlink("/proc/self/fd/0"), "random": [random.random(), float(np.random.random())],
    "hash": hash("a"), "kept memory": os.environ.get("MALLOC_TRIM_THRESHOLD_"),
    "GPU": os.environ.get("CUDA_VISIBLE_DEVICES"), "path": sys.path[:-1], "pid": os.getpid(),
}
Path(self.said).mkdir(exist_ok=True)
(Path(self.said) / str(context.seeds[0])).write_text(json.dumps(state))
"""


def looks(store: Store, folder: Path, engine: LocalEngine) -> list[dict[str, Any]]:
    """What two workers find around them."""
    address = method(folder, LOOK, "import numba\nimport torch")
    table = toy_table({"label": "A", "method": address, "params": {"said": str(folder / "said")}}, seeds=2)
    assert endings(run(table, "smoke", store=store, engine=engine)) == ["ok", "ok"]
    return [json.loads((folder / "said" / str(seed)).read_text()) for seed in range(2)]


def test_a_worker_finds_nothing_begun_and_nothing_open_on_both_ways(
    store: Store, engine: Engines, tmp_path: Path
) -> None:
    one, two = looks(store, tmp_path, engine())
    for state in (one, two):
        assert (state["threads"], state["tasks"]) == (1, 1)
        assert not any(state[name] for name in ("device", "device used before", "thread pool", "drawing"))
        assert state["leads its group"]
        assert state["input"] == os.devnull
        assert state["GPU"] == ""
        assert state["kept memory"] == str(2**30)
    assert len(one["handles"]) == len(two["handles"]) == 6, "standard ones, progress, lifeline and the lock of the job"
    assert one["hash"] == two["hash"]
    assert one["path"] == two["path"]
    assert not set(one["random"]) & set(two["random"]), "what no seed determines is drawn anew by each"


def test_the_parent_imports_large_libraries_and_no_file_of_a_user(store: Store, tmp_path: Path) -> None:
    imports = (
        "loaded = sorted({'torch', 'scipy.linalg', 'sklearn'} & sys.modules.keys())\n"
        f"Path({str(tmp_path / 'diary')!r}).open('a').write(json.dumps([os.getpid(), loaded]) + '\\n')\n"
        "if False:\n    from scipy import linalg"  # torch is there in any case: models are kept with it
    )
    table = toy_table({"label": "A", "method": method(tmp_path, "pass", imports)}, seeds=2)
    parents = []
    with LocalEngine() as engine:
        run(table, "smoke", store=store, engine=engine)
        parents = [process.pid for process in processes(store)]
    said = [json.loads(line) for line in lines(tmp_path / "diary")]
    assert len(parents) == 1
    assert len({pid for pid, _ in said} - {*parents, os.getpid()}) == 4, "two trainings and two measurements"
    assert [loaded for _, loaded in said] == [["scipy.linalg", "torch"]] * 4


def test_the_peak_of_a_job_is_its_own(store: Store, engine: Engines, tmp_path: Path) -> None:
    body = """
    np.ones(self.size)
    said = dict(line.split(":") for line in open("/proc/self/status"))
    Path(self.said + str(self.size)).write_text(said["VmHWM"].split()[0])
    """
    address = method(tmp_path, dedent(body), "import torch")
    sizes = (0, 50_000_000, 1)
    params = ({"size": size, "said": str(tmp_path / "held")} for size in sizes)
    table = toy_table(*({"label": str(given["size"]), "method": address, "params": given} for given in params))
    records = trained(run(table, "smoke", store=store, engine=engine()), store)
    peaks = {str(record.parts.params["size"]): record.peak_memory_bytes or 0 for record in records}
    assert peaks["50000000"] - peaks["0"] == pytest.approx(400_000_000, rel=0.02)
    assert abs(peaks["1"] - peaks["0"]) < 8_000_000
    for size in sizes:
        held = int((tmp_path / f"held{size}").read_text()) * 1024
        assert 0 <= peaks[str(size)] - held < 64_000_000, (
            "keeping a model takes 16 MB; all of it twice were 450 and more"
        )


def test_a_program_that_held_more_than_the_job_counts_to_its_peak(
    store: Store, engine: Engines, tmp_path: Path
) -> None:
    body = "import subprocess\nsubprocess.run([sys.executable, '-c', f'[0] * {self.size}'], check=True)"
    address, sizes = method(tmp_path, body), (0, 100_000_000)
    table = toy_table(*({"label": str(size), "method": address, "params": {"size": size}} for size in sizes))
    records = trained(run(table, "smoke", store=store, engine=engine()), store)
    peaks = {record.parts.params["size"]: record.peak_memory_bytes or 0 for record in records}
    assert peaks[sizes[1]] - peaks[0] == pytest.approx(8 * sizes[1], rel=0.05)


def test_what_is_to_be_done_at_the_end_of_a_process_is_done(store: Store, engine: Engines, tmp_path: Path) -> None:
    body = "import atexit\nimport threading\natexit.register(print, 'at the end')\n"
    body += "threading.Timer(0.3, print, ('a thread', )).start()"
    table = toy_table({"label": "A", "method": method(tmp_path, body)})
    (record,) = trained(run(table, "smoke", store=store, engine=engine()), store)
    assert store.log_file(record.key).read_text() == "a thread\nat the end\n"


def test_a_method_that_cannot_be_imported_is_a_failed_job(store: Store, engine: Engines, tmp_path: Path) -> None:
    address = method(tmp_path, "pass", "import nowhere_to_be_found")
    summary = run(toy_table({"label": "A", "method": address}, seeds=2), "smoke", store=store, engine=engine())
    why = "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    assert [(record.status, record.message) for record in trained(summary, store)] == [("failed", why)] * 2
    assert endings(summary) == ["failed"] * 2
    assert all(record.message.endswith(why) for record in store.records())


def test_a_forced_job_whose_worker_leaves_no_record_has_failed_though_there_is_an_earlier_one(
    store: Store, engine: Engines, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    address = method(tmp_path, "if Path(self.said).exists():\n    os._exit(0)")
    table = toy_table({"label": "A", "method": address, "params": {"said": str(flag)}})
    assert endings(run(table, "smoke", store=store, engine=engine())) == ["ok"]
    flag.touch()
    assert endings(run(table, "smoke", store=store, engine=engine(), force=True)) == ["failed"]
    assert [record.status for record in store.records()] == ["ok"], "a result is never replaced by a failure"


def test_the_gpu_that_a_worker_is_lent_is_the_one_it_sees(store: Store, engine: Engines, tmp_path: Path) -> None:
    states = looks(store, tmp_path, engine(slots=8, gpus=("3", "5"), device="cpu"))
    assert sorted(state["GPU"] for state in states) == ["3", "5"]


def kill_parents(store: Store) -> None:
    for process in processes(store):
        if is_warm_parent(process):
            process.kill()


def test_when_the_parent_dies_its_workers_jobs_are_done_by_new_processes(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    diary = tmp_path / "diary"
    row = {"label": "A", "params": {"diary": str(diary), "steps": 20, "step_seconds": 0.1}}
    killed: list[int] = []

    def watch(event: Event) -> None:
        if event.kind == "progress" and not killed and len(lines(diary)) == 2:
            killed.extend(int(line.split()[-1]) for line in lines(diary))
            kill_parents(store)

    summary = run(toy_table(row, seeds=3), "smoke", store=store, engine=LocalEngine(slots=2), on_event=watch)
    assert endings(summary) == ["ok"] * 3
    assert len(killed) == 2
    assert not any(psutil.pid_exists(pid) for pid in killed)
    assert len({line.split()[-1] for line in lines(diary)} - {str(pid) for pid in killed}) == 3
    assert [record.message for record in caplog.records] == [
        "workers are started anew from here on, since the warm parent cannot fork: it ended by signal SIGKILL; "
        f"its output: {store.root / 'logs' / 'warm-parent.log'}"
    ]
    assert not processes(store)


def test_a_driver_that_is_killed_while_the_parent_imports_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    driver = start(store, {"label": "A", "method": method(tmp_path, "pass", "import torch")}, seeds=2)
    wait_until(lambda: any(process.memory_info().rss > 100_000_000 for process in processes(store)))
    driver.kill()
    driver.communicate()
    wait_until(lambda: not processes(store), seconds=1)


def test_a_parent_that_does_not_answer_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "ANSWER_SECONDS", 0.2)

    def suspend(event: Event) -> None:
        for process in processes(store) if event.kind == "started" else ():
            if is_warm_parent(process):
                process.suspend()

    table = toy_table({"label": "A", "params": {"steps": 10, "step_seconds": 0.1}}, seeds=2)
    summary = run(table, "smoke", store=store, engine=LocalEngine(slots=2), on_event=suspend)
    assert endings(summary) == ["ok"] * 2
    (said,) = caplog.records
    assert said.message.endswith("cannot fork: it has not answered for 0.2 seconds")
    assert not processes(store)


def test_an_import_that_takes_too_long_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(warm, "IMPORT_SECONDS", 0.0)
    summary = run(toy_table({"label": "A"}, seeds=2), "smoke", store=store, engine=LocalEngine())
    assert endings(summary) == ["ok"] * 2
    assert [record.message.rpartition(": ")[2] for record in caplog.records] == [
        "it has imported for more than 0 seconds"
    ]


def test_one_pass_alone_needs_no_parent_and_runs_in_one_engine_share_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[WarmParent] = []
    init = WarmParent.__init__

    def note(self: WarmParent, *arguments: Any) -> None:
        made.append(self)
        init(self, *arguments)

    monkeypatch.setattr(WarmParent, "__init__", note)
    run(toy_table({"label": "A"}), "smoke", store=store, engine=LocalEngine(fresh=True))
    other_column = {"mean": {"label": "Mean", "metric": "mean", "args": {"of": "all"}}}
    run(toy_table({"label": "A"}, columns=other_column), "smoke", store=store, engine=LocalEngine())
    assert len(store.records()) == 2, "one measurement more of the same training"
    assert not made
    with LocalEngine() as engine:
        for label in ("B", "C"):
            run(toy_table({"label": label}, seeds=2), "smoke", store=store, engine=engine)
        assert len(made) == 1
        monkeypatch.setenv("REPRO_TEST_SAYS", "something else")
        run(toy_table({"label": "D"}, seeds=2), "smoke", store=store, engine=engine)
        assert len(made) == 2, "workers with another environment have another parent"
    assert all(parent.is_gone for parent in made)


def test_a_record_says_the_same_on_both_ways(store: Store, tmp_path: Path) -> None:
    def records(fresh: bool) -> list[Record]:
        here = Store(tmp_path / str(fresh))
        run(toy_table({"label": "A"}, seeds=2), "smoke", store=here, engine=LocalEngine(fresh=fresh))
        return sorted(here.records(), key=lambda record: record.key)

    for one, other in zip(records(True), records(False), strict=True):
        of_time: set[str] = {"started", "seconds", "cpu_seconds", "peak_memory_bytes"}
        differing: dict[str, Any] = {**dict.fromkeys(of_time, True), "trainings": {"__all__": of_time}}
        assert one.model_dump(exclude=differing) == other.model_dump(exclude=differing)


def expect_the_same_bits(folder: Path, table: str, rows: list[str]) -> None:
    """Runs rows at the scale smoke on both ways: values, curves and arrays are equal bit for bit."""
    found = []
    for fresh in (True, False):
        here = Store(folder / str(fresh))
        with LocalEngine(slots=2, fresh=fresh) as engine:
            run(load(find(table)), "smoke", store=here, engine=engine, selection=Selection(rows=rows))
        found.append({record.row: record for record in here.records()})
    assert found[0].keys() == found[1].keys() == set(rows)
    for row in rows:
        one, other = found[0][row], found[1][row]
        assert one.status == "ok"
        assert (one.key, one.measured, one.curves) == (other.key, other.measured, other.curves)
        assert one.artifacts == other.artifacts


def test_a_density_has_the_same_bits_on_both_ways(tmp_path: Path) -> None:
    expect_the_same_bits(tmp_path, "cegan/kl-2d", ["spirals/GAN", "spirals/EGAN-Ent-NN"])


def test_a_language_model_has_the_same_bits_on_both_ways(tmp_path: Path, real_data: Path) -> None:
    expect_the_same_bits(tmp_path, "mos/ablation", ["AWD-LSTM-MoC"])


def test_the_parent_is_asked_for_the_environment_of_a_worker_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    engine = LocalEngine(device="cuda", gpus=("0", "1"))
    assert worker_environment(engine.device, engine.threads, None)["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert worker_environment(engine.device, engine.threads, "1")["CUDA_VISIBLE_DEVICES"] == "1"
