"""The functions and operators of expressions on plain values, as Python has them, with decimals for floats."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from repro.spec.values import Value, Workings, shown, written

LARGEST_POWER = 64
_ARITHMETIC: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
_SETS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Sub: operator.sub, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
}  # fmt: skip
_COMPARING: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", operator.eq), ast.NotEq: ("!=", operator.ne), ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le), ast.Gt: (">", operator.gt), ast.GtE: (">=", operator.ge),
    ast.In: ("in", lambda a, b: a in b), ast.NotIn: ("not in", lambda a, b: a not in b),
}  # fmt: skip


def binary(work: Workings, node: ast.BinOp, left: Value, right: Value) -> Value:
    """left OP right for numbers; + of texts and lists, & | - of sets, and text % values."""
    kind = type(node.op)
    if isinstance(left, frozenset) and isinstance(right, frozenset) and kind in _SETS:
        return work.kept(_SETS[kind](left, right), node)
    if kind is ast.Add and isinstance(left, str) and isinstance(right, str):
        return work.kept(left + right, node)
    if kind is ast.Add and isinstance(left, tuple) and isinstance(right, tuple):
        return work.kept((*left, *right), node)
    if kind is ast.Mod and isinstance(left, str):
        return work.kept(_formatted(work, node, left, right), node)
    if kind not in _ARITHMETIC:
        raise work.wrong(node, f"& and | are for sets, not for {shown(left)} and {shown(right)}")
    a, b = work.number(left, node.left), work.number(right, node.right)
    if kind is ast.Pow and abs(b) > LARGEST_POWER:
        raise work.wrong(node.right, f"an exponent is at most {LARGEST_POWER}")
    return _ARITHMETIC[kind](a, b)


def _formatted(work: Workings, node: ast.BinOp, left: str, right: Value) -> str:
    values = right if isinstance(right, tuple) else (right,)
    parts = left.replace("%d", "%s").split("%s")
    if any("%" in part for part in parts) or len(parts) != len(values) + 1:
        raise work.wrong(node, f"{left!r} % takes {len(parts) - 1} of %d and %s and no other marks")
    texts = [value if isinstance(value, str) else written(value) for value in values]
    return parts[0] + "".join(text + part for text, part in zip(texts, parts[1:], strict=True))


def compared(work: Workings, op: ast.cmpop, node: ast.AST, left: Value, right: Value) -> bool:
    """left OP right; only what is of one kind can be compared."""
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(right, tuple | frozenset | dict | str):
            raise work.wrong(node, f"`in` looks into a list, a set or a text, not into {shown(right)}")
    else:
        kinds = (int | Decimal, str, tuple, frozenset, dict)
        if not any(isinstance(left, kind) and isinstance(right, kind) for kind in kinds):
            raise work.wrong(node, f"{shown(left)} cannot be compared with {shown(right)}")
    if not isinstance(right, int | Decimal):
        work.count(node, len(right) // 16)
    return _COMPARING[type(op)][1](left, right)


def sign(op: ast.cmpop) -> str:
    """How a comparison is written."""
    return _COMPARING[type(op)][0]


def item(work: Workings, node: ast.Subscript, value: Value, key: Value | slice) -> Value:
    """value[key], where a slice has its ends as they are written."""
    if isinstance(value, dict):
        if isinstance(key, slice) or key not in value:
            known = ", ".join(written(each) for each in value)
            raise work.wrong(node.slice, f"the dictionary has no such key (known: {known})")
        return value[key]
    if not isinstance(value, tuple | str):
        raise work.wrong(node.value, f"only a list or a text has items, not {shown(value)}")
    if isinstance(key, slice):
        ends = (None if end is None else work.whole(end, node.slice) for end in (key.start, key.stop, key.step))
        low, high, step = ends
        if step == 0:
            raise work.wrong(node.slice, "the step of a slice is not 0")
        return work.kept(value[low:high:step], node)
    index = work.whole(key, node.slice)
    if not -len(value) <= index < len(value):
        raise work.wrong(node.slice, f"there is no item {index}: {len(value)} items")
    return value[index]


def applied(work: Workings, node: ast.Call, name: str, values: list[Value]) -> Value:
    """A function other than those that read tables."""
    first = node.args[0] if node.args else node
    match name:
        case "range":
            ends = [work.whole(value, each) for value, each in zip(values, node.args, strict=True)]
            if len(ends) == 3 and ends[2] == 0:
                raise work.wrong(node.args[2], "the step of a range is not 0")
            return work.kept(tuple(work.items(range(*ends), node)), node)
        case "abs":
            return abs(work.number(values[0], first))
        case "round":
            number = work.number(values[0], first)
            return round(number) if len(values) == 1 else round(number, work.whole(values[1], node.args[1]))
        case "float":
            return _converted(work, values[0], first)
        case "int":
            return int(_converted(work, values[0], first))
        case "zip":
            lists = [tuple(work.items(value, each)) for value, each in zip(values, node.args, strict=True)]
            return work.kept(tuple(zip(*lists, strict=False)), node)
        case "any":
            return any(work.boolean(each, first) for each in work.items(values[0], first))
        case "all":
            return all(work.boolean(each, first) for each in work.items(values[0], first))
        case "min" | "max" if len(values) > 1:
            return _folded(work, node, name, tuple(values))
    return _folded(work, node, name, tuple(work.items(values[0], first)) if values else ())


def _folded(work: Workings, node: ast.Call, name: str, items: tuple[Value, ...]) -> Value:
    match name:
        case "len":
            return len(items)
        case "list":
            return work.kept(items, node)
        case "set":
            return work.kept(frozenset(items), node)
        case "enumerate":
            return work.kept(tuple(enumerate(items)), node)
        case "sorted":
            return work.kept(tuple(sorted(items)), node)
        case "sum":
            return sum((work.number(each, node) for each in items), Decimal(0))
    if not items:
        raise work.wrong(node, f"{name} of nothing: the list is empty")
    return min(items) if name == "min" else max(items)


def _converted(work: Workings, value: Value, node: ast.AST) -> Decimal:
    if not isinstance(value, str):
        return work.number(value, node)
    try:
        number = Decimal(value.strip())
    except DecimalException:
        number = Decimal("nan")
    if not number.is_finite() or abs(number.adjusted()) > 100:
        raise work.wrong(node, f"{value!r} is not a number")
    return number
