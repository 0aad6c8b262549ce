"""Output layers: the formulas of the paper, ranks, locked dropout, tied weights, parameter counts."""

import copy

import pytest
import torch
from torch import Tensor, nn

from baselines.language.outputs import MixtureOfContexts, MixtureOfSoftmaxes, OutputLayer, Softmax

T, B, H, D, V, K = 7, 3, 11, 5, 101, 4
KINDS = ("softmax", "moc", "mos")


def layer(kind: str, components: int = K, dropout: float = 0.0) -> OutputLayer:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(V, D, dtype=torch.float64))
    made: OutputLayer
    if kind == "softmax":
        made = Softmax(D, weight)
    else:
        made = {"moc": MixtureOfContexts, "mos": MixtureOfSoftmaxes}[kind](H, weight, components, dropout).double()
    nn.init.normal_(made.bias)
    return made


def hidden(*shape: int, width: int = H) -> Tensor:
    return torch.randn(*shape, width, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def hidden_for(kind: str, *shape: int) -> Tensor:
    return hidden(*shape, width=D if kind == "softmax" else H)


def targets(*shape: int) -> Tensor:
    return torch.randint(V, shape, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("kind", KINDS)
def test_distributions_sum_to_one_and_hold_the_loss(kind: str) -> None:
    output, h, y = layer(kind), hidden_for(kind, T, B), targets(T, B)
    log_p = output.log_probabilities(h.flatten(0, 1))
    torch.testing.assert_close(log_p.exp().sum(1), torch.ones(T * B, dtype=torch.float64), rtol=0, atol=1e-12)
    nll = output.nll(h, y)
    assert nll.shape == (T, B)
    torch.testing.assert_close(nll.flatten(), -log_p[torch.arange(T * B), y.flatten()], rtol=0, atol=1e-12)
    torch.testing.assert_close(output.nll(h.flatten(0, 1), y.flatten()), nll.flatten(), rtol=0, atol=0)


def test_moc_mixes_contexts_and_mos_distributions() -> None:
    h = hidden(13)
    moc, mos = layer("moc"), layer("mos")
    assert isinstance(mos, MixtureOfSoftmaxes)
    prior = torch.softmax(h @ mos.prior.weight.T, dim=1)
    contexts = torch.tanh(h @ mos.latent.weight.T + mos.latent.bias).view(13, K, D)
    each = [torch.softmax(contexts[:, k] @ mos.weight.T + mos.bias, dim=1) for k in range(K)]
    of_mos = torch.log(torch.stack([prior[:, k, None] * each[k] for k in range(K)]).sum(0))
    mixed = torch.stack([prior[:, k, None] * contexts[:, k] for k in range(K)]).sum(0)
    of_moc = torch.log_softmax(mixed @ mos.weight.T + mos.bias, dim=1)
    torch.testing.assert_close(mos.log_probabilities(h), of_mos.detach(), rtol=0, atol=1e-12)
    torch.testing.assert_close(moc.log_probabilities(h), of_moc.detach(), rtol=0, atol=1e-12)


def test_with_one_component_the_mixtures_are_one_layer() -> None:
    h = hidden(13)
    moc, mos = layer("moc", components=1), layer("mos", components=1)
    torch.testing.assert_close(moc.log_probabilities(h), mos.log_probabilities(h), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "bound"), [("softmax", D + 2), ("moc", D + 2), ("mos", None)])
def test_only_the_mixture_of_softmaxes_is_not_rank_bound(kind: str, bound: int | None) -> None:
    """The paper's claim. One softmax: W h, the bias and log Z give rank D + 2."""
    log_p = layer(kind).log_probabilities(3 * hidden_for(kind, 120))
    rank = int(torch.linalg.matrix_rank(log_p))
    assert rank == bound if bound else rank > 10 * D


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_gets_a_gradient(kind: str) -> None:
    output = layer(kind, dropout=0.5)
    nll = output.nll(hidden_for(kind, T, B), targets(T, B), torch.Generator().manual_seed(0))
    for gradient in torch.autograd.grad(nll.mean(), list(output.parameters())):
        assert gradient.abs().sum() > 0


def test_a_context_is_dropped_at_all_time_steps_or_at_none() -> None:
    output = layer("mos", dropout=0.3)
    dropped = output.mixture(hidden(T, B), torch.Generator().manual_seed(3)).contexts
    kept = output.mixture(hidden(T, B)).contexts
    ratio = dropped / kept
    torch.testing.assert_close(ratio, ratio[:1].expand_as(ratio), rtol=1e-12, atol=0)
    assert {round(value, 9) for value in ratio.flatten().tolist()} == {0.0, round(1 / 0.7, 9)}
    assert not torch.equal(ratio[0, 0] == 0, ratio[0, 1] == 0)  # each stream has its own mask


def test_the_share_of_dropped_contexts_is_the_rate() -> None:
    output = layer("mos", dropout=0.3)
    contexts = output.mixture(hidden(1, 500), torch.Generator().manual_seed(3)).contexts
    # 500 K D = 10,000 draws: the standard deviation of the share is 0.0046
    assert (contexts == 0).double().mean().item() == pytest.approx(0.3, abs=4 * 0.0046)


def test_moc_drops_contexts_before_it_mixes_them() -> None:
    h, moc, mos = hidden(T, B), layer("moc", dropout=0.3), layer("mos", dropout=0.3)
    contexts, log_prior = mos.mixture(h, torch.Generator().manual_seed(3))
    expected = (log_prior.exp().unsqueeze(-1) * contexts).sum(-2, keepdim=True)
    mixed = moc.mixture(h, torch.Generator().manual_seed(3)).contexts
    torch.testing.assert_close(mixed, expected, rtol=0, atol=1e-12)


def test_without_a_generator_nothing_is_dropped() -> None:
    y = targets(T, B)
    assert torch.equal(layer("mos", dropout=0.9).nll(hidden(T, B), y), layer("mos").nll(hidden(T, B), y))


@pytest.mark.parametrize("kind", KINDS)
def test_a_tied_weight_stays_tied_and_counts_once(kind: str) -> None:
    embedding = nn.Embedding(V, D)
    output = {"softmax": Softmax, "moc": MixtureOfContexts, "mos": MixtureOfSoftmaxes}[kind]
    model = nn.ModuleList([embedding, output(*((D,) if kind == "softmax" else (H,)), embedding.weight, *sizes(kind))])
    for copied in (model, copy.deepcopy(model).double()):
        assert copied[0].weight is copied[1].weight
    own = {"softmax": V}.get(kind, V + H * K * D + K * D + H * K)
    assert sum(parameter.numel() for parameter in model.parameters()) == V * D + own


def sizes(kind: str) -> tuple[int, ...]:
    return () if kind == "softmax" else (K,)


@pytest.mark.parametrize(
    ("vocabulary", "embedding", "hidden_sizes", "components", "total"),
    # dai2019, tables A.1 and A.7 print 22M; the exact counts follow from the released sizes
    [
        (10_000, 280, (960, 960, 620), 15, 21_500_620),
        (10_000, 280, (960, 960, 620), 3, 19_406_620),
        (10_000, 280, (960, 960, 620), 20, 22_373_120),
        (33_278, 300, (1150, 1150, 650), 15, 34_909_528),
        (100_000, 900, (1024, 1024), 7, 112_850_364),
    ],
)
def test_sizes_of_the_paper_give_its_parameter_counts(
    vocabulary: int, embedding: int, hidden_sizes: tuple[int, ...], components: int, total: int
) -> None:
    with torch.device("meta"):
        weight = nn.Parameter(torch.empty(vocabulary, embedding))
        output = MixtureOfSoftmaxes(hidden_sizes[-1], weight, components)
    widths = (embedding, *hidden_sizes)
    lstm = sum(4 * h * (i + h) + 8 * h for i, h in zip(widths, hidden_sizes, strict=False))
    assert lstm + sum(parameter.numel() for parameter in output.parameters()) == total


def test_sizes_that_cannot_be_are_refused() -> None:
    weight = nn.Parameter(torch.zeros(V, D))
    with pytest.raises(
        ValueError, match="a softmax over embeddings of width 5 needs hidden states of that width, not 11"
    ):
        Softmax(H, weight)
    with pytest.raises(ValueError, match="a mixture needs at least one component, not 0"):
        MixtureOfSoftmaxes(H, weight, 0)
