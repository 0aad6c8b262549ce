"""Questions on passages: SQuAD, whose answers are spans, and RACE, whose answers are options."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from repro.data.kinds.rows import ChoiceQuestion, Question, TextData, text_data
from repro.data.kinds.tables import json_lines
from repro.data.sources.packed import opened


def squad_1_1() -> TextData[Question]:
    """SQuAD 1.1: 87,599 / 10,570 questions, each answered in its passage."""
    return text_data("squad-1.1", _squad)


def squad_2_0() -> TextData[Question]:
    """SQuAD 2.0: 130,319 / 11,873 questions, of the latter 5,945 without an answer."""
    return text_data("squad-2.0", _squad)


def race() -> TextData[ChoiceQuestion]:
    """RACE: 87,866 / 4,887 / 4,934 questions with options, of two levels."""
    return text_data("race", _race)


def _squad(_split: str, files: dict[str, Path]) -> Iterator[Question]:
    ((form, path),) = files.items()
    if form.startswith("hub/"):
        for row in json_lines(path):
            answers = row["answers"]
            yield _question(row["id"], row["context"], row["question"], answers["text"], answers["answer_start"])
        return
    with opened(path) as file:
        articles = json.load(file)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                texts = [answer["text"] for answer in asked["answers"]]
                starts = [answer["answer_start"] for answer in asked["answers"]]
                yield _question(asked["id"], paragraph["context"], asked["question"], texts, starts)


def _question(number: str, passage: str, question: str, texts: list[str], starts: list[int]) -> Question:
    for text, start in zip(texts, starts, strict=True):
        if passage[start : start + len(text)] != text:
            raise ValueError(f"question {number}: the passage has no {text!r} at character {start}")
    return Question(number, passage, question, tuple(texts), tuple(starts))


def _race(split: str, files: dict[str, Path]) -> Iterator[ChoiceQuestion]:
    ((form, path),) = files.items()
    if form == "RACE.tar":
        yield from _choices(_race_archive({"valid": "dev"}.get(split, split), path))
    elif form.startswith("hub/"):  # one question a row, under the same keys in the singular
        for row in json_lines(path):
            level = re.match("(high|middle)", row["example_id"])
            yield ChoiceQuestion(
                row["example_id"], row["article"], row["question"], tuple(row["options"]), "ABCD".index(row["answer"]),
                level[1] if level else "",
            )  # fmt: skip
    else:
        yield from _choices(json_lines(path))


def _choices(passages: Iterable[dict[str, Any]]) -> Iterator[ChoiceQuestion]:
    for passage in passages:
        asked = zip(passage["questions"], passage["options"], passage["answers"], strict=True)
        for number, (question, options, answer) in enumerate(asked):
            level = passage.get("level") or re.sub(r"\d.*", "", passage["id"])
            yield ChoiceQuestion(
                f"{passage['id']}-{number}", passage["article"], question, tuple(options), "ABCD".index(answer), level
            )


def _race_archive(part: str, path: Path) -> Iterator[dict[str, Any]]:
    """Passages by level and number. Members are read where they are, none is unpacked to a file."""
    found = {}
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            named = re.fullmatch(rf"(?:\./)?RACE/{part}/(high|middle)/(\d+)\.txt", member.name)
            file = archive.extractfile(member) if named and member.isreg() else None
            if named and file:
                found[named[1], int(named[2])] = {**json.load(file), "level": named[1]}
    for key in sorted(found):
        yield found[key]
