"""A trained model as the task reads it: carried state, blocks, the cache and dynamic evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from baselines.language.cache_pointer import Cache, cached_nll
from baselines.language.dynamic_evaluation import Rule, dynamic_nll, gradient_statistics
from baselines.language.evaluation import TrainedLanguageModel, _Segments
from baselines.language.methods import AwdLstm
from baselines.language.regularisation import Dropouts
from baselines.language.streams import batchify
from repro.data.toys.language import toy_language
from tests.benchmarks.context import Quiet

DATA = toy_language(train=1_500, valid=300, test=2_300)
AWD = AwdLstm(output="mos", components=3, embedding_size=6, hidden_sizes=(9, 7), optimiser="adam", learning_rate=0.01,
              batch_size=6, bptt=20, epochs=1, selection="last")  # fmt: skip
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


def cached(model: TrainedLanguageModel, weight: float = 0.1) -> np.ndarray:
    return model.cached_nll(TEXT, 1, weight=weight, flatness=1.0, size=500)


def dynamic(model: TrainedLanguageModel, learning_rate: float = 0.002) -> np.ndarray:
    text = DATA.splits["train"]
    return model.dynamic_nll(TEXT, learning_rate=learning_rate, epsilon=0.001, decay=0.02, statistics_text=text,
                             statistics_streams=10)  # fmt: skip


def test_a_cache_of_weight_zero_and_dynamic_evaluation_at_rate_zero_change_nothing() -> None:
    plain = STATIC.nll(TEXT, 1)
    for found in (cached(STATIC, weight=0.0), dynamic(STATIC, learning_rate=0.0)):
        np.testing.assert_allclose(found, plain, atol=1e-5)  # float32


@pytest.mark.parametrize("scores", [cached, dynamic])
def test_evaluations_change_the_losses_and_neither_the_model_nor_its_matrix(
    scores: Callable[[TrainedLanguageModel], np.ndarray],
) -> None:
    before = [parameter.clone() for parameter in STATIC.model.parameters()]
    _, matrix = next(STATIC.log_probabilities(TEXT, 1))
    found = scores(STATIC)
    assert np.abs(found - STATIC.nll(TEXT, 1)).max() > 1e-3
    assert np.array_equal(scores(STATIC), found)
    assert all(map(torch.equal, before, STATIC.model.parameters()))
    assert np.array_equal(next(STATIC.log_probabilities(TEXT, 1))[1], matrix)


def test_a_cache_has_the_constants_that_it_is_asked_with() -> None:
    """Against the cache itself, on the hidden states of one pass over a short text."""
    text = torch.from_numpy(TEXT[:300].astype(np.int64)).unsqueeze(1)
    hidden = STATIC.model.layers(text[:-1], STATIC.model.layers.start(1), Dropouts()).plain.detach()
    nll = STATIC.model.nll(hidden, text[1:]).detach()
    expected, _ = cached_nll(nll, hidden, text[1:], Cache(weight=0.3, flatness=2.5, size=11))
    found = STATIC.cached_nll(TEXT[:300], 1, weight=0.3, flatness=2.5, size=11)
    np.testing.assert_allclose(found, expected.flatten(), atol=1e-5)  # float32, other segments


def test_dynamic_evaluation_has_the_constants_that_it_is_asked_with() -> None:
    """Against the rule itself, on the same network."""
    rule, model = Rule(learning_rate=0.01, epsilon=0.003, decay=0.2), _Segments(STATIC.model)
    statistics = gradient_statistics(model, batchify(DATA.splits["train"], 10), rule)
    expected = dynamic_nll(model, batchify(TEXT[:300], 1), statistics, rule).flatten()
    found = STATIC.dynamic_nll(TEXT[:300], learning_rate=0.01, epsilon=0.003, decay=0.2,
                               statistics_text=DATA.splits["train"], statistics_streams=10)  # fmt: skip
    assert np.array_equal(found, expected.numpy())


def test_every_stream_has_a_cache_of_its_own() -> None:
    """Two streams of the same text: each predicts as one alone."""
    half = TEXT[:400]
    alone = STATIC.cached_nll(half, 1, weight=0.5, flatness=1.0, size=7)
    both = STATIC.cached_nll(np.concatenate([half, half]), 2, weight=0.5, flatness=1.0, size=7).reshape(-1, 2)
    np.testing.assert_allclose(both, np.stack([alone, alone], axis=1), atol=1e-5)  # float32


def test_statistics_of_other_streams_scale_other_steps() -> None:
    text = DATA.splits["train"]
    few, many = (
        STATIC.dynamic_nll(TEXT, learning_rate=0.01, epsilon=0.001, decay=0.02, statistics_text=text,
                           statistics_streams=streams)
        for streams in (3, 30)
    )  # fmt: skip
    assert few.shape == (len(TEXT) - 1,)
    assert not np.array_equal(few, many)


@pytest.mark.parametrize("position", [1, 2, 1_024, 1_025, 2_200])  # 1,024 tokens are read at a time
def test_a_step_has_the_log_probabilities_of_the_whole_text(position: int) -> None:
    blocks = [log_p for _, log_p in STATIC.log_probabilities(TEXT, 1)]
    # float32, other segments
    np.testing.assert_allclose(STATIC.next_token(TEXT[:position]), np.concatenate(blocks)[position - 1], atol=1e-5)


def test_a_model_of_a_training_that_kept_no_losses_has_none() -> None:
    with pytest.raises(ValueError, match="the last 4 updates are asked for, and the training kept those of 0"):
        STATIC.training_nll(4)


def test_sizes_are_those_of_the_model() -> None:
    assert STATIC.embedding_size == 6
    assert STATIC.parameter_count == sum(each.numel() for each in STATIC.model.parameters())
