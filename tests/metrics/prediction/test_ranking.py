"""NDCG and ERR: the gdeval script itself, trec_eval with the same gains, a plain formula, and hand-made cases."""

from __future__ import annotations

import math
import shutil

import ir_measures
import numpy as np
import pytest

from repro.metrics.prediction.ranking import err, ndcg

Topics = dict[str, dict[str, float]]
Grades = dict[str, dict[str, int]]
K = 20


def topic(random: np.random.Generator) -> tuple[dict[str, float], dict[str, int]]:
    """A ranking with ties and judgements from spam (-2) to 4, of documents that only partly are the same ones."""
    documents = [f"d{i}" for i in range(60)]
    ranked = random.choice(documents, size=int(random.integers(1, 41)), replace=False)
    judged = random.choice(documents, size=int(random.integers(1, 41)), replace=False)
    scores = {str(name): float(random.integers(-4, 5)) / 2 for name in ranked}
    grades = {str(name): int(random.choice([-2, 0, 0, 0, 1, 2, 3, 4])) for name in judged}
    return scores, grades


def generated(number: int, seed: int) -> tuple[Topics, Grades]:
    random = np.random.default_rng(seed)
    topics = {str(i): topic(random) for i in range(1, number + 1)}
    return {name: run for name, (run, _) in topics.items()}, {name: grades for name, (_, grades) in topics.items()}


def relevant(grades: dict[str, int]) -> bool:
    return any(grade > 0 for grade in grades.values())


def plain(run: dict[str, float], grades: dict[str, int]) -> tuple[float, float]:
    """NDCG and ERR of one topic, written from the fact sheet by loops."""
    order = sorted(sorted(run, reverse=True), key=lambda name: -run[name])
    gain = [max(grades.get(name, 0), 0) for name in order][:K]
    ideal = sorted((max(grade, 0) for grade in grades.values()), reverse=True)[:K]
    dcg = sum((2**g - 1) / math.log2(i + 2) for i, g in enumerate(gain))
    best = sum((2**g - 1) / math.log2(i + 2) for i, g in enumerate(ideal))
    expected = 0.0
    for i, g in enumerate(gain):
        passed = math.prod(1 - (2**above - 1) / 16 for above in gain[:i])
        expected += passed * (2**g - 1) / 16 / (i + 1)
    return dcg / best, expected


def test_both_are_the_plain_formulas_on_three_thousand_topics() -> None:
    run, grades = generated(3000, seed=5)
    scored = [name for name in run if relevant(grades[name])]
    assert 2000 < len(scored) < 3000  # some topics have no relevant document, and are skipped
    expected = np.array([plain(run[name], grades[name]) for name in scored])
    for score, wanted in zip((ndcg(run, grades), err(run, grades)), expected.T, strict=True):
        assert score.items is not None
        np.testing.assert_allclose(score.items, wanted, atol=1e-12)
        assert score.value == pytest.approx(wanted.mean(), abs=1e-12)


def test_ndcg_is_trec_eval_s_with_exponential_gains() -> None:
    run, grades = generated(1000, seed=6)
    # trec_eval gives 0 to topics without a relevant document, gdeval skips them
    kept = {name: given for name, given in grades.items() if relevant(given)}
    measure = ir_measures.nDCG(gains={grade: 2**grade - 1 if grade > 0 else 0 for grade in range(-2, 5)}) @ K
    found = {item.query_id: item.value for item in ir_measures.pytrec_eval.iter_calc([measure], kept, run)}
    score = ndcg(run, grades)
    assert score.items is not None
    np.testing.assert_allclose(score.items, [found[name] for name in run if name in kept], atol=1e-9)


@pytest.mark.skipif(shutil.which("perl") is None, reason="gdeval is a perl script, and perl is not installed")
def test_both_are_gdeval_s_on_a_thousand_topics() -> None:
    run, grades = generated(1000, seed=7)
    measures = [ir_measures.nDCG(dcg="exp-log2") @ K, ir_measures.ERR @ K]
    for measure, score in zip(measures, (ndcg(run, grades), err(run, grades)), strict=True):
        found = {item.query_id: item.value for item in ir_measures.gdeval.iter_calc([measure], grades, run)}
        assert score.items is not None
        scored = [name for name in run if relevant(grades[name])]  # the provider adds the others with 0
        # the script prints five decimals
        np.testing.assert_allclose(score.items, [found[name] for name in scored], rtol=0, atol=5.001e-6)


def test_ties_rank_by_document_in_descending_order() -> None:
    """trec_eval's rule too: d9 comes before d1, so only the first judgement gains."""
    run = {"1": {"d1": 0.5, "d9": 0.5}}
    assert ndcg(run, {"1": {"d9": 1}}, k=1).value == 1
    assert ndcg(run, {"1": {"d1": 1}}, k=1).value == 0


def test_the_ideal_ranking_has_judged_documents_that_the_run_lacks() -> None:
    run, grades = {"1": {"a": 1.0}}, {"1": {"a": 1, "b": 1}}
    assert ndcg(run, grades).value == pytest.approx(1 / (1 + 1 / math.log2(3)), abs=1e-15)


def test_spam_counts_as_not_relevant_and_the_top_grade_stops_at_fifteen_sixteenths() -> None:
    assert err({"1": {"a": 3.0, "b": 2.0}}, {"1": {"a": -2, "b": 4}}).value == pytest.approx(15 / 32, abs=1e-15)
    assert err({"1": {"a": 3.0}}, {"1": {"a": 4}}).value == pytest.approx(15 / 16, abs=1e-15)


def test_err_does_not_depend_on_the_grades_that_occur() -> None:
    """Max grade 4 is fixed: a perfect ranking of grade 1 alone stays at (2 - 1) / 16."""
    assert err({"1": {"a": 1.0}}, {"1": {"a": 1}}).value == pytest.approx(1 / 16, abs=1e-15)


def test_topics_without_a_relevant_document_are_skipped_and_missing_ones_only_count_when_asked() -> None:
    run = {"1": {"a": 1.0}, "2": {"a": 1.0}}
    grades = {"1": {"a": 1}, "2": {"a": 0}, "3": {"a": 2}}
    assert (ndcg(run, grades).value, ndcg(run, grades).details["topics"]) == (1, 1)
    assert (ndcg(run, grades, complete=True).value, err(run, grades, complete=True).value) == (0.5, 1 / 32)
    assert ndcg(run, grades).signature != ndcg(run, grades, complete=True).signature


def test_the_depth_is_in_the_name() -> None:
    assert ndcg({"1": {"a": 1.0}}, {"1": {"a": 1}}, k=10).signature.startswith("ndcg-10|")


@pytest.mark.parametrize(
    ("run", "grades", "k", "message"),
    [
        ({}, {"1": {"a": 1}}, 20, "no topic of the run has a document judged relevant"),
        ({"2": {"a": 1.0}}, {"1": {"a": 1}}, 20, "no topic of the run has a document judged relevant"),
        ({"1": {"a": 1.0}}, {"1": {"a": 0}}, 20, "no topic of the run has a document judged relevant"),
        ({"1": {"a": 1.0}}, {"1": {"a": 5}}, 20, "topic 1, document a: a grade is a whole number up to 4, not 5"),
        ({"1": {"a": 1.0}}, {"1": {"a": 0.5}}, 20, "topic 1, document a: a grade is a whole number up to 4, not 0.5"),
        ({"1": {"a": math.nan}}, {"1": {"a": 1}}, 20, "topic 1, document a: the score is nan, not a finite number"),
        ({"1": {"a": 1.0}}, {"1": {"a": 1}}, 0, "k is the number of ranks that count, at least 1; it is 0"),
    ],
)
def test_what_cannot_be_ranked_is_refused(run: Topics, grades: Grades, k: int, message: str) -> None:
    for metric in (ndcg, err):
        with pytest.raises(ValueError, match=message):
            metric(run, grades, k=k)
