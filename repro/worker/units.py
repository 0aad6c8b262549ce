"""From the units that metrics compute in to those of the columns."""

from __future__ import annotations

from collections.abc import Mapping

from repro.contracts import Measurement


def in_units(measured: Mapping[str, Measurement], factors: Mapping[str, float]) -> dict[str, Measurement]:
    """Numbers in the units of their columns: a share is a percentage in a column of percent, here and nowhere else."""
    return {
        name: found.model_copy(update={"value": found.value * factors[name]}) if name in factors else found
        for name, found in measured.items()
    }
