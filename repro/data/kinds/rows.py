"""Data sets that are lists of rows: texts with labels, pairs, translations, captions, questions, dialogues.

A row is a frozen dataclass of plain text and numbers. A split that is not at hand raises MissingData when it is asked
for, so that a part of a data set never passes for the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from repro.data.sources.entries import entry
from repro.data.sources.find import find
from repro.data.transforms.splits import Splits, counted


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text and its class."""

    text: str
    label: int


@dataclass(frozen=True, slots=True)
class PairText:
    """Two texts and what holds between them: a class, or a score on the scale of the data set."""

    first: str
    second: str
    label: int | float


@dataclass(frozen=True, slots=True)
class ParallelText:
    """A source and what it became: its translation or its headline. `references` has one target or several."""

    source: str
    references: tuple[str, ...]

    @property
    def target(self) -> str:
        """The first reference."""
        return self.references[0]


@dataclass(frozen=True, slots=True)
class Captions:
    """An image, by its name, and the captions that people gave it."""

    image: str
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question on a passage. `answers` holds all that people gave, none if the passage does not answer it; `starts`
    their first characters in the passage."""

    id: str
    passage: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChoiceQuestion:
    """A question on a passage with options, of which number `answer` is right. `level` is `middle` or `high`."""

    id: str
    passage: str
    question: str
    options: tuple[str, ...]
    answer: int
    level: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a speaker said, and its dialogue act as the data set names it."""

    speaker: str
    text: str
    act: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The utterances of a conversation in order, and its topic where one was given."""

    utterances: tuple[Utterance, ...]
    topic: str = ""


Row = TypeVar("Row")
Reader = Callable[[str, dict[str, Path]], Iterator[Row]]
"""Gives the rows of a split, from the files of the split: each by the path of the form in which it is at hand."""


@dataclass(frozen=True)
class TextData(Generic[Row]):
    """A data set of rows. `complete` says whether every split of the entry is at hand; `splits` holds those that are.

    `labels` names the classes, in the order of their numbers. `checksum` is the SHA-256 over the rows of all splits.
    """

    name: str
    splits: Mapping[str, Sequence[Row]]
    checksum: str
    complete: bool
    labels: tuple[str, ...] = ()


def text_data(name: str, read: Reader[Row], labels: tuple[str, ...] = ()) -> TextData[Row]:
    """The splits of a data set that are at hand, read and counted.

    Raises MissingData where none is, and ValueError where a split has not the number of rows of its entry.
    """
    about = entry(name)
    found = find(about)
    if not found.splits:
        found.require()
    splits: Splits[Sequence[Row]] = Splits(found)
    digest = hashlib.sha256()
    for split in found.splits:
        copies = {file.path: found.copies[file.path] for file in about.needed_by(split)}
        files = {copy.form.path: Path(found.contents(path).path) for path, copy in copies.items()}
        splits[split] = counted(about, split, tuple(read(split, files)), ", ".join(map(str, files.values())))
        digest.update(f"{split} {len(splits[split])}\n".encode())
        for row in splits[split]:
            digest.update(f"{row!r}\n".encode())
    return TextData(name, splits, digest.hexdigest(), found.state == "at hand", labels)
