"""What `repro compare` reads files with: by the name of a task its predictions, by that of a method its checkpoints.

A task's entry is a class (`repro.compare.loading.TaskFiles`), a method's, which its family declares, a function
(`repro.compare.loading.ReadsCheckpoint`).
"""

from __future__ import annotations

from repro.registry import families
from repro.registry.table import Registry

_OF_TASKS = {
    "density-2d": "repro.compare.density_2d:Density2DFiles",
    "language-modeling": "repro.compare.language_modeling:LanguageModelingFiles",
    "representation": "repro.compare.representation:RepresentationFiles",
}

LOADERS = Registry("loader", lambda: families.joined("LOADERS", _OF_TASKS))
