"""What further seeds of the accepted code showed: the spread of each cell.

    results/<table id>/calibration-<profile>.json

A row's calibration counts only while its accepted records are of the same configuration: method, parameters, data and
code. It is read with the accepted records, and never by a report.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from repro.files import readable_json, write_atomic
from repro.plan.key import configuration as configuration
from repro.spec.base import Profile, Strict, as_tuple
from repro.store.record import Floats
from repro.verdict.stats import Sample

log = logging.getLogger(__name__)


class CellSpread(Strict):
    """The values of one cell in the order of its row's seeds, and their mean and standard deviation."""

    mean: float
    spread: float = Field(ge=0)
    values: Floats


class RowSpread(Strict):
    """The further seeds of one row; `configuration` is what they and the accepted records have in common."""

    configuration: str
    seeds: Annotated[tuple[int, ...], BeforeValidator(as_tuple)]
    cells: dict[str, CellSpread]


class Calibration(Strict):
    """The calibration of a table at a profile: `pairs` times two sides of `seeds` seeds each."""

    schema_version: Literal[1] = 1
    table: str
    profile: Profile
    seeds: int = Field(ge=1)
    pairs: int = Field(ge=1)
    rows: dict[str, RowSpread]

    @model_validator(mode="before")
    @classmethod
    def _without_alarms(cls, given: Any) -> Any:
        """Files once had a rate of false alarms, which left-out seeds cannot show: it is not read."""
        return {k: v for k, v in given.items() if k != "false_alarms"} if isinstance(given, dict) else given

    def values(self, row: str, column: str, configuration: str) -> tuple[float, ...]:
        """The values of a cell; none where the row's configuration is another one now."""
        found = self.rows.get(row)
        if found is None or found.configuration != configuration or column not in found.cells:
            return ()
        return found.cells[column].values


def row_spread(configuration: str, values: Mapping[int, Mapping[str, float]]) -> RowSpread:
    """The spread of every cell of a row, from its values by seed and column."""
    seeds = tuple(sorted(values))
    columns = {name: tuple(values[seed][name] for seed in seeds) for name in values[seeds[0]]}
    samples = {name: Sample(found) for name, found in columns.items()}
    cells = {name: CellSpread(mean=s.mean, spread=s.sd, values=s.values) for name, s in samples.items()}
    return RowSpread(configuration=configuration, seeds=seeds, cells=cells)


def calibration_file(results: Path, table: str, profile: Profile) -> Path:
    """Where the calibration of a table at a profile is kept."""
    return results / table / f"calibration-{profile}.json"


def read_calibration(results: Path, table: str, profile: Profile) -> Calibration | None:
    """The calibration, or None: no file, or a damaged one, which is left out with a warning."""
    file = calibration_file(results, table, profile)
    try:
        found = Calibration.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        log.warning("%s is no valid calibration (%s): left out", file, error.errors()[0]["msg"])
        return None
    return found if (found.table, found.profile) == (table, profile) else None


def write_calibration(results: Path, calibration: Calibration) -> Path:
    """Replaces the calibration of a table at a profile at once, and gives the file."""
    file = calibration_file(results, calibration.table, calibration.profile)
    write_atomic(file, readable_json(calibration.model_dump(mode="json")))
    return file
