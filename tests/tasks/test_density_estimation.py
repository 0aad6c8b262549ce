"""Likelihoods of unseen examples, by models whose likelihoods are known: independent pixels, and worse ones."""

from __future__ import annotations

import numpy as np
import pytest

from repro.data.kinds.exact import gaussian_latent
from repro.data.kinds.images import Images, Split, digits
from repro.data.kinds.mixtures import four_gaussians
from repro.spec.model import Column
from repro.tasks.density_estimation import DensityEstimation, LogPartition
from repro.tasks.examples import examples_of
from repro.tasks.protocol import measured
from repro.tasks.total_probability import all_states, total_probability_error

NLL = Column(label="NLL", metric="negative-log-likelihood", split="test")
TOTAL = Column(label="total", metric="total-probability-error")


def estimated(estimate: str, metric: str = "negative-log-likelihood") -> Column:
    return Column(label=estimate, metric=metric, split="test", args={"estimate": estimate})


@pytest.fixture(scope="module")
def binary() -> Images:
    """The digits as ones and zeros."""
    data = digits()
    splits = {name: Split(np.where(split.images > 127, 255, 0).astype(np.uint8)) for name, split in data.splits.items()}
    return Images("binary-digits", splits)


class Coins:
    """Independent pixels, each a one with one probability; a bound that is loose by 1 / samples; log Z = 7."""

    def __init__(self, probability: float = 0.25, scale: float = 1.0) -> None:
        self.probability, self.scale = probability, scale

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        ones = examples.sum(axis=1)
        p = self.probability
        found: np.ndarray = np.log(self.scale) + ones * np.log(p) + (examples.shape[1] - ones) * np.log(1 - p)
        return found

    def log_levels(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.full(len(examples), -examples.shape[1] * np.log(256))

    def log_bound(self, examples: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:
        return self.log_likelihood(examples, random) - 1 / samples

    def log_unnormalised(self, examples: np.ndarray) -> np.ndarray:
        return self.log_likelihood(examples, np.random.default_rng()) + 7

    def log_partition(self, chains: int, temperatures: int, random: np.random.Generator) -> LogPartition:
        self.asked = (chains, temperatures)
        return LogPartition(7.0, 6.9, 7.1)

    def small(self, inputs: int, random: np.random.Generator) -> Coins:
        return Coins(float(random.random()), self.scale)


def values(task: DensityEstimation, model: object, data: object, **columns: Column) -> dict[str, float]:
    found = measured(task, model, data, columns, lambda: np.random.default_rng(0)).measured
    return {name: each.value for name, each in found.items()}


def test_every_estimate_of_a_known_likelihood_is_that_likelihood_by_its_own_way(binary: Images) -> None:
    """By hand: the mean of ones and zeros, each with its log-probability; the bound is loose by 1, by 1/4 of four
    samples; log Z comes off again. Sums of 64 terms in float64."""
    pixels = binary.splits["test"].images.reshape(300, 64) > 0
    expected = -(pixels.mean() * np.log(0.25) + (1 - pixels.mean()) * np.log(0.75)) * 64
    found = values(
        DensityEstimation(samples=4), Coins(), binary, exact=NLL, bound=estimated("bound"),
        many=estimated("importance-weighted"), ais=estimated("ais"), up=estimated("bound", "log-probability"),
    )  # fmt: skip
    assert found["exact"] == pytest.approx(expected, rel=1e-12)
    assert found["bound"] == pytest.approx(expected + 1, rel=1e-12)
    assert found["many"] == pytest.approx(expected + 0.25, rel=1e-12)
    assert found["ais"] == pytest.approx(expected, rel=1e-12)
    assert found["up"] == -found["bound"]


def test_uniform_levels_are_eight_bits_a_dimension(binary: Images) -> None:
    column = Column(label="bits", metric="bits-per-dimension", split="valid")
    assert values(DensityEstimation(), Coins(), binary, bits=column) == {"bits": pytest.approx(8.0, rel=1e-12)}


def test_log_z_is_estimated_once_with_the_protocol_s_chains_and_kept(binary: Images) -> None:
    model = Coins()
    task = DensityEstimation(chains=11, temperatures=13)
    found = task.measure(model, binary, {"ais": estimated("ais")}, np.random.default_rng(0))
    assert model.asked == (11, 13)
    assert found.artifacts["log_partition"].tolist() == [7.0, 6.9, 7.1]


def test_the_first_examples_are_measured_where_not_all_are(binary: Images) -> None:
    few = Images("few", {"test": binary.splits["test"].take(slice(7))})
    assert values(DensityEstimation(examples=7), Coins(), binary, a=NLL) == values(
        DensityEstimation(), Coins(), few, a=NLL
    )


def test_sampled_pixels_are_ones_as_often_as_they_are_bright_and_the_same_each_time() -> None:
    """300 images: the mean of a pixel is within five of its deviations, of which the widest is sqrt(1/4/300)."""
    data = digits()
    ones = examples_of(data, "test", binarised="sampled")
    assert set(np.unique(ones)) == {0.0, 1.0}
    assert np.array_equal(ones, examples_of(data, "test", binarised="sampled"))
    assert np.abs(ones.mean(axis=0) - examples_of(data, "test").mean(axis=0)).max() < 5 * np.sqrt(0.25 / 300)
    assert not np.array_equal(ones[:200], examples_of(data, "valid", binarised="sampled"))


def test_points_have_no_splits_and_are_what_each_split_is() -> None:
    assert examples_of(gaussian_latent(), "test").tolist() == [[0.0]]
    assert examples_of(four_gaussians(10), "valid", 3).shape == (3, 2)


def test_a_split_that_is_not_there_is_named(binary: Images) -> None:
    with pytest.raises(ValueError, match="few has no split valid"):
        examples_of(Images("few", {"test": binary.splits["test"]}), "valid")


def test_the_sum_over_all_states_finds_probabilities_that_are_not_normalised() -> None:
    random = np.random.default_rng(0)
    assert total_probability_error(Coins(), None, random, 8) == pytest.approx(0.0, abs=1e-12)
    assert total_probability_error(Coins(scale=1.001), None, random, 8) == pytest.approx(1e-3, rel=1e-6)


def test_states_are_all_there_and_differ() -> None:
    states = all_states(5)
    assert len({tuple(state) for state in states}) == 32
    assert states.mean() == 0.5


def test_a_metric_of_models_gets_what_it_reads_and_nothing_else_is_signed() -> None:
    assert DensityEstimation(small=6).signature(TOTAL) == "total-probability-error|impl:repro/1|small:6"
    assert values(DensityEstimation(small=6), Coins(), gaussian_latent(), total=TOTAL)["total"] < 1e-12


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (NLL, "negative-log-likelihood|impl:repro/1|unit:nats|split:test|estimate:exact|binarised:as-is|examples:all"),
        (estimated("importance-weighted", "log-probability"), "log-probability|impl:repro/1|unit:nats|split:test|"
         "estimate:importance-weighted|binarised:as-is|examples:all|samples:5000"),
        (estimated("ais"), "negative-log-likelihood|impl:repro/1|unit:nats|split:test|estimate:ais|binarised:as-is|"
         "chains:100|examples:all|temperatures:published"),
        (Column(label="b", metric="bits-per-dimension", split="test"),
         "bits-per-dimension|impl:repro/1|unit:bits|split:test|estimate:exact|binarised:as-is|examples:all"),
    ],
)  # fmt: skip
def test_a_signature_says_what_an_estimate_is_made_from(column: Column, said: str) -> None:
    assert DensityEstimation().signature(column) == said


def test_validation_is_exact_where_the_model_can_and_a_bound_else(binary: Images) -> None:
    class Bounded:
        log_bound = Coins().log_bound

    task, random = DensityEstimation(), np.random.default_rng(0)
    exact = task.evaluate(Coins(), binary, random)["negative-log-likelihood"]
    assert task.evaluate(Bounded(), binary, random) == {"negative-log-likelihood": pytest.approx(exact + 1, rel=1e-12)}


def test_probabilities_above_one_are_refused(binary: Images) -> None:
    with pytest.raises(ValueError, match="above 0"):
        values(DensityEstimation(), Coins(scale=np.exp(100)), binary, nll=NLL)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Column(label="x", metric="negative-log-likelihood"), "measured on a split"),
        (estimated("exakt"), "did you mean 'exact'"),
        (Column(label="x", metric="bits-per-dimension", split="test", args={"estimate": "bound"}), "no argument"),
        (Column(label="x", metric="total-probability-error", args={"estimate": "bound"}), "no argument"),
        (Column(label="x", metric="error-rate", split="test"), "has no metric 'error-rate'"),
    ],
)
def test_a_column_that_cannot_be_measured_says_why(column: Column, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DensityEstimation().signature(column)


@pytest.mark.parametrize(
    "given", [{"examples": -1}, {"samples": 0}, {"chains": 1}, {"temperatures": -1}, {"small": 1}, {"binarised": "yes"}]
)
def test_a_protocol_out_of_range_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(given))} must be"):
        DensityEstimation(**given)  # type: ignore[arg-type]
