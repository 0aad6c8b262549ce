"""Maximum likelihood against a plain transcription of SeqGAN's pretraining, and scheduled sampling between its ends."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.sequences.generator import Generator, TrainedGenerator
from baselines.sequences.likelihood import MleLstm, ScheduledSampling, likelihood_step, mixed
from tests.baselines.contract import Mortal, same
from tests.baselines.sequences.language import every_sequence, generator, sequences

GATES = ("i", "f", "o", "c")


def context(folder: Path, numbers: list[float] | None = None) -> Mortal:
    """A context whose evaluations give NLL_test one after another, and NLL_oracle falling."""
    found, given = Mortal(folder), list(numbers or [])

    def evaluate(model: TrainedGenerator) -> dict[str, float]:
        if not numbers:
            return {"nll-oracle": 0.0, "nll-test": float(-model.log_probability(sequences().train).mean())}
        return {"nll-oracle": 10.0 * len(given), "nll-test": given.pop(0)}

    found.evaluator = evaluate
    return found


def separate(network: Generator) -> dict[str, Tensor]:
    """The parameters gate by gate, as the published code has them."""
    found: dict[str, Tensor] = {"E": network.embedding, "V": network.output_weight, "v": network.output_bias}
    for k, gate in enumerate(GATES):
        columns = slice(k * network.hidden, (k + 1) * network.hidden)
        found[f"W{gate}"] = network.input_weight[:, columns]
        found[f"U{gate}"] = network.recurrent_weight[:, columns]
        found[f"b{gate}"] = network.gate_bias[columns]
    return {name: each.detach().clone().requires_grad_() for name, each in found.items()}


def published_loss(p: dict[str, Tensor], tokens: Tensor, inputs: Tensor) -> Tensor:
    """- sum over words of log softmax, over T N: a word at a time, a gate at a time."""
    total = torch.zeros((), dtype=torch.float64)
    for read, words in zip(inputs, tokens, strict=True):
        h = c = torch.zeros(len(p["bi"]), dtype=torch.float64)
        for before, word in zip(read, words, strict=True):
            x = p["E"][before]
            i, f, o = (torch.sigmoid(x @ p[f"W{g}"] + h @ p[f"U{g}"] + p[f"b{g}"]) for g in "ifo")
            c = f * c + i * torch.tanh(x @ p["Wc"] + h @ p["Uc"] + p["bc"])
            h = o * torch.tanh(c)
            exponentials = (h @ p["V"] + p["v"]).exp()
            total = total - torch.log(exponentials[word] / exponentials.sum())
    return total / tokens.numel()


@pytest.mark.parametrize("clip", [5.0, 0.05])
def test_steps_are_those_of_a_plain_transcription(clip: float) -> None:
    """Loss, and parameters after four steps of clipping and Adam written out. 0.05 is below every norm that occurs."""
    network, tokens = generator(7, 5), torch.from_numpy(sequences().train).long()
    p = separate(network)
    first, second = ({name: torch.zeros_like(each) for name, each in p.items()} for _ in range(2))
    adam, clipped = torch.optim.Adam(network.parameters(), lr=0.01), 0
    for number in range(1, 5):
        batch = tokens[4 * number : 4 * number + 4]
        inputs = torch.cat([torch.zeros(4, 1, dtype=torch.long), batch[:, :-1]], dim=1)
        loss = published_loss(p, batch, inputs)
        gradients = dict(zip(p, torch.autograd.grad(loss, list(p.values())), strict=True))
        norm = torch.sqrt(sum((each.square().sum() for each in gradients.values()), torch.zeros(())))
        clipped += bool(norm > clip)
        for name, gradient in gradients.items():
            gradient = gradient * min(1.0, clip / (float(norm) + 1e-6))  # torch adds it to every norm
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            root = torch.sqrt(second[name] / (1 - 0.999**number))
            moved = p[name].detach() - 0.01 * first[name] / (1 - 0.9**number) / (root + 1e-8)
            p[name] = moved.requires_grad_()
        watched = likelihood_step(network, adam, network.before(batch), batch, clip)
        assert float(watched["loss"].detach()) == pytest.approx(float(loss.detach()), rel=1e-12)
    assert clipped == (4 if clip < 1 else 0)
    for name, each in separate(network).items():
        torch.testing.assert_close(each, p[name], rtol=0, atol=1e-10, msg=name)


def test_batches_stand_in_the_order_of_the_data_and_what_fills_none_is_left_out(tmp_path: Path) -> None:
    """22 sequences are five batches of 4; the 2 left over may be anything."""
    data, other = sequences(22), sequences(22)
    other.train[20:] = 0
    method = MleLstm(2, 5, batch_size=4, epochs=2)
    one, two = (method.fit(each, context(tmp_path / name)) for each, name in ((data, "a"), (other, "b")))
    assert same(one.state(), two.state())
    other.train[0], other.train[4] = data.train[4], data.train[0]
    assert not same(one.state(), method.fit(other, context(tmp_path / "c")).state())


def test_fewer_sequences_than_a_batch_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch_size 64 is more than the 22 training sequences"):
        MleLstm(2, 5).fit(sequences(), context(tmp_path))


def test_scheduled_sampling_that_always_reads_true_words_is_maximum_likelihood_to_the_bit(tmp_path: Path) -> None:
    own = {"embedding_size": 2, "hidden_size": 5, "batch_size": 4, "epochs": 3}
    mle = MleLstm(**own).fit(sequences(), context(tmp_path / "mle"))
    always = ScheduledSampling(**own, last_probability=1.0).fit(sequences(), context(tmp_path / "always"))
    falling = ScheduledSampling(**own).fit(sequences(), context(tmp_path / "falling"))
    assert same(mle.state(), always.state())
    assert not same(mle.state(), falling.state())


def test_the_share_of_true_words_falls_linearly_from_the_first_epoch_to_the_last() -> None:
    method = ScheduledSampling(epochs=5)
    assert [method.probability(epoch) for epoch in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert ScheduledSampling(epochs=1).probability(0) == 1.0


def test_without_true_words_what_is_read_is_a_sample_of_the_model() -> None:
    """By the same uniform numbers: mixed() draws those of its samples first, then those of its coins."""
    network, tokens = generator(7, 5), torch.from_numpy(sequences(400).train).long()
    torch.manual_seed(5)
    read = mixed(network, tokens, 0.0)
    torch.manual_seed(5)
    uniforms = torch.rand(2, 400, 5, dtype=torch.float64)[0]
    with torch.no_grad():
        assert torch.equal(read, network.before(network.sample(uniforms)))


def test_true_words_are_read_as_often_as_the_probability_says() -> None:
    """The model never draws word 0, of which the data are made: 4 x 5,000 coins of 0.3 have a deviation of 0.0032."""
    network, tokens = generator(7, 5), torch.zeros(5_000, 5, dtype=torch.long)
    with torch.no_grad():
        network.output_bias[0] = -1e3
    read = mixed(network, tokens, 0.3)
    assert bool((read[:, 0] == network.start).all())
    assert float((read[:, 1:] == 0).double().mean()) == pytest.approx(0.3, abs=4 * 0.0032)


def test_no_gradient_goes_through_what_is_drawn() -> None:
    network, tokens = generator(7, 5), torch.from_numpy(sequences().train).long()
    assert not mixed(network, tokens, 0.5).requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_the_best_checkpoints_are_those_of_the_least_numbers(tmp_path: Path) -> None:
    """Four epochs: NLL_test 3, 1, 2, 9 beside NLL_oracle 30, 20, 10, 0: the sums 33, 21, 12, 9."""
    method = MleLstm(2, 5, batch_size=4, epochs=4, evaluate_every=1)
    model = method.fit(sequences(), context(tmp_path / "whole", [3, 1, 2, 9]))
    two = MleLstm(2, 5, batch_size=4, epochs=2, evaluate_every=1).fit(sequences(), context(tmp_path / "part", [3, 1]))
    assert same(model.at("best").state()["checkpoints"]["final"], two.state()["checkpoints"]["final"])
    assert same(model.at("best-sum").network.state_dict(), model.network.state_dict())
    assert not same(model.at("best").network.state_dict(), model.network.state_dict())
    with pytest.raises(ValueError, match=r"there is no checkpoint 'worst' \(there are final, best, best-sum\)"):
        model.at("worst")


def test_log_probabilities_sum_to_one_and_samples_follow_them() -> None:
    """All 27 sequences of 3 words; 20,000 samples, the largest of 27 deviations below 4.5 standard ones."""
    model, all_of_them = TrainedGenerator(generator()), every_sequence(3, 3).numpy()
    p = np.exp(model.log_probability(all_of_them))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    drawn = model.sample(20_000, np.random.default_rng(0)) @ np.array([9, 3, 1])
    counts = np.bincount(drawn, minlength=27)
    assert np.abs((counts - 20_000 * p) / np.sqrt(20_000 * p * (1 - p))).max() < 4.5


def test_parts_of_any_size_give_the_same_numbers() -> None:
    """257 sequences are one more than is worked on at a time."""
    model = TrainedGenerator(generator())
    drawn = model.sample(257, np.random.default_rng(0))
    assert drawn.shape == (257, 3)
    assert model.log_probability(drawn)[256] == pytest.approx(model.log_probability(drawn[256:])[0], rel=1e-12)


def test_whether_a_true_word_is_read_says_nothing_of_what_the_model_draws_else() -> None:
    """Word 0 of the data is none of the model's. Of 3,500 own first words 4.5 standard errors are 0.038 at most."""
    network, tokens = generator(7, 5), torch.zeros(5_000, 5, dtype=torch.long)
    with torch.no_grad():
        network.output_bias[0] = -1e3
        p = torch.softmax(network(torch.zeros(1, 1, dtype=torch.long)), dim=-1)[0, 0]
    torch.manual_seed(6)
    own = mixed(network, tokens, 0.3)[:, 1]
    own = own[own != 0]
    shares = torch.bincount(own, minlength=7).double() / len(own)
    assert float((shares - p).abs().max()) < 0.038
