"""What a method or a task may be called with, read from its class without importing it.

It is named as specs and the command line name it: `egan` (registered), `package.module:Class`, or
`my_method.py:MyMethod`. Its parameters are the annotated fields of the class and of its bases, of the types bool, int,
float, str, None, Literal, tuple, frozen dataclasses of the project's own code, and unions of them (`annotation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from repro.registry import METHODS, TASKS, did_you_mean
from repro.registry.addresses import is_address, source_of
from repro.registry.source import Module
from repro.spec.annotation import SignatureError, constants, docstring_of, functions, structure
from repro.spec.base import Params, ParamValue
from repro.spec.kinds import Parameter, Place, Structure, filled, lacking, wrong
from repro.spec.problems import Path as SpecPath
from repro.spec.problems import dotted

__all__ = ["Signature", "SignatureError", "defaults", "docstring", "has_fit_many", "signature", "task_signature"]

Role = Literal["method", "task"]
_REGISTRIES = {"method": METHODS, "task": TASKS}


@dataclass(frozen=True)
class Signature:
    """The parameters of a method or a task in order, and what else its class says."""

    role: Role
    method: str
    structure: Structure
    docstring: str
    functions: frozenset[str] = field(default=frozenset())
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return self.structure.parameters

    @property
    def owner(self) -> str:
        """Whose parameters they are, for messages."""
        return f"{self.role} {self.method}"

    def problems(self, params: Mapping[str, ParamValue]) -> list[tuple[SpecPath, str]]:
        """What is wrong with some of the parameters: the path to each mistake, and the message."""
        return list(wrong(self.structure, params, Place(self.owner)))

    def problem(self, name: str, value: ParamValue) -> str | None:
        """What is wrong with one parameter, if anything is."""
        return next((message for _, message in self.problems({name: value})), None)

    def missing(self, params: Mapping[str, ParamValue]) -> list[str]:
        """The parameters without a default that are not given, by their dotted names."""
        return [dotted(path) for path in lacking(self.structure, params)]

    def complete(self, params: Mapping[str, ParamValue]) -> Params:
        """All parameters, the literal defaults among them: a default that changes changes the key."""
        return filled(self.structure, params)

    def names(self, constant: str) -> tuple[str, ...]:
        """A class attribute that lists names, such as a task's VIEW; none where the class does not have it."""
        value = self.constants.get(constant, ())
        if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
            raise SignatureError(f"{self.owner}: {constant} is {value!r}, not a tuple of names")
        return value


def signature(method: str) -> Signature:
    """The signature of a method. Raises ValueError for an unknown name, SignatureError for an unreadable class."""
    return _read("method", method, *_locate("method", method))


def task_signature(task: str) -> Signature:
    """The signature of a task, whose parameters are those of its protocol. Raises as `signature`."""
    found = _read("task", task, *_locate("task", task))
    for name in found.names("VIEW"):
        if name not in found.parameters:
            raise SignatureError(f"task {task}: VIEW names {name!r}, which is no field{_likely(name, found)}")
    return found


@cache
def _read(role: Role, name: str, module: Module, attribute: str) -> Signature:
    owner = f"{role} {name}"
    if attribute not in module.classes:
        hint = did_you_mean(attribute, list(module.classes))
        raise SignatureError(f"{owner}: {module.file.name} has no class {attribute!r}{hint}")
    node = module.classes[attribute]
    return Signature(
        role, name, structure(owner, module, node), docstring_of(node), functions(module, node), constants(module, node)
    )


def has_fit_many(method: str) -> bool:
    """Whether the method can fit many seeds in one pass."""
    return "fit_many" in signature(method).functions


def defaults(method: str) -> Params:
    """The literal defaults of a method's parameters."""
    return signature(method).structure.defaults


def docstring(method: str) -> str:
    """What the method's class says about itself; empty where it says nothing."""
    return signature(method).docstring


def _likely(name: str, found: Signature) -> str:
    return did_you_mean(name, list(found.parameters))


def _locate(role: Role, name: str) -> tuple[Module, str]:
    called = f"{role} {name}"
    address = name if is_address(name) else _REGISTRIES[role].address(name)
    try:
        return source_of(address, called)
    except ValueError as error:
        raise SignatureError(str(error)) from None
