"""`list`, `show`, `validate`, `audit`, `doctor`: what is said without running anything."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from repro.cli.doctor import PACKAGES
from repro.report.render import FORMATS
from repro.spec.tables import all_paths, id_of
from tests.cli import toys
from tests.cli.command import ROOT, python, repro

B2 = "cegan/kl-2d"


def test_list_has_one_line_a_table_and_its_json_says_the_same() -> None:
    text, data = repro("list"), repro("list", "--json").json
    assert text.code == 0
    lines = text.out.splitlines()[1:]
    assert len(lines) == len(data)
    for line, table in zip(lines, data, strict=True):
        assert line.split()[:1] == [table["id"]]
        assert f"  {table['source']['document']}/{table['source']['table']}  " in line
    b2 = next(table for table in data if table["id"] == B2)
    # by hand from the spec: a heading and four models in each of three groups; controls and variants are not in print
    assert b2["rows"] == {"method": 15, "planned": 0, "quoted": 0}
    assert b2["claims"] == 8
    assert b2["profile"] is None


def ids(*options: str) -> list[str]:
    return [table["id"] for table in repro("list", *options, "--json").json]


def test_list_keeps_what_fits_every_filter_and_a_wrong_word_names_the_right_one() -> None:
    everything = repro("list", "--json").json
    by_task = [table["id"] for table in everything if table["task"] == "language-modeling"]
    quoting = [table["id"] for table in everything if table["rows"]["quoted"]]
    assert ids("--task", "language-modeling") == by_task
    assert ids("--status", "quoted") == quoting
    assert ids("--task", "language-modeling", "--status", "quoted") == [name for name in by_task if name in quoting]
    assert ids("--status", "measured") == []  # the store is empty and nothing is accepted
    # by its document, by its address and by a part of its title, whatever the case
    assert ids("--paper", "1711.03953") == ids("--paper", "softmax BOTTLENECK")
    assert "mos/ptb" in ids("--paper", "1711.03953")
    assert {name.partition("/")[0] for name in ids("--paper", "seqgen")} <= {
        table["id"].partition("/")[0] for table in everything if table["source"]["document"] == "seqgen"
    }
    said = repro("list", "--task", "language-modelling")
    assert (said.code, said.out) == (2, "")
    assert "unknown task 'language-modelling'; did you mean 'language-modeling'?" in said.err
    assert "unknown status 'mesured'; did you mean 'measured'?" in repro("list", "--status", "mesured").err
    nothing = repro("list", "--paper", "no such paper")
    assert (nothing.code, len(nothing.out.splitlines())) == (0, 1)
    assert nothing.err == "no table is like that: repro list shows all\n"


def test_one_s_own_tables_come_first_in_the_list_and_are_checked_by_default(tmp_path: Path) -> None:
    (tmp_path / "tables" / "own").mkdir(parents=True)
    toys.write(tmp_path / "tables" / "own")
    assert ids()[0] == "toy/walks"
    assert ids()[1:] == [str(id_of(path)) for path in all_paths()]
    (tmp_path / "tables" / "own" / "walks.yaml").write_text("id: own/slow\n")
    assert "tables/own/walks.yaml:" in repro("validate").out


def test_the_list_counts_the_cells_that_are_printed_and_may_show_ones_own_tables_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tables" / "own").mkdir(parents=True)
    spec = toys.write(tmp_path / "tables" / "own")
    spec.write_text(spec.read_text().replace("profiles:", "  - {label: More, method: walk, control: true}\nprofiles:"))
    said = repro("list", "--own")
    assert (len(said.out.splitlines()), said.err) == (1, "no table has runs of yours: repro list shows all\n")
    repro("run", spec)
    (mine,) = repro("list", "--own", "--json").json
    assert (mine["id"], mine["whose"]) == ("toy/walks", ["own"])
    assert mine["verdicts"] == {"reduced": 2}, "the control is not in print"
    assert mine["claim_verdicts"] == {"undecided": 1}
    unprinted = re.sub(r"published: \{mean: [0-9.]+\}, ", "", spec.read_text())
    spec.write_text("".join(line for line in unprinted.splitlines(keepends=True) if "Quoted" not in line))
    assert "own): no printed cells; claims: 1 undecided" in repro("list").out.splitlines()[1]


@pytest.mark.parametrize("command", ["", "list", "data list", "score", "score bleu-4"])
def test_h_is_help(command: str) -> None:
    short, long = repro(*command.split(), "-h"), repro(*command.split(), "--help")
    assert short == long
    assert short.code == 0
    assert "sage:" in short.out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("show cegan/kl", ["cegan/kl-2d"]), ("run cegan/kl-2d mos/rank-p", ["mos/rank-ptb"]),
     ("score frechet-i", ["frechet-inception-distance"]), ("calib", ["calibrate"])],
)  # fmt: skip
def test_a_shell_completes_commands_tables_and_metrics(typed: str, offered: list[str]) -> None:
    words = f"repro {typed}"
    place = str(len(words.split()) - 1)
    said = python("-m", "repro", _REPRO_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=place)
    assert said.out.split() == offered, said.err


@pytest.mark.parametrize("name", FORMATS)
def test_a_table_is_the_same_by_its_id_and_as_it_is_numbered_in_print(name: str) -> None:
    by_id, as_printed = repro("show", B2, "--format", name), repro("show", "dai2019/B.2", "--format", name)
    assert by_id.code == 0
    assert by_id == as_printed
    assert "0.1131" in by_id.out  # EGAN-Ent-NN on the Gaussian mixture, first column


def test_show_gives_the_documented_json_and_every_printed_number_in_csv() -> None:
    shown = repro("show", B2, "--format", "json").json
    assert {"id", "source", "columns", "rows"} <= shown.keys()
    assert (shown["source"]["document"], shown["source"]["table"]) == ("dai2019", "B.2")
    cells = [cell for row in shown["rows"] for cell in row["cells"].values()]
    assert len(cells) == 3 * (4 * 10 + 2)  # three groups: four models with ten columns, a heading with two
    assert all(cell.keys() == {"value", "std", "text"} for cell in cells)
    table = list(csv.reader(io.StringIO(repro("show", B2, "--format", "csv").out)))
    assert {cell["text"] for cell in cells} <= {text for line in table for text in line}


def test_show_writes_a_file_whole_and_says_so_on_standard_error(tmp_path: Path) -> None:
    said = repro("show", B2, "--format", "tex", "--standalone", "--output", "b2.tex")
    assert (said.code, said.out, said.err) == (0, "", "wrote b2.tex\n")
    assert r"\begin{document}" in (tmp_path / "b2.tex").read_text()


@pytest.mark.parametrize("file", ["b2.html", "b2.HTM", "b2.md", "b2.tex", "b2.csv", "b2.json", "b2.txt", "b2"])
def test_a_file_is_written_in_the_format_that_its_name_ends_in(file: str, tmp_path: Path) -> None:
    known = {"htm": "html", "txt": "text", "b2": "text"}
    fmt = file.lower().rpartition(".")[2]
    assert repro("show", B2, "-o", file).code == 0
    assert (tmp_path / file).read_text() == repro("show", B2, "--format", known.get(fmt, fmt)).out


def test_a_format_that_is_named_counts_whatever_the_file_is_called(tmp_path: Path) -> None:
    repro("show", B2, "--format", "csv", "-o", "b2.html")
    assert (tmp_path / "b2.html").read_text() == repro("show", B2, "--format", "csv").out


def test_show_of_a_row_has_every_parameter_at_every_scale(tmp_path: Path) -> None:
    row = ["show", "dai2019/A.5", "--row", "AWD-LSTM-MoS"]
    lines = {line.split()[0]: line.split()[1:] for line in repro(*row).out.splitlines()[1:]}
    # from the spec by hand: two data sets at laptop and paper scale, one at smoke; 30, 80 and 15 are no scale's
    assert lines["data"] == ["toy-language", "ptb", "wikitext-2", "ptb", "wikitext-2"]
    assert lines["params.batch_size"] == ["10", "10", "10", "12", "15"]
    assert lines["params.epoch_tokens"] == ["null", "300000", "120000", "null", "null"]
    assert lines["limit_minutes"] == ["5", "90", "90", "1440", "1440"]
    table = list(csv.reader(io.StringIO(repro(*row, "--format", "csv").out)))
    assert [line[1:] for line in table if line[0] == "params.batch_size"] == [["10", "10", "10", "12", "15"]]
    assert "| params.batch\\_size | 10 | 10 | 10 | 12 | 15 |" in repro(*row, "--format", "md").out
    found = repro(*row, "--format", "json").json["configurations"]
    assert [each["training"]["params"]["batch_size"] for each in found["paper"]] == [12, 15]
    assert [list(each["columns"]) for each in found["laptop"]] == [["ptb_valid", "ptb_test"], ["wt2_valid", "wt2_test"]]


def test_an_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = repro("show", B2, "--output", "file/b2.txt")
    assert said.code == 2
    assert said.err.startswith("repro: cannot write file/b2.txt: ")


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["show", "dai2019/B2"], "did you mean 'dai2019/B.2'?"),
        (["show", "cegan/kl-3d"], "did you mean 'cegan/kl-2d'?"),
        (["show", "missing.yaml"], "there is no file 'missing.yaml'"),
        (["show", B2, "--format", "htlm"], "did you mean 'html'?"),
        (["show", B2, "--row", "gaussian/GAM"], "did you mean 'gaussian/GAN'?"),
        (["show", B2, "--row", "GAN"], "could be 'gaussian/GAN' or 'biased/GAN' or 'spirals/GAN'"),
        (["show", B2, "--row", "gaussian/GAN", "--format", "html"], "a row is shown as text, md, csv, json, not as"),
        (["show", "mos/ptb", "--row", "Zoph and Le [162] – NAS Cell"], "is quoted (Zoph and Le (2016)): it is not run"),
        (["report", B2, "--profile", "papre"], "did you mean 'paper'?"),
        (["run", B2, "--dry-run", "--profile", "smok"], "did you mean 'smoke'?"),
        (["why", B2, "gaussian/EGAN-Ent-N"], "did you mean 'gaussian/EGAN-Ent-NN'?"),
        (["run", B2, "--dry-run", "--rows", "spirals/GAM"], "did you mean 'spirals/GAN'?"),
        (["run", B2, "--dry-run", "--engine", "slurm"], "unknown engine 'slurm'"),
        (["run", B2, "--dry-run", "--seeds", "2", "--only-seeds", "1"], "exclude each other"),
        (["run", B2, "--dry-run", "--seeds", "0"], "--seeds"),
        (["shwo", B2], "Did you mean 'show'?"),
        (["list", "--jsn"], "--json"),
        (["show"], "TABLE"),
    ],
)
def test_a_wrong_command_line_exits_2_with_one_line_that_names_the_likely_fix(
    arguments: list[str], suggestion: str
) -> None:
    said = repro(*arguments)
    assert (said.code, said.out) == (2, "")
    first, *hint = said.err.splitlines()
    assert first.startswith("repro: ")
    assert suggestion in first
    assert len(hint) <= 1
    assert all(line.startswith("       repro ") for line in hint)


@pytest.mark.parametrize("arguments", [["--debug", "show", "nope"], ["show", "nope", "--debug"]])
def test_a_traceback_comes_with_debug_only_and_changes_no_exit_code(arguments: list[str]) -> None:
    said = repro(*arguments)
    assert said.code == 2
    assert "Traceback (most recent call last)" in said.err
    assert said.err.endswith("repro: unknown table 'nope' (`repro list` shows all)\n")
    assert "Traceback" not in repro("show", "nope").err


def test_without_a_command_the_help_is_shown_as_it_is() -> None:
    said = repro()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: repro [OPTIONS] COMMAND")
    asked = repro("--help")
    assert asked.code == 0
    assert asked.out.strip() == said.err.strip()
    assert "..." not in asked.out.partition("Commands:")[2], "a command's first sentence is cut off"


def test_the_version_is_shown() -> None:
    said = repro("--version")
    assert said.code == 0
    assert re.fullmatch(r"repro (\d+\.\d+\.\d+|\(not installed: run from its sources\))\n", said.out)


def test_the_tables_that_come_with_the_project_are_valid() -> None:
    said = repro("validate")
    assert (said.code, said.out) == (0, "")
    assert said.err.endswith("nothing wrong\n")


def test_a_profile_with_too_few_seeds_is_told_and_is_no_error(tmp_path: Path) -> None:
    spec = toys.write(tmp_path)
    said = repro("validate", spec)
    assert (said.code, said.out) == (0, "")
    assert "profile paper has 2 seeds, too few to decide " in said.err
    text = spec.read_text()
    assert "paper: {seeds: 2" in text
    spec.write_text(text.replace("paper: {seeds: 2", "paper: {seeds: 3"))
    assert "profile paper" not in repro("validate", spec).err


def test_a_broken_spec_is_told_line_by_line_and_exits_2(tmp_path: Path) -> None:
    good = toys.write(tmp_path)
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text().replace("scale: 1.0", "scales: 1.0").replace("metric: mean,", "metric: maen,"))
    said = repro("validate", good, bad)
    assert said.code == 2
    assert said.err.splitlines()[-1] == "repro: 1 of 2 specs wrong"  # after remarks on seeds
    # lines and columns counted by hand in tests/cli/toys.py
    places = [line.split(" ")[0] for line in said.out.splitlines()]
    assert places == [f"{bad}:7:31:", f"{bad}:9:69:"]
    assert "did you mean 'mean'?" in said.out
    assert "did you mean 'scale'?" in said.out
    shown = repro("show", bad)
    assert shown.code == 2
    assert shown.err == said.out + f"repro: {bad} is no valid spec\n"


def test_the_schema_is_valid_and_describes_a_spec() -> None:
    schema = repro("validate", "--schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    assert {"id", "rows", "columns", "claims"} <= schema["properties"].keys()


def test_audit_finds_the_claims_that_fail_in_print_without_any_run() -> None:
    said, data = repro("audit", "dai2019/B.2"), repro("audit", B2, "--json").json
    failing = [claim for claim in data if claim["in_print"] == "fails"]
    assert said.code == 0
    # both are about the two spirals, whose p_data is not the density of the samples (notes of the spec)
    assert len(failing) == 2
    assert all("Two-spiral" in claim["detail"] for claim in failing)
    assert said.out.splitlines()[-1] == "8 claims of 1 table: 6 hold in print, 2 fail in print"


def test_audit_of_everything_lists_what_fails_and_counts_the_rest() -> None:
    said = repro("audit").out.splitlines()
    failing = [line for line in said if line.startswith("fails")]
    assert not [line for line in said if line.startswith(("holds", "no number"))]
    count = re.fullmatch(
        r"(\d+) claims of (\d+) tables: (\d+) hold in print, (\d+) fail in print, (\d+) have no number in print",
        said[-1],
    )
    assert count is not None
    claims, tables, holding, fails, open_ = map(int, count.groups())
    assert (fails, holding + fails + open_, tables) == (len(failing), claims, len(all_paths()))


def test_doctor_names_every_dependency_and_where_things_are(tmp_path: Path) -> None:
    found = repro("doctor", "--json").json
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=~ ]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert wanted == set(PACKAGES)
    assert set(found["versions"]) == wanted | {"repro", "python"}
    assert found["store"]["store"] == str(tmp_path / "store")
    assert found["store"]["results"] == str(tmp_path / "results")
    assert found["store"]["records"] == 0
    text = repro("doctor")
    assert text.code == 0
    assert all(str(value) in text.out for section in found.values() for value in section.values())
