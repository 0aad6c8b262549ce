"""The blocked loss against the plain formula: values, gradients, extreme logits, and the memory it keeps to."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from baselines.language import mixture_loss
from baselines.language.mixture_loss import mixture_log_probabilities, mixture_nll

N, K, D, V = 13, 3, 5, 17
Inputs = tuple[Tensor, Tensor, Tensor, Tensor]


def inputs(scale: float = 1.0, components: int = K, tokens: int = N) -> Inputs:
    random = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    log_prior = torch.log_softmax(normal(tokens, components), dim=1)
    made = (scale * normal(tokens, components, D), log_prior, normal(V, D), normal(V))
    return made[0].requires_grad_(), made[1].requires_grad_(), made[2].requires_grad_(), made[3].requires_grad_()


def some_targets(tokens: int = N) -> Tensor:
    return torch.randint(V, (tokens,), generator=torch.Generator().manual_seed(1))


def plain(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """All probabilities, mixed, logged: (N, V)."""
    each = torch.softmax(contexts @ weight.T + bias, dim=-1)
    return torch.log((log_prior.exp().unsqueeze(-1) * each).sum(dim=1))


def as_logarithms(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """The same without underflow."""
    return torch.logsumexp(
        log_prior.unsqueeze(-1) + nn.functional.log_softmax(contexts @ weight.T + bias, dim=-1), dim=1
    )


def plain_nll(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    log_p = as_logarithms(contexts, log_prior, weight, bias)
    return nn.functional.nll_loss(log_p, targets, reduction="none")


@pytest.fixture(params=["one block", "blocks of two tokens", "blocks of one token"])
def block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test under it holds for any split into blocks; 13 tokens leave a short last block."""
    tokens = {"one block": 64, "blocks of two tokens": 2, "blocks of one token": 0}[request.param]
    monkeypatch.setitem(mixture_loss.BLOCK_BYTES, "cpu", tokens * K * V * 8)


def weighted(nll: Tensor) -> Tensor:
    return nll @ torch.linspace(-1.0, 2.0, len(nll), dtype=nll.dtype)


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("reduce", [Tensor.sum, Tensor.mean, weighted])
def test_loss_and_gradients_are_those_of_the_plain_formula(reduce: Callable[[Tensor], Tensor]) -> None:
    tensors, targets = inputs(), some_targets()
    ours, theirs = mixture_nll(*tensors, targets), -plain(*tensors)[torch.arange(N), targets]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    for mine, expected in zip(
        torch.autograd.grad(reduce(ours), tensors), torch.autograd.grad(reduce(theirs), tensors), strict=True
    ):
        torch.testing.assert_close(mine, expected, rtol=0, atol=1e-10)


@pytest.mark.usefixtures("block_size")
def test_gradients_are_finite_differences() -> None:
    assert torch.autograd.gradcheck(partial(mixture_nll, targets=some_targets()), inputs())


def test_the_gradients_of_a_graph_that_is_used_twice_add_up() -> None:
    tensors, targets = inputs(), some_targets()
    nll = mixture_nll(*tensors, targets).mean()
    once = torch.autograd.grad(nll, tensors, retain_graph=True)
    again = torch.autograd.grad(3 * nll, tensors)
    for first, second in zip(once, again, strict=True):
        torch.testing.assert_close(3 * first, second, rtol=0, atol=1e-12)


def test_one_component_is_the_softmax_of_the_library() -> None:
    contexts, _, weight, bias = inputs(components=1)
    nll = mixture_nll(contexts, torch.zeros(N, 1, dtype=torch.float64), weight, bias, some_targets())
    expected = nn.functional.cross_entropy(contexts.squeeze(1) @ weight.T + bias, some_targets(), reduction="none")
    torch.testing.assert_close(nll, expected, rtol=0, atol=1e-10)


def test_without_gradients_the_loss_is_the_same() -> None:
    tensors, targets = inputs(), some_targets()
    with_gradients = mixture_nll(*tensors, targets)
    with torch.no_grad():
        without = mixture_nll(*tensors, targets)
    assert not without.requires_grad
    torch.testing.assert_close(without, with_gradients.detach(), rtol=0, atol=0)


def test_a_tied_weight_gets_the_gradients_of_both_uses() -> None:
    _, log_prior, weight, bias = inputs()
    targets, words = some_targets(), some_targets(N * K).view(N, K)

    def gradient(loss: Callable[..., Tensor]) -> Tensor:
        embedded = nn.functional.embedding(words, weight)
        return torch.autograd.grad(loss(embedded, log_prior, weight, bias, targets).sum(), weight)[0]

    ours, theirs = gradient(mixture_nll), gradient(plain_nll)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


def test_float32_keeps_its_digits_where_logits_reach_hundreds() -> None:
    """Standard deviation of the logits about 200: most probabilities underflow, and the plain formula logs a 0."""
    tensors, targets = inputs(scale=100.0), some_targets()
    contexts, log_prior, weight, bias = (tensor.detach().float().requires_grad_() for tensor in tensors)
    single = (contexts, log_prior, weight, bias)
    exact = plain_nll(*tensors, targets)
    assert torch.isinf(plain(*single)[torch.arange(N), targets]).any()
    nll = mixture_nll(*single, targets)
    # a logit of 700 carries 700 * 2^-24 = 4e-5 of rounding, a few of which add up
    torch.testing.assert_close(nll.double(), exact, rtol=1e-6, atol=3e-4)
    for gradient in torch.autograd.grad(nll.mean(), single):
        assert torch.isfinite(gradient).all()


@pytest.mark.usefixtures("block_size")
def test_log_probabilities_are_those_of_the_plain_formula_and_sum_to_one() -> None:
    log_p = mixture_log_probabilities(*inputs())
    torch.testing.assert_close(log_p, plain(*inputs()).detach(), rtol=0, atol=1e-10)
    torch.testing.assert_close(log_p.exp().sum(dim=1), torch.ones(N, dtype=torch.float64), rtol=0, atol=1e-12)


def test_log_probabilities_hold_the_loss_at_the_targets() -> None:
    tensors, targets = inputs(scale=100.0), some_targets()
    log_p = mixture_log_probabilities(*tensors)
    nll = mixture_nll(*tensors, targets).detach()
    torch.testing.assert_close(log_p[torch.arange(N), targets], -nll, rtol=1e-12, atol=0)
    torch.testing.assert_close(log_p, as_logarithms(*tensors).detach(), rtol=1e-12, atol=0)


def test_the_gap_to_the_authors_formula_is_their_epsilon() -> None:
    """They return log(p + 1e-8): at most 1e-8 / p above log p, which matters for words about as rare as that."""
    log_p = mixture_log_probabilities(*inputs())
    theirs = torch.log(plain(*inputs()).detach().exp() + 1e-8)
    gap = theirs - log_p
    assert (gap > 0).all()
    torch.testing.assert_close(gap, torch.log1p(1e-8 * torch.exp(-log_p)), rtol=1e-5, atol=1e-14)


def test_no_tensor_of_tokens_by_components_by_vocabulary_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest tensor that any operation gives is a block's logits, the weight, or the contexts."""
    monkeypatch.setitem(mixture_loss.BLOCK_BYTES, "cpu", 2 * K * V * 8)
    tensors, targets = inputs(tokens=101), some_targets(101)
    with Sizes() as training:
        torch.autograd.grad(mixture_nll(*tensors, targets).mean(), tensors)
    assert training.largest == 101 * K * D  # the gradient of the contexts
    with Sizes() as evaluation:
        mixture_log_probabilities(*tensors)
    assert evaluation.largest == 101 * V  # what it gives


class Sizes(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch gives its hooks no types
    """Notes the largest storage, in elements, of what any operation returns."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.largest = 0

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: object, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else (result,):
            if isinstance(tensor, Tensor):
                self.largest = max(self.largest, tensor.untyped_storage().size() // tensor.element_size())
        return result


@pytest.mark.usefixtures("block_size")
def test_loss_and_gradients_take_three_matrix_products() -> None:
    tensors, targets = inputs(), some_targets()

    def product(_: torch.Size, left: torch.Size, right: torch.Size, **of_result: torch.Size) -> int:
        return 2 * left.numel() * right[1]

    # the counter knows addmm, and not addmm_
    with FlopCounterMode(display=False, custom_mapping={torch.ops.aten.addmm_: product}) as counter:
        torch.autograd.grad(mixture_nll(*tensors, targets).mean(), tensors)
    assert counter.get_total_flops() == 3 * 2 * N * K * D * V


@pytest.mark.parametrize("target", [-1, -100, V])
def test_a_target_outside_the_vocabulary_is_refused(target: int) -> None:
    targets = some_targets()
    targets[4] = target
    with pytest.raises((RuntimeError, IndexError), match="out of bounds"):
        mixture_nll(*inputs(), targets)


def test_shapes_that_do_not_fit_are_refused() -> None:
    contexts, log_prior, weight, bias = inputs()
    message = r"expected contexts \(N, K, d\), log_prior \(N, K\), weight \(V, d\) and bias \(V,\); the shapes are "
    for wrong in (
        (contexts[0], log_prior, weight, bias),
        (contexts, log_prior[:1], weight, bias),
        (contexts, log_prior, weight.T, bias),
        (contexts, log_prior, weight, bias[:1]),
        (contexts[:, :0], log_prior[:, :0], weight, bias),
    ):
        with pytest.raises(ValueError, match=message):
            mixture_log_probabilities(*wrong)
    with pytest.raises(ValueError, match=r"targets must be \(13,\), one a token; they are \(13, 1\)"):
        mixture_nll(*inputs(), some_targets().unsqueeze(1))


def test_no_tokens_have_no_losses() -> None:
    tensors = inputs(tokens=0)
    nll = mixture_nll(*tensors, some_targets(0))
    assert nll.shape == (0,)
    assert torch.equal(torch.autograd.grad(nll.sum(), tensors[2])[0], torch.zeros(V, D, dtype=torch.float64))
