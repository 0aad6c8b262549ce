"""What the documentation says is true: commands parse, options exist, examples run, generated parts are current."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from repro.cli.main import app
from repro.commands import describe
from repro.commands.coverage import Known, known, page
from repro.commands.failure import Exit
from repro.commands.readme import BEGIN, END, PAGE, TASKS_PAGE, rewritten
from repro.registry import TASKS
from repro.scoring.call import SHEETS
from repro.scoring.table import scorable
from repro.verdict.model import CellStatus, ClaimStatus
from tests.cli.command import ROOT, repro

README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / PAGE)
GROUP = typer.main.get_command(app)
COMMANDS = GROUP.commands  # type: ignore[attr-defined]
TRAINS = (
    'repro compare cegan/kl-2d --method gan-2d --params epochs=10 --label "GAN, 10 epochs" --profile smoke',
    "repro run dai2019/B.2 --profile paper",
    "repro compare cegan/kl-2d --method my_method.py:Mixture --params components=8 --group spirals "
    "--columns 'p_disc||p_data' --columns 'p_gen||p_data' --profile paper",
)
UNLESS_ACCEPTED = {  # in an empty folder nothing was measured, and there is no file
    "accept": {4},
    "bundle": {4},
    "calibrate": {4},
    "check": {4},
    "import": {2},
    "report": {4},
}


def blocks(language: str, file: Path = README) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", file.read_text(), re.DOTALL | re.MULTILINE)


def commands() -> Iterator[str]:
    """Every `repro` command of the fenced blocks, without the remark after it."""
    for file in DOCUMENTS:
        for line in "".join(blocks("sh", file)).splitlines():
            if line.startswith("repro "):
                yield shlex.join(shlex.split(line, comments=True))


def examples() -> list[str]:
    """The example of every command's help."""
    return [
        found for name in COMMANDS for found in re.findall(r"Example: (repro .*)", COMMANDS[name].help or "") or [name]
    ]


def parse(line: str) -> None:
    """Parses a command line as the program would, and does nothing."""
    program, name, *arguments = shlex.split(line)
    assert program == "repro"
    COMMANDS[name].make_context(name, arguments)


@pytest.mark.parametrize("line", [*commands(), *examples()])
def test_every_command_in_documents_and_helps_is_one(line: str) -> None:
    parse(line)


def test_every_command_has_an_example_and_stands_in_the_readme() -> None:
    assert {line.split()[1] for line in examples()} == set(COMMANDS)
    assert {line.split()[1] for line in commands()} == set(COMMANDS)


@pytest.mark.parametrize(
    "line", sorted({*commands(), *examples()} - {*TRAINS, "repro run cegan/kl-2d --profile smoke"})
)
def test_every_command_that_trains_nothing_runs_as_written(line: str) -> None:
    _, name, *arguments = shlex.split(line)
    said = repro(name, *arguments)
    assert said.code in UNLESS_ACCEPTED.get(name, {0}), said.err


def test_the_scored_example_comes_out_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = blocks("console")
    shown = [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]
    *files, score = shown
    for line in files:
        subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    said = repro(*shlex.split(score)[1:]).json
    printed = json.loads(block.partition(f"{score}\n")[2])
    assert said == printed


def test_every_option_that_the_documents_name_exists() -> None:
    inner = (sub for command in COMMANDS.values() for sub in getattr(command, "commands", {}).values())
    params = [param for command in (GROUP, *COMMANDS.values(), *inner) for param in command.params]
    known = {option for param in params for option in (*param.opts, *param.secondary_opts)}
    foreign = {"--help", "--wheel", "--no-isolation", "--constraint", "--editable"}  # of pip and build
    known |= {file.option for metric in scorable().values() for file in metric.files}
    known |= {f"--{no}{part}" for part in SHEETS for no in ("", "no-")}
    known.add("--tokens")  # a parameter of the metrics of texts
    foreign |= {"--index-url", "--torch-backend", "--install-completion"}  # of pip, uv and typer
    foreign |= {"--repro", "--repro-profile", "--repro-no-run"}  # of the pytest plugin
    for file in DOCUMENTS:
        prose = file.read_text().replace("<!--", "").replace("-->", "")
        named = set(re.findall(r"(?<![\w>-])--[a-z][a-z-]+", prose))
        assert named <= known | foreign, file.name


def test_every_exit_code_and_no_other_is_in_the_readme() -> None:
    _, _, table = README.read_text().partition("| exit code |")
    listed = re.findall(r"^\| (\d+) \| ", table.partition("\n\n")[0], re.MULTILINE)
    assert [int(code) for code in listed] == sorted(Exit)


def test_every_verdict_is_explained_in_the_readme() -> None:
    text = README.read_text()
    same = {"deviates", "measured", "within the margin (1 seed)"}  # forms of an entry, or nothing to explain
    for status in {*CellStatus.__args__, *ClaimStatus.__args__} - same:  # type: ignore[attr-defined]
        assert f"`{status}`" in text, status


def test_every_file_and_target_that_the_documents_name_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for file in DOCUMENTS:
        text = file.read_text()
        for target in re.findall(
            r"\bmake ([a-z-]+)", "".join(re.findall(r"`make [^`]+`|^make .*", text, re.MULTILINE))
        ):
            assert f"\n{target}:" in makefile, target
        added = set(re.findall(r"^```\w+ (\S+)$", text, re.MULTILINE))  # by the reader: see tests/test_added.py
        for path in set(re.findall(r"`((?:repro|baselines|tables|tests|results)/[\w./-]*\w)`", text)) - added:
            assert (ROOT / path).exists(), path
        for path in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            assert (file.parent / path).exists(), path


@pytest.fixture(scope="module")
def now() -> Known:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("REPRO_RESULTS", raising=False)
        return known()


def test_the_generated_part_of_the_readme_is_current(now: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_RESULTS")  # figures are looked for beside the records
    text = README.read_text()
    assert rewritten(text, now) == text, "run `make readme`"


def test_the_page_of_results_is_current(now: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_RESULTS")
    assert page(now) == (ROOT / PAGE).read_text(), "run `make readme`"


def test_the_page_of_tasks_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(TASKS.entries, "toy")  # of the tests
    assert describe.page() == (ROOT / TASKS_PAGE).read_text(), "run `make readme`"


def test_regenerating_touches_nothing_but_the_region_and_needs_it(now: Known) -> None:
    text = f"before\n{BEGIN}old\n{END}\nafter\n"
    once = rewritten(text, now)
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "\nold\n" not in once
    assert rewritten(once, now) == once
    with pytest.raises(ValueError, match="expected one region, between <!-- report:begin -->"):
        rewritten(text.replace(END, ""), now)


def test_the_readme_counts_the_jobs_of_the_demo() -> None:
    (found,) = repro("run", "cegan/kl-2d", "--profile", "smoke", "--dry-run", "--json").json
    made = f"{found['trainings']} trainings and {found['jobs']['new']} measurements made"
    assert f"\n{made}, 0 taken from earlier runs\n" in README.read_text()


def example_files(folder: Path) -> Path:
    """The method and the spec of the README as files."""
    (method,), (spec, _) = blocks("python"), blocks("yaml")
    (folder / "gaussian.py").write_text(method)
    file = folder / "table.yaml"
    file.write_text(spec)
    return file


def test_the_readme_spec_is_valid_and_its_error_is_what_the_loader_says(tmp_path: Path) -> None:
    example_files(tmp_path)
    assert repro("validate", "table.yaml").code == 0
    (tmp_path / "table.yaml").write_text((tmp_path / "table.yaml").read_text().replace("ridge", "rigde"))
    said = repro("validate", "table.yaml")
    assert said.code == 2
    assert said.out in blocks("text")


def test_the_forms_of_a_spec_in_the_readme_are_valid(tmp_path: Path) -> None:
    (tmp_path / "forms.yaml").write_text(blocks("yaml")[1])
    said = repro("validate", "forms.yaml")
    assert (said.code, said.out) == (0, "")


@pytest.mark.long
def test_the_readme_method_runs_as_a_row_of_the_readme_spec(tmp_path: Path) -> None:
    example_files(tmp_path)
    said = repro("run", "table.yaml", "--rows", "Gaussian")
    assert said.code == 0, said.err
    (row,) = [
        row for row in repro("report", "table.yaml", "--format", "json").json["rows"] if row["label"] == "Gaussian"
    ]
    # one Gaussian over four: far from the data both as a generator and as an energy
    assert all(cell["measured"]["mean"] > 0.2 for cell in row["cells"].values())
