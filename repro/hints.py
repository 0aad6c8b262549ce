"""The likely fix in an error about a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The tail of an error about an unknown name: the one that it abbreviates or is closest to, or nothing.

    Example:
        >>> did_you_mean("perplexty", ["accuracy", "perplexity"])
        "; did you mean 'perplexity'?"
        >>> did_you_mean("fid", ["cider", "frechet-inception-distance"])
        "; did you mean 'frechet-inception-distance'?"
    """
    names = list(known)
    close = [each for each in names if name == _initials(each)] or get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _initials(name: str) -> str:
    """What people say for a long name; nothing for one without parts."""
    parts = name.split("-")
    return "".join(part[0] for part in parts if part) if len(parts) > 1 else ""
