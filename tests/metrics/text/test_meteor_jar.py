"""METEOR 1.5 against the number that nlg-eval prints for its example, where the jar is, and else against a stand-in."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from repro.contracts import MissingData
from repro.metrics.text.meteor_jar import JAR, meteor_1_5, meteor_jar

STAND_IN = """#!{python}
import sys
for line in sys.stdin:
    kind, *parts = line.rstrip("\\n").split(" ||| ")
    if kind == "SCORE":
        print(len(parts), len(parts[-1].split()), flush=True)
    else:
        words = [int(part.split()[1]) for part in parts]
        print(*(count / 10 for count in words), sum(words) / 100, sep="\\n", flush=True)
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `java` that answers as the program: items are a tenth of the words, the corpus a hundredth of their sum."""
    java, jar = tmp_path / "java", tmp_path / "meteor-1.5.jar"
    java.write_text(STAND_IN.format(python=sys.executable))
    java.chmod(0o755)
    jar.write_bytes(b"a jar")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(JAR, str(jar))
    return tmp_path


def test_items_are_the_program_s_and_the_value_its_last_line(stand_in: Path) -> None:
    score = meteor_1_5(["a b", "c ||| d\ne", ""], [["a"], ["c", "d"], ["e"]])
    assert score.items is not None
    assert score.items.tolist() == [0.2, 0.3, 0.0]  # the marks and the line's end are blanks
    assert score.value == 0.05
    assert score.signature.startswith("meteor-1.5|impl:meteor-1.5.jar/")
    assert "|refs:2|" in score.signature


def test_what_is_not_at_hand_is_missing_and_says_what_supplies_it(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stand_in / "java").unlink()
    with pytest.raises(MissingData, match="install a Java runtime"):
        meteor_1_5(["a"], [["a"]])
    monkeypatch.setenv(JAR, str(stand_in / "nowhere.jar"))
    with pytest.raises(MissingData, match=r"nowhere\.jar is no file: name it by METEOR_JAR"):
        meteor_1_5(["a"], [["a"]])


def test_a_program_that_ends_is_an_error_and_no_number(stand_in: Path) -> None:
    (stand_in / "java").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(ValueError, match="METEOR ended without an answer"):
        meteor_1_5(["a"] * 3, [["a"]] * 3)


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        ([], [], "0 hypotheses and 0 lists"),
        (["a"], [], "1 hypotheses and 0 lists"),
        (["a"], [[]], r"references\[0\] is \[\]"),
        (["a"], ["a"], r"references\[0\] is 'a'"),
        ("a", [["a"]], "1 hypotheses and 1 lists"),
        ([["a"]], [["a"]], r"\['a'\] is not a text"),
    ],
)
def test_bad_input_is_refused(stand_in: Path, hypotheses: list[str], references: list[list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        meteor_1_5(hypotheses, references)


@pytest.mark.long
def test_the_example_of_nlg_eval_has_the_number_of_its_readme(real_data: Path) -> None:
    """0.295797, from Maluuba/nlg-eval's README, for its two hypotheses with two references each."""
    try:
        meteor_jar()
    except MissingData as missing:
        pytest.skip(str(missing))
    if shutil.which("java") is None:
        pytest.skip("no Java")
    folder = real_data / "caption_eval"
    texts = [(folder / f"nlgeval.{name}.txt").read_text().splitlines() for name in ("hyp", "ref1", "ref2")]
    score = meteor_1_5(texts[0], [list(own) for own in zip(*texts[1:], strict=True)])
    assert score.value == pytest.approx(0.295797, abs=5e-7)
    assert score.items is not None
    assert score.value != pytest.approx(np.mean(score.items), abs=1e-3)
