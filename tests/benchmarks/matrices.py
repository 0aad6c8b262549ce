"""Rank, pairwise KL and histograms, each against the work that it cannot avoid, at sizes that take a minute.

The full size of dai2019 table A.6, run once by hand: 82,430 x 10,000 float32 log-probabilities of a softmax of 400
dimensions with bias on one thread of a busy machine, where the products alone (dsyrk on every fifth block) took 683 s:

| | seconds | ratio to the products |
|---|---:|---:|
| rank: 402, as it must be | 676 + 115 | 1.16 |
| all singular values: the same 402 above the threshold | 676 + 428 | 1.62 |

Memory: two arrays of 10,000 x 10,000 doubles and a block, 1.76 GB; the process, which also held a third array for the
products alone, reached 2.65 GB. On another such matrix counting by inertia took 22 s and Lanczos steps 0.8 s where all
eigenvalues took 219 s, for the same count; this is why a rank does not compute them.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
from scipy.linalg import blas
from scipy.special import log_softmax

from repro.data.kinds.mixtures import two_spirals
from repro.metrics.density.fast_histogram import fast_nearest_node_histogram
from repro.metrics.density.histogram import histogram_kl, nearest_node_histogram
from repro.metrics.language.pairwise_kl import PairwiseKl
from repro.metrics.language.spectrum import BLOCK, StreamedMatrix
from tests.benchmarks.clock import compare, table

T, M = 20_480, 2_500


def main() -> str:
    """Seconds and milliseconds; megabytes for the memory of a rank."""
    rows = log_softmax(np.random.default_rng(0).normal(size=(BLOCK, M)).astype(np.float32), axis=1)
    return "\n\n".join([_rank(rows), _memory(rows), _pairwise(rows), _histogram()])


def _rank(rows: np.ndarray) -> str:
    def products() -> np.ndarray:
        doubles, total = rows.astype(np.float64), np.zeros((M, M), order="F")
        for _ in range(T // BLOCK):
            blas.dsyrk(1.0, doubles.T, beta=1.0, c=total, lower=1, overwrite_c=1)
        return total

    def whole() -> StreamedMatrix:
        matrix = StreamedMatrix(M)
        for _ in range(T // BLOCK):
            matrix.add(rows)
        return matrix

    seconds = compare(
        {
            "the products alone (dsyrk)": products,
            "rank, float32 threshold": lambda: whole().rank(),
            "all singular values": lambda: whole().singular_values(),
        },
        repeats=3,
    )
    title = f"Rank of {T:,} x {M:,} log-probabilities in blocks of {BLOCK:,} rows"
    return table(title, {name: (time, "s") for name, time in seconds.items()}, "the products alone (dsyrk)")


def _memory(rows: np.ndarray) -> str:
    """All that is allocated for a rank, from the first row to the last, without the library's own buffers."""
    tracemalloc.start()
    matrix = StreamedMatrix(M)
    for _ in range(3):
        matrix.add(rows)
    matrix.rank()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    taken = {"M * M doubles": M * M * 8, "M * M doubles and a block": (M + BLOCK) * M * 8, "rank, at its peak": peak}
    title = f"Memory of a rank of {M:,} columns"
    return table(title, {name: (size / 1e6, "MB") for name, size in taken.items()}, "M * M doubles")


def _pairwise(rows: np.ndarray) -> str:
    def exact() -> float:
        total = PairwiseKl(M)
        total.add(rows)
        return total.score().value

    def by_product() -> float:
        log_p = rows.astype(np.float64)
        p = np.exp(log_p)
        return float((p * log_p).sum(axis=1).mean() - (p @ log_p.T).mean())

    seconds = compare({"all pairs by a matrix product": by_product, "all pairs by two sums": exact}, repeats=5)
    rows_of = {name: (time * 1e3, "ms") for name, time in seconds.items()}
    return table(f"Expected pairwise KL of {BLOCK:,} contexts, {M:,} words", rows_of, "all pairs by a matrix product")


def _histogram() -> str:
    data = two_spirals()
    points, grid = np.ascontiguousarray(data.samples), data.grid
    edges = [np.concatenate([[-np.inf], (nodes[1:] + nodes[:-1]) / 2, [np.inf]]) for nodes in (grid.x, grid.y)]
    finite = [np.nan_to_num(edge, posinf=1e9, neginf=-1e9) for edge in edges]
    works: dict[str, Callable[[], object]] = {
        "numpy.histogram2d": lambda: np.histogram2d(points[:, 0], points[:, 1], bins=finite),
        "reading the points (one sum)": lambda: points.sum(),
        "nearest nodes, exact": lambda: nearest_node_histogram(points, grid.x, grid.y, exact=True),
        "nearest nodes, as the code rounds": lambda: nearest_node_histogram(points, grid.x, grid.y),
        "nearest nodes, as the code rounds, fast": lambda: fast_nearest_node_histogram(points, grid.x, grid.y),
        "KL of two histograms": lambda: histogram_kl(np.full(10_000, 1e-4), np.full(10_000, 1e-4)),
    }
    seconds = compare(works, repeats=7)
    rows = {name: (time * 1e3, "ms") for name, time in seconds.items()}
    return table(f"Histogram of {len(points):,} points on 100 x 100 nodes", rows, "numpy.histogram2d")
