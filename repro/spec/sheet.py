"""A table as expressions read it: rows, columns and groups by the names that a reader would use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from repro.registry import did_you_mean
from repro.spec.model import Row, Table

MARKS = re.compile(r"[\s*†‡§¶◊°^]+$")
_BETWEEN = re.compile(r"[\s,;]+")


class NotFoundError(ValueError):
    """A name that nothing has, or several things; `argument` says which argument of the call it was."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


@dataclass(frozen=True)
class Sheet:
    """The printed part of a table. Control rows, variant rows and supplementary columns are not in print."""

    table: Table

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All rows in print."""
        return tuple(row for row in self.table.rows if row.printed)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of the columns of numbers."""
        return tuple(column.label for column in self.table.measured.values() if not column.supplementary)

    @cached_property
    def group_labels(self) -> tuple[str, ...]:
        """The labels of the groups, in order."""
        return tuple(group.label for group in self.table.groups.values())

    @cached_property
    def _columns(self) -> dict[str, str]:
        """The labels of the columns in print, by key."""
        return {key: column.label for key, column in self.table.columns.items() if not column.supplementary}

    @cached_property
    def _bare(self) -> dict[str, str]:
        """The labels of the rows in print, without marks."""
        return {row.label: MARKS.sub("", row.label) for row in self.rows}

    def column(self, name: str) -> str:
        """The key of a column."""
        return _one("column", name, self._columns)

    def group(self, name: str) -> str:
        """The key of a group."""
        return _one("group", name, {key: group.label for key, group in self.table.groups.items()})

    def candidates(self, name: str, group: str | None) -> list[Row]:
        """The rows that a name may mean, at least one: those of the label, else without marks, else with the part."""
        rows = [row for row in self.rows if group is None or row.group == group]
        found = (
            [row for row in rows if name in (row.label, row.name)]
            or [row for row in rows if self._bare[row.label] == name]
            or [row for row in rows if name in row.label]
        )
        if found:
            return found
        where = f" in group {self.table.groups[group].label!r}" if group else ""
        raise NotFoundError("row", _unknown("row", name, [row.label for row in rows]) + where)

    def row(self, name: str, group: str | None, columns: Sequence[str]) -> Row:
        """The row of a name; of several, the one with a cell in one of the columns."""
        found = self.candidates(name, group)
        if len(found) > 1:
            found = [row for row in found if not (row.published.keys() | row.texts).isdisjoint(columns)] or found
        if len(found) > 1:
            shown = [row.name if len({row.label for row in found}) == 1 else row.label for row in found]
            raise NotFoundError("row", _several("row", name, shown))
        return found[0]

    def chosen(self, group: str | None, only: Sequence[str] | None, but: Sequence[str], mark: str | None,
               nomark: str | None) -> list[Row]:  # fmt: skip
        """The rows of a `col`: with a part in their label, without one, with a footnote mark, without one."""
        rows = [row for row in self.rows if group is None or row.group == group]
        for argument, parts in (("only", only or ()), ("but", but)):
            for part in parts:
                if not any(part in row.label for row in rows):
                    raise NotFoundError(argument, f"no row has {part!r} in its label"
                                        f"{did_you_mean(part, [row.label for row in rows])}")  # fmt: skip
        if mark is not None and not any(_has_mark(row, mark) for row in rows):
            raise NotFoundError("mark", f"no row has the mark {mark!r} in its label, its cells or its note")
        return [
            row
            for row in rows
            if (only is None or any(part in row.label for part in only))
            and not any(part in row.label for part in but)
            and (mark is None or _has_mark(row, mark))
            and (nomark is None or not _has_mark(row, nomark))
        ]

    def words(self, row: Row) -> tuple[str, ...]:
        """The words of a row's texts, in the order of the columns."""
        return words_of(row.texts[key] for key in self.table.columns if key in row.texts)


def words_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of texts, one after another: what white space, commas and semicolons stand between."""
    return tuple(word for text in texts for word in _BETWEEN.split(text.strip()) if word)


def _one(kind: str, name: str, labels: dict[str, str]) -> str:
    """The key of a name: that with this label, else the key itself, else that with this part in its label."""
    found = (
        [key for key, label in labels.items() if label == name]
        or [key for key in labels if key == name]
        or [key for key, label in labels.items() if name in label]
    )
    if not found:
        raise NotFoundError(kind, _unknown(kind, name, labels.values(), list(labels)))
    if len(found) > 1:
        raise NotFoundError(kind, _several(kind, name, [labels[key] for key in found]))
    return found[0]


def _has_mark(row: Row, mark: str) -> bool:
    """Whether a row has a footnote mark: in its label, on one of its numbers, or said in a note."""
    said = [row.label, row.note or "", *(text for c in row.published.values() for text in (c.value, c.note or ""))]
    return any(mark in text for text in said)


def _unknown(kind: str, name: str, known: Iterable[str], also: Sequence[str] = ()) -> str:
    names = list(dict.fromkeys(known))
    return f"unknown {kind} {name!r}{did_you_mean(name, [*names, *also])} (known: {', '.join(names) or 'none'})"


def _several(kind: str, name: str, found: Sequence[str]) -> str:
    return f"{kind} {name!r} could be {' or '.join(repr(each) for each in found)}; name one of them"
