"""SQuAD's exact match and F1: the official scripts' rules written out, on generated and on the real questions."""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.metrics.prediction.squad import (
    Abstention,
    best_exact_match,
    best_f1,
    exact_match,
    f1,
    has_answer_exact_match,
    has_answer_f1,
    normalised,
)

EXACT = 1e-9
WORDS = (
    "the",
    "a",
    "An",
    "The",
    "cat",
    "Cat,",
    "dog.",
    "...",
    "!",
    "1,000",
    "Ünï",
    "é",
    "the-cat",
    "\u00a0",
    "日本",
    "",
)

Answers = list[list[str]]


def slow_normalised(text: str) -> str:
    """evaluate-v1.1.py in words: lower, no ASCII punctuation, no articles, blanks collapsed."""
    kept = "".join(c for c in text.lower() if c not in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    return " ".join(word for word in kept.split() if word not in ("a", "an", "the"))


def slow_f1(prediction: str, answer: str, version: str) -> float:
    ours, theirs = slow_normalised(prediction).split(), slow_normalised(answer).split()
    if version == "2.0" and (not ours or not theirs):
        return float(ours == theirs)
    left, same = list(theirs), 0
    for word in ours:
        if word in left:
            left.remove(word)
            same += 1
    return 2 * same / (len(ours) + len(theirs)) if same else 0.0


def slow_exact(prediction: str, answer: str, _version: str) -> float:
    return float(slow_normalised(prediction) == slow_normalised(answer))


def per_question(
    rule: Callable[[str, str, str], float], predictions: list[str], answers: Answers, version: str
) -> list[float]:
    found = []
    for prediction, own in zip(predictions, answers, strict=True):
        gold = own if version == "1.1" else [answer for answer in own if slow_normalised(answer)] or [""]
        found.append(max(rule(prediction, answer, version) for answer in gold))
    return found


def slow_best(
    items: Sequence[float], predictions: list[str], answers: Answers, no_answer: list[float]
) -> tuple[float, float]:
    """evaluate-v2.0.py's search, one question after the other."""
    current = best = float(sum(not own for own in answers))
    threshold = 0.0
    for index in sorted(range(len(answers)), key=lambda number: no_answer[number]):
        current += items[index] if answers[index] else (-1 if predictions[index] else 0)
        if current > best:
            best, threshold = current, no_answer[index]
    return 100 * best / len(items), threshold


def questions(seed: int, number: int, *, unanswerable: bool) -> tuple[list[str], Answers]:
    choose = random.Random(seed)

    def text() -> str:
        return " ".join(choose.choice(WORDS) for _ in range(choose.randrange(5)))

    least = 0 if unanswerable else 1
    return [text() for _ in range(number)], [[text() for _ in range(choose.randint(least, 3))] for _ in range(number)]


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_every_question_scores_what_the_script_s_rules_give_it(version: str) -> None:
    predictions, answers = questions(1, 4000, unanswerable=version == "2.0")
    for metric, rule in ((exact_match, slow_exact), (f1, slow_f1)):
        expected = per_question(rule, predictions, answers, version)
        score = metric(predictions, answers, version=version)
        assert score.items is not None
        np.testing.assert_allclose(score.items, expected, rtol=0, atol=EXACT)
        assert score.value == pytest.approx(100 * np.mean(expected), abs=EXACT)


@pytest.mark.parametrize("ties", [True, False])
def test_the_best_threshold_is_the_one_that_the_script_finds(ties: bool) -> None:
    choose = random.Random(5)
    for seed in range(200):
        predictions, answers = questions(seed, choose.randint(1, 30), unanswerable=True)
        no_answer = [choose.choice([-1.0, 0.2, 0.5]) if ties else choose.uniform(-3, 3) for _ in answers]
        for best, rule in ((best_exact_match, slow_exact), (best_f1, slow_f1)):
            items = per_question(rule, predictions, answers, "2.0")
            value, threshold = slow_best(items, predictions, answers, no_answer)
            found = best(predictions, answers, no_answer)
            assert found.value == pytest.approx(value, abs=EXACT)
            assert found.details["threshold"] == threshold


def test_without_ties_the_best_score_is_the_score_at_the_best_threshold() -> None:
    """Which is why it is optimistic: no other threshold does better on these questions."""
    choose = random.Random(6)
    predictions, answers = questions(3, 120, unanswerable=True)
    answers = [[answer for answer in own if normalised(answer)] for own in answers]
    predictions = [prediction if normalised(prediction) else "cat" for prediction in predictions]  # non-empty, as asked
    no_answer = [choose.uniform(0, 1) for _ in answers]
    best = best_f1(predictions, answers, no_answer)
    every = [
        f1(predictions, answers, version="2.0", abstention=Abstention(no_answer, threshold)).value
        for threshold in (*no_answer, -1.0)
    ]
    assert best.value == pytest.approx(max(every), abs=EXACT)
    at = f1(predictions, answers, version="2.0", abstention=Abstention(no_answer, best.details["threshold"]))
    assert at.value == pytest.approx(best.value, abs=EXACT)
    assert best.signature != at.signature


def test_questions_that_have_an_answer_are_scored_alone_where_asked() -> None:
    predictions, answers = questions(4, 200, unanswerable=True)
    some = [number for number, own in enumerate(answers) if own]
    alone = [predictions[number] for number in some], [answers[number] for number in some]
    for part, metric in ((has_answer_exact_match, exact_match), (has_answer_f1, f1)):
        assert part(predictions, answers).value == metric(*alone, version="2.0").value
        assert part(predictions, answers).value == metric(predictions, answers, version="2.0").details["answerable"]
        with pytest.raises(ValueError, match="none of 2 questions has an answer"):
            part(["", "a"], [[], []])


def test_abstention_counts_by_whether_there_are_answers() -> None:
    predictions, answers, no_answer = ["cat", "cat", "", "dog"], [["cat"], [], [], ["cat"]], [0.9, 0.9, 0.1, 0.1]
    assert_share(exact_match(predictions, answers, version="2.0").items, [1, 0, 1, 0])
    score = exact_match(predictions, answers, version="2.0", abstention=Abstention(no_answer, 0.5))
    assert_share(score.items, [0, 1, 1, 0])
    assert score.details == {"questions": 4, "answerable": 0, "unanswerable": 100}
    assert "|threshold:0.5|" in score.signature


def assert_share(items: np.ndarray | None, expected: list[float]) -> None:
    assert items is not None
    assert items.tolist() == expected


def test_a_prediction_and_an_answer_of_articles_alone_are_equal_and_share_nothing_in_1_1() -> None:
    assert exact_match(["the"], [["A"]]).value == 100
    assert f1(["the"], [["A"]]).value == 0
    assert f1(["the"], [["A"]], version="2.0").value == 100  # nothing is left: an unanswerable question


def test_f1_counts_words_as_often_as_both_have_them() -> None:
    """By hand: precision 2/3, recall 2/2."""
    assert f1(["cat cat dog"], [["cat dog", "bird"]]).value == pytest.approx(100 * 0.8)


def real_questions(path: Path) -> tuple[list[str], Answers]:
    data = json.loads(lzma.decompress(path.read_bytes()))["data"]
    asked = [qa for article in data for paragraph in article["paragraphs"] for qa in paragraph["qas"]]
    return [qa["question"] for qa in asked], [[answer["text"] for answer in qa["answers"]] for qa in asked]


def test_every_real_question_is_answered_in_full_by_its_own_answers(real_data: Path) -> None:
    texts, answers = real_questions(real_data / "squad" / "dev-v1.1.json.xz")
    assert len(texts) == 10_570
    firsts = [own[0] for own in answers]
    assert exact_match(firsts, answers).value == 100
    others = [own[1:] or own for own in answers]
    human_exact, human = exact_match(firsts, others), f1(firsts, others)
    assert_items_of_rules(firsts, others, "1.1", human_exact.items, human.items)
    assert 70 < human_exact.value < human.value < 95


def test_leaving_every_real_question_unanswered_scores_the_share_of_the_unanswerable(real_data: Path) -> None:
    texts, answers = real_questions(real_data / "squad" / "dev-v2.0.json.xz")
    score = f1([""] * len(texts), answers, version="2.0")
    assert score.value == pytest.approx(100 * 5945 / 11873)
    first_words = [" ".join(text.split()[:2]) for text in texts]
    no_answer = [float(len(text)) for text in texts]  # many ties
    found = best_f1(first_words, answers, no_answer)
    items = per_question(slow_f1, first_words, answers, "2.0")
    assert (found.value, found.details["threshold"]) == pytest.approx(slow_best(items, first_words, answers, no_answer))
    assert_items_of_rules(first_words, answers, "2.0", None, f1(first_words, answers, version="2.0").items)


def assert_items_of_rules(
    predictions: list[str], answers: Answers, version: str, exact: np.ndarray | None, overlap: np.ndarray | None
) -> None:
    for items, rule in ((exact, slow_exact), (overlap, slow_f1)):
        if items is not None:
            expected = per_question(rule, predictions, answers, version)
            np.testing.assert_allclose(items, expected, rtol=0, atol=EXACT)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact_match([], []), "0 predictions and 0 lists of answers"),
        (lambda: exact_match(["a"], []), "1 predictions and 0 lists of answers"),
        (lambda: f1("a", [["a"]]), "1 predictions and 1 lists of answers: one or more, one for each"),
        (lambda: f1(["a"], [[]]), r"answers\[0\] is empty: SQuAD 1.1 has no unanswerable questions"),
        (lambda: f1([None], [["a"]]), r"predictions\[0\] is None, not a text; no answer is the empty text"),  # type: ignore[list-item]  # what a user may well pass
        (lambda: f1(["a"], ["a"]), r"answers\[0\] is 'a': a list of texts is needed"),
        (lambda: f1(["a"], [["a"]], version="3"), r"unknown version '3' of SQuAD \(known: 1.1, 2.0\)"),
        (lambda: f1(["a"], [["a"]], abstention=Abstention([0.1], 0)), "SQuAD 1.1 has no unanswerable questions: abst"),
        (lambda: best_f1(["a"], [["a"]], [float("nan")]), "1 finite no-answer scores are needed"),
        (lambda: best_f1(["a"], [["a"]], [0.1, 0.2]), r"1 finite no-answer scores are needed.* they are \(2,\)"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
