"""Parameters that are structures: read from sources, checked at their dotted paths, filled in, and built."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from repro.spec.base import Params, merged
from repro.spec.construct import build
from repro.spec.kinds import Scalar, accepts
from repro.spec.load import loads
from repro.spec.signature import SignatureError, signature, task_signature
from tests.spec.families import small, text
from tests.spec.helpers import errors

OPTIMISERS = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    steps: int
    kind: str = "linear"


@dataclass(frozen=True)
class Adam:
    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    schedule: Schedule | None = None


class Loose:
    rate: float = 1.0
"""
MODEL = """
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Optional

from nested import optimisers
from nested.optimisers import Adam, Schedule

if TYPE_CHECKING:
    from somewhere import Unknown


@dataclass(frozen=True)
class Layer:
    size: int
    kernel: int = 3


@dataclass(frozen=True)
class Gan:
    note: ClassVar[Unknown | None] = None
    generator: Adam
    discriminator: optimisers.Adam = Adam(0.25, betas=(0.5, 0.9))
    warmup: Optional[Schedule] = None
    critic: "Annotated[Adam, 'slow']" = field(default_factory=lambda: Adam(rate=1))
    stack: tuple[Layer, ...] = (Layer(8), Layer(4, kernel=1))
    pair: tuple[Layer, int] = (Layer(size=2), 3)
    grid: tuple[tuple[int, ...], ...] = ((1, 2), ())
    computed: Adam = Adam(len("x"))
"""


@pytest.fixture
def gan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a method in a package that can be imported, as `build` does and nothing else."""
    package = tmp_path / "importable" / "nested"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "optimisers.py").write_text(OPTIMISERS)
    (package / "model.py").write_text(MODEL)
    monkeypatch.syspath_prepend(str(package.parent))
    for name in ("nested", "nested.optimisers", "nested.model"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "nested.model:Gan"


def test_a_default_that_is_a_dataclass_is_the_mapping_of_its_fields(gan: str) -> None:
    assert signature(gan).structure.defaults == {
        "discriminator": {"rate": 0.25, "betas": (0.5, 0.9), "schedule": None},
        "warmup": None,
        "critic": {"rate": 1.0, "betas": (0.9, 0.999), "schedule": None},
        "stack": ({"size": 8, "kernel": 3}, {"size": 4, "kernel": 1}),
        "pair": ({"size": 2, "kernel": 3}, 3),
        "grid": ((1, 2), ()),
    }
    assert not {name for name in sys.modules if name.startswith("nested")}


def test_what_is_given_is_filled_in_by_the_parameters_own_default_and_then_by_the_class(gan: str) -> None:
    found = signature(gan).complete(
        {
            "generator": {"rate": 2, "schedule": {"steps": 9}},
            "discriminator": {"betas": (0.5, 1)},
            "warmup": {"steps": 5},
        }
    )
    assert found["generator"] == {"rate": 2.0, "betas": (0.9, 0.999), "schedule": {"steps": 9, "kind": "linear"}}
    assert found["discriminator"] == {"rate": 0.25, "betas": (0.5, 1.0), "schedule": None}
    assert found["warmup"] == {"steps": 5, "kind": "linear"}
    assert repr(found["discriminator"]) == "{'rate': 0.25, 'betas': (0.5, 1.0), 'schedule': None}"


WRONG: list[tuple[Params, str]] = [
    ({"generator": {"rte": 1}}, "unknown parameter 'generator.rte' of method {gan}; did you mean 'rate'? "
                                "(known: rate, betas, schedule)"),
    ({"generator": {"rate": "x"}}, "parameter 'generator.rate' of method {gan} must be float, not 'x'"),
    ({"generator": 3}, "parameter 'generator' of method {gan} must be Adam, not 3"),
    ({"generator": {"schedule": {"step": 1}}}, "unknown parameter 'generator.schedule.step' of method {gan}; "
                                               "did you mean 'steps'? (known: steps, kind)"),
    ({"generator": {"schedule": {"kind": 1}}},
     "parameter 'generator.schedule.kind' of method {gan} must be str, not 1"),
    ({"warmup": "none"}, "parameter 'warmup' of method {gan} must be Optional[Schedule], not 'none'"),
    ({"stack": ({"size": 1}, {"size": "x"})}, "parameter 'stack.1.size' of method {gan} must be int, not 'x'"),
    ({"stack": ({"kernel": 1},)}, "parameter 'stack.0.size' of method {gan} has no default and is not given"),
    ({"pair": ({"size": 1},)}, "parameter 'pair' of method {gan} must be tuple[Layer, int], not [{{size: 1}}]"),
    ({"grid": ((1,), (2.5,))},
     "parameter 'grid' of method {gan} must be tuple[tuple[int, ...], ...], not [[1], [2.5]]"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "said"), WRONG)
def test_what_is_wrong_inside_is_said_at_its_dotted_path(params: Params, said: str, gan: str) -> None:
    assert [message for _, message in signature(gan).problems(params)] == [said.format(gan=gan)]


def test_a_whole_number_beyond_all_floats_is_none() -> None:
    assert accepts(Scalar(float), 10**308)
    assert not accepts(Scalar(float), 10**309)


def test_what_is_lacking_inside_is_named_by_its_dotted_path(gan: str) -> None:
    known = signature(gan)
    assert known.missing({}) == ["generator"]  # what is computed has a default, if nobody knows it
    assert known.missing({"generator": {}}) == ["generator.rate"]
    assert known.missing({"generator": {"rate": 1, "schedule": {}}}) == ["generator.schedule.steps"]
    assert known.missing({"generator": {"rate": 1}, "discriminator": {"betas": (1, 1)}}) == []


def test_an_object_is_built_from_lists_and_mappings(gan: str) -> None:
    params: dict[str, Any] = {
        "generator": {"rate": 1.0, "betas": [0.5, 0.9], "schedule": {"steps": 3}},
        "warmup": {"steps": 2},
        "stack": [{"size": 1}, {"size": 2, "kernel": 5}],
        "pair": [{"size": 7}, 1],
        "grid": [[1], [2, 3]],
    }
    cls = import_module("nested.model").Gan
    made = build(cls, params)
    adam, schedule = import_module("nested.optimisers").Adam, import_module("nested.optimisers").Schedule
    layer = import_module("nested.model").Layer
    assert made.generator == adam(1.0, (0.5, 0.9), schedule(3))
    assert made.warmup == schedule(2)
    assert (made.stack, made.pair, made.grid) == ((layer(1), layer(2, 5)), (layer(7), 1), ((1,), (2, 3)))
    assert made == build(cls, signature(gan).complete(params | {"grid": ((1,), (2, 3)), "stack": made_plain(params)}))
    hash(made)


def made_plain(params: dict[str, Any]) -> Any:
    return tuple(params["stack"])


@pytest.mark.parametrize(("params", "said"), [
    ({"generator": {"rate": 1.0}, "grid": {"a": 1}}, "Gan.grid is annotated"),
    ({"generator": {"rate": 1.0}, "gird": {"a": 1}}, "Gan has no field 'gird'"),
])  # fmt: skip
def test_a_mapping_that_is_no_dataclass_is_an_error_of_the_builder(params: Any, said: str, gan: str) -> None:
    with pytest.raises(TypeError, match=said):
        build(import_module("nested.model").Gan, params)


@pytest.mark.parametrize(("field", "said"), [
    ("x: Loose", "is annotated Loose: Loose is no `@dataclass(frozen=True)`; parameters are bool"),
    ("x: Adam | Schedule", "a mapping in a spec would not say which of the dataclasses it is; parameters are bool"),
    ("x: My | None = None", "My would hold itself; parameters are bool"),
])  # fmt: skip
def test_a_class_that_no_mapping_can_stand_for_is_an_error(field: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "optimisers.py").write_text(OPTIMISERS)
    head = "from dataclasses import dataclass\nfrom optimisers import Adam, Loose, Schedule\n@dataclass(frozen=True)\n"
    (tmp_path / "mine.py").write_text(f"{head}class My:\n    {field}\n")
    with pytest.raises(SignatureError) as caught:
        signature(f"{tmp_path / 'mine.py'}:My")
    assert said in str(caught.value)


def test_layers_meet_inside_a_structure_key_by_key() -> None:
    assert merged({"a": {"b": 1, "c": (1, 2)}, "d": None}, {"a": {"c": (3,)}, "d": {"e": 1}}) == {
        "a": {"b": 1, "c": (3,)}, "d": {"e": 1}
    }  # fmt: skip


@pytest.mark.usefixtures("small_families")
def test_a_spec_that_is_wrong_inside_a_parameter_says_where() -> None:
    rows = "- {label: A, method: lstm, params: {optimiser: {rte: 0.1, betas: [1]}}}"
    said = errors(text(rows))
    assert said == (
        "spec.yaml:10:51: rows.0.params.optimiser.rte: unknown parameter 'optimiser.rte' of method lstm; "
        "did you mean 'rate'? (known: rate, betas)\n"
        "spec.yaml:10:61: rows.0.params.optimiser.betas: parameter 'optimiser.betas' of method lstm must be "
        "tuple[float, float], not [1]"
    )


TASKS = [
    ("protocol: {sampels: 1}", "protocol.sampels: unknown parameter 'sampels' of task generation; "
                               "did you mean 'samples'? (known: samples, threshold)"),
    ("protocol: {samples: 1.5}", "protocol.samples: parameter 'samples' of task generation must be int, not 1.5"),
    ("protocol: {smoke: {samples: x}}",
     "protocol.smoke.samples: parameter 'samples' of task generation must be int, not 'x'"),
]  # fmt: skip


@pytest.mark.usefixtures("small_families")
@pytest.mark.parametrize(("line", "said"), TASKS)
def test_a_protocol_is_checked_against_the_task_wherever_it_stands(line: str, said: str) -> None:
    block = line.removeprefix("protocol: ")
    whole = errors(text("- {label: A, method: lstm}", protocol=block))
    assert whole.endswith(f" {said}")
    assert whole.startswith("spec.yaml:15:")
    of_row = errors(text(f"- {{label: A, method: lstm, {line}}}"))
    assert of_row.endswith(f" rows.0.{said}")
    of_column = errors(text("- {label: A, method: lstm}", columns=f"a: {{label: A, metric: error-rate, {line}}}"))
    assert of_column.endswith(f" columns.a.{said}")
    of_group = errors(text("- {label: A, group: g, method: lstm}", groups=f"{{g: {{label: G, {line}}}}}"))
    assert of_group.endswith(f" groups.g.{said}")


@pytest.mark.usefixtures("small_families")
def test_a_task_may_have_parameters_without_a_default() -> None:
    said = errors(text("- {label: A, method: lstm}", task="demanding"))
    assert said == (
        "spec.yaml:10:5: rows.0: parameter 'streams' of task demanding has no default: write it under `protocol:` of "
        "the table, the row or the column"
    )
    assert small("- {label: A, method: lstm, protocol: {streams: 3}}", task="demanding").rows


@pytest.mark.usefixtures("small_families")
def test_the_lists_of_a_task_are_read_from_its_class() -> None:
    assert task_signature("few-labels").names("VIEW") == ("labels",)
    assert task_signature("pair").names("OTHERS") == ("other",)
    assert task_signature("pair").names("VIEW") == ()


def test_a_view_of_what_is_no_field_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("class T:\n    VIEW = ('lables',)\n    labels: int = 1\n")
    with pytest.raises(SignatureError, match="VIEW names 'lables', which is no field; did you mean 'labels'"):
        task_signature(f"{tmp_path / 'task.py'}:T")
    (tmp_path / "task.py").write_text("class T:\n    OTHERS = 'other'\n")
    with pytest.raises(SignatureError, match="OTHERS is 'other', not a tuple of names"):
        task_signature(f"{tmp_path / 'task.py'}:T").names("OTHERS")


def test_a_task_of_a_file_is_checked_as_a_registered_one(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class Mine:\n    streams: int = 1\n")
    table = text("- {label: A, method: data}", task=f"{tmp_path / 'mine.py'}:Mine", protocol="{strems: 1}")
    assert "unknown parameter 'strems' of task" in errors(table)
    assert loads(table.replace("strems", "streams"), "spec.yaml").protocol == {"streams": 1}
