"""Released weights that a training may start from, by name; each entry has an address and a SHA-256."""

from __future__ import annotations

from repro.registry import Registry

WEIGHTS = Registry("weights", {})
