"""A class as its author wrote it, read without being run: fields with their kinds and defaults, and what else it says.

A field may itself be a frozen dataclass, of this project or of the user's own code: its fields are parameters inside
the parameter, and a default such as `Adam(rate=0.1)` or `field(default_factory=Adam)` is read as the mapping it means.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from repro.spec.base import ParamValue
from repro.spec.kinds import AnyOf, Choice, Items, Kind, Parameter, Scalar, Structure, filled, structure_of
from repro.spec.source import Module

_SCALARS = {"bool": bool, "int": int, "float": float, "str": str, "None": type(None)}
_FORMS = frozenset({"tuple", "Tuple", "Literal", "Union", "Optional", "Annotated"})
_ALLOWED = "bool, int, float, str, None, Literal[...], tuple[...], frozen dataclasses or unions of these"


class SignatureError(ValueError):
    """The parameters of a class cannot be read."""


class _NoKindError(Exception):
    """An annotation that no parameter can have; the message says what else is to be said of it, if anything."""


def structure(owner: str, module: Module, node: ast.ClassDef) -> Structure:
    """The fields of a class and its bases. Raises SignatureError for an annotation that no parameter can have."""
    return _structure(owner, module, node, ())


def _structure(owner: str, module: Module, node: ast.ClassDef, inside: tuple[ast.ClassDef, ...]) -> Structure:
    parameters: dict[str, Parameter] = {}
    for where, each in _lineage(module, node):
        parameters.update((field.name, field) for field in _fields(owner, where, each, (*inside, node)))
    return Structure(parameters)


def docstring_of(node: ast.ClassDef) -> str:
    """What a class says about itself; empty where it says nothing."""
    return ast.get_docstring(node) or ""


def functions(module: Module, node: ast.ClassDef) -> frozenset[str]:
    """The names of the functions of a class and its bases."""
    lineage = (each for _, each in _lineage(module, node))
    return frozenset(item.name for each in lineage for item in each.body if isinstance(item, ast.FunctionDef))


def constants(module: Module, node: ast.ClassDef) -> dict[str, Any]:
    """The class attributes with literal values that are no fields."""
    found: dict[str, Any] = {}
    for _, each in _lineage(module, node):
        for name, value in _assigned(each):
            try:
                found[name] = ast.literal_eval(value)
            except ValueError:
                found.pop(name, None)
    return found


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for item in node.body:
        match item:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _is_constant(item.annotation):
                yield name, value


def _is_constant(annotation: ast.expr) -> bool:
    return "ClassVar" in ast.unparse(annotation)


def _lineage(module: Module, node: ast.ClassDef) -> Iterator[tuple[Module, ast.ClassDef]]:
    """The class after its bases, as far as their source is the project's own; a later one overrides an earlier."""
    for base in reversed(node.bases):
        found = _class(base, module)
        if found is not None and found[1] is not node:
            yield from _lineage(*found)
    yield module, node


def _class(name: ast.expr, module: Module) -> tuple[Module, ast.ClassDef] | None:
    """The class that an expression names, where its source is the project's own or the user's."""
    match name:
        case ast.Name(id=local) if local in module.classes:
            return module, module.classes[local]
        case ast.Name(id=local) if origin := module.imports_from(local):
            return _class(ast.Name(id=module.imported[local][1]), origin)
        case ast.Attribute(value=ast.Name(id=local), attr=there) if origin := module.imports_module(local):
            return _class(ast.Name(id=there), origin)
    return None


def _fields(
    owner: str, module: Module, node: ast.ClassDef, inside: tuple[ast.ClassDef, ...]
) -> Iterator[Parameter]:  # fmt: skip
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        written = ast.unparse(item.annotation)
        if _is_constant(item.annotation) or "KW_ONLY" in written or not _is_initialised(item.value):
            continue
        try:
            kind = _Reader(owner, module, inside).kind(item.annotation)
        except (_NoKindError, ValueError, SyntaxError) as error:
            if isinstance(error, SignatureError):
                raise
            why = f": {error}" if isinstance(error, _NoKindError) and str(error) else ""
            raise SignatureError(
                f"{owner}: field {item.target.id!r} is annotated {written}{why}; parameters are {_ALLOWED}"
            ) from None
        default = _default(item.value)
        yield Parameter(item.target.id, written, kind, default is None, _literal(default, module, kind))


class _Reader:
    """Annotations of one class to kinds. `inside` are the classes that it is being read for: none may hold itself."""

    def __init__(self, owner: str, module: Module, inside: tuple[ast.ClassDef, ...]) -> None:
        self._owner, self._module, self._inside = owner, module, inside

    def kind(self, node: ast.expr) -> Kind:
        """The kind that an annotation means. Raises _NoKindError for any that a parameter cannot have."""
        match node:
            case ast.Constant(value=None):
                return Scalar(type(None))
            case ast.Constant(value=str() as quoted):
                return self.kind(ast.parse(quoted, mode="eval").body)
            case ast.Name(id=name) if name in _SCALARS:
                return Scalar(_SCALARS[name])
            case ast.Name(id="tuple" | "Tuple"):
                return Items()
            case ast.Attribute(value=ast.Name(id="typing" | "t"), attr=name):
                return self.kind(ast.Name(id=name))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._union((left, right))
            case ast.Subscript(value=base, slice=inside):
                return self._subscripted(_form(base), inside.elts if isinstance(inside, ast.Tuple) else [inside])
            case ast.Name(id=name) if name in self._module.assigned:
                return self.kind(self._module.assigned[name])
            case ast.Name() | ast.Attribute():
                return self._named(node)
        raise _NoKindError

    def _named(self, node: ast.Name | ast.Attribute) -> Kind:
        """A dataclass, or a type that another module has a name for."""
        if found := _class(node, self._module):
            module, each = found
            if not _is_frozen(each):
                raise _NoKindError(f"{each.name} is no `@dataclass(frozen=True)`")
            if each in self._inside:
                raise _NoKindError(f"{each.name} would hold itself")
            return _structure(self._owner, module, each, self._inside)
        if isinstance(node, ast.Name) and (origin := self._module.imports_from(node.id)):
            there = ast.Name(id=self._module.imported[node.id][1])
            return _Reader(self._owner, origin, self._inside).kind(there)
        raise _NoKindError

    def _union(self, parts: tuple[ast.expr, ...] | list[ast.expr]) -> Kind:
        members: list[Kind] = []
        for part in parts:
            kind = self.kind(part)
            members += kind.kinds if isinstance(kind, AnyOf) else [kind]
        if sum(isinstance(each, Structure) for each in members) > 1:
            raise _NoKindError("a mapping in a spec would not say which of the dataclasses it is")
        return AnyOf(tuple(members)) if len(members) > 1 else members[0]

    def _subscripted(self, form: str, parts: list[ast.expr]) -> Kind:
        match form:
            case "Literal":
                return Choice(tuple(ast.literal_eval(part) for part in parts))
            case "Annotated":
                return self.kind(parts[0])
            case "Optional":
                return self._union([parts[0], ast.Constant(value=None)])
            case "Union":
                return self._union(parts)
            case "tuple" | "Tuple":
                repeated = len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis
                return Items(tuple(self.kind(part) for part in (parts[:1] if repeated else parts)), repeated)
        raise _NoKindError


def _form(base: ast.expr) -> str:
    match base:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="typing" | "t"), attr=name) if name in _FORMS:
            return name
    raise _NoKindError


def _is_frozen(node: ast.ClassDef) -> bool:
    """Whether a class is decorated as `@dataclass(frozen=True)`."""
    return any(
        isinstance(each, ast.Call)
        and ast.unparse(each.func) in ("dataclass", "dataclasses.dataclass")
        and any(keyword.arg == "frozen" and ast.unparse(keyword.value) == "True" for keyword in each.keywords)
        for each in node.decorator_list
    )


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
    """The default of a field: what its factory returns, where it has one."""
    options = _field_options(value)
    if options is None:
        return value
    match options.get("default_factory"):
        case None:
            return options.get("default")
        case ast.Lambda(body=body):
            return body
        case factory:
            return ast.Call(func=factory, args=[], keywords=[])


def _literal(value: ast.expr | None, module: Module, kind: Kind) -> tuple[ParamValue, ...]:
    """The value of a default where the source says it, as a tuple of one; a dataclass as the mapping of its fields."""
    if isinstance(value, ast.Name) and value.id in module.assigned:
        value = module.assigned[value.id]
    if value is None:
        return ()
    structure = structure_of(kind)
    if isinstance(value, ast.Call) and structure is not None and _class(value.func, module) is not None:
        return _called(value, module, structure)
    if isinstance(value, ast.Tuple) and isinstance(kind, Items) and any(map(structure_of, kind.kinds)):
        kinds = kind.kinds * len(value.elts) if kind.repeated else kind.kinds
        found = [_literal(part, module, each) for part, each in zip(value.elts, kinds, strict=False)]
        return (tuple(part[0] for part in found),) if all(found) and len(found) == len(value.elts) else ()
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        return ()
    return (literal,) if isinstance(literal, bool | int | float | str | None | tuple) else ()


def _called(call: ast.Call, module: Module, structure: Structure) -> tuple[ParamValue, ...]:
    """`Adam(0.1, betas=(0.9, 0.99))` as a mapping with the defaults of the class; nothing where a part is computed."""
    given = dict(zip(structure.parameters, call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}
    values: dict[str, ParamValue] = {}
    for name, node in given.items():
        found = _literal(node, module, structure.parameters[name].kind) if name in structure.parameters else ()
        if not found:
            return ()
        values[name] = found[0]
    return (filled(structure, values),)
