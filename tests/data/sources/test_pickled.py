"""Tensors out of pickled modules: all of them and no other, with nothing of the file run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch._utils import _rebuild_tensor_v2

from baselines.language.files import MODULES
from repro.data.sources.tensors import tensors
from tests.baselines.language.authors import save, tiny


@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("form", ["triple", "model", "state"])
def test_the_tensors_of_a_module_are_those_of_its_state_dict(form: str, legacy: bool, tmp_path: Path) -> None:
    model = tiny(13, n_experts=3)
    found = tensors(save(model, tmp_path / "model.pt", form, legacy=legacy), MODULES)
    expected = model.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert not any(tensor.requires_grad for tensor in found.values())


def test_buffers_belong_to_it(tmp_path: Path) -> None:
    norm = nn.Sequential(nn.BatchNorm1d(3))
    torch.save(norm, tmp_path / "norm.pt")
    assert tensors(tmp_path / "norm.pt", ("torch.nn.",)).keys() == norm.state_dict().keys()


class Bomb:
    """Leaves a folder behind when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("legacy", [True, False])
def test_what_is_no_part_of_a_model_is_named_and_never_run(legacy: bool, tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    torch.save([nn.Linear(2, 3), Bomb(tmp_path / "gone-off")], file, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(ValueError, match="holds") as caught:
        tensors(file, ("torch.nn.", "builtins.getattr"))
    assert str(caught.value) == (
        f"{file} holds posix.mkdir, which is no part of a model that is read here, and could be any code; nothing of "
        "it was run: save model.state_dict() instead, or as safetensors"
    )
    assert not (tmp_path / "gone-off").exists()


def test_a_name_of_a_listed_kind_is_not_called_either(tmp_path: Path) -> None:
    torch.save([nn.Linear(2, 3), Bomb(tmp_path / "gone-off")], tmp_path / "model.pt")
    found = tensors(tmp_path / "model.pt", ("torch.nn.", "posix."))
    assert {name: tuple(tensor.shape) for name, tensor in found.items()} == {"weight": (3, 2), "bias": (3,)}
    assert not (tmp_path / "gone-off").exists()


def test_a_name_that_only_begins_like_a_listed_one_is_another(tmp_path: Path) -> None:
    torch.save([nn.Linear(2, 3), Bomb(tmp_path / "gone-off")], tmp_path / "model.pt")
    with pytest.raises(ValueError, match=r"holds posix\.mkdir"):
        tensors(tmp_path / "model.pt", ("torch.nn.", "posix.mkdi", "posix.mkdir2"))


def test_a_file_cannot_change_the_functions_that_it_names(tmp_path: Path) -> None:
    """By hand: `_rebuild_tensor_v2`, then BUILD with the slots {"__defaults__": None}, in the format before 1.6."""
    name = b"__defaults__"
    main = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nN}X" + len(name).to_bytes(4, "little") + name + b"Ns\x86b."
    before = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, dict[str, bool]()))
    (tmp_path / "model.pt").write_bytes(before + main + pickle.dumps([], 2))
    with pytest.raises(ValueError, match=r"model\.pt (holds no module|is no checkpoint)"):
        tensors(tmp_path / "model.pt", ("torch.nn.",))
    assert _rebuild_tensor_v2.__defaults__ == (None,)


def test_modules_are_read_only_where_they_are_asked_for(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 3), tmp_path / "model.pt")
    with pytest.raises(ValueError, match="holds more than tensors and is not read, since that could run code: save "):
        tensors(tmp_path / "model.pt")


def test_files_without_a_module_or_damaged_are_said_in_one_line(tmp_path: Path) -> None:
    torch.save([torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)], tmp_path / "optimiser.pt")
    with pytest.raises(ValueError, match=r"optimiser\.pt holds no module: a whole model is expected, or its state_dic"):
        tensors(tmp_path / "optimiser.pt", ("torch.optim.", "collections.defaultdict", "builtins.dict"))
    (tmp_path / "text.pt").write_bytes(pickle.dumps({"a": [os.getcwd]}))
    with pytest.raises(ValueError, match=r"^\S+text\.pt (is no checkpoint|holds)[^\n]*$"):
        tensors(tmp_path / "text.pt", ("torch.nn.",))
