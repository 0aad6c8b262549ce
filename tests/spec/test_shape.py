"""Every complaint about keys and types, word for word, with its place."""

from __future__ import annotations

import pytest

from repro.spec.load import shape
from tests.spec.helpers import changed, errors

EGAN = "{kl: 0.90}, method: egan, params: {entropy: nn, epochs: 7}"
PRINT = "is not a printed number; write it like '0.3034', '7.07 ± .10', '22M' or '-'"

SHAPES = [
    ("title: Pairwise KL divergence\n", "", "1:1: title: this key is missing"),
    ("paper: {seeds: 5}", "paper: {}", "27:3: profiles.paper.seeds: this key is missing"),
    ("paper: {seeds: 5}", "paper: {seeds: 5, sedes: 4}",
     "27:21: profiles.paper.sedes: unknown key 'sedes'; did you mean 'seeds'? "
     "(known: seeds, params, methods, params_for, grid, precision, equal_to_paper, limit_minutes, note, control)"),
    ("{kl: {value: 400, std: .10, runs: 3}}", "{kl: {value: 400, stdd: .10}}",
     "18:62: rows.2.published.kl.stdd: unknown key 'stdd'; did you mean 'std'? "
     "(known: value, std, runs, selection, note, corrected)"),
    ("better: null", "better: low",
     "14:71: columns.tau.better: expected 'lower' or 'higher', found the text 'low'; did you mean 'lower'?"),
    ("{kl: 0.90}", "{kl: about one}", f"16:46: rows.0.published.kl: 'about one' {PRINT}"),
    ("value: 400", "value: 1 000", f"18:50: rows.2.published.kl.value: '1 000' {PRINT}"),
    ("{kl: 0.90}", "{kl: null}",
     "16:46: rows.0.published.kl: expected a printed number or a mapping with the key value, found nothing (null)"),
    ("value: 400", "value: true", "18:50: rows.2.published.kl.value: expected a printed number, found true"),
    ("runs: 3", "runs: 0", "18:72: rows.2.published.kl.runs: expected at least 1, found the number 0"),
    ("id: cegan/kl-2d", "id: KL 2d",
     "1:1: id: expected paper/table in lower case, such as 'mos/rank-ptb', found the text 'KL 2d'"),
    ("table: B.2", "table: 4.10", "3:29: source.table: expected text, found the number 4.1; put it in quotes"),
    ("document: dai2019", "document: dai2018",
     "3:10: source.document: expected 'dai2019', 'zhao2019', 'salakhutdinov', 'seqgen' or 'own', found the text "
     "'dai2018'; did you mean 'dai2019'?"),
    ("{kl: 0.90}, method: egan", "{kl: 0.90}, planned: x, method: egan",
     "16:5: rows.0: a row says exactly one of method, config (shared), quoted (source) or planned (intended method); "
     "it has method and planned"),
    ("control: true, method: data}\n  - {label: Untrained, group: spirals",
     "published: {kl: 1}, control: true, method: data}\n  - {label: Untrained, group: spirals",
     "22:5: rows.6: a control row is not in print: it has no published cells and no texts"),
    ("text: Egan is bounded, bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}", "text: Egan is bounded",
     "30:5: claims.1: a claim has exactly one of order, best, bound, ratio, gap, ranking, trend, expression; "
     "this one has none"),
    ("rows: [Egan], at_most", "rows: Egan, at_most",
     "30:52: claims.1.bound.rows: expected a list, found the text 'Egan'; put it in brackets"),
    ("at_most: {param: epochs}", "at_most: epochs",
     "30:66: claims.1.bound.at_most: expected a number or {param: NAME}, found the text 'epochs'"),
    ("at_most: {param: epochs}", "at_most: {parm: epochs, plus: x}",
     "30:66: claims.1.bound.at_most.param: this key is missing\n"
     "30:76: claims.1.bound.at_most.parm: unknown key 'parm'; did you mean 'param'? (known: param, plus)\n"
     "30:90: claims.1.bound.at_most.plus: expected a number, found the text 'x'"),
    ("smoke: {seeds: 1,", "smoke: {seeds: 1.0,",
     "25:11: profiles.smoke.seeds: expected a whole number, found the number 1.0"),
    ("smoke: {seeds: 1,", "smoke: {seeds: 1, limit_minutes: 0,",
     "25:21: profiles.smoke.limit_minutes: expected more than 0, found the number 0"),
    ("data: biased-gaussians", "data: 5",
     "7:37: groups.biased.data: expected the name of a data set or a mapping from profile to name, found the number 5"),
    (EGAN, "{kl: 0.90}, method: egan, params: {entropy: {a: 1, b: .nan}, epochs: [[1, .inf]], x: .inf, w: [null]}",
     "16:96: rows.0.params.entropy.b: expected a finite number, found nan\n"
     "16:119: rows.0.params.epochs.0.1: expected a finite number, found inf\n"
     "16:127: rows.0.params.x: expected a finite number, found inf"),
    (EGAN, "{kl: 0.90}, quoted: x, params: {a: 1}", "16:5: rows.0: a quoted row does not run: it has no params"),
    (EGAN, "{kl: 0.90}, quoted: x, from: {method: y}", "16:5: rows.0: a quoted row does not run: it has no from"),
    (EGAN, "{kl: 0.90}, method: egan, from: {method: x, weights: y}",
     "16:71: rows.0.from: a training is exactly one of config, method or weights; this one has method and weights"),
    (EGAN, "{kl: 0.90}, method: egan, from: {weights: y, params: {a: 1}}",
     "16:71: rows.0.from: released weights are what they are: nothing stands beside `weights:`"),
    (EGAN, "{kl: 0.90}, method: egan, from: {method: x, form: {}}",
     "16:89: rows.0.from.form: unknown key 'form'; did you mean 'from'? (known: params, params_for, from, config, "
     "method, weights, data, also, task, protocol, precision)"),
    (EGAN, "{kl: 0.90}, method: egan, protocol: {smoke: 3}",
     "16:71: rows.0.protocol: what profile smoke has of its own is a mapping: `smoke: {...}`"),
    (EGAN, "{kl: 0.90}, method: egan, columns: every",
     "16:71: rows.0.columns: expected a list, found the text 'every'; put it in brackets"),
    (EGAN, "{kl: 0.90}, method: egan, grid: {epochs: []}, precision: f16",
     "16:78: rows.0.grid.epochs: expected at least 1 entry, found a list\n"
     "16:91: rows.0.precision: expected 'f32', 'bf16-products' or 'bf16', found the text 'f16'; did you mean 'bf16'?"),
    ("absolute: 0.05", "absolute: .nan", "5:10: margin.absolute: expected a finite number, found the number nan"),
    ("why: half the spread over seeds", "why: because",
     "5:26: margin.why: expected at least 10 characters, found the text 'because'"),
    ("rows:\n", "rows:\n  - x\n", "16:5: rows.0: expected a mapping, found the text 'x'"),
    ("supplementary: true", "supplementary: yes",
     "14:50: columns.tau.supplementary: expected true or false, found the text 'yes'"),
    ("profiles:\n  smoke", "profiles:\n  smock",
     "24:1: profiles.smoke: this key is missing\n"
     "25:3: profiles.smock: unknown key 'smock'; did you mean 'smoke'? (known: smoke, laptop, paper)"),
    ("columns:\n  kl: {label: KL, metric: histogram-kl}\n"
     "  tau: {label: Temperature, metric: temperature, supplementary: true, better: null}", "columns: {}",
     "12:1: columns: expected at least 1 entry, found a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), SHAPES)
def test_a_wrong_key_or_type_is_named_with_its_place(before: str, after: str, expected: str) -> None:
    said = errors(changed((before, after)), shape)
    assert said == "\n".join(f"spec.yaml:{line}" for line in expected.splitlines())


@pytest.mark.parametrize(("text", "is_a"), [("null", "nothing (null)"), ("[1]", "a list"), ("3", "the number 3")])
def test_what_is_no_mapping_is_no_spec(text: str, is_a: str) -> None:
    assert errors(text) == f"spec.yaml:1:1: a spec is a mapping (`id: paper/table` and so on), this is {is_a}"


def test_several_mistakes_are_all_said_in_the_order_of_the_file() -> None:
    text = changed(("seeds: 5", "seeds: five"), ("better: null", "better: 3"), ("title: Pairwise", "titel: Pairwise"))
    assert [line.split(": ")[1] for line in errors(text).splitlines()] == [
        "title", "titel", "columns.tau.better", "profiles.paper.seeds",
    ]  # fmt: skip
