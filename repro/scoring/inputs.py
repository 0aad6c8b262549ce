"""What a metric takes, from what a file holds: numbers, labels, matrices, sentences, references, rankings."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from repro.metrics.text.tokens import tokenise
from repro.scoring.files import BINARY, Place, array, arrays, csv_rows, lines, place_of, values


def read(kind: str, place: str | list[str], tokens: str) -> Any:
    """The contents of a place, or of several, as a metric takes them; `tokens` names the tokenisation of sentences."""
    if isinstance(place, list):
        return _grouped([_GROUPS[kind](place_of(text), tokens) for text in place])
    if kind in ("sentences", "paragraphs"):
        return _SENTENCES[kind](place_of(place), tokens)
    return _READERS[kind](place_of(place))


def _numbers(place: Place) -> np.ndarray:
    if place.file.suffix in BINARY:
        return _numeric(array(place), place, 1)
    return np.array([_number(value, place, line) for line, value in values(place)])


def _labels(place: Place) -> np.ndarray:
    if place.file.suffix in BINARY:
        return array(place)
    words = [str(_scalar(value, place, line)).strip() for line, value in values(place)]
    try:
        return np.array([int(word) for word in words])
    except ValueError:
        return np.array(words)


def _matrix(place: Place) -> np.ndarray:
    if place.file.suffix in BINARY:
        return _numeric(array(place), place, 2)
    if place.file.suffix == ".csv":
        rows = [(number, list(row)) for number, row in csv_rows(place.file)]
        rows = rows[1:] if not _is_number(rows[0][1][0]) else rows
    else:
        rows = [(line, _row(value, place, line)) for line, value in values(place)]
    for line, row in rows:
        if len(row) != len(rows[0][1]):
            raise ValueError(f"{place.file}:{line}: {len(row)} numbers, the first row has {len(rows[0][1])}")
    return np.array([[_number(value, place, line) for value in row] for line, row in rows])


def _row(value: Any, place: Place, line: int) -> list[Any]:
    if isinstance(value, str):
        return list(value.split())
    if not isinstance(value, list):
        raise ValueError(f"{place.file}:{line}: a list of numbers is expected")
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(value: Any, place: Place, line: int) -> float:
    scalar = _scalar(value, place, line)
    try:
        number = float(scalar)
    except ValueError:
        raise ValueError(f"{place.file}:{line}: a number is expected, not {str(value)[:40]!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{place.file}:{line}: a finite number is expected, not {value}")
    return number


def _scalar(value: Any, place: Place, line: int) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{place.file}:{line}: a number or a text is expected, not {json.dumps(value)[:40]}")
    return value


def _numeric(stored: np.ndarray, place: Place, dimensions: int) -> np.ndarray:
    if stored.ndim != dimensions or stored.dtype.kind not in "biuf":
        said = f"{dimensions} dimension{'s' * (dimensions > 1)}"
        raise ValueError(f"{place}: numbers in {said} are expected, these are {stored.dtype} of shape {stored.shape}")
    if not np.isfinite(stored).all():
        raise ValueError(f"{place}: {int((~np.isfinite(stored)).sum())} of {stored.size} numbers are not finite")
    return stored


def _texts(place: Place) -> list[str]:
    return [_text(value, place, line) for line, value in values(place)]


def _text(value: Any, place: Place, line: int) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{place.file}:{line}: a text is expected, not {json.dumps(value)[:40]}")
    return value


def _parts(place: Place) -> list[list[str]]:
    """The texts of each item: one a line, or of JSON lines a text or a list of them."""
    return [
        [_text(part, place, line) for part in (value if isinstance(value, list) else [value])]
        for line, value in values(place)
    ]


def _sentences(place: Place, tokens: str) -> list[list[str]]:
    return tokenise(_texts(place), tokens)


def _paragraphs(place: Place, tokens: str) -> list[list[list[str]]]:
    """Each item's sentences: a list of them, or one text with line ends between them."""
    return [tokenise([line for part in parts for line in part.split("\n")], tokens) for parts in _parts(place)]


def _reference_texts(place: Place, _: str) -> list[list[str]]:
    return _parts(place)


def _references(place: Place, tokens: str) -> list[list[list[str]]]:
    return [tokenise(texts, tokens) for texts in _parts(place)]


def _reference_paragraphs(place: Place, tokens: str) -> list[list[list[list[str]]]]:
    return [[paragraph] for paragraph in _paragraphs(place, tokens)]


def _grouped(files: list[list[list[Any]]]) -> list[list[Any]]:
    """For each item its references of all files."""
    sizes = [len(groups) for groups in files]
    if len(set(sizes)) > 1:
        raise ValueError(f"the files of references have {' and '.join(map(str, sizes))} items: each needs one for each")
    return [[one for group in groups for one in group] for groups in zip(*files, strict=True)]


def _ranking(place: Place) -> dict[str, dict[str, float]]:
    """A TREC run. Ranks are not read: the order is that of the scores."""
    run: dict[str, dict[str, float]] = {}
    for line, (topic, _, document, _, score, _) in _columns(place, 6, "topic Q0 document rank score name"):
        _add(run, topic, document, _number(score, place, line), place, line)
    return run


def _judgements(place: Place) -> dict[str, dict[str, int]]:
    """TREC qrels."""
    judged: dict[str, dict[str, int]] = {}
    for line, (topic, _, document, grade) in _columns(place, 4, "topic 0 document grade"):
        if not grade.lstrip("-").isdecimal():
            raise ValueError(f"{place.file}:{line}: a whole number is expected as grade, not {grade[:40]!r}")
        _add(judged, topic, document, int(grade), place, line)
    return judged


def _columns(place: Place, number: int, said: str) -> Iterator[tuple[int, list[str]]]:
    for line, text in enumerate(lines(place.file), start=1):
        columns = text.split()
        if len(columns) != number:
            raise ValueError(f"{place.file}:{line}: {number} columns are expected ({said}), these are {len(columns)}")
        yield line, columns


def _add(topics: dict[str, dict[str, Any]], topic: str, document: str, value: Any, place: Place, line: int) -> None:
    documents = topics.setdefault(topic, {})
    if document in documents:
        raise ValueError(f"{place.file}:{line}: document {document} stands twice for topic {topic}")
    documents[document] = value


_SENTENCES: dict[str, Callable[[Place, str], list[Any]]] = {"paragraphs": _paragraphs, "sentences": _sentences}
_GROUPS: dict[str, Callable[[Place, str], list[list[Any]]]] = {
    "reference_paragraphs": _reference_paragraphs,
    "reference_texts": _reference_texts,
    "references": _references,
}
_READERS: dict[str, Callable[[Place], Any]] = {
    "array": array,
    "arrays": arrays,
    "judgements": _judgements,
    "labels": _labels,
    "matrix": _matrix,
    "numbers": _numbers,
    "ranking": _ranking,
    "texts": _texts,
}
