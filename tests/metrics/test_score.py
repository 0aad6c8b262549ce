from __future__ import annotations

import pytest

from repro.metrics.score import Score, signature


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_score_is_a_finite_number(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        Score(value, "m|impl:repro/1")


def test_a_signature_is_one_line_whatever_its_parts_hold() -> None:
    assert signature("m", "nltk/3.9", tokens="a|b\nc") == "m|impl:nltk/3.9|tokens:a/b c"
