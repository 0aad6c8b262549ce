"""Numbers at the ends of what records may have are judged and shown, in every format."""

from __future__ import annotations

import pytest

from repro.report.build import build
from repro.report.render import render
from repro.spec.base import Profile
from repro.spec.load import shape
from repro.store.record import GREATEST, Curve
from repro.verdict.table import judge
from tests.cli import toys
from tests.verdict.build import record_of
from tests.worker.tables import registered

LARGEST = 1.7e308


@pytest.mark.parametrize("values", [
    (GREATEST, GREATEST / 2), (GREATEST, -GREATEST), (-GREATEST,), (1e-310, 5e-324), (0.0, 5e-324), (1e-200, 1e-160),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("profile", ["smoke", "paper"])
def test_numbers_however_large_or_small_are_judged_and_shown(values: tuple[float, ...], profile: Profile) -> None:
    with registered():
        table, _ = shape(toys.SPEC.replace("BEHAVIOUR", "").replace("CLAIMED", "-1.0e+9"), "walks.yaml")
    curve = Curve(step=(-(2**53), 0, 2**53), value=(-LARGEST, 5e-324, LARGEST))
    records = [
        record_of(row, seed, profile, table="toy/walks", measured={"mean": (value, "mean v1")}, curves={"loss": curve})
        for row in ("Good", "Other")
        for seed, value in enumerate(values)
    ]
    view = build(table, judge(table, records, profile, frozenset()), records, None)
    for form in ("text", "md", "html", "tex", "csv", "json"):
        assert "Good" in render(view, form)
