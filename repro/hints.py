"""The likely fix in an error about a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The tail of an error about an unknown name: the closest known one, or nothing.

    Example:
        >>> did_you_mean("perplexty", ["accuracy", "perplexity"])
        "; did you mean 'perplexity'?"
    """
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""
