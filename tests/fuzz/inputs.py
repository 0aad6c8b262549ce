"""The kinds of inputs that come from elsewhere: sound ones, and what reads them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from repro.compare.loading import arrays
from repro.data.sources.archive import extract
from repro.data.sources.tensors import tensors
from repro.plan.key import key_of
from repro.report.build import build
from repro.report.render import FORMATS, render
from repro.scoring.inputs import read
from repro.scoring.place import Source
from repro.spec import expression
from repro.spec.load import load, shape
from repro.spec.tables import all_paths
from repro.store.bundle import Bundle, pack, spec_problem, unpack
from repro.store.record import Curve, Record
from repro.store.records import checksum, packed, read_artifacts, read_record
from repro.store.written import CHECKSUM, written
from repro.verdict.table import judge
from tests.cli import toys
from tests.verdict.build import record_of

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "b": np.arange(4, dtype=np.int32)}
SPEC = toys.SPEC.replace("BEHAVIOUR", "").replace("CLAIMED", "-1.0e+9")


@dataclass(frozen=True)
class Kind:
    """A kind of input: names of files with sound contents, and what reads such a file, in one of its ways."""

    sound: Callable[[], dict[str, bytes]]
    read: Callable[[Path], object]


@lru_cache(maxsize=1)
def specs() -> dict[str, bytes]:
    """Three small specs of the project, and one of toys."""
    small = sorted(all_paths(), key=lambda path: path.stat().st_size)[:3]
    return {"toy.yaml": SPEC.encode()} | {path.name: path.read_bytes() for path in small}


def expressions() -> dict[str, bytes]:
    """Claims of the kinds that the grammar has."""
    said = (
        "A.x < B.x",
        "min(rows('A', 'B').x) >= 2 * C.y - 1",
        "not (A.x == B.x or C.y in 1..3)",
        "'A b'.x / C.y > 5 %",
    )
    return {f"{number}.txt": text.encode() for number, text in enumerate(said)}


@lru_cache(maxsize=1)
def record() -> Record:
    """A record of the toy table that can be believed, with all that one can have."""
    made = record_of(
        "Good", 0, "smoke", table="toy/walks", measured={"mean": (0.5, "mean v1")}, message="said", tail="last lines",
        curves={"loss": Curve(step=(0, 1), value=(0.5, 0.25))}, commit="abc", imported="walks.zip",
        artifacts={name: checksum(array) for name, array in ARRAYS.items()},
    )  # fmt: skip
    return made.model_copy(update={"key": key_of(made.parts)})


def records() -> dict[str, bytes]:
    """With its checksum, and as those of before there was one."""
    plain = {name: said for name, said in json.loads(written(record())).items() if name != CHECKSUM}
    return {"new.json": written(record()), "old.json": json.dumps(plain, indent=1).encode()}


def read_a_record(file: Path) -> None:
    """A record, and whatever is believed of it in every format."""
    found = read_record(file, aside=False)
    if found is not None:
        table, _ = shape(SPEC, "walks.yaml")
        view = build(table, judge(table, [found], found.profile, frozenset()), [found], None)
        for form in FORMATS:
            text = render(view, form)
            assert "<script>alert" not in text or form in ("json", "csv")
            assert not [c for c in text if ord(c) < 32 and c not in "\n\r\t"] or form == "csv"


def predictions() -> dict[str, bytes]:
    """Packed and not, by numpy."""
    plain, alone = io.BytesIO(), io.BytesIO()
    np.savez(plain, **ARRAYS)  # type: ignore[arg-type]
    np.save(alone, ARRAYS["a"])
    return {"packed.npz": packed(ARRAYS), "plain.npz": plain.getvalue(), "alone.npy": alone.getvalue()}


def read_predictions(file: Path) -> None:
    """As `compare`, `score` and the store read them."""
    read_artifacts(file, record())
    for place in (str(file), f"{file}:a"):
        _one_or_another(partial(read, "matrix", place, Source()))
    arrays(file, {"a": "", "b": ""}, {"a": [(2, 3)], "b": [(None,)]})


def checkpoints() -> dict[str, bytes]:
    """In both formats, and the older one of torch."""
    state = {"weight": torch.arange(6.0).view(2, 3), "bias": torch.zeros(2)}
    new, old = io.BytesIO(), io.BytesIO()
    torch.save({"state_dict": state}, new)
    torch.save(state, old, _use_new_zipfile_serialization=False)
    return {"new.pt": new.getvalue(), "old.pt": old.getvalue(), "x.safetensors": save(state)}


TEXTS = {
    "numbers.txt": b"1\n2.5\n-3e2\n", "matrix.txt": b"1 2 3\n4 5 6\n", "sheet.csv": b"n,hyp\n0,the cat\n1,\"a, b\"\n",
    "sheet.tsv": b"n\thyp\n0\tthe cat\n1\ta\n", "items.json": b'[{"hyp": "a"}, {"hyp": "b"}]',
    "items.jsonl": b'{"hyp": "a", "n": [1, 2]}\n{"hyp": "b", "n": [3, 4]}\n',
    "run.txt": b"1 Q0 a 1 3.5 x\n1 Q0 b 2 1 x\n",
    "qrels.txt": b"1 0 a 1\n1 0 b 0\n", "words.txt": b"the cat sat\n\nhe said no\n",
}  # fmt: skip
KINDS_OF_TEXT = (
    "numbers",
    "labels",
    "matrix",
    "texts",
    "sentences",
    "paragraphs",
    "references",
    "ranking",
    "judgements",
)


def read_a_text(file: Path) -> None:
    """As every metric would."""
    for kind in KINDS_OF_TEXT:
        for place in (str(file), f"{file}:hyp"):
            _one_or_another(partial(read, kind, [place] if kind == "references" else place, Source()))


def _one_or_another(do: Callable[[], object]) -> None:
    """What is refused here may be read in another way."""
    try:
        do()
    except ValueError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


@lru_cache(maxsize=1)
def archives() -> dict[str, bytes]:
    """A bundle, and a data set as it is fetched."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        for name, contents in (("d/a", b"x" * 100), ("d/b", b"")):
            info = tarfile.TarInfo(name)
            info.size = len(contents)
            archive.addfile(info, io.BytesIO(contents))
    bundle = pack(Bundle("toy/walks", "smoke", SPEC, (record(),), {record().key: ARRAYS}))
    return {"walks.zip": bundle, "data.tar.gz": tar.getvalue()}


def read_an_archive(file: Path) -> None:
    """As `import` and `data get` do."""
    target = file.parent / "member"
    target.unlink(missing_ok=True)
    _one_or_another(partial(extract, file, {"d/a": target}, {"d/a": 1000}))
    spec_problem(unpack(file))


KINDS = {
    "spec": Kind(specs, load),
    "expression": Kind(expressions, lambda file: expression.parse(file.read_bytes().decode(errors="replace"))),
    "record": Kind(records, read_a_record),
    "predictions": Kind(predictions, read_predictions),
    "checkpoint": Kind(checkpoints, tensors),
    "text": Kind(lambda: TEXTS, read_a_text),
    "archive": Kind(archives, read_an_archive),
}


def names() -> Iterator[tuple[str, str]]:
    """Every kind, and every sound file of it."""
    return ((kind, name) for kind in KINDS for name in KINDS[kind].sound())
