"""What this package is installed as, and what is said where a light install lacks something."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from importlib.util import find_spec

FULL, LIGHT = "repro-tables", "repro-tables-light"
"""The two distributions of the same package; the second leaves out the frameworks that train (`light/`)."""

FRAMEWORKS = ("torch", "torchvision", "torch_fidelity")
"""The modules that only the full distribution brings."""


def version() -> str | None:
    """The version that is installed, under either name; None where the package runs from its sources."""
    for name in (FULL, LIGHT):
        try:
            return installed(name)
        except PackageNotFoundError:
            continue
    return None


def require(module: str) -> None:
    """Raises ModuleNotFoundError where a module is not there, before anything starts that would fail for it later."""
    if find_spec(module) is None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def lacking(error: ModuleNotFoundError) -> str | None:
    """What to say of an import that failed for a framework; None where it failed for something else.

    Example:
        >>> lacking(ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"))
        'this needs torch, which is not installed'
    """
    module = (error.name or "").partition(".")[0]
    return f"this needs {module}, which is not installed" if module in FRAMEWORKS else None
