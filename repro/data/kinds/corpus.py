"""A text as numbers: one stream of token ids a split, over one vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Corpus:
    """A tokenised text. `splits` maps `train`, `valid`, `test` to streams (T,) of int32 ids into `vocabulary`.

    The streams may be memory maps: take slices of them, never the whole. `checksum` is the SHA-256 over vocabulary and
    streams, as hex. `end` is the id of the token that ends a line or sentence, None where the text has none.
    """

    name: str
    vocabulary: tuple[str, ...]
    splits: Mapping[str, np.ndarray]
    checksum: str
    end: int | None = None
