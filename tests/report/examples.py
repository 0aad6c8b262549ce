"""A table like dai2019/B.2, with a verdict and records for it, made by hand: every status occurs in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from repro.contracts import Measurement
from repro.plan.key import DataUsed, Fingerprint, KeyParts, TrainingParts
from repro.spec.model import Table
from repro.store.record import Curve, Environment, Record
from repro.verdict.model import CellStatus, CellVerdict, ClaimVerdict, Interval, TableVerdict

PAIRS = [
    ("gen", "emp"), ("emp", "gen"), ("gen", "data"), ("data", "gen"), ("disc", "emp"),
    ("emp", "disc"), ("disc", "data"), ("data", "disc"), ("gen", "disc"), ("disc", "gen"),
]  # fmt: skip
# Thesis of Dai, Table B.2, as printed; the headings of the groups first.
PRINTED = {
    "gaussian": (("Gaussian Mixture", "0.0291", "0.0159"), """
        GAN          0.3034 0.5024 0.2498 0.4807 6.7587 2.0648 6.2020 2.0553 2.4596 7.0895
        EGAN-Const   0.2711 0.4888 0.2239 0.4735 6.7916 2.1243 6.2159 2.1149 2.5062 7.0553
        EGAN-Ent-VI  0.1422 0.1367 0.0896 0.1214 0.8866 0.6532 0.7215 0.6442 0.7711 1.0638
        EGAN-Ent-NN  0.1131 0.1006 0.0621 0.0862 0.0993 0.1356 0.0901 0.1187 0.1905 0.1208"""),
    "biased": (("Biased Gaussian Mixture", "0.0273", "0.0144"), """
        GAN          0.0788 0.0705 0.0413 0.0547 7.1539 2.5230 6.4927 2.5018 2.5205 7.1140
        EGAN-Const   0.1545 0.1649 0.1211 0.1519 7.1568 2.5269 6.4969 2.5057 2.5860 7.1995
        EGAN-Ent-VI  0.0576 0.0668 0.0303 0.0518 3.9151 1.3574 2.9894 1.3365 1.4052 4.0632
        EGAN-Ent-NN  0.0784 0.0574 0.0334 0.0422 0.8505 0.3480 0.5199 0.3299 0.3250 0.7835"""),
    "spirals": (("Two-spiral Gaussian Mixture", "0.3892", "1.2349"), """
        GAN          0.5297 0.2701 0.3758 0.7240 6.3507 1.7180 4.3818 1.0866 1.6519 5.7694
        EGAN-Const   0.7473 1.0325 0.7152 1.6703 5.9930 1.5732 3.9749 0.9703 1.8380 6.0471
        EGAN-Ent-VI  0.2014 0.1260 0.4283 0.8399 1.1099 0.3508 0.3061 0.4037 0.4324 0.9917
        EGAN-Ent-NN  0.1246 0.1147 0.4475 1.2435 0.1036 0.0857 0.4086 0.7917 0.1365 0.1686"""),
}  # fmt: skip
METHODS = {"GAN": "gan-2d", "EGAN-Const": "egan", "EGAN-Ent-VI": "egan", "EGAN-Ent-NN": "egan"}


def kl(first: str, second: str) -> str:
    """The id of a KL column."""
    return f"{first}-{second}"


def table(**changes: Any) -> Table:
    """dai2019/B.2 with its 126 printed numbers, two supplementary columns and a control row a group."""
    columns: dict[str, Any] = {
        kl(a, b): {"label": f"KL(p_{a}||p_{b})", "metric": "histogram-kl", "args": {"of": a, "to": b}, "unit": "nats"}
        for a, b in [("data", "emp"), ("emp", "data"), *PAIRS]
    }
    columns["tempered"] = {"label": "tempered KL(p_data||p_disc)", "metric": "tempered-kl", "supplementary": True}
    columns["temperature"] = {"label": "temperature", "metric": "temperature", "better": None, "supplementary": True}
    rows: list[dict[str, Any]] = []
    for group, ((_, emp, data), lines) in PRINTED.items():
        heading: dict[str, Any] = {"data-emp": emp, "emp-data": data}
        if group == "spirals":
            why = "the two numbers of the spirals' heading are exchanged in print"
            heading = {
                "data-emp": {"value": emp, "corrected": {"value": data, "why": why}},
                "emp-data": {"value": data, "corrected": {"value": emp, "why": why}},
            }
        rows.append({"label": "p_data, p_emp", "group": group, "method": "data", "published": heading})
        for line in lines.split("\n")[1:]:
            label, *values = line.split()
            published = {kl(*pair): value for pair, value in zip(PAIRS, values, strict=True)}
            rows.append({"label": label, "group": group, "method": METHODS[label], "published": published})
        control = {"label": "EGAN-Ent-NN untrained", "group": group, "method": "egan", "control": True}
        rows.append(control | {"params": {"steps": 0}})
    document: dict[str, Any] = {
        "id": "cegan/kl",
        "title": "Pairwise KL divergence between distributions",
        "source": {
            "document": "dai2019", "table": "B.2", "arxiv": "1702.01691", "lines": "2040-2066",
            "paper": "Dai et al. (2017), Calibrating Energy-based Generative Adversarial Networks",
        },
        "task": "density-2d",
        "margin": {"absolute": 0.02, "relative": 0.1, "why": "two grids of the reference code differ by this much"},
        "groups": {name: {"label": heading[0]} for name, (heading, _) in PRINTED.items()},
        "columns": columns,
        "rows": rows,
        "profiles": {
            "smoke": {"seeds": 1}, "laptop": {"seeds": 3},
            "paper": {"seeds": 5, "note": "the published networks, batch size and schedules"},
        },
        "claims": [
            {
                "text": "EGAN-Ent-NN beats the baselines on every measure of the discriminator", "where": "line 2062",
                "order": {"lower": ["EGAN-Ent-NN"], "higher": ["GAN", "EGAN-Const"], "columns": ["data-disc"]},
            },
            {
                "text": "The generators of the proposed methods are closer to the data", "where": "line 2062",
                "order": {"lower": ["EGAN-Ent-VI"], "higher": ["GAN"], "columns": ["gen-data"]},
            },
        ],
        "figures": [
            {"label": "B.1", "title": "True energies and samples", "draw": "energy-and-samples",
             "rows": ["p_data, p_emp"]},
            {"label": "B.3", "title": "Energies of the proposed models", "draw": "energy-and-samples",
             "rows": ["EGAN-Ent-VI", "EGAN-Ent-NN"]},
        ],
        "notes": ["Bold face in print marks the lowest divergence within a group."],
    }  # fmt: skip
    return Table.model_validate(document | changes)


def record(spec: Table, row: str, seed: int, **changes: Any) -> Record:
    """One record of a row that measured every column, with values that follow from row, column and seed."""
    number = next(i for i, other in enumerate(spec.rows) if other.name == row)
    values = {}
    for i, name in enumerate(spec.columns):
        printed = spec.rows[number].published.get(name)
        centre = (printed.target.value if printed else None) or 0.5 + 0.01 * i
        values[name] = centre * (1 + 0.02 * (seed - 2)) + 0.001 * i
    data = DataUsed(name="four-gaussians", checksum="9f" * 32)
    training = TrainingParts(
        method=spec.rows[number].method or "none",
        params={"batch_size": 200, "entropy": "nearest-neighbour", "learning_rate": 0.001, "unit_norm": True},
        data=data,
        seed=seed,
        fingerprint=Fingerprint(digest="ab" * 16, definitions={"EnergyGan": "ab" * 8}),
    )
    parts = KeyParts(
        training=training,
        row=row,
        data=data,
        profile="paper",
        task="density-2d",
        signatures={name: f"{c.metric} v1, 100x100 grid, float64" for name, c in spec.columns.items()},
        fingerprint=Fingerprint(digest="cd" * 16, definitions={"histogram_kl": "cd" * 8}),
    )
    steps = tuple(range(0, 5000, 10))
    given: dict[str, Any] = {
        "key": f"{number:02d}{seed:02d}" + "e7" * 30,
        "table": spec.id,
        "row": row,
        "parts": parts,
        "status": "ok",
        "measured": {n: Measurement(value=v, signature=parts.signatures[n]) for n, v in values.items()},
        "curves": {
            "energy of data": Curve(step=steps, value=tuple(1 / (1 + 0.01 * s) + 0.05 * seed for s in steps)),
            "energy of samples": Curve(step=steps, value=tuple(1 - 1 / (1 + 0.003 * s) - 0.03 * seed for s in steps)),
        },
        "environment": Environment(
            python="3.11.7", packages={"torch": "2.5.1", "numpy": "2.4.6"}, platform="Linux x86_64",
            processor="some CPU", device="cpu", threads=1,
        ),
        "commit": "0123abc",
        "started": "2025-01-02T03:04:05Z",
        "seconds": 1812.5 + seed,
        "peak_memory_bytes": 734003200,
        "redo": f"repro run dai2019/B.2 --profile paper --rows '{row}' --seeds {seed}",
    }  # fmt: skip
    return Record.model_validate(given | changes)


def records(spec: Table, seeds: int = 3) -> list[Record]:
    """`seeds` records a method row, and one that diverged."""
    rows = [row for row in spec.rows if row.kind == "method"]
    made = [record(spec, row.name, seed) for row in rows for seed in range(1, seeds + 1)]
    last = rows[-2].name
    made.append(
        record(spec, last, seeds + 1, status="diverged", measured={}, curves={}, message="energy is not finite",
               tail="step 310\nstep 320: energy nan")
    )  # fmt: skip
    return made


def verdict(spec: Table, made: list[Record]) -> TableVerdict:
    """A verdict with each status somewhere, and one stale row."""
    cycle: list[CellStatus] = [
        "reproduced",
        "consistent",
        "inconclusive",
        "tension",
        "deviates better",
        "deviates worse",
    ]
    odd: dict[tuple[int, int], CellStatus] = {
        (1, 2): "deviates", (1, 3): "reduced", (1, 4): "not comparable", (1, 5): "within the margin (1 seed)",
        (1, 6): "outside the margin (1 seed)", (2, 2): "failed", (2, 3): "missing",
        (2, 4): "partial", (2, 5): "not run",
    }  # fmt: skip
    cells = {}
    for i, row in enumerate(spec.rows):
        for j, (name, column) in enumerate(spec.columns.items()):
            printed = row.published.get(name)
            if printed is None and not column.supplementary and not row.control:
                continue
            status = odd.get((i, j)) or ("measured" if printed is None else cycle[(i + j) % len(cycle)])
            values = [r.measured[name].value for r in made if r.row == row.name and name in r.measured]
            if status in ("failed", "missing", "not run") or not values:
                cells[row.name, name] = CellVerdict(row.name, name, status, detail=f"nothing was measured: {status}")
                continue
            mean = float(np.mean(values))
            std = float(np.std(values, ddof=1)) if len(values) > 1 else None
            target = printed.target.value if printed else None
            judged = target is not None
            cells[row.name, name] = CellVerdict(
                row.name, name, status, target=target, mean=mean, std=std, n=len(values),
                scale=column.scale,
                margin=(1.25 if column.scale == "log" else 0.02) if judged else None,
                difference=_around(mean, target, column.scale) if target is not None else None,
                prediction=Interval(mean - 0.1, mean + 0.1) if judged else None, p=0.2 if judged else None,
                p_adjusted=0.31 if judged else None, seeds_needed=9 if status == "tension" else None,
                stale=i == 7, detail="differs by 0.01",
            )  # fmt: skip
    claims = (
        ClaimVerdict(spec.claims[0].text, "order", "holds", "p < 0.001 in 3 of 3 groups", "holds", "all 3 groups",
                     control="EGAN-Ent-NN untrained: fails, as it must") ,
        ClaimVerdict(spec.claims[1].text, "order", "undecided", "needs about 7 seeds", "fails",
                     "0.3758 < 0.4283 on the two spirals"),
    )  # fmt: skip
    return TableVerdict(spec.id, "paper", cells, claims)


def _around(mean: float, target: float, scale: str) -> Interval:
    if scale == "log":
        return Interval(mean / target / 1.1, mean / target * 1.1)
    return Interval(mean - target - 0.01, mean - target + 0.01)


def arrays(shift: float = 0.0) -> dict[str, np.ndarray]:
    """The arrays of one record: an energy on a grid, real points and samples."""
    rng = np.random.default_rng(7)
    nodes = np.linspace(-4, 4, 100)
    x, y = np.meshgrid(nodes, nodes, indexing="ij")
    centres = np.array([[-2.0, -2.0], [2.0, -2.0], [-2.0, 2.0], [2.0, 2.0]])
    density = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * 0.4**2)) for a, b in centres)
    points = centres[rng.integers(4, size=4000)]
    return {
        "energy": (-np.log(density + 1e-8) + shift * np.sin(3 * x)).astype(np.float32),
        "x": nodes,
        "y": nodes,
        "samples": (points + rng.normal(0, 0.45, points.shape)).astype(np.float32),
        "data": (points + rng.normal(0, 0.4, points.shape)).astype(np.float32),
    }


def hostile(text: str) -> Table:
    """A table whose every free text is `text`."""
    return table(
        title=text,
        notes=[text],
        columns={"a": {"label": text, "metric": "histogram-kl"}, "b": {"label": "b" + text, "metric": "histogram-kl"}},
        groups={"g": {"label": text}},
        rows=[{"label": text, "group": "g", "method": "egan", "published": {"a": "1.5", "b": "2.5"}, "note": text}],
        claims=[{"text": text, "order": {"lower": ["x"], "higher": ["y"], "columns": ["a"]}}],
        figures=[],
    )
