"""What stands for the method of a row whose numbers come from files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from repro.contracts import Context


@dataclass(frozen=True)
class NothingTrained:
    """No method: the row's numbers come from predictions or checkpoints that were handed over."""

    def fit(self, data: Any, context: Context) -> NoReturn:  # noqa: ARG002
        """Raises TypeError: there is nothing to train."""
        raise TypeError("the numbers of this row come from files: it is not trained")
