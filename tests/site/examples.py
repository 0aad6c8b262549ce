"""A small site to look at: one table that was run at two scales, one that was not, and every free text hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from repro.contracts import Measurement
from repro.plan.key import key_of
from repro.spec.base import Profile
from repro.store.record import Curve, DataUsed, Environment, KeyParts, Record
from repro.store.records import Store

HOSTILE = (
    "</script></style><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    '<!--" onfocus="window.hacked = 1" autofocus x="{{ 7 * 7 }}{% raw %}&amp;\u2028\u202e\x1b[31m javascript:alert(1)'
)
COLUMNS = {"loss": "-0.5", "time": "12.25"}


def spec(slug: str, *, method: str | None, title: str = HOSTILE) -> dict[str, Any]:
    """A spec whose free texts are hostile; without a method its rows are planned."""
    params = {"entropy": "const", "constant_epochs": 1, "epochs": 1}
    way: dict[str, Any] = {"method": method, "params": params} if method else {"planned": HOSTILE}
    return {
        "id": f"toy/{slug}",
        "title": title,
        "source": {"document": "seqgen", "table": "9.9", "paper": f"{slug} {HOSTILE}"},
        "task": "density-2d",
        "columns": {
            "loss": {"label": f"loss {HOSTILE}", "metric": "histogram-kl"},
            "time": {"label": f"time {HOSTILE}", "metric": "histogram-kl", "better": None},
        },
        "groups": {"g": {"label": HOSTILE}},
        "rows": [
            {"label": f"{label} {HOSTILE}", "group": "g", "published": published, "note": HOSTILE} | way
            for label, published in (
                ("ten", {"loss": "10.5", "time": "1"}), ("two", {"loss": "2.25", "time": "-"}),
                ("minus", COLUMNS),
            )
        ],
        "claims": [{"text": HOSTILE, "bound": {"rows": [f"minus {HOSTILE}"], "columns": ["loss"], "at_least": 0}}],
        "notes": [HOSTILE],
        "data": "four-gaussians",
        "margin": {"absolute": 0.1, "why": "made up for a test"},
        "profiles": {scale: {"seeds": 2} for scale in ("smoke", "laptop", "paper")},
    }  # fmt: skip


def record(table: dict[str, Any], row: int, seed: int, profile: Profile = "paper", **changes: Any) -> Record:
    """A record of a row: its numbers follow from row and seed, its key is the hash of its parts."""
    parts = KeyParts(
        method="egan",
        params={"a": HOSTILE, "rate": 0.1 * (row + 1)},
        data=DataUsed(name="four-gaussians", checksum="9f" * 32),
        seed=seed,
        profile=profile,
        task="density-2d",
        signatures={name: f"{name} {HOSTILE}" for name in COLUMNS},
        fingerprint={HOSTILE: "ab" * 8},
    )
    given = {
        "key": key_of(parts),
        "table": table["id"],
        "row": f"g/{table['rows'][row]['label']}",
        "parts": parts,
        "status": "ok",
        "measured": {
            name: Measurement(value=(20.375, 3.5, -1.75)[row] + seed, signature=parts.signatures[name])
            for name in COLUMNS
        },
        "curves": {HOSTILE: Curve(step=tuple(range(300)), value=tuple(step / 7 + row for step in range(300)))},
        "environment": Environment(
            python="3.11", packages={HOSTILE: "1"}, platform=HOSTILE, processor=HOSTILE, device="cpu", threads=1
        ),
        "commit": HOSTILE,
        "started": "2025-01-02T03:04:05Z",
        "seconds": 1.5,
        "redo": f"repro run {HOSTILE}",
    }
    return Record.model_validate(given | changes)


def write(folder: Path, store: Store) -> list[Path]:
    """The spec files, with the runs of the first in the store: one of them failed, one has a long log."""
    tables = [spec("measured", method="egan"), spec("planned", method=None), spec("runs", method="egan", title="Plain")]
    made = [record(tables[0], row, seed) for row in (0, 1) for seed in (0, 1)]
    made.append(record(tables[0], 2, 0, status="failed", measured={}, curves={}, message=HOSTILE, tail=HOSTILE))
    made.append(record(tables[0], 0, 0, "smoke"))
    for each in made:
        store.put(each)
    log = store.log_file(made[0].key)
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"step {step} {HOSTILE}\n" for step in range(2000)))
    paths = []
    for table in tables:
        paths.append(folder / f"{table['id'].partition('/')[2]}.yaml")
        paths[-1].write_text(json.dumps(table))
    return paths
