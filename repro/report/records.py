"""A record as a reader sees it: facts in words, and the learning curves of a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repro.plan.key import KeyParts, TrainingParts, WeightsUsed
from repro.report import escape
from repro.report.model import CurveView, RecordView
from repro.report.numbers import duration, size
from repro.spec.model import Table
from repro.store.origin import MEANS, Origin
from repro.store.record import GREATEST, Environment, Record, TrainingUsed

CURVE_POINTS = 160  # more than a small drawing can show


def anchor_of(record: Record) -> str:
    """Where the record stands in the report."""
    return f"record-{escape.slug(record.key)}"


def record_view(record: Record, table: Table, origin: Origin | None = None) -> RecordView:
    """All that a record says; measured values in full precision, by column label."""
    parts, labels = record.parts, {name: column.label for name, column in table.columns.items()}
    facts = [
        ("key", record.key),
        *((("whose", MEANS[origin]),) if origin else ()),
        *((("imported from", record.imported),) if record.imported else ()),
        *((("migrated from", record.migrated_from),) if record.migrated_from else ()),
        ("method", parts.method),
        ("seed", str(record.seed)),
        ("profile", record.profile),
        ("task", parts.task),
        ("data", f"{parts.data.name}, SHA-256 {parts.data.checksum}"),
        *(("starts from", f"weights {used.weights}, SHA-256 {used.sha256}") for used in _weights(parts)),
        ("commit", record.commit or "unknown"),
        ("started", record.started),
        *((f"trained: {used.method} on {used.data}, seed {used.seed}", _cost(used)) for used in record.trainings),
        ("time to measure" if record.trainings else "time", duration(record.seconds)),
        ("peak memory", "unknown" if record.peak_memory_bytes is None else size(record.peak_memory_bytes)),
        ("machine", "unknown" if record.environment is None else environment_line(record.environment)),
    ]
    return RecordView(
        key=record.key,
        anchor=anchor_of(record),
        seed=record.seed,
        status=record.status,
        message=record.message,
        tail=record.tail,
        facts=tuple(facts),
        params=tuple((name, _value(value)) for name, value in sorted(parts.params.items())),
        measured=(
            *((labels.get(name, name), repr(m.value), m.signature) for name, m in record.measured.items()),
            *((labels.get(name, name), text, parts.signatures[name]) for name, text in record.texts.items()),
        ),
        packages=tuple(sorted(record.environment.packages.items())) if record.environment else (),
        fingerprint=_code(parts),
        redo=record.redo,
    )


def _weights(parts: KeyParts) -> Iterator[WeightsUsed]:
    """The released weights that the model measured, and those beside it, come from in the end."""
    for trained in (parts.training, *parts.others.values()):
        start: TrainingParts | WeightsUsed | None = trained
        while isinstance(start, TrainingParts):
            start = start.start
        if start is not None:
            yield start


def _code(parts: KeyParts) -> tuple[tuple[str, str], ...]:
    """The hashes of the code: of all that training and measuring reach, and of each definition."""
    trained, measured = parts.training.fingerprint, parts.fingerprint
    each = sorted({**trained.definitions, **measured.definitions}.items())
    return (("(training)", trained.digest), ("(measurement)", measured.digest), *each)


def _cost(used: TrainingUsed) -> str:
    memory = "" if used.peak_memory_bytes is None else f", {size(used.peak_memory_bytes)}"
    return f"{duration(used.seconds)}{memory}, key {used.key}"


def environment_line(environment: Environment) -> str:
    """Where a job ran, on one line."""
    threads = f"{environment.threads} thread" + ("s" if environment.threads != 1 else "")
    where = f"{environment.processor}, {environment.device}, {threads}"
    return f"Python {environment.python}, {environment.platform}, {where}"


def _value(value: object) -> str:
    return repr(value) if not isinstance(value, str) else value


def curves(records: Sequence[Record]) -> tuple[CurveView, ...]:
    """The learning curves of one row, the seeds of a quantity together, thinned to what a small drawing can show."""
    names = dict.fromkeys(name for record in records for name in sorted(record.curves))
    return tuple(
        CurveView(
            name,
            tuple(
                (record.seed, _thinned(record.curves[name].step, record.curves[name].value))
                for record in records
                if name in record.curves and record.curves[name].step
            ),
        )
        for name in names
    )


def _thinned(steps: Sequence[int], values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """At most CURVE_POINTS points, first and last kept, none beyond what can be drawn. Curves of different length are
    cut to the shorter list."""
    points = [(float(step), min(max(value, -GREATEST), GREATEST)) for step, value in zip(steps, values, strict=False)]
    if len(points) <= CURVE_POINTS:
        return tuple(points)
    stride = (len(points) - 1) / (CURVE_POINTS - 1)
    return tuple(points[round(i * stride)] for i in range(CURVE_POINTS))
