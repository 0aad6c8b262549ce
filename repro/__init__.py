"""Regenerate the results tables of generative-modelling papers, and say for every cell whether it reproduces.

For notebooks and scripts: `repro.load_table`, `repro.run`, `repro.results`; `repro.api` says what they do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.exports import lazily

if TYPE_CHECKING:
    from repro.api import Results as Results
    from repro.api import load_table as load_table
    from repro.api import results as results
    from repro.api import run as run

EXPORTS = {
    "Results": "repro.api",
    "load_table": "repro.api",
    "results": "repro.api",
    "run": "repro.api",
}
"""Name to module. Read by `repro.plan.code.modules` too, which follows a name to its module."""

__getattr__, __dir__ = lazily(__name__, EXPORTS)
