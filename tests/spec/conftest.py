"""A small valid spec, and fake methods in a folder on sys.path that must never be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.registry import METHODS, TASKS
from repro.spec.load import loads
from repro.spec.model import Table
from tests.spec import families
from tests.spec.helpers import BASE_SOURCE, METHOD_SOURCE, SPEC


@pytest.fixture(autouse=True)
def fake_methods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Registers `egan`, `data`, `odd` of a package that is on sys.path, and `ghost` whose module does not exist."""
    package = tmp_path / "site" / "fakes"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('nor the package')")
    (package / "methods.py").write_text(METHOD_SOURCE)
    (package / "base.py").write_text(BASE_SOURCE)
    monkeypatch.syspath_prepend(str(package.parent))
    entries = {name: f"fakes.methods:{name.capitalize()}" for name in ("egan", "data", "odd")}
    monkeypatch.setattr(METHODS, "entries", {**entries, "ghost": "fakes.ghost:Ghost"})
    return package


@pytest.fixture
def small_families(fake_methods: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Registers the methods and tasks of `families`, whose modules cannot be imported."""
    sources = {"methods": families.METHODS, "tasks": families.TASKS}
    for (kind, source), registry in zip(sources.items(), (METHODS, TASKS), strict=True):
        (fake_methods / f"small_{kind}.py").write_text(source)
        entries = {name: f"fakes.small_{kind}:{cls}" for name, cls in families.REGISTERED[kind].items()}
        monkeypatch.setattr(registry, "entries", {**registry.entries, **entries})
    return fake_methods


@pytest.fixture
def table() -> Table:
    """The small spec, loaded."""
    return loads(SPEC, "spec.yaml")
