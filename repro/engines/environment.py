"""The variables that a worker is started with."""

from __future__ import annotations

import os
import site
from pathlib import Path

import repro
from repro.places import store_directory

# The C library's own limits, of 128 KiB to 32 MiB, give the memory of a step's large arrays back to the system, which
# then clears it for the next step: 130,000 page faults in a training step of the AWD-LSTM.
ALLOCATOR = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(2**30))


def worker_environment(device: str, threads: int, gpu: str | None) -> dict[str, str]:
    """The variables of a worker: the harness that the driver runs, a fixed number of threads, its GPU or none, and an
    allocator that keeps freed memory, unless the user has set one. Compiled code is kept in the store where the
    package's folder cannot be written.
    """
    variables = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS",
                 "RAYON_NUM_THREADS")  # fmt: skip
    env = {
        **ALLOCATOR,
        **os.environ,
        **dict.fromkeys(variables, str(threads)),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "TORCHINDUCTOR_DETERMINISTIC": "1",
    }
    if device == "cpu" or gpu is not None:
        env["CUDA_VISIBLE_DEVICES"] = gpu or ""
    package = Path(repro.__file__).resolve().parent
    if not env.get("NUMBA_CACHE_DIR") and not os.access(package, os.W_OK):  # numba fails where it can keep nothing
        env["NUMBA_CACHE_DIR"] = str(store_directory() / "compiled")
    home = str(package.parent)
    if home not in {str(Path(place).resolve()) for place in (*site.getsitepackages(), site.getusersitepackages())}:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (home, env.get("PYTHONPATH"))))
    return env
