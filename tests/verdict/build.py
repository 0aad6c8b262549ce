"""Tables and runs for the tests of the verdicts, built from the few numbers that a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repro.contracts import Measurement
from repro.spec.base import Profile
from repro.spec.claim import Claim
from repro.spec.model import Table
from repro.store.record import DataUsed, KeyParts, Record
from repro.verdict.runs import Runs

WHY = "two seed deviations of the test"


def table_of(
    rows: Mapping[str, Mapping[str, Any]] | Sequence[dict[str, Any]],
    *,
    columns: Mapping[str, dict[str, Any]] | None = None,
    margin: float | None = None,
    seeds: int = 1,
    claims: Sequence[dict[str, Any]] = (),
    groups: Mapping[str, dict[str, Any]] | None = None,
    **profile: Any,
) -> Table:
    """A table whose rows are `{label: {column: published cell}}`, or row dictionaries where more is to be said."""
    if isinstance(rows, Mapping):
        rows = [{"label": label, "published": dict(cells), "method": "m"} for label, cells in rows.items()]
    names = columns or {name: {} for row in rows for name in row.get("published", {})}
    settings = {"seeds": seeds, **profile}
    return Table.model_validate(
        {
            "id": "test/table",
            "title": "A table",
            "source": {"document": "dai2019", "table": "1", "paper": "A paper"},
            "task": "task",
            "margin": {"absolute": margin, "why": WHY} if margin is not None else None,
            "groups": dict(groups or {}),
            "columns": {name: {"label": name, "metric": "kl", **more} for name, more in names.items()},
            "rows": tuple(rows),
            "profiles": {"smoke": {"seeds": 1}, "laptop": settings, "paper": {"seeds": seeds}},
            "claims": tuple(claims),
        }
    )


def runs_of(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    expected: int | None = None,
    params: Mapping[str, dict[str, Any]] | None = None,
    **more: Any,
) -> Runs:
    """Runs from `{row: {column: values by seed}}`; all of them ended well."""
    by_seed: dict[str, dict[int, dict[str, float]]] = {}
    for row, columns in values.items():
        for column, numbers in columns.items():
            for seed, value in enumerate(numbers):
                by_seed.setdefault(row, {}).setdefault(seed, {})[column] = float(value)
    seeds = max((len(runs) for runs in by_seed.values()), default=1)

    def per_column(row: str, what: Any) -> dict[str, dict[int, Any]]:
        return {column: dict.fromkeys(range(len(numbers)), what) for column, numbers in values[row].items()}

    return Runs(
        values=by_seed,
        statuses={row: per_column(row, "ok") for row in by_seed},
        expected=expected or seeds,
        params={row: per_column(row, p) for row, p in (params or {}).items()},
        **more,
    )


def record_of(row: str, seed: int, profile: Profile = "paper", **more: Any) -> Record:
    """A record of the table of `table_of`; `measured` maps columns to numbers or to (number, signature)."""
    measured = more.pop("measured", {})
    pairs = {name: m if isinstance(m, tuple) else (m, "kl v1") for name, m in measured.items()}
    return Record(
        key=more.pop("key", f"{row}-{seed}"),
        table=more.pop("table", "test/table"),
        row=row,
        parts=KeyParts(
            method="m", params={}, data=DataUsed(name="d", checksum="0"), seed=seed, profile=profile, task="task",
            signatures=more.pop("signatures", {name: way for name, (_, way) in pairs.items()} or {"kl": "kl v1"}),
            fingerprint={},
        ),
        status=more.pop("status", "ok"),
        measured={name: Measurement(value=float(value), signature=way) for name, (value, way) in pairs.items()},
        started=more.pop("started", "2026-01-01T00:00:00Z"),
        seconds=1.0,
        redo="repro run",
        **more,
    )  # fmt: skip


def claim_of(**said: Any) -> Claim:
    """A claim that may be tested at every scale."""
    return Claim.model_validate({"text": "a claim", "holds_from": "smoke", **said})
