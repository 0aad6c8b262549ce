"""Where results and reports lie."""

from __future__ import annotations

from pathlib import Path

from repro.store import Store


def store() -> Store:
    """The working store: `.repro/` in the working directory, or where REPRO_STORE says."""
    return Store()


def results_directory() -> Path:
    """Accepted results: the checkout's `results/`, else `results/` of the working directory, else the shipped copy."""
    package = Path(__file__).resolve().parent
    if (package.parent / "pyproject.toml").is_file():
        return package.parent / "results"
    own, shipped = Path("results"), package / "_shipped" / "results"
    return own if own.is_dir() or not shipped.is_dir() else shipped


def reports_directory() -> Path:
    """Reports of one's own runs, within the store."""
    return store().root / "reports"
