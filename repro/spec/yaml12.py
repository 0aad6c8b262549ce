"""YAML 1.2 text to plain data and the position of everything in it.

The text is split into events by libyaml (through PyYAML), thirty times faster than a parser in Python, which is what
lets all specs be checked in a second. libyaml knows YAML 1.1 and 1.2 syntax; what a plain word *means* (`no`, `1e-3`,
`0o17`) is decided here, by the core schema of YAML 1.2. Nothing is constructed but dictionaries with text keys, tuples,
text, numbers, booleans and None: tags are errors, and aliases cannot grow without limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from repro.spec.problems import START, Path, Position, Problem, dotted

DEEPEST = 32
MOST_ALIASED = 10_000
EXACT = 2**53 - 1

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_BEGIN_NUMBERS = frozenset("+-.0123456789")
_BEGINS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True)
class Document:
    """The data of a text, where each part of it begins (a mapping's entry at its key), and what is wrong already."""

    data: Any
    positions: dict[Path, Position]
    problems: list[Problem]


class _BrokenError(Exception):
    """The text cannot be read on from here."""

    def __init__(self, position: Position, message: str, path: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(position, path, message)


def parse(text: str, is_printed: Callable[[Path], bool] = lambda _: False) -> Document:
    """Reads one document. A decimal number at a path that `is_printed` accepts stays the text that was written."""
    text = text.removeprefix("\ufeff")
    try:
        _check_characters(text)
        builder = _Builder(*_nodes(yaml.parse(text, Loader=_LOADER)), is_printed)
        data = builder.root()
    except _BrokenError as error:
        return Document(None, {}, [error.problem])
    except yaml.YAMLError as error:
        return Document(None, {}, [_syntax(error)])
    return Document(data, builder.positions, builder.problems)


def _check_characters(text: str) -> None:
    if found := _UNPRINTABLE.search(text):
        before = text[: found.start()]
        position = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _BrokenError(position, f"the character U+{ord(found[0]):04X} cannot stand in YAML; is this a text file?")


def _syntax(error: yaml.YAMLError) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(START, "", f"not YAML: {error}")
    mark = error.problem_mark or error.context_mark
    position = Position(mark.line + 1, mark.column + 1) if mark else START
    doing = ""
    if error.context:
        since = f" that began in line {error.context_mark.line + 1}" if error.context_mark else ""
        doing = f" {error.context}{since}"
    return Problem(position, "", f"not YAML: {error.problem}{doing}")


def _position(event: Any) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1)


def _nodes(events: Iterable[Any]) -> tuple[list[Any], dict[int, int]]:
    """The events between which there are the nodes of the one document, and for each alias where its target begins.

    A loop with a stack of its own: depth is limited here and not by the interpreter.
    """
    found: list[Any] = []
    targets: dict[int, int] = {}
    anchors: dict[str, int] = {}
    opened: list[int] = []
    documents = 0
    for event in events:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.anchor is not None:
                anchors[event.anchor] = len(found)
        elif kind in _BEGINS:
            opened.append(len(found))
            if len(opened) >= DEEPEST:
                raise _BrokenError(_position(event), f"nested deeper than {DEEPEST} levels")
        elif kind in _ENDS:
            begin = opened.pop()
            if found[begin].anchor is not None:
                anchors[found[begin].anchor] = begin
        elif kind is yaml.AliasEvent:
            if event.anchor not in anchors:
                message = f"the alias *{event.anchor} has no anchor &{event.anchor} that ends before it"
                raise _BrokenError(_position(event), message)
            targets[len(found)] = anchors[event.anchor]
        else:
            documents += kind is yaml.DocumentStartEvent
            if documents > 1:
                raise _BrokenError(_position(event), "a second document begins here; a file holds one table")
            continue
        found.append(event)
    if not found or (_is_plain(found[0]) and found[0].value == ""):
        raise _BrokenError(START, "the file is empty; a spec begins with `id: paper/table`")
    return found, targets


def _is_plain(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and not event.style


class _Builder:
    """Turns the events of a document into data, and collects positions and problems on the way."""

    def __init__(self, events: list[Any], targets: dict[int, int], is_printed: Callable[[Path], bool]) -> None:
        self.positions: dict[Path, Position] = {}
        self.problems: list[Problem] = []
        self._events = events
        self._targets = targets
        self._at = 0
        self._is_printed = is_printed
        self._aliased = 0

    def root(self) -> Any:
        self.positions[()] = _position(self._events[0])
        return self._value((), aliased=False)

    def _value(self, path: Path, aliased: bool) -> Any:
        """The data of the node that begins at the next event, and on to the event after it."""
        event, kind = self._events[self._at], type(self._events[self._at])
        if len(path) > DEEPEST:
            raise _BrokenError(_position(event), f"nested deeper than {DEEPEST} levels")
        if kind is yaml.AliasEvent:
            return self._target(path)
        if aliased:
            self._count(path)
        if event.tag is not None:
            self._problem(path, f"the tag {_shown(event.tag)} is not allowed: a spec is plain data")
            self._skip()
            return None
        self._at += 1
        if kind is yaml.ScalarEvent:
            return event.value if event.style else self._plain(event.value, path)
        return self._mapping(path, aliased) if kind is yaml.MappingStartEvent else self._list(path, aliased)

    def _target(self, path: Path) -> Any:
        """What an alias stands for, read again at its place."""
        after = self._at + 1
        self._at = self._targets[self._at]
        data = self._value(path, aliased=True)
        self._at = after
        return data

    def _count(self, path: Path) -> None:
        self._aliased += 1
        if self._aliased > MOST_ALIASED:
            message = f"the aliases of this file stand for over {MOST_ALIASED} values"
            raise _BrokenError(self.positions[path], message)

    def _skip(self) -> None:
        """Past the node that begins at the next event."""
        depth = 0
        while True:
            kind = type(self._events[self._at])
            depth += (kind in _BEGINS) - (kind in _ENDS)
            self._at += 1
            if depth == 0:
                return

    def _list(self, path: Path, aliased: bool) -> tuple[Any, ...]:
        data: list[Any] = []
        while type(event := self._events[self._at]) is not yaml.SequenceEndEvent:
            inner = (*path, len(data))
            self.positions[inner] = _position(event)
            data.append(self._value(inner, aliased))
        self._at += 1
        return tuple(data)

    def _mapping(self, path: Path, aliased: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while type(event := self._events[self._at]) is not yaml.MappingEndEvent:
            key = self._key(path)
            if key is None:
                self._skip()
                continue
            inner = (*path, key)
            if key in data:
                first = self.positions[inner]
                self._problem(inner, f"duplicate key {key!r}, first in line {first.line}", _position(event))
                self._skip()
                continue
            self.positions[inner] = _position(event)
            data[key] = self._value(inner, aliased)
        self._at += 1
        return data

    def _key(self, path: Path) -> str | None:
        """The key that the next event begins, and on to its value; None with a problem where it is no text."""
        at = self._at
        event = written = self._events[at]
        self._skip()
        if at in self._targets:
            event = self._events[self._targets[at]]
        if type(event) is not yaml.ScalarEvent:
            message = "a key must be text, not a list or a mapping"
        elif event.tag is not None:
            message = f"the tag {_shown(event.tag)} is not allowed: a spec is plain data"
        elif _is_plain(event) and not _is_text(event.value):
            message = f"a key must be text: write '{event.value}' in quotes"
        else:
            key: str = event.value
            return key
        self._problem(path, message, _position(written))
        return None

    def _plain(self, text: str, path: Path) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in _BEGIN_NUMBERS:
            return text
        if _DECIMAL.fullmatch(text):
            if self._is_printed(path):
                return text
            return (
                self._exact(int(text), path) if _INTEGER.fullmatch(text) and len(text) < 20 else self._float(text, path)
            )
        if _PREFIXED.fullmatch(text):
            return self._exact(int(text[2:], 8 if text[1] == "o" else 16), path)
        return text

    def _float(self, text: str, path: Path) -> float:
        if _INTEGER.fullmatch(text):
            self._problem(path, _TOO_LARGE)
        return float(text)

    def _exact(self, number: int, path: Path) -> int:
        if abs(number) > EXACT:
            self._problem(path, _TOO_LARGE)
        return number

    def _problem(self, path: Path, message: str, position: Position | None = None) -> None:
        self.problems.append(Problem(position or self.positions[path], dotted(path), message))


_TOO_LARGE = f"an integer beyond {EXACT} is not exact everywhere; write it as text or with an exponent"


def _is_text(word: str) -> bool:
    """Whether a plain word means itself."""
    if word in _WORDS:
        return False
    return word[0] not in _BEGIN_NUMBERS or not (_DECIMAL.fullmatch(word) or _PREFIXED.fullmatch(word))


def _shown(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
