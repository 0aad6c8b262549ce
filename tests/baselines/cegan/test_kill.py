"""The models of table B.2 under SIGKILL."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.spec.load import load
from repro.spec.model import ProfileSettings
from repro.spec.tables import find
from tests.baselines.kill import expect_the_same_bits

SMALL = ProfileSettings(seeds=1, methods={"egan": {"epochs": 8, "constant_epochs": 2}, "gan-2d": {"epochs": 8}})


@pytest.mark.long
@pytest.mark.parametrize("row", ["gaussian/GAN", "biased/EGAN-Ent-VI", "spirals/EGAN-Ent-NN"])
def test_a_model_whose_training_is_killed_ends_with_the_same_bits(tmp_path: Path, row: str) -> None:
    table = load(find("cegan/kl-2d"))
    table = table.model_copy(update={"profiles": table.profiles.model_copy(update={"smoke": SMALL})})
    expect_the_same_bits(tmp_path, table, row)
