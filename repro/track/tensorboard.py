"""TensorBoard: an event file a job, in a folder a table and row, with curves, numbers and parameters.

tensorboard --logdir .repro/track/tensorboard
"""

from __future__ import annotations

import json
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from repro.files import slug
from repro.store.record import Record
from repro.track.sink import facts


class TensorBoardTracker:
    """Curves are scalars `curve/NAME`, numbers scalars `measured/COLUMN`; the parameters are in the HPARAMS tab."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tensorboard"

    def log(self, record: Record) -> None:
        """Writes the event file of a job. A job that is told again writes a second one beside it."""
        place = self._folder / slug(record.table) / f"{slug(record.row)}--seed-{record.seed}--{record.key[:8]}"
        with SummaryWriter(str(place)) as writer:
            for name, curve in record.curves.items():
                for step, value in zip(curve.step, curve.value, strict=True):
                    writer.add_scalar(f"curve/{name}", value, step)
            numbers = {f"measured/{name}": found.value for name, found in record.measured.items()}
            for name, number in numbers.items():
                writer.add_scalar(name, number)
            told = json.dumps(facts(record), indent=2, ensure_ascii=False)
            writer.add_text("record", f"```json\n{told}\n```")
            params = {name: _plain(value) for name, value in record.parts.params.items()}
            # add_hparams does this into an event file of its own, which TensorBoard takes for another run
            told_params = {**params, "seed": record.seed, "profile": record.profile}
            for part in hparams(told_params, numbers):  # type: ignore[no-untyped-call]  # torch does not type it
                writer._get_file_writer().add_summary(part)

    def close(self) -> None:
        """Every job's file is closed already."""


def _plain(value: object) -> bool | int | float | str:
    """What the HPARAMS tab can show: it knows neither None nor lists."""
    return value if isinstance(value, bool | int | float | str) else str(value)
