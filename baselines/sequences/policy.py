"""The generator as a policy: what each word is worth by roll-outs, and a step of REINFORCE.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473, equations 4 to 8
Code:       LantaoYu/SeqGAN, rollout.py (get_reward) and generator.py (g_loss); read at 5f2c0a5
Departures: the code completes one prefix of one length at a time; here all go on together in a batch that grows by one
            prefix a step, which gives the same sequences for the same uniform numbers
            (test_roll_outs_in_a_growing_batch_are_those_of_a_loop)
Shapes:     N sequences, T positions, K roll-outs a prefix
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from baselines.sequences.generator import Generator, draw

Judge = Callable[[Tensor], Tensor]
"""The reward (N,) of whole sequences (N, T)."""


def complete(policy: Generator, tokens: Tensor, uniforms: Tensor) -> Tensor:
    """All prefixes of sequences (N, T) completed by a policy: (T - 1, K N, T), first those of one given word.

    `uniforms` (T - 1, T - 1, K N) are the numbers by which words are drawn: of position t + 1, for the prefix of g + 1
    words, in [t, g]. The K roll-outs of all N sequences stand one after another.
    """
    length, copies = tokens.shape[1], uniforms.shape[2] // len(tokens)
    repeated = tokens.repeat(copies, 1)  # (K N, T)
    found = repeated.repeat(length - 1, 1, 1)
    truth, cell, words = policy.first(len(tokens)), policy.first(0), tokens.new_zeros(0)
    with torch.no_grad():
        for t in range(1, length):
            truth = policy.step(truth, policy.before(tokens)[:, t - 1])
            given = policy.step(truth, tokens[:, t - 1])
            older = policy.step(cell, words)
            h, c = (torch.cat([old, new.repeat(copies, 1)]) for old, new in zip(older, given, strict=True))
            cell = (h, c)
            words = draw(policy.logits(h), uniforms[t - 1, :t].flatten())
            found[:t, :, t] = words.view(t, -1)
    return found


def rewards(policy: Generator, judge: Judge, tokens: Tensor, rollouts: int) -> Tensor:
    """What each word of sequences (N, T) is worth: (N, T), the mean reward of so many completions of what it ends.

    The last word's is the reward of the sequence itself. Numbers come from torch's global generator.
    """
    (count, length), kind = tokens.shape, policy.embedding.dtype
    uniforms = torch.rand(length - 1, length - 1, rollouts * count, dtype=kind, device=tokens.device)
    completed = complete(policy, tokens, uniforms).flatten(0, 1)
    of_prefixes = judge(completed).view(length - 1, rollouts, count).mean(dim=1)  # (T - 1, N)
    return torch.cat([of_prefixes, judge(tokens)[None]]).T


def policy_loss(network: Generator, tokens: Tensor, worth: Tensor) -> Tensor:
    """- sum of log p(word) times what it is worth, over all words (N, T): its gradient is REINFORCE's, negated."""
    log_p = torch.log_softmax(network(network.before(tokens)), dim=-1)
    return -(log_p.gather(-1, tokens[..., None])[..., 0] * worth).sum()


def policy_step(
    network: Generator, adam: torch.optim.Optimizer, tokens: Tensor, worth: Tensor, clip: float
) -> dict[str, Tensor]:
    """One update of the generator on its own sequences (N, T)."""
    loss = policy_loss(network, tokens, worth)
    adam.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    adam.step()
    return {"policy-loss": loss, "reward": worth.mean()}


def follow(policy: Generator, network: Generator, rate: float) -> None:
    """The roll-out policy keeps `rate` of its parameters, the rest is the generator's; embeddings are copied."""
    with torch.no_grad():
        for (name, own), new in zip(policy.named_parameters(), network.parameters(), strict=True):
            own.lerp_(new, 1 if name == "embedding" else 1 - rate)
