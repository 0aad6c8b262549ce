"""`compare` on rows that take milliseconds: what it prints, what it leaves alone, and all exit codes."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from repro.metrics.density.histogram import EMPTY_CELL
from repro.store.records import Store
from tests.cli import toys
from tests.cli.command import Said, repro

B2 = "cegan/kl-2d"
METHOD = '''
"""A walk that stands still."""
from dataclasses import dataclass
import numpy as np
from repro.contracts import Context, single
from tests.worker.toy import Toy, Walked


@dataclass(frozen=True)
class Still(Toy):
    """Stands at one place.

    Attributes:
        level: where.
        breaks: whether it fails.
    """

    level: float = 5.0
    breaks: bool = False

    def fit(self, data, context):
        if self.breaks:
            raise ValueError("asked to break")
        noise = context.generator(single(context.seeds), "still").normal(size=5)
        return Walked(np.full(5, self.level) + 0.01 * noise)
'''


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "my_method.py").write_text(METHOD)
    return toys.write(tmp_path)


def compare(spec: Path, *arguments: str) -> Said:
    return repro("compare", spec, "--method", "my_method.py:Still", "--profile", "paper", *arguments)


def test_a_new_row_is_tested_against_each_row_that_has_records(spec: Path) -> None:
    assert repro("run", spec, "--profile", "paper").code == 0
    said = compare(spec, "--params", "level=-1e6", "--json")
    assert said.code == 0, said.err
    (column,) = said.json["columns"]
    assert (said.json["row"], column["row"], column["n"]) == ("Still", "Still", 2)
    good, other, quoted = column["against"]
    assert [v["row"] for v in column["against"]] == ["Good", "Other", "Quoted"]
    assert {v["finding"] for v in (good, other)} == {"better"}  # a lower mean is better, and this is a million lower
    assert good["test"] == "paired t, 2 seeds"
    assert good["p"] <= good["p_adjusted"] < 0.05
    assert (quoted["finding"], quoted["published"], quoted["mean"]) == ("no records", "3.0", None)
    assert column["rank"] == {"place": 1, "best": 1, "worst": 1, "of": 3}
    assert said.json["tests"] == 2


def test_every_format_says_the_same_and_the_report_is_kept(spec: Path) -> None:
    repro("run", spec, "--profile", "paper")
    for name, beginning in (
        ("text", "Walks (toy/walks), paper scale"),
        ("md", "# Still \\<b\\>"),
        ("html", "<!doctype"),
    ):
        said = compare(spec, "--label", "Still <b>", "--format", name)
        assert said.code == 0, said.err
        assert said.out.startswith(beginning.replace("\\<b\\>", "&lt;b&gt;"))
        assert "1 of 3" in said.out
        assert "<b>" not in said.out or name != "html"
    assert "report: store/reports/toy-walks--compare--still-b--paper.html" in said.err


def test_the_table_its_report_and_what_is_accepted_do_not_know_the_new_row(spec: Path) -> None:
    repro("run", spec)
    before, text = repro("report", spec, "--format", "json"), spec.read_text()
    assert compare(spec).code == 4  # at paper scale there is nothing to compare with, and the row has its records
    assert {record.row for record in Store().records()} == {"Good", "Other", "Still"}
    assert repro("report", spec, "--format", "json").out == before.out
    assert repro("accept", spec, "--profile", "smoke").code == 0
    assert repro("accept", spec, "--profile", "paper").code == 4
    assert spec.read_text() == text


def test_what_lacks_is_named_with_the_commands_that_supply_it(spec: Path) -> None:
    said = compare(spec)
    assert said.code == 4
    assert "no records at paper scale of Good, Other: `repro run toy/walks --profile paper` or --baselines" in said.out
    assert "repro import FILE" in said.err
    trained = compare(spec, "--baselines")
    assert trained.code == 0
    assert {record.row for record in Store().records()} == {"Good", "Other", "Still"}


def test_ones_own_runs_alone_may_be_compared_with(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repro("run", spec, "--profile", "paper")
    repro("accept", spec)
    monkeypatch.setenv("REPRO_STORE", "other")
    (column,) = compare(spec, "--json").json["columns"]
    assert {each["row"]: each["whose"] for each in column["against"] if each["mean"] is not None} == {
        "Good": ["accepted"], "Other": ["accepted"]}  # fmt: skip
    said = compare(spec, "--own")
    assert said.code == 4
    assert "no records at paper scale of Good, Other" in said.out
    repro("run", spec, "--profile", "paper", "--rows", "Good", "--force")
    (column,) = compare(spec, "--own", "--json").json["columns"]
    assert {each["row"]: each["whose"] for each in column["against"] if each["mean"] is not None} == {"Good": ["own"]}


def test_the_redo_of_a_record_makes_it_again_and_nothing_else(spec: Path) -> None:
    compare(spec, "--params", "level=2 breaks=false", "--baselines")
    before = {record.key: record for record in Store().records()}
    mine = next(record for record in before.values() if record.row == "Still")
    assert mine.redo.startswith("repro compare toy/walks --profile paper --label Still --method my_method.py:Still")
    _, name, _, *arguments = shlex.split(mine.redo)
    assert repro(name, spec, *arguments).code == 0  # the toy's spec is found by its file only
    after = {record.key: record for record in Store().records()}
    assert after.keys() == before.keys()
    assert {key for key in after if after[key].started != before[key].started} == {
        key for key, record in before.items() if record.row == "Still"
    }


def test_a_failed_job_of_the_new_row_ends_with_3(spec: Path) -> None:
    repro("run", spec, "--profile", "paper")
    said = compare(spec, "--params", "breaks=true")
    assert said.code == 3
    assert "2 jobs failed, first Still, seed 0" in said.err


def test_a_row_like_another_takes_its_parameters(spec: Path) -> None:
    repro("run", spec, "--profile", "paper")
    said = repro("compare", spec, "--like", "Other", "--params", "steps=2", "--profile", "paper", "--json")
    assert said.code == 0, said.err
    record = next(record for record in Store().records() if record.row == "like Other")
    assert (record.parts.params["scale"], record.parts.params["steps"]) == (2.0, 2)


def test_only_named_rows_and_columns_are_compared(spec: Path) -> None:
    repro("run", spec, "--profile", "paper")
    (column,) = compare(spec, "--against", "G*", "--columns", "Mean", "--json").json["columns"]
    assert [v["row"] for v in column["against"]] == ["Good"]
    said = compare(spec, "--against", "Goodd")
    assert (said.code, "unknown row 'Goodd'; did you mean 'Good'" in said.err) == (2, True)
    assert "unknown column 'men'" in compare(spec, "--columns", "men").err


def two_columns(spec: Path) -> Path:
    """The spec with a second column, of another data set that nobody has."""
    text = spec.read_text()
    columns = "columns: {mean: {label: Mean, metric: mean, better: lower}"
    spec.write_text(text.replace(columns + "}", columns + ", other: {label: Elsewhere, metric: mean, data: absent}}"))
    return spec


def test_only_what_the_chosen_columns_need_is_trained_and_measured(spec: Path) -> None:
    """The data of the other column are not there: to train for it fails."""
    said = compare(two_columns(spec), "--columns", "Mean", "--baselines")
    assert said.code == 0, said.err
    mine, *_ = [record for record in Store().records() if record.row == "Still"]
    assert list(mine.parts.signatures) == ["mean"]
    assert "--columns Mean" in mine.redo
    assert {(record.row, record.status) for record in Store().records()} == {
        (row, "ok") for row in ("Still", "Good", "Other")
    }


def test_a_label_may_have_a_slash_and_signs_of_patterns(spec: Path) -> None:
    repro("run", spec, "--profile", "paper", "--rows", "Good")
    said = compare(spec, "--label", "LSTM/GRU *", "--json")
    assert said.code == 0, said.err
    assert said.json["row"] == "LSTM/GRU *"
    assert {record.row for record in Store().records()} == {"Good", "LSTM/GRU *"}, "Other is no row like it"
    assert "LSTM/GRU *" in compare(spec, "--label", "LSTM/GRU *").out


@pytest.mark.parametrize(("file", "beginning"), [("x.csv", '"table"'), ("x.tex", "% needs"), ("x.html", "<!doctype")])
def test_a_file_has_the_format_that_its_name_ends_in(spec: Path, file: str, beginning: str) -> None:
    repro("run", spec, "--profile", "paper")
    assert compare(spec, "-o", file).code == 0
    assert Path(file).read_text().startswith(beginning)


def test_one_seed_is_shown_and_never_tested(spec: Path) -> None:
    repro("run", spec)
    said = repro("compare", spec, "--method", "my_method.py:Still", "--profile", "smoke", "--json")
    assert said.code == 0
    findings = [v["finding"] for v in said.json["columns"][0]["against"]]
    assert findings == ["one seed", "one seed", "no records"]
    assert said.json["tests"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--params", "levl=3"), "unknown parameter 'levl' of method my_method.py:Still; did you mean 'level'?"),
        (("--params", "level"), "--params wants key=value, got 'level'"),
        (("--label", "Good"), "toy/walks has a row 'Good': name the new one with --label"),
        (("--format", "pdf"), "unknown format 'pdf'"),
        (("--predictions", "x.npz"), "--predictions stands for itself"),
        (("--track", "paper"), "unknown tracker 'paper'"),
    ],
)
def test_wrong_use_is_one_line_and_trains_nothing(spec: Path, arguments: tuple[str, ...], said: str) -> None:
    found = compare(spec, *arguments)
    assert found.code == 2
    assert said in found.err
    assert Store().records() == []


def test_a_task_without_a_loader_says_which_have_one(spec: Path) -> None:
    np.savez("x.npz", a=[1.0])
    said = repro("compare", spec, "--predictions", "x.npz")
    assert (said.code, "task toy reads no such files yet (those that do: density-2d" in said.err) == (2, True)


def test_predictions_are_compared_with_the_accepted_results(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repro.data.kinds.mixtures import four_gaussians

    monkeypatch.delenv("REPRO_RESULTS")  # those that come with the project
    data = four_gaussians()
    for seed in range(2):
        samples = np.random.default_rng(seed).permutation(data.samples)
        np.savez(f"{seed}.npz", samples=samples, log_density=data.truth.log_density(data.grid.points))
    files = ("--predictions", "0.npz", "--predictions", "1.npz", "--group", "gaussian", "--label", "Truth")
    said = repro("compare", B2, *files, "--profile", "paper", "--json")
    assert said.code == 0, said.err
    found = {column["column"]: column for column in said.json["columns"]}
    assert found["disc_data"]["mean"] == pytest.approx(0.0, abs=10_000 * EMPTY_CELL)  # what empty cells add
    assert found["disc_data"]["rank"]["place"] == 1
    assert all(v["n"] == 5 for v in found["disc_data"]["against"])
    np.savez("samples.npz", samples=data.samples)
    said = repro("compare", B2, "--predictions", "samples.npz", "--group", "gaussian", "--profile", "paper", "--json")
    found = {column["column"]: column for column in said.json["columns"]}
    assert found["disc_data"]["lacking"] == "the file has neither energy nor log_density"
    assert found["gen_data"]["n"] == 1
    said = repro("compare", B2, "--predictions", "samples.npz", "--profile", "paper")
    assert (said.code, "say which by --group gaussian or biased or spirals" in said.err) == (2, True)


def test_a_checkpoint_that_would_run_code_is_refused(spec: Path, tmp_path: Path) -> None:
    import torch

    from tests.compare.test_loading import Bomb

    torch.save(Bomb(tmp_path / "written"), "model.pt")
    said = repro("compare", B2, "--checkpoint", "model.pt", "--group", "gaussian", "--profile", "smoke")
    assert said.code == 2
    assert "holds more than tensors and is not read" in said.err
    assert not (tmp_path / "written").exists()


def test_a_run_is_shown_in_tensorboard_where_that_is_asked_for(spec: Path, tmp_path: Path) -> None:
    assert repro("run", spec, "--track", "tensorboard").code == 0
    told = tmp_path / "store" / "track" / "tensorboard" / "toy-walks"
    assert len(list(told.glob("*/events*"))) == 2
    compare(spec, "--track", "tensorboard")
    assert len(list(told.glob("still--seed-*/events*"))) == 2
    assert "unknown tracker" in repro("run", spec, "--track", "x").err


@pytest.mark.long
def test_the_method_of_the_tutorial_becomes_a_row_beside_the_accepted_results(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPRO_RESULTS")  # those that come with the project
    (tmp_path / "my_method.py").write_text((Path(__file__).parent / "mixture.py").read_text())
    arguments = ("--method", "my_method.py:Mixture", "--params", "components=4", "--group", "gaussian")
    said = repro("compare", B2, *arguments, "--profile", "paper", "--json")
    assert said.code == 0, said.err
    found = {column["column"]: column for column in said.json["columns"]}
    assert found["disc_data"]["n"] == 5
    # four Gaussians fitted to four Gaussians: no trained energy of the table comes near
    assert found["disc_data"]["mean"] < 0.01
    assert {v["finding"] for v in found["disc_data"]["against"]} <= {"better", "no difference shown"}
    assert found["disc_data"]["rank"]["place"] == 1
