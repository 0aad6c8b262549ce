"""Fingerprints of all methods, tasks and metrics of the project, where their modules are moved or changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from repro.plan.fingerprint import Fingerprinter
from repro.registry import METHODS, METRICS, TASKS

HOME = Path(__file__).parents[2]
ADDRESSES = sorted({kind.address(name) for kind in (METHODS, TASKS, METRICS) for name in kind.entries})
AWD_LSTM, KNESER_NEY = "baselines.language.methods:AwdLstm", "baselines.language.kneser_ney:KneserNey"
ENERGY_GAN, DENSITY = "baselines.cegan.methods:EnergyGan", "repro.tasks.density_2d:Density2D"

MOVES = {
    r"baselines\.(\w+)\.(\w+)": r"families.papers.\1.code.new_\2",
    r"repro\.tasks\.(?!protocol\b)(\w+)": r"repro.protocols.\1",
    r"repro\.metrics\.(\w+)": r"repro.measures.of.\1",
}


def digests(root: Path, addresses: Mapping[str, str] | None = None) -> dict[str, str]:
    """The digest of every address of the project, for the code under a folder; `addresses` says where each is now."""
    read = Fingerprinter([root])
    return {address: read.of([(addresses or {}).get(address, address)]).digest for address in ADDRESSES}


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    return digests(HOME)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("repro", "baselines"):
        shutil.copytree(HOME / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.j2"))
    return tmp_path


def moved(text: str) -> str:
    for old, new in MOVES.items():
        text = re.sub(old, new, text)
    return text


def test_moved_and_renamed_modules_leave_every_digest_as_it_is(copy: Path, now: dict[str, str]) -> None:
    files = {file: file.read_text() for file in copy.rglob("*.py")}
    places = {".".join(file.relative_to(copy).with_suffix("").parts): file for file in files}
    shutil.rmtree(copy)
    for name, file in places.items():
        place = copy.joinpath(*moved(name).split(".")).with_suffix(".py")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(moved(files[file]))
    assert not (copy / "baselines" / "cegan").exists()
    found = digests(copy, {address: moved(address) for address in ADDRESSES})
    assert len(found) > 50
    assert found == now


def test_new_neighbours_of_all_definitions_leave_every_digest_as_it_is(copy: Path, now: dict[str, str]) -> None:
    for file in copy.rglob("*.py"):
        text = file.read_text()
        end = "\n\nclass ANeighbour:\n    text = A_NEIGHBOUR\n\n\nimport A_MODULE\nA_NEIGHBOUR = 'of all'\n"
        file.write_text(f"{text}{end}")
    assert digests(copy) == now


@pytest.mark.parametrize(
    ("file", "old", "new", "changed", "unchanged"),
    [
        ("baselines/language/training.py", "VALID_STREAMS = 10", "VALID_STREAMS = 11", [AWD_LSTM], [KNESER_NEY]),
        ("baselines/language/kneser_ney.py", "BLOCK = 256", "BLOCK = 128", [KNESER_NEY], [AWD_LSTM, ENERGY_GAN]),
        ("baselines/cegan/methods.py", "epochs: int = 500", "epochs: int = 501", [], [ENERGY_GAN, DENSITY]),
        ("baselines/language/methods.py", "deviation: float = 0.05", "deviation: float = 0.1", [], [AWD_LSTM]),
        (
            "repro/data/kinds/mixtures.py",
            "CANVAS_STRETCH = 1.5",
            "CANVAS_STRETCH = 2",
            [ENERGY_GAN, DENSITY],
            [AWD_LSTM],
        ),
        ("repro/metrics/density/histogram.py", "EMPTY_CELL = 1e-8", "EMPTY_CELL = 1e-9", [DENSITY], [ENERGY_GAN]),
        ("repro/worker/streams.py", '"big"', '"little"', ADDRESSES, []),
        ("repro/worker/streams.py", '"evaluate")', '"evaluation")', ADDRESSES, []),
        ("repro/worker/streams.py", "(name, *stream)", "(*stream, name)", ADDRESSES, []),
        ("repro/worker/seeding.py", '"globals"', '"global"', ADDRESSES, []),
        ("repro/worker/seeding.py", '"fit"', '"fitting"', ADDRESSES, []),
        ("repro/worker/seeding.py", 'generator(seed, "measure")', 'generator(seed, "measuring")', ADDRESSES, []),
        ("repro/worker/units.py", "found.value * factors", "found.value / factors", ADDRESSES, []),
        ("repro/tasks/protocol.py", "task.view(data, seed)", "task.view(data, seed + 1)", ADDRESSES, []),
        ("repro/worker/measure.py", "MOST_CHARACTERS = 100_000", "MOST_CHARACTERS = 100_001", [], ADDRESSES),
        ("repro/hints.py", "cutoff=0.5", "cutoff=0.6", [], ADDRESSES),
    ],
)
def test_a_changed_constant_changes_the_digests_that_reach_it_and_no_other(
    file: str, old: str, new: str, changed: list[str], unchanged: list[str], copy: Path, now: dict[str, str]
) -> None:
    text = (copy / file).read_text()
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new))
    found = digests(copy)
    assert [address for address in changed if found[address] == now[address]] == []
    assert [address for address in unchanged if found[address] != now[address]] == []
