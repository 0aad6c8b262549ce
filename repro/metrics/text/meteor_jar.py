"""METEOR 1.5, the Java program behind caption tables, by its own jar.

Paper: Meteor Universal: Language Specific Translation Evaluation for Any Target Language (Denkowski and Lavie, 2014)
Code:  meteor-1.5.jar, as pycocoevalcap/meteor/meteor.py calls it: English, normalised, over standard input and output.
       The jar with its paraphrases (GPL, 70 MB) is not part of this package: METEOR_JAR names it, or the package
       pycocoevalcap has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import numpy as np

from repro.contracts.data import MissingData
from repro.metrics.score import Score, signature

JAR = "METEOR_JAR"
"""The environment variable that names the jar; `data/paraphrase-en.gz` lies beside it."""


def meteor_1_5(hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, tokens: str = "given") -> Score:
    """METEOR 1.5 of a corpus of texts, in 0 to 1, higher is better; `items` (N,) are the segments' own scores.

    Matches of words, stems, WordNet synonyms and paraphrases under the weights tuned for English; the corpus' value is
    that of statistics summed over segments, not the mean of items. Texts are normalised by the program (`-norm`);
    caption tables have them in lower case without punctuation before (`ptb-captions` of `tokens`). `references[i]` are
    those of hypothesis i. Line ends and `|||` within a text count as blanks. Raises ValueError for bad input, and
    MissingData where Java or the jar is not at hand.
    """
    if isinstance(hypotheses, str) or not len(hypotheses) or len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses and {len(references)} lists of references: one list for each")
    for number, own in enumerate(references):
        if isinstance(own, str) or not len(own):
            raise ValueError(f"references[{number}] is {own!r}: a list of one or more texts is needed")
    jar = meteor_jar()
    with _Program(_java(), jar) as program:
        statistics = [
            program.answer("SCORE", *map(_plain, own), _plain(hypothesis))
            for hypothesis, own in zip(hypotheses, references, strict=True)
        ]
        items = [float(program.answer("EVAL", *statistics)), *(float(program.next()) for _ in statistics[1:])]
        value = float(program.next())
    said = signature(
        "meteor-1.5", f"meteor-1.5.jar/{sha256(jar.read_bytes()).hexdigest()[:12]}", language="en", norm=True,
        refs=max(map(len, references)), tokens=tokens, average="statistics",
    )  # fmt: skip
    return Score(value, said, np.array(items))


def meteor_jar() -> Path:
    """The jar that METEOR_JAR names or pycocoevalcap has. Raises MissingData where there is none."""
    if named := os.environ.get(JAR):
        jar = Path(named)
    elif package := find_spec("pycocoevalcap"):
        jar = Path(*(package.submodule_search_locations or ())[:1]) / "meteor" / "meteor-1.5.jar"
    else:
        raise MissingData(f"METEOR 1.5 needs its jar: name it by {JAR}, or pip install pycocoevalcap, which has it")
    if not jar.is_file():
        raise MissingData(f"METEOR 1.5 needs its jar, and {jar} is no file: name it by {JAR}")
    return jar


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise MissingData("METEOR 1.5 is a Java program, and there is no `java` to run it: install a Java runtime")
    return java


class _Program:
    """The program, which answers each line with a line, and a line of statistics with one more than these."""

    def __init__(self, java: str, jar: Path) -> None:
        command = [java, "-Xmx2G", "-jar", str(jar), "-", "-", "-stdio", "-l", "en", "-norm"]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
        )

    def answer(self, *parts: str) -> str:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ||| ".join(parts) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and has no answer
        return self.next()

    def next(self) -> str:
        """Its next line. Raises ValueError where there is none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.strip():
            raise ValueError("METEOR ended without an answer: does the jar run, with `data/` beside it?")
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def _plain(text: str) -> str:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a text")
    return " ".join(text.replace("|||", " ").split())
