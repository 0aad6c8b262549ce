"""Which passes may start: those whose trainings are done, measurements before further trainings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from repro.plan.graph import Plan

Keys = tuple[str, ...]


class Queue:
    """The passes that are left, in order. A pass is let through when all trainings that it needs have ended well."""

    def __init__(self, plan: Plan, passes: Sequence[Keys]) -> None:
        self._plan = plan
        self._ready: deque[Keys] = deque()
        self._missing: dict[Keys, set[str]] = {}
        self._dependents: dict[str, dict[Keys, None]] = {}  # each pass once, in order
        scheduled = {key for keys in passes for key in keys}
        for keys in passes:
            self._wait(keys, needs_of(plan, keys) & scheduled)

    def __bool__(self) -> bool:
        return bool(self._ready or self._missing)

    def __len__(self) -> int:
        """How many passes may start now."""
        return len(self._ready)

    def pop(self) -> Keys:
        """The next pass that may start."""
        return self._ready.popleft()

    def again(self, keys: Keys) -> None:
        """Puts a pass at the end: somebody else has one of its jobs now."""
        self._ready.append(keys)

    def ended(self, key: str, *, well: bool) -> list[str]:
        """Notes the end of a training; gives the jobs that cannot start any more. The others of their passes can."""
        lost: list[str] = []
        for keys in self._dependents.pop(key, ()):
            missing = self._missing.pop(keys, None)
            if missing is None:
                continue
            bad = set() if well else {each for each in keys if key in self._plan[each].needs}
            lost += [each for each in keys if each in bad]
            if left := tuple(each for each in keys if each not in bad):
                self._wait(left, missing & needs_of(self._plan, left) - {key}, first=True)
        return lost

    def clear(self) -> list[str]:
        """Takes all that is left away, and gives it."""
        left = [key for keys in (*self._ready, *self._missing) for key in keys]
        self._missing.clear()
        self._ready.clear()
        return left

    def _wait(self, keys: Keys, missing: set[str], *, first: bool = False) -> None:
        if missing:
            self._missing[keys] = missing
            for need in missing:
                self._dependents.setdefault(need, {})[keys] = None
        elif first:
            self._ready.appendleft(keys)
        else:
            self._ready.append(keys)


def needs_of(plan: Plan, keys: Iterable[str]) -> set[str]:
    """The trainings that a pass needs and does not make itself."""
    own = set(keys)
    return {need for key in own for need in plan[key].needs} - own
