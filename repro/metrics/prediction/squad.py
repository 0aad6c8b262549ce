"""Exact match and F1 of SQuAD 1.1 and 2.0, as their official evaluation scripts compute them.

Papers: SQuAD (Rajpurkar et al., 2016); Know What You Don't Know: Unanswerable Questions for SQuAD (2018)
Code:   evaluate-v1.1.py and evaluate-v2.0.py of rajpurkar/SQuAD-explorer; zihangdai/xlnet, squad_utils.py
Units:  percent, 0 to 100, as the scripts print them; higher is better.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from repro.metrics.score import Score, signature

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalised(text: str) -> str:
    """Lower case, without ASCII punctuation, without a, an and the as words, blanks collapsed."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


@dataclass(frozen=True)
class Abstention:
    """SQuAD 2.0: a question whose `no_answer` score (N,) is above `threshold` counts as left unanswered."""

    no_answer: Sequence[float]
    threshold: float


def exact_match(
    predictions: Sequence[str],
    answers: Sequence[Sequence[str]],
    *,
    version: str = "1.1",
    abstention: Abstention | None = None,
) -> Score:
    """The share of questions, in percent, whose prediction equals one of its answers once both are normalised.

    `items` (N,) are 0 or 1. In version 2.0 an empty list of answers is an unanswerable question, whose one right
    prediction is the empty text; in 1.1 it is an error. Every question needs a prediction: 1.1's script scores a
    missing one 0 and 2.0's leaves it out, here neither happens unseen. `abstention` is 2.0's `-n` and `-t`.
    """
    return _over_questions("exact-match", _equal, predictions, answers, version, abstention)


def f1(
    predictions: Sequence[str],
    answers: Sequence[Sequence[str]],
    *,
    version: str = "1.1",
    abstention: Abstention | None = None,
) -> Score:
    """The mean over questions, in percent, of the greatest F1 of the prediction's words with those of any answer.

    Words are counted as often as both have them; `items` (N,) are in 0 to 1. Where nothing is left of either text, 2.0
    gives 1 if nothing is left of both and else 0, 1.1 gives 0. The rest is as in `exact_match`.
    """
    compare = _f1_of_2_0 if version == "2.0" else _f1_of_1_1
    return _over_questions("squad-f1", compare, predictions, answers, version, abstention)


def best_exact_match(predictions: Sequence[str], answers: Sequence[Sequence[str]], no_answer: Sequence[float]) -> Score:
    """`best_exact` of evaluate-v2.0.py: exact match, in percent, at the best threshold on `no_answer` (N,).

    An optimistic number: the `threshold` (details) is chosen on the questions that are scored. XLNet's tables print it.
    `predictions` are the best non-empty answers; a question whose `no_answer` score is above the threshold counts as
    left unanswered. As in the script, thresholds are tried by moving questions one by one from the least `no_answer`
    score up, in the order given where scores tie: among ties it may count some questions on either side.
    """
    return _best(exact_match(predictions, answers, version="2.0"), predictions, answers, no_answer)


def best_f1(predictions: Sequence[str], answers: Sequence[Sequence[str]], no_answer: Sequence[float]) -> Score:
    """`best_f1` of evaluate-v2.0.py: F1, in percent, at the threshold that is best for it; as `best_exact_match`."""
    return _best(f1(predictions, answers, version="2.0"), predictions, answers, no_answer)


def has_answer_exact_match(predictions: Sequence[str], answers: Sequence[Sequence[str]]) -> Score:
    """`HasAns_exact` of evaluate-v2.0.py: `exact_match` of version 2.0 over the questions that have an answer.

    Items (N,) are those questions. Raises ValueError where there are none.
    """
    return _answerable(exact_match(predictions, answers, version="2.0"), answers)


def has_answer_f1(predictions: Sequence[str], answers: Sequence[Sequence[str]]) -> Score:
    """`HasAns_f1` of evaluate-v2.0.py: `f1` of version 2.0 over the questions that have an answer."""
    return _answerable(f1(predictions, answers, version="2.0"), answers)


def _answerable(whole: Score, answers: Sequence[Sequence[str]]) -> Score:
    assert whole.items is not None
    items = whole.items[[len(own) > 0 for own in answers]]
    if not len(items):
        raise ValueError(f"none of {len(answers)} questions has an answer")
    return Score(float(100 * items.mean()), f"{whole.signature}|over:answerable", items)


def _over_questions(
    metric: str,
    compare: Callable[[str, str], float],
    predictions: Sequence[str],
    answers: Sequence[Sequence[str]],
    version: str,
    abstention: Abstention | None,
) -> Score:
    if version not in ("1.1", "2.0"):
        raise ValueError(f"unknown version {version!r} of SQuAD (known: 1.1, 2.0)")
    _check(predictions, answers, may_be_unanswerable=version == "2.0")
    items = np.array(
        [
            max(compare(prediction, answer) for answer in (_gold(own) if version == "2.0" else own))
            for prediction, own in zip(predictions, answers, strict=True)
        ],
        dtype=np.float64,
    )
    has_answer = np.array([len(own) > 0 for own in answers])
    if abstention is not None:
        if version == "1.1":
            raise ValueError("SQuAD 1.1 has no unanswerable questions: abstention belongs to version 2.0")
        left = _checked(abstention.no_answer, len(items)) > abstention.threshold
        items = np.where(left, ~has_answer, items)
    how = signature(
        metric,
        "repro/1",
        squad=version,
        refs=max(map(len, answers)),
        over="max",
        tokens="squad",
        threshold="none" if abstention is None else abstention.threshold,
        unit="percent",
        dtype="float64",
    )
    details = {"questions": float(len(items))}
    for name, which in (("answerable", has_answer), ("unanswerable", ~has_answer)):
        if version == "2.0" and which.any():
            details[name] = float(100 * items[which].mean())
    return Score(float(100 * items.mean()), how, items, details)


def _best(
    raw: Score, predictions: Sequence[str], answers: Sequence[Sequence[str]], no_answer: Sequence[float]
) -> Score:
    scores = _checked(no_answer, len(predictions))
    assert raw.items is not None
    order = np.argsort(scores, kind="stable")
    has_answer = np.array([len(own) > 0 for own in answers])
    predicted = np.array([prediction != "" for prediction in predictions])
    gain = np.where(has_answer, raw.items, np.where(predicted, -1.0, 0.0))[order]
    reached = np.concatenate([[0.0], np.cumsum(gain)]) + (~has_answer).sum()
    at = int(reached.argmax())  # the first of equals, as in the script
    threshold = float(scores[order[at - 1]]) if at else 0.0
    how = raw.signature.replace("|threshold:none|", "|threshold:best-on-these|")
    return Score(float(100 * reached[at] / len(scores)), how, details={"threshold": threshold})


def _equal(prediction: str, answer: str) -> float:
    return float(normalised(prediction) == normalised(answer))


def _f1_of_1_1(prediction: str, answer: str) -> float:
    ours, theirs = normalised(prediction).split(), normalised(answer).split()
    same = (Counter(ours) & Counter(theirs)).total()
    if same == 0:
        return 0.0
    precision, recall = same / len(ours), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


def _f1_of_2_0(prediction: str, answer: str) -> float:
    if not normalised(prediction) or not normalised(answer):
        return _equal(prediction, answer)
    return _f1_of_1_1(prediction, answer)


def _gold(own: Sequence[str]) -> list[str]:
    """The answers of which something is left, or the empty one."""
    return [answer for answer in own if normalised(answer)] or [""]


def _check(predictions: Sequence[str], answers: Sequence[Sequence[str]], *, may_be_unanswerable: bool) -> None:
    if isinstance(predictions, str) or len(predictions) != len(answers) or len(predictions) == 0:
        raise ValueError(
            f"{len(predictions)} predictions and {len(answers)} lists of answers: one or more, one for each"
        )
    for number, (prediction, own) in enumerate(zip(predictions, answers, strict=True)):
        if not isinstance(prediction, str):
            raise ValueError(f"predictions[{number}] is {prediction!r}, not a text; no answer is the empty text")
        if isinstance(own, str) or not all(isinstance(answer, str) for answer in own):
            raise ValueError(f"answers[{number}] is {own!r}: a list of texts is needed")
        if not own and not may_be_unanswerable:
            raise ValueError(f"answers[{number}] is empty: SQuAD 1.1 has no unanswerable questions")


def _checked(no_answer: Sequence[float], questions: int) -> np.ndarray:
    scores = np.asarray(no_answer, dtype=np.float64)
    if scores.shape != (questions,) or not np.isfinite(scores).all():
        raise ValueError(f"{questions} finite no-answer scores are needed, one a prediction, they are {scores.shape}")
    return scores
