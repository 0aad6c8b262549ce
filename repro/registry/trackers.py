"""The libraries that show runs: see `repro.track.sink`."""

from __future__ import annotations

from repro.registry.table import Registry

TRACKERS = Registry(
    "tracker",
    lambda: {
        "mlflow": "repro.track.mlflow:MlflowTracker",
        "tensorboard": "repro.track.tensorboard:TensorBoardTracker",
        "wandb": "repro.track.wandb:WandbTracker",
    },
)
