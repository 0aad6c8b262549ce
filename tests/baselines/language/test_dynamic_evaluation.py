"""Dynamic evaluation: the rule written out, the two scalings, and what it must leave alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.language.dynamic_evaluation import Rule, dynamic_nll, gradient_statistics
from baselines.language.outputs import MixtureOfSoftmaxes

V, D, H = 11, 5, 7
State = tuple[Tensor, Tensor]
RULE = Rule(learning_rate=0.02, epsilon=0.01, decay=0.075)


class Small(nn.Module):
    """One LSTM layer under a mixture of softmaxes, tied, in float64."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(V, D)
        self.lstm = nn.LSTM(D, H)
        self.output = MixtureOfSoftmaxes(H, self.embedding.weight, components=3)
        self.double().eval()

    def start(self, streams: int) -> State:
        zeros = torch.zeros(1, streams, H, dtype=torch.float64)
        return zeros, zeros

    def segment_nll(self, tokens: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
        hidden, (h, c) = self.lstm(self.embedding(tokens), state)
        return self.output.nll(hidden, targets), (h.detach(), c.detach())


def text(length: int, streams: int, seed: int = 1) -> Tensor:
    return torch.randint(V, (length, streams), generator=torch.Generator().manual_seed(seed))


def static_nll(model: Small, tokens: Tensor) -> Tensor:
    with torch.no_grad():
        return model.segment_nll(tokens[:-1], tokens[1:], model.start(tokens.shape[1]))[0]


def gradients(model: Small, tokens: Tensor, targets: Tensor, state: State) -> tuple[list[np.ndarray], Tensor, State]:
    nll, state = model.segment_nll(tokens, targets, state)
    found = torch.autograd.grad(nll.sum() / nll.numel(), list(model.parameters()))
    return [gradient.numpy() for gradient in found], nll.detach(), state


def written_out(train: Tensor, test: Tensor, rule: Rule) -> np.ndarray:
    """The rule as the paper and the authors' code state it, segment by segment, in numpy."""
    model = Small()
    squares = [np.zeros(parameter.shape) for parameter in model.parameters()]
    state, count = model.start(train.shape[1]), 0
    for i in range(0, len(train) - 1, 5):
        end = min(i + 5, len(train) - 1)
        found, _, state = gradients(model, train[i:end], train[i + 1 : end + 1], state)
        squares = [square + gradient**2 for square, gradient in zip(squares, found, strict=True)]
        count += 1
    if rule.scaling == "mean":
        squares = [square / count for square in squares]
    roots = [np.sqrt(square) for square in squares]
    total = sum(root.mean() for root in roots) / (len(roots) if rule.scaling == "mean" else 1)
    decays = [np.minimum(root / total, 1 / rule.decay) for root in roots]
    theta0 = [parameter.detach().numpy().copy() for parameter in model.parameters()]
    state, scores = model.start(test.shape[1]), []
    for i in range(0, len(test) - 1, 5):
        end = min(i + 5, len(test) - 1)
        found, nll, state = gradients(model, test[i:end], test[i + 1 : end + 1], state)
        scores.append(nll.numpy())
        for parameter, trained, gradient, root, decay in zip(
            model.parameters(), theta0, found, roots, decays, strict=True
        ):
            theta = parameter.detach().numpy()
            theta += rule.decay * decay * (trained - theta) - rule.learning_rate * gradient / (root + rule.epsilon)
    return np.concatenate(scores)


@pytest.mark.parametrize("rule", [RULE, Rule(0.002, 0.001, 0.0044, "mean"), Rule(0.02, 0.01, 40.0)])
@pytest.mark.parametrize("streams", [1, 3])
def test_scores_are_those_of_the_rule_written_out(rule: Rule, streams: int) -> None:
    """The last rule pulls harder than 1 on some parameters, so that the limit is met; 34 tokens leave 3 at the end."""
    train, test, model = text(48, 7), text(34, streams, seed=2), Small()
    statistics = gradient_statistics(model, train, rule)
    found = dynamic_nll(model, test, statistics, rule)
    assert found.shape == (33, streams)
    np.testing.assert_allclose(found.numpy(), written_out(train, test, rule), rtol=1e-9)


def test_the_two_scalings_make_the_same_updates_with_converted_constants() -> None:
    train, test, model = text(48, 7), text(34, 1), Small()
    segments, tensors = 10, len(list(model.parameters()))
    mean = Rule(
        RULE.learning_rate / math.sqrt(segments), RULE.epsilon / math.sqrt(segments), RULE.decay / tensors, "mean"
    )
    by_sum = dynamic_nll(model, test, gradient_statistics(model, train, RULE), RULE)
    by_mean = dynamic_nll(model, test, gradient_statistics(model, train, mean), mean)
    torch.testing.assert_close(by_sum, by_mean, rtol=1e-9, atol=0)


def test_without_steps_and_pull_the_evaluation_is_static() -> None:
    model, test, rule = Small(), text(34, 3), Rule(learning_rate=0.0, epsilon=1e-3, decay=0.0)
    found = dynamic_nll(model, test, gradient_statistics(model, text(48, 7), rule), rule)
    torch.testing.assert_close(found, static_nll(model, test), rtol=0, atol=1e-12)


def test_the_first_segment_is_scored_before_anything_is_learned() -> None:
    model, test = Small(), text(34, 1)
    found = dynamic_nll(model, test, gradient_statistics(model, text(48, 7), RULE), RULE)
    static = static_nll(model, test)
    torch.testing.assert_close(found[:5], static[:5], rtol=0, atol=1e-12)
    assert not torch.allclose(found[5:], static[5:], atol=1e-3)


def test_a_text_that_repeats_itself_is_learned() -> None:
    model, test = Small(), text(8, 1).repeat(20, 1)
    found = dynamic_nll(model, test, gradient_statistics(model, text(48, 7), RULE), RULE)
    assert found.mean() < static_nll(model, test).mean() - 0.5


def test_the_parameters_are_afterwards_what_they_were() -> None:
    model = Small()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    statistics = gradient_statistics(model, text(48, 7), RULE)
    first = dynamic_nll(model, text(34, 1), statistics, RULE)
    assert torch.equal(first, dynamic_nll(model, text(34, 1), statistics, RULE))
    broken = text(34, 1)
    broken[20] = V  # fails in the middle, when the parameters have moved
    with pytest.raises(RuntimeError, match="index 11 is out of bounds"):
        dynamic_nll(model, broken, statistics, RULE)
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, before[name])
        assert parameter.grad is None


def test_what_cannot_be_evaluated_is_refused() -> None:
    model = Small()
    with pytest.raises(ValueError, match="a rule needs learning_rate >= 0, epsilon > 0 and decay >= 0, it is Rule"):
        Rule(learning_rate=0.1, epsilon=0.0, decay=0.1)
    with pytest.raises(ValueError, match="a text of 1 tokens a stream has nothing to predict: it needs two or more"):
        gradient_statistics(model, text(1, 7), RULE)
    with pytest.raises(ValueError, match="no parameter has a gradient on the training text: its statistics scale noth"):
        gradient_statistics(Flat(), text(48, 7), RULE)


class Flat(Small):
    """A loss that nothing moves."""

    def segment_nll(self, tokens: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
        nll, state = super().segment_nll(tokens, targets, state)
        return 0 * nll, state
