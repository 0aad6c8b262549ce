"""What libraries say of themselves while a command runs is kept from the user, who can do nothing about it.

Warnings, remarks in logs, and bars of their own: of a model that is read, of files that are not fetched. What this
project has to say stays. With --debug, or where the user has asked Python for warnings (-W, PYTHONWARNINGS), so does
all the rest.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Mapping

OURS = ("repro", "baselines")
SETTINGS: Mapping[str, str] = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TQDM_DISABLE": "1",
}
"""What libraries read for this; a user's own settings stay."""


def quiet() -> None:
    """Silences libraries in this process and in those that it starts."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())  # else what nobody handles goes to standard error
    for name in OURS:
        said = logging.StreamHandler()
        said.setFormatter(logging.Formatter("%(message)s"))
        logger = logging.getLogger(name)
        logger.addHandler(said)
        logger.propagate = False
