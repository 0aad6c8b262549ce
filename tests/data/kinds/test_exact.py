"""Closed forms agree with quadrature, and the distributions are those whose values are known."""

import numpy as np
import pytest

from repro.data.kinds.exact import categorical_pairs, gaussian_latent, length_two_joints, short_sequences
from repro.registry import DATASETS


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float(np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0])))


def test_the_pairs_have_the_divergences_of_the_fact_sheet() -> None:
    p, q = categorical_pairs().pairs["generic"]
    assert kl(p, q) == pytest.approx(0.360062, abs=5e-7)
    assert kl(q, p) == pytest.approx(0.394816, abs=5e-7)


def test_pairs_are_distributions_equal_disjoint_and_off_the_data() -> None:
    pairs = categorical_pairs().pairs
    for p, q in pairs.values():
        np.testing.assert_allclose([p.sum(), q.sum()], 1, rtol=1e-12)
        assert min(p.min(), q.min()) >= 0
    np.testing.assert_array_equal(*pairs["equal"])
    assert pairs["disjoint"][0] @ pairs["disjoint"][1] == 0
    p, q = pairs["humps"]
    assert q[p == 0].sum() > 0.3


def test_the_joints_have_the_mutual_information_of_the_fact_sheet() -> None:
    """0.192745 and 0.148399 nats."""
    joints = length_two_joints().joints
    for name, expected in {"symmetric": 0.192745, "skewed": 0.148399}.items():
        joint = joints[name]
        product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
        assert kl(joint.ravel(), product.ravel()) == pytest.approx(expected, abs=5e-7)


def test_joints_are_distributions_whose_symbols_all_occur() -> None:
    for joint in length_two_joints().joints.values():
        assert joint.sum() == pytest.approx(1, rel=1e-12)
        assert joint.min() > 0


def test_data_and_generators_of_short_sequences_are_positive_distributions_that_differ() -> None:
    for p, g in short_sequences().pairs.values():
        np.testing.assert_allclose([p.sum(), g.sum()], 1, rtol=1e-12)
        assert min(p.min(), g.min()) > 0
        assert np.abs(p - g).max() > 0.01


def test_the_evidence_and_the_posterior_are_those_of_quadrature() -> None:
    model = gaussian_latent()
    z = np.linspace(-12, 12, 4001)
    for x in (0.0, 1.3):
        joint = np.exp(model.log_prior(z) + model.log_likelihood(np.array(x), z))
        mass = joint.sum() * (z[1] - z[0])
        assert model.log_evidence(np.array(x)) == pytest.approx(np.log(mass), abs=1e-9)
        mean, variance = model.posterior(np.array(x))
        assert (joint @ z) / joint.sum() == pytest.approx(mean, abs=1e-9)
        assert (joint @ (z - mean) ** 2) / joint.sum() == pytest.approx(variance, abs=1e-9)


def test_the_log_evidence_of_the_observed_point_is_that_of_the_fact_sheet() -> None:
    model = gaussian_latent()
    assert model.log_evidence(model.points) == pytest.approx([-1.265512], abs=5e-7)


@pytest.mark.parametrize("name", ["categorical-pairs", "gaussian-latent", "length-two-joints", "short-sequences"])
def test_the_registry_has_it_with_a_stable_checksum(name: str) -> None:
    first, second = DATASETS.load(name)(), DATASETS.load(name)()
    assert first.name == name
    assert first.checksum == second.checksum
    assert len(first.checksum) == 64
