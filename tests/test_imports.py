"""Who imports whom: no circle at import, the harness knows no family, and families know nothing of runs and reports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("plan", "engines", "store", "evidence", "verdict", "report", "site", "gate", "commands", "cli", "worker")
RUNS_AND_REPORTS = tuple(f"repro.{room}." for room in ROOMS)


@cache
def modules() -> dict[str, Path]:
    """The modules of both packages by name."""
    files = [file for package in ("repro", "baselines") for file in (ROOT / package).rglob("*.py")]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imported(name: str, *, at_import: bool) -> set[str]:
    """The modules of ours that a module imports: when it is itself imported, or ever."""
    body: list[ast.stmt] = ast.parse(modules()[name].read_text()).body
    found: set[str] = set()
    for node in _flat(body) if at_import else (each for one in body for each in ast.walk(one)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & modules().keys() - {name}


def _flat(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The statements that are run on import, those under `if TYPE_CHECKING` left out."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        for inner in ("body", "orelse", "finalbody") if isinstance(node, ast.If | ast.Try | ast.With) else ():
            yield from _flat(getattr(node, inner, []))


def test_no_module_is_imported_while_it_is_being_imported() -> None:
    """A package whose `__init__` only exports counts as what it exports from: the order is one for all modules."""
    graph = {
        name: {each for each in imported(name, at_import=True) if not name.startswith(f"{each}.")} for name in modules()
    }
    assert len(list(TopologicalSorter(graph).static_order())) == len(modules()) > 300


def test_no_folder_needs_one_that_needs_it() -> None:
    """The folders of the harness have an order too: each is imported after those that it is made of."""
    graph: dict[str, set[str]] = {}
    for name in modules().keys() - {"repro", "repro.api"}:  # the front door, which gathers names from everywhere
        others = {folder(other) for other in imported(name, at_import=True) - {"repro"}}
        graph.setdefault(folder(name), set()).update(others - {folder(name)})
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph) > 20


def folder(name: str) -> str:
    """The folder of a module below `repro`, or the module itself where it lies in `repro`; the folder of a family."""
    return ".".join(name.split(".")[:2])


def test_the_harness_imports_no_family() -> None:
    assert not {
        (name, other) for name in modules() if name.startswith("repro.")
        for other in imported(name, at_import=False) if other.partition(".")[0] == "baselines"
    }  # fmt: skip


def test_families_know_nothing_of_runs_and_reports() -> None:
    assert not {
        (name, other) for name in modules() if name.startswith("baselines.")
        for other in imported(name, at_import=False) if other.startswith(RUNS_AND_REPORTS)
    }  # fmt: skip
