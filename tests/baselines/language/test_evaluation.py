"""A trained model as the task reads it: carried state, blocks, the cache and dynamic evaluation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.language.methods import AwdLstm
from baselines.language.regularisation import Dropouts
from repro.data.toys.language import toy_language
from tests.benchmarks.context import Quiet

DATA = toy_language(train=1_500, valid=300, test=2_300)
AWD = AwdLstm(output="mos", components=3, embedding_size=6, hidden_sizes=(9, 7), optimiser="adam", learning_rate=0.01,
              batch_size=6, bptt=20, epochs=1, selection="last", statistics_batch_size=10)  # fmt: skip
TEXT = DATA.splits["test"]
STATIC = AWD.fit(DATA, Quiet((0,)))


@pytest.mark.parametrize("streams", [1, 10])
def test_losses_are_those_of_the_log_probabilities(streams: int) -> None:
    blocks = list(STATIC.log_probabilities(TEXT, streams))
    of_targets = np.concatenate([log_p[np.arange(len(y)), y] for y, log_p in blocks])
    # two ways through float32
    np.testing.assert_allclose(STATIC.nll(TEXT, streams), -of_targets, atol=1e-5)
    for _, log_p in blocks:
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-5)


def test_every_token_but_the_first_of_a_stream_is_predicted_once_with_the_state_carried() -> None:
    """Against one pass over the whole text; 2,299 predictions are more than two blocks."""
    tokens = torch.from_numpy(TEXT.astype(np.int64)).unsqueeze(1)
    with torch.no_grad():
        hidden = STATIC.model.layers(tokens[:-1], STATIC.model.layers.start(1), Dropouts())
        expected = STATIC.model.nll(hidden.plain, tokens[1:]).flatten().numpy()
    np.testing.assert_allclose(STATIC.nll(TEXT, 1), expected, atol=1e-5)  # float32, other segments
    assert STATIC.nll(TEXT, 10).shape == (10 * (len(TEXT) // 10 - 1),)


def test_a_cache_of_weight_zero_and_dynamic_evaluation_at_rate_zero_change_nothing() -> None:
    plain = STATIC.nll(TEXT, 1)
    for how in (
        replace(AWD, evaluation="cache", cache_weight=0.0),
        replace(AWD, evaluation="dynamic", dynamic_learning_rate=0.0),
    ):
        np.testing.assert_allclose(how.fit(DATA, Quiet((0,))).nll(TEXT, 1), plain, atol=1e-5)  # float32


@pytest.mark.parametrize("evaluation", ["cache", "dynamic"])
def test_evaluations_change_the_losses_and_neither_the_model_nor_its_matrix(evaluation: str) -> None:
    model = replace(AWD, evaluation=evaluation).fit(DATA, Quiet((0,)))  # type: ignore[arg-type]  # a parameter
    before = [parameter.clone() for parameter in model.model.parameters()]
    assert np.abs(model.nll(TEXT, 1) - STATIC.nll(TEXT, 1)).max() > 1e-3
    assert all(map(torch.equal, before, model.model.parameters()))
    (_, first), (_, expected) = next(model.log_probabilities(TEXT, 1)), next(STATIC.log_probabilities(TEXT, 1))
    assert np.array_equal(first, expected)


def test_the_parameters_of_evaluation_are_parameters_and_move_no_trained_number() -> None:
    assert set(AWD.__dataclass_fields__) >= AwdLstm.evaluation_parameters
    other = replace(AWD, evaluation="dynamic", matrix_contexts=5, cache_size=7).fit(DATA, Quiet((0,)))
    assert all(map(torch.equal, STATIC.model.parameters(), other.model.parameters()))
    assert other.matrix_contexts == 5


def test_sizes_are_those_of_the_model() -> None:
    assert STATIC.embedding_size == 6
    assert STATIC.parameter_count == sum(each.numel() for each in STATIC.model.parameters())
