"""Functions in machine code run wherever the package lies."""

from __future__ import annotations

from types import SimpleNamespace

import numba
import pytest

from repro.compiled import compiled


@pytest.mark.parametrize("place", [True, False])
def test_a_function_is_compiled_with_or_without_a_place_to_keep_it(
    monkeypatch: pytest.MonkeyPatch, place: bool
) -> None:
    """numba raises where the function is defined if nothing can be kept: numba/numba#5566."""
    asked = []

    def njit(function: object = None, *, cache: bool = False) -> object:
        asked.append(cache)
        if cache and not place:
            raise RuntimeError("cannot cache function 'twice': no locator available for file 'x.py'")
        return numba.njit if function is None else numba.njit(function)

    monkeypatch.setattr("repro.compiled.numba", SimpleNamespace(njit=njit))
    assert compiled(lambda x: 2 * x)(21) == 42
    assert asked == ([True] if place else [True, False])
