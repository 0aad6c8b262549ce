"""A claim on the runs: each atom tested on both sides, and the conjunction of all of them decided.

- A comparison is a t test beyond its margin (`repro.verdict.comparison`).
- "At least so many of these", as a ranking by its pairwise orders, is a partial conjunction (Benjamini and Heller,
  2008), valid for dependent tests and without a bootstrap, which five seeds would not carry.
- A trend is its adjacent steps and its slope over equally spaced levels, all of them.
- What cannot be split is evaluated on resampled means (`repro.verdict.resampled`).
- The claim holds where every atom is decided for it at one-sided 0.05 (an intersection-union test: no correction is
  needed, Berger 1982). It fails where at least one is decided against it after Holm's correction over the atoms. It
  `mostly` holds where none is decided against it and at least MOST of them are decided for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from repro.spec.load import printed
from repro.spec.model import Table
from repro.spec.reading import Library
from repro.verdict.atoms import Atom, Cells, Linear, Several
from repro.verdict.comparison import compared, every_run
from repro.verdict.decision import Counts, Decision, Part
from repro.verdict.resampled import evaluated
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA, holm, partial_conjunction

MOST = 0.8


def part_of(table: Table, atom: Atom, runs: Runs, library: Library = printed) -> Part:
    """Tests one atom; `library` has the tables that an expression may quote."""
    if isinstance(atom, Several):
        return _several(table, atom, runs, library)
    if isinstance(atom, Linear) and atom.every_run and runs.cell(atom.rows[0].name, atom.cells[0][1]):
        return every_run(atom, runs)
    absent, blocked = obstacle(atom.cells, runs)
    if blocked:
        return Part(atom.text, blocked=blocked, absent=absent)
    return compared(table, atom, runs) if isinstance(atom, Linear) else evaluated(table, atom, runs, library)


def obstacle(cells: Cells, runs: Runs) -> tuple[bool, str]:
    """Why cells cannot be tested, and whether that is because nothing ran; empty where they can."""
    for row, column in cells:
        if row.kind != "method":
            return True, f"{row.name} is {row.kind} and never runs"
        if not runs.seeds(row.name, column):
            return True, f"{row.name} has no number"
    for row, column in cells:
        if lacking := runs.lacking(row.name, column):
            return False, f"{row.name}: {lacking}"
        sample = runs.sample(row.name, column)
        if sample is not None and sample.n == 1 and not sample.constant:
            return False, f"{row.name} has one seed"
    for column in dict.fromkeys(column for _, column in cells):
        ways = {way for row, of in cells if of == column for way in runs.ways_of(row.name, column)}
        if len(ways) > 1:
            return False, "signatures differ: " + " | ".join(sorted(ways))
    return False, ""


def _several(table: Table, atom: Several, runs: Runs, library: Library) -> Part:
    parts = [part_of(table, part, runs, library) for part in atom.parts]
    blocked = next((part for part in parts if part.blocked), None)
    if blocked:
        return Part(atom.text, blocked=blocked.blocked, absent=all(part.absent for part in parts if part.blocked))
    total, needed = len(parts), atom.needed
    p_for = partial_conjunction([part.p_for for part in parts], needed)
    p_against = partial_conjunction([part.p_against for part in parts], total - needed + 1)
    right = sum(part.leaning > 0 for part in parts)
    wrong = sum(part.leaning < 0 for part in parts)
    means = f"{right} of {total} are true" if atom.tau is None else f"tau of the means {(right - wrong) / total:.3g}"
    numbers = f"{means}, p = {min(p_for, p_against):.2g}"
    leaning = 1 if right >= needed else -1
    wanted = sorted(part.seeds for part in parts if part.leaning == leaning and part.seeds)
    return Part(atom.text, p_for, p_against, numbers, leaning=leaning, seeds=wanted[-1] if wanted else None)


def decide(parts: Sequence[Part]) -> Decision:
    """The conjunction of the parts."""
    if not parts:
        return Decision("not testable", "there is nothing to compare: no other row, or a column without a better side")
    against = [p < ALPHA for p in holm([part.p_against for part in parts])]
    wrong = [part for part, is_against in zip(parts, against, strict=True) if is_against]
    right = [part for part in parts if part.p_for < ALPHA]
    open_ = [part for part, is_against in zip(parts, against, strict=True) if not is_against and part.p_for >= ALPHA]
    counts = Counts(len(right), len(wrong), len(open_))
    absent = [part for part in open_ if part.absent]
    if absent and not wrong:
        tested = f"{counts}; " if len(absent) < len(parts) else ""
        return Decision("not testable", f"{tested}{absent[0].blocked}", counts if tested else None)
    if wrong:
        worst = min(wrong, key=lambda part: part.p_against)
        return Decision("fails", f"{counts}; worst: {_shown(worst)}", counts, tuple(part.text for part in wrong))
    if open_:
        worst = max(open_, key=lambda part: (bool(part.blocked), part.p_for))
        mostly = len(right) >= MOST * len(parts) and not any(part.blocked for part in open_)
        said = f"{counts}; worst: {_shown(worst)}{_seeds(open_)}"
        return Decision("mostly" if mostly else "undecided", said, counts)
    weakest = max(right, key=lambda part: part.p_for)
    return Decision("holds", f"{counts}; weakest: {_shown(weakest)}", counts)


def _shown(part: Part) -> str:
    return f"{part.text}: {part.blocked or part.numbers}"


def _seeds(parts: Sequence[Part]) -> str:
    """How many seeds would probably decide it: all parts that lean for it, or the first one that leans against it."""
    against = [part.seeds for part in parts if part.leaning < 0 and part.seeds]
    if against:
        return f"; about {min(against)} seeds would decide it (against)"
    if any(part.blocked or not part.foreseeable for part in parts):
        return ""
    wanted = [part.seeds for part in parts]
    known = [seeds for seeds in wanted if seeds]
    return (
        f"; about {max(known)} seeds would decide it" if len(known) == len(wanted) else "; more than 1000 seeds needed"
    )
