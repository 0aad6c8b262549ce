"""What the names in a module's syntax stand for, and how they are written where only the code counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from repro.plan.code.modules import Modules, Target, is_neutral
from repro.plan.code.scopes import Import, Scope
from repro.plan.code.toplevel import Module

WHOLE, COMPUTED = "*", "__getattr__"


class Reference(NamedTuple):
    """A top-level definition: a name of a module, or all of a module."""

    module: str
    name: str


class Names:
    """The names of one piece of a module.

    Attributes:
        uses: the definitions that were referred to, by number in the order of their first mention.
        types: those that annotations and bases name.
    """

    def __init__(self, modules: Modules, module: Module) -> None:
        self._modules, self._module = modules, module
        self._found: dict[str, Target | None] = {}
        self.uses: dict[Reference, int] = {}
        self.types: dict[Reference, int] = {}

    def exchange(self) -> None:
        """Refers to types where it referred to uses, until it is called again."""
        self.uses, self.types = self.types, self.uses

    def refer(self, reference: Reference) -> str:
        """The number of a definition."""
        return f"#{self.uses.setdefault(reference, len(self.uses))}"

    def target(self, target: Target) -> str:
        """What stands for a name that does."""
        if target.kind == "definition":
            return self.refer(Reference(target.module, target.name))
        if target.kind == "module":
            if is_neutral(target.module):
                return f"<{target.module.rpartition('.')[2]}>"
            return self.refer(Reference(target.module, WHOLE))
        if target.kind == "computed":
            module = self._modules.get(target.module)
            by = COMPUTED if module is not None and COMPUTED in module.definitions else WHOLE
            return f"{self.refer(Reference(target.module, by))}.{target.name}"
        return f"<{target.name}>"

    def what(self, name: str, scope: Scope) -> Target | None:
        """What a name stands for where it is not local."""
        found = scope.find(name)
        if isinstance(found, Import):
            return self._modules.what(found)
        if found and not (scope.kind == "class" and name in scope.bound):
            return None
        if name not in self._found:
            self._found[name] = self._modules.own(self._module, name)
        return self._found[name]

    def written(self, name: str, scope: Scope) -> str:
        """A name that is bound: as it is written where it is local, else its number."""
        target = None if scope.find(name) is True else self.what(name, scope)
        return f"'{name}'" if target is None else self.target(target)

    def chain(self, name: str, attributes: Sequence[str], scope: Scope) -> str:
        """A name that is read, and its attributes: through modules to the definition, a third-party name in full."""
        target = self.what(name, scope)
        if target is None:
            return ".".join([f"'{name}'", *attributes])
        left = list(attributes)
        while left and target.kind == "module":
            target = self._modules.member(target.module, left.pop(0))
        if target.kind == "named":
            return self.target(Target("named", "", ".".join([target.name, *left])))
        text = self.target(target)
        if scope.kind == "class" and name in scope.bound:  # the class's own or, before that is bound, the module's
            text = f"('{name}' or {text})"
        return ".".join([text, *left])
