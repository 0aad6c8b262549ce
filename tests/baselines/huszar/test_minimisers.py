"""The minimisers of the objectives of two symbols: against the fact sheet, closed forms, a grid and alternation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import rel_entr

from baselines.huszar.minimisers import Form, LengthTwoObjective, Minimisers, minimiser
from baselines.huszar.two_symbols import Factors, scheduled_sampling
from repro.data.kinds.exact import LengthTwoJoints, length_two_joints
from tests.baselines.contract import Mortal

JOINTS = length_two_joints().joints
PRINTED = 6e-7  # half a unit of the sixth digit, in which the fact sheet gives its values, and a little rounding
EXACT = 1e-12  # of minimisers that Newton's steps end


def fitted(
    epsilon: float, form: Form = "scheduled-sampling", joints: dict[str, np.ndarray] | None = None
) -> Minimisers:
    data = LengthTwoJoints("made", joints or dict(JOINTS))
    return LengthTwoObjective(epsilon, form).fit(data, Mortal(Path("unused")))


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float(rel_entr(p, q).sum())


def product(joint: np.ndarray) -> np.ndarray:
    return np.outer(joint.sum(axis=1), joint.sum(axis=0))


def alternated(p: np.ndarray, epsilon: float) -> np.ndarray:
    """The minimiser of D_SS by the fact sheet's two closed forms in turn: each cannot raise D_SS.

    Q(.|z) = (epsilon P1(z) P(.|z) + (1 - epsilon) Q1(z) P2) / its sum; Q1(z) = P1(z) / (lambda + (1 - epsilon)
    KL[P2||Q(.|z)]), lambda by the sum.
    """
    p1, p2 = p.sum(axis=1), p.sum(axis=0)
    q1 = np.full_like(p1, 1 / len(p1))
    for _ in range(2_000):
        then = epsilon * p + (1 - epsilon) * np.outer(q1, p2)
        then /= then.sum(axis=1, keepdims=True)
        costs = (1 - epsilon) * rel_entr(p2, then).sum(axis=1)
        least = int(costs.argmin())
        low, high = (
            p1[least] - costs[least],
            1 - costs[least],
        )  # the sum is 1 or more at the one, 1 or less at the other
        found = brentq(lambda x, c=costs: (p1 / (x + c)).sum() - 1, low - 1e-9, high + 1e-9, xtol=1e-16)
        q1 = p1 / (found + costs)
    joint: np.ndarray = q1[:, None] * then
    return joint


@pytest.mark.parametrize(
    ("truth", "epsilon", "first", "then", "least", "at_truth", "away"),
    [
        ("symmetric", 0.75, [0.5], [0.725, 0.275], 0.039580, 0.055786, 0.015061),
        ("symmetric", 0.5, [0.5], [0.65, 0.35], 0.050672, 0.111572, 0.054188),
        ("symmetric", 0.25, [0.5], [0.575, 0.425], 0.036894, 0.167358, 0.113439),
        ("symmetric", 0.0, [0.5], [0.5, 0.5], 0.0, 0.223144, 0.192745),
        ("skewed", 0.75, [0.497928], [0.837694, 0.462694], 0.030907, 0.044234, 0.012065),
        ("skewed", 0.5, [0.498933], [0.775134, 0.525133], 0.039281, 0.088468, 0.042428),
        ("skewed", 0.25, [0.499817], [0.712517, 0.587517], 0.028480, 0.132703, 0.087849),
        ("three-symbols", 0.5, [0.312547, 0.315659, 0.371794], None, 0.102795, None, 0.117019),
    ],
)
def test_minima_are_those_of_the_fact_sheet(
    truth: str, epsilon: float, first: list[float], then: list[float] | None, least: float, at_truth: float | None,
    away: float,
) -> None:  # fmt: skip
    """papers/notes/text_models.md, section 5."""
    p, model = JOINTS[truth], fitted(epsilon, joints={truth: JOINTS[truth]})
    q = model.minimiser(truth)
    np.testing.assert_allclose(q.sum(axis=1)[: len(first)], first, atol=PRINTED)
    if then is not None:
        np.testing.assert_allclose(q[:, 0] / q.sum(axis=1), then, atol=PRINTED)
    assert model.value(p, q) == pytest.approx(least, abs=PRINTED)
    assert kl(p, q) == pytest.approx(away, abs=PRINTED)
    if at_truth is not None:
        assert model.value(p, p) == pytest.approx(at_truth, abs=PRINTED)


@pytest.mark.parametrize("epsilon", [0.1, 0.6])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_minimiser_by_gradients_is_that_by_alternating_closed_forms(seed: int, epsilon: float) -> None:
    p = np.random.default_rng(seed).dirichlet(np.full(9, 0.7)).reshape(3, 3)
    found = fitted(epsilon, joints={"p": p}).minimiser("p")
    np.testing.assert_allclose(found, alternated(p, epsilon), atol=1e-9)  # 2,000 rounds of it, each in closed form


def test_no_model_on_a_grid_of_all_joints_is_below_the_minimum() -> None:
    """All of 59^3 binary models; the best lies within a step of the minimiser, and above it by about its square."""
    p, epsilon, grid = JOINTS["skewed"], 0.5, np.arange(1, 60) / 60
    model = fitted(epsilon, joints={"p": p})
    p1, p2, then = p.sum(axis=1), p.sum(axis=0), p / p.sum(axis=1, keepdims=True)

    def divergences(true: np.ndarray) -> np.ndarray:
        found: np.ndarray = rel_entr(true[0], grid) + rel_entr(true[1], 1 - grid)
        return found

    firsts, kept, replaced = divergences(p1), [divergences(row) for row in then], divergences(p2)
    a, b, c = np.meshgrid(*[np.arange(59)] * 3, indexing="ij")
    values = (
        firsts[a]
        + epsilon * (p1[0] * kept[0][b] + p1[1] * kept[1][c])
        + (1 - epsilon) * (grid[a] * replaced[b] + (1 - grid[a]) * replaced[c])
    )
    least, q = model.value(p, model.minimiser("p")), model.minimiser("p")
    assert least <= values.min() < least + 1e-3
    best = [grid[i] for i in np.unravel_index(values.argmin(), values.shape)]
    np.testing.assert_allclose(best, [q[0].sum(), *(q[:, 0] / q.sum(axis=1))], atol=1 / 60)


@pytest.mark.parametrize("form", ["scheduled-sampling", "replaced", "replaced-as-printed", "single-as-printed"])
def test_no_drawn_model_is_below_the_minimum(form: Form) -> None:
    model, random = fitted(0.4, form, {"p": JOINTS["three-symbols"]}), np.random.default_rng(0)
    p, q = JOINTS["three-symbols"], model.minimiser("p")
    least = model.value(p, q)
    near = [q * np.exp(0.05 * random.normal(size=q.shape)) for _ in range(100)]
    far = [random.dirichlet(np.ones(9)).reshape(3, 3) for _ in range(100)]
    assert least < min(model.value(p, joint / joint.sum()) for joint in near + far)


def test_maximum_likelihood_ends_at_the_truth_and_always_replacing_at_the_product() -> None:
    for truth, p in JOINTS.items():
        np.testing.assert_allclose(fitted(1.0).minimiser(truth), p, atol=EXACT)
        np.testing.assert_allclose(fitted(0.0).minimiser(truth), product(p), atol=EXACT)


def test_the_forms_of_always_replacing_end_at_the_truth_as_printed_and_at_the_product_as_corrected() -> None:
    printed, corrected = fitted(0.0, "replaced-as-printed"), fitted(0.0, "replaced")
    for truth, p in JOINTS.items():
        np.testing.assert_allclose(printed.minimiser(truth), p, atol=EXACT)
        np.testing.assert_allclose(corrected.minimiser(truth), product(p), atol=EXACT)
        assert corrected.value(p, corrected.minimiser(truth)) == pytest.approx(kl(p, product(p)), abs=EXACT)


@pytest.mark.parametrize("form", ["stop-gradient", "single-as-printed"])
@pytest.mark.parametrize("epsilon", [0.2, 0.75])
def test_without_a_gradient_through_the_symbol_and_as_one_divergence_the_end_is_on_the_line(
    form: Form, epsilon: float
) -> None:
    """Q_x1 = P_x1 and Q_x2|z = epsilon P_x2|z + (1 - epsilon) P_x2."""
    model = fitted(epsilon, form)
    for truth, p in JOINTS.items():
        expected = epsilon * p + (1 - epsilon) * product(p)
        np.testing.assert_allclose(model.minimiser(truth), expected, atol=EXACT)
        np.testing.assert_allclose(model.line(p), expected, atol=1e-15)


def test_the_fixed_point_of_three_symbols_has_the_value_of_the_fact_sheet() -> None:
    p = JOINTS["three-symbols"]
    model = fitted(0.5, "stop-gradient", {"p": p})
    assert model.value(p, model.minimiser("p")) == pytest.approx(0.103089, abs=PRINTED)


@pytest.mark.parametrize("epsilon", [0.2, 0.75])
def test_a_copied_symbol_is_half_forgotten(epsilon: float) -> None:
    """The fact sheet: for P = diag(1/2, 1/2) Q(0|0) = (1 + epsilon) / 2, and KL[P||Q*] = -ln of that."""
    p = np.diag([0.5, 0.5])
    q = fitted(epsilon, "stop-gradient", {"copy": p}).minimiser("copy")
    assert 2 * q[0, 0] == pytest.approx((1 + epsilon) / 2, abs=EXACT)
    assert kl(p, q) == pytest.approx(-math.log((1 + epsilon) / 2), abs=EXACT)


@pytest.mark.parametrize(("truth", "slope"), [("symmetric", 0.223144), ("skewed", 0.176937)])
def test_the_objective_at_the_truth_grows_in_proportion_to_what_is_replaced(truth: str, slope: float) -> None:
    """The slopes of the fact sheet: E_{P_x1} KL[P_x2||P_x2|x1]."""
    p = JOINTS[truth]
    for epsilon in (0.0, 0.3, 1.0):
        value = Minimisers(LengthTwoObjective(epsilon), {}).value(p, p)
        assert value == pytest.approx((1 - epsilon) * slope, abs=PRINTED)


def test_the_sides_of_the_printed_equalities_are_equal_where_they_should_be() -> None:
    """At Q_x1 = P_x1 the lines of D_SS are equal and C is what it is at P; the forms differ by the information."""
    model, p = Minimisers(LengthTwoObjective(0.5), {}), JOINTS["skewed"]
    q, aside = np.array([[0.3, 0.2], [0.1, 0.4]]), np.array([[0.05], [-0.05]])
    for identity in ("single-divergence", "constant"):
        assert np.subtract(*model.sides(identity, p, q)) == pytest.approx(0.0, abs=EXACT)
        assert abs(np.subtract(*model.sides(identity, p, q + aside))) > 1e-4
    assert np.subtract(*model.sides("always-replaced", p, q)) == pytest.approx(kl(p, product(p)), abs=EXACT)


@pytest.mark.parametrize("epsilon", [-0.1, 1.1])
def test_an_epsilon_that_is_no_probability_is_refused(epsilon: float) -> None:
    with pytest.raises(ValueError, match="epsilon must lie between 0 and 1"):
        LengthTwoObjective(epsilon)


def test_a_minimum_at_the_border_is_an_error() -> None:
    """Maximum likelihood of a joint with zeros: its logits have no end."""
    p = Factors.of(np.array([[0.5, 0.0], [0.2, 0.3]]))
    with pytest.raises(ValueError, match="no minimum was found inside: the gradient is still"):
        minimiser(lambda p, q: scheduled_sampling(p, q, 1.0), p)
