"""Every complaint about a reference, word for word, with its place."""

from __future__ import annotations

import pytest

from repro.spec.load import loads
from tests.spec.helpers import SPEC, changed, errors, lines

EGAN = "{kl: 0.90}, method: egan, params: {entropy: nn, epochs: 7}"
BOUND = "bound: {columns: [kl], rows: [Egan], at_most: {param: epochs}}"
KNOWN = "(known: epochs, learning_rate, entropy, choice, widths, clip, name, noise, warm)"
OTHER = "If it is another one, list it under `planned:` of the table"
LABELS = "(known: Egan, Gan, Const, Untrained)"
WRITE = "for column 'kl': write `data:` at the column, the group or the table"
NO_ROW = "; name the groups that are meant in `groups:`"

NAMES = [
    ("task: density-2d", "task: density-2",
     f"4:1: task: unknown task 'density-2'; did you mean 'density-2d'? {OTHER}"),
    ("metric: histogram-kl", "metric: histogram-lk",
     f"13:19: columns.kl.metric: unknown metric 'histogram-lk'; did you mean 'histogram-kl'? {OTHER}"),
    ("data: biased-gaussians", "data: biased-gausians",
     f"7:37: groups.biased.data: unknown data set 'biased-gausians'; did you mean 'biased-gaussians'? {OTHER}"),
    ("laptop: two-spirals", "laptop: two-spiral",
     f"10:32: groups.spirals.data.laptop: unknown data set 'two-spiral'; did you mean 'two-spirals'? {OTHER}"),
    ("{kl: 0.90}, method: egan", "{kl: 0.90}, method: egam",
     f"16:57: rows.0.method: unknown method 'egam'; did you mean 'egan'? {OTHER}"),
    ("draw: energy-and-samples", "draw: energy-and-sample",
     f"32:35: figures.0.draw: unknown figure 'energy-and-sample'; did you mean 'energy-and-samples'? {OTHER}"),
]  # fmt: skip
STRUCTURE = [
    ("{kl: 0.90}", "{lk: 0.90}",
     "16:46: rows.0.published.lk: unknown column 'lk'; did you mean 'kl'? (known: kl, tau)"),
    ("{kl: 0.90}", "{tau: 0.90}",
     "16:46: rows.0.published.tau: column 'tau' is supplementary: it is measured, never printed"),
    ("group: biased, published: {kl: 0.90}", "group: biassed, published: {kl: 0.90}",
     "16:19: rows.0.group: unknown group 'biassed'; did you mean 'biased'? (known: biased, spirals)"),
    ("{label: Untrained, group: spirals, control: true, method: data}", "{label: Twin, control: true, method: data}",
     "23:5: rows.7: row 'Twin' has no group; the groups of this table are biased, spirals\n"
     f"29:105: claims.0.control.by: there is no row 'Untrained' in group spirals{NO_ROW}"),
    ("{label: Const, group: spirals", "{label: Const, group: biased",
     "21:6: rows.5.label: duplicate row 'biased/Const': rows.4 has the same group and label"),
    ("label: Biased Gaussians, data: biased-gaussians", "label: Biased Gaussians",
     f"16:57: rows.0.method: row 'biased/Egan' has no data set {WRITE}\n"
     f"22:54: rows.6.method: row 'biased/Untrained' has no data set {WRITE}"),
    ("margin: {absolute: 0.05, why: half the spread over seeds}", "margin: null",
     "13:3: columns.kl: column 'kl' has published cells to reproduce and no margin, nor has the table"),
    ("absolute: 0.05", "absolute: 0",
     "5:1: margin: a margin of zero, which nothing measured can meet: write absolute or relative"),
    ("metric: histogram-kl}", "metric: histogram-kl, margin: {why: none is needed here}}",
     "13:41: columns.kl.margin: a margin of zero, which nothing measured can meet: write absolute or relative"),
    ("label: Temperature", "label: KL",
     "14:9: columns.tau.label: column 'kl' has the label 'KL' already"),
    ("groups:\n", "groups:\n  ring: {label: Ring}\n", "7:3: groups.ring: no row is in group 'ring'"),
    ("group: biased, control: true, method: data", "group: biased, control: true, planned: chance",
     "22:39: rows.6.control: a control row runs: it needs a method"),
    ("draw: energy-and-samples, rows: [Egan]", "draw: energy-and-samples, rows: [Egn], groups: [spiral]",
     f"32:68: figures.0.rows.0: unknown row 'Egn'; did you mean 'Egan'? {LABELS}\n"
     "32:83: figures.0.groups.0: unknown group 'spiral'; did you mean 'spirals'? (known: biased, spirals)"),
]  # fmt: skip
PLANNED = [
    ('"1,234 ± 5"}, planned: gan', '"1,234 ± 5"}, planned: bad-gann',
     f"19:64: rows.3.planned: unknown method 'bad-gann'; did you mean 'bad-gan'? {OTHER}"),
    ("claims:\n", "planned: [wgan]\nclaims:\n", "28:11: planned.0: nothing in this table is called 'wgan'"),
]  # fmt: skip
TEXTS = [
    ("{kl: -}, quoted", "{kl: -}, texts: {kl: none}, quoted",
     "20:63: rows.4.texts.kl: row 'biased/Const' has a number in column 'kl' already"),
    ("{kl: -}, quoted", "{kl: -}, texts: {lk: none, tau: none}, quoted",
     "20:63: rows.4.texts.lk: unknown column 'lk'; did you mean 'kl'? (known: kl, tau)\n"
     "20:73: rows.4.texts.tau: column 'tau' is supplementary: it is measured, never printed"),
    ("label: Temperature, metric: temperature", "label: Words, metric: text",
     "14:37: columns.tau.supplementary: column 'tau' is of texts, which are printed and never measured"),
]  # fmt: skip
PARAMS = [
    (EGAN, EGAN.replace("epochs: 7}", "epochs: 7}, params_for: {biased-gausians: {epochs: 3}}"),
     "16:118: rows.0.params_for.biased-gausians: unknown data set 'biased-gausians'; did you mean 'biased-gaussians'? "
     "(known: biased-gaussians, four-gaussians, two-spirals)"),
    ("smoke: {seeds: 1, ", "smoke: {seeds: 1, params_for: {two-spirals: {epochs: 3}}, ",
     "25:34: profiles.smoke.params_for.two-spirals: unknown data set 'two-spirals' "
     "(known: biased-gaussians, four-gaussians)"),
    (EGAN, EGAN.replace("7}", "7, epoch: 7}"),
     f"16:104: rows.0.params.epoch: unknown parameter 'epoch' of method egan; did you mean 'epochs'? {KNOWN}"),
    (EGAN, "{kl: 0.90}, method: egan, params: {entropy: cons, epochs: 7.5, widths: [1, x]}",
     "16:80: rows.0.params.entropy: parameter 'entropy' of method egan must be Literal['const', 'nn', 'vi'], "
     "not 'cons'; did you mean 'const'?\n"
     "16:95: rows.0.params.epochs: parameter 'epochs' of method egan must be int, not 7.5\n"
     "16:108: rows.0.params.widths: parameter 'widths' of method egan must be tuple[int, ...], not [1, 'x']"),
    (EGAN, "{kl: 0.90}, method: egan, params: {epochs: 1}",
     "16:57: rows.0.method: parameter 'entropy' of method egan has no default and is not given"),
    ("{kl: 0.50}, method: egan, params: {entropy: nn, epochs", "{kl: 0.50}, method: egan, params: {entropy: nn, clip",
     "17:58: rows.1.method: parameter 'epochs' of method egan has no default and is not given in profile paper\n"
     "30:76: claims.1.bound.at_most.param: row 'spirals/Egan': unknown parameter 'epochs' "
     "(known: learning_rate, entropy, choice, widths, clip, name, noise)"),
    ("smoke: {seeds: 1, methods: {egan: {epochs: 1}}}", "smoke: {seeds: 1, params: {epochs: many}}",
     "25:30: profiles.smoke.params.epochs: parameter 'epochs' of method egan must be int, not 'many'"),
    ("{egan: {learning_rate: 1e-3}}", "{egan: {learning_rte: 1e-3}}",
     f"11:22: groups.spirals.methods.egan.learning_rte: unknown parameter 'learning_rte' of method egan; "
     f"did you mean 'learning_rate'? {KNOWN}"),
    ("{egan: {learning_rate: 1e-3}}", "{egam: {learning_rate: 1e-3}}",
     "11:15: groups.spirals.methods.egam: unknown method 'egam'; did you mean 'egan'? (known: data, egan, gan)"),
    ("{egan: {learning_rate: 1e-3}}", "{odd: {learning_rate: 1e-3}}",
     "11:15: groups.spirals.methods.odd: no row of group 'spirals' uses method 'odd'"),
    ("methods: {egan: {epochs: 2}}", "methods: {odd: {epochs: 2}}",
     "26:32: profiles.laptop.methods.odd: no row of this table uses method 'odd'"),
    (EGAN, "{kl: 0.90}, method: ghost",
     "16:57: rows.0.method: method ghost: there is no source of the module 'fakes.ghost'"),
    (EGAN, "{kl: 0.90}, method: odd",
     "16:57: rows.0.method: method odd: field 'weights' is annotated 'numpy.ndarray'; parameters are bool, int, float, "
     "str, None, Literal[...], tuple[...], frozen dataclasses or unions of these"),
]  # fmt: skip
CLAIMS = [
    ("order: {columns: [kl]", "order: {columns: [lk, kl]",
     "29:44: claims.0.order.columns.0: unknown column 'lk'; did you mean 'kl'? (known: kl, tau)"),
    ("order: {columns: [kl]", "order: {columns: [], groups: []",
     "29:34: claims.0.order.columns: the claim names no column\n"
     "29:47: claims.0.order.groups: the claim names no group; leave `groups` out to mean all of them"),
    ("order: {columns: [kl]", "order: {columns: [kl], groups: [spiral]",
     "29:58: claims.0.order.groups.0: unknown group 'spiral'; did you mean 'spirals'? (known: biased, spirals)"),
    ("higher: [Gan]", "higher: [Gam]",
     f"29:73: claims.0.order.higher.0: unknown row 'Gam'; did you mean 'Gan'? {LABELS}"),
    ("higher: [Gan]", "higher: []", "29:64: claims.0.order.higher: the claim names no row here"),
    ("higher: [Gan]", "higher: [Gan, Egan]",
     "29:78: claims.0.order.higher.1: row 'Egan' cannot be lower and higher at once"),
    ('  - {label: Gan, group: spirals, published: {kl: "1,234 ± 5"}, planned: gan}\n', "",
     f"28:73: claims.0.order.higher.0: there is no row 'Gan' in group spirals{NO_ROW}"),
    ("replace: Egan", "replace: Const",
     "29:90: claims.0.control.replace: the claim does not name row 'Const' (it names Egan, Gan)"),
    ("by: Untrained", "by: Untraned",
     f"29:105: claims.0.control.by: unknown row 'Untraned'; did you mean 'Untrained'? {LABELS}"),
    ("by: Untrained", "by: Gan",
     "29:105: claims.0.control.by: row 'Gan' is no control row: it lacks `control: true`"),
    (", at_most: {param: epochs}", "", "30:29: claims.1.bound: expected at_most, at_least or both, found neither"),
    ("{param: epochs}", "{param: entropy}",
     "30:76: claims.1.bound.at_most.param: row 'biased/Egan': parameter 'entropy' is 'nn', not a number\n"
     "30:76: claims.1.bound.at_most.param: row 'spirals/Egan': parameter 'entropy' is 'nn', not a number"),
    ("columns: [kl], rows: [Egan], at_most: {param: epochs}",
     "columns: [kl], groups: [biased], rows: [Egan], at_most: {param: epoch}",
     "30:94: claims.1.bound.at_most.param: row 'biased/Egan': unknown parameter 'epoch'; did you mean 'epochs'? "
     "(known: epochs, learning_rate, entropy, choice, widths, clip, name, noise)"),
    (BOUND, "trend: {columns: [kl], rows: [Egan, Gan], direction: increasing}",
     "30:52: claims.1.trend.rows: expected at least 3 different rows, found 2"),
    (BOUND, "ranking: {columns: [kl], rows: [Egan, Egan], tau_at_least: 1}",
     "30:54: claims.1.ranking.rows: expected at least 2 different rows, found 1"),
    (BOUND, "ratio: {columns: [kl], row: Egan, to: Egan}",
     "30:29: claims.1.ratio: expected at_most, at_least or both, found neither\n"
     "30:63: claims.1.ratio.to: row 'Egan' is compared with itself"),
    (BOUND, "gap: {columns: [kl], row: Egan, to: Gna, at_least: 0}",
     f"30:61: claims.1.gap.to: unknown row 'Gna'; did you mean 'Gan'? {LABELS}"),
    (BOUND, "best: {columns: [tau], row: Egan, among: [Gam]}",
     "30:46: claims.1.best.columns.0: column 'tau' has `better: null`, so no row is best in it\n"
     f"30:71: claims.1.best.among.0: unknown row 'Gam'; did you mean 'Gan'? {LABELS}"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), NAMES + STRUCTURE + PLANNED + TEXTS + PARAMS + CLAIMS)
def test_a_reference_that_leads_nowhere_is_named_with_its_place(before: str, after: str, expected: str) -> None:
    said = errors(changed((before, after)))
    assert said == "\n".join(f"spec.yaml:{line}" for line in expected.splitlines())


def test_the_small_spec_itself_is_right() -> None:
    assert loads(SPEC, "spec.yaml").id == "cegan/kl-2d"


def test_a_table_that_does_not_run_may_use_planned_names_and_texts() -> None:
    text = """
        id: mos/samples
        title: Samples
        source: {document: dai2019, table: A.14, paper: "Yang et al. (2018)"}
        task: language-modeling
        data: ptb
        columns: {ppl: {label: PPL, metric: perplexity}, first: {label: First, metric: text}}
        rows: [{label: MoS, published: {ppl: 54.44}, texts: {first: million}, planned: awd-lstm}]
        profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
        """
    table = loads(lines(text), "spec.yaml")
    assert table.rows[0].texts == {"first": "million"}
    assert list(table.measured) == ["ppl"]
    said = errors(lines(text.replace("perplexity", "perplexty").replace("{ppl: 54.44}", "{ppl: 54.44, first: 3}")))
    assert f"columns.ppl.metric: unknown metric 'perplexty'; did you mean 'perplexity'? {OTHER}\n" in said
    assert "rows.0.published.first: column 'first' is of texts: its cells stand under `texts:`\n" in said


def test_all_wrong_references_are_said_at_once_in_the_order_of_the_file() -> None:
    text = changed(
        ("task: density-2d", "task: density2d"),
        ("{kl: 0.90}", "{x: 0.90}"),
        ("draw: energy-and-samples", "draw: energy-and-smaples"),
    )
    assert [line.split(": ")[1] for line in errors(text).splitlines()] == [
        "task",
        "rows.0.published.x",
        "figures.0.draw",
    ]


def test_a_claim_about_one_group_does_not_need_its_rows_in_the_others() -> None:
    text = changed(
        ('  - {label: Gan, group: spirals, published: {kl: "1,234 ± 5"}, planned: gan}\n', ""),
        ("order: {columns: [kl]", "order: {columns: [kl], groups: [biased]"),
    )
    assert loads(text, "spec.yaml").claims[0].statement.groups == ("biased",)
