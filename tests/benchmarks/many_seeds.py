"""Seeds fitted together against seeds fitted apart: on the CPU against parallel processes, on a GPU one by one."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import torch

from baselines.cegan.methods import EnergyGan
from repro.data.kinds.mixtures import four_gaussians
from tests.benchmarks.clock import table
from tests.benchmarks.context import Quiet

EPOCHS = 3
METHOD = EnergyGan(entropy="nn", epochs=EPOCHS, constant_epochs=0, entropy_weight=1e-3)


def main() -> str:
    """Training steps a second, summed over seeds: 200 steps an epoch, batch 500."""
    sections = [_on_cpu()]
    if torch.cuda.is_available():
        sections.append(_on_gpu())
    else:
        sections.append("No GPU here: seeds together on a GPU were not measured.")
    return "\n\n".join(sections)


def _on_cpu() -> str:
    cores = os.cpu_count() or 1
    seeds = tuple(range(2 * cores))
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_alone, [(seed,) for seed in range(cores)]))  # imports and compilation
        start = time.perf_counter()
        list(pool.map(_alone, [(seed,) for seed in seeds]))
        apart = time.perf_counter() - start
    torch.set_num_threads(cores)
    _seconds((0,), "cpu")
    together = _seconds(seeds, "cpu")
    return _table(f"{len(seeds)} seeds of EGAN-Ent-NN on {cores} cores", len(seeds), apart, together)


def _on_gpu() -> str:
    seeds = tuple(range(64))
    _seconds((0, 1), "cuda")
    one = _seconds((0,), "cuda")
    together = _seconds(seeds, "cuda")
    return _table(
        f"{len(seeds)} seeds of EGAN-Ent-NN on {torch.cuda.get_device_name()}", len(seeds), one * len(seeds), together
    )


def _table(title: str, seeds: int, apart: float, together: float) -> str:
    steps = seeds * EPOCHS * 200
    rows = {"apart": (steps / apart, "steps/s"), "together": (steps / together, "steps/s")}
    return table(title, rows, "apart")


def _alone(seeds: tuple[int, ...]) -> float:
    torch.set_num_threads(1)
    return _seconds(seeds, "cpu")


def _seconds(seeds: tuple[int, ...], device: str) -> float:
    data = four_gaussians()
    start = time.perf_counter()
    METHOD.fit_many(data, Quiet(seeds, device))
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
