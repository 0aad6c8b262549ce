"""The length of the longest common subsequence of many pairs of sentences, 64 words at a time.

Paper: A fast and practical bit-vector algorithm for the longest common subsequence problem (Crochemore et al., 2001)
A table of all prefixes costs as many steps as there are pairs of words; here a machine word holds 64 rows of it as
bits, and one addition moves a whole column on. Longer sentences take one pass for each 64 words, with the carries of
the pass before. tests/benchmarks/text_overlap.py measures it against rouge-score.
"""

from __future__ import annotations

import numpy as np

from repro.compiled import compiled


def lcs_lengths(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], vocabulary: int
) -> np.ndarray:
    """Lengths (N,) of the longest common subsequences of N > 0 pairs.

    Each side is word numbers (T,) of all sentences in a row and the sentences' lengths (N,), as `sentences.numbered`
    gives them; numbers are below `vocabulary`. Needs 8 bytes a word of the vocabulary.
    """
    found = np.zeros(len(first[1]), dtype=np.int64)
    _all_pairs(*first, *second, np.zeros(max(vocabulary, 1), dtype=np.uint64), found)
    return found


@compiled
def _all_pairs(
    a: np.ndarray, a_lengths: np.ndarray, b: np.ndarray, b_lengths: np.ndarray, where: np.ndarray, found: np.ndarray
) -> None:
    """Writes the lengths (N,). `where` is all zero before and after: for each word, its places in a block of `a`."""
    carries = np.zeros(b_lengths.max(), dtype=np.uint64)
    a_start, b_start = 0, 0
    for pair in range(len(a_lengths)):
        a_end, b_end = a_start + a_lengths[pair], b_start + b_lengths[pair]
        carries[: b_lengths[pair]] = 0
        for block in range(a_start, a_end, 64):
            size = min(64, a_end - block)
            for i in range(size):
                where[a[block + i]] |= np.uint64(1) << np.uint64(i)
            found[pair] += _one_block(b[b_start:b_end], where, carries, size)
            for i in range(size):
                where[a[block + i]] = 0
        a_start, b_start = a_end, b_end


@compiled
def _one_block(b: np.ndarray, where: np.ndarray, carries: np.ndarray, size: int) -> int:
    """How many of `size` rows the subsequence grows in; a bit of `rows` is 0 where it does. Renews the carries."""
    rows = ~np.uint64(0)
    for j in range(len(b)):
        matches = rows & where[b[j]]
        total = rows + matches
        overflow = total < rows
        total += carries[j]
        overflow |= total < carries[j]
        rows = total | (rows & ~matches)
        carries[j] = np.uint64(1) if overflow else np.uint64(0)
    grown = 0
    for i in range(size):
        grown += 1 - int((rows >> np.uint64(i)) & np.uint64(1))
    return grown
