"""The text is the same everywhere, and its truth is the truth: filtering, entropies and rank are what they say."""

from itertools import product

import numpy as np
import pytest

from repro.data.toys.language import END, UNIT, HiddenMarkov, ToyLanguage, source, toy_language
from repro.registry import DATASETS

LANGUAGE = toy_language()


def stationary(table: HiddenMarkov) -> np.ndarray:
    """How often the source is in each state: the eigenvector of eigenvalue one."""
    values, vectors = np.linalg.eig((table.transitions / UNIT).T)
    vector = np.real(vectors[:, np.argmax(np.real(values))])
    return np.asarray(vector / vector.sum())


def entropy_after_two(table: HiddenMarkov, first: np.ndarray) -> float:
    """H(x_3 | x_1, x_2) in nats where the state of x_1 has distribution `first` (S,): by summing over all histories."""
    moves, words = table.transitions / UNIT, table.emissions / UNIT
    second = moves.T @ (first[:, None] * words)  # (S, V): p(state_2, x_1)
    third = np.einsum("st,sxy->xyt", moves, second[:, :, None] * words[:, None, :]).reshape(-1, len(moves))
    weights = third.sum(axis=1)
    third, weights = third[weights > 0], weights[weights > 0]
    predicted = third / weights[:, None] @ words
    return -float((weights[:, None] * predicted * np.log(predicted)).sum())


def test_the_registered_language_is_the_same_on_every_platform() -> None:
    """The checksum is that of this test's first run: integers from numpy's fixed stream PCG64 alone go into it."""
    assert LANGUAGE.checksum == "e05bd3dd624ec14a87d40dc1d0ac9441c2da0a57691cd7a3adf12154fda952b1"
    assert {split: len(tokens) for split, tokens in LANGUAGE.splits.items()} == {
        "train": 39978,
        "valid": 4990,
        "test": 4999,
    }


def test_the_registry_has_it() -> None:
    loaded = DATASETS.load("toy-language")()
    assert isinstance(loaded, ToyLanguage)
    assert (loaded.name, loaded.checksum, loaded.end) == ("toy-language", LANGUAGE.checksum, END)


def test_other_seeds_and_sizes_give_other_texts() -> None:
    small = toy_language(300, 30, 40)
    assert len({LANGUAGE.checksum, small.checksum, toy_language(300, 30, 40, seed=2).checksum}) == 3
    np.testing.assert_array_equal(small.splits["train"], LANGUAGE.splits["train"][: len(small.splits["train"])])


def test_splits_are_whole_sentences_none_of_them_empty() -> None:
    for tokens in LANGUAGE.splits.values():
        assert tokens[0] != END
        assert tokens[-1] == END
        assert not ((tokens[1:] == END) & (tokens[:-1] == END)).any()


def test_every_token_of_the_vocabulary_is_in_the_training_text() -> None:
    assert set(LANGUAGE.splits["train"]) == set(range(len(LANGUAGE.vocabulary)))
    assert len(set(LANGUAGE.vocabulary)) == 121


def test_a_stream_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        LANGUAGE.splits["train"][0] = 1


@pytest.mark.parametrize("seed", [1, 2])
def test_the_tables_hold_probabilities_and_only_the_end_state_ends(seed: int) -> None:
    table = source(seed)
    np.testing.assert_array_equal(table.transitions.sum(axis=1), UNIT)
    np.testing.assert_array_equal(table.emissions.sum(axis=1), UNIT)
    assert table.transitions.min() > 0
    np.testing.assert_array_equal(table.emissions[:, END] > 0, np.arange(25) == END)
    np.testing.assert_array_equal(table.emissions[END] > 0, np.arange(121) == END)
    assert table.emissions[1:, 1:].min() > 0


def test_filtering_is_the_sum_over_all_paths_of_states() -> None:
    """Independent code: p(x_1 .. x_t) summed over every path of a source of 3 states and 4 tokens."""
    transitions = np.array([[1, 2, 5], [3, 3, 2], [2, 5, 1]]) * UNIT // 8
    emissions = np.array([[8, 0, 0, 0], [0, 5, 2, 1], [0, 1, 3, 4]]) * UNIT // 8
    table = HiddenMarkov(transitions, emissions)
    tokens = np.array([2, 3, 0, 1, 2])

    def joint(text: list[int]) -> float:
        total = 0.0
        for path in product(range(3), repeat=len(text)):
            term, before = 1.0, 0
            for state, token in zip(path, text, strict=True):
                term *= transitions[before, state] / UNIT * emissions[state, token] / UNIT
                before = state
            total += term
        return total

    expected = [
        [joint([*tokens[:t], token]) / (joint(list(tokens[:t])) if t else 1.0) for token in range(4)] for t in range(5)
    ]
    np.testing.assert_allclose(np.exp(table.log_probabilities(tokens)), expected, rtol=1e-12)


def test_every_row_is_a_distribution_and_does_not_see_its_own_token() -> None:
    tokens = LANGUAGE.splits["valid"][:60].copy()
    log_p = LANGUAGE.log_probabilities(tokens)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, rtol=1e-12)
    tokens[40] = tokens[40] % 120 + 1
    changed = LANGUAGE.log_probabilities(tokens)
    np.testing.assert_array_equal(changed[:41], log_p[:41])
    assert np.abs(changed[41] - log_p[41]).max() > 1e-3
    assert LANGUAGE.log_probabilities(tokens[:0]).shape == (0, 121)


def test_after_a_sentence_end_everything_before_is_forgotten() -> None:
    tokens = LANGUAGE.splits["valid"]
    start = int(np.flatnonzero(tokens == END)[7]) + 1
    alone = LANGUAGE.log_probabilities(tokens[start : start + 50])
    np.testing.assert_allclose(LANGUAGE.log_probabilities(tokens[: start + 50])[start:], alone, rtol=1e-12)


@pytest.mark.parametrize("tokens", [np.array([121]), np.array([-1]), np.zeros((2, 3), dtype=int)])
def test_what_is_no_stream_of_the_vocabulary_is_an_error(tokens: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected one stream of token ids below 121"):
        LANGUAGE.log_probabilities(tokens)


def test_the_text_is_drawn_from_the_truth() -> None:
    """Counts less the sum of the predictions are a martingale: variance sum p (1 - p); 121 words, all within 4.5."""
    tokens = np.concatenate(list(LANGUAGE.splits.values()))
    p = np.exp(LANGUAGE.log_probabilities(tokens))
    surplus = np.bincount(tokens, minlength=121) - p.sum(axis=0)
    assert (np.abs(surplus) < 4.5 * np.sqrt((p * (1 - p)).sum(axis=0))).all()


def test_the_entropy_rate_lies_between_the_bounds_of_two_tokens() -> None:
    """H(x_3 | x_1, x_2, state before) <= rate <= H(x_3 | x_1, x_2) (Cover and Thomas, theorem 4.5.1)."""
    often, moves = stationary(LANGUAGE.source), LANGUAGE.source.transitions / UNIT
    upper = entropy_after_two(LANGUAGE.source, often)
    lower = sum(p * entropy_after_two(LANGUAGE.source, row) for p, row in zip(often, moves, strict=True))
    error = 0.002  # three standard errors of the rate, which is an estimate
    assert 3.1 < lower - error < LANGUAGE.entropy_rate < upper + error < 3.2


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_the_entropy_of_a_split_is_the_rate_up_to_its_size(split: str) -> None:
    tokens = LANGUAGE.splits[split]
    surprise = -LANGUAGE.log_probabilities(tokens)[np.arange(len(tokens)), tokens]
    assert LANGUAGE.entropy(split) == pytest.approx(surprise.mean(), rel=1e-12)
    assert abs(LANGUAGE.entropy(split) - LANGUAGE.entropy_rate) < 4 * surprise.std() / np.sqrt(len(tokens))


def test_log_probabilities_have_full_rank_and_probabilities_that_of_the_states() -> None:
    """The last singular value is 60 times the tolerance of Press et al. even in float32, so no rounding decides."""
    log_p = LANGUAGE.log_probabilities(LANGUAGE.splits["test"])
    values = np.linalg.svd(log_p, compute_uv=False)
    tolerance = 0.5 * np.sqrt(sum(log_p.shape) + 1) * values[0] * np.finfo(np.float32).eps
    assert LANGUAGE.rank == 121
    assert values[-1] > 50 * tolerance
    assert np.linalg.matrix_rank(np.exp(log_p)) <= 25


@pytest.mark.long
def test_a_mixture_of_softmaxes_gets_nearer_to_the_truth_than_a_softmax_of_equal_width() -> None:
    """The best fit to the distributions after one token, with free context vectors: nats above their entropy."""
    import torch
    from torch.nn.functional import log_softmax

    words, often = LANGUAGE.source.emissions / UNIT, stationary(LANGUAGE.source)
    unigram = often @ words
    truth = ((often[:, None] * words / unigram).T @ (LANGUAGE.source.transitions / UNIT)) @ words  # (V, V)
    entropy = -float((unigram[:, None] * truth * np.log(truth)).sum())
    weighted = torch.from_numpy(unigram[:, None] * truth).float()

    def excess(width: int, components: int) -> float:
        generator = torch.Generator().manual_seed(0)
        contexts = torch.randn(121, components, width, generator=generator).requires_grad_()
        outputs = torch.randn(121, width, generator=generator).requires_grad_()
        bias, prior = torch.zeros(121, requires_grad=True), torch.zeros(121, components, requires_grad=True)
        optimiser = torch.optim.Adam([contexts, outputs, bias, prior], lr=0.03)
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, [2000], gamma=0.2)
        loss = torch.tensor(0.0)
        for _ in range(3000):
            log_each = log_softmax(contexts @ outputs.T + bias, dim=-1)  # (V, K, V)
            loss = -(weighted * torch.logsumexp(log_softmax(prior, dim=-1)[..., None] + log_each, dim=1)).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
            optimiser.step()
            schedule.step()
        return float(loss.detach()) - entropy

    softmax, mixture = excess(8, 1), excess(8, 3)
    assert softmax == pytest.approx(0.09, abs=0.015)  # fits from other starts differ by less
    assert mixture == pytest.approx(0.03, abs=0.015)
