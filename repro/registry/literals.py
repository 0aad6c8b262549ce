"""Declarations of metrics as they stand in a source, for files and families that nobody has imported."""

from __future__ import annotations

import ast
from typing import Any

from repro.metrics.declaration import File, Metric
from repro.registry.source import Module

_MADE = {"File": File, "Metric": Metric}


def metrics_in(module: Module) -> tuple[Metric, ...]:
    """The METRICS of a module; none where it declares none. Raises ValueError, with file and line."""
    node = module.assigned.get("METRICS")
    if node is None:
        return ()
    try:
        found = _value(node, module)
    except (ValueError, TypeError, SyntaxError, RecursionError) as error:
        raise ValueError(f"{module.file}:{node.lineno}: METRICS cannot be read: {error}") from None
    if not isinstance(found, tuple) or not all(isinstance(each, Metric) for each in found):
        raise ValueError(f"{module.file}:{node.lineno}: METRICS must be a tuple of `Metric(...)`")
    return found


def _value(node: ast.expr, module: Module) -> Any:
    """What an expression of literals, `Metric(...)`, `File(...)` and names of such stands for."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _MADE:
            values = [_value(each, module) for each in node.args]
            named = {str(each.arg): _value(each.value, module) for each in node.keywords}
            return _MADE[name](*values, **named)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(_value(part, module) for part in parts)
        case ast.Name(id=name) if name in module.assigned:
            return _value(module.assigned[name], module)
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ValueError(f"{ast.unparse(node)} is no literal, and nothing of the file is run to read it") from None
