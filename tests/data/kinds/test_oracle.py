"""The oracle is the published LSTM: its cell, its likelihoods and the anchors that are known of it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from repro.contracts import MissingData
from repro.data.kinds.oracle import FILE, SHAPES, VOCABULARY, Oracle, cot_oracle, drawn, load
from repro.registry import DATASETS

DRAWN = drawn()


@pytest.fixture(scope="module")
def published(real_data: Path) -> Oracle:
    return load(real_data / "synthetic_oracle")


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / np.sqrt(len(values)))


def test_the_log_probability_is_that_of_torch_s_lstm_with_the_same_weights() -> None:
    """Independent code. Torch's gates are stacked as input, forget, cell, output."""
    embedding, *gates, weights, bias = (torch.from_numpy(array).double() for array in DRAWN.parameters)
    order = (0, 1, 3, 2)
    cell = torch.nn.LSTM(32, 32, batch_first=True).double()
    cell.load_state_dict(
        {
            "weight_ih_l0": torch.cat([gates[3 * k].T for k in order]),
            "weight_hh_l0": torch.cat([gates[3 * k + 1].T for k in order]),
            "bias_ih_l0": torch.cat([gates[3 * k + 2] for k in order]),
            "bias_hh_l0": torch.zeros(4 * 32),
        }
    )
    with torch.no_grad():
        tokens = torch.from_numpy(np.random.default_rng(0).integers(0, VOCABULARY, (5, 7)))
        before = torch.cat([torch.zeros(5, 1, dtype=torch.int64), tokens[:, :-1]], dim=1)
        hidden = cell(embedding[before])[0]
        log_p = torch.log_softmax(hidden @ weights + bias, dim=-1)
        expected = log_p.gather(-1, tokens[..., None])[..., 0].sum(dim=1)
    np.testing.assert_allclose(DRAWN.log_probability(tokens.numpy()), expected.numpy(), rtol=1e-10)
    np.testing.assert_allclose(DRAWN.log_probabilities(tokens.numpy()), log_p.numpy(), rtol=1e-9, atol=1e-10)


def test_every_position_has_a_distribution_and_the_chain_rule_holds() -> None:
    tokens = DRAWN.sample(3, np.random.default_rng(0), length=4)
    log_p = DRAWN.log_probabilities(tokens)
    assert log_p.shape == (3, 4, VOCABULARY)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=2), 1, rtol=1e-10)
    chosen = np.take_along_axis(log_p, tokens[..., None], axis=2)[..., 0]
    np.testing.assert_allclose(DRAWN.log_probability(tokens), chosen.sum(axis=1), rtol=1e-12)


def test_parts_of_any_size_give_the_same_log_probability() -> None:
    """257 sequences are one more than is worked on at a time."""
    tokens = np.random.default_rng(1).integers(0, VOCABULARY, (257, 2))
    whole = DRAWN.log_probability(tokens)
    np.testing.assert_allclose(whole[250:], DRAWN.log_probability(tokens[250:]), rtol=1e-10)
    assert DRAWN.log_probability(tokens[:0]).shape == (0,)


def test_first_words_are_drawn_as_often_as_the_oracle_says() -> None:
    """4,000 sequences of one word; the 40 most probable words, each within 4.5 standard errors."""
    words = DRAWN.sample(4_000, np.random.default_rng(3), length=1)[:, 0]
    p = np.exp(DRAWN.log_probabilities(np.zeros((1, 1), dtype=int))[0, 0])
    top = np.argsort(-p)[:40]
    error = np.bincount(words, minlength=VOCABULARY)[top] - 4_000 * p[top]
    assert (np.abs(error) < 4.5 * np.sqrt(4_000 * p[top] * (1 - p[top]))).all()


def test_the_same_generator_gives_the_same_sequences() -> None:
    first, second = (DRAWN.sample(5, np.random.default_rng(2)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (5, 20)
    assert first.dtype == np.int32


@pytest.mark.parametrize("tokens", [np.zeros(3, dtype=int), np.full((1, 2), VOCABULARY), np.full((1, 2), -1)])
def test_what_is_no_sequence_of_words_is_an_error(tokens: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected sequences"):
        DRAWN.log_probability(tokens)


def test_another_seed_is_another_oracle() -> None:
    assert drawn(2).checksum != DRAWN.checksum
    assert drawn(1).checksum == DRAWN.checksum
    assert DRAWN.origin == "parameters drawn from seed 1"


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_oracles_have_about_the_entropy_of_drawn_oracles(seed: int) -> None:
    """Fact sheet: 5.90 to 6.04 nats per token over four drawn ones; these two may lie a little outside."""
    oracle = drawn(seed)
    nll = -oracle.log_probability(oracle.sample(512, np.random.default_rng(0))) / 20
    assert 5.8 < nll.mean() < 6.15


def test_without_its_file_the_oracle_is_a_drawn_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REPRO_DATA", str(tmp_path))
    assert cot_oracle().checksum == DRAWN.checksum
    with pytest.raises(MissingData, match="the published oracle is not at hand"):
        load(tmp_path)


def test_a_file_of_other_arrays_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not an archive")
    with pytest.raises(ValueError, match="is no file of 15 arrays"):
        load(tmp_path)
    np.savez(tmp_path / FILE, *(np.zeros(1, dtype=np.float32) for _ in SHAPES))  # named arr_0, arr_1, ...
    with pytest.raises(ValueError, match=r"holds arrays of shapes \(\(1,\)"):
        load(tmp_path)


def test_the_registry_has_the_published_one_where_it_is_at_hand(published: Oracle) -> None:
    loaded = DATASETS.load("cot-oracle")()
    assert loaded.checksum == published.checksum != DRAWN.checksum
    assert (loaded.name, loaded.origin) == ("cot-oracle", "published parameters")


def test_the_first_position_of_the_published_oracle_has_the_known_entropy(published: Oracle) -> None:
    """Fact sheet: 6.524 nats; it needs no sampling."""
    log_p = published.log_probabilities(np.zeros((1, 1), dtype=int))
    assert -(np.exp(log_p) * log_p).sum() == pytest.approx(6.524, abs=5e-4)


def test_uniform_sequences_have_the_known_nll_under_the_published_oracle(published: Oracle) -> None:
    """Fact sheet: 11.436 nats per token."""
    tokens = np.random.default_rng(0).integers(0, VOCABULARY, (512, 20))
    mean, error = mean_and_error(-published.log_probability(tokens) / 20)
    assert mean == pytest.approx(11.436, abs=4 * error)
    assert error < 0.05


@pytest.mark.long
def test_the_published_oracle_has_the_known_nll_on_its_own_samples(published: Oracle) -> None:
    """Fact sheet: 5.755 ± 0.004; entropy 5.757. The standard error at 9,984 sequences is 0.0055."""
    mean, error = mean_and_error(-published.log_probability(published.test) / 20)
    assert error < 0.006
    assert mean == pytest.approx(5.757, abs=4 * error)
    assert published.test.shape == (9_984, 20)
