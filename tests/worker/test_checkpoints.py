"""States as files: what may be in one, that it comes back as it was, and what writing one costs in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from repro.worker.checkpoints import Checkpoints, is_whole, read_state, write_state

STATE: dict[str, Any] = {
    "tensor": torch.arange(6, dtype=torch.bfloat16).view(2, 3),
    "arrays": [np.arange(3), np.zeros((0, 2), np.float32), np.asfortranarray(np.arange(6.0).reshape(2, 3))],
    "flags": np.array([True, False]),
    "numbers": {"n": 5, "x": 0.1, "yes": True, "none": None, "word": "ä", 7: (1, "b")},
}


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    write_state(tmp_path / "state.pt", STATE)
    found = read_state(tmp_path / "state.pt")
    assert torch.equal(found["tensor"], STATE["tensor"])
    assert found["tensor"].dtype == torch.bfloat16
    for one, other in zip([*found["arrays"], found["flags"]], [*STATE["arrays"], STATE["flags"]], strict=True):
        assert isinstance(one, np.ndarray)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert found["numbers"] == STATE["numbers"]


def test_arrays_that_cannot_be_written_to_and_numbers_of_numpy_are_taken_too(tmp_path: Path) -> None:
    fixed = np.arange(3.0)
    fixed.setflags(write=False)
    write_state(tmp_path / "state.pt", {"fixed": fixed, "number": np.float32(0.5), "count": np.int64(3)})
    found = read_state(tmp_path / "state.pt")
    assert found["fixed"].tolist() == [0.0, 1.0, 2.0]
    assert (found["number"], found["count"]) == (0.5, 3)
    assert type(found["count"]) is int


@pytest.mark.parametrize(("wrong", "message"), [
    ({"a": [1, {"b": object()}]}, r"the state\['a'\]\[1\]\['b'\] is a object: a state is made of tensors"),
    ({"words": np.array(["a"])}, r"the state\['words'\] is a ndarray"),
    ({"set": {1}}, r"the state\['set'\] is a set"),
])  # fmt: skip
def test_what_cannot_be_part_of_a_state_is_named(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        write_state(tmp_path / "state.pt", wrong)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_cut_or_changed_anywhere_is_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    write_state(file, STATE)
    contents = file.read_bytes()
    assert is_whole(file)
    for place in (0, len(contents) // 2, len(contents) - 33, len(contents) - 1):
        damaged = bytearray(contents)
        damaged[place] ^= 1
        file.write_bytes(damaged)
        assert not is_whole(file), place
    for length in (0, 5, 32, len(contents) - 1):
        file.write_bytes(contents[:length])
        assert not is_whole(file), length


def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    class Broken(torch.Tensor):
        def __reduce_ex__(self, protocol: Any) -> Any:
            raise OSError("no space left on device")

    checkpoints = Checkpoints(tmp_path)
    checkpoints.write({"step": 1})
    with pytest.raises(OSError, match="no space left"):
        checkpoints.write({"big": torch.zeros(1000), "broken": torch.zeros(1).as_subclass(Broken)})
    assert checkpoints.read() == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["00000000.pt"]


def test_writing_and_reading_need_no_copy_of_the_whole_state(tmp_path: Path) -> None:
    """Eight tensors of 16 MiB: the peak of the process grows by less than three of them, and by two copies to read."""
    program = f"""
import resource, torch
from pathlib import Path
from repro.worker.checkpoints import Checkpoints
checkpoints = Checkpoints(Path({str(tmp_path)!r}))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
checkpoints.write({{"small": torch.zeros(1000)}})
checkpoints.read()
state = {{str(n): torch.full((4 << 20,), float(n)) for n in range(8)}}
before = peak()
checkpoints.write(state)
written = peak()
del state
assert checkpoints.read()["7"][0] == 7
print(written - before, peak() - before)
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    to_write, in_all = map(float, found.stdout.split())
    assert to_write < 48
    assert in_all < 160
