"""What the two tasks say of a model whose numbers are known by hand, and the columns that they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.special import rel_entr

from baselines.huszar.interpolation import DivergenceInterpolation
from baselines.huszar.propriety import ObjectivePropriety
from repro.data.kinds.exact import CategoricalPairs, LengthTwoJoints
from repro.spec.model import Column

P, Q = np.array([[0.4, 0.1], [0.2, 0.3]]), np.array([[0.3, 0.2], [0.1, 0.4]])
JOINTS = LengthTwoJoints("joints", {"p": P})
PAIRS = CategoricalPairs("pairs", {"both": (np.array([0.5, 0.5]), np.array([0.25, 0.75])),
                                   "holed": (np.array([0.6, 0.0, 0.4]), np.full(3, 1 / 3))})  # fmt: skip


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float(rel_entr(p, q).sum())


class Objective:
    """The squared distance, of which Q is called the minimiser."""

    def minimiser(self, truth: str) -> np.ndarray:
        assert truth == "p"
        return Q

    def value(self, p: np.ndarray, q: np.ndarray) -> float:
        return float(((p - q) ** 2).sum()) + 1.0

    def line(self, p: np.ndarray) -> np.ndarray:
        return 0.5 * p + 0.5 * Q

    def sides(self, identity: str, p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
        assert p is P
        assert q is Q
        return {"always-replaced": (1.0, 3.0), "constant": (1.0, 0.5), "single-divergence": (2.0, 2.0)}[identity]


class Fit:
    """A fitted distribution with a fifth of its mass in the hole."""

    pi = 0.25
    truth = "holed"
    fitted = np.array([0.3, 0.2, 0.5])


def column(metric: str, **args: Any) -> Column:
    return Column(label="x", metric=metric, args=args)


def measured(task: Any, model: Any, data: Any, columns: Mapping[str, Column]) -> dict[str, float]:
    found = task.measure(model, data, columns, np.random.default_rng(0)).measured
    assert {name: each.signature for name, each in found.items()} == {
        name: task.signature(each) for name, each in columns.items()
    }
    return {name: each.value for name, each in found.items()}


def test_an_objective_is_measured_at_the_minimiser_and_at_the_truth() -> None:
    columns = {
        "value": column("objective-value", truth="p"),
        "excess": column("objective-excess", truth="p"),
        "joint": column("kl-divergence", truth="p", p="joint"),
        "factorised": column("kl-divergence", truth="p", p="factorised"),
        "line": column("kl-divergence", truth="p", p="line"),
        **{name: column("identity-error", truth="p", identity=name) for name in
           ("always-replaced", "constant", "single-divergence")},
    }  # fmt: skip
    product = np.outer([0.5, 0.5], [0.6, 0.4])
    assert measured(ObjectivePropriety(), Objective(), JOINTS, columns) == pytest.approx(
        {"value": 1.04, "excess": -0.04, "joint": kl(P, Q), "factorised": kl(product, Q), "line": kl((P + Q) / 2, Q),
         "always-replaced": 2.0, "constant": 0.5, "single-divergence": 0.0}, abs=1e-12
    )  # fmt: skip


def test_a_divergence_is_measured_with_the_model_s_pi() -> None:
    columns = {
        "js": column("jensen-shannon-divergence", pair="both"),
        "forward": column("divergence-limit-error", pair="both", limit="forward"),
        "reverse": column("divergence-limit-error", pair="both", limit="reverse"),
        "off": column("mass-off-support"),
    }
    (p, q), mixture = PAIRS.pairs["both"], np.array([0.3125, 0.6875])
    js = 0.25 * kl(p, mixture) + 0.75 * kl(q, mixture)
    assert measured(DivergenceInterpolation(), Fit(), PAIRS, columns) == pytest.approx(
        {"js": js, "forward": abs(js / 0.25 - kl(p, q)), "reverse": abs(js / 0.75 - kl(q, p)), "off": 0.2}, abs=1e-12
    )


@pytest.mark.parametrize(
    ("task", "asked", "said"),
    [
        (ObjectivePropriety(), column("kl-divergence", truth="p", p="joint"),
         "kl-divergence|impl:repro/1|unit:nats|truth:p|q:minimiser|p:joint"),
        (ObjectivePropriety(), column("identity-error", truth="p", identity="constant"),
         "identity-error|impl:repro/1|unit:nats|truth:p|q:minimiser|identity:constant"),
        (DivergenceInterpolation(), column("divergence-limit-error", pair="both", limit="reverse"),
         "divergence-limit-error|impl:repro/1|pair:both|unit:nats|pi:the model's|limit:reverse"),
        (DivergenceInterpolation(), column("mass-off-support"), "mass-off-support|impl:repro/1|q:fitted"),
    ],
)  # fmt: skip
def test_a_signature_says_what_is_compared(task: Any, asked: Column, said: str) -> None:
    assert task.signature(asked) == said
    assert task.reads(asked) == frozenset()


@pytest.mark.parametrize(
    ("task", "asked", "message"),
    [
        (ObjectivePropriety(), column("perplexity"), "task objective-propriety has no metric 'perplexity'"),
        (ObjectivePropriety(), column("objective-value"), "needs the argument truth"),
        (ObjectivePropriety(), column("objective-value", truth="p", p="joint"), "reads no argument 'p'"),
        (ObjectivePropriety(), column("kl-divergence", truth="p", p="lines"), "did you mean 'line'"),
        (ObjectivePropriety(), column("identity-error", truth="p", identity="constants"), "did you mean 'constant'"),
        (DivergenceInterpolation(), column("kl-divergence"), "task divergence-interpolation has no metric"),
        (DivergenceInterpolation(), column("divergence-limit-error", pair="both", limit="forwards"), "did you mean"),
        (DivergenceInterpolation(), column("mass-off-support", pair="both"), "reads no argument 'pair'"),
    ],
)
def test_a_column_that_cannot_be_measured_is_an_error(task: Any, asked: Column, message: str) -> None:
    for ask in (task.signature, task.reads):
        with pytest.raises(ValueError, match=message):
            ask(asked)


def test_a_distribution_that_the_data_do_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="joints has no joint 'q'"):
        measured(ObjectivePropriety(), Objective(), JOINTS, {"x": column("objective-value", truth="q")})
    with pytest.raises(ValueError, match="pairs has no pair 'bot'; did you mean 'both'"):
        measured(DivergenceInterpolation(), Fit(), PAIRS, {"x": column("jensen-shannon-divergence", pair="bot")})
