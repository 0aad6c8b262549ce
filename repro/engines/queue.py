"""Which passes may start: those whose trainings are done, measurements before further trainings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from repro.plan.graph import Plan

Keys = tuple[str, ...]


class Queue:
    """The passes that are left, in order. A pass is let through when all passes that it needs have ended well."""

    def __init__(self, plan: Plan, passes: Sequence[Keys]) -> None:
        scheduled = {key for keys in passes for key in keys}
        self._missing: dict[Keys, set[str]] = {}
        self._dependents: dict[str, list[Keys]] = {}
        self._ready: deque[Keys] = deque()
        for keys in passes:
            needs = needs_of(plan, keys)
            self._missing[keys] = needs & scheduled
            for need in self._missing[keys]:
                self._dependents.setdefault(need, []).append(keys)
            if not self._missing[keys]:
                self._ready.append(keys)

    def __bool__(self) -> bool:
        return bool(self._missing)

    def __len__(self) -> int:
        return len(self._ready)

    def pop(self) -> Keys:
        """The next pass that may start."""
        keys = self._ready.popleft()
        del self._missing[keys]
        return keys

    def again(self, keys: Keys) -> None:
        """Puts a pass at the end: somebody else has one of its jobs now."""
        self._missing[keys] = set()
        self._ready.append(keys)

    def ended(self, key: str, *, well: bool) -> Iterator[Keys]:
        """Notes the end of a training or measurement; gives the passes that cannot start any more, once each."""
        for keys in self._dependents.pop(key, ()):
            missing = self._missing.get(keys)
            if missing is None:
                continue
            if not well:
                del self._missing[keys]
                yield keys
                continue
            missing.discard(key)
            if not missing:
                self._ready.appendleft(keys)

    def clear(self) -> list[Keys]:
        """Takes all that is left away, and gives it."""
        left = list(self._missing)
        self._missing.clear()
        self._ready.clear()
        return left


def needs_of(plan: Plan, keys: Iterable[str]) -> set[str]:
    """The trainings that a pass needs and does not make itself."""
    own = set(keys)
    return {need for key in own for need in plan[key].needs} - own
