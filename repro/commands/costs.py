"""What the smoke scale of each table costs in CPU seconds, from the accepted records: `python -m repro.commands.costs`.

A training that several rows share counts once in its table, in the row that is listed first. A row with records of
before CPU seconds were counted costs `nan`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from repro.places import results_directory
from repro.store.accepted import all_results
from repro.store.record import Record

BUDGET_SECONDS = 5.0
"""CPU seconds that a row may cost at the scale smoke, data and measuring included."""


@dataclass(frozen=True)
class Cost:
    """One table at the scale smoke: its rows, the CPU seconds of all, and the row that costs most."""

    table: str
    rows: int
    seconds: float
    dearest: str
    most_seconds: float


def costs(records: list[Record]) -> list[Cost]:
    """The costs of tables, the dearest first; of each row those of its own measurements and of trainings new to it."""
    tables: dict[str, dict[str, float]] = {}
    counted: dict[str, set[str]] = {}
    for record in records:
        if record.profile != "smoke" or record.status != "ok":
            continue
        known = counted.setdefault(record.table, set())
        new = {used.key: used.cpu_seconds for used in record.trainings if used.key not in known}
        known.update(new)
        spent = [record.cpu_seconds, *new.values()]
        rows = tables.setdefault(record.table, {})
        rows[record.row] = rows.get(record.row, 0.0) + sum(math.nan if each is None else each for each in spent)
    found = []
    for table, rows in tables.items():
        dearest = max(rows, key=lambda row: (math.isnan(rows[row]), rows[row]))
        found.append(Cost(table, len(rows), sum(rows.values()), dearest, rows[dearest]))
    return sorted(found, key=lambda cost: (not math.isnan(cost.seconds), -cost.seconds))


def page(found: list[Cost]) -> str:
    """The costs as a Markdown table; rows above the budget are marked."""
    lines = ["| table | rows | CPU seconds | a row | dearest row |", "|:--|--:|--:|--:|:--|"]
    for cost in found:
        mark = " (above the budget)" if cost.most_seconds > BUDGET_SECONDS else ""
        lines.append(
            f"| {cost.table} | {cost.rows} | {cost.seconds:.1f} | {cost.seconds / cost.rows:.1f} | "
            f"{cost.dearest}: {cost.most_seconds:.1f}{mark} |"
        )
    total, rows = sum(cost.seconds for cost in found), sum(cost.rows for cost in found)
    return "\n".join([*lines, f"| all | {rows} | {total:.1f} | {total / max(1, rows):.1f} | |"])


if __name__ == "__main__":
    print(page(costs(all_results(results_directory()))))
