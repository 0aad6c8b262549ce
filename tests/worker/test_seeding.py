"""A method that draws from global generators is repeatable, and is another one under another seed."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from repro.engines.drive import Selection, run
from repro.store.record import Record
from repro.store.records import Store
from repro.worker.seeding import for_measurement, for_training, seed_globals
from repro.worker.streams import generator
from tests.worker.tables import toy_table

CARELESS = """
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from tests.worker.toy import ToyTask, Walked


class Noisy(np.ndarray):
    \"\"\"A model that draws when it is measured.\"\"\"

    def mean(self):
        return np.random.normal()


@dataclass(frozen=True)
class Careless:
    \"\"\"Weights, dropout, the order of examples and noise come from wherever it is easiest.\"\"\"

    more: int = 0

    def fit(self, data, context):
        network = nn.Sequential(nn.Linear(5, 5), nn.Dropout(0.5))
        order = list(range(5))
        random.shuffle(order)
        x = torch.from_numpy(np.random.normal(size=5)[order]).float()
        np.random.normal(size=self.more)
        return Walked(network(x).detach().double().numpy() + np.asarray(order))

    def restore(self, state, context):
        return Walked(state["weights"].view(Noisy))
"""


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))


def draws_of(seed: int, *stream: int | str) -> tuple[float, float, float]:
    seed_globals(seed, *stream)
    return draws()


def test_every_global_generator_is_seeded_from_a_named_stream() -> None:
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        found = []
        for seed, stream in ((3, "fit"), (3, "fit"), (4, "fit"), (3, "measure")):
            seed_globals(seed, stream)
            found.append(draws())
        assert found[0] == found[1]
        for numbers in zip(*found[1:], strict=True):
            assert len(set(numbers)) == 3
        for_training([3])
        assert draws() == found[0]
        for_training([3, 4])
        assert draws() == draws_of(3, "fit", 4)
        for_measurement(3)
        assert draws() == found[3]
        assert for_measurement(3).random() == generator(3, "measure").random()
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


@pytest.mark.usefixtures("toys")
def test_a_careless_method_is_repeatable_and_what_it_drew_moves_no_measurement(tmp_path: Path) -> None:
    """Every job in a process of its own; the second row has drawn more when it is measured."""
    method = tmp_path / "careless.py"
    method.write_text(CARELESS)
    rows = [{"label": str(more), "method": f"{method}:Careless", "params": {"more": more}} for more in (0, 3)]

    def trained(folder: str, seeds: list[int], count: int) -> dict[tuple[str, int], Record]:
        store = Store(tmp_path / folder)
        run(toy_table(*rows[:count]), "smoke", store=store, selection=Selection(seeds=seeds))
        return {(record.row, record.seed): record for record in store.records()}

    one, two = trained("one", [0], 2), trained("two", [0, 1], 1)
    assert {record.status for record in (*one.values(), *two.values())} == {"ok"}
    for other in (one["3", 0], two["0", 0]):
        assert (other.measured, other.artifacts) == (one["0", 0].measured, one["0", 0].artifacts)
    assert two["0", 1].measured != one["0", 0].measured
    assert two["0", 1].artifacts != one["0", 0].artifacts
