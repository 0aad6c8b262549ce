from __future__ import annotations

import subprocess
import sys

import pytest

import repro.metrics


@pytest.mark.parametrize("name", sorted(repro.metrics.EXPORTS))
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(repro.metrics, name).__module__ == repro.metrics.EXPORTS[name]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'repro.metrics' has no attribute 'perplexty'"):
        _ = repro.metrics.perplexty


def test_importing_the_package_imports_none_of_its_modules() -> None:
    code = "import sys, repro.metrics; assert not [m for m in sys.modules if m.startswith(('numpy', 'scipy', 'torch'))]"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_star_imports_the_public_names_and_no_others() -> None:
    names: dict[str, object] = {}
    exec("from repro.metrics import *", names)
    assert names.keys() - {"__builtins__"} == repro.metrics.EXPORTS.keys()
