"""The tables against the model's own searches, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from repro.metrics.language.ngram_lookup import probabilities, tabled
from repro.metrics.language.ngram_model import KENLM_FALLBACK, estimate


@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(3, 40))
def test_tables_give_the_model_s_probabilities_to_the_last_bit(seed: int, order: int, words: int) -> None:
    """Of its own text and of another, with a word that it has never seen, and over ends of lines."""
    random = np.random.default_rng(seed)
    text = np.append(random.zipf(1.5, size=int(random.integers(0, 400))) % (words - 1), 0)
    model = estimate(text, words, order, 0, KENLM_FALLBACK)
    tables = tabled(model)
    for scored in (text, random.integers(0, words, size=200), text[::-1].copy(), text[:0]):
        assert probabilities(tables, words, scored).tolist() == model.probabilities(scored).tolist()
