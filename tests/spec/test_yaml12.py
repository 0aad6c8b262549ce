"""YAML 1.2: what plain words mean, where things stand, and that no text does any harm."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repro.spec import yaml12
from repro.spec.load import load, loads
from repro.spec.problems import Position, SpecError
from tests.spec.helpers import SPEC, errors

# YAML 1.2.2, section 10.3.2 (the core schema), and the words that 1.1 reads otherwise
PLAIN = [
    ("null", None), ("~", None), ("Null", None), ("", None), ("nULL", "nULL"),
    ("true", True), ("False", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("y", "y"), ("tRUE", "tRUE"),
    ("0", 0), ("-19", -19), ("+12", 12), ("007", 7), ("0o7", 7), ("0x3A", 58), ("0b11", "0b11"), ("1_000", "1_000"),
    ("0.", 0.0), ("-0.0", -0.0), (".5", 0.5), ("1e-3", 1e-3), ("2E4", 2e4), ("+12e03", 12000.0), ("1.e2", 100.0),
    ("1e", "1e"), (".", "."), ("1.2.3", "1.2.3"), ("-.inf", -math.inf), (".Inf", math.inf), ("inf", "inf"),
    ("190:20:30", "190:20:30"), ("2001-12-14", "2001-12-14"), ("0x", "0x"), ("=", "="), ("9007199254740991", 2**53 - 1),
]  # fmt: skip

BROKEN = [
    ("", "1:1: the file is empty; a spec begins with `id: paper/table`"),
    ("# a comment\n", "1:1: the file is empty; a spec begins with `id: paper/table`"),
    ("---\n", "1:1: the file is empty; a spec begins with `id: paper/table`"),
    ("a: 1\n---\nb: 2", "2:1: a second document begins here; a file holds one table"),
    (
        "{a: [1, 2}",
        "1:10: not YAML: did not find expected ',' or ']' while parsing a flow sequence that began in line 1",
    ),
    ("a: b: c", "1:5: not YAML: mapping values are not allowed in this context"),
    ("a: *x", "1:4: the alias *x has no anchor &x that ends before it"),
    ("a: &a [*a]", "1:8: the alias *a has no anchor &a that ends before it"),
    ("x: y\nz: \x01", "2:4: the character U+0001 cannot stand in YAML; is this a text file?"),
    ("[" * 60, "1:32: nested deeper than 32 levels"),
    ("- " * 50_000 + "x", "1:63: nested deeper than 32 levels"),
    ("x: \ud800", "1:4: the character U+D800 cannot stand in YAML; is this a text file?"),
]

KEYS = [
    ("1: x", "1:1: a key must be text: write '1' in quotes"),
    ("null: x", "1:1: a key must be text: write 'null' in quotes"),
    ("? [a]\n: b", "1:3: a key must be text, not a list or a mapping"),
    ("a: {b: 1, c: 2,\n  b: 3}", "2:3: a.b: duplicate key 'b', first in line 1"),
    ("a: &x b\n*x : 1\nb: 2", "3:1: b: duplicate key 'b', first in line 2"),
    ("a: !!python/object/apply:os.system [x]", "1:1: a: the tag !!python/object/apply:os.system is not allowed: "
     "a spec is plain data"),
    ("!mine a: 1", "1:1: the tag !mine is not allowed: a spec is plain data"),
    ("a: 9007199254740992", "1:1: a: an integer beyond 9007199254740991 is not exact everywhere; write it as text or "
     "with an exponent"),
    ("a: " + "9" * 5000, "1:1: a: an integer beyond 9007199254740991 is not exact everywhere; write it as text or with "
     "an exponent"),
]  # fmt: skip


def problems(text: str) -> list[str]:
    try:
        loads(text, "changed")
    except SpecError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_plain_word_means_what_the_core_schema_says(text: str, value: object) -> None:
    data = yaml12.parse(f"x: {text}").data["x"]
    assert data == value
    assert type(data) is type(value)


def test_quoted_words_and_blocks_are_text() -> None:
    assert yaml12.parse("a: '1'\nb: \"null\"\nc: |\n  2\n").data == {"a": "1", "b": "null", "c": "2\n"}


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(yaml12.parse("[.nan]").data[0])


@pytest.mark.parametrize(("text", "line"), BROKEN)
def test_a_broken_text_is_named_with_its_place(text: str, line: str) -> None:
    assert errors(text) == f"spec.yaml:{line}"


@pytest.mark.parametrize(("text", "line"), KEYS)
def test_wrong_keys_tags_and_integers_are_named_with_their_place(text: str, line: str) -> None:
    assert f"spec.yaml:{line}" in errors(text).splitlines()


def test_entries_stand_at_their_keys_and_items_where_they_begin() -> None:
    found = yaml12.parse("a:\n  - {b: 1}\n  - [é, c]\nd: 2\n").positions
    assert found == {
        (): (1, 1), ("a",): (1, 1), ("a", 0): (2, 5), ("a", 0, "b"): (2, 6), ("a", 1): (3, 5), ("a", 1, 0): (3, 6),
        ("a", 1, 1): (3, 9), ("d",): (4, 1),
    }  # fmt: skip


def test_an_alias_is_the_value_of_its_anchor_and_stands_at_its_own_place() -> None:
    document = yaml12.parse("a: &x [1, 2]\nb: *x\n")
    assert document.data == {"a": (1, 2), "b": (1, 2)}
    assert document.positions["b", 0] == (1, 8)
    assert document.positions["b",] == (2, 1)


def test_an_aliased_number_is_text_where_it_is_printed_and_a_number_elsewhere() -> None:
    data = yaml12.parse("a: &x 0.90\nb: *x\n", lambda path: path == ("b",)).data
    assert data == {"a": 0.9, "b": "0.90"}


def test_aliases_of_aliases_cannot_grow_without_limit() -> None:
    text = "a: &x0 [1]\n" + "".join(f"k{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 9))
    [problem] = yaml12.parse(text).problems
    assert problem.message == "the aliases of this file stand for over 10000 values"


def test_a_long_chain_of_aliases_is_as_deep_as_it_expands_to() -> None:
    text = "a: &x0 [1]\n" + "".join(f"k{i}: &x{i} [*x{i - 1}]\n" for i in range(1, 3000))
    [problem] = yaml12.parse(text).problems
    assert problem.message == "nested deeper than 32 levels"


def test_what_is_wrong_with_an_entry_does_not_touch_the_next_one() -> None:
    text = "a: 1\na: [{b: 2}, [3]]\nc: !t {d: [4]}\n? [e, {f: 5}]\n: {g: [6]}\nh: !t x\ni: 7\n"
    document = yaml12.parse(text)
    assert document.data == {"a": 1, "c": None, "h": None, "i": 7}
    assert [problem.position for problem in document.problems] == [(2, 1), (3, 1), (4, 3), (6, 1)]


def test_a_key_with_a_line_break_stays_on_its_line_of_the_error() -> None:
    assert (
        "spec.yaml:1:16: 'a\\nb'.c: duplicate key 'c', first in line 1" in errors('"a\\nb": {c: 1, c: 2}').splitlines()
    )


def test_a_byte_order_mark_is_no_character() -> None:
    assert yaml12.parse("\ufeffa: 1").positions["a",] == Position(1, 1)


@pytest.mark.parametrize("parser", [yaml.CSafeLoader, yaml.SafeLoader])
def test_without_the_library_in_c_the_result_is_the_same(parser: type, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = yaml12.parse(SPEC)
    monkeypatch.setattr(yaml12, "_LOADER", parser)
    assert yaml12.parse(SPEC) == expected


@given(st.text())
def test_random_text_is_a_spec_error(text: str) -> None:
    with pytest.raises(SpecError):
        loads(text, "random")


@given(st.lists(st.sampled_from([*"[]{}:,-?&*!|>'\"%@` \n\t#ab1.~", "&a ", "*a", "!!", "---\n", "...\n", "<<", "? "])))
def test_random_yaml_is_a_spec_error(parts: list[str]) -> None:
    with pytest.raises(SpecError):
        loads("".join(parts), "random")


@given(st.data())
def test_a_spec_with_a_character_changed_loads_or_is_a_spec_error(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SPEC) - 1))
    character = data.draw(st.sampled_from("[]{}:,-?&*!|>'\"%@` \n\t#a1.~\x00é"))
    said = problems(SPEC[:place] + character + SPEC[place + 1 :])
    assert [line for line in said if not re.match(r"changed:\d+:\d+: ", line)] == []


@given(st.binary(max_size=64))
def test_random_bytes_are_a_spec_error(content: bytes) -> None:
    class Bytes(type(Path())):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            return content

    with pytest.raises(SpecError):
        load(Bytes("random.yaml"))
