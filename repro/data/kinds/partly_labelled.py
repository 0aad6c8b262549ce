"""Images of which few have labels: what a semi-supervised training sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repro.data.kinds.images import Split


@dataclass(frozen=True)
class PartlyLabelled:
    """What a training sees; of the test split it has nothing.

    Attributes:
        labelled: the images that have labels.
        unlabelled: images (N, H, W, C) uint8 without; those of `labelled` may be among them.
        validation: images with labels to choose a model by; None: there are none.
        classes: how many.
    """

    labelled: Split
    unlabelled: np.ndarray
    validation: Split | None
    classes: int
