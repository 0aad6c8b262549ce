"""Regenerate the results tables of generative-modelling papers, and say for every cell whether it reproduces.

For notebooks and scripts: `repro.load_table`, `repro.run`, `repro.results`; `repro.api` says what they do.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from repro.exports import lazily

if TYPE_CHECKING:
    from repro.api import Results as Results
    from repro.api import load_table as load_table
    from repro.api import results as results
    from repro.api import run as run

EXPORTS = {
    "Results": "repro.api",
    "load_table": "repro.api",
}
"""Name to module. Read by `repro.plan.code.modules` too, which follows a name to its module."""

CALLED = ("results", "run")
"""Functions of `repro.api` that have the name of a module of this package: here the module itself can be called."""

_exported, __dir__ = lazily(__name__, {**EXPORTS, **dict.fromkeys(CALLED, "repro.api")})


def __getattr__(name: str) -> Any:
    if name not in CALLED:
        return _exported(name)
    from importlib import import_module

    return import_module(f"{__name__}.{name}")


class _Called(ModuleType):
    """A module that, when called, is the function of its name in `repro.api`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from repro import api

        return getattr(api, self.__name__.rpartition(".")[2])(*args, **kwargs)


class _Package(ModuleType):
    """This package: the import of a module binds its name here, whoever imports it and whenever."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in CALLED and isinstance(value, ModuleType):
            value.__class__ = _Called
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
