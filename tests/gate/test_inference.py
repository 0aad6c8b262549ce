"""The tests of the gate: what they are invariant to, whom they agree with, and what they cannot say."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from repro.gate.inference import DIVISIONS, FEW, HIDDEN, Contrast, infer

REFERENCE = (1.0, -0.5, 0.25, 2.0, 1.25, -1.5, 0.75)
ONE = (3.5, 4.5, 2.75)


def worse(*contrasts: Contrast) -> list[float]:
    """The p-values of "worse" of cells that are tested together."""
    return [tested.worse for tested in infer(contrasts) if tested.worse is not None]


def test_a_lone_cell_has_the_p_value_of_scipys_permutation_test() -> None:
    """Values on both sides of 0: no logarithms. The t statistic orders divisions as scipy's does, since it is its t."""

    def t(x: np.ndarray, y: np.ndarray) -> float:
        return float(stats.ttest_ind(x, y).statistic)

    for new in (ONE, (0.0, 1.5, 3.0), (-1.0, -2.0, 0.5)):
        expected = stats.permutation_test((new, REFERENCE), t, alternative="greater", n_resamples=10_000).pvalue
        assert worse(Contrast(REFERENCE, new)) == pytest.approx([expected])


def test_the_smallest_p_value_is_one_in_all_divisions() -> None:
    (p,) = worse(Contrast(REFERENCE, (50.0, 60.0, 70.0)))
    assert p == pytest.approx(1 / 120)


def test_what_is_worse_turns_with_the_direction_and_counts_on_both_sides_without_one() -> None:
    old, new = REFERENCE, (-3.0, -4.0, -2.5)
    lower, higher, none = (infer([Contrast(old, new, better)])[0] for better in ("lower", "higher", None))
    assert (lower.worse, lower.better) == (higher.better, higher.worse)
    assert higher.worse == pytest.approx(1 / 120)
    assert none.worse is not None
    assert none.worse <= 2 / 120
    assert none.better == 1.0


@given(st.floats(0.01, 100.0), st.floats(-5.0, 5.0))
def test_unit_and_origin_do_not_matter(scale: float, shift: float) -> None:
    """Values on both sides of 0 before and after: with a shift that makes all positive, logarithms are taken."""
    old, new = (-20.0, 4.0, 7.0, 10.0, -12.0), (15.0, 11.0, 17.0)
    moved = Contrast(tuple(scale * (v + shift) for v in old), tuple(scale * (v + shift) for v in new))
    assert worse(moved) == pytest.approx(worse(Contrast(old, new)))


def test_positive_values_are_compared_by_their_logarithms() -> None:
    """The mean of the new ones is the larger, that of their logarithms the smaller."""
    old, new = (5.0, 6.0, 7.0, 8.0), (0.5, 1.0, 20.0, 30.0)
    logs = [tuple(float(v) for v in np.log(side)) for side in (old, new)]
    assert worse(Contrast(old, new)) == pytest.approx(worse(Contrast(logs[0], logs[1])))
    assert worse(Contrast(old, new))[0] > 0.5
    assert worse(Contrast((-1.0, *old), (-1.0, *new)))[0] < 0.5


def test_the_order_of_seeds_and_of_cells_moves_nothing() -> None:
    first, second = Contrast(REFERENCE, ONE), Contrast(REFERENCE[::-1], (0.5, 2.5, -1.0))
    once, again = infer([first, second]), infer([second, first])
    assert once == again[::-1]
    for order in permutations(ONE):
        assert worse(Contrast(REFERENCE, order)) == worse(Contrast(REFERENCE, ONE))


def test_more_cells_never_make_a_p_value_smaller() -> None:
    random = np.random.default_rng(2)
    cells = [Contrast(tuple(v[:9]), tuple(v[9:])) for v in random.normal(size=(20, 12))]
    alone = [worse(cell)[0] for cell in cells]
    assert all(p >= q for p, q in zip(worse(*cells), alone, strict=True))


def test_a_copy_of_a_cell_costs_nothing_where_seeds_are_divided_together() -> None:
    cell = Contrast(REFERENCE, (3.0, 1.0, 2.5))
    assert worse(cell, cell, cell) == worse(cell) * 3


def test_what_rounding_moves_is_not_worse() -> None:
    """Constant cells that come out one unit in the last place higher, on another processor say."""
    constant = Contrast((0.0291,) * 25, (float(np.nextafter(0.0291, 1)),))
    assert worse(constant)[0] > 0.05
    assert worse(Contrast((0.0,) * 25, (1e-3,)))[0] == pytest.approx(1 / 26)
    assert worse(Contrast((0.0291,) * 25, (0.0292,)))[0] == pytest.approx(1 / 26)


def test_a_cell_without_any_spread_says_no_more_than_its_ranks() -> None:
    """Three ranks of 400 and now 399 on every seed: at most 1 of 20 divisions is as extreme."""
    (tested,) = infer([Contrast((400.0,) * 3, (399.0,) * 3, "higher")])
    assert tested.worse == pytest.approx(1 / 20)


def test_cells_of_nothing_but_zeros_are_alike() -> None:
    """A count of failures, say: there is neither a spread nor a difference."""
    assert worse(Contrast((0.0,) * 3, (0.0,) * 3)) == [1.0]


@pytest.mark.parametrize("sizes", [(1, 1), (1, 2), (2, 1), (18, 1), (1, 18)])
def test_one_seed_says_nothing_until_there_are_20_in_all(sizes: tuple[int, int]) -> None:
    (tested,) = infer([Contrast(tuple(range(sizes[0])), tuple(range(900, 900 + sizes[1])))])
    assert (tested.worse, tested.better) == (None, None)


def test_without_a_better_side_three_against_three_say_nothing_and_three_against_four_do() -> None:
    """A division into halves is as extreme as its mirror image, so 20 ways are only 10."""
    old, new = (1.0, 1.5, 2.0), (90.0, 91.0, 92.0, 93.0)
    halves, uneven = infer([Contrast(old, new[:3], None), Contrast(old, new, None)])
    assert (halves.worse, halves.better, halves.test) == (None, None, FEW)
    assert uneven.worse == pytest.approx(1 / 35)


def test_cells_that_cannot_be_tested_take_no_part_in_the_test_of_the_others() -> None:
    cell, two = Contrast(REFERENCE, ONE), Contrast((1.0, 2.0), (900.0, 901.0))
    assert infer([cell, two])[0] == infer([cell])[0]


def test_what_a_cell_that_moved_further_hides_is_not_passed() -> None:
    """With three seeds a side the mirror image of what got better is as extreme as what got worse."""
    worse_cell = Contrast((1.0, 1.5, 2.0), (5.0, 5.5, 6.5))
    better_cell = Contrast((900.0, 910.0, 920.0), (1.0, 1.01, 1.02))
    still = Contrast((1.0, 3.0, 2.0), (2.5, 1.5, 2.0))
    hidden, moved, unmoved = infer([worse_cell, better_cell, still])
    assert (hidden.worse, hidden.better, hidden.test) == (None, None, HIDDEN)
    assert moved.better == pytest.approx(1 / 20)
    assert unmoved.worse is not None
    assert infer([worse_cell, still])[0].worse == pytest.approx(1 / 20)


def test_nothing_tested_is_nothing_found() -> None:
    assert infer([]) == []


def test_unequal_numbers_of_seeds_are_tested_together_and_the_same_twice() -> None:
    random = np.random.default_rng(3)
    cells = [
        *(Contrast(tuple(v[:9]), tuple(v[9:])) for v in random.normal(size=(4, 12))),
        *(Contrast(tuple(v[:8]), tuple(v[8:])) for v in random.normal(size=(4, 13))),
        Contrast(REFERENCE, (40.0, 50.0, 60.0)),
    ]
    found = infer(cells)
    assert found == infer(cells)
    assert f"{DIVISIONS} random divisions, 9 cells" in found[0].test
    assert found[-1].worse is not None
    assert found[-1].worse < 0.02
    assert all(tested.worse is not None and tested.worse > 0.05 for tested in found[:-1])


@pytest.mark.parametrize("sizes", [(3, 3), (2, 5), (5, 2), (19, 1), (25, 1)])
def test_among_cells_of_other_sizes_the_fewest_divisions_still_suffice(sizes: tuple[int, int]) -> None:
    """All of them are looked at equally often: random ones could have the present one more than once in 20."""
    reference, new = tuple(1.0 + i / 100 for i in range(sizes[0])), (900.0, 905.0, 902.0)[: sizes[1]]
    random = np.random.default_rng(5)
    others = [Contrast(tuple(v[:9]), tuple(v[9:])) for v in random.normal(size=(5, 12))]
    p = worse(Contrast(reference, (*new, *new)[: sizes[1]]), *others)[0]
    assert p == pytest.approx(1 / math.comb(sum(sizes), sizes[1]), rel=0.01)
    assert p <= 0.05


def test_cells_with_few_seeds_seldom_hide_what_is_seen_with_many() -> None:
    """Three against three often have a t that 27 against 3 never have; compared by t they hide it in most checks."""
    seen = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        few = [Contrast(tuple(v[:3]), tuple(v[3:])) for v in random.normal(size=(40, 6))]
        tested = infer([Contrast(tuple(random.normal(size=27)), (3.5, 4.5, 4.0)), *few])[0]
        seen += tested.worse is not None and tested.worse <= 0.05
    assert seen >= 7


def test_a_gross_change_with_few_seeds_is_seen_among_cells_with_many() -> None:
    """A t of 17: with 4 degrees of freedom no rarer than what 4000 divisions of 27 + 3 seeds hold."""
    random = np.random.default_rng(7)
    many = [Contrast(tuple(v[:27]), tuple(v[27:])) for v in random.normal(size=(40, 30))]
    assert worse(Contrast((-1.0, 0.0, 1.0), (13.0, 14.0, 15.0)), *many)[0] == pytest.approx(1 / 20)
