"""What rows come to: trainings that are shared where they are equal, and measurements of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from repro.registry import METHODS, METRICS, TASKS, WEIGHTS
from repro.spec.base import PROFILES, Params, Profile
from repro.spec.configuration import Configuration, TrainingSpec, Weights, configurations
from repro.spec.load import loads, shape
from repro.spec.model import Table
from repro.spec.planned import planned_names
from repro.spec.tables import find
from tests.spec.families import small, text

pytestmark = pytest.mark.usefixtures("small_families")
MARGIN = "margin: {absolute: 1, why: for the test alone}\n\n"
ADAM: Params = {"rate": 0.001, "betas": (0.9, 0.999)}
LSTM: Params = {"epochs": 100, "hidden_size": 32, "optimiser": {"rate": 0.01, "betas": (0.9, 0.999)}}
GAN: Params = {"layers": 2, "size": 400, "adversarial_steps": 200, "generator": ADAM, "discriminator": None}


def of(table: Table, row: str, profile: Profile = "paper") -> tuple[Configuration, ...]:
    return configurations(table, table.row(row), profile)


def one(table: Table, row: str, profile: Profile = "paper") -> Configuration:
    [found] = of(table, row, profile)
    return found


def test_a_row_by_itself_has_the_defaults_of_method_and_task() -> None:
    table = small("- {label: A, method: lstm}")
    assert one(table, "A") == Configuration(
        row="A",
        profile="paper",
        training=TrainingSpec("lstm", LSTM, "mnist", {}, "generation", {}, None, "f32"),
        task="generation",
        data="mnist",
        columns=table.columns,
        limit_seconds=24 * 3600,
        protocol={"samples": 10000, "threshold": 1},
    )


# the forms of bad-gan/semi-supervised and swwae/regularisation-weight

FEW_LABELS = """
mnist: {label: MNIST, metric: error-count, data: {paper: mnist, laptop: mnist, smoke: digits}, protocol: {labels: 100}}
svhn: {label: SVHN, metric: error-rate, data: {paper: svhn, laptop: svhn, smoke: digits},
       protocol: {labels: 1000, batch: 50, smoke: {labels: 100}}}
"""


def test_columns_with_data_and_labels_are_trained_apart_and_each_sees_its_own_labels() -> None:
    table = small("- {label: FM, method: lstm}", "few-labels", FEW_LABELS)
    mnist, svhn = of(table, "FM")
    assert [(c.data, c.training.data, c.training.view, list(c.columns)) for c in (mnist, svhn)] == [
        ("mnist", "mnist", {"labels": 100}, ["mnist"]), ("svhn", "svhn", {"labels": 1000}, ["svhn"]),
    ]  # fmt: skip
    assert mnist.protocol == {"labels": 100, "batch": 100}
    assert mnist.column_protocols == {}
    # what is measured differently splits no training: it is said beside the protocol of all
    assert svhn.protocol == {"labels": 1000, "batch": 100}
    assert svhn.column_protocols == {"svhn": {"batch": 50}}


def test_columns_that_see_the_same_at_a_scale_are_measured_of_one_training() -> None:
    table = small("- {label: FM, method: lstm}", "few-labels", FEW_LABELS)
    both = one(table, "FM", "smoke")
    assert (both.data, both.training.view, list(both.columns)) == ("digits", {"labels": 100}, ["mnist", "svhn"])


def test_a_column_with_params_is_another_training_on_the_same_data() -> None:
    table = small(
        "- {label: A, method: what-where, params: {weight: 3}}",
        columns="""
            a: {label: "0", metric: error-rate, params: {weight: 0.0}}
            b: {label: "1", metric: error-rate, params: {weight: 1}}
            c: {label: "0 too", metric: error-count, params: {weight: 0}}
            d: {label: "3", metric: error-rate}
            """,
        profiles="""
            smoke: {seeds: 1, params: {epochs: 1}}
            laptop: {seeds: 1}
            paper: {seeds: 1}
            """,
    )
    found = of(table, "A")
    assert [(c.training.params["weight"], list(c.columns)) for c in found] == [
        (0.0, ["a", "c"]), (1.0, ["b"]), (3.0, ["d"])
    ]  # fmt: skip
    assert all(type(c.training.params["weight"]) is float for c in found)
    assert {c.data for c in found} == {"mnist"}
    assert [c.training.params["epochs"] for c in of(table, "A", "smoke")] == [1, 1, 1]
    assert found[0].training.params["stack"] == ((64, 3), (128, 3))


# rows that start from another training, or from released weights

FROM = """
- {label: MLE, method: lstm, params: {epochs: 120}}
- {label: SeqGAN, method: adversarial, params: {layers: 2}, from: {method: lstm, params: {epochs: 120}}}
- {label: MaliGAN, method: adversarial, params: {layers: 3}, from: {method: lstm, params: {epochs: 120}}}
- label: Chain
  method: adversarial
  params: {layers: 2}
  from: {method: adversarial, params: {layers: 1}, data: cifar-10, from: {method: lstm}}
- {label: Large, method: lstm, from: {weights: large-lstm}}
"""


def test_a_parent_is_the_very_training_that_a_row_of_its_own_has() -> None:
    table = small(FROM)
    mle, seqgan, maligan = (one(table, row).training for row in ("MLE", "SeqGAN", "MaliGAN"))
    assert mle.params["epochs"] == 120
    assert seqgan.start == mle == maligan.start
    assert seqgan != maligan
    assert replace(seqgan, start=None) == TrainingSpec("adversarial", GAN, "mnist", task="generation")


def test_a_profile_reaches_a_parent_by_its_method_and_not_by_params() -> None:
    table = small(
        FROM,
        profiles="""
            smoke: {seeds: 1, methods: {lstm: {epochs: 1}, adversarial: {adversarial_steps: 3}}, precision: bf16}
            laptop: {seeds: 1, params: {epochs: 7}}
            paper: {seeds: 1}
            """.replace("params: {epochs: 7}", "methods: {lstm: {optimiser: {rate: 1}}}"),
    )
    mle, seqgan = one(table, "MLE", "smoke").training, one(table, "SeqGAN", "smoke").training
    assert seqgan.start == mle
    assert (mle.params["epochs"], mle.precision) == (1, "bf16")
    assert seqgan.params["adversarial_steps"] == 3
    optimiser = one(table, "MLE", "laptop").training.params["optimiser"]
    assert optimiser == {"rate": 1.0, "betas": (0.9, 0.999)}
    alone = small(FROM.splitlines()[1], profiles=table_params("{epochs: 5}"))
    assert one(alone, "MLE", "smoke").training.params["epochs"] == 5
    reached = small("- {label: A, method: lstm, from: {method: lstm}}", profiles=table_params("{epochs: 5}"))
    training = one(reached, "A", "smoke").training
    assert isinstance(training.start, TrainingSpec)
    assert (training.params["epochs"], training.start.params["epochs"]) == (5, 100)


def test_a_group_reaches_a_parent_by_its_method_and_not_by_params() -> None:
    table = small(
        "- {label: A, group: g, method: adversarial, from: {method: lstm, params: {hidden_size: 5}}}",
        groups="{g: {label: G, params: {layers: 1}, methods: {lstm: {epochs: 4, hidden_size: 3}}}}",
    )
    training = one(table, "g/A").training
    assert isinstance(training.start, TrainingSpec)
    assert training.params["layers"] == 1
    assert training.start.params == {**LSTM, "epochs": 4, "hidden_size": 5}


def table_params(params: str) -> str:
    return f"smoke: {{seeds: 1, params: {params}}}\nlaptop: {{seeds: 1}}\npaper: {{seeds: 1}}"


def test_a_chain_hands_its_data_on_to_what_comes_before_it() -> None:
    chain = one(small(FROM), "Chain").training
    assert isinstance(chain.start, TrainingSpec)
    assert isinstance(chain.start.start, TrainingSpec)
    assert [chain.data, chain.start.data, chain.start.start.data] == ["mnist", "cifar-10", "cifar-10"]
    assert chain.start.params["layers"] == 1
    assert chain.start.start.params == LSTM


def test_a_parent_sees_by_the_view_of_its_heir_unless_it_has_its_own() -> None:
    table = small(
        """
        - {label: Same, method: lstm, protocol: {labels: 100}, from: {method: lstm}}
        - {label: Unlabelled, method: lstm, protocol: {labels: 100}, from: {method: lstm, protocol: {labels: 0}}}
        - {label: Language, method: lstm, protocol: {labels: 100},
           from: {method: lstm, task: generation, data: svhn, also: {more: digits}}, also: {unlabelled: cifar-10}}
        """,
        "few-labels",
    )
    same, unlabelled, language = (one(table, row).training for row in ("Same", "Unlabelled", "Language"))
    assert all(isinstance(each.start, TrainingSpec) for each in (same, unlabelled, language))
    assert [each.view for each in (same, same.start, unlabelled.start)] == [  # type: ignore[union-attr]
        {"labels": 100}, {"labels": 100}, {"labels": 0}
    ]  # fmt: skip
    assert language.start == TrainingSpec("lstm", LSTM, "svhn", {"more": "digits"}, "generation")
    assert (language.also, unlabelled.also) == ({"unlabelled": "cifar-10"}, {})


def test_a_row_from_weights_waits_until_they_are_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = small(FROM)
    assert of(waiting, "Large") == ()
    assert waiting.row("Large").kind == "planned"
    assert waiting.row("Large").planned == "lstm, which waits for weights large-lstm"
    assert planned_names(waiting).names == {"weights": ("large-lstm",)}
    monkeypatch.setattr(WEIGHTS, "entries", {"large-lstm": "somewhere"})
    assert one(small(FROM), "Large").training.start == Weights("large-lstm")


# a grid, and columns that fold it

FOLDED = """
above: {label: Above 1, metric: share-above, args: {score: inception-score, threshold: 1.0, splits: 10}, unit: "%"}
best: {label: Best, metric: best, args: {score: error-rate}, unit: "%"}
"""
GRID = """
- {label: all, method: adversarial, grid: {layers: [2, 3, 4], size: [400, 800]}}
- {label: some, method: adversarial, grid: {size: [400, 800], layers: [2, 3]}}
"""


def test_a_grid_has_a_training_for_each_point_and_tables_over_it_share_them() -> None:
    table = small(GRID, columns=FOLDED)
    every, some = of(table, "all"), of(table, "some")
    assert [c.point for c in every] == [
        {"layers": layers, "size": size} for layers in (2, 3, 4) for size in (400, 800)
    ]  # fmt: skip
    assert all(c.training.params == GAN | c.point for c in every)
    assert len(some) == 4
    assert all(c.training in [other.training for other in every] for c in some)


def test_a_point_is_measured_by_what_the_columns_fold() -> None:
    point = of(small(GRID, columns=FOLDED), "all")[0]
    above, best = point.columns["above"], point.columns["best"]
    assert (above.metric, above.args, above.unit) == ("inception-score", {"splits": 10}, None)
    assert (best.metric, best.args, best.unit) == ("error-rate", {}, None)


def test_a_profile_has_other_values_for_the_parameters_that_a_grid_goes_through() -> None:
    table = small(
        GRID + "- {label: deep, method: adversarial, grid: {layers: [2], generator.rate: [1, 0.5]}}\n",
        columns=FOLDED,
        profiles="""
            smoke: {seeds: 1, grid: {layers: [1], size: [8]}}
            laptop: {seeds: 1, methods: {adversarial: {layers: 9}}}
            paper: {seeds: 1}
            """,
    )
    assert [c.point for c in of(table, "all", "smoke")] == [{"layers": 1, "size": 8}]
    assert [c.training.params["layers"] for c in of(table, "deep", "laptop")] == [2, 2]
    assert [c.training.params["generator"] for c in of(table, "deep", "smoke")] == [
        {"rate": 1.0, "betas": (0.9, 0.999)}, {"rate": 0.5, "betas": (0.9, 0.999)}
    ]  # fmt: skip


def test_a_fold_waits_for_its_score_too(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {name: address for name, address in METRICS.entries.items() if name not in ("share-above", "best")}
    columns = "a: {label: A, metric: share-above, args: {score: classifier-kl, threshold: 1}}"
    with monkeypatch.context() as without_folds:
        without_folds.setattr(METRICS, "entries", known)
        table = small(GRID, columns=columns)
        assert planned_names(table).names["metric"] == ("share-above", "classifier-kl")
    table = small(GRID, columns=columns)
    assert planned_names(table).names == {"metric": ("classifier-kl",)}
    assert of(table, "all") == ()


# models beside the row's own


def test_a_model_beside_the_rows_own_is_a_training_by_what_it_is() -> None:
    table = small(
        """
        - {label: Two, method: lstm, beside: {other: {method: lstm, params: {hidden_size: 8}}}}
        - {label: Small, method: lstm, params: {hidden_size: 8}, beside: {other: {method: lstm}}}
        """,
        "pair",
    )
    two, little = one(table, "Two"), one(table, "Small")
    assert two.others == {"other": little.training}
    assert little.others == {"other": two.training}


# row by row: what is planned stops nothing but itself

PLANNED: list[tuple[str, Callable[[], Table], str, list[str]]] = [
    ("a method", lambda: small("- {label: A, method: lstm}\n- {label: B, method: wasserstein}"), "method", ["error"]),
    ("a metric", lambda: small("- {label: A, method: lstm}",
                               columns="error: {label: E, metric: error-rate}\nx: {label: X, metric: naturalness}"),
     "metric", ["error"]),
    ("a data set", lambda: small("- {label: A, method: lstm}",
                                 columns="error: {label: E, metric: error-rate}\n"
                                         "x: {label: X, metric: error-rate, data: clueweb}"), "data set", ["error"]),
    ("a task", lambda: small("- {label: A, method: lstm}", task="chemistry"), "task", []),
    ("a figure", lambda: small("- {label: A, method: lstm}",
                               figures="[{label: F, title: F, draw: histograms, rows: [A]}]"), "figure", ["error"]),
    ("a parent", lambda: small("- {label: B, method: lstm, from: {method: wasserstein}}\n- {label: A, method: lstm}"),
     "method", ["error"]),
    ("a parent's parent", lambda: small("- {label: B, method: lstm, from: {method: lstm, from: {method: dcgan}}}\n"
                                        "- {label: A, method: lstm}"), "method", ["error"]),
    ("further data", lambda: small("- {label: B, method: lstm, also: {more: clueweb}}\n- {label: A, method: lstm}"),
     "data set", ["error"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "made", "kind", "left"), PLANNED, ids=[each[0] for each in PLANNED])
def test_what_is_planned_is_left_out_and_the_rest_runs(
    what: str, made: Callable[[], Table], kind: str, left: list[str]
) -> None:
    table = made()
    assert [list(c.columns) for c in of(table, "A")] == ([left] if left else [])
    assert list(planned_names(table).names) == [kind]
    if any(row.name == "B" for row in table.rows):
        assert table.row("B").kind == "planned"
        assert of(table, "B") == ()
    assert table.row("A").kind == ("method" if left else "planned")


def test_a_printed_cell_that_waits_says_for_what() -> None:
    table = small(
        "- {label: A, method: lstm, published: {error: 1, x: 2, y: 3}, columns: [error, x]}",
        columns="error: {label: E, metric: error-rate}\nx: {label: X, metric: naturalness}\n"
                "y: {label: Y, metric: error-rate}",
    )  # fmt: skip
    assert {(column, profile): said for (_, column, profile), said in table.waiting.items()} == {
        ("x", profile): "planned: metric naturalness" for profile in PROFILES
    } | {("y", profile): "not among the columns of this row" for profile in PROFILES}


def test_a_data_set_that_is_planned_at_one_scale_stops_that_scale_alone() -> None:
    columns = "x: {label: X, metric: error-rate, data: {paper: clueweb, laptop: mnist, smoke: digits}}"
    table = small("- {label: A, method: lstm}", columns=columns)
    assert [len(of(table, "A", profile)) for profile in ("smoke", "laptop", "paper")] == [1, 1, 0]
    assert table.row("A").kind == "method"


def test_a_planned_row_whose_method_is_there_by_now_waits_to_be_set_up() -> None:
    table = small("- {label: A, planned: LSTM}\n- {label: B, planned: wasserstein, params: {a: [1]}}")
    assert of(table, "A") == ()
    assert planned_names(table).to_set_up == ("A",)
    assert planned_names(table).names == {"method": ("wasserstein",)}


def test_a_table_that_was_not_loaded_says_the_same() -> None:
    table, _ = shape(text("- {label: A, method: wasserstein}\n- {label: B, method: lstm}"), "spec.yaml")
    assert of(table, "A") == ()
    assert len(of(table, "B")) == 1


# which columns, with which protocol, precision and limit

COLUMNS = """
a: {label: A, metric: error-rate}
b: {label: B, metric: error-rate}
more: {label: More, metric: error-count, supplementary: true}
there: {label: There, metric: error-rate, data: svhn}
words: {label: Words, metric: text}
"""


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("{label: R, method: lstm, published: {a: 1, b: '-'}}", [["a", "more"]]),
        ("{label: R, method: lstm, published: {a: 1, b: '-', there: 3}}", [["a", "more"], ["there"]]),
        ("{label: R, method: lstm, published: {a: 1}, columns: all}", [["a", "b", "more"]]),
        ("{label: R, method: lstm, published: {a: 1}, columns: [there, b]}", [["b"], ["there"]]),
        ("{label: R, method: lstm, texts: {words: none}}", [["a", "b", "more"], ["there"]]),
        ("{label: R, method: lstm, variant: true}", [["a", "b", "more"], ["there"]]),
    ],
)
def test_a_row_measures_what_it_prints_or_says(row: str, expected: list[list[str]]) -> None:
    table = small(f"- {row}", columns=COLUMNS)
    assert [list(c.columns) for c in of(table, "R")] == expected


def test_the_task_is_set_from_the_table_to_the_column_and_then_again_for_the_profile() -> None:
    table = small(
        """
        - {label: A, group: g, method: lstm}
        - {label: B, group: g, method: lstm, protocol: {samples: 3, threshold: 0.5}}
        - {label: C, group: g, method: lstm, control: true, protocol: {smoke: {samples: 4}}}
        """,
        groups="{g: {label: G, protocol: {samples: 2}}}",
        protocol="{samples: 1, threshold: 0.25, smoke: {samples: 9}}",
        columns="""
            a: {label: A, metric: error-rate}
            b: {label: B, metric: error-rate, protocol: {samples: 5, laptop: {threshold: 0.125}}}
            """,
    )
    assert one(table, "g/A").protocol == {"samples": 2, "threshold": 0.25}
    assert one(table, "g/B").protocol == {"samples": 3, "threshold": 0.5}
    assert one(table, "g/B").column_protocols == {"b": {"samples": 5}}
    assert one(table, "g/B", "laptop").column_protocols == {"b": {"samples": 5, "threshold": 0.125}}
    assert one(table, "g/B", "smoke").protocol == {"samples": 9, "threshold": 0.5}
    assert one(table, "g/C", "smoke").protocol == {"samples": 4, "threshold": 0.25}


def test_a_control_row_keeps_its_parameters_at_every_scale() -> None:
    table = small(
        "- {label: A, method: lstm}\n- {label: C, method: lstm, control: true, params: {epochs: 0}}",
        profiles=table_params("{epochs: 5}"),
    )
    assert one(table, "A", "smoke").training.params["epochs"] == 5
    assert one(table, "C", "smoke").training.params["epochs"] == 0


def test_precision_and_limit_are_the_rows_before_the_profiles() -> None:
    table = small(
        """
        - {label: A, method: lstm}
        - {label: B, method: lstm, precision: f32, limit_minutes: 0.5, from: {method: lstm, precision: bf16-products}}
        """,
        profiles="""
            smoke: {seeds: 1, precision: bf16, limit_minutes: 2}
            laptop: {seeds: 1}
            paper: {seeds: 1}
            """,
    )
    a, b = one(table, "A", "smoke"), one(table, "B", "smoke")
    assert (a.training.precision, a.limit_seconds, b.training.precision, b.limit_seconds) == ("bf16", 120, "f32", 30)
    assert isinstance(b.training.start, TrainingSpec)
    assert b.training.start.precision == "bf16-products"


GRIDDED = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Gan:
    generator_layers: int
    discriminator_layers: int
    generator_size: int
    discriminator_size: int
    discriminator_dropout: bool
    discriminator_optimiser: str = "adam"
    generator_optimiser: str = "adam"
    learning_rate: float = 0.001


@dataclass(frozen=True)
class Ebgan(Gan):
    margin: float = 1.0
    decoder_layers: int = 1
"""


def test_the_grids_of_two_figures_are_views_of_the_same_trainings(
    small_families: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: Table 3.1 has 512 EBGANs (4 x 4 x 4 x 4 x 2) and 6,144 GANs (twelve times as many)."""
    (small_families / "gridded.py").write_text(GRIDDED)
    methods = {"ebgan": "fakes.gridded:Ebgan", "gan": "fakes.gridded:Gan"}
    monkeypatch.setattr(METHODS, "entries", {**METHODS.entries, **methods})
    monkeypatch.setattr(TASKS, "entries", {**TASKS.entries, "image-generation": "fakes.small_tasks:Generation"})
    monkeypatch.setattr(METRICS, "entries", {**METRICS.entries, "classifier-kl": "x:y"})
    points, trainings = 0, set()
    for name in ("ebgan/grid-scores", "ebgan/grid-scores-optimisers"):
        written = find(name).read_text().replace("planned: ", "method: ").replace("\ncolumns:", f"\n{MARGIN}columns:")
        table = loads(written, name)
        for row in table.rows:
            found = configurations(table, row, "paper")
            points += len(found)
            trainings |= {repr(each.training) for each in found}
    assert len(trainings) == 512 + 6144
    # Figure 3.2 has all, those up to 4 layers (9 of 16) and up to 3 (4 of 16); Figure 3.3 has all once more
    assert points == (512 + 6144) * (1 + 9 / 16 + 4 / 16) + 512 + 6144
