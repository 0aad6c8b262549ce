"""Measures the hot paths against their references and prints Markdown.

python -m tests.benchmarks.run [NAME...]
"""

from __future__ import annotations

import platform
import sys
from importlib import import_module

NAMES = (
    "neighbours",
    "training_step",
    "boltzmann",
    "many_seeds",
    "latent",
    "nade",
    "made",
    "loop",
    "language_model",
    "matrices",
    "mixture_of_softmaxes",
    "masked_flow",
    "text_overlap",
    "peers",
    "growth",
    "job_start",
)

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(NAMES)
    if unknown := [name for name in wanted if name not in NAMES]:
        sys.exit(f"no benchmark {unknown[0]!r} (known: {', '.join(NAMES)})")
    print(f"{platform.machine()}, Python {platform.python_version()}")
    for name in wanted:
        print("\n" + import_module(f"tests.benchmarks.{name}").main(), flush=True)
