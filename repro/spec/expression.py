"""Claims as expressions over cells: the language, read by Python's own parser and never executed by Python.

    c(row, column, g=group, t=table)   the number in a cell; s(...) its standard deviation; cc(row, column, group)
    col(column, only=, but=, mark=, nomark=, g=, t=)
                                       the numbers of a column, dashes left out; `only` and `but` are parts of row
                                       labels (one or a list), `mark` a footnote mark of the row
    tok(row, g=, t=)                   the words of a row's texts; cols() the labels of the columns of numbers
    GROUPS                             the labels of the groups

With them arithmetic (+ - * / // % **), comparisons, `and or not`, `x if y else z`, comprehensions, subscripts, literals
(numbers, text, lists, tuples, sets, dictionaries) and the functions of FUNCTIONS. Numbers are decimals of 40 digits, so
that 65.8 - 61.45 is 4.35; `round` goes half to even, as Python's does. A list equals a tuple of the same items.

A row is named by its label, by its label without footnote marks, or by a part of its label that only one row has; where
several rows have the name, those count that have a cell in the column. A group is named by label, key or part of label,
a column by label, key or part of label, a table (`t=`) as on the command line.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf
from typing import NamedTuple

from repro.registry import did_you_mean

LONGEST, DEEPEST = 4000, 60


class ExpressionError(ValueError):
    """What is wrong with an expression, and where: an offset in characters into its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class UnknownNameError(ExpressionError):
    """A row, column, group or table that is not there, or that several could be."""


class Signature(NamedTuple):
    """How many arguments a function takes by place, and which by name."""

    least: int
    most: int | None
    named: tuple[str, ...] = ()


READING = {
    "c": Signature(2, 2, ("g", "t")),
    "s": Signature(2, 2, ("g", "t")),
    "cc": Signature(3, 3, ("t",)),
    "col": Signature(1, 1, ("only", "but", "mark", "nomark", "g", "t")),
    "tok": Signature(1, 1, ("g", "t")),
    "cols": Signature(0, 0, ("t",)),
}
FUNCTIONS = {
    **READING,
    **dict.fromkeys(("min", "max", "zip"), Signature(1, None)),
    **dict.fromkeys(("abs", "sum", "len", "sorted", "any", "all", "enumerate", "float", "int"), Signature(1, 1)),
    **dict.fromkeys(("set", "list"), Signature(0, 1)),
    "round": Signature(1, 2),
    "range": Signature(1, 3),
}
NAMES = (*FUNCTIONS, "GROUPS")

_PLAIN: frozenset[type[ast.AST]] = frozenset((
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub, ast.Mult,
    ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.BitAnd, ast.BitOr, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE,
    ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.IfExp, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.comprehension,
    ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Set, ast.Load, ast.Store,
))  # fmt: skip
_OPERATORS = (ast.operator, ast.cmpop, ast.unaryop)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "attributes and methods cannot be used; the functions are {functions}",
    ast.Lambda: "functions cannot be defined; write a comprehension",
    ast.JoinedStr: 'f-strings cannot be used; write "MoS-%d" % k',
    ast.NamedExpr: "names cannot be assigned; repeat the expression",
    ast.DictComp: "a dictionary is written out",
    ast.Starred: "a starred argument cannot be used; pass the list itself",
    ast.Is: "write == instead of `is`",
    ast.IsNot: "write != instead of `is not`",
}


@dataclass(frozen=True)
class Expression:
    """A parsed expression; every node of the tree is one that the evaluator knows."""

    text: str
    tree: ast.expr
    shift: int

    @cached_property
    def _line(self) -> bytes:
        """What was parsed: the columns of a tree count its bytes."""
        return _line(self.text).encode()

    def _characters(self, column: int) -> int:
        return self.shift + len(self._line[:column].decode(errors="ignore"))

    def offset(self, node: ast.AST) -> int:
        """Where a node begins, in characters of the text."""
        return self._characters(getattr(node, "col_offset", 0))

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        return self.text[self.offset(node) : self._characters(getattr(node, "end_col_offset", 0))]


@lru_cache(maxsize=512)
def parse(text: str) -> Expression:
    """The expression in a text. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters, this one {len(text)}", 0)
    line = _line(text)
    shift = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(line, mode="eval").body
    except SyntaxError as error:
        offset = error.offset - 1 if error.offset else len(line)
        raise ExpressionError(f"not an expression: {error.msg}", shift + offset) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"not an expression: {error or 'nested too deeply'}", shift) from None
    expression = Expression(text, tree, shift)
    _check(expression, tree, frozenset(NAMES), 0)
    return expression


def _line(text: str) -> str:
    """The text on one line, character by character: YAML may have kept its line breaks."""
    return "".join(" " if char.isspace() else char for char in text.strip())


def _check(expression: Expression, node: ast.AST, known: frozenset[str], depth: int) -> None:
    def refuse(message: str, at: ast.AST = node) -> ExpressionError:
        return ExpressionError(message, expression.offset(at))

    if depth > DEEPEST:
        raise refuse(f"nested deeper than {DEEPEST} levels")
    if not node._fields:
        return  # an operator, which was checked with what it stands in
    match node:
        case ast.Constant(value=value):
            if not isinstance(value, bool | int | float | str) or value in (inf, -inf):
                raise refuse(f"{expression.source(node)} is not a number, a text, True or False")
        case ast.Name(id=name):
            if name not in known:
                hint = did_you_mean(name, sorted(known))
                raise refuse(f"unknown name {name!r}{hint}; text stands in quotes (known: {', '.join(sorted(known))})")
            if name in FUNCTIONS:
                raise refuse(f"{name} is a function: write {name}(...)")
        case ast.Call():
            _check_call(expression, node)
        case ast.Dict(keys=keys) if None in keys:
            raise refuse("a dictionary is written out")
        case ast.Dict():
            pass
        case _ if type(node) not in _PLAIN:
            _refuse(expression, node)
    if isinstance(node, _COMPREHENSIONS):
        known = known | _bound(expression, node)
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Call) and child is node.func:
            continue
        if type(child) not in _PLAIN and isinstance(child, _OPERATORS):
            _refuse(expression, child, node)
        _check(expression, child, known, depth + 1)


def _refuse(expression: Expression, node: ast.AST, at: ast.AST | None = None) -> None:
    said = _REFUSED.get(type(node), f"{type(node).__name__} cannot be used in an expression")
    if isinstance(node, ast.keyword):
        return
    raise ExpressionError(said.format(functions=", ".join(FUNCTIONS)), expression.offset(at or node))


def _bound(expression: Expression, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> frozenset[str]:
    """The names that a comprehension gives to its items."""
    names: set[str] = set()
    for part in node.generators:
        if part.is_async:
            raise ExpressionError("a comprehension cannot be asynchronous", expression.offset(part.target))
        for target in ast.walk(part.target):
            if isinstance(target, ast.Name):
                if target.id in NAMES:
                    raise ExpressionError(f"{target.id} has a meaning already", expression.offset(target))
                names.add(target.id)
            elif not isinstance(target, ast.Tuple | ast.Store):
                raise ExpressionError("an item of a comprehension is a name or a tuple of names",
                                      expression.offset(target))  # fmt: skip
    return frozenset(names)


def _check_call(expression: Expression, call: ast.Call) -> None:
    if not isinstance(call.func, ast.Name):
        if isinstance(call.func, ast.Attribute):
            _refuse(expression, call.func)
        raise ExpressionError(f"only functions can be called: {', '.join(FUNCTIONS)}", expression.offset(call))
    name = call.func.id
    if name not in FUNCTIONS:
        raise ExpressionError(f"unknown function {name!r}{did_you_mean(name, list(FUNCTIONS))} "
                              f"(known: {', '.join(FUNCTIONS)})", expression.offset(call))  # fmt: skip
    takes = FUNCTIONS[name]
    given = len(call.args)
    if given < takes.least or (takes.most is not None and given > takes.most):
        most = "or more" if takes.most is None else f"to {takes.most}" if takes.most > takes.least else ""
        raise ExpressionError(f"{name} takes {' '.join(filter(None, [str(takes.least), most]))} "
                              f"{'argument' if takes.least == 1 and not most else 'arguments'}, not {given}",
                              expression.offset(call))  # fmt: skip
    seen: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg not in takes.named or keyword.arg in seen:
            hint = did_you_mean(keyword.arg or "", list(takes.named))
            raise ExpressionError(f"{name} takes no {keyword.arg or '**'}={hint} "
                                  f"(known: {', '.join(takes.named) or 'none'})",
                                  expression.offset(keyword))  # fmt: skip
        seen.add(keyword.arg)
