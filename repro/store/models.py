"""Trained models by the key of their training, how much room they take, and which may go.

    models/<key>.pt          the model's state
    leases/<id>.json         the models that a run needs while it lasts; its lock says whether it still does

A model is made once and measured as often as it is asked for. It can be made again, so there is a budget for the room
they take; what a running job needs is never removed.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from repro.files import write_atomic

BUDGET_GIB = 20.0
GIB = 2**30


@dataclass(frozen=True)
class Model:
    """A stored model: its key, the room it takes, and when it was last made or measured, in seconds since 1970."""

    key: str
    bytes: int
    used: float


class Models:
    """The models of a working store."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def file(self, key: str) -> Path:
        """Where a model is kept."""
        return self._root / "models" / f"{key}.pt"

    def has(self, key: str) -> bool:
        """Whether a model is there."""
        return self.file(key).exists()

    def touch(self, key: str) -> None:
        """Notes that a model was used now."""
        self.file(key).touch()

    def all(self) -> list[Model]:
        """Every model, the one that was used last at the end."""
        found = []
        for file in (self._root / "models").glob("*.pt"):
            with suppress(FileNotFoundError):  # another run has removed it
                there = file.stat()
                found.append(Model(file.stem, there.st_size, there.st_mtime))
        return sorted(found, key=lambda model: (model.used, model.key))

    @contextmanager
    def leased(self, keys: Collection[str]) -> Iterator[None]:
        """These models, those that are still to be made among them, are not removed while the block lasts."""
        lease = self._leases / f"{uuid.uuid4().hex}.json"
        self._leases.mkdir(parents=True, exist_ok=True)
        held = FileLock(lease.with_suffix(".lock"))
        with held.acquire(blocking=False):
            with self._guard():
                write_atomic(lease, json.dumps(sorted(keys)).encode())
            yield
        with self._guard():
            for file in (lease, lease.with_suffix(".lock")):
                file.unlink(missing_ok=True)

    def prune(self, keep: Collection[str] = (), budget_bytes: int = 0) -> list[Model]:
        """Removes models until the rest takes no more than a budget, what was used longest ago first; gives those gone.

        Those to `keep`, and those of a run that goes on, stay whatever room they take.
        """
        gone = []
        with self._guard():
            kept = {*keep, *self._leased()}
            models = self.all()
            room = sum(model.bytes for model in models)
            for model in models:
                if room > budget_bytes and model.key not in kept:
                    self.file(model.key).unlink(missing_ok=True)
                    room -= model.bytes
                    gone.append(model)
        return gone

    @property
    def _leases(self) -> Path:
        return self._root / "leases"

    def _guard(self) -> FileLock:
        """Held while leases are taken and models are removed, so that neither sees the other half done."""
        self._leases.mkdir(parents=True, exist_ok=True)
        return FileLock(self._leases / "guard.lock")

    def _leased(self) -> Iterable[str]:
        for lease in self._leases.glob("*.json"):
            lock = FileLock(lease.with_suffix(".lock"))
            try:
                with lock.acquire(blocking=False):
                    for file in (lease, lease.with_suffix(".lock")):
                        file.unlink(missing_ok=True)  # its run is gone
            except Timeout:
                yield from json.loads(lease.read_bytes())


def budget_bytes() -> int:
    """How much room models may take: what REPRO_MODELS_GIB says, else 20 GiB. Raises ValueError for no number."""
    said = os.environ.get("REPRO_MODELS_GIB", str(BUDGET_GIB))
    try:
        return int(float(said) * GIB)
    except (ValueError, OverflowError):
        raise ValueError(
            f"REPRO_MODELS_GIB is the room for trained models in GiB, such as 20; it is {said!r}"
        ) from None
