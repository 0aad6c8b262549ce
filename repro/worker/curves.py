"""Learning curves as a record keeps them: all points of those of usual length, a share of those of a method that talks
without end. What is left out is said in the log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from repro.printable import printable
from repro.store.record import Curve

MOST_POINTS = 20_000
"""Of all curves of one training together: some 600 kB of JSON."""
MOST_CURVES, LONGEST_NAME = 100, 200

Points = Sequence[tuple[int, float]]


def recorded(points: Mapping[str, Points]) -> dict[str, Curve]:
    """The curves of one seed, by name. Where there are too many points each curve has as many, evenly chosen, the first
    and the last among them.
    """
    kept = [name for name in points if len(name) <= LONGEST_NAME][:MOST_CURVES]
    if left_out := len(points) - len(kept):
        _log(f"{left_out} of {len(points)} curves are not in the record, which has the first {MOST_CURVES} "
             f"with names of up to {LONGEST_NAME} characters")  # fmt: skip
    share = max(map(len, points.values()), default=0)
    if sum(len(points[name]) for name in kept) > MOST_POINTS:
        share = MOST_POINTS // len(kept)
    found = {}
    for name in kept:
        chosen = [points[name][i] for i in evenly(len(points[name]), share)]
        if len(chosen) < len(points[name]):
            _log(f"curve {name}: {len(chosen)} of its {len(points[name])} points are in the record")
        found[name] = Curve(step=tuple(step for step, _ in chosen), value=tuple(value for _, value in chosen))
    return found


def evenly(count: int, most: int) -> Iterator[int]:
    """At most so many of the numbers below `count`, evenly apart, the first and the last among them; `most` > 1.

    Example:
        >>> list(evenly(3, 5)), list(evenly(9, 5))
        ([0, 1, 2], [0, 2, 4, 6, 8])
    """
    if count <= most:
        yield from range(count)
    else:
        yield from (i * (count - 1) // (most - 1) for i in range(most))


def _log(said: str) -> None:
    print(printable(said), file=sys.stderr, flush=True)
