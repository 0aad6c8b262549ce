"""Whether two codes of the same examples say the same: the angle between what they span.

Paper: Bjorck and Golub (1973), Numerical Methods for Computing Angles Between Linear Subspaces

Two codes are as good as each other for whatever is linear where each is a linear map of the other, up to a shift. Then
their centred columns, vectors with an entry an example, span one space. The largest principal angle between the two
spaces is the arc cosine of the smallest canonical correlation of the codes.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.score import Score, signature


def principal_angle(codes: np.ndarray, reference: np.ndarray) -> Score:
    """The largest principal angle between the spans of centred codes (N, K) and (N, K'), in radians from 0 to pi / 2.

    Codes that span fewer directions than the reference leave one of its at a right angle. Raises ValueError for codes
    of other examples, and for a reference whose own columns are dependent.
    """
    from scipy.linalg import subspace_angles

    if codes.ndim != 2 or reference.ndim != 2 or len(codes) != len(reference):
        raise ValueError(
            f"codes and reference must be (N, K) of the same examples, they are {codes.shape} and {reference.shape}"
        )
    found, expected = (each.astype(np.float64) - each.mean(axis=0, dtype=np.float64) for each in (codes, reference))
    if _rank(expected) < expected.shape[1]:
        raise ValueError(f"the {expected.shape[1]} columns of the reference do not span as many directions")
    how = signature("principal-angle", "repro/1", between="spans of centred codes")
    if _rank(found) < expected.shape[1]:
        return Score(np.pi / 2, how)
    return Score(float(subspace_angles(found, expected).max()), how)


def _rank(columns: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(columns)) if columns.size else 0
