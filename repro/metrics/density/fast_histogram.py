"""The histogram of `repro.metrics.density.histogram`, cell for cell, without the search that most points do not need.

The reference searches 3 x 3 nodes in float32 for every point, since rounding may move one that lies on a cell border. A
point further from every border than the rounding reaches needs no search.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.density.histogram import nearest_node_histogram

UNIT = 2.0**-24
"""The unit roundoff of float32."""


def fast_nearest_node_histogram(points: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Exactly `nearest_node_histogram(points, x, y)`, some 20 times as fast; the same errors.

    |g|^2 + |p|^2 - 2 g.p takes seven operations in float32 and so errs by less than 8 units of (|g| + |p|)^2; two of
    them, of adjacent nodes, differ by 2 * step * (distance to the border between them). Where that exceeds both errors,
    and twice over for the rounding of g and p themselves, the exact cell is the one that the search finds.
    """
    points = np.asarray(points)
    exact = nearest_node_histogram(points, x, y, exact=True)
    near = points[np.flatnonzero(_near_a_border(points, x, y))]
    if not len(near):
        return exact
    moved = nearest_node_histogram(near, x, y) - nearest_node_histogram(near, x, y, exact=True)
    counts: np.ndarray = np.rint(exact * len(points)) + np.rint(moved * len(near))
    return counts / len(points)


def _near_a_border(points: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points (N,) lie so near to the middle between two nodes, on either axis, that float32 may exchange them."""
    columns = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    length = sum(max(abs(nodes[0]), abs(nodes[-1])) for nodes in (x, y)) + np.abs(columns[0]) + np.abs(columns[1])
    reach = 16 * UNIT * length * length
    near = np.zeros(len(points), dtype=bool)
    for coordinates, nodes in zip(columns, (x, y), strict=True):
        step = (nodes[-1] - nodes[0]) / (len(nodes) - 1)
        place = (coordinates - nodes[0]) / step
        from_border = np.abs(place - np.floor(place) - 0.5)  # in steps
        near |= from_border * (step * step) <= reach
    return near
