"""Runs command lines, in this process or in one of their own, and keeps what they said."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as exactly one JSON document; NaN and infinity are none."""

        def refuse(text: str) -> None:
            raise AssertionError(f"{text} is not JSON")

        return json.loads(self.out, parse_constant=refuse)


def repro(*arguments: str | Path) -> Said:
    """A command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    return Said(int(code), out.getvalue(), err.getvalue())


def python(*arguments: str, timeout: float = 60, cwd: Path | None = None, **environment: str) -> Said:
    """A Python process that finds the sources; the command line is `python("-m", "repro", ...)`."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=timeout, env=given, cwd=cwd
    )
    return Said(done.returncode, done.stdout, done.stderr)
