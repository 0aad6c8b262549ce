"""The drawing of reconstructions: originals above, what each row makes of them below."""

from __future__ import annotations

import numpy as np

from repro.report.figures import Panel
from repro.report.reconstructions import reconstructions
from repro.spec.model import Figure

FIGURE = Figure.model_validate(
    {"label": "Faces", "title": "Faces <and> codes", "draw": "reconstructions", "rows": ["Deep", "PCA"]}
)
RANDOM = np.random.default_rng(0)
ORIGINALS, MADE = (RANDOM.normal(size=(3, 5, 5, 1)).astype(np.float32) for _ in range(2))
ARRAYS = {"originals": ORIGINALS, "reconstructions": MADE}


def test_every_row_has_a_line_below_the_originals() -> None:
    svg = reconstructions(FIGURE, [Panel("Deep", "faces", ARRAYS), Panel("PCA", "faces", ARRAYS)])
    places = [svg.index(f">{label}<") for label in ("Original", "Deep", "PCA")]
    assert places == sorted(places)
    assert svg.count("<image") == 9
    assert "not run" not in svg
    assert "Faces &lt;and&gt; codes" in svg


def test_groups_have_originals_of_their_own() -> None:
    svg = reconstructions(FIGURE, [Panel("PCA", "faces", ARRAYS), Panel("PCA", "digits", ARRAYS)])
    assert svg.count(">Original<") == 2
    assert svg.count("<image") == 12


def test_a_row_that_has_not_run_says_so_beside_one_that_has() -> None:
    svg = reconstructions(FIGURE, [Panel("Deep", "faces", None), Panel("PCA", "faces", ARRAYS)])
    assert svg.count("not run") == 1
    assert svg.count("<image") == 6
    assert reconstructions(FIGURE, [Panel("Deep", None, None)]).count("not run") == 2


def test_pictures_are_drawn_by_the_grey_levels_of_the_originals() -> None:
    """A reconstruction twice as bright leaves the picture of the original as it is, and is another itself."""
    brighter = {"originals": ORIGINALS, "reconstructions": 2 * MADE}
    plain, changed = (_images(reconstructions(FIGURE, [Panel("PCA", None, each)])) for each in (ARRAYS, brighter))
    assert plain[:3] == changed[:3]
    assert all(one != other for one, other in zip(plain[3:], changed[3:], strict=True))


def test_colours_are_drawn_too_and_the_same_arrays_are_the_same_bytes() -> None:
    colours = {name: RANDOM.random((2, 5, 5, 3)).astype(np.float32) for name in ARRAYS}
    first, second = (reconstructions(FIGURE, [Panel("PCA", None, colours)]) for _ in range(2))
    assert first == second
    assert first.count("<image") == 4


def _images(svg: str) -> list[str]:
    return [part.split('"')[0] for part in svg.split("data:image/png;base64,")[1:]]
