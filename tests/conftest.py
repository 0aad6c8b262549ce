"""Fixtures that several packages of tests use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.run.tables import registered

# fixed examples, and nothing timed: a slow machine must not fail a property
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


@pytest.fixture(scope="module")
def toys() -> Iterator[None]:
    """The toy method, task, metric and data sets have their names while the tests of a module run."""
    with registered():
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; tests that need it skip without."""
    folder = os.environ.get("REPRO_DATA")
    if not folder:
        pytest.skip("REPRO_DATA names no folder with real data sets")
    return Path(folder)
