"""Probes: scikit-learn fitted by hand, a separable problem, selection on validation, and spread over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from repro.metrics.prediction.classification import error_over_runs
from repro.metrics.prediction.linear_probe import STRENGTHS, Labelled, linear_probe_error, softmax_probe_error


def split(seed: int, size: int, noise: float = 1.0, classes: int = 3, width: int = 5) -> Labelled:
    """Classes about their own means, the same means for every seed; one feature is constant."""
    random = np.random.default_rng(seed)
    means = np.random.default_rng(99).normal(size=(classes, width))
    labels = random.integers(0, classes, size)
    features = means[labels] + noise * random.normal(size=(size, width))
    features[:, 0] = 7
    return Labelled(features, labels)


def test_it_is_scikit_learn_with_the_strength_of_the_least_validation_error() -> None:
    train, valid, test = split(1, 60), split(2, 80), split(3, 100)
    mean, deviation = train.features.mean(0), train.features.std(0)
    deviation[0] = 1
    scaled = [(part.features - mean) / deviation for part in (train, valid, test)]
    models = [LogisticRegression(C=c, max_iter=1000).fit(scaled[0], train.labels) for c in STRENGTHS]
    errors = [float((model.predict(scaled[1]) != valid.labels).mean()) for model in models]
    best = int(np.argmin(errors))
    score = linear_probe_error(train, valid, test)
    assert score.details == {"strength": STRENGTHS[best], "valid_error": errors[best]}
    assert score.items is not None
    np.testing.assert_array_equal(score.items, models[best].predict(scaled[2]) != test.labels)
    assert score.value == score.items.mean()


def test_the_test_split_has_no_say_in_the_strength() -> None:
    train, valid = split(1, 60), split(2, 80)
    chosen = {linear_probe_error(train, valid, split(seed, 50)).details["strength"] for seed in range(3, 9)}
    assert len(chosen) == 1


def test_classes_that_a_plane_separates_have_no_error_and_features_of_noise_have_chance() -> None:
    train, valid, test = (split(seed, 300, noise=0.05) for seed in (1, 2, 3))
    assert linear_probe_error(train, valid, test).value == 0
    assert softmax_probe_error(train, test, seed=0, learning_rate=0.1).value == 0
    random = np.random.default_rng(4)
    noise = [Labelled(random.normal(size=(300, 5)), part.labels) for part in (train, valid, test)]
    # three classes: 2/3, with a standard error of 0.03 on 300 items
    assert linear_probe_error(*noise).value == pytest.approx(2 / 3, abs=0.1)


def test_labels_may_be_text() -> None:
    words = np.array(["cat", "dog", "owl"])
    parts = [split(seed, 90) for seed in (1, 2, 3)]
    named = [Labelled(part.features, words[part.labels]) for part in parts]
    assert linear_probe_error(*named).value == linear_probe_error(*parts).value
    assert (
        softmax_probe_error(named[0], named[2], seed=0).value == softmax_probe_error(parts[0], parts[2], seed=0).value
    )


def test_the_softmax_probe_comes_close_to_the_optimum_and_varies_little_with_the_seed() -> None:
    """Table B.3 prints deviations of a few hundredths of a percent for ten probes of one network."""
    train, valid, test = split(1, 2000), split(2, 500), split(3, 2000)
    optimum = linear_probe_error(train, valid, test).value
    probes = [softmax_probe_error(train, test, seed=seed, epochs=20, learning_rate=0.02).value for seed in range(5)]
    runs = error_over_runs(probes)
    assert runs.value == pytest.approx(optimum, abs=0.01)
    assert 0 < runs.details["sd"] < 0.005


def test_a_seed_fixes_the_softmax_probe() -> None:
    train, test = split(1, 200), split(3, 200)
    first, again = (softmax_probe_error(train, test, seed=5, epochs=3) for _ in range(2))
    assert first.signature == again.signature
    np.testing.assert_array_equal(np.asarray(first.items), np.asarray(again.items))


def test_the_protocol_is_in_the_signatures() -> None:
    train, valid, test = split(1, 40), split(2, 41), split(3, 42)
    said = linear_probe_error(train, valid, test, strengths=[1, 0.1]).signature
    assert "|strengths:0.1,1|scaled:train|train:40|valid:41|n:42" in said
    assert softmax_probe_error(train, test, seed=3, epochs=2).signature == (
        "softmax-probe-error|impl:repro/1|optimiser:adam|learning_rate:0.001|epochs:2|batch:128|seed:3|scaled:train"
        "|train:40|n:42"
    )


def test_what_cannot_be_probed_is_refused() -> None:
    train, valid, test = split(1, 40), split(2, 40), split(3, 40)
    with pytest.raises(ValueError, match=r"features must be \(N, D\), a row for each of 3 labels; they are \(2, 4\)"):
        Labelled(np.ones((2, 4)), np.zeros(3))
    with pytest.raises(ValueError, match="1 of 2 rows of features are not finite"):
        Labelled(np.array([[1.0], [np.nan]]), np.zeros(2))
    with pytest.raises(ValueError, match=r"the splits have features of \[5, 5, 4\] columns: take all from one layer"):
        linear_probe_error(train, valid, Labelled(np.ones((3, 4)), np.zeros(3)))
    with pytest.raises(ValueError, match="the training split has one class only: there is nothing to tell apart"):
        softmax_probe_error(Labelled(np.ones((3, 5)), np.zeros(3)), test, seed=0)
    with pytest.raises(ValueError, match="strengths is empty: name at least one C"):
        linear_probe_error(train, valid, test, strengths=[])
    with pytest.raises(ValueError, match="the probe with C = 100 needs more than 2 iterations"):
        linear_probe_error(train, valid, test, strengths=[100], iterations=2)
