"""NDCG@k and ERR@k of ranked documents with graded judgements, by the rules of TREC's gdeval.

Paper: document ranking on ClueWeb09-B; dai2019, table 4.5. ERR: Chapelle et al. (2009), Expected reciprocal rank.
Code:  trec-web gdeval, subroutines dcg, err and runOrder; `ir_measures` ships it as the provider of nDCG with
       dcg="exp-log2" and of ERR, where perl is installed.

A run or judgements are {topic: {document: number}}. A run is ordered by score, ties by document in descending order.
Grades below 0 (spam) count as 0, a document without a judgement as 0. Topics that the run has but without a positive
judgement are skipped. The mean is over the topics of the run, or with `complete` over all topics that have a positive
judgement, those that the run lacks counting 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from repro.metrics.score import Score, signature

MAX_GRADE = 4
"""gdeval's: ERR's probability of stopping at a document of grade g is (2^g - 1) / 2^4, whatever grades occur."""

Run = Mapping[str, Mapping[str, float]]
Judgements = Mapping[str, Mapping[str, int]]


def ndcg(run: Run, judgements: Judgements, *, k: int = 20, complete: bool = False) -> Score:
    """Mean of DCG@k / ideal DCG@k over topics, in [0, 1]; higher is better. Items: a topic each, in the run's order.

    DCG@k = sum over ranks r <= k of (2^grade - 1) / log(r + 1). The ideal one ranks all judged documents of the topic,
    not only those that the run has. With `complete` the topics missing in the run follow, sorted. Raises ValueError
    for a grade above 4 or not whole, a score that is not finite, k < 1, and where no topic can be scored.
    """
    ranked = _ranked(run, judgements, k, complete)
    return _mean(f"ndcg-{k}", [_dcg(grades) / _dcg(ideal) for grades, ideal in ranked.values()], complete)


def err(run: Run, judgements: Judgements, *, k: int = 20, complete: bool = False) -> Score:
    """Mean expected reciprocal rank at k over topics, in [0, 1); higher is better. Items as in `ndcg`.

    ERR@k = sum over ranks r <= k of R_r / r times the product of 1 - R_i over the ranks i above, with
    R = (2^grade - 1) / 16. It is not divided by that of an ideal ranking. Refuses what `ndcg` refuses.
    """
    ranked = _ranked(run, judgements, k, complete)
    return _mean(f"err-{k}", [_reciprocal_rank(grades) for grades, _ in ranked.values()], complete)


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log(rank + 1) for rank, grade in enumerate(grades, start=1))


def _reciprocal_rank(grades: Sequence[int]) -> float:
    value, reached = 0.0, 1.0
    for rank, grade in enumerate(grades, start=1):
        stop = (2.0**grade - 1) / 2.0**MAX_GRADE
        value, reached = value + reached * stop / rank, reached * (1 - stop)
    return value


def _mean(name: str, items: list[float], complete: bool) -> Score:
    said = signature(name, "repro/1", protocol="gdeval", max_grade=MAX_GRADE, ties="document descending",
                     topics="all judged" if complete else "in run", n=len(items))  # fmt: skip
    return Score(math.fsum(items) / len(items), said, np.array(items), {"topics": float(len(items))})


def _ranked(run: Run, judgements: Judgements, k: int, complete: bool) -> dict[str, tuple[list[int], list[int]]]:
    """Topic to the grades of its first k documents as ranked and as ranked ideally. A missing topic ranks none."""
    if k < 1:
        raise ValueError(f"k is the number of ranks that count, at least 1; it is {k}")
    judged = _positive(judgements)
    topics = [topic for topic in run if topic in judged]
    topics += sorted(judged.keys() - run.keys()) if complete else []
    if not topics:
        raise ValueError("no topic of the run has a document judged relevant: check that topics are named alike")
    return {
        topic: ([judged[topic].get(document, 0) for document in _order(topic, run.get(topic, {}))[:k]],
                sorted(judged[topic].values(), reverse=True)[:k]) for topic in topics
    }  # fmt: skip


def _positive(judgements: Judgements) -> dict[str, dict[str, int]]:
    """The documents of each topic that count: those graded above 0; topics without one are left out."""
    kept: dict[str, dict[str, int]] = {}
    for topic, grades in judgements.items():
        for document, grade in grades.items():
            if not math.isfinite(grade) or grade != int(grade) or grade > MAX_GRADE:
                raise ValueError(f"topic {topic}, document {document}: a grade is a whole number up to 4, not {grade}")
            if grade > 0:
                kept.setdefault(topic, {})[document] = int(grade)
    return kept


def _order(topic: str, scores: Mapping[str, float]) -> list[str]:
    for document, value in scores.items():
        if not math.isfinite(value):
            raise ValueError(f"topic {topic}, document {document}: the score is {value}, not a finite number")
    return sorted(scores, key=lambda document: (scores[document], document), reverse=True)
