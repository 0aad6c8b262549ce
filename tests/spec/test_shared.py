"""Configurations that several rows and tables share: found, checked at their places, and no tables themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.spec import tables
from repro.spec.base import PROFILES, Profile
from repro.spec.configuration import TrainingSpec, configurations
from repro.spec.load import load, unchecked
from repro.spec.model import Table
from repro.spec.problems import SpecError
from repro.spec.shared import load_shared, standalone
from repro.spec.tables import all_paths, find, id_of, shared_files, shared_paths
from tests.spec.families import text

pytestmark = pytest.mark.usefixtures("small_families")
SHARED = """\
mle:
  method: lstm
  params: {epochs: 120, optimiser: {betas: [0.5, 0.9]}}
  params_for: {svhn: {hidden_size: 8}}
  note: The one of the paper.
seqgan:
  method: adversarial
  params: {layers: 2}
  from: {config: small/mle, params: {hidden_size: 16}}
"""
ROWS = """
- {label: MLE, config: small/mle}
- {label: Wide, config: small/mle, params: {hidden_size: 64, optimiser: {rate: 2}}}
- {label: SeqGAN, config: small/seqgan}
- {label: Other, config: small/seqgan, params: {layers: 3}, from: {config: small/mle}}
- {label: Beside, method: lstm, from: {config: small/mle, data: svhn}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's tables, with one spec that uses shared configurations."""
    monkeypatch.setattr(tables, "tables_directory", lambda: tmp_path / "tables")
    family = tmp_path / "tables" / "small"
    family.mkdir(parents=True)
    (family / "configurations.yaml").write_text(SHARED)
    (family / "table.yaml").write_text(text(ROWS))
    return family


def training(table: Table, row: str, profile: Profile = "paper") -> TrainingSpec:
    [found] = configurations(table, table.row(row), profile)
    return found.training


def test_a_row_has_the_shared_parameters_but_for_what_differs(folder: Path) -> None:
    table = load(folder / "table.yaml")
    mle, wide = training(table, "MLE"), training(table, "Wide")
    assert (mle.method, mle.params["epochs"], mle.params["hidden_size"]) == ("lstm", 120, 32)
    assert mle.params["optimiser"] == {"rate": 0.01, "betas": (0.5, 0.9)}
    assert wide.params == {"epochs": 120, "hidden_size": 64, "optimiser": {"rate": 2.0, "betas": (0.5, 0.9)}}
    assert table.row("MLE").method == "lstm"


def test_a_shared_configuration_may_start_from_another_one(folder: Path) -> None:
    table = load(folder / "table.yaml")
    mle, seqgan, other = (training(table, row) for row in ("MLE", "SeqGAN", "Other"))
    assert isinstance(seqgan.start, TrainingSpec)
    assert seqgan.start.params == {**mle.params, "hidden_size": 16}
    assert other.start == mle
    assert other.params["layers"] == 3
    beside = training(table, "Beside").start
    assert isinstance(beside, TrainingSpec)
    assert (beside.data, beside.params["hidden_size"]) == ("svhn", 8)


def test_groups_and_profiles_reach_shared_configurations_as_they_reach_methods(folder: Path) -> None:
    spec = text(
        "- {label: A, group: g, config: small/mle}",
        groups="{g: {label: G, params: {epochs: 3}, methods: {lstm: {hidden_size: 4}}}}",
        profiles="smoke: {seeds: 1, methods: {lstm: {epochs: 1}}}\nlaptop: {seeds: 1}\npaper: {seeds: 1}",
    )
    (folder / "table.yaml").write_text(spec)
    table = load(folder / "table.yaml")
    assert (training(table, "A").params["epochs"], training(table, "A").params["hidden_size"]) == (3, 4)
    [smoke] = configurations(table, table.row("A"), "smoke")
    assert smoke.training.params["epochs"] == 1


OTHER = """
- {label: Start, method: adversarial, params: {layers: 1}, from: {config: small/mle}}
- {label: Less, config: small/mle, params: {hidden_size: 9, epochs: 50}}
- {label: Untrained, config: small/mle, control: true, params: {epochs: 0}}
"""


def test_a_configurations_own_scales_are_the_same_in_every_table(folder: Path) -> None:
    scales = "  smoke: {epochs: 2, hidden_size: 2}\n  laptop: {epochs: 9}\n  note: The one"
    (folder / "configurations.yaml").write_text(SHARED.replace("  note: The one", scales))
    profiles = "smoke: {seeds: 1, methods: {lstm: {hidden_size: 3}}}\nlaptop: {seeds: 1}\npaper: {seeds: 1}"
    (folder / "other.yaml").write_text(text(OTHER, profiles=profiles).replace("small/table", "small/other"))
    table, other = load(folder / "table.yaml"), load(folder / "other.yaml")
    mle, start = training(table, "MLE", "laptop"), training(other, "Start", "laptop")
    assert start.start == mle
    assert mle.params["epochs"] == 9
    less, small = training(other, "Less", "laptop"), training(other, "Less", "smoke")
    assert (less.params["epochs"], less.params["hidden_size"]) == (9, 9)
    assert (small.params["epochs"], small.params["hidden_size"]) == (2, 3)
    assert training(other, "Untrained", "laptop").params["epochs"] == 0


INSIDE = """
- {label: A, config: mle}
- {label: B, config: mle, params: {epochs: 3}}
- {label: C, config: small/mle, from: {config: mle}}
"""


def test_a_spec_may_have_configurations_of_its_own(folder: Path) -> None:
    file = folder / "table.yaml"
    file.write_text(
        text(INSIDE, configurations="{mle: {method: lstm, params: {epochs: 7}, from: {config: small/mle}}}")
    )
    table = load(file)
    assert [training(table, row).params["epochs"] for row in "ABC"] == [7, 3, 120]
    a, c = training(table, "A"), training(table, "C")
    assert isinstance(a.start, TrainingSpec)
    assert a.start.params["epochs"] == 120
    assert c.start == a


OWN = [
    ("{mle: {method: lstm, params: {epoch: 7}}}",
     "11:47: configurations.mle.params.epoch: unknown parameter 'epoch' of method lstm; did you mean 'epochs'? "
     "(known: epochs, hidden_size, optimiser)"),
    ("{mel: {method: lstm}}", "10:16: rows.0.config: unknown configuration 'mle'; did you mean 'mel'? (known: mel)"),
    ("{mle: {method: lstm}, more: {method: lstm}}",
     "11:39: configurations.more: no row of this table uses configuration 'more'"),
    ("{mle: {method: lstm, from: {config: mle}}}",
     "11:38: configurations.mle.from: configuration 'mle' starts from itself"),
    ("{mle: {}}", "11:18: configurations.mle.method: this key is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("own", "said"), OWN)
def test_what_is_wrong_with_a_specs_own_configurations_is_said_with_its_place(
    own: str, said: str, folder: Path
) -> None:
    file = folder / "table.yaml"
    file.write_text(text("- {label: A, config: mle}").replace("profiles:", f"configurations: {own}\nprofiles:"))
    with pytest.raises(SpecError) as caught:
        load(file)
    assert str(caught.value) == f"{file}:{said}"


def test_a_spec_by_itself_says_all_that_it_said_with_its_family(folder: Path, tmp_path: Path) -> None:
    (folder / "table.yaml").write_text(text(ROWS).replace("label: MLE,", "label: MLE, published: {error: 0.90},"))
    whole = standalone(folder / "table.yaml")
    alone = tmp_path / "elsewhere.yaml"
    alone.write_text(whole)
    (folder / "configurations.yaml").unlink()
    found = load(alone)
    assert found.rows[0].published["error"].value == "0.90"
    (folder / "configurations.yaml").write_text(SHARED)
    table = load(folder / "table.yaml")
    for row, other in zip(table.rows, found.rows, strict=True):
        for profile in PROFILES:
            assert configurations(table, row, profile) == configurations(found, other, profile)


def test_a_spec_that_shares_nothing_is_its_own_text(folder: Path) -> None:
    (folder / "table.yaml").write_text(text("- {label: A, method: lstm}  # as it is\n"))
    assert standalone(folder / "table.yaml") == (folder / "table.yaml").read_text()


def test_the_file_is_no_table(folder: Path) -> None:
    assert [id_of(path) for path in all_paths()] == ["small/table"]
    assert shared_paths() == [folder / "configurations.yaml"]
    with pytest.raises(ValueError, match="unknown table 'small/configurations'"):
        find("small/configurations")
    with pytest.raises(SpecError, match="configurations that tables share; it is no table itself"):
        load(folder / "configurations.yaml")
    assert find("seqgen/T-1") == folder / "table.yaml"


def test_a_spec_elsewhere_uses_the_configurations_beside_it_and_then_the_projects(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "own"
    mine.mkdir(parents=True)
    spec = text("- {label: A, config: own/mle}\n- {label: B, config: small/mle}")
    (mine / "table.yaml").write_text(spec)
    (mine / "configurations.yaml").write_text("mle: {method: lstm, params: {epochs: 7}}\n")
    table = load(mine / "table.yaml")
    assert [training(table, row).params["epochs"] for row in "AB"] == [7, 120]
    assert shared_files(mine / "table.yaml") == [folder / "configurations.yaml", mine / "configurations.yaml"]
    own = tmp_path / "mine" / "small"
    own.mkdir()
    (own / "configurations.yaml").write_text("mle: {method: lstm, params: {epochs: 8}}\n")
    assert training(load(mine / "table.yaml"), "B").params["epochs"] == 8


WRONG = [
    ("epochs: 120", "epoch: 120", "3:12: mle.params.epoch: unknown parameter 'epoch' of method lstm; did you mean "
                                  "'epochs'? (known: epochs, hidden_size, optimiser)"),
    ("hidden_size: 8", "hidden_size: x",
     "4:23: mle.params_for.svhn.hidden_size: parameter 'hidden_size' of method lstm must be int, not 'x'"),
    ("method: adversarial", "method: adversariall",
     "7:3: seqgan.method: unknown method 'adversariall'; did you mean 'adversarial'?"),
    ("note: The", "notes: The", "5:3: mle.notes: unknown key 'notes'; did you mean 'note'? "
                                "(known: params, params_for, from, method, smoke, laptop, paper, note)"),
    ("  method: lstm\n", "", "1:1: mle.method: this key is missing"),
    ("{config: small/mle, params: {hidden_size: 16}}", "{method: lstm, params: {hiden: 1}}",
     "9:33: seqgan.from.params.hiden: unknown parameter 'hiden' of method lstm; did you mean 'hidden_size'? "
     "(known: epochs, hidden_size, optimiser)"),
    ("{config: small/mle,", "{config: small/mel,",
     "9:3: seqgan.from: unknown configuration 'small/mel'; did you mean 'small/mle'? (known: small/mle, small/seqgan)"),
    ("{config: small/mle,", "{config: small/seqgan,",
     "9:3: seqgan.from: configuration 'small/seqgan' starts from itself"),
    ("{layers: 2}", "{layers: .nan}", "8:12: seqgan.params.layers: expected a finite number, found nan"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place_and_to_the_tables_that_use_it(
    before: str, after: str, said: str, folder: Path
) -> None:
    assert SHARED.count(before) >= 1
    file = folder / "configurations.yaml"
    file.write_text(SHARED.replace(before, after, 1))
    with pytest.raises(SpecError) as caught:
        load_shared(file)
    assert str(caught.value) == f"{file}:{said}"
    with pytest.raises(SpecError) as caught:
        load(folder / "table.yaml")
    at, name = ("rows.0", "small/mle") if " mle" in said else ("rows.2", "small/seqgan")
    assert f"{at}.config: configuration {name!r} cannot be used: {file}:{said}" in str(caught.value)
    assert unchecked(folder / "table.yaml").row("MLE" if name == "small/mle" else "SeqGAN").kind == "planned"


def test_a_wrong_configuration_stops_those_alone_that_use_it(folder: Path) -> None:
    (folder / "configurations.yaml").write_text(SHARED.replace("{layers: 2}", "{layrs: 2}"))
    (folder / "table.yaml").write_text(text(ROWS.partition("- {label: SeqGAN")[0]))
    assert training(load(folder / "table.yaml"), "MLE").params["epochs"] == 120
    with pytest.raises(SpecError, match=r"seqgan\.params\.layrs"):
        load_shared(folder / "configurations.yaml")


NAMES = [
    ("small/mel", "unknown configuration 'small/mel'; did you mean 'small/mle'? (known: small/mle, small/seqgan)"),
    ("smal/mle", "configuration 'smal/mle': there is no smal/configurations.yaml; did you mean 'small'?"),
    ("mle", "configuration 'mle': expected family/name, such as 'mos/awd-lstm-mos-ptb'"),
    ("../small/mle", "configuration '../small/mle': expected family/name, such as 'mos/awd-lstm-mos-ptb'"),
]


@pytest.mark.parametrize(("name", "said"), NAMES)
def test_a_configuration_that_is_not_there_is_named_where_it_is_used(name: str, said: str, folder: Path) -> None:
    file = folder / "table.yaml"
    file.write_text(text(f"- {{label: A, config: {name}}}"))
    with pytest.raises(SpecError) as caught:
        load(file)
    assert str(caught.value) == f"{file}:10:16: rows.0.config: {said}"


def test_what_a_configuration_lacks_the_row_must_have(folder: Path) -> None:
    (folder / "configurations.yaml").write_text("gan: {method: adversarial}\n")
    file = folder / "table.yaml"
    file.write_text(text("- {label: A, config: small/gan}\n- {label: B, config: small/gan, params: {layers: 1}}"))
    with pytest.raises(SpecError) as caught:
        load(file)
    message = "parameter 'layers' of method adversarial has no default and is not given"
    assert str(caught.value) == f"{file}:10:16: rows.0.config: {message}"


def test_a_changed_file_is_read_again(folder: Path) -> None:
    load(folder / "table.yaml")
    (folder / "configurations.yaml").write_text(SHARED.replace("epochs: 120", "epochs: 12"))
    table = load(folder / "table.yaml")
    assert [configurations(table, table.row("MLE"), profile)[0].training.params["epochs"] for profile in PROFILES] == [
        12, 12, 12
    ]  # fmt: skip


def test_a_shared_configuration_of_a_planned_method_waits(folder: Path) -> None:
    (folder / "configurations.yaml").write_text("x: {method: wasserstein, params: {anything: 1}}\n")
    (folder / "table.yaml").write_text(text("- {label: A, config: small/x, params: {more: [1]}}"))
    table = load(folder / "table.yaml")
    assert (table.rows[0].kind, table.rows[0].planned) == ("planned", "wasserstein")
