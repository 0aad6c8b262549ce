"""What a metric takes, from what a file holds: numbers, labels, matrices, sentences, references, rankings."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from repro.metrics.text.tokens import BLANKS, tokenise
from repro.scoring import lines, sheet
from repro.scoring.arrays import array, arrays
from repro.scoring.lines import Item
from repro.scoring.place import BINARY, Place, Source, place_of
from repro.scoring.sheet import is_number


def read(kind: str, place: str | list[str], source: Source) -> Any:
    """The contents of a place, or of several, as a metric takes them."""
    if isinstance(place, list):
        return _grouped([_GROUPS[kind](place_of(text, source)) for text in place])
    return _READERS[kind](place_of(place, source))


def _values(place: Place) -> Iterator[Item]:
    """The items of a place, each with where it stands: those of an array one by one."""
    if place.form not in BINARY:
        yield from lines.values(place)
        return
    stored = array(place)
    if stored.ndim != 1:
        raise ValueError(f"{place}: items in 1 dimension are expected, these are of shape {stored.shape}")
    yield from ((f"{place}, item {number}", item) for number, item in enumerate(stored.tolist(), start=1))


def _numbers(place: Place) -> np.ndarray:
    if place.form in BINARY:
        return _numeric(array(place), place, 1)
    return np.array([_number(value, where) for where, value in _values(place)])


def _labels(place: Place) -> np.ndarray:
    """Labels are text: 1 of an array is the text "1", and 007 is another label than 7. No item is without one."""
    if place.form in BINARY:
        return _stored_labels(array(place), place)
    found = [(where, _label(value, where)) for where, value in _values(place)]
    for where, label in found:
        if not label:
            raise ValueError(f"{where}: a label is expected, not {label!r}")
    return np.array([label for _, label in found])


def _label(value: Any, where: str) -> str:
    """The text of a label. A number of JSON is no text: 1.0 is the number 1, as in an array of floats."""
    scalar = _scalar(value, where)
    if isinstance(scalar, float):
        if not scalar.is_integer():
            raise ValueError(f"{where}: a label is a whole number or a text, not {scalar}")
        scalar = int(scalar)
    return str(scalar).strip()


def _stored_labels(stored: np.ndarray, place: Place) -> np.ndarray:
    if stored.ndim != 1:
        raise ValueError(f"{place}: labels in 1 dimension are expected, these are of shape {stored.shape}")
    if stored.dtype.kind in "fb":  # as scores of a network, or masks, that were never made whole numbers
        whole = stored.astype(np.int64) if np.isfinite(stored).all() else None
        if whole is None or not np.array_equal(whole, stored):
            raise ValueError(f"{place}: labels must be whole numbers or text, these are {stored.dtype}")
        stored = whole
    if stored.dtype.kind not in "iuUS":
        raise ValueError(f"{place}: labels must be whole numbers or text, these are {stored.dtype}")
    return np.char.decode(stored, "utf-8") if stored.dtype.kind == "S" else stored.astype(np.str_)


def check_written_alike(first: np.ndarray, second: np.ndarray) -> None:
    """Raises ValueError for labels of two files that are nowhere the same text, and numbers on one side at least.

    These are the same ones in two ways of writing (1.0 and 1), or numbers of classes beside their names.
    """
    ours, theirs = set(first.tolist()), set(second.tolist())
    if ours & theirs:
        return
    numbers = [{float(label): label for label in sorted(labels) if is_number(label)} for labels in (ours, theirs)]
    for value, label in numbers[0].items():
        if value in numbers[1]:
            other = numbers[1][value]
            raise ValueError(f"labels are compared as text: {label!r} and {other!r} differ; write them alike")
    shown = f"{min(ours)!r} and {min(theirs)!r}, and none is in both"
    if sorted(len(found) for found in numbers)[0] == 0 and any(
        len(found) == len(labels) for found, labels in zip(numbers, (ours, theirs), strict=True)
    ):
        raise ValueError(f"one file has numbers for labels, the other has names: {shown}; write them alike")


def _matrix(place: Place) -> np.ndarray:
    if place.form in BINARY:
        return _numeric(array(place), place, 2)
    rows: list[tuple[str, Any]]
    if place.form in ("csv", "tsv"):
        rows = list(sheet.matrix(place, lines.text_of(place)))
    else:
        rows = [(where, _row(value, where)) for where, value in _values(place)]
    for where, row in rows:
        if not row:
            raise ValueError(f"{where}: an empty line, where a row of numbers is expected")
        if len(row) != len(rows[0][1]):
            raise ValueError(f"{where}: {len(row)} numbers, the first row has {len(rows[0][1])}")
    return np.array([[_number(value, where) for value in row] for where, row in rows])


def _row(value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        return list(value.split())
    if not isinstance(value, list):
        raise ValueError(f"{where}: a list of numbers is expected")
    return value


def _number(value: Any, where: str) -> float:
    scalar = _scalar(value, where)
    try:
        number = float(scalar) if not isinstance(scalar, str) or _could_be(scalar) else None
    except (ValueError, OverflowError):
        number = None
    if number is None:
        raise ValueError(f"{where}: a number is expected, not {str(value)[:40]!r}")
    if not math.isfinite(number):
        raise ValueError(f"{where}: a finite number is expected, not {value}")
    return number


def _could_be(text: str) -> bool:
    """Whether a text is a number as files write them, or one of those that are not finite, which is said apart."""
    return is_number(text) or text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity")


def _scalar(value: Any, where: str) -> str | int | float:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{where}: a number or a text is expected, not {_shown(value)}")
    return value


def _numeric(stored: np.ndarray, place: Place, dimensions: int) -> np.ndarray:
    if stored.ndim != dimensions or stored.dtype.kind not in "biuf":
        said = f"{dimensions} dimension{'s' * (dimensions > 1)}"
        raise ValueError(f"{place}: numbers in {said} are expected, these are {stored.dtype} of shape {stored.shape}")
    if not np.isfinite(stored).all():
        raise ValueError(f"{place}: {int((~np.isfinite(stored)).sum())} of {stored.size} numbers are not finite")
    return stored


def _texts(place: Place) -> list[str]:
    return [_text(value, where) for where, value in _values(place)]


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: a text is expected, not {_shown(value)}")
    return value


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:40]


def _parts(place: Place) -> list[list[str]]:
    """The texts of each item: one a line, or of JSON a text or a list of them."""
    return [
        [_text(part, where) for part in (value if isinstance(value, list) else [value])]
        for where, value in _values(place)
    ]


def _sentences(place: Place) -> list[list[str]]:
    return tokenise(_texts(place), place.source.tokens)


def _paragraphs(place: Place) -> list[list[list[str]]]:
    """Each item's sentences: a list of them, or one text with line ends between them."""
    return [
        tokenise([line for part in parts for line in part.split("\n")], place.source.tokens) for parts in _parts(place)
    ]


def _references(place: Place) -> list[list[list[str]]]:
    return [tokenise(texts, place.source.tokens) for texts in _parts(place)]


def _reference_paragraphs(place: Place) -> list[list[list[list[str]]]]:
    return [[paragraph] for paragraph in _paragraphs(place)]


def _grouped(files: list[list[list[Any]]]) -> list[list[Any]]:
    """For each item its references of all files."""
    sizes = [len(groups) for groups in files]
    if len(set(sizes)) > 1:
        raise ValueError(f"the files of references have {' and '.join(map(str, sizes))} items: each needs one for each")
    return [[one for group in groups for one in group] for groups in zip(*files, strict=True)]


def _ranking(place: Place) -> dict[str, dict[str, float]]:
    """A TREC run. Ranks are not read: the order is that of the scores."""
    run: dict[str, dict[str, float]] = {}
    for where, (topic, _, document, _, score, _) in _columns(place, 6, "topic Q0 document rank score name"):
        _add(run, topic, document, _number(score, where), where)
    return run


def _judgements(place: Place) -> dict[str, dict[str, int]]:
    """TREC qrels."""
    judged: dict[str, dict[str, int]] = {}
    for where, (topic, _, document, grade) in _columns(place, 4, "topic 0 document grade"):
        if not re.fullmatch("-?[0-9]{1,9}", grade):
            raise ValueError(f"{where}: a whole number is expected as grade, not {grade[:40]!r}")
        _add(judged, topic, document, int(grade), where)
    return judged


def _columns(place: Place, number: int, said: str) -> Iterator[tuple[str, list[str]]]:
    if place.form in BINARY:
        raise ValueError(f"{place.file}: a text file is expected here ({said})")
    for line, text in enumerate(lines.lines(place), start=1):
        columns, where = BLANKS.split(text.strip(" \t\r\f\v")), f"{place.file}:{line}"
        if len(columns) != number:
            raise ValueError(f"{where}: {number} columns are expected ({said}), these are {len(columns)}")
        yield where, columns


def _add(topics: dict[str, dict[str, Any]], topic: str, document: str, value: Any, where: str) -> None:
    documents = topics.setdefault(topic, {})
    if document in documents:
        raise ValueError(f"{where}: document {document} stands twice for topic {topic}")
    documents[document] = value


_GROUPS: dict[str, Callable[[Place], list[list[Any]]]] = {
    "reference_paragraphs": _reference_paragraphs,
    "reference_texts": _parts,
    "references": _references,
}
_READERS: dict[str, Callable[[Place], Any]] = {
    "array": array,
    "arrays": arrays,
    "judgements": _judgements,
    "labels": _labels,
    "matrix": _matrix,
    "numbers": _numbers,
    "paragraphs": _paragraphs,
    "ranking": _ranking,
    "sentences": _sentences,
    "texts": _texts,
}
