"""What a method takes, read from sources that fail when they are imported."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from repro.registry.source import read_file, read_module
from repro.spec.base import ParamValue
from repro.spec.signature import SignatureError, defaults, docstring, has_fit_many, signature

HEAD = "from dataclasses import dataclass, field\nfrom typing import *\n@dataclass(frozen=True)\nclass My"
ACCEPTED: list[tuple[str, ParamValue]] = [
    ("epochs", 3), ("learning_rate", 0.1), ("learning_rate", 1), ("entropy", "vi"), ("choice", "b"), ("widths", ()),
    ("widths", (1, 2)), ("clip", None), ("clip", 2), ("name", "x"), ("name", None), ("noise", 1), ("warm", True),
]  # fmt: skip
REFUSED: list[tuple[str, ParamValue, str]] = [
    ("epochs", 3.0, "int, not 3.0"), ("epochs", True, "int, not True"), ("epochs", "3", "int, not '3'"),
    ("learning_rate", False, "float, not False"), ("learning_rate", float("inf"), "float, not inf"),
    ("entropy", "const ", "Literal['const', 'nn', 'vi'], not 'const '; did you mean 'const'?"),
    ("choice", 1, "Choice, not 1"), ("widths", (1, 2.5), "tuple[int, ...], not [1, 2.5]"), ("widths", 3, "tuple[int, "
    "...], not 3"), ("clip", "none", "float | None, not 'none'"), ("warm", 1, "bool, not 1"),
]  # fmt: skip


def one_file(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.py").write_text(text)
    return f"{tmp_path / 'mine.py'}:My"


def test_fields_of_the_class_follow_those_of_its_bases_in_other_modules() -> None:
    parameters = signature("egan").parameters
    assert list(parameters) == [
        "epochs", "learning_rate", "entropy", "choice", "widths", "clip", "name", "noise", "warm",
    ]  # fmt: skip
    assert [name for name, each in parameters.items() if each.required] == ["epochs", "entropy"]


def test_defaults_are_those_that_are_literal() -> None:
    assert defaults("egan") == {
        "learning_rate": 2e-4, "choice": "a", "widths": (8, 4), "clip": None, "name": None, "noise": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_value_of_the_annotated_type_is_accepted(name: str, value: ParamValue) -> None:
    assert signature("egan").problem(name, value) is None


@pytest.mark.parametrize(("name", "value", "said"), REFUSED)
def test_a_value_of_another_type_is_refused(name: str, value: ParamValue, said: str) -> None:
    assert signature("egan").problem(name, value) == f"parameter {name!r} of method egan must be {said}"


def test_an_unknown_parameter_is_named_with_the_likely_one() -> None:
    assert signature("egan").problem("epoch", 1) == (
        "unknown parameter 'epoch' of method egan; did you mean 'epochs'? "
        "(known: epochs, learning_rate, entropy, choice, widths, clip, name, noise, warm)"
    )
    assert signature("data").problem("epoch", 1) == ("unknown parameter 'epoch' of method data (it has no parameters)")


def test_what_is_missing_are_the_fields_without_default() -> None:
    assert signature("egan").missing({"epochs": 1}) == ["entropy"]


def test_nothing_is_imported() -> None:
    assert has_fit_many("egan")
    assert not has_fit_many("data")
    assert docstring("egan") == "An energy-based GAN.\n\nMore words."
    assert not {name for name in sys.modules if name.startswith("fakes")}


@pytest.mark.parametrize("method", ["fakes.methods:Egan", "FILE"])
def test_a_class_is_found_by_its_module_or_its_file(method: str, fake_methods: Path) -> None:
    method = method.replace("FILE", f"{fake_methods / 'methods.py'}:Data")
    assert signature(method).method == method


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    method = one_file(tmp_path, f"{HEAD}:\n    a: int = 1\n")
    assert defaults(method) == {"a": 1}
    (tmp_path / "mine.py").write_text(f"{HEAD}:\n    a: int = 1\n    b: int = -2\n")
    assert defaults(method) == {"a": 1, "b": -2}


def test_a_file_takes_bases_from_files_beside_it_and_ignores_foreign_ones(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("class Base:\n    a: int\n    b: int = 2\n")
    text = (
        f"from beside import Base\nfrom torch.nn import Module\n{HEAD}(Base, Module, Protocol):\n    b: float = 3.5\n"
    )
    parameters = signature(one_file(tmp_path, text)).parameters
    assert [(each.name, each.written, each.required) for each in parameters.values()] == [
        ("a", "int", True), ("b", "float", False),
    ]  # fmt: skip


def test_relative_imports_reach_the_module_that_they_name(fake_methods: Path) -> None:
    inner = fake_methods / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text("")
    (inner / "deep.py").write_text("from ..base import Trained as Parent\nclass Deep(Parent):\n    depth: int\n")
    assert list(signature("fakes.inner.deep:Deep").parameters) == ["epochs", "learning_rate", "depth"]


@pytest.mark.parametrize("written", ["dict", "dict[str, int]", "list[int]", "Any", "int | object", "object()", "1 + 1",
                                     "Unknown", "Literal[WHAT]", "tuple[list, ...]", "'int ->'"])  # fmt: skip
def test_an_annotation_that_no_parameter_can_have_is_an_error(written: str, tmp_path: Path) -> None:
    method = one_file(tmp_path, f"{HEAD}:\n    x: {written}\n")
    with pytest.raises(SignatureError) as caught:
        signature(method)
    assert "field 'x' is annotated" in str(caught.value)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    for text, said in (
        ("class My(:\n", f"method {path}:My: {path}:1: invalid syntax"),
        ("class Myy:\n    pass\n", f"method {path}:My: mine.py has no class 'My'; did you mean 'Myy'?"),
        ("x = '\0'", f"method {path}:My: source code string cannot contain null bytes"),
    ):
        with pytest.raises(SignatureError) as caught:
            signature(one_file(tmp_path, text))
        assert str(caught.value) == said
    with pytest.raises(SignatureError, match=r"method ghost: there is no source of the module 'fakes\.ghost'"):
        signature("ghost")
    with pytest.raises(SignatureError, match=r"method no\.py:My: \S*no\.py cannot be read: No such file or directory"):
        signature("no.py:My")
    with pytest.raises(
        ValueError, match=r"unknown method 'egn'; did you mean 'egan'\? \(known: data, egan, ghost, odd\)"
    ):
        signature("egn")


def test_modules_without_source_are_none() -> None:
    assert read_module("sys") is None
    assert read_module("no_such_module.at.all") is None
    found = read_module("repro.spec.model")
    assert found is not None
    assert found is read_file(found.file, "repro.spec.model")
