"""The code that a number depends on, as one hash over the definitions that are reached.

From the addresses of a job (method, task, metrics) every name that a top-level definition uses is followed, within the
first-party packages, to the definition that it stands for: a function, a class with all its methods, an assignment.
The hash is over their syntax and over who uses whom, and over nothing else: no name of a module, no import, no name of
a definition, no neighbour of one. What a module does on import beside making names counts as soon as it is imported.

Annotations of functions are followed only where objects come from that no reached code has made: in the definitions
that a job starts from and in the types that they name. A data set is known from there alone. What is found by a
computed name is not seen: plugins by name, subclasses that register themselves, `if TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from repro.plan.code.definitions import Definitions
from repro.plan.code.modules import PACKAGES, Modules
from repro.plan.code.names import Reference
from repro.plan.key import Fingerprint

ALWAYS = (
    "repro.worker.streams:generator",
    "repro.worker.streams:of_part",
    "repro.worker.streams:of_evaluation",
    "repro.worker.seeding:for_training",
    "repro.worker.seeding:for_measurement",
    "repro.worker.units:in_units",
    "repro.tasks.protocol:view_of",
)
"""Code that numbers depend on without their method or task importing it: how random streams come from a seed, what a
training sees of its data, and units."""

Follow = Callable[[Reference], Iterable[Reference]]


class Fingerprinter:
    """Fingerprints of addresses. One instance reads each file once: make one for each plan.

    Packages are looked for in `folders` first.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = tuple(folders)
        self._trees: dict[Path, ast.Module] = {}
        self._known: dict[tuple[object, ...], Definitions] = {}

    def of(self, addresses: Iterable[str]) -> Fingerprint:
        """The fingerprint of `module:attribute` or `file.py:attribute` addresses, in whatever order."""
        files: dict[str, Path] = {}
        places = [_place(address, files) for address in (*ALWAYS, *addresses)]
        code = self._definitions(frozenset({*PACKAGES, *(module.partition(".")[0] for module, _ in places)}), files)
        starts = [code.start(*place) for place in dict.fromkeys(places)]
        given = _reached(starts, lambda reference: code[reference].types)

        def used(reference: Reference) -> tuple[Reference, ...]:
            found = code[reference]
            return (*found.uses, *found.types) if reference in given else found.uses

        starts += _effects(code, starts, used)
        hashes = sorted(_hash(code, start, used) for start in dict.fromkeys(starts))
        return Fingerprint(
            digest=hashlib.sha256(b"".join(hashes)).hexdigest()[:32],
            definitions=_shown(code, _reached(starts, used)),
        )

    def _definitions(self, packages: frozenset[str], files: dict[str, Path]) -> Definitions:
        """Those of one set of first-party packages and files: what is first-party for one job is not for another."""
        known = (packages, *sorted(files.items()))
        if known not in self._known:
            self._known[known] = Definitions(Modules(packages, files, self._folders, self._trees))
        return self._known[known]


def _place(address: str, files: dict[str, Path]) -> tuple[str, str]:
    """The module and the name of an address; a file goes by its stem, and its neighbours can be imported."""
    place, _, attribute = address.rpartition(":")
    if place.endswith(".py"):
        file = Path(place)
        place = file.stem if files.setdefault(file.stem, file) == file else str(file)
        files[place] = file
    return place, attribute.partition(".")[0]


def _effects(code: Definitions, starts: Iterable[Reference], used: Follow) -> list[Reference]:
    """What the modules do on import that are loaded when the definitions are used, or by those that they load."""
    found: dict[Reference, None] = {}
    loaded: set[str] = set()
    reached, waiting = set[Reference](), list(starts)
    while waiting:
        new = [reference for reference in _reached(waiting, used) if reference not in reached]
        reached.update(new)
        modules, waiting = [module for reference in new for module in code[reference].loads], []
        while modules:
            name = modules.pop()
            if name in loaded:
                continue
            loaded.add(name)
            modules.append(name.rpartition(".")[0])
            module = code.modules.get(name)
            if module is None or not code.modules.counts_on_import(name):
                continue
            modules += module.loads
            effects = code.effects(name)
            if effects is not None:
                found[effects] = None
                waiting.append(effects)
    return list(found)


def _reached(starts: Iterable[Reference], follow: Follow) -> dict[Reference, int]:
    """All that is reached from the starts, numbered in the order in which it is met."""
    number: dict[Reference, int] = {}
    waiting = list(starts)
    for reference in waiting:  # grows
        if reference not in number:
            number[reference] = len(number)
            waiting += follow(reference)
    return number


def _hash(code: Definitions, start: Reference, used: Follow) -> bytes:
    """The hash of all that is reached from one definition: of each its syntax, and by number what it uses.

    The numbers depend on the uses alone, so that equal graphs have equal hashes, whatever anything is called; mutual
    recursion is nothing special.
    """
    number = _reached([start], used)
    digest = hashlib.sha256()
    for reference in number:
        uses = [number[one] for one in used(reference)]
        digest.update(code[reference].code + repr(uses).encode())
    return digest.digest()


def _shown(code: Definitions, reached: Iterable[Reference]) -> dict[str, str]:
    """Name to hash of each definition's own syntax, for people; those of one name share an entry."""
    hashes = defaultdict[str, set[str]](set)
    for reference in reached:
        definition = code[reference]
        names = " ".join("" if one == reference else one.name for one in definition.uses)
        own = hashlib.sha256(definition.code + names.encode()).hexdigest()[:16]
        hashes[definition.name].add(own)
    return {name: " ".join(sorted(hashes[name])) for name in sorted(hashes)}
