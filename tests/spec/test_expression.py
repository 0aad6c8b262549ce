"""Expressions: what they mean, what they refuse and where, and that none of them runs for long."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro.spec.check_expressions import cells_read, errors_of
from repro.spec.evaluate import Evaluation
from repro.spec.expression import parse
from repro.spec.load import loads
from repro.spec.model import Table
from repro.spec.reading import NoNumberError, PrintedNumbers, Reader
from tests.spec.helpers import changed, errors, lines

TABLE = lines("""
    id: mos/small
    title: A small table
    source: {document: dai2019, table: "1", paper: "Yang et al. (2018)"}
    task: language-modeling
    groups: {ptb: {label: Penn Treebank}, wt2: {label: WikiText-2}}
    columns:
      size: {label: "#Param", metric: parameters}
      valid: {label: Validation, metric: perplexity}
      test: {label: Test, metric: perplexity}
      first: {label: First, metric: text}
      second: {label: Second, metric: text}
    rows:
      - {label: LSTM, group: ptb, published: {size: 24M, valid: 60.7, test: 58.8}, planned: lstm}
      - {label: LSTM + cache†, group: ptb, published: {size: -, valid: 53.9, test: "52.8 ± .3"}, planned: lstm}
      - {label: MoS, group: ptb, published: {size: 22M, valid: 56.54, test: 54.44}, planned: mos}
      - {label: MoS + dynamic†, group: ptb, published: {size: 22M, valid: 48.33, test: 47.69}, planned: mos}
      - {label: LSTM, group: wt2, published: {valid: 68.6, test: {value: 65.8, std: .5}}, planned: lstm}
      - {label: MoS, group: wt2, published: {valid: 63.88, test: 61.45}, planned: mos}
      - {label: Top, group: wt2, texts: {first: "million, billion", second: tons}, planned: mos}
    profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
    """)


def none(name: str) -> Table:
    raise ValueError(f"unknown table {name!r}")


def other(name: str) -> Table:
    return loads(TABLE, "other.yaml") if name == "dai2019/A.2" else none(name)


@pytest.fixture(scope="module")
def small() -> Table:
    return loads(TABLE, "small.yaml")


def truth(table: Table, text: str, library: Any = other) -> bool:
    return Evaluation(parse(text), Reader(table, library, PrintedNumbers())).truth()


TRUE = [
    'c("LSTM","Test",g="ptb") - c("MoS","Test",g="ptb") == 4.36',  # 58.8 - 54.44 is 4.359999999999999 in binary
    'c("LSTM","Test",g="WikiText-2") - c("MoS","Test",g="wt2") == 4.35',
    'cc("MoS","Test","Penn Treebank") == c("MoS + dynamic","Test") + 6.75',
    'c("LSTM + cache","Test") == 52.8 and s("LSTM + cache","Test") == 0.3 and s("LSTM","Test",g="wt2") == 0.5',
    'c("LSTM","#Param") == 24000000',  # the row of the two that has a cell in the column
    'c("LSTM","Test",g="wt2") == 1 if False else c("MoS","test",g="Wiki",t="dai2019/A.2") == 61.45',
    'col("#Param") == [24e6, 22e6, 22e6] and len(col("#Param", g="ptb")) == 3 and len(col("#Param", g="wt2")) == 0',
    'col("Test", only="MoS", g="ptb") == (54.44, 47.69) and col("Test", but=["LSTM", "dynamic"]) == [54.44, 61.45]',
    'col("Test", mark="†") == [52.8, 47.69] and len(col("Test", nomark="†")) == 4',
    'min(col("Test", mark="†", but="MoS")) - c("MoS + dynamic","Test") == 5.11',
    'cols() == ["#Param", "Validation", "Test"] and GROUPS == ["Penn Treebank", "WikiText-2"]',
    'all(c("MoS",k,g=g) < c("LSTM",k,g=g) for k in cols()[1:] for g in GROUPS)',
    'tok("Top") == ["million", "billion", "tons"] and "tons" in tok("Top",g="wt2") and tok("Top")[0][:3] == "mil"',
    "round(2.5) == 2 and round(3.5) == 4 and round(0.125, 2) == 0.12 and round(2.675, 2) == 2.68 and round(-7.65, 1) "
    "== -7.6 and round(1250, -2) == 1200",
    "0.1 + 0.2 == 0.3 and 1.1 * 3 == 3.3 and 41 / 235 < 0.1745 and 7 // 2 == 3 and 7 % 4 == 3 and 2 ** 10 == 1024",
    "not (1 > 2) and (1 < 2 < 3 != 4) and (True or 1 / 0 == 1) and not (False and 1 / 0 == 1)",
    "sum(x > 1 for x in [1, 2, 3]) == 2 and sum([]) == 0 and max(1, 2.5) == 2.5 and abs(-3) == 3",
    "sorted(zip([2, 1], ['b', 'a'])) == [(1, 'a'), (2, 'b')] and [1, 2, 3][::-1] == [3, 2, 1] and [1, 2, 3][-1] == 3",
    "{1, 2} & {2, 3} == {2} and {'a'} <= set(['a', 'b']) and len({1, 2} | {3}) == 3 and {1, 2} - {1} == {2}",
    "{'a': 1, 'b': 2}['b'] == 2 and [i * x for i, x in enumerate([5, 6])] == [0, 6]",
    "list(range(1, 6, 2)) == [1, 3, 5] and list(range(2)) == [0, 1] and set() == set([]) and list() == []",
    "'MoS-%d' % 15 == 'MoS-15' and '%s/%s' % ('a', 2) == 'a/2' and 'a' + 'b' == 'ab' and int('7') + float('.5') == 7.5",
    "all(a < b for a, b in [(1, 2), (2, 3)] if a > 1) and not any(x for x in []) and [x for x in {3, 1, 2}][0] == 1",
    "({k for k in ['a', 'a']}) == {'a'} and (1 if 2 > 1 else 0) == 1 and -(-1) == +1 and 'a' < 'b' and (1, 2) < (1, 3)",
]
REFUSED = [
    ("1 +", 4, "not an expression: invalid syntax"),
    ("1", 1, "a claim is true or false, this is the number 1"),
    ("x < 1", 1, "unknown name 'x'; did you mean 'max'?; text stands in quotes (known: GROUPS, abs, all, any, c, cc, "
                 "col, cols, enumerate, float, int, len, list, max, min, range, round, s, set, sorted, sum, tok, zip)"),
    ("len < 1", 1, "len is a function: write len(...)"),
    ("1 < mim(2, 3)", 5, "unknown function 'mim'; did you mean 'min'? (known: c, s, cc, col, tok, cols, min, max, zip, "
                         "abs, sum, len, sorted, any, all, enumerate, float, int, set, list, round, range)"),
    ("(1).real == 1", 1, "attributes and methods cannot be used; the functions are c, s, cc, col, tok, cols, min, max, "
                         "zip, abs, sum, len, sorted, any, all, enumerate, float, int, set, list, round, range"),
    ('"a".join(["b"]) == "b"', 1, "attributes and methods cannot be used"),
    ("(lambda: 1)() == 1", 1, "only functions can be called"),
    ("[f for f in [1]][0](2) == 1", 1, "only functions can be called"),
    ("1 is 1", 1, "write == instead of `is`"),
    ("(y := 1) == 1", 2, "names cannot be assigned; repeat the expression"),
    ('f"{1}" == "1"', 1, 'f-strings cannot be used; write "MoS-%d" % k'),
    ("min(*[1, 2]) == 1", 5, "a starred argument cannot be used; pass the list itself"),
    ("1 << 3 == 8", 1, "LShift cannot be used in an expression"),
    ("1j == 1", 1, "1j is not a number, a text, True or False"),
    ("1e999 > 1", 1, "1e999 is not a number, a text, True or False"),
    ('c("MoS") < 1', 1, "c takes 2 arguments, not 1"),
    ("round(1, 2, 3) == 1", 1, "round takes 1 to 2 arguments, not 3"),
    ("max() > 1", 1, "max takes 1 or more arguments, not 0"),
    ('1 > c("MoS","Test",group="ptb")', 20, "c takes no group= (known: g, t)"),
    ("sorted([1], key=2) == [1]", 13, "sorted takes no key= (known: none)"),
    ("all(1 for len in [2])", 11, "len has a meaning already"),
    ("[1, 2][2] == 1", 8, "there is no item 2: 2 items"),
    ("[1, 2][0.5] == 1", 8, "expected a small whole number, found 0.5"),
    ("{'a': 1}['b'] == 1", 10, "the dictionary has no such key (known: 'a')"),
    ("1 / 0 == 1", 1, "division by zero"),
    ("0 / 0 == 1", 1, "division by zero"),
    ("'a' + 1 == 2", 1, "expected a number, found the text 'a'"),
    ("'a' < 1", 7, "the text 'a' cannot be compared with the number 1"),
    ("1 in 2", 6, "`in` looks into a list, a set or a text, not into the number 2"),
    ("1 and True", 1, "expected true or false, found the number 1"),
    ("not 1", 5, "expected true or false, found the number 1"),
    ("min([]) < 1", 1, "min of nothing: the list is empty"),
    ("'%d %d' % 1 == 'a'", 1, "'%d %d' % takes 2 of %d and %s and no other marks"),
    ("'%9d' % 1 == 'a'", 1, "'%9d' % takes 0 of %d and %s and no other marks"),
    ("all(a for a, b in [(1, 2, 3)])", 11, "2 names for a list of 3"),
    ("1 < (x for x in [1])", 5, "the number 1 cannot be compared with a comprehension; put it in brackets"),
    ("1 | 2 == 3", 1, "& and | are for sets, not for the number 1 and the number 2"),
    ("sorted(['a', 1]) == 1", 1, "'<' not supported between instances of 'int' and 'str'"),
    ("int('nan') == 1", 5, "'nan' is not a number"),
    # names, each at its own argument
    ('c("Mos","Test",g="ptb") < 1', 3, "unknown row 'Mos'; did you mean 'MoS'? (known: LSTM, LSTM + cache†, MoS, "
                                       "MoS + dynamic†) in group 'Penn Treebank'"),
    ('c("MoS","Tset",g="ptb") < 1', 9, "unknown column 'Tset'; did you mean 'Test'? "
                                       "(known: #Param, Validation, Test, First, Second)"),
    ('c("MoS","Test",g="ptp") < 1', 18, "unknown group 'ptp'; did you mean 'ptb'? (known: Penn Treebank, WikiText-2)"),
    ('c("MoS","Test") < 1', 3, "row 'MoS' could be 'ptb/MoS' or 'wt2/MoS'; name one of them"),
    ('c("+","Test") < 1', 3, "row '+' could be 'LSTM + cache†' or 'MoS + dynamic†'; name one of them"),
    ('c("MoS","t",g="ptb") < 1', 9, "column 't' could be 'Validation' or 'Test' or 'First'; name one of them"),
    ('c("MoS","Test",t="dai2019/A.3") < 1', 18, "unknown table 'dai2019/A.3'"),
    ('max(col("Test", only="Gru")) < 1', 22, "no row has 'Gru' in its label"),
    ('max(col("Test", mark="‡")) < 1', 22, "no row has the mark '‡' in its label, its cells or its note"),
    ('all(c(r,"Test") < 99 for r in ["LSTM + cache","GRU"])', 7, "unknown row 'GRU'"),
    ('c(1,"Test") < 1', 3, "a row is named by a text in quotes"),
    ('1 > 2 and c("Nobody","Test") < 1', 13, "unknown row 'Nobody'"),  # even where it is never needed
    ('all(x > 9 and c(r,"Test") > 9 for x, r in [(1, "Nobody")])', 17, "unknown row 'Nobody'"),
    ('1 < 2 if 2 > 1 else [c(r,"Test") for r in ["Nobody"]] == []', 24, "unknown row 'Nobody'"),
]  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_what_is_true(text: str, small: Table) -> None:
    assert errors_of(small, text, other) == []
    assert truth(small, text)
    assert not truth(small, f"not ({text})")


@pytest.mark.parametrize(("text", "place", "said"), REFUSED)
def test_what_is_refused_is_said_with_its_place(text: str, place: int, said: str, small: Table) -> None:
    first = errors_of(small, text, other)[0]
    assert first.message.startswith(said)
    assert first.offset + 1 == place


def test_a_missing_number_is_no_mistake_of_the_spec(small: Table) -> None:
    for text in ('c("LSTM + cache","#Param") > 1', 's("MoS + dynamic","Test") > 1', 'c("Top","Test") > 1'):
        assert errors_of(small, text, other) == []
        with pytest.raises(NoNumberError, match=r"has no (number|deviation) in column (#Param|Test)"):
            truth(small, text)


def test_all_cells_that_may_ever_be_read_are_known_beforehand(small: Table) -> None:
    text = (
        'c("LSTM","Test",g="ptb") > 99 and c("LSTM + cache","#Param") > 1 / (c("MoS + dynamic","Test") - 47.69) '
        'or any(x > 1e9 and c("MoS",k,g="ptb") > 1 for x in [1] for k in cols()[1:])'
    )
    read = [(row, column) for _, row, column in cells_read(small, parse(text), other)]
    assert read == [
        ("ptb/LSTM", "test"), ("ptb/LSTM + cache†", "size"), ("ptb/MoS + dynamic†", "test"), ("ptb/MoS", "valid"),
        ("ptb/MoS", "test"),
    ]  # fmt: skip


HOSTILE = [
    "9 ** 9 ** 9 ** 9 > 1", "9 ** 999999999 > 1", "(1e300 ** 64) ** 64 > 1", "len(range(10 ** 6)) > 1",
    "[0] * 10 ** 9 == []", "'a' * 10 ** 9 == ''", "round(1, 10 ** 6) == 1", "'%999999999d' % 1 == ''",
    "(" * 500 + "1" + ")" * 500 + " < 2", "-" * 3000 + "1 < 2", "not " * 900 + "True", "1" * 5000 + " < 2",
    "[" * 300 + "]" * 300 + " == 1", "\x00 == 1", "1 < 2\n\n\n + (", "'\\d' == 1 if '\\N{x}' else 2",
    "all(a < b < c < d for a in range(99) for b in range(99) for c in range(99) for d in range(99))",
    "all(sorted(range(1999)) == sorted(range(1999)) for a in range(1999))",
    "all(e != [] for a in [[1, 1]] for b in [[a, a]] for c in [[b, b]] for d in [[c, c, c, c, c, c, c, c, c, c]] "
    "for e in [[d, d, d, d, d, d, d, d, d, d]] for f in [[e, e, e, e, e, e, e, e]] for g in [[f, f, f, f, f, f]])",
    "all(len(e) > 1 for a in ['aaaaaaaaaa'] for b in [a+a+a+a+a+a+a+a] for c in [b+b+b+b+b+b+b] for d in [c+c+c+c] "
    "for e in [d+d+d+d])",
    "sum(1 / 7 ** 63 for a in range(40) for b in range(1900)) > 1",
    "9e99 ** 63 * 9e99 ** 63 > 1", "[c for c in [1] for [d] in [[2]]] == 1", "{**{}} == {}", "[*[1]] == 1", "await 1",
    "__import__('os') == 1", "().__class__ == 1", "print == 1", "exec('1') == 1", "c.__globals__ == 1", "... == 1",
    "None == None", "b'a' == 1", "{[1]} == 1", "{{'a': 1}} == 1", "[x for x in 1] == 1", "[][:: 0] == []",
    "range(1, 2, 0) == []", "max(True) > 1", "zip([1], 2) == 1", "1 < 2 < (3", "yield", "a = 1", "c(*[1]) > 1",
    "c('a', **{'g': 1}) > 1",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_expressions_end_soon_with_an_error(text: str, small: Table) -> None:
    start = time.process_time()
    assert errors_of(small, text, other) != []
    assert time.process_time() - start < 2


NUMBERS = st.integers(-99, 99).map(str) | st.decimals(-99, 99, places=2, allow_nan=False).map(str)
TERMS = st.recursive(
    NUMBERS.map(lambda n: f"({n})"),
    lambda t: st.tuples(t, st.sampled_from("+-*"), t).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
    | t.map(lambda a: f"abs({a})") | st.lists(t, min_size=1, max_size=3).map(lambda a: f"max([{', '.join(a)}])"),
    max_leaves=6,
)  # fmt: skip


@given(TERMS, st.sampled_from(["<", "<=", "==", "!=", ">"]), TERMS)
@settings(deadline=None, max_examples=150)
def test_arithmetic_is_that_of_exact_fractions(left: str, sign: str, right: str) -> None:
    """Python evaluates the same text with every number a fraction; six factors of four digits fit 40 digits."""
    import re

    text = f"{left} {sign} {right}"
    exact = re.sub(r"[0-9]+(?:\.[0-9]+)?", r'Fraction("\g<0>")', text)
    table = loads(TABLE, "small.yaml")
    assert truth(table, text) == eval(exact, {"Fraction": Fraction})


WRITTEN = [
    """expression: 'c("Egan","KL",g="biased") < c("Gam","KL",g="biased")'}""",
    """expression: "c('Egan','KL',g='biased') < c('Gam','KL',g='biased')"}""",
    """expression:
         'c("Egan","KL",g="biased") <

          c("Gam","KL",g="biased")'}""",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_error_stands_where_the_expression_does_in_the_file(written: str) -> None:
    text = changed(("bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}}", written))
    before = text[: text.index("Gam") - 1]
    place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    assert errors(text).startswith(f"spec.yaml:{place}: claims.1.expression: unknown row 'Gam'; did you mean 'Gan'?")


def test_where_quoting_hides_the_place_the_error_stands_at_the_key() -> None:
    written = r"""expression: "c(\"Gam\",\"KL\",g='biased') < 1"}"""
    text = changed(("bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}}", written))
    assert errors(text).startswith("spec.yaml:30:29: claims.1.expression: unknown row 'Gam'")


def test_an_expression_may_have_a_control_that_it_reads() -> None:
    kind = "bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}"
    stated = """expression: 'all(c("Egan","KL",g=g) < 9 for g in GROUPS)', control: {replace: %s, by: %s}"""
    assert loads(changed((kind, stated % ("Egan", "Untrained"))), "spec.yaml").claims[1].kind == "expression"
    said = errors(changed((kind, stated % ("Gan", "Egan"))))
    assert "claims.1.control.replace: the claim does not read row 'Gan' (it reads Egan)" in said
    assert "claims.1.control.by: row 'Egan' is no control row: it lacks `control: true`" in said
    assert "claims.1.control.by: unknown row 'Nobody' (known: " in errors(changed((kind, stated % ("Egan", "Nobody"))))
