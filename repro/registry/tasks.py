"""The evaluation protocols."""

from __future__ import annotations

from repro.registry import families
from repro.registry.table import Registry

_SHARED = {
    "density-2d": "repro.tasks.density_2d:Density2D",
    "density-estimation": "repro.tasks.density_estimation:DensityEstimation",
    "image-generation": "repro.tasks.image_generation:ImageGeneration",
    "language-modeling": "repro.tasks.language_modeling:LanguageModeling",
    "next-token-prediction": "repro.tasks.next_token:NextTokenPrediction",
    "representation": "repro.tasks.representation:Representation",
    "semi-supervised": "repro.tasks.semi_supervised:SemiSupervised",
    "sequence-generation": "repro.tasks.sequence_generation:SequenceGeneration",
    "training-time": "repro.tasks.training_time:TrainingTime",
}

TASKS = Registry("task", lambda: families.joined("TASKS", _SHARED), group="repro.tasks")
