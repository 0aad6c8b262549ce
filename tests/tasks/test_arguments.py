"""What columns say to a task is checked in words."""

from __future__ import annotations

from typing import Any

import pytest

from repro.spec.model import Column
from repro.tasks.arguments import expect, share, whole, word

KNOWN = {"rank": ("threshold",), "perplexity": ()}


def column(split: str | None = "test", metric: str = "rank", **args: Any) -> Column:
    return Column(label="Test", metric=metric, split=split, args=args)


@pytest.mark.parametrize(("given", "message"), [
    (column(metric="perplexty"), r"task t has no metric 'perplexty'; did you mean 'perplexity'\? \(it has per"),
    (column(treshold=1), r"column 'Test' \(rank\) reads no argument 'treshold'; did you mean 'threshold'\? \("),
    (column(metric="perplexity", labels=1), r"\(perplexity\) reads no argument 'labels' \(it reads none\)"),
    (column("dev"), "is measured on a split: train, valid or test, not dev"),
    (column(None), "is measured on a split: train, valid or test, not None"),
])  # fmt: skip
def test_a_column_that_a_task_cannot_read_is_refused(given: Column, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        expect(given, "t", KNOWN, ("train", "valid", "test"))


def test_a_split_for_a_column_that_reads_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"column 'Test' \(rank\) reads no split, it says test"):
        expect(column(), "t", KNOWN)
    expect(column(None, threshold=1), "t", KNOWN)


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "many"])
def test_a_whole_number_is_one(value: Any) -> None:
    with pytest.raises(ValueError, match=r"column 'Test' \(rank\): k must be a whole number from 1 on, it is"):
        whole(column(k=value), "k", least=1)


def test_a_default_stands_for_what_is_not_given_and_without_one_it_is_asked_for() -> None:
    assert whole(column(), "k", default=0) == 0
    assert whole(column(k=-3), "k") == -3
    with pytest.raises(ValueError, match=r"needs the argument k, a whole number: write `args: \{k: \.\.\.\}`"):
        whole(column(), "k")


@pytest.mark.parametrize("value", [-0.1, 1.1, True, "half"])
def test_a_share_is_between_0_and_1(value: Any) -> None:
    with pytest.raises(ValueError, match=r"q must be a number from 0 to 1, it is"):
        share(column(q=value), "q")
    assert share(column(q=1), "q") == 1.0


def test_a_word_is_one_of_those_known() -> None:
    assert word(column(p="gen"), "p", ("gen", "emp")) == "gen"
    with pytest.raises(ValueError, match=r"p must be a word, it is 'gem'; did you mean 'gen'\?"):
        word(column(p="gem"), "p", ("gen", "emp"))
    with pytest.raises(ValueError, match=r"p must be a word, it is 7 \(known: gen, emp\)"):
        word(column(p=7), "p", ("gen", "emp"))
