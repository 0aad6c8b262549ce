"""The program: `repro`, and `python -m repro`."""

from __future__ import annotations

import gc


def main() -> None:
    """Runs the command line that the program was given."""
    gc.set_threshold(100_000)  # what a command loads it keeps: collecting meanwhile takes a tenth of its start
    from repro.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
