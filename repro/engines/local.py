"""The local engine: a process a pass, on this machine. A worker that crashes, hangs or is killed fails its own jobs.

Workers are forked from a warm parent where that is possible, and new processes where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from repro.engines import Frozen, OnEvent, Outcome
from repro.engines.environment import worker_environment
from repro.engines.interrupts import interrupts
from repro.engines.loop import Loop
from repro.engines.queue import Queue
from repro.engines.warm import Parents, WarmParent, can_fork
from repro.store.records import Store


@dataclass(frozen=True)
class LocalEngine:
    """Settings of the engine: how many workers at once, on which device, and what each may use.

    Inside of `with engine:` several runs share a warm parent. With `fresh` every worker is a new process.
    """

    slots: int = 1
    device: str = "cpu"
    gpus: tuple[str, ...] = ()
    threads: int = 1
    grace_seconds: float = 10.0
    memory_limit_bytes: int | None = None
    checkpoint_seconds: float = 60.0
    fresh: bool = False
    parents: Parents = field(default_factory=Parents, compare=False, repr=False)

    def __enter__(self) -> Self:
        self.parents.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parents.__exit__(kind, error, trace)

    def execute(
        self,
        frozen: Frozen,
        passes: Sequence[tuple[str, ...]],
        store: Store,
        on_event: OnEvent,
        *,
        force_before: str | None = None,
    ) -> dict[str, Outcome]:
        """What became of each job."""
        with self.parents, interrupts() as asked:
            warm = self._warm_parent(store) if len(passes) > 1 or self.parents.is_shared else None
            queue = Queue(frozen.plan, passes)
            return Loop(self, frozen, store, on_event, force_before, queue, warm).run(asked)

    def _warm_parent(self, store: Store) -> WarmParent | None:
        return (
            None
            if self.fresh or not can_fork()
            else self.parents.of(worker_environment(self.device, self.threads, None), store.root)
        )
