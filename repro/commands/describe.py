"""What `repro describe TASK` says: what a task asks of a model, its protocol, its metrics, and the files it reads.

Everything is read from the code: docstrings, signatures, fields and registries. Nothing is trained, and no training
framework is imported. `page` is the same of all tasks, as `docs/tasks.md` has it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from types import ModuleType
from typing import Any

from repro.objects import load
from repro.plan.addresses import address
from repro.registry import LOADERS, METHODS, TASKS
from repro.report.configured import written
from repro.spec.load import unchecked
from repro.spec.model import Table
from repro.spec.tables import all_paths, own_paths

PAGE = """\
# Tasks

What a model must offer for its row to be measured, and the files that stand for one (`repro compare TABLE --predictions
FILE`, `--checkpoint FILE`). This page is written from the code by `make readme`; `repro describe TASK` prints a part.
"""


def described(name: str, tables: Sequence[Table] | None = None) -> str:
    """A task in Markdown. Raises ValueError for a name that no registry has, with the likely one."""
    task = load(address(TASKS, name))
    module = sys.modules[task.__module__]
    used = [table for table in (_all_tables() if tables is None else tables) if table.task == name]
    return "\n\n".join(
        [f"## {name}", *_about(task, module), *_offers(module), *_measures(module, used), *_files(name, used)]
    )


def one_line_each() -> list[tuple[str, str]]:
    """Every task with the first line of what its file says of it."""
    return [(name, _first(sys.modules[load(address(TASKS, name)).__module__])) for name in TASKS.entries]


def page() -> str:
    """All tasks of this project."""
    tables = [unchecked(path) for path in all_paths()]
    return "\n".join([PAGE, *(f"{described(name, tables)}\n" for name in sorted(TASKS.entries))])


def _all_tables() -> list[Table]:
    return [unchecked(path) for path in (*own_paths(), *all_paths())]


def _first(module: ModuleType) -> str:
    said = " ".join((module.__doc__ or "").partition("\n\n")[0].split())
    return said.partition(": ")[2] or said


def _about(task: type, module: ModuleType) -> Iterator[str]:
    yield f"```text\n{inspect.cleandoc(module.__doc__ or '')}\n```"
    yield "### Protocol"
    doc, _, _ = inspect.cleandoc(task.__doc__ or "").partition("\nAttributes:")
    yield doc.strip()
    settings = [each for each in fields(task) if each.init]
    said = _attributes(task)
    lines = [f"| `{each.name}` | {_default(each)} | {said.get(each.name, '')} |" for each in settings]
    if lines:
        yield "\n".join(["| set by `protocol:` | by default | what it is |", "| :-- | :-- | :-- |", *lines])


def _default(field: Any) -> str:
    return "" if field.default is MISSING else f"`{written(field.default)}`"


def _attributes(task: type) -> dict[str, str]:
    """What a docstring says of each field."""
    _, _, listed = inspect.cleandoc(task.__doc__ or "").partition("Attributes:\n")
    found: dict[str, list[str]] = {}
    name = ""
    for line in listed.splitlines():
        if line[:4].isspace() and line[4:5].strip() and ": " in line:
            name, _, said = line.strip().partition(": ")
            found[name] = [said]
        elif name and line.strip():
            found[name].append(line.strip())
    return {name: " ".join(said).replace("|", "\\|") for name, said in found.items()}


def _offers(module: ModuleType) -> Iterator[str]:
    yield "### What a trained model offers"
    asked = {each for each in vars(module).values() if _is_asked(each)}
    in_order = sorted(asked, key=lambda each: (each.__module__, inspect.getsourcelines(each)[1]))
    yield "\n\n".join(f"```python\n{_interface(each)}\n```" for each in in_order)


def _is_asked(value: Any) -> bool:
    """Whether something in a task's file is a protocol of models; those of the harness are of another module."""
    return (
        inspect.isclass(value)
        and getattr(value, "_is_protocol", False)
        and value.__module__ not in ("typing", "repro.contracts", "repro.contracts.task")
        and bool(list(_members(value)))
        and not value.__name__.startswith("_")
    )


def _members(protocol: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(protocol).items():
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            yield name, member


def _interface(protocol: type) -> str:
    bases = [base.__name__ for base in protocol.__bases__ if base.__name__ not in ("Protocol", "Generic", "object")]
    head = f"class {protocol.__name__}({', '.join([*bases, 'Protocol'])}):"
    lines = [head, *_quoted(protocol.__doc__ or "")]
    for name, member in _members(protocol):
        function = member.fget if isinstance(member, property) else member
        lines += ["", *(["    @property"] if isinstance(member, property) else [])]
        lines.append(f"    def {name}{_signature(function)}:")
        lines += [f"    {line}".rstrip() for line in _quoted(function.__doc__ or "")]
    return "\n".join(lines)


def _signature(function: Any) -> str:
    """As it is written: annotations are texts."""
    return str(inspect.signature(function)).replace("'", "")


def _quoted(doc: str) -> list[str]:
    text = inspect.cleandoc(doc)
    if not text:
        return []
    lines = text.split("\n")
    if len(lines) == 1:
        return [f'    """{text}"""']
    return [f'    """{lines[0]}', *(f"    {line}".rstrip() for line in lines[1:]), '    """']


def _measures(module: ModuleType, used: Sequence[Table]) -> Iterator[str]:
    known = dict(getattr(module, "ARGUMENTS", {}))
    names = known or dict.fromkeys(column.metric for table in used for column in table.columns.values())
    lines = [f"- `{name}`" + (f" (`{'`, `'.join(known[name])}`)" if known.get(name) else "") for name in sorted(names)]
    if lines:
        yield "### Metrics, with the arguments that a column gives"
        yield "\n".join(lines)
    if used:
        yield "Tables: " + ", ".join(f"`{table.id}`" for table in used) + "."


def _files(name: str, used: Sequence[Table]) -> Iterator[str]:
    yield "### Files"
    if name not in LOADERS:
        yield "Predictions of this task are not read yet: a row is a method."
    else:
        module = sys.modules[LOADERS.load(name).__module__]
        yield f"```text\n{inspect.cleandoc(module.__doc__ or '')}\n```"
    methods = dict.fromkeys(row.method for table in used for row in table.rows if row.method)
    read = sorted(method for method in methods if method in LOADERS and method in METHODS)
    if read:
        yield "Checkpoints are read of the methods " + ", ".join(f"`{method}`" for method in read) + "."
