"""How often a claim of each kind is called wrongly, and what five seeds see: simulated, and told as Markdown.

python -m tests.verdict.claim_error_rates [SIMULATED TABLES]

Each kind is met at its edge, where the true means are the last that make it true (equal for an order, at the limit for
a bound): there it should neither hold nor fail, and whatever is said is an error. `clear` is the same claim where every
part is true by three to five deviations of a seed (the last line: by two). All rows have one deviation but for
`unequal`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from repro.places import results_of
from repro.spec.load import load, printed
from repro.spec.tables import find
from repro.store.accepted import read_results
from repro.verdict.claims import atoms_of
from repro.verdict.on_runs import decide, part_of
from repro.verdict.runs import runs_from_records
from tests.verdict.build import claim_of, runs_of, table_of

Array = np.ndarray
Random = np.random.Generator
SEEDS = 5
WIDE = 36
"""Rows of the wide sentences, a pair of cells each."""

NOISE: dict[str, Callable[[Random, Array], Array]] = {
    "normal": lambda random, x: x + random.normal(size=x.shape),
    "lognormal": lambda random, x: x * np.exp(0.5 * random.normal(size=x.shape)),
    "skewed": lambda random, x: x + (np.exp(random.normal(size=x.shape)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e),
    "t, 3 df": lambda random, x: x + random.standard_t(3, size=x.shape) / np.sqrt(3),
    "unequal": lambda random, x: x + random.normal(size=x.shape) * 3.0 ** (np.arange(len(x))[:, None] % 3 - 1),
}
"""How the values of rows with means (rows, seeds) scatter. Lognormal are those of a column on a logarithmic scale."""


@dataclass(frozen=True)
class Kind:
    """A claim about rows R0, R1 and so on: the means at its edge, those where it is clear, and the margin if any.

    `ratios`: it is met at its edge under lognormal noise too, whose means are not those of the differences.
    """

    stated: Mapping[str, Any]
    edge: tuple[float, ...]
    clear: tuple[float, ...]
    margin: float | None = None
    ratios: bool = True


def _one(kind: str, **stated: Any) -> dict[str, Any]:
    return {kind: {"columns": ("kl",), **stated}}


def _wide(comparison: str) -> dict[str, Any]:
    pairs = [(f"R{2 * i}", f"R{2 * i + 1}") for i in range(WIDE)]
    return {"expression": f"all({comparison} for a, b in {pairs})".replace("'", '"')}


LESS = 'c(a,"kl") < c(b,"kl")'


def _said(text: str) -> dict[str, Any]:
    return {"expression": text}


THREE = {"rows": ("R0", "R1", "R2")}
NOT_SPLIT = 'c("R0","kl") * c("R1","kl") < 400'
EITHER = 'c("R0","kl") < c("R1","kl") or c("R0","kl") < c("R2","kl")'
TWO_OF_THREE = 'sum(c("R3","kl") < x for x in [c("R0","kl"), c("R1","kl"), c("R2","kl")]) >= 2'
KINDS: dict[str, Kind] = {
    "order": Kind(_one("order", lower=("R0",), higher=("R1", "R2")), (20, 20, 40), (20, 25, 25)),
    "order, margin 3": Kind(_one("order", lower=("R0",), higher=("R1",)), (23, 20), (20, 25), 3.0, ratios=False),
    "best": Kind(_one("best", row="R0"), (20, 20, 40), (20, 25, 25)),
    "bound": Kind(_one("bound", rows=("R0",), at_most=20.0), (20,), (17,)),
    "ratio": Kind(_one("ratio", row="R1", to="R0", at_least=2.0), (20, 40), (20, 48)),
    "gap": Kind(_one("gap", row="R1", to="R0", at_least=5.0), (20, 25), (20, 30), ratios=False),
    "ranking, tau 1": Kind(_one("ranking", **THREE, tau_at_least=1.0), (20, 20, 40), (20, 25, 30)),
    "ranking, tau 1/3": Kind(_one("ranking", **THREE, tau_at_least=0.3), (20, 20, 20), (20, 25, 30)),
    "trend": Kind(_one("trend", **THREE, direction="increasing"), (20, 20, 40), (20, 25, 30)),
    "`max(a, b) < c`": Kind(_said('max(c("R0","kl"), c("R1","kl")) < c("R2","kl")'), (20, 40, 40), (20, 20, 25)),
    "`a < b or a < c`": Kind(_said(EITHER), (20, 20, 20), (20, 25, 25)),
    "two of three": Kind(_said(TWO_OF_THREE), (40, 20, 20, 20), (25, 25, 25, 20)),
    "`a == b`, margin 3": Kind(_said('c("R0","kl") == c("R1","kl")'), (20, 23), (20, 20), 3.0, ratios=False),
    "`a * b < k`, not split": Kind(_said(NOT_SPLIT), (20, 20), (17, 17), ratios=False),
    "all of 36, one level": Kind(_wide(LESS), (20, 20) + (20, 25) * (WIDE - 1), (20, 25) * WIDE, ratios=False),
    "all of 36, a quarter level": Kind(
        _wide(LESS), (20, 20) * 9 + (20, 25) * (WIDE - 9), (20, 22) * WIDE, ratios=False
    ),
}


def verdicts(kind: Kind, means: tuple[float, ...], noise: str, tables: int, seed: int = 1) -> Counter[str]:
    """What is said in so many tables."""
    random = np.random.default_rng(seed)
    columns = {"kl": {"scale": "log" if noise == "lognormal" else "linear"}}
    rows = {f"R{i}": {"kl": f"{mean:g}"} for i, mean in enumerate(means)}
    table = table_of(rows, columns=columns, margin=kind.margin)
    parts = atoms_of(table, claim_of(**kind.stated), printed)
    found: Counter[str] = Counter()
    for _ in range(tables):
        values = NOISE[noise](random, np.tile(np.array(means, float)[:, None], SEEDS))
        runs = runs_of({f"R{i}": {"kl": row} for i, row in enumerate(values.tolist())})
        found[decide([part_of(table, part, runs) for part in parts]).verdict] += 1
    return found


def share(found: Counter[str], *said: str) -> float:
    """The share of tables in which one of these is said, in percent."""
    return 100 * sum(found[verdict] for verdict in said) / sum(found.values())


def lines(tables: int) -> Iterator[str]:
    """The table: holds / fails at the edge for each noise, and holds where it is clear; mostly in brackets."""
    yield f"| claim | {' | '.join(NOISE)} | clear |"
    yield f"|:--|{'--:|' * (len(NOISE) + 1)}"
    for name, kind in KINDS.items():
        edges = []
        for noise in NOISE:
            if noise == "lognormal" and not kind.ratios:
                edges.append("")
                continue
            found = verdicts(kind, kind.edge, noise, tables)
            mostly = f" ({share(found, 'mostly'):.0f})" if found["mostly"] else ""
            edges.append(f"{share(found, 'holds'):.1f}{mostly} / {share(found, 'fails'):.1f}")
        clear = verdicts(kind, kind.clear, "normal", tables)
        mostly = f" ({share(clear, 'mostly'):.0f})" if clear["mostly"] else ""
        yield f"| {name} | {' | '.join(edges)} | {share(clear, 'holds'):.0f}{mostly} |"


def if_print_were_true(table_id: str, tables: int, seed: int = 1) -> Iterator[tuple[str, Counter[str]]]:
    """What is said of a table's claims where every printed number is the true mean of its cell.

    Noise is normal with the relative deviations of the accepted runs at paper scale.
    """
    table = load(find(table_id))
    records = read_results(results_of(table.id), table.id)
    accepted = runs_from_records(table, records, "paper")
    cells = {}
    for row in table.rows:
        for column, cell in row.published.items():
            sample = accepted.sample(row.name, column)
            if cell.printed.value is not None and sample is not None:
                cells[row.name, column] = (cell.printed.value, sample.sd / sample.mean)
    parts = {claim.text: atoms_of(table, claim, printed) for claim in table.claims if not claim.is_invariant}
    random = np.random.default_rng(seed)
    found: dict[str, Counter[str]] = {text: Counter() for text in parts}
    for _ in range(tables):
        values: dict[str, dict[str, list[float]]] = {}
        for (name, column), (mean, spread) in cells.items():
            values.setdefault(name, {})[column] = (mean * (1 + spread * random.normal(size=SEEDS))).tolist()
        runs = runs_of(values)
        for text, atoms in parts.items():
            found[text][decide([part_of(table, part, runs) for part in atoms]).verdict] += 1
    return iter(found.items())


def main(tables: int) -> None:
    """Prints both tables."""
    for line in lines(tables):
        print(line, flush=True)
    print(
        "\n| claim of cegan/kl-2d, if the print were true | holds | mostly | undecided | fails |\n|:--|--:|--:|--:|--:|"
    )
    for text, found in if_print_were_true("cegan/kl-2d", tables // 5):
        said = [f"{share(found, verdict):.0f}" for verdict in ("holds", "mostly", "undecided", "fails")]
        print(f"| {text[:70].replace('|', chr(92) + '|')} | {' | '.join(said)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
