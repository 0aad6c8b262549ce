"""Small packages on disk, and their fingerprints from the address `lab.method:Method`."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from repro.plan.fingerprint import Fingerprinter
from repro.plan.key import Fingerprint

ADDRESS = "lab.method:Method"


def package(text: str) -> dict[str, str]:
    """`lab/method.py` and, each after a line `--- name`, further modules of the package: path to text."""
    files: dict[str, str] = {}
    name = "method"
    for line in text.splitlines(keepends=True):
        if line.startswith("--- "):
            name = line.removeprefix("--- ").strip()
        else:
            file = f"lab/{name}.py"
            files[file] = files.get(file, "") + line
    return files


def written(folder: Path, files: dict[str, str]) -> Path:
    """A new folder with the files; each folder in it is a package."""
    root = Path(mkdtemp(dir=folder))
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        for parent in file.relative_to(root).parents[:-1]:
            (root / parent / "__init__.py").touch()
        file.write_text(text)
    return root


def fingerprint(folder: Path, text: str, *addresses: str) -> Fingerprint:
    """The fingerprint of a package, given as one text."""
    return Fingerprinter([written(folder, package(text))]).of(addresses or (ADDRESS,))
