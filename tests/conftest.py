"""Fixtures that several packages of tests use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from repro.engines import loop, warm
from repro.engines.local import LocalEngine
from tests.worker.tables import registered

# fixed examples, and nothing timed: a slow machine must not fail a property; `make test-long` asks for thousands
EXAMPLES = int(os.environ.get("REPRO_EXAMPLES", "100"))
settings.register_profile("project", deadline=None, derandomize=True, max_examples=EXAMPLES)
settings.load_profile("project")


@pytest.fixture(scope="module")
def toys() -> Iterator[None]:
    """The toy method, task, metric and data sets have their names while the tests of a module run."""
    with registered():
        yield


@pytest.fixture(params=["warm", pytest.param("fresh", marks=pytest.mark.long)])
def way(request: pytest.FixtureRequest) -> str:
    """The ways in which workers come to be; a test that asks for it runs on both, that of new processes with the long
    ones: each of them imports the framework for seconds.
    """
    if request.param == "warm" and not warm.can_fork():
        pytest.skip("here every worker is a new process")
    return str(request.param)


@pytest.fixture
def engine(way: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LocalEngine]]:
    """Makes engines of one way. Their warm workers are forked, also where only one is needed, or the test fails."""

    def must_be_forked(*_: object) -> None:
        raise AssertionError("a new process was started where a worker was to be forked")

    if way == "warm":
        monkeypatch.setattr(warm, "spawn", must_be_forked)
        monkeypatch.setattr(loop, "spawn", must_be_forked)
    with ExitStack() as stack:

        def make(**settings: Any) -> LocalEngine:
            return stack.enter_context(LocalEngine(fresh=way == "fresh", **settings))

        yield make


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Corpora are built into a folder of this session, never into the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REPRO_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; tests that need it skip without."""
    folder = os.environ.get("REPRO_DATA")
    if not folder:
        pytest.skip("REPRO_DATA names no folder with real data sets")
    return Path(folder)
