"""A copy of the project, to which things are added, and its commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.cli.command import ROOT


def copied(project: Path) -> Path:
    """The project in another folder, without its results and tests."""
    for folder in ("repro", "baselines", "tables", "docs"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", ".gitattributes", "README.md"):
        shutil.copy(ROOT / file, project / file)
    (project / "results").mkdir()
    (project / "results" / "README.md").write_text("old\n")
    return project


def run(project: Path, *command: str) -> str:
    """What a command says, run with the code of a copy."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REPRO_")}
    environment |= {"PYTHONPATH": str(project), "REPRO_STORE": str(project / ".repro")}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
