"""What is wrong with a spec: one line a problem, each at its place in the file."""

from __future__ import annotations

from typing import NamedTuple

Path = tuple[str | int, ...]


class Position(NamedTuple):
    """A place in a text, counted from one as editors do."""

    line: int
    column: int


START = Position(1, 1)


class Problem(NamedTuple):
    """One thing that is wrong; problems sort by position. The path is empty where the text itself is broken."""

    position: Position
    path: str
    message: str


def dotted(path: Path) -> str:
    """A path as error lines and users write it.

    Example:
        >>> dotted(("rows", 0, "label"))
        'rows.0.label'
    """
    return ".".join(step if isinstance(step, str) and step.isprintable() else repr(step) for step in path)


class SpecError(ValueError):
    """All problems of one spec file; as text one line each, `file:line:column: dotted.path: what is wrong`."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        assert problems
        self.name = name
        self.problems = sorted(set(problems))
        super().__init__("\n".join(self._line(problem) for problem in self.problems))

    def _line(self, problem: Problem) -> str:
        where = f"{self.name}:{problem.position.line}:{problem.position.column}: "
        return where + (f"{problem.path}: " if problem.path else "") + problem.message
