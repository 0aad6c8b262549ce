"""An expression is the conjunction of its parts, which are the inequalities that it states."""

from __future__ import annotations

import pytest

from repro.spec.evaluate import Evaluation
from repro.spec.expression import parse
from repro.spec.formulas import AtLeast, Fact, Formula, Whole, is_true
from repro.spec.load import printed
from repro.spec.reading import Reader
from repro.spec.split import split
from tests.spec.drawn import Drawn, agree
from tests.verdict.build import table_of

PRINT = {"A": "1.0", "B": "2.0", "C": "4.0", "D": "4.0"}
TABLE = table_of({row: {"kl": value, "nll": f"{float(value) + 1}"} for row, value in PRINT.items()})


@pytest.mark.parametrize("text", [
    'c("A","kl") < c("B","kl") and c("B","kl") < c("C","kl")',
    'c("A","kl") < c("B","kl") <= c("C","kl") < 5',
    'all(c(a,k) < c(b,k) for a, b in [("A","B"),("B","C")] for k in ["kl","nll"])',
    'max(c("A","kl"), c("B","kl")) < min(c("C","kl"), c("D","kl"))',
    'min(c("A","kl"), c("B","kl")) < max(c("C","kl"), c("D","kl")) - 2',
    'max(col("kl")) - min(col("kl")) > 2.9',
    'max(min(c("A","kl"), c("C","kl")), c("B","kl") - 1) > 1',
    'abs(c("C","kl") - c("D","kl")) < 0.1',
    'abs(c("A","kl") - 1.5) > abs(c("B","kl") - 1.6)',
    'abs(c("A","kl") / c("B","kl") - 0.5) < 0.01',
    '2 * c("B","kl") > 3 * c("A","kl")',
    '-c("A","kl") < -0.99 or c("B","kl") > 2',
    'not (c("A","kl") > 1 and c("B","kl") > 2)',
    'not any(x > 3.99 for x in col("kl", but="D"))',
    'sum(x > 1.9 for x in col("kl")) > 2',
    'sum(x > 1.9 for x in col("kl")) <= 2',
    '2 == sum(x > 3.99 for x in col("kl"))',
    'sum(col("kl")) / len(col("kl")) < 2.75',
    'c("A","kl") == c("B","kl") / 2',
    '[c("A","kl"), c("B","kl")] == [1, 2]',
    'min(col("kl")) == c("A","kl")',
    'max(col("kl")) == c("C","kl")',
    'c("A","kl") * c("B","kl") < 2 and c("C","kl") > 4',
    'sorted(col("kl"))[0] < 1 or c("B","kl") < 2',
    '(c("A","kl") if len(col("kl")) == 4 else c("B","kl")) < 1',
    '(c("A","kl") if c("A","kl") < 1 else c("B","kl")) < 1.5',
    'c("A","kl") / c("B","kl") < c("B","kl") / c("C","kl")',
    'len(col("kl")) == 4 and c("A","kl") < 1',
])  # fmt: skip
def test_an_expression_is_true_exactly_where_all_its_parts_are(text: str) -> None:
    assert all(agree(TABLE, text, seed, 0.05) for seed in range(60))
    assert agree(TABLE, text, 0, 0.0)


def kinds(text: str) -> list[str]:
    def kind(part: Formula) -> str:
        match part:
            case AtLeast(needed=needed, parts=parts):
                return f"{needed} of {len(parts)}"
            case Fact(strict=strict):
                return ">" if strict else ">="
            case Whole():
                return "whole"
        return str(part)

    return [kind(part) for part in split(TABLE, text, printed)]


@pytest.mark.parametrize(("text", "parts"), [
    ('c("A","kl") < c("B","kl") < c("C","kl")', [">", ">"]),
    ('all(c("A",k) <= c("B",k) for k in cols())', [">=", ">="]),
    ('max(c("A","kl"), c("B","kl")) < min(c("C","kl"), c("D","kl"))', [">"] * 4),
    ('max(c("A","kl"), c("B","kl")) > c("C","kl")', ["1 of 2"]),
    ('abs(c("A","kl") - c("B","kl")) < 1', [">", ">"]),
    ('c("A","kl") < 1 or c("B","kl") < 1', ["1 of 2"]),
    ('sum(x < 3 for x in col("kl")) >= 3', ["3 of 4"]),
    ('not (c("A","kl") < 1 or c("B","kl") < 1)', [">=", ">="]),
    ('c("A","kl") == 1', [">=", ">="]),
    ('min(col("kl")) == c("A","kl")', [">="] * 3),
    ('c("A","kl") * c("B","kl") < 2 and c("C","kl") > 4', ["whole", ">"]),
    ('len(col("kl")) == 4 and c("A","kl") < 1', [">"]),
    ('len(col("kl")) == 4', ["True"]),
    ('c("A","kl") < c("B","kl") and c("A","kl") < c("B","kl")', [">"]),
])  # fmt: skip
def test_the_parts_of_an_expression_are_its_inequalities_each_once(text: str, parts: list[str]) -> None:
    assert kinds(text) == parts


@pytest.mark.parametrize(("text", "value", "true"), [
    ('round(c("A","kl"), 1) == 1.0', "1.04", True),
    ('round(c("A","kl"), 1) == 1.0', "1.06", False),
    ('round(c("A","kl"), 1) >= 1.0', "0.96", True),
    ('round(c("A","kl"), 1) >= 1.0', "0.94", False),
    ('round(c("A","kl"), 1) > 1.0', "1.04", False),
    ('round(c("A","kl"), 1) > 1.0', "1.06", True),
    ('round(100 * c("A","kl")) == 97', "0.966", True),
])  # fmt: skip
def test_a_rounded_number_meets_what_its_rounding_meets(text: str, value: str, true: bool) -> None:
    table = table_of({"A": {"kl": value}})
    numbers = Drawn(table, 0, 0.0)
    reader = Reader(table, printed, numbers)
    assert Evaluation(parse(text), reader).truth() is true
    assert all(is_true(part, reader, numbers.of) for part in split(table, text, printed)) is true
