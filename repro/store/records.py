"""The working store: records, models, artifacts, logs, checkpoints and frozen plans of everybody's own runs.

`.repro/` in the working directory, or the folder that REPRO_STORE names. Every file appears whole or not at all. A
record is believed as `repro.store.written` says; a damaged one is moved aside and done again, one of a later version of
repro is left where it is, and never replaced. Each is one warning.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from repro.files import write_atomic
from repro.places import store_directory
from repro.store.models import Models
from repro.store.record import Record, TrainingRecord
from repro.store.written import Kind, LaterRecord, NoRecord, believed, written

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

RESOLUTION = timedelta(microseconds=1)
"""Of the moments that records have."""


class Store:
    """The files of a working store. Several processes may use one at once: what is kept in memory of records that were
    read counts only while their files are the same.
    """

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root).absolute() if root else store_directory()

    @property
    def plans(self) -> Path:
        """The folder of frozen plans."""
        return self.root / "plans"

    @property
    def checksums(self) -> Path:
        """The file in which checksums of data sets are remembered."""
        return self.root / "checksums.json"

    def record_file(self, table: str, key: str) -> Path:
        """Where a record is kept."""
        return self._records(table) / f"{key}.json"

    def log_file(self, key: str) -> Path:
        """Where the output of a job's last attempt is kept."""
        return self.root / "logs" / f"{key}.log"

    def artifact_file(self, key: str) -> Path:
        """Where the arrays of a job are kept."""
        return self.root / "artifacts" / f"{key}.npz"

    def training_file(self, key: str) -> Path:
        """Where the record of a training is kept."""
        return self.root / "trainings" / f"{key}.json"

    @property
    def models(self) -> Models:
        """The trained models."""
        return Models(self.root)

    def checkpoints(self, keys: Sequence[str]) -> Path:
        """The checkpoint folder of a pass over one job or several."""
        name = keys[0] if len(keys) == 1 else hashlib.sha256(" ".join(keys).encode()).hexdigest()[:32]
        return self.root / "checkpoints" / name

    def lock(self, key: str) -> FileLock:
        """The lock of a job: whoever trains it holds it, and the end of the process, however it comes, frees it."""
        folder = self.root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{key}.lock")

    def moment(self, after: str = "") -> str:
        """This moment as records have it, later than `after` and than all that this store gave before: where the clock
        has gone back, or is another machine's, what is new still comes after what is old.
        """
        file = self.root / "clock"
        with self.lock("clock"):
            moment = _later_than(max(after, _line(file)))
            write_atomic(file, moment.encode())
        return moment

    def is_locked(self, key: str) -> bool:
        """Whether some process trains the job now."""
        lock = self.lock(key)
        try:
            with lock.acquire(blocking=False):
                return False
        except TimeoutError:
            return True

    def get(self, table: str, key: str) -> Record | None:
        """The record of a job, whatever its status."""
        return read_record(self.record_file(table, key), key)

    def get_training(self, key: str) -> TrainingRecord | None:
        """The record of a training, whatever its status."""
        return _read(self.training_file(key), key, TrainingRecord, aside=True)

    def put_training(self, record: TrainingRecord) -> None:
        """Keeps the record of a training; that of a model that is there is never replaced by a failure."""
        file = self.training_file(record.key)
        if (record.status == "ok" or not self.is_trained(record.key)) and not is_later(file, TrainingRecord):
            write_atomic(file, written(record))

    def is_trained(self, key: str) -> bool:
        """Whether a training has its model."""
        record = self.get_training(key)
        return record is not None and record.status == "ok" and self.models.has(key)

    def is_done(self, table: str, key: str) -> bool:
        """Whether a job has its result."""
        record = self.get(table, key)
        return record is not None and record.status == "ok"

    def records(self, table: str | None = None) -> list[Record]:
        """All records of a table, or of all tables, in the order in which they were started."""
        folders = [self._records(table)] if table else sorted((self.root / "records").glob("*"))
        files = [file for folder in folders for file in sorted(folder.glob("*.json"))]
        found = [record for file in files if (record := read_record(file, file.stem)) is not None]
        return sorted(found, key=lambda record: (record.started, record.key))

    def put(self, record: Record, artifacts: Mapping[str, np.ndarray] | None = None) -> None:
        """Keeps a record, its arrays first. A result is never replaced by a failure, nor one of a later version."""
        file = self.record_file(record.table, record.key)
        if (record.status != "ok" and self.is_done(record.table, record.key)) or is_later(file, Record):
            return
        if artifacts:
            write_atomic(self.artifact_file(record.key), packed(artifacts))
        write_atomic(file, written(record))

    def artifacts(self, record: Record) -> dict[str, np.ndarray]:
        """The arrays that belong to a record; empty where it has none, or they are not there any more."""
        return read_artifacts(self.artifact_file(record.key), record)

    def forget_checkpoints(self, keys: Sequence[str]) -> None:
        """Removes the checkpoints of a pass that has its results."""
        shutil.rmtree(self.checkpoints(keys), ignore_errors=True)

    def _records(self, table: str) -> Path:
        return self.root / "records" / table.replace("/", "__")


def _later_than(moment: str) -> str:
    now = datetime.now(UTC)
    with suppress(ValueError, OverflowError):  # of no date
        if moment >= _written(now):
            return _written(datetime.fromisoformat(moment) + RESOLUTION)
    return _written(now)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _line(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, ValueError):
        return ""


def read_record(file: Path, key: str | None = None, *, aside: bool = True) -> Record | None:
    """A record that can be believed, or None: no file, or a wrong one that was moved aside, or left, with a warning."""
    return _read(file, key, Record, aside=aside)


KEPT_RECORDS = 20_000
"""Records that a process keeps in memory once it has read them."""
Stamp = tuple[int, int, int]


def is_later(file: Path, kind: type[Kind]) -> bool:
    """Whether a file holds a record of a later version of repro."""
    try:
        return isinstance(_parsed(file, _stamp(file), kind), LaterRecord)
    except OSError:
        return False


def _read(file: Path, key: str | None, kind: type[Kind], *, aside: bool) -> Kind | None:
    try:
        found = _parsed(file, stamp := _stamp(file), kind)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _warn(f"{file} cannot be read ({error.strerror}): left out")
        return None
    if isinstance(found, kind) and key in (None, found.key):
        return found
    problem = str(found) if isinstance(found, NoRecord) else f"it is the record of another job, {found.key}"
    if isinstance(found, LaterRecord):
        _warn(f"{file} is left as it is, and out: {problem}", stamp)
    elif aside:
        _move_aside(file, problem, stamp)
    else:
        _warn(f"{file} is no valid record ({problem}): left out", stamp)
    return None


def _stamp(file: Path) -> Stamp:
    there = file.stat()
    return there.st_ino, there.st_mtime_ns, there.st_size


@lru_cache(maxsize=KEPT_RECORDS)
def _parsed(file: Path, stamp: Stamp, kind: type[Kind]) -> Kind | NoRecord:  # noqa: ARG001 - the cache sees it
    """What a file says, or what is wrong with it, read once for each `stamp`: one command plans many tables."""
    try:
        return believed(file.read_bytes(), kind)
    except IsADirectoryError:
        return NoRecord("it is a folder")
    except NoRecord as problem:
        return problem.with_traceback(None)  # which would keep the contents


def _move_aside(file: Path, problem: str, stamp: Stamp) -> None:
    aside = file.parent / "corrupt" / file.name
    try:
        aside.parent.mkdir(exist_ok=True)
        file.replace(aside)
    except FileNotFoundError:  # another process was quicker
        return
    except OSError as error:  # a store that cannot be written
        _warn(f"{file} is no valid record ({problem}), and cannot be moved ({error.strerror}): left out", stamp)
        return
    log.warning("%s is no valid record (%s): moved to %s, the job counts as not run", file, problem, aside.parent)


@lru_cache(maxsize=KEPT_RECORDS)
def _warn(said: str, stamp: Stamp | None = None) -> None:  # noqa: ARG001 - the cache sees it
    """Says it once of a file, as long as that is the same, however often it is looked at."""
    log.warning("%s", said)


def packed(artifacts: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as the bytes of a compressed .npz file."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: artifacts[name] for name in sorted(artifacts)})  # type: ignore[arg-type]
    return buffer.getvalue()


def checksum(array: np.ndarray) -> str:
    """SHA-256 over an array's type, shape and contents: what a record says of each of its artifacts."""
    import numpy as np

    described = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(described + np.ascontiguousarray(array).tobytes()).hexdigest()


def read_artifacts(file: Path, record: Record) -> dict[str, np.ndarray]:
    """The arrays of a file that agree with a record; those that do not are left out with a warning."""
    from repro.arrays import Damaged, npz  # imports numpy

    try:
        with npz(file) as arrays:
            found = {name: arrays.array(name) for name in record.artifacts if name in arrays.names}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, Damaged) as error:
        log.warning("%s cannot be read (%s): left out", file, error)
        return {}
    wrong = [name for name, array in found.items() if checksum(array) != record.artifacts[name]]
    if wrong:
        log.warning("%s: %s is not what the record was made with: left out", file, ", ".join(wrong))
    return {name: array for name, array in found.items() if name not in wrong}
