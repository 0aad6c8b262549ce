"""The workflow file that CONTRIBUTING offers: it is YAML, and its commands are ones that this program has."""

from __future__ import annotations

import re
import shlex

import yaml

from tests.cli.command import ROOT
from tests.cli.test_readme import blocks, parse


def test_the_workflow_parses_and_every_repro_command_in_it_is_one() -> None:
    (text,) = (block for block in blocks("yaml", ROOT / "CONTRIBUTING.md") if block.startswith("name: gate"))
    workflow = yaml.safe_load(text)
    assert workflow[True] == ["pull_request"]  # YAML 1.1 reads `on` as true; GitHub does not
    steps = workflow["jobs"]["gate"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    commands = [step["run"] for step in steps if "run" in step]
    gates = [command for command in commands if command.startswith("repro ")]
    assert len(gates) == 1
    for command in gates:
        parse(command)
    junit = shlex.split(gates[0])[shlex.split(gates[0]).index("--junit") + 1]
    assert junit == steps[-1]["with"]["path"]
    assert steps[-1]["if"] == "always()"
    for file in re.findall(r"--constraint (\S+)", " ".join(commands)):
        assert (ROOT / file).is_file()
