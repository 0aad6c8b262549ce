"""Rows of bits, on which densities of binary data are compared: three of the eight sets of Larochelle et al."""

from __future__ import annotations

from repro.data.sources.entry import Entry, File

_PAPER = "Larochelle and Murray (2011), The Neural Autoregressive Distribution Estimator"


def _rows(name: str, title: str, sizes: tuple[int, int, int], file: str, sha256: str, size: int, loader: str) -> Entry:
    return Entry(
        name=name,
        title=title,
        paper=_PAPER,
        licence="none stated, public benchmark",
        home="https://github.com/mgermain/MADE",
        unit="rows",
        splits=dict(zip(("train", "valid", "test"), sizes, strict=True)),
        files=(File(file, sha256=sha256, bytes=size),),
        folders=("binary_density",),
        loader=f"repro.data.kinds.image_sets:{loader}",
        smoke="digits",
        how=f"save datasets/{file} of the home page with arrays train, valid, test (bits packed by row) and columns",
    )


ENTRIES = (
    _rows(
        "dna", "DNA splice junctions, 180 bits", (1_400, 600, 1_186), "dna.npz",
        "bd93ab73c49739d3b1a7e902dcf4dc7cc7f09a1637cf1f166814d1aa2ddcba8b", 54_289, "dna",
    ),
    _rows(
        "mushrooms", "Mushrooms, 112 bits", (2_000, 500, 5_624), "mushrooms.npz",
        "01df18253dd7f947c93e6156fce3d601ddc2e507c4e32ea8e2bd63b204c4bfbd", 32_153, "mushrooms",
    ),
    _rows(
        "nips-0-12", "Words of papers at NIPS 0 to 12, 500 bits", (400, 100, 1_240), "nips.npz",
        "24b5c0b2e7edeac0f52d6e0f84c1b27959b05d7debe0d945884a8a1976d78a46", 104_068, "nips_0_12",
    ),
)  # fmt: skip
