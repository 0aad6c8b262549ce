"""Fixtures that several packages of tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.run.tables import registered


@pytest.fixture(scope="module")
def toys() -> Iterator[None]:
    """The toy method, task, metric and data sets have their names while the tests of a module run."""
    with registered():
        yield
