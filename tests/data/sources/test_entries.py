"""Every data set of the tables has an entry that says all there is to know, and a loader that keeps its promises."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from repro.contracts import MissingData
from repro.data.sources.entries import ENTRIES, MADE, entry
from repro.data.sources.entry import Entry, Made
from repro.data.sources.find import find
from repro.registry import DATASETS
from tests.data.conftest import Places

each_entry = pytest.mark.parametrize("about", ENTRIES.values(), ids=list(ENTRIES))
LOADED = [about for about in ENTRIES.values() if about.name in DATASETS.entries]
NAMED_IN_THE_REQUIREMENTS = [
    "ptb", "ptb-characters", "wikitext-2", "wikitext-103", "enwik8", "text8", "one-billion-word", "switchboard",
    "mnist", "nist-digit-1", "cifar-10", "cifar-100", "svhn", "stl-10", "celeba", "lsun", "imagenet-32",
    "imagenet-64", "snli", "yelp", "yahoo", "imdb", "ag-news", "dbpedia", "amazon-2", "amazon-5", "cola",
    "mnli", "mrpc", "qnli", "qqp", "rte", "sst-2", "sts-b", "wnli", "squad-1.1", "squad-2.0", "race",
    "clueweb09-b", "gigaword", "duc-2004", "iwslt-2015-en-vi", "wmt-de-en", "emnlp-2017-wmt-news",
    "coco-captions", "olivetti-faces", "mnist-binary", "yelp-2", "yelp-5", "glue"
]  # fmt: skip


@pytest.mark.parametrize("name", NAMED_IN_THE_REQUIREMENTS)
def test_a_data_set_of_the_tables_has_an_entry(name: str) -> None:
    assert entry(name).name == name


@each_entry
def test_an_entry_says_what_it_is_whose_it_is_and_where_it_comes_from(about: Entry) -> None:
    assert about.title
    assert re.search(r"\(\d{4}\)", about.paper), "a paper has a year"
    assert about.licence
    assert re.match(r"https?://", about.home)
    assert about.splits
    assert about.files
    assert about.smoke in {made.name for made in MADE}, "embedded"


@each_entry
def test_an_entry_is_had_by_a_command_or_says_how_it_is_had(about: Entry) -> None:
    assert bool(about.downloads or about.hub or about.torchvision) != bool(about.how)
    assert f"repro data get {about.name}" in about.to_get or f"{about.name}/ of the folder" in about.to_get
    assert "\n" not in about.to_get


@each_entry
def test_every_file_is_supplied_by_a_source_where_there_is_one(about: Entry) -> None:
    supplied = {path for source in about.downloads for path in source.paths}
    supplied |= {path for _, path in about.hub.splits} if about.hub else set()
    assert supplied <= set(about.forms)
    if supplied:
        needed = [file for file in about.files if file.split not in about.stand_ins]
        assert [file.path for file in needed if not file.is_of(tuple(supplied))] == []


@each_entry
def test_splits_and_files_agree(about: Entry) -> None:
    splits = {*about.splits, *about.stand_ins}
    assert not set(about.splits) & set(about.stand_ins)
    assert {file.split for file in about.files} - {""} <= splits
    assert all(about.needed_by(split) for split in splits)
    assert all(count is None or count > 0 for count in (*about.splits.values(), *about.stand_ins.values()))
    assert len({file.path for file in about.files}) == len(about.files)


@each_entry
def test_checksums_are_sha256_and_addresses_are_addresses(about: Entry) -> None:
    for file in about.forms.values():
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert not Path(file.path).is_absolute()
        assert ".." not in Path(file.path).parts
    for source in about.downloads:
        assert re.match(r"https?://[^/]+/", source.url)
        assert "/" not in source.file


@each_entry
def test_an_entry_s_loader_is_what_its_name_stands_for(about: Entry) -> None:
    if not about.loader:
        assert about.name not in DATASETS
        assert about.note
        return
    assert DATASETS.address(about.name) == about.loader
    module, _, attribute = about.loader.partition(":")
    assert callable(getattr(import_module(module), attribute))


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_what_the_program_makes_is_declared_and_made(made: Made) -> None:
    assert made.title
    assert made.name not in ENTRIES
    assert DATASETS.address(made.name) == made.loader
    data = DATASETS.load(made.name)()
    assert data.name == made.name
    assert re.fullmatch("[0-9a-f]{64}", data.checksum)


def test_every_data_set_is_declared_once_and_in_order() -> None:
    names = [*ENTRIES, *(made.name for made in MADE)]
    assert len(names) == len(set(names))
    assert set(DATASETS.own) == set(names) - {about.name for about in ENTRIES.values() if not about.loader}
    assert [made.name for made in MADE] == sorted(made.name for made in MADE)


@pytest.mark.parametrize("about", LOADED, ids=lambda about: about.name)
def test_without_files_a_loader_says_in_one_line_what_to_do(places: Places, about: Entry) -> None:
    with pytest.raises(MissingData) as caught:
        DATASETS.load(about.name)()
    assert str(caught.value) == f"data set {about.name} is not at hand: {about.to_get}"


@pytest.mark.long
@pytest.mark.parametrize("about", LOADED, ids=lambda about: about.name)
def test_what_is_at_hand_loads_with_its_counts(real_data: Path, about: Entry) -> None:
    """Counting is the loaders' own: each compares its splits with the entry. Here: every split is there, none more."""
    found = find(about)
    if not found.splits:
        pytest.skip(f"{about.name} is not in the data folder")
    data = DATASETS.load(about.name)()
    assert set(data.splits) == set(found.splits)
    assert data.name == about.name
    assert re.fullmatch("[0-9a-f]{64}", data.checksum)
    for split, count in {**about.splits, **about.stand_ins}.items():
        if split in data.splits and count is not None:
            assert len(data.splits[split]) == count


def test_importing_the_entries_imports_nothing_heavy() -> None:
    heavy = ("numpy", "torch", "pooch", "requests")
    code = f"import sys, repro.data.sources.entries; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
