"""What a method may be called with, read from its class without importing it.

A method is named as specs and the command line name it: `egan` (registered), `package.module:Class`, or
`my_method.py:MyMethod`. Its parameters are the annotated fields of the class and of its bases, of the types bool, int,
float, str, None, Literal, tuple and unions of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, Optional, Union, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from repro.registry import METHODS, did_you_mean
from repro.registry.addresses import is_address, source_of
from repro.registry.source import Module
from repro.spec.base import Params, ParamValue

_TYPES: dict[str, Any] = {
    "bool": bool, "int": int, "float": float, "str": str, "None": NoneType, "tuple": tuple,
    "Tuple": tuple, "Literal": Literal, "Union": Union, "Optional": Optional, "Annotated": Annotated,
}  # fmt: skip
_CONFIG = ConfigDict(strict=True, allow_inf_nan=False)


class SignatureError(ValueError):
    """The parameters of a method cannot be read."""


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Parameters of one type share what checks it, which takes a while to make."""
    return TypeAdapter(kind, config=_CONFIG)


@dataclass(frozen=True)
class Parameter:
    """One field of a method: its annotation as written and as a type, and its default where that is a literal."""

    name: str
    written: str
    type: Any
    required: bool
    default: tuple[ParamValue, ...] = ()  # of one value, or empty where there is none or it is computed

    def accepts(self, value: ParamValue) -> bool:
        """Whether the value is of the type; a whole number is a float too, nothing else is converted."""
        try:
            _adapter(self.type).validate_python(value)
        except ValidationError:
            return False
        return True


@dataclass(frozen=True)
class Signature:
    """A method's parameters in order, and what else its class says."""

    method: str
    parameters: dict[str, Parameter]
    docstring: str
    functions: frozenset[str] = field(default=frozenset())

    def problem(self, name: str, value: ParamValue) -> str | None:
        """What is wrong with one parameter, if anything is."""
        if name not in self.parameters:
            known = list(self.parameters)
            listed = f"known: {', '.join(known)}" if known else "it has no parameters"
            return f"unknown parameter {name!r} of method {self.method}{did_you_mean(name, known)} ({listed})"
        parameter = self.parameters[name]
        if parameter.accepts(value):
            return None
        came = list(value) if isinstance(value, tuple) else value
        choices = [each for each in get_args(parameter.type) if isinstance(each, str)]
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"parameter {name!r} of method {self.method} must be {parameter.written}, not {came!r}{hint}"

    def missing(self, params: Params) -> list[str]:
        """The required parameters that are not given."""
        return [name for name, each in self.parameters.items() if each.required and name not in params]


def signature(method: str) -> Signature:
    """The signature of a method. Raises ValueError for an unknown name, SignatureError for an unreadable class."""
    return _read(method, *_locate(method))


@cache
def _read(method: str, module: Module, name: str) -> Signature:
    if name not in module.classes:
        hint = did_you_mean(name, list(module.classes))
        raise SignatureError(f"method {method}: {module.file.name} has no class {name!r}{hint}")
    lineage = list(_lineage(module, module.classes[name]))
    parameters: dict[str, Parameter] = {}
    for where, node in lineage:
        parameters.update((each.name, each) for each in _fields(method, where, node))
    functions = {each.name for _, node in lineage for each in node.body if isinstance(each, ast.FunctionDef)}
    docstring = ast.get_docstring(module.classes[name]) or ""
    return Signature(method, parameters, docstring, frozenset(functions))


def has_fit_many(method: str) -> bool:
    """Whether the method can fit many seeds in one pass."""
    return "fit_many" in signature(method).functions


def defaults(method: str) -> Params:
    """The literal defaults of a method's parameters."""
    return {name: each.default[0] for name, each in signature(method).parameters.items() if each.default}


def docstring(method: str) -> str:
    """What the method's class says about itself; empty where it says nothing."""
    return signature(method).docstring


def _locate(method: str) -> tuple[Module, str]:
    try:
        return source_of(method if is_address(method) else METHODS.address(method), f"method {method}")
    except ValueError as error:
        raise SignatureError(str(error)) from None


def _lineage(module: Module, node: ast.ClassDef) -> Iterator[tuple[Module, ast.ClassDef]]:
    """The class after its bases, as far as their source is the project's own; a later one overrides an earlier."""
    for base in reversed(node.bases):
        if isinstance(base, ast.Name):
            if base.id in module.classes and base.id != node.name:
                yield from _lineage(module, module.classes[base.id])
            elif origin := module.imports_from(base.id):
                there = module.imported[base.id][1]
                if there in origin.classes:
                    yield from _lineage(origin, origin.classes[there])
    yield module, node


def _fields(method: str, module: Module, node: ast.ClassDef) -> Iterator[Parameter]:
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            written = ast.unparse(item.annotation)
            if "ClassVar" in written or "KW_ONLY" in written or not _is_initialised(item.value):
                continue
            try:
                kind = _type(item.annotation, module)
            except (ValueError, SyntaxError, TypeError):
                raise SignatureError(
                    f"method {method}: field {item.target.id!r} is annotated {written}; parameters are bool, int, "
                    "float, str, None, Literal[...], tuple[...] or unions of these"
                ) from None
            default = _default(item.value)
            yield Parameter(item.target.id, written, kind, default is None, _literals(default, module))


def _is_initialised(value: ast.expr | None) -> bool:
    options = _field_options(value)
    init = options.get("init") if options is not None else None
    return not (isinstance(init, ast.Constant) and init.value is False)


def _field_options(value: ast.expr | None) -> dict[str | None, ast.expr] | None:
    """The keywords of `field(...)`; None of anything else."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) in ("field", "dataclasses.field"):
        return {keyword.arg: keyword.value for keyword in value.keywords}
    return None


def _default(value: ast.expr | None) -> ast.expr | None:
    options = _field_options(value)
    return value if options is None else options.get("default", options.get("default_factory"))


def _literals(value: ast.expr | None, module: Module) -> tuple[ParamValue, ...]:
    if isinstance(value, ast.Name) and value.id in module.assigned:
        value = module.assigned[value.id]
    if value is None:
        return ()
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return ()
    return (found,) if isinstance(found, bool | int | float | str | None | tuple) else ()


def _type(node: ast.expr, module: Module) -> Any:
    """The type that an annotation means. Raises SignatureError for any that a parameter cannot have."""
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=str() as quoted):
            return _type(ast.parse(quoted, mode="eval").body, module)
        case ast.Name(id=name) if name in _TYPES:
            return _TYPES[name]
        case ast.Name(id=name) if name in module.assigned:
            return _type(module.assigned[name], module)
        case ast.Name(id=name) if origin := module.imports_from(name):
            return _type(ast.Name(id=module.imported[name][1]), origin)
        case ast.Attribute(value=ast.Name(id="typing" | "t"), attr=name):
            return _type(ast.Name(id=name), module)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Union[_type(left, module), _type(right, module)]  # noqa: UP007 - of values, not of written types
        case ast.Subscript(value=base, slice=inside):
            return _subscripted(_type(base, module), inside, module)
    raise SignatureError(ast.unparse(node))


def _subscripted(base: Any, inside: ast.expr, module: Module) -> Any:
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    if base is Literal:
        return Literal[tuple(ast.literal_eval(part) for part in parts)]
    if base is Annotated:
        return _type(parts[0], module)
    types = [Ellipsis if _is_dots(part) else _type(part, module) for part in parts]
    return base[tuple(types)] if base is not Optional else Optional[types[0]]  # noqa: UP045 - as above


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
