"""SeqGAN: roll-outs and REINFORCE against enumeration, the discriminator against a plain transcription, its start."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.sequences.discriminator import Discriminator, Rounds, Sizes, probability_real
from baselines.sequences.generator import Generator, draw
from baselines.sequences.policy import complete, follow, policy_loss, policy_step, rewards
from baselines.sequences.seqgan import SeqGan
from repro.plan.jobs import plan
from repro.spec.base import PROFILES, Profile
from repro.spec.load import load
from repro.spec.tables import tables_directory
from tests.baselines.contract import Mortal, same
from tests.baselines.sequences.language import every_sequence, generator, sequences

SIZES = Sizes((1, 2, 5), (3, 2, 4), 6, 0.25)
WORTH = torch.from_numpy(np.random.default_rng(9).random(27))


def judge(tokens: Tensor) -> Tensor:
    """A reward of its own for each of the 27 sequences of 3 words."""
    return WORTH[tokens @ torch.tensor([9, 3, 1])]


def conditional(network: Generator, tokens: Tensor) -> Tensor:
    """log p of every word of sequences (N, T): (N, T)."""
    log_p = torch.log_softmax(network(network.before(tokens)), dim=-1)
    return log_p.gather(-1, tokens[..., None])[..., 0]


def exact_worth(network: Generator) -> Tensor:
    """E[reward | first t + 1 words] for all 27 sequences: (27, 3), by summing over all that share them."""
    all_of_them = every_sequence(3, 3)
    with torch.no_grad():
        p = conditional(network, all_of_them).sum(dim=1).exp()
    found = torch.empty(27, 3, dtype=torch.float64)
    for row, words in enumerate(all_of_them):
        for t in range(3):
            alike = (all_of_them[:, : t + 1] == words[: t + 1]).all(dim=1)
            found[row, t] = (p * judge(all_of_them))[alike].sum() / p[alike].sum()
    return found


def test_roll_outs_estimate_what_words_are_worth() -> None:
    """Against enumeration. Rewards in [0, 1] deviate by 0.5 at most: 0.036 are 4.5 standard errors of 4,000."""
    network, all_of_them = generator(), every_sequence(3, 3)
    torch.manual_seed(1)
    found, exact = rewards(network, judge, all_of_them, 4_000), exact_worth(network)
    torch.testing.assert_close(found[:, 2], judge(all_of_them), rtol=0, atol=0)
    assert float((found - exact).abs().max()) < 0.036
    assert float((found - exact)[:, :2].abs().max()) > 0
    assert float(exact[:, 0].max() - exact[:, 0].min()) > 0.036, "all prefixes are worth the same: nothing was tested"


def test_reinforce_is_the_gradient_of_the_expected_reward() -> None:
    """With exact worths, its expectation over all sequences is the derivative of sum p(x) reward(x): equation 6."""
    network, all_of_them = generator(), every_sequence(3, 3)
    p = conditional(network, all_of_them).sum(dim=1).exp()
    expected = torch.autograd.grad((p * judge(all_of_them)).sum(), list(network.parameters()))
    weighted = exact_worth(network) * p.detach()[:, None]
    found = torch.autograd.grad(-policy_loss(network, all_of_them, weighted), list(network.parameters()))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_roll_outs_in_a_growing_batch_are_those_of_a_loop() -> None:
    """One prefix, sequence and roll-out at a time, by the same uniform numbers."""
    network = generator(7, 5)
    tokens = torch.from_numpy(sequences(3).train).long()
    uniforms = torch.rand(4, 4, 2 * 3, dtype=torch.float64)
    found = complete(network, tokens, uniforms)
    assert found.shape == (4, 6, 5)
    with torch.no_grad():
        for given in range(1, 5):
            for row in range(6):
                words = [int(word) for word in tokens[row % 3, :given]]
                for t in range(given, 5):
                    cell = network.first(1)
                    for word in [network.start, *words]:
                        cell = network.step(cell, torch.tensor([word]))
                    words.append(int(draw(network.logits(cell[0]), uniforms[t - 1, given - 1, row, None])))
                assert found[given - 1, row].tolist() == words


def test_a_policy_step_moves_towards_what_is_worth_more() -> None:
    network, tokens = generator(), every_sequence(3, 3)
    before = float(conditional(network, tokens).sum(dim=1).exp().detach() @ judge(tokens))
    for _ in range(5):
        p = conditional(network, tokens).sum(dim=1).exp().detach()
        adam = torch.optim.Adam(network.parameters(), lr=0.01)
        policy_step(network, adam, tokens, exact_worth(network) * p[:, None], 5.0)
    assert float(conditional(network, tokens).sum(dim=1).exp().detach() @ judge(tokens)) > before + 0.01


@pytest.mark.parametrize("rate", [0.0, 0.8, 1.0])
def test_the_roll_out_policy_follows_at_its_rate_but_for_embeddings(rate: float) -> None:
    policy, network = generator(seed=1), generator(seed=2)
    old = {name: each.detach().clone() for name, each in policy.named_parameters()}
    follow(policy, network, rate)
    for name, own in policy.named_parameters():
        new = network.get_parameter(name)
        expected = new if name == "embedding" else rate * old[name] + (1 - rate) * new
        torch.testing.assert_close(own, expected, rtol=1e-12, atol=1e-14)


def discriminator() -> Discriminator:
    torch.manual_seed(3)
    return Discriminator(7, SIZES).double()


def plain_scores(network: Discriminator, words: Tensor) -> Tensor:
    """The scores (2,) of one sequence (T,) by the published text: windows, largest, highway, last layer."""
    p = dict(network.named_parameters())
    x, features = p["embedding.weight"][words], []
    for k, (width, count) in enumerate(zip(SIZES.widths, SIZES.filters, strict=True)):
        weight, bias = p[f"convolutions.{k}.weight"], p[f"convolutions.{k}.bias"]  # (count, E, width)
        for number in range(count):
            values = [(weight[number].T * x[start : start + width]).sum() + bias[number] for start in range(6 - width)]
            features.append(torch.clamp(torch.stack(values).max(), min=0))
    y = torch.stack(features)
    t = torch.sigmoid(p["gate.weight"] @ y + p["gate.bias"])
    z = t * torch.clamp(p["transform.weight"] @ y + p["transform.bias"], min=0) + (1 - t) * y
    return p["output.weight"] @ z + p["output.bias"]


def test_the_discriminator_and_its_gradients_are_those_of_a_plain_transcription() -> None:
    network, tokens = discriminator().eval(), torch.from_numpy(sequences(4).train).long()
    labels = torch.tensor([1, 0, 0, 1])
    scores = torch.stack([plain_scores(network, words) for words in tokens])
    torch.testing.assert_close(network(tokens), scores, rtol=1e-10, atol=1e-12)
    p = torch.softmax(scores, dim=1)
    torch.testing.assert_close(probability_real(network, tokens), p[:, 1].detach(), rtol=1e-10, atol=0)
    last = dict(network.output.named_parameters())
    squares = sum((each**2).sum() for each in last.values())
    loss = -torch.log(p[torch.arange(4), labels]).mean() + 0.2 * squares / 2
    expected = torch.autograd.grad(loss, list(network.parameters()))
    found = torch.autograd.grad(network.loss(tokens, labels, 0.2), list(network.parameters()))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_dropout_is_for_training_and_not_for_rewards() -> None:
    network, tokens = discriminator().train(), torch.from_numpy(sequences(4).train).long()
    assert torch.equal(probability_real(network, tokens), probability_real(network, tokens))
    assert not torch.equal(network(tokens), network(tokens))
    assert network.training


def test_rounds_teach_which_sequences_are_real() -> None:
    """Generated sequences have word 1 alone, real ones word 2: the sides are not exchanged."""
    network = discriminator()
    sides = torch.ones(64, 5, dtype=torch.long), torch.full((64, 5), 2)
    Rounds(40, 16, 0.0).train(network, torch.optim.Adam(network.parameters(), lr=0.01), sides)
    assert float(probability_real(network, sides[0][:1])) < 0.1 < 0.9 < float(probability_real(network, sides[1][:1]))


def small() -> SeqGan:
    return SeqGan(
        batch_size=4, discriminator_pretraining_rounds=1, adversarial_steps=2, rollouts=2, discriminator_rounds=1,
        discriminator_epochs=1, discriminator_embedding_size=6, filter_widths=(1, 2), filters=(3, 2),
    )  # fmt: skip


def started(folder: Path, seed: int) -> Mortal:
    context = Mortal(folder)
    context.evaluator = lambda model: {"nll-oracle": 0.0, "nll-test": 0.0}
    start = generator(7, 5, seed=seed).float()
    context.start = {**start.sizes(), "checkpoints": {"final": start.state_dict()}}
    return context


def test_it_goes_on_from_the_generator_that_it_is_given(tmp_path: Path) -> None:
    """Two steps of Adam at 0.01 move no parameter by more than 0.0201 (its bound for two steps is 2 rates)."""
    one, two = (small().fit(sequences(), started(tmp_path / str(seed), seed)) for seed in (1, 2))
    assert not same(one.state(), two.state())
    start = generator(7, 5, seed=1).float()
    for name, own in one.network.named_parameters():
        moved = (own - start.get_parameter(name)).detach().abs().max()
        assert 0 < float(moved) < 0.0201, name


def test_without_a_start_it_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"write `from: \{config: cot/mle-lstm\}`"):
        small().fit(sequences(), Mortal(tmp_path))


def test_filters_wider_than_the_sequences_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a filter of 20 words is wider than sequences of 5"):
        SeqGan(batch_size=4).fit(sequences(), started(tmp_path, 1))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_pretraining_of_seqgan_is_the_training_of_the_row_mle(profile: Profile) -> None:
    """One training serves both: it has one key."""
    table = load(tables_directory() / "cot" / "turing-test.yaml")
    made = plan(table, profile, checksum=lambda name: f"checksum of {name}", seeds=1)
    by_row = {job.row.split("(")[0]: made.training(job.training) for job in made.jobs}
    assert by_row["SEQGAN"].starts_from == by_row["MLE"].key
    assert sum(training.parts.method == "mle-lstm" for training in made.trainings) == 1
    assert by_row["MLE"].parts.params["epochs"] == (4 if profile == "smoke" else 120)
