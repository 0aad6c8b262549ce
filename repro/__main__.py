"""The program: `repro`, and `python -m repro`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Runs the command line that the program was given.

    What a command loads it keeps until the end: to collect while it starts, and once more when it is over, takes a
    third of the time of a short one. Nor does pydantic look through all installed packages for plugins: there are none
    that the specs need, and the look takes as long as reading fifty of them.
    """
    gc.set_threshold(100_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from repro.cli.main import main as run
    from repro.cli.quiet import quiet

    if "--debug" not in sys.argv:
        quiet()
    try:
        run()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
