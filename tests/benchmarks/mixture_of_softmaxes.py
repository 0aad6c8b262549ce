"""The loss of a mixture of softmaxes with all gradients: in blocks, against all probabilities, mixed, then logged."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from baselines.language.mixture_loss import mixture_nll
from tests.benchmarks.clock import compare, table

TOKENS, K, D, V = 12 * 70, 15, 280, 10_000  # a step of MoS on Penn Treebank: 12 streams of 70 tokens
Loss = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]
PLAIN, OURS = "all probabilities", "in blocks"


def plain(contexts: Tensor, log_prior: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """The formula as one writes it, and as the authors' model.py does but for their 1e-8."""
    each = torch.softmax(torch.nn.functional.linear(contexts, weight, bias), dim=-1)
    log_p = torch.log((log_prior.exp().unsqueeze(-1) * each).sum(dim=1))
    return torch.nn.functional.nll_loss(log_p, targets, reduction="none")


LOSSES: dict[str, Loss] = {PLAIN: plain, OURS: mixture_nll}


def main() -> str:
    """Least seconds a step, alternating in one process, and what a process of its own needs above its inputs."""
    title = f"MoS loss and gradients, {TOKENS} tokens, K = {K}, d = {D}, V = {V:,}"
    sections = [_seconds(f"{title}, {threads} threads", threads) for threads in sorted({1, os.cpu_count() or 1})]
    sections.append(_memory(f"Peak memory of it, {title}"))
    sections.append(_on_gpu(title) if torch.cuda.is_available() else "No GPU here: MoS on a GPU was not measured.")
    return "\n\n".join(sections)


def step(loss: Loss, device: str = "cpu") -> Callable[[], None]:
    """One forward and backward pass; synchronised on a GPU."""
    random = torch.Generator().manual_seed(0)
    contexts = torch.randn(TOKENS, K, D, generator=random).tanh()
    log_prior = torch.randn(TOKENS, K, generator=random).log_softmax(dim=1)
    weight, bias = 0.2 * torch.randn(V, D, generator=random), torch.zeros(V)
    contexts, log_prior, weight, bias = inputs = [
        tensor.to(device).requires_grad_() for tensor in (contexts, log_prior, weight, bias)
    ]
    targets = torch.randint(V, (TOKENS,), generator=random).to(device)

    def once() -> None:
        torch.autograd.grad(loss(contexts, log_prior, weight, bias, targets).mean(), inputs)
        if device == "cuda":
            torch.cuda.synchronize()

    return once


def _seconds(title: str, threads: int) -> str:
    torch.set_num_threads(threads)
    seconds = compare({name: step(loss) for name, loss in LOSSES.items()}, of=min)
    return table(title, {name: (time, "s") for name, time in seconds.items()}, PLAIN)


def _memory(title: str) -> str:
    rows = {}
    for name in LOSSES:  # a new process each: what one has touched stays with it
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            rows[name] = pool.submit(_peak_above_inputs, name).result() / 2**20, "MiB"
    return table(title, rows, PLAIN)


def _peak_above_inputs(name: str) -> int:
    """Bytes by which a step raises the most memory that this process ever held (Linux: VmHWM)."""
    torch.set_num_threads(1)
    once = step(LOSSES[name])
    before = _highest()
    once()
    return _highest() - before


def _highest() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _on_gpu(title: str) -> str:
    steps = {name: step(loss, "cuda") for name, loss in LOSSES.items()}
    seconds = compare(steps, repeats=20, of=min)
    peaks = {name: (_gpu_peak(once) / 2**20, "MiB") for name, once in steps.items()}
    title = f"{title}, {torch.cuda.get_device_name()}"
    times = table(title, {name: (time * 1e3, "ms") for name, time in seconds.items()}, PLAIN)
    return f"{times}\n\n{table(f'Peak memory of it, {title}', peaks, PLAIN)}"


def _gpu_peak(once: Callable[[], None]) -> int:
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    once()
    return torch.cuda.max_memory_allocated() - before
