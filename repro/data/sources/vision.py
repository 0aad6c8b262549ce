"""Image sets whose hosts need more than an address: torchvision knows how to ask them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from repro.contracts import MissingData
from repro.data.sources.entry import Entry


def from_torchvision(entry: Entry, folder: Path) -> None:
    """Lets torchvision fetch a data set, and moves the files of the entry to `folder`. Raises MissingData."""
    from torchvision import datasets

    from repro.data.sources.get import TEMPORARY, place

    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder) as temporary:
        try:
            getattr(datasets, entry.torchvision)(root=temporary, download=True)
        except (OSError, RuntimeError, ValueError) as error:
            said = str(error).partition("\n")[0] or type(error).__name__
            raise MissingData(
                f"torchvision cannot fetch {entry.name}: {said}; or get it from {entry.home} and put its files into "
                f"{entry.name}/ of a folder named by REPRO_DATA"
            ) from error
        for file in entry.files:
            made = [path for name in file.names for path in Path(temporary).rglob(name) if path.is_file()]
            if made:
                place(entry, file, Path(shutil.move(made[0], Path(temporary) / f".{made[0].name}")))
