"""Where results, reports and data lie."""

from __future__ import annotations

import os
from pathlib import Path


def store_directory() -> Path:
    """The working store: `.repro/` in the working directory, or where REPRO_STORE says."""
    return Path(os.environ.get("REPRO_STORE") or ".repro").absolute()


def results_directory() -> Path:
    """Where `accept` puts results: what REPRO_RESULTS says, the checkout's `results/`, else `results/` right here."""
    named = os.environ.get("REPRO_RESULTS")
    if named:
        return Path(named).absolute()
    package = Path(__file__).resolve().parent
    if (package.parent / "pyproject.toml").is_file():
        return package.parent / "results"
    return Path("results").absolute()


def results_of(table: str) -> Path:
    """Where the accepted results of a table are read: the place above, or the copy that came with the package.

    One's own results of a table stand for the shipped ones; those of other tables stay visible.
    """
    own, shipped = results_directory(), Path(__file__).resolve().parent / "_shipped" / "results"
    return shipped if not (own / table).is_dir() and (shipped / table).is_dir() else own


def is_shipped(results: Path) -> bool:
    """Whether a folder of results came with repro: inside the package, or in the checkout that it runs from."""
    package = Path(__file__).resolve().parent
    places = {package / "_shipped" / "results"}
    if (package.parent / "pyproject.toml").is_file():
        places.add(package.parent / "results")
    return results.resolve() in places


def reports_directory() -> Path:
    """Reports of one's own runs, within the store."""
    return store_directory() / "reports"


def cache_directory() -> Path:
    """What can be fetched or made again, shared by all working directories: where REPRO_CACHE says, else the user's
    cache folder of this platform."""
    from platformdirs import user_cache_path

    named = os.environ.get("REPRO_CACHE")
    return Path(named).absolute() if named else user_cache_path("repro", appauthor=False)


def data_directory() -> Path | None:
    """The folder of data sets that REPRO_DATA, or the option --data, names. Raises ValueError if it is no folder."""
    named = os.environ.get("REPRO_DATA")
    if not named:
        return None
    folder = Path(named).absolute()
    if not folder.is_dir():
        raise ValueError(f"REPRO_DATA (or --data) must name a folder with data sets; {named!r} is none")
    return folder
