"""`doctor`: what a run on this machine would find."""

from __future__ import annotations

import os
import platform
import sys
from typing import Any

from repro import distribution
from repro.cli.options import DataFolder, Json, use_data
from repro.commands.output import say, say_json

PACKAGES = (
    "torch", "torchvision", "numpy", "scipy", "numba", "pandas", "matplotlib", "pydantic", "pyyaml", "rfc8785", "typer",
    "rich", "jinja2", "filelock", "psutil", "platformdirs", "pooch", "requests", "pillow", "scikit-learn",
    "sentencepiece", "nltk", "sacrebleu", "rouge-score-rs", "pot", "torch-fidelity",
)  # fmt: skip


def doctor(data: DataFolder = None, json: Json = False) -> None:
    """Show versions, devices, data and the store.

    All that a run on this machine would find, and what to send along with a question.

    Example: repro doctor
    """
    use_data(data)
    found = {"versions": _versions(), "devices": _devices(), "data": _data(), "store": _store()}
    if json:
        say_json(found)
        return
    for section, lines in found.items():
        say(section)
        for name, value in lines.items():
            say(f"  {name:<18}{value}")


def _versions() -> dict[str, str]:
    lines = {
        "repro": distribution.version() or "not installed",
        "python": f"{platform.python_version()} ({sys.executable})",
    }
    return lines | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _devices() -> dict[str, Any]:
    lines: dict[str, Any] = {"system": platform.platform(), "cores": os.cpu_count()}
    try:
        import torch
    except ImportError as error:
        return lines | {"torch": f"does not import: {error}"}
    gpus = (
        [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    )
    return lines | {"gpus": ", ".join(gpus) or "none"}


def _data() -> dict[str, str]:
    folder = os.environ.get("REPRO_DATA")
    state = "not set" if not folder else folder if os.path.isdir(folder) else f"{folder} (no such folder)"  # noqa: PTH112
    return {"REPRO_DATA": state} | ({} if state.endswith("(no such folder)") else _at_hand())


def _at_hand() -> dict[str, str]:
    from repro.data.sources.entries import ENTRIES
    from repro.data.sources.find import find
    from repro.places import cache_directory

    states = {name: find(entry).state for name, entry in ENTRIES.items()}
    named = {state: [name for name in states if states[name] == state] for state in ("at hand", "partial")}
    missing = sum(state == "missing" for state in states.values())
    return {
        "cache": str(cache_directory()),
        "at hand": ", ".join(named["at hand"]) or "none",
        "partial": ", ".join(named["partial"]) or "none",
        "missing": f"{missing} (repro data list)",
    }


def _store() -> dict[str, Any]:
    from repro.places import results_directory
    from repro.spec.tables import all_paths, tables_directory
    from repro.store.records import Store

    here = Store()
    records = here.records()
    return {
        "tables": f"{tables_directory()} ({len(all_paths())})",
        "results": str(results_directory()),
        "store": str(here.root),
        "records": len(records),
        "records failed": sum(record.status != "ok" for record in records),
    }
