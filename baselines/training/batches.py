"""Mini-batches by the number of the step: which examples they hold is a function of seed and number, and no state."""

from __future__ import annotations

import torch
from torch import Tensor

from repro.contracts import Context, single


class Batches:
    """Endless passes over examples, each in an order of its own; what is left of a pass at its end is dropped.

    Two of them over one training, such as labelled and unlabelled examples, have names of their own, and each its own
    length of a pass.

    Attributes:
        per_epoch: batches of a pass.
    """

    def __init__(self, context: Context, examples: int, size: int, name: str = "batches") -> None:
        if not 0 < size <= examples:
            raise ValueError(f"a batch has 1 to {examples} of {examples} examples, not {size}")
        self.context, self.examples, self.size, self.name = context, examples, size, name
        self.per_epoch = examples // size
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def __getitem__(self, number: int) -> Tensor:
        """The indices (size,) int64 of batch `number`, counted from 0 over all passes, on the context's device."""
        epoch, place = divmod(number, self.per_epoch)
        if epoch != self._epoch:
            random = self.context.generator(single(self.context.seeds), self.name, epoch)
            order = torch.from_numpy(random.permutation(self.examples)).to(self.context.device)
            self._epoch, self._order = epoch, order
        return self._order[place * self.size : (place + 1) * self.size]
