"""A spec file of rows that take milliseconds to train, or go wrong in a way that is asked for."""

from __future__ import annotations

from pathlib import Path

SPEC = """\
id: toy/walks
title: Walks
source: {document: seqgen, table: "9.9", paper: a toy}
task: toy
data: numbers
margin: {absolute: 0.001, why: a number made up for a test}
columns: {mean: {label: Mean, metric: mean, better: lower}}
rows:
  - {label: Good, method: walk, published: {mean: 1000.0}, params: {scale: 1.0}}
  - {label: Other, method: walk, published: {mean: 7.0}, params: {scale: 2.0, behaviour: "BEHAVIOUR"}}
  - {label: Quoted, quoted: another paper, published: {mean: 3.0}}
profiles:
  smoke: {seeds: 1, limit_minutes: 1}
  laptop: {seeds: 1, limit_minutes: 1}
  paper: {seeds: 2, limit_minutes: 1}
claims:
  - {text: Means are huge, holds_from: smoke, bound: {rows: [Good], columns: [mean], at_least: CLAIMED}}
"""


def write(folder: Path, *, behaviour: str = "", claimed: str = "-1.0e+9", name: str = "walks.yaml") -> Path:
    """The spec in a file; `claimed` is what the claim says is a lower bound of row Good."""
    path = folder / name
    path.write_text(SPEC.replace("BEHAVIOUR", behaviour).replace("CLAIMED", claimed))
    return path
