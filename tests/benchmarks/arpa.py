"""A Kneser-Ney model of this project as an ARPA file, which kenlm reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from repro.metrics.language.kneser_ney import KneserNey, _Mark

Gram = tuple[int, ...]


def written(model: KneserNey, path: Path) -> Path:
    """Writes log10 of each n-gram's probability and of what its history leaves to shorter ones."""
    levels, size = model._model.levels, model.words
    histories: list[dict[int, Gram]] = [{0: ()}]
    for k, level in enumerate(levels[1:], start=1):
        keys = map(int, level.histories)
        histories.append({i: (key % size, *histories[k - 1][key // size]) for i, key in enumerate(keys)})
    left = [
        {gram: float(level.rest[i]) for i, gram in each.items()} for level, each in zip(levels, histories, strict=True)
    ]
    found: list[dict[Gram, float]] = []
    for k, level in enumerate(levels):
        of_level: dict[Gram, float] = {}
        for key, share in zip(map(int, level.grams), map(float, level.shares), strict=True):
            gram = (*histories[k][key // size], key % size)
            shorter = found[k - 1][gram[1:]] if k else 1 / size
            of_level[gram] = share + float(level.rest[key // size]) * shorter
        found.append(of_level)
    words = {number: str(word) for word, number in model._ids.items() if not isinstance(word, _Mark)}
    unknown = math.log10(float(levels[0].rest[0]) / size)
    lines = ["\\data\\", *(f"ngram {k}={len(grams) + 2 * (k == 1)}" for k, grams in enumerate(found, start=1))]
    for k, grams in enumerate(found, start=1):
        lines += ["", f"\\{k}-grams:"]
        if k == 1:
            lines += [f"{unknown:.9f}\t<unk>", f"-99\t<s>\t{math.log10(left[1][0,]):.9f}"]
        lines += [_line(gram, p, words, left[k] if k < len(left) else {}) for gram, p in grams.items()]
    path.write_text("\n".join([*lines, "", "\\end\\", ""]), encoding="utf-8")
    return path


def _line(gram: Gram, p: float, words: Mapping[int, str], left: Mapping[Gram, float]) -> str:
    """Number 0 ends a sentence where it stands alone or last, and begins one elsewhere."""
    last = len(gram) - 1
    named = [words[each] if each else "</s>" if place == last else "<s>" for place, each in enumerate(gram)]
    backoff = f"\t{math.log10(left[gram]):.9f}" if gram in left and gram != (0,) else ""
    return f"{math.log10(p):.9f}\t{' '.join(named)}{backoff}"
