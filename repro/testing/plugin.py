"""A pytest plugin: `pytest --repro cegan/kl-2d` has a test for every accepted row of the table, and runs the gate.

    --repro TABLE            a table to check; may be repeated
    --repro-profile SCALE    the scale of the runs: smoke, if nothing is said
    --repro-no-run           compare the runs that are there, make none

A row fails where a cell of it is worse than accepted beyond noise, and where it cannot be compared. All tables of a
session are checked once and together, when the first of these tests runs. Without the option nothing of the project is
imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from repro.gate.model import Check

CHECKED: pytest.StashKey[Check] = pytest.StashKey()


class RowIsWorse(Exception):
    """A row is not what was accepted; the message says which cell, and how that was tested."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options above."""
    group = parser.getgroup("repro", "regression gate of reproduced tables")
    group.addoption("--repro", action="append", default=[], metavar="TABLE", help="check this table; may be repeated")
    group.addoption("--repro-profile", default="smoke", metavar="SCALE", help="scale of the runs (default: smoke)")
    group.addoption("--repro-no-run", action="store_true", help="compare the runs that are there, make none")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose among the tests
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of the tables that were asked for."""
    for name in config.getoption("--repro"):
        items.extend(_tests(session, name, config.getoption("--repro-profile")))


def _tests(session: pytest.Session, name: str, scale: str) -> Iterator[pytest.Item]:
    from repro.commands.check import accepted_records
    from repro.spec.load import load
    from repro.spec.names import profile_named
    from repro.spec.problems import SpecError
    from repro.spec.tables import find

    try:
        table = load(find(name))
        accepted = accepted_records(table, profile_named(scale))
    except (ValueError, SpecError) as error:
        raise pytest.UsageError(f"--repro {name}: {error}") from error
    if not accepted:
        raise pytest.UsageError(f"--repro {name}: nothing is accepted at {scale} scale: nothing to compare with")
    place = TableTests.from_parent(session, name=table.id, nodeid=table.id)
    for row in sorted({record.row for record in accepted}):
        yield RowTest.from_parent(place, name=row)


class TableTests(pytest.Collector):
    """What the tests of a table have in common: their place in the report."""

    def collect(self) -> list[pytest.Item]:
        """Nothing more: the tests are made with it."""
        return []


class RowTest(pytest.Item):
    """One accepted row of a table."""

    def runtest(self) -> None:
        """Fails in the words of the gate."""
        from repro.gate.model import INCOMPLETE, JUDGED
        from repro.gate.words import said

        assert self.parent is not None
        mine = [o for o in _check(self.config).outcomes if (o.table, o.row) == (self.parent.name, self.name)]
        bad = [f"{o.status}: {o.column or 'the row'}: {said(o)}" for o in mine if o.status in JUDGED | INCOMPLETE]
        if bad:
            raise RowIsWorse("\n".join(bad))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> str:
        """The gate's words alone; a traceback where the gate itself is at fault."""
        if isinstance(excinfo.value, RowIsWorse):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Table and row instead of a file and a line."""
        assert self.parent is not None
        return self.parent.name, None, f"{self.parent.name}: {self.name}"


def _check(config: pytest.Config) -> Check:
    """The check of all tables of the session, made when it is first asked for."""
    if CHECKED not in config.stash:
        from repro.commands.check import Request, check_tables
        from repro.spec.names import profile_named

        profile = profile_named(config.getoption("--repro-profile"))
        request = Request(profile, no_run=config.getoption("--repro-no-run"))
        config.stash[CHECKED] = check_tables(config.getoption("--repro"), request)
    return config.stash[CHECKED]
