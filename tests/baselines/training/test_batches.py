"""Mini-batches: every example once a pass, an order of its own each pass, and no matter who asked before."""

from __future__ import annotations

from pathlib import Path

import pytest

from baselines.training.batches import Batches
from tests.baselines.contract import Mortal


def test_a_pass_has_every_example_once_but_for_what_is_left(tmp_path: Path) -> None:
    batches = Batches(Mortal(tmp_path), 23, 5)
    assert batches.per_epoch == 4
    orders = [[int(i) for number in range(4 * epoch, 4 * epoch + 4) for i in batches[number]] for epoch in range(3)]
    for order in orders:
        assert len(set(order)) == 20
        assert set(order) <= set(range(23))
    assert len({tuple(order) for order in orders}) == 3
    assert len({frozenset(order) for order in orders}) == 3  # it is not always the same three that are left


def test_a_batch_is_the_same_whenever_it_is_asked_for(tmp_path: Path) -> None:
    one, other = (Batches(Mortal(tmp_path), 23, 5) for _ in range(2))
    expected = [one[number].tolist() for number in range(12)]
    for number in (11, 0, 5, 4, 5):
        assert other[number].tolist() == expected[number]


def test_seeds_and_names_have_other_orders(tmp_path: Path) -> None:
    contexts = Mortal(tmp_path), Mortal(tmp_path, 4)
    found = [Batches(context, 50, 50, name)[0].tolist() for context in contexts for name in ("labelled", "unlabelled")]
    assert len({tuple(order) for order in found}) == 4


@pytest.mark.parametrize("size", [0, 8])
def test_a_batch_that_cannot_be_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 7 of 7 examples, not {size}"):
        Batches(Mortal(tmp_path), 7, size)
