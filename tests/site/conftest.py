"""The small site in a folder, built once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from repro.site.build import build
from repro.site.model import Site
from repro.site.render import render
from repro.site.write import write
from repro.store.records import Store
from tests.site import examples


@dataclass(frozen=True)
class Small:
    """The views, the files and the folder of the small site."""

    site: Site
    files: dict[str, bytes]
    folder: Path
    specs: list[Path]


@pytest.fixture(scope="package")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPRO_STORE", str(folder / "store"))
        patch.setenv("REPRO_RESULTS", str(folder / "results"))
        specs = examples.write(folder, Store())
        site = build(specs)
        files = render(site)
    write(folder / "site", files)
    return Small(site, files, folder / "site", specs)
