"""A language model under SIGKILL."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.spec.load import load
from repro.spec.tables import find
from tests.baselines.kill import expect_the_same_bits


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "row"), [("mos/rank-ptb", "Softmax"), ("mos/rank-ptb", "MoS"), ("mos/one-billion-word", "MoS")]
)
def test_a_language_model_whose_training_is_killed_ends_with_the_same_bits(
    tmp_path: Path, table: str, row: str
) -> None:
    expect_the_same_bits(tmp_path, load(find(table)), row)
