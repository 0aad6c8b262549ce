"""Texts in parallel streams, and the lengths of segments."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.language.streams import SegmentLength, batchify, segments

TEXT = np.arange(23, dtype=np.int32)


def test_each_stream_is_a_contiguous_part_of_the_text() -> None:
    assert batchify(TEXT, 3).T.tolist() == [list(range(7)), list(range(7, 14)), list(range(14, 21))]


def test_a_limit_keeps_the_beginning_of_every_stream() -> None:
    assert batchify(TEXT, 3, limit=8).T.tolist() == [[0, 1, 2], [7, 8, 9], [14, 15, 16]]


@pytest.mark.parametrize(("streams", "limit"), [(12, None), (3, 3)])
def test_a_stream_of_one_token_is_refused(streams: int, limit: int | None) -> None:
    with pytest.raises(ValueError, match="each needs two tokens or more"):
        batchify(TEXT, streams, limit=limit)


@pytest.mark.parametrize("size", [1, 2, 5, 22, 100])
def test_segments_predict_every_token_but_the_first_once(size: int) -> None:
    targets = [t for start, end in segments(len(TEXT), size) for t in range(start + 1, end + 1)]
    assert targets == list(range(1, len(TEXT)))


def test_lengths_are_about_bptt_or_in_one_of_twenty_cases_about_half_of_it() -> None:
    random = np.random.default_rng(1)
    lengths = np.array([SegmentLength(70, 40).draw(random) for _ in range(20_000)])
    short = lengths < 52.5  # 3.5 deviations from either mean
    assert short.mean() == pytest.approx(0.05, abs=0.005)  # three standard errors of the share
    # int() takes half off the mean of a whole number; 0.5 is three standard errors of the mean of the short ones
    assert lengths[~short].mean() == pytest.approx(69.5, abs=0.15)
    assert lengths[short].mean() == pytest.approx(34.5, abs=0.5)


def test_no_length_leaves_its_bounds() -> None:
    random = np.random.default_rng(2)
    lengths = [SegmentLength(7, 3).draw(random) for _ in range(500)]
    assert (min(lengths), max(lengths)) == (5, 10)


def test_unvaried_lengths_draw_nothing() -> None:
    random = np.random.default_rng(3)
    assert {SegmentLength(35, varied=False).draw(random) for _ in range(5)} == {35}
    assert random.random() == np.random.default_rng(3).random()
