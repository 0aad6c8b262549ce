"""What is wrong with trainings, grids, roles and columns, word for word, with its place."""

from __future__ import annotations

import pytest

from tests.spec.families import small, text
from tests.spec.helpers import errors

pytestmark = pytest.mark.usefixtures("small_families")
LSTM = "(known: epochs, hidden_size, optimiser)"
TWICE = "a: {label: A, metric: best, args: {score: error-rate}}"

STARTS = [
    ("from: {method: lstmm}", "rows.0.from.method: unknown method 'lstmm'; did you mean 'lstm'? "
                              "If it is another one, list it under `planned:` of the table"),
    ("from: {method: lstm, params: {epoch: 1}}",
     f"rows.0.from.params.epoch: unknown parameter 'epoch' of method lstm; did you mean 'epochs'? {LSTM}"),
    ("from: {method: lstm, from: {method: lstm, params_for: {mnist: {epochs: x}}}}",
     "rows.0.from.from.params_for.mnist.epochs: parameter 'epochs' of method lstm must be int, not 'x'"),
    ("from: {method: adversarial}",
     "rows.0.from.method: parameter 'layers' of method adversarial has no default and is not given"),
    ("from: {method: lstm, data: mnits}", "rows.0.from.data: unknown data set 'mnits'; did you mean 'mnist'? "
                                          "If it is another one, list it under `planned:` of the table"),
    ("also: {unlabelled: cifar10}", "rows.0.also.unlabelled: unknown data set 'cifar10'; did you mean 'cifar-10'? "
                                    "If it is another one, list it under `planned:` of the table"),
    ("from: {method: lstm, task: few-label}", "rows.0.from.task: unknown task 'few-label'; did you mean 'few-labels'? "
                                              "If it is another one, list it under `planned:` of the table"),
    ("from: {method: lstm, protocol: {samples: 3}}",
     "rows.0.from.protocol.samples: no training sees parameter 'samples' of task generation: it is measured by"),
    ("beside: {other: {method: lstm}}", "rows.0.beside.other: task generation looks at no model 'other' "
                                        "(it has no further models)"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "said"), STARTS)
def test_a_training_that_a_row_names_is_checked_like_a_row(form: str, said: str) -> None:
    whole = errors(text(f"- {{label: A, method: lstm, {form}}}"))
    assert whole.partition(": ")[2] == said
    assert whole.startswith("spec.yaml:10:")


ROLES = [
    ("- {label: A, method: lstm}",
     "rows.0: task pair looks at a further model 'other': write `beside: {other: ...}`"),
    ("- {label: A, method: lstm, beside: {othr: {method: lstm}, other: {method: lstm}}}",
     "rows.0.beside.othr: task pair looks at no model 'othr'; did you mean 'other'? (known: other)"),
    ("- {label: A, method: lstm, beside: {other: {weights: large}}}",
     "rows.0.beside.other.weights: a model beside the row's own is trained: write config or method"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said"), ROLES)
def test_the_models_beside_a_row_are_those_that_the_task_looks_at(rows: str, said: str) -> None:
    assert errors(text(rows, "pair")).partition(": ")[2] == said


def test_a_planned_row_need_not_say_yet_what_its_task_will_look_at() -> None:
    assert small("- {label: A, planned: gan}", "pair").rows


GRIDS = [
    ("params: {layers: 1}, grid: {layer: [1]}", TWICE,
     "rows.0.grid.layer.0: unknown parameter 'layer' of method adversarial; did you mean 'layers'? "
     "(known: layers, size, adversarial_steps, generator, discriminator)"),
    ("grid: {layers: [1, x]}", TWICE,
     "rows.0.grid.layers.1: parameter 'layers' of method adversarial must be int, not 'x'"),
    ("grid: {layers: [1, 2, 1]}", TWICE, "rows.0.grid.layers.2: the grid has 1 twice for parameter 'layers'"),
    ("grid: {layers: [1], generator.rte: [1]}", TWICE,
     "rows.0.grid.generator.rte.0: unknown parameter 'generator.rte' of method adversarial; did you mean 'rate'? "
     "(known: rate, betas)"),
    ("grid: {layers: [1]}", "a: {label: A, metric: error-rate}",
     "rows.0.grid: row 'A' has a grid, and metric 'error-rate' of column 'a' folds nothing: write "
     "`metric: best, args: {score: error-rate}` or the like"),
    ("params: {layers: 1}", "a: {label: A, metric: best}",
     "columns.a.metric: metric 'best' folds a grid: write `args: {score: METRIC}`"),
    ("grid: {layers: [1]}", "a: {label: A, metric: best, args: {score: error-rat}}",
     "columns.a.args.score: unknown metric 'error-rat'; did you mean 'error-rate'? If it is another one, list it "
     "under `planned:` of the table"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "columns", "said"), GRIDS)
def test_a_grid_is_checked_value_by_value(form: str, columns: str, said: str) -> None:
    whole = errors(text(f"- {{label: A, method: adversarial, {form}}}", columns=columns))
    assert whole.partition(": ")[2] == said


def test_a_profile_changes_only_what_some_grid_goes_through() -> None:
    profiles = "smoke: {seeds: 1, grid: {layrs: [1], size: [x]}}\nlaptop: {seeds: 1}\npaper: {seeds: 1}"
    rows = "- {label: A, method: adversarial, grid: {layers: [1], size: [8]}}"
    assert [line.partition(": ")[2] for line in errors(text(rows, columns=TWICE, profiles=profiles)).splitlines()] == [
        "profiles.smoke.grid.layrs: unknown parameter of a grid 'layrs'; did you mean 'layers'? (known: layers, size)",
        "profiles.smoke.grid.size.0: parameter 'size' of method adversarial must be int, not 'x'",
    ]


COLUMNS = [
    ("columns: [errr]", "rows.0.columns.0: unknown column 'errr'; did you mean 'error'? (known: error, words)"),
    ("columns: [error, words]", "rows.0.columns.1: column 'words' is of texts, which are printed and never measured"),
]


@pytest.mark.parametrize(("form", "said"), COLUMNS)
def test_a_row_names_columns_that_something_measures(form: str, said: str) -> None:
    columns = "error: {label: Error, metric: error-rate}\nwords: {label: Words, metric: text}"
    whole = errors(text(f"- {{label: A, method: lstm, {form}}}", columns=columns))
    assert whole.partition(": ")[2] == said


def test_the_parameters_of_a_column_are_checked_where_they_stand() -> None:
    columns = "error: {label: Error, metric: error-rate, params: {weigth: 1}}"
    assert errors(text("- {label: A, method: what-where}", columns=columns)).partition(": ")[2] == (
        "columns.error.params.weigth: unknown parameter 'weigth' of method what-where; did you mean 'weight'? "
        "(known: weight, epochs, stack)"
    )


def test_a_margin_is_asked_for_where_a_number_is_to_be_reproduced() -> None:
    """A dash, and a column that the row does not measure, are not."""
    columns = "a: {label: A, metric: error-rate}\nb: {label: B, metric: error-rate}"
    row = "- {label: A, method: lstm, published: {a: 1, b: B}}"
    without = text(row.replace("B", "'-'"), columns=columns).replace(
        "margin: {absolute: 1, why: for the test alone}\n", ""
    )
    assert errors(without).count("has published cells to reproduce and no margin") == 1
    named = text(row.replace("b: B}", "b: 2}, columns: [a]"), columns=columns)
    named = named.replace("margin: {absolute: 1, why: for the test alone}\n", "")
    assert "column 'b'" not in errors(named)
