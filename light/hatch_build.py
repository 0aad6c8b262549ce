"""What the light distribution takes over from the full one: all but the frameworks that train."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

FRAMEWORKS = ("torch", "torchvision", "torch-fidelity")
TAKEN = ("version", "description", "requires-python", "license", "scripts", "entry-points")


class CustomMetadataHook(MetadataHookInterface):
    """Fills in the metadata from the pyproject.toml of the folder above."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds what the full distribution says of itself, with fewer dependencies."""
        full = tomllib.loads((Path(self.root).parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        metadata |= {name: full[name] for name in TAKEN}
        metadata["dependencies"] = [line for line in full["dependencies"] if _name(line) not in FRAMEWORKS]
        metadata["optional-dependencies"] = {"hf": full["optional-dependencies"]["hf"]}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
