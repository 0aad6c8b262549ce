"""What a worker has while it lives: its settings, the store, whether it is to stop, and how ends become statuses."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from repro.contracts import Diverged, MissingData, MissingDevice
from repro.devices import require
from repro.impersonal import impersonal
from repro.objects import load
from repro.plan.difference import code_difference
from repro.plan.fingerprint import Fingerprinter
from repro.plan.key import DataUsed, Fingerprint
from repro.printable import message_of, printable
from repro.store.record import Status
from repro.store.records import Store
from repro.worker.clock import Time
from repro.worker.environment import commit, environment, peak_memory_bytes

TAIL_LINES = 30
TAIL_CHARACTERS = 500


@dataclass(frozen=True)
class Settings:
    """How a worker runs, none of which may move a number."""

    device: str = "cpu"
    threads: int = 1
    checkpoint_seconds: float = 60.0


class Stop:
    """Whether SIGTERM has come. It is looked at when the method offers a checkpoint, never in between."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def __call__(self) -> bool:
        """True from the first SIGTERM on."""
        return self.asked


@dataclass
class Session:
    """One worker's doings."""

    store: Store
    settings: Settings
    stop: Stop
    progress: int | None = None
    force_before: str | None = None
    code: Callable[[], Fingerprinter] = Fingerprinter
    commit: str | None = field(default_factory=commit)
    _data: dict[str, Any] = field(default_factory=dict)

    def data(self, address: str, wanted: DataUsed) -> Any:
        """A data set, whose contents must be those of the plan; loaded once. Raises MissingData."""
        if address not in self._data:
            self._data[address] = load(address)()
        found = self._data[address].checksum
        if found != wanted.checksum:
            raise RuntimeError(
                f"data set {wanted.name} has checksum {found[:12]}, the plan was made with {wanted.checksum[:12]}: "
                "remove checksums.json in the store and run again"
            )
        return self._data[address]

    def began(self) -> str:
        """This moment as records have it, later than the one at which a run was forced."""
        return self.store.moment(after=self.force_before or "")

    def is_old(self, started: str) -> bool:
        """Whether a result is from before the moment at which a run was forced, and does not count."""
        return self.force_before is not None and started < self.force_before

    def prepare(self) -> None:
        """Threads, determinism and the device, for methods that are written in torch; the others do without it."""
        require(self.settings.device)
        torch_module: Any = sys.modules.get("torch")
        if torch_module is None:
            return
        torch_module.set_num_threads(self.settings.threads)
        torch_module.set_deterministic_debug_mode("warn")
        torch_module.backends.cudnn.benchmark = False

    def check_code(self, addresses: Iterable[str], planned: Fingerprint) -> None:
        """Numbers must not be filed under the code of the plan when they come from code that has changed since."""
        now = self.code().of(addresses)
        if changed := code_difference(planned, now):
            raise RuntimeError(f"{'; '.join(changed)} since the plan was made: run again to make a new plan")

    def ran(self, started: str, spent: Time) -> dict[str, Any]:
        """What every record says of where and when it was made."""
        return {
            "environment": environment(self.settings.device, self.settings.threads),
            "commit": self.commit,
            "started": started,
            "seconds": round(spent.seconds, 3),
            "cpu_seconds": round(spent.cpu_seconds, 3),
            "peak_memory_bytes": peak_memory_bytes(),
        }


def classify(error: BaseException) -> Status:
    """The status that an exception of a method or a task stands for."""
    if isinstance(error, Diverged):
        return "diverged"
    if isinstance(error, MissingData):
        return "missing data"
    if isinstance(error, MissingDevice):
        return "missing device"
    no_memory = ("out of memory", "can't allocate memory", "not enough memory")
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in message_of(error).lower() for words in no_memory)
    ):
        return "out of memory"
    return "failed"


def failure(error: BaseException) -> dict[str, Any]:
    """Status, message and the end of the traceback of what went wrong; all of it, with full paths, goes to the log too.

    An error of any kind can be recorded: one that cannot say what it is, one of megabytes, one that is no UTF-8.
    """
    status, message = classify(error), impersonal(message_of(error))
    if status not in ("diverged", "missing data", "missing device") or not message:
        message = f"{type(error).__name__}: {message}"
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
    print("\n".join(printable(line) for line in lines), file=sys.stderr, flush=True)
    return {
        "status": status,
        "message": message,
        "tail": "\n".join(printable(impersonal(line), TAIL_CHARACTERS) for line in lines[-TAIL_LINES:]),
    }
