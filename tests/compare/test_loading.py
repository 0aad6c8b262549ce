"""Files from strangers: nothing in them runs, and what is wrong with them is one line."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from repro.arrays import Npz
from repro.compare import loading
from repro.compare.loading import arrays, check_shape
from repro.data.sources.tensors import tensors

KNOWN = {"a": "numbers", "b": "more numbers"}


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = str(target)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.target}",)


def refused(file: Path, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        (arrays(file, KNOWN, {}) if file.suffix == ".npz" else tensors(file))
    assert "\n" not in str(error.value)


def test_arrays_come_as_float64(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "x.npz", a=np.arange(6, dtype=np.int16).reshape(2, 3), b=np.float32(0.5))
    found = arrays(tmp_path / "x.npz", KNOWN, {"a": [(2, 3)]})
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["a"].dtype == np.float64
    assert found["b"].shape == ()


def test_a_pickle_inside_an_array_file_never_runs(tmp_path: Path) -> None:
    target = tmp_path / "written"
    np.savez(tmp_path / "x.npz", a=np.array([Bomb(target)], dtype=object))
    refused(tmp_path / "x.npz", "objects are never read")
    np.load(tmp_path / "x.npz", allow_pickle=True)["a"]  # the file is a real one: this is what must not happen
    assert target.exists()


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pickle_inside_a_checkpoint_never_runs(tmp_path: Path, wrapped: bool) -> None:
    target, file = tmp_path / "written", tmp_path / "model.pt"
    bomb = {"state_dict": {"w": torch.zeros(2)}, "extra": Bomb(target)} if wrapped else Bomb(target)
    torch.save(bomb, file)
    refused(file, "holds more than tensors and is not read")
    file.write_bytes(pickle.dumps(bomb))  # the form before zip archives, and plain pickles
    refused(file, "holds more than tensors|no checkpoint")
    assert not target.exists()


def test_a_whole_module_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3), tmp_path / "model.pt")
    refused(tmp_path / "model.pt", "save model.state_dict")


def test_a_name_that_fills_a_checkpoint_is_refused_like_any_other(tmp_path: Path) -> None:
    """Torch looks through its own message in a time that grows with the square of the name: some minutes here."""
    file = tmp_path / "long.pt"
    file.write_bytes(b"\x80\x02c" + b"x" * 200_000 + b"\nname\n.")
    with pytest.raises(ValueError, match="holds more than tensors"):
        tensors(file)


def test_tensors_come_from_both_formats(tmp_path: Path) -> None:
    state = torch.nn.Linear(2, 3).state_dict()
    torch.save({"state_dict": state}, tmp_path / "model.pt")
    save_file(state, tmp_path / "model.safetensors")
    for name in ("model.pt", "model.safetensors"):
        found = tensors(tmp_path / name)
        assert found.keys() == state.keys()
        assert all(torch.equal(found[key], state[key]) for key in state)


def test_files_that_are_not_whole_or_of_another_kind_are_refused(tmp_path: Path) -> None:
    for name in ("x.npz", "x.pt", "x.safetensors"):
        refused(tmp_path / name, "there is no file")
        for contents in (b"", b"PK\x03\x04", b"{}", os.urandom(100)):
            (tmp_path / name).write_bytes(contents)
            refused(tmp_path / name, str(tmp_path / name))
    torch.save({"epoch": 3}, tmp_path / "x.pt")
    refused(tmp_path / "x.pt", "is no state dict")


def test_numbers_that_are_not_finite_and_names_that_are_not_known_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=[1.0, np.nan, np.inf])
    refused(tmp_path / "x.npz", "array 'a' has 2 of 3 numbers that are not finite")
    np.savez(tmp_path / "x.npz", aa=[1.0])
    refused(tmp_path / "x.npz", r"unknown array 'aa'; did you mean 'a'\? \(known: a, b\)")
    np.savez(tmp_path / "x.npz", a=["text"])
    refused(tmp_path / "x.npz", "not of numbers")
    torch.save({"w": torch.tensor([float("nan")])}, tmp_path / "x.pt")
    refused(tmp_path / "x.pt", "tensor 'w' is not finite")


def test_a_header_that_promises_more_than_there_is_makes_no_array(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", buffer.getvalue())
    refused(tmp_path / "x.npz", "has not as many bytes")


def test_shapes_are_held_against_what_is_wanted() -> None:
    check_shape((3, 2), (6,), (None, 2), what="samples")
    with pytest.raises(ValueError, match=r"samples must have shape \(6,\) or \(N, 3\), it has \(3, 2\)"):
        check_shape((3, 2), (6,), (None, 3), what="samples")


def test_an_array_of_another_shape_or_of_any_length_beyond_the_limit_is_refused_before_any_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte of zeros is a megabyte in the file: reading it takes seconds, and its head says enough."""

    def never(*_: object) -> None:
        raise AssertionError("an array was read")

    monkeypatch.setattr(Npz, "array", never)
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(8), b=np.zeros((30, 2)))
    for shapes, said in (
        ({"a": [(7,)]}, r"x.npz: a must have shape \(7,\), it has \(8,\)"),
        ({"b": [(None, 3)]}, r"x.npz: b must have shape \(N, 3\), it has \(30, 2\)"),
    ):
        with pytest.raises(ValueError, match=said):
            arrays(tmp_path / "x.npz", KNOWN, shapes)
    monkeypatch.setattr(loading, "MOST_FREE_BYTES", 479)
    with pytest.raises(ValueError, match="array 'b' has 480 bytes, the most is 479"):
        arrays(tmp_path / "x.npz", KNOWN, {"b": [(None, 2)]})
