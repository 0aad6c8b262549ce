"""Polyphonic music as piano rolls: JSB Chorales, MuseData, Nottingham, Piano-midi.

Paper: Modeling Temporal Dependencies in High-Dimensional Sequences: Application to Polyphonic Music Generation and
       Transcription (Boulanger-Lewandowski et al., 2012), arXiv:1206.6392
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from repro.data.kinds.reading import arrays, path_of

PITCHES = 88
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True)
class PianoRolls:
    """`splits` maps each split to sequences (T, 88) of uint8: 1 where a key sounds in a frame."""

    name: str
    splits: Mapping[str, tuple[np.ndarray, ...]]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the splits, their lengths and frames."""
        digest = hashlib.sha256()
        for name, sequences in self.splits.items():
            digest.update(f"{name} {[len(sequence) for sequence in sequences]}".encode())
            for sequence in sequences:
                digest.update(sequence.tobytes())
        return digest.hexdigest()


def piano_rolls(folder: Path, stem: str, name: str) -> PianoRolls:
    """The official splits from `<stem>.npz`: per split lengths, and the frames of all sequences, bits packed by row.

    Raises MissingData for a file that is not there, ValueError for one that holds something else.
    """
    path = path_of(folder, f"{stem}.npz")
    named = arrays(path, *(f"{split}_{part}" for split in SPLITS for part in ("bits", "lengths")))
    splits = {}
    for split in SPLITS:
        frames = np.unpackbits(named[f"{split}_bits"], axis=1, count=PITCHES)
        ends = named[f"{split}_lengths"].cumsum()
        if not len(ends) or ends[-1] != len(frames):
            raise ValueError(f"{path}: the lengths of {split} do not add up to its {len(frames):,} frames; replace it")
        frames.setflags(write=False)
        splits[split] = tuple(np.split(frames, ends[:-1]))
    return PianoRolls(name, splits)
