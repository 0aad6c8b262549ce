"""What draws figures: functions of a figure and its panels, see `repro.report.figures`."""

from __future__ import annotations

from repro.registry import families
from repro.registry.table import Registry

_SHARED = {
    "cumulative-shares": "repro.report.cumulative_shares:cumulative_shares",
    "energy-and-samples": "repro.report.energy_and_samples:energy_and_samples",
    "reconstructions": "repro.report.reconstructions:reconstructions",
}

FIGURES = Registry("figure", lambda: families.joined("FIGURES", _SHARED), group="repro.figures")
