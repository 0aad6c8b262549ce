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


Texts = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Word numbers (T,) of all sentences of all texts in a row, the sentences' lengths, and how many each text (N,) has."""


def union_lcs_lengths(hypotheses: Texts, references: Texts, vocabulary: int) -> np.ndarray:
    """What N > 0 pairs of texts share by summary-level ROUGE-L (N,), with the choices of rouge-score.

    For each sentence of a reference: its words that stand in the longest common subsequence with any sentence of the
    hypothesis, which is traced from the end, on equal lengths backwards in the reference; each word counts as often as
    both texts have it. Time and the table of prefixes grow with the product of two sentences' lengths.
    """
    shared = np.zeros(len(hypotheses[2]), dtype=np.int64)
    longest = [max(int(texts[1].max(initial=0)), 1) + 1 for texts in (hypotheses, references)]
    table = np.zeros((longest[1], longest[0]), dtype=np.int32)
    left = np.zeros((2, max(vocabulary, 1)), dtype=np.int64)
    _all_texts(*hypotheses, *references, table, left, np.zeros(longest[1], dtype=np.bool_), shared)
    return shared


@compiled
def _all_texts(
    a: np.ndarray, a_lengths: np.ndarray, a_sentences: np.ndarray, b: np.ndarray, b_lengths: np.ndarray,
    b_sentences: np.ndarray, table: np.ndarray, left: np.ndarray, marked: np.ndarray, shared: np.ndarray,
) -> None:  # fmt: skip
    """Writes the numbers (N,). `left` is how often each word is left in either text, all zero before and after."""
    a_start, b_start, a_first, b_first = 0, 0, 0, 0
    for pair in range(len(shared)):
        a_last, b_last = a_first + a_sentences[pair], b_first + b_sentences[pair]
        a_end, b_end = a_start + a_lengths[a_first:a_last].sum(), b_start + b_lengths[b_first:b_last].sum()
        for at in range(a_start, a_end):
            left[0, a[at]] += 1
        for at in range(b_start, b_end):
            left[1, b[at]] += 1
        here = b_start
        for reference in range(b_first, b_last):
            there, size = a_start, b_lengths[reference]
            marked[:size] = False
            for hypothesis in range(a_first, a_last):
                _mark(b[here : here + size], a[there : there + a_lengths[hypothesis]], table, marked)
                there += a_lengths[hypothesis]
            for i in range(size):
                word = b[here + i]
                if marked[i] and left[0, word] > 0 and left[1, word] > 0:
                    left[0, word] -= 1
                    left[1, word] -= 1
                    shared[pair] += 1
            here += size
        left[0, a[a_start:a_end]] = 0
        left[1, b[b_start:b_end]] = 0
        a_start, b_start, a_first, b_first = a_end, b_end, a_last, b_last


@compiled
def _mark(reference: np.ndarray, hypothesis: np.ndarray, table: np.ndarray, marked: np.ndarray) -> None:
    """Marks the places of the reference in its longest common subsequence with one sentence."""
    for i in range(len(reference)):
        for j in range(len(hypothesis)):
            if reference[i] == hypothesis[j]:
                table[i + 1, j + 1] = table[i, j] + 1
            else:
                table[i + 1, j + 1] = max(table[i, j + 1], table[i + 1, j])
    i, j = len(reference), len(hypothesis)
    while i > 0 and j > 0:
        if reference[i - 1] == hypothesis[j - 1]:
            marked[i - 1] = True
            i, j = i - 1, j - 1
        elif table[i, j - 1] > table[i - 1, j]:
            j -= 1
        else:
            i -= 1
