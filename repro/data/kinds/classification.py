"""Texts and pairs of texts with classes, from the layouts in which they are commonly distributed.

Classes are numbered from 0 in the order of the data set's own numbers or of GLUE's tables; `labels` names them.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from repro.data.kinds.rows import LabelledText, PairText, Reader, TextData, text_data
from repro.data.kinds.tables import comma_separated, json_lines, tab_separated
from repro.data.sources.packed import lines

SENTIMENT = ("negative", "positive")
STARS = ("1", "2", "3", "4", "5")
INFERENCE = ("entailment", "neutral", "contradiction")
ENTAILMENT = ("entailment", "not_entailment")
PARAPHRASE = ("different", "same")


def ag_news() -> TextData[LabelledText]:
    """AG News: 120,000 / 7,600 texts of four topics. A text is title and description with a blank between."""
    return text_data("ag-news", _topics, ("World", "Sports", "Business", "Sci/Tech"))


def amazon_2() -> TextData[LabelledText]:
    """Amazon reviews: 3,600,000 / 400,000, negative or positive."""
    return text_data("amazon-2", _topics, SENTIMENT)


def amazon_5() -> TextData[LabelledText]:
    """Amazon reviews: 3,000,000 / 650,000, one to five stars."""
    return text_data("amazon-5", _topics, STARS)


def dbpedia() -> TextData[LabelledText]:
    """DBpedia: 560,000 / 70,000 titles and abstracts of 14 classes."""
    names = ("Company", "EducationalInstitution", "Artist", "Athlete", "OfficeHolder", "MeanOfTransportation",
             "Building", "NaturalPlace", "Village", "Animal", "Plant", "Album", "Film", "WrittenWork")  # fmt: skip
    return text_data("dbpedia", _topics, names)


def yahoo() -> TextData[LabelledText]:
    """Yahoo! Answers: 1,400,000 / 60,000 questions with their best answer, of ten topics."""
    names = ("Society & Culture", "Science & Mathematics", "Health", "Education & Reference", "Computers & Internet",
             "Sports", "Business & Finance", "Entertainment & Music", "Family & Relationships",
             "Politics & Government")  # fmt: skip
    return text_data("yahoo", _topics, names)


def yelp_2() -> TextData[LabelledText]:
    """Yelp reviews: 560,000 / 38,000, negative or positive."""
    return text_data("yelp-2", _topics, SENTIMENT)


def yelp_5() -> TextData[LabelledText]:
    """Yelp reviews: 650,000 / 50,000, one to five stars."""
    return text_data("yelp-5", _topics, STARS)


def imdb() -> TextData[LabelledText]:
    """Movie reviews: 25,000 / 25,000, negative or positive, negative ones first."""
    return text_data("imdb", _imdb, SENTIMENT)


def cola() -> TextData[LabelledText]:
    """Sentences, acceptable (1) or not: 8,551 / 1,043, those of the training domain first."""
    return text_data("cola", _cola, ("unacceptable", "acceptable"))


def sst_2() -> TextData[LabelledText]:
    """Phrases and sentences of movie reviews, negative or positive: 67,349 / 872."""
    return text_data("sst-2", partial(_labelled, "sentence"), SENTIMENT)


def snli() -> TextData[PairText]:
    """Premise and hypothesis: 549,367 / 9,842 / 9,824 pairs with a gold label."""
    return text_data("snli", _snli, INFERENCE)


def mnli() -> TextData[PairText]:
    """Premise and hypothesis: 392,702, and 9,815 / 9,832 for validation within and outside the training genres."""
    return text_data("mnli", _pairs(PairColumns("sentence1", "sentence2", "gold_label", INFERENCE)), INFERENCE)


def mrpc() -> TextData[PairText]:
    """Pairs of sentences, paraphrases (1) or not: 3,668 / 408."""
    return text_data("mrpc", _pairs(PairColumns("#1 String", "#2 String", "Quality")), PARAPHRASE)


def qnli() -> TextData[PairText]:
    """A question and a sentence that answers it or not: 104,743 / 5,463."""
    return text_data("qnli", _pairs(PairColumns("question", "sentence", "label", ENTAILMENT)), ENTAILMENT)


def qqp() -> TextData[PairText]:
    """Pairs of questions, duplicates (1) or not: 363,846 / 40,430."""
    return text_data("qqp", _pairs(PairColumns("question1", "question2", "is_duplicate")), PARAPHRASE)


def rte() -> TextData[PairText]:
    """Text and hypothesis: 2,490 / 277."""
    return text_data("rte", _pairs(PairColumns("sentence1", "sentence2", "label", ENTAILMENT)), ENTAILMENT)


def wnli() -> TextData[PairText]:
    """Sentence pairs of Winograd schemas: 635 / 71."""
    return text_data("wnli", _pairs(PairColumns("sentence1", "sentence2", "label")), ("not_entailment", "entailment"))


def sts_b() -> TextData[PairText]:
    """Sentence pairs with their similarity from 0 to 5: 5,749 / 1,500 / 1,379."""
    return text_data("sts-b", _similarities)


def within(data: TextData[PairText], most: int) -> dict[str, list[str]]:
    """The single sentences, premise then hypothesis, of at most `most` tokens (split at blanks), split by split.

    The length filter under which SNLI is used as a set of sentences (ARAE: 15 tokens).
    """
    return {
        split: [text for row in rows for text in (row.first, row.second) if len(text.split()) <= most]
        for split, rows in data.splits.items()
    }


def _topics(split: str, files: dict[str, Path]) -> Iterator[LabelledText]:
    ((_, path),) = files.items()
    for number, row in enumerate(comma_separated(path), start=1):
        if split == "train-sample":  # AG News at hand: text, class from 0
            yield LabelledText(row[0], int(row[1]))
            continue
        if len(row) < 2 or not row[0].isdigit():
            raise ValueError(f"{path}, row {number}: expected a class from 1 and one to three texts, found {row[:2]}")
        yield LabelledText(" ".join(field.replace("\\n", "\n") for field in row[1:] if field), int(row[0]) - 1)


def _imdb(split: str, files: dict[str, Path]) -> Iterator[LabelledText]:
    ((form, path),) = files.items()
    if form == "aclImdb_v1.tar":
        yield from _imdb_archive(split, path)
        return
    for row in json_lines(path):
        yield LabelledText(row["text"], row["label"])


def _imdb_archive(split: str, path: Path) -> Iterator[LabelledText]:
    """Reviews by their number, negative ones first. Members are read where they are, none is unpacked to a file."""
    found = {}
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            named = re.fullmatch(rf"(?:\./)?aclImdb/{split}/(neg|pos)/(\d+)_\d+\.txt", member.name)
            file = archive.extractfile(member) if named and member.isreg() else None
            if named and file:
                label = ("neg", "pos").index(named[1])
                found[label, int(named[2])] = file.read().decode("utf-8")
    for (label, _), text in sorted(found.items()):
        yield LabelledText(text, label)


def _cola(_split: str, files: dict[str, Path]) -> Iterator[LabelledText]:
    for path in files.values():
        for row in tab_separated(path, ("source", "label", "mark", "sentence")):
            yield LabelledText(row["sentence"], int(row["label"]))


def _labelled(column: str, _split: str, files: dict[str, Path]) -> Iterator[LabelledText]:
    ((form, path),) = files.items()
    for row in json_lines(path) if form.startswith("hub/") else tab_separated(path):
        yield LabelledText(row[column], int(row["label"]))


def _snli(_split: str, files: dict[str, Path]) -> Iterator[PairText]:
    ((form, path),) = files.items()
    if form.startswith("hub/"):
        for row in json_lines(path):
            if row["label"] >= 0:  # -1 stands for no gold label
                yield PairText(row["premise"], row["hypothesis"], row["label"])
        return
    for row in tab_separated(path) if form.endswith(".tsv") else json_lines(path):
        if row["gold_label"] != "-":
            yield PairText(row["sentence1"], row["sentence2"], INFERENCE.index(row["gold_label"]))


@dataclass(frozen=True)
class PairColumns:
    """The columns of a table of pairs, and the names of its classes where they are not numbers."""

    first: str
    second: str
    label: str
    names: tuple[str, ...] = ()


def _pairs(columns: PairColumns) -> Reader[PairText]:
    """Reads pairs from GLUE's tables, or from the hub's rows, which hold the pair, the class and a running number."""

    def read(_split: str, files: dict[str, Path]) -> Iterator[PairText]:
        ((form, path),) = files.items()
        if form.startswith("hub/"):
            for row in json_lines(path):
                first, second = (value for name, value in row.items() if name not in ("label", "idx"))
                yield PairText(first, second, row["label"])
            return
        for row in tab_separated(path):
            label = row[columns.label]
            number = columns.names.index(label) if columns.names else int(label)
            yield PairText(row[columns.first], row[columns.second], number)

    return read


def _similarities(_split: str, files: dict[str, Path]) -> Iterator[PairText]:
    ((_, path),) = files.items()
    for number, line in enumerate(lines(path), start=1):
        fields = line.removesuffix("\r").split("\t")
        if len(fields) < 7:  # some rows name their sources in further columns
            raise ValueError(f"{path}, line {number}: expected at least 7 columns, found {len(fields)}")
        yield PairText(fields[5], fields[6], float(fields[4]))
