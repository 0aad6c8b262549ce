"""YAML 1.2 text to plain data and the position of everything in it.

The text is split into events by libyaml (through PyYAML), thirty times faster than a parser in Python, which is what
lets all specs be checked in a second. libyaml knows YAML 1.1 and 1.2 syntax; what a plain word *means* (`no`, `1e-3`,
`0o17`) is decided here, by the core schema of YAML 1.2. Nothing is constructed but dictionaries with text keys, tuples,
text, numbers, booleans and None: tags are errors, and aliases cannot grow without limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Node:
    position: Position
    text: str | None = None  # of a scalar
    plain: bool = False
    keyed: bool = False
    items: list[_Node] = field(default_factory=list)  # of a mapping: key, value, key, value, ...
    anchor: str | None = None
    tag: str | None = None
    target: _Node | None = None  # of an alias


def parse(text: str, is_printed: Callable[[Path], bool] = lambda _: False) -> Document:
    """Reads one document. A decimal number at a path that `is_printed` accepts stays the text that was written."""
    text = text.removeprefix("\ufeff")
    try:
        _check_characters(text)
        root = _tree(yaml.parse(text, Loader=_LOADER))
        builder = _Builder(is_printed)
        data = builder.value(root, ())
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
    position = _position(mark) if mark else START
    doing = ""
    if error.context:
        since = f" that began in line {error.context_mark.line + 1}" if error.context_mark else ""
        doing = f" {error.context}{since}"
    return Problem(position, "", f"not YAML: {error.problem}{doing}")


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _tree(events: Iterator[Any]) -> _Node:
    """The events as nodes. A loop with a stack of its own: depth is limited here and not by the interpreter."""
    root = _Node(START)
    stack, anchors, documents = [root], dict[str, _Node](), 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _BrokenError(_position(event.start_mark), "a second document begins here; a file holds one table")
        elif isinstance(event, yaml.NodeEvent):
            node = _node(event, anchors)
            stack[-1].items.append(node)
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(node)
                if len(stack) > DEEPEST:
                    raise _BrokenError(node.position, f"nested deeper than {DEEPEST} levels")
            elif node.anchor is not None:
                anchors[node.anchor] = node
        elif isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            if done.anchor is not None:
                anchors[done.anchor] = done
    if not root.items or (root.items[0].text == "" and root.items[0].plain):
        raise _BrokenError(START, "the file is empty; a spec begins with `id: paper/table`")
    return root.items[0]


def _node(event: Any, anchors: dict[str, _Node]) -> _Node:
    position = _position(event.start_mark)
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise _BrokenError(position, f"the alias *{event.anchor} has no anchor &{event.anchor} that ends before it")
        return _Node(position, target=anchors[event.anchor])
    if isinstance(event, yaml.ScalarEvent):
        return _Node(position, event.value, event.style in (None, ""), anchor=event.anchor, tag=event.tag)
    keyed = isinstance(event, yaml.MappingStartEvent)
    return _Node(position, keyed=keyed, anchor=event.anchor, tag=event.tag)


class _Builder:
    """Turns nodes into data and collects positions and problems on the way."""

    def __init__(self, is_printed: Callable[[Path], bool]) -> None:
        self.positions: dict[Path, Position] = {}
        self.problems: list[Problem] = []
        self._is_printed = is_printed
        self._aliased = 0

    def value(self, node: _Node, path: Path, aliased: bool = False) -> Any:
        self.positions.setdefault(path, node.position)
        if len(path) > DEEPEST:
            raise _BrokenError(node.position, f"nested deeper than {DEEPEST} levels")
        if node.target is not None:
            node, aliased = node.target, True
        if aliased:
            self._aliased += 1
            if self._aliased > MOST_ALIASED:
                raise _BrokenError(
                    self.positions[path], f"the aliases of this file stand for over {MOST_ALIASED} values"
                )
        if node.tag is not None:
            self._problem(path, f"the tag {_shown(node.tag)} is not allowed: a spec is plain data")
            return None
        if node.text is not None:
            return self._scalar(node, path)
        if node.keyed:
            return self._mapping(node, path, aliased)
        return tuple(self.value(item, (*path, i), aliased) for i, item in enumerate(node.items))

    def _mapping(self, node: _Node, path: Path, aliased: bool) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in zip(node.items[::2], node.items[1::2], strict=True):
            key = self._key(key_node, path)
            if key is None:
                continue
            inner = (*path, key)
            if key in data:
                first = self.positions[inner]
                self._problem(inner, f"duplicate key {key!r}, first in line {first.line}", key_node.position)
                continue
            self.positions[inner] = key_node.position
            data[key] = self.value(value_node, inner, aliased)
        return data

    def _key(self, node: _Node, path: Path) -> str | None:
        position, node = node.position, node.target or node
        if node.text is None:
            self._problem(path, "a key must be text, not a list or a mapping", position)
        elif node.tag is not None:
            self._problem(path, f"the tag {_shown(node.tag)} is not allowed: a spec is plain data", position)
        elif node.plain and (node.text in _WORDS or _is_number(node.text)):
            self._problem(path, f"a key must be text: write '{node.text}' in quotes", position)
        else:
            return node.text
        return None

    def _scalar(self, node: _Node, path: Path) -> Any:
        text = node.text
        assert text is not None
        if not node.plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
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


def _is_number(text: str) -> bool:
    return bool(_DECIMAL.fullmatch(text) or _PREFIXED.fullmatch(text))


def _shown(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)
