"""The training methods: those that the families in `baselines` declare, each in its own folder."""

from __future__ import annotations

from repro.registry import families
from repro.registry.table import Registry

METHODS = Registry("method", lambda: families.addresses("METHODS"), group="repro.methods")
