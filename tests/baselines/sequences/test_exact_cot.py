"""CoT by exact sums: its gradient against an enumeration of all sequences, its lemmas, and where it ends."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from baselines.sequences.cooperation import CooperativeTraining, gradient_cosine
from baselines.sequences.exact_cot import ExactCot, ExactGenerator
from repro.data.kinds.exact import short_sequences
from repro.spec.model import Column
from tests.baselines.contract import Mortal

PAIRS = short_sequences().pairs
P, G = PAIRS["three-words"]
SMALL = 1e-12  # sums of 27 terms below 1


def kl(p: np.ndarray, q: np.ndarray) -> float:
    return float((p * np.log(p / q)).sum())


def enumerated(gamma: float) -> np.ndarray:
    """J^gamma's gradient word by word from line 162, in loops over all beginnings and sequences.

    The gradient of log pi(w|s) by the logit of v after s is [v = w] - pi(v|s); mediator and beginnings are held.
    """
    mixture = (P + G) / 2

    def after(joint: np.ndarray, start: tuple[int, ...]) -> np.ndarray:
        counts = joint[start].reshape(3, -1).sum(axis=1)
        found: np.ndarray = counts / counts.sum()
        return found

    gradient = {start: np.zeros(3) for t in range(3) for start in product(range(3), repeat=t)}
    for start in gradient:
        pi, m, share = after(G, start), after(mixture, start), float(G[start].sum())
        local = float(pi @ (np.log(m) - np.log(pi)))
        gradient[start] += share * pi * (np.log(m) - np.log(pi) - local)
        for t, word in enumerate(start):
            gradient[start[:t]] += gamma * share * local * (np.eye(3)[word] - after(G, start[:t]))
    return np.concatenate(list(gradient.values()))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0])
def test_the_gradient_is_that_of_an_enumeration_of_all_beginnings(gamma: float) -> None:
    np.testing.assert_allclose(ExactGenerator(gamma, {}).gradient(P, G), enumerated(gamma), atol=SMALL)


def test_with_gamma_one_it_is_the_gradient_of_minus_two_js_and_with_gamma_zero_it_is_not() -> None:
    """The fact sheet, papers/notes/text_models.md, section 6.3; gamma 0 is biased there too, with a cosine near 1."""
    whole, short = ExactGenerator(1.0, {}), ExactGenerator(0.0, {})
    of_divergence = whole.divergence_gradient(P, G)
    np.testing.assert_allclose(whole.gradient(P, G), of_divergence, atol=SMALL)
    assert 0.9 < gradient_cosine(short.gradient(P, G), of_divergence) < 0.99


def test_the_gradient_of_the_divergence_is_its_difference_quotient() -> None:
    """By the first word's first logit; central differences are exact to about the square of the step, 1e-8."""

    def divergence(by: float) -> float:
        moved = G.copy()
        moved[0] *= np.exp(by)
        moved /= moved.sum()
        mixture = (P + moved) / 2
        return -(kl(moved, mixture) + kl(P, mixture))

    quotient = (divergence(1e-4) - divergence(-1e-4)) / 2e-4
    assert ExactGenerator(1.0, {}).divergence_gradient(P, G)[0] == pytest.approx(quotient, abs=1e-7)


@pytest.mark.parametrize("identity", ["mixture-density", "backward-reduction", "summed"])
def test_the_lemmas_hold(identity: str) -> None:
    left, right = ExactGenerator(1.0, {}).sides(identity, P, G)
    np.testing.assert_allclose(left, right, atol=SMALL)
    assert np.abs(left).max() > 1e-3


def test_lemma_two_is_of_half_the_divergence_and_its_sum_as_printed_of_the_whole() -> None:
    """The chain rule: the sum is -KL(G||M), J_g half of it."""
    whole = kl(G, (P + G) / 2)
    model = ExactGenerator(1.0, {})
    assert model.sides("backward-reduction", P, G)[0][-1] == pytest.approx(-0.5 * whole, abs=SMALL)
    objective, printed = model.sides("summed-as-printed", P, G)
    assert (float(objective), float(printed)) == pytest.approx((-0.5 * whole, -whole), abs=SMALL)


@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_the_generator_ends_at_the_data_and_stays_there(gamma: float) -> None:
    model = ExactCot(gamma).fit(short_sequences(), Mortal(Path("unused")))
    for name, (p, _) in PAIRS.items():
        np.testing.assert_allclose(model.learned(name), p, atol=5e-6)  # 1,000 steps end where JSD is 1e-10
        assert np.abs(model.gradient(p, p)).max() < SMALL


def test_the_task_measures_what_it_says() -> None:
    columns = {
        "cosine": Column(label="x", metric="gradient-cosine", args={"pair": "three-words"}),
        "printed": Column(label="x", metric="identity-error",
                          args={"pair": "three-words", "identity": "summed-as-printed"}),
        "gradient": Column(label="x", metric="identity-error", args={"pair": "three-words", "identity": "gradient"}),
        "end": Column(label="x", metric="jensen-shannon-divergence", args={"pair": "three-words"}),
    }  # fmt: skip
    model = ExactGenerator(0.0, {"three-words": G, "two-words": PAIRS["two-words"][0]})
    found = CooperativeTraining().measure(model, short_sequences(), columns, np.random.default_rng(0)).measured
    mixture, true, said = (P + G) / 2, model.divergence_gradient(P, G), model.gradient(P, G)
    assert {name: each.value for name, each in found.items()} == pytest.approx(
        {"cosine": said @ true / np.sqrt((said @ said) * (true @ true)), "printed": kl(G, mixture) / 2,
         "gradient": np.abs(said - true).max(), "end": (kl(G, mixture) + kl(P, mixture)) / 2}, abs=SMALL
    )  # fmt: skip


def test_what_cannot_be_measured_is_an_error() -> None:
    task = CooperativeTraining()
    with pytest.raises(ValueError, match="needs the argument pair"):
        task.reads(Column(label="x", metric="gradient-cosine"))
    with pytest.raises(ValueError, match="did you mean 'summed'"):
        task.signature(Column(label="x", metric="identity-error", args={"pair": "a", "identity": "sumed"}))
    with pytest.raises(ValueError, match="short-sequences has no pair 'words'"):
        task.measure(ExactGenerator(0.0, {}), short_sequences(),
                     {"x": Column(label="x", metric="gradient-cosine", args={"pair": "words"})},
                     np.random.default_rng(0))  # fmt: skip
    with pytest.raises(ValueError, match="has no direction"):
        gradient_cosine(np.zeros(2), np.ones(2))
