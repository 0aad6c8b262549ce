"""Functions in machine code, kept on disk between runs where there is a place for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function compiled by numba when it is first called. What was compiled is kept for the next process; where
    neither the package's folder nor the user's cache can be written (a container, a system-wide install) it is not.
    """
    try:
        return cast(F, numba.njit(cache=True)(function))
    except RuntimeError:  # numba's "no locator available"
        return cast(F, numba.njit(function))
