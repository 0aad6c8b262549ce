"""The objectives of two symbols against their printed sums, symbol by symbol, in plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from baselines.huszar.two_symbols import (
    Factors,
    always_replaced,
    joint_as_printed,
    kl,
    maximum_likelihood,
    replaced,
    replaced_as_printed,
    scheduled_sampling,
    single_as_printed,
)

ROUNDING = 1e-13  # sums of at most 27 terms below 10
V = 3


def drawn(seed: int) -> np.ndarray:
    """A joint (3, 3) without symmetries, all of it positive."""
    return np.random.default_rng(seed).dirichlet(np.full(V * V, 1.5)).reshape(V, V)


P, Q = drawn(0), drawn(1)
P1, Q1, P2 = P.sum(axis=1), Q.sum(axis=1), P.sum(axis=0)
PZ, QZ = P / P1[:, None], Q / Q1[:, None]
TRUE, MODEL = Factors.of(P), Factors.of(Q)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    return float(sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)))


def test_maximum_likelihood_is_the_divergence_of_the_joints() -> None:
    """The chain rule."""
    assert float(maximum_likelihood(TRUE, MODEL)) == pytest.approx(divergence(P.ravel(), Q.ravel()), abs=ROUNDING)


def test_the_second_form_draws_the_first_symbol_from_the_model() -> None:
    expected = divergence(P1, Q1) + sum(Q1[z] * divergence(P2, QZ[z]) for z in range(V))
    assert float(always_replaced(TRUE, MODEL)) == pytest.approx(expected, abs=ROUNDING)
    held = divergence(P1, Q1) + sum(P1[z] * divergence(P2, QZ[z]) for z in range(V))
    assert float(always_replaced(TRUE, MODEL, TRUE.first)) == pytest.approx(held, abs=ROUNDING)


def test_the_first_form_to_the_letter_is_maximum_likelihood() -> None:
    expected = divergence(P1, Q1) + sum(P1[y] * Q1[z] * divergence(PZ[y], QZ[y]) for y in range(V) for z in range(V))
    assert float(replaced_as_printed(TRUE, MODEL)) == pytest.approx(expected, abs=ROUNDING)
    assert expected == pytest.approx(float(maximum_likelihood(TRUE, MODEL)), abs=ROUNDING)


def test_the_first_form_corrected_is_the_second_plus_the_mutual_information() -> None:
    expected = divergence(P1, Q1) + sum(P1[y] * Q1[z] * divergence(PZ[y], QZ[z]) for y in range(V) for z in range(V))
    assert float(replaced(TRUE, MODEL)) == pytest.approx(expected, abs=ROUNDING)
    information = divergence(P.ravel(), np.outer(P1, P2).ravel())
    assert expected - float(always_replaced(TRUE, MODEL)) == pytest.approx(information, abs=ROUNDING)


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
def test_scheduled_sampling_is_the_printed_sum(epsilon: float) -> None:
    """Line 30."""
    kept = sum(P1[z] * divergence(PZ[z], QZ[z]) for z in range(V))
    replacing = sum(Q1[z] * divergence(P2, QZ[z]) for z in range(V))
    expected = divergence(P1, Q1) + epsilon * kept + (1 - epsilon) * replacing
    assert float(scheduled_sampling(TRUE, MODEL, epsilon)) == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
def test_the_single_divergences_are_the_printed_sums_and_differ_by_a_symmetric_divergence(epsilon: float) -> None:
    """Both lines without C. Their difference by hand: (1 - epsilon) (KL[P_x1||Q_x1] + KL[Q_x1||P_x1])."""
    mixed = np.array([epsilon * PZ[z] + (1 - epsilon) * Q1[z] / P1[z] * P2 for z in range(V)])
    second = divergence(P1, Q1) + sum(P1[z] * divergence(mixed[z], QZ[z]) for z in range(V))
    third = divergence((P1[:, None] * mixed).ravel(), Q.ravel())
    assert float(single_as_printed(TRUE, MODEL, epsilon)) == pytest.approx(second, abs=ROUNDING)
    assert float(joint_as_printed(TRUE, MODEL, epsilon)) == pytest.approx(third, abs=ROUNDING)
    apart = (1 - epsilon) * (divergence(P1, Q1) + divergence(Q1, P1))
    assert second - third == pytest.approx(apart, abs=ROUNDING)


def test_the_c_of_the_single_divergence_is_the_same_for_models_of_one_first_symbol_alone() -> None:
    """The fact sheet: a constant for fixed Q_x1 and no other."""

    def constant(first: np.ndarray, then: np.ndarray) -> float:
        model = Factors.of(first[:, None] * then)
        return float(scheduled_sampling(TRUE, model, 0.5) - single_as_printed(TRUE, model, 0.5))

    other = drawn(2)
    others = other / other.sum(axis=1, keepdims=True)
    assert constant(P1, QZ) == pytest.approx(constant(P1, others), abs=ROUNDING)
    assert abs(constant(P1, QZ) - constant(Q1, QZ)) > 1e-3


def test_what_has_no_mass_in_p_adds_nothing() -> None:
    p, q = Factors.of(np.array([[0.5, 0.0], [0.0, 0.5]])), Factors.of(np.full((2, 2), 0.25))
    assert kl(p.then, q.then).tolist() == pytest.approx([math.log(2)] * 2, abs=ROUNDING)


def test_factors_multiply_to_the_joint_and_have_its_marginals() -> None:
    np.testing.assert_allclose(TRUE.joint, P, atol=ROUNDING)
    np.testing.assert_allclose(TRUE.second, P2, atol=ROUNDING)


def test_a_first_symbol_without_mass_is_refused() -> None:
    with pytest.raises(ValueError, match=r"each first symbol needs some mass, they have \[1.0, 0.0\]"):
        Factors.of(np.array([[0.5, 0.5], [0.0, 0.0]]))
