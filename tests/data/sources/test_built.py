"""What is built into the cache is built once, by one of those who want it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from repro.data.sources.built import built
from repro.data.sources.seen import Seen
from tests.data.conftest import Places

SOURCE = Seen("text.txt", 1, 1, "0" * 64, 1)


def test_two_who_want_the_same_at_once_get_one_that_is_built_once(places: Places) -> None:
    """Each opens the lock file anew, as two processes would."""
    builds, found = [], []

    def build(folder: Path) -> None:
        builds.append(folder)
        (folder / "half").write_text("1")
        time.sleep(0.2)
        (folder / "whole").write_text("2")

    def want() -> None:
        folder = built("corpora", "toy", 1, [SOURCE], build)
        found.append((folder, sorted(path.name for path in folder.iterdir())))

    threads = [threading.Thread(target=want) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert [names for _, names in found] == [["half", "sums.json", "whole"]] * 3
    assert len({folder for folder, _ in found}) == 1
