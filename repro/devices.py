"""Where a model runs: the names that there are, and whether this machine has what one stands for."""

from __future__ import annotations

import re
import sys
from typing import Any

from repro.contracts import MissingDevice

_NAMES = re.compile(r"cpu|cuda(:\d{1,3})?", re.ASCII)


def device_named(text: str) -> str:
    """The name itself, `cpu`, `cuda` or `cuda:N`. Raises ValueError for any other."""
    if _NAMES.fullmatch(text) is None:
        raise ValueError(f"unknown device {text!r} (known: cpu, cuda, cuda:0 and so on)")
    return text


def require(device: str) -> None:
    """Raises MissingDevice, which says what there is, where this machine does not have a device; it imports torch for
    any but `cpu`.
    """
    if device_named(device) == "cpu":
        return
    import torch

    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not there:
        raise MissingDevice(f"device {device} was asked for, and there is no GPU here: only cpu")
    if int(device.partition(":")[2] or 0) >= there:
        raise MissingDevice(f"device {device} was asked for, and there are {there} GPUs here, the first is cuda:0")


def described(device: str) -> str:
    """The device as a record has it, a GPU with its model; the name alone where nobody can say. Never an error."""
    torch_module: Any = sys.modules.get("torch")
    if not device.startswith("cuda") or torch_module is None:
        return device
    try:
        return f"{device} ({torch_module.cuda.get_device_name(device)})"
    except Exception:  # a driver has many ways to refuse, and a record is written all the same
        return device
