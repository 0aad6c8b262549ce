"""In which way the workers of a command were started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from repro.engines import loop, warm


def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with each worker: `forked` or `anew`."""
    if not warm.can_fork():
        pytest.skip("here every worker is a new process")
    found: list[str] = []
    places = (("forked", warm.WarmParent, "_fork"), ("anew", warm, "spawn"), ("anew", loop, "spawn"))
    for way, owner, name in places:
        monkeypatch.setattr(owner, name, _noting(found, way, getattr(owner, name)))
    return found


def _noting(found: list[str], way: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*arguments: Any) -> Any:
        found.append(way)
        return real(*arguments)

    return noted
