"""Names that nothing has: planned where they are meant, errors where they are slips; held to all tables."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro.registry import METHODS, METRICS, TASKS
from repro.spec import tables
from repro.spec.check_names import name_problems
from repro.spec.likeness import slip_of
from repro.spec.load import load, unchecked
from repro.spec.planned import planned_names
from repro.spec.registered import Named, is_there
from repro.spec.tables import all_paths
from repro.spec.vocabulary import vocabulary
from tests.spec.families import small, text
from tests.spec.helpers import errors

SLIPS = 20  # of every name of every table
COMING: dict[Named, list[str]] = {
    "method": ["diffusion", "score-sde", "vq-vae", "transformer", "dcgan", "wgan-gp", "ddpm",
               "bart", "gan-gp"],
    "metric": ["ndcg-10", "err-10", "rouge-w", "chrf", "bleurt", "bert-score", "precision-recall", "kid", "mauve"],
    "data set": ["cifar-10-lt", "svhn-extra", "imagenet-128", "wmt-fr-en", "wikitext-4", "yelp-3", "trec", "cr"],
    "task": ["text-to-image", "density-ratio", "image-inpainting", "speech-recognition"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def fake_methods() -> None:
    """The registries here are the project's own."""


def every_table() -> Iterator[Path]:
    return iter(all_paths())


def test_no_name_of_any_table_is_taken_for_a_slip() -> None:
    assert [problem for path in every_table() for problem in name_problems(unchecked(path))] == []


def names_of(path: Path) -> set[tuple[Named, str]]:
    """The names that a table uses and something else knows: what one may slip in."""
    table = unchecked(path)
    known = vocabulary(table.id)
    found: set[tuple[Named, str]] = {("task", table.task)}
    found |= {("metric", column.metric) for column in table.of_runs.values()}
    found |= {("method", row.planned or row.method or "") for row in table.rows if row.quoted is None}
    found |= {("data set", name) for name in (table.data.model_dump().values() if table.data else ())}
    return {(kind, name) for kind, name in found if known.knows(kind, name)}


def slipped(name: str, draw: random.Random) -> str:
    """The name with one letter dropped, added, changed or exchanged with its neighbour."""
    while True:
        at, letter = draw.randrange(len(name)), draw.choice(string.ascii_lowercase)
        found = draw.choice([
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        ])  # fmt: skip
        if found != name:
            return found


@pytest.mark.parametrize(("kind", "least"), [("task", 0.99), ("metric", 0.95), ("data set", 0.94), ("method", 0.75)])
def test_nearly_every_slip_of_a_letter_is_caught(kind: Named, least: float) -> None:
    """Names of methods are short (`arae`, `gnmt`), and a row that says `planned: made` may well not mean `nade`.

    Of names of three letters (`ptb`, in many tables) half are caught: what is a slip there is often a name as well.
    """
    draw, caught, tried = random.Random(0), 0, 0
    for path in every_table():
        known = vocabulary(f"{path.parent.name}/{path.stem}").names(kind)
        for each, name in sorted(names_of(path)):
            for _ in range(SLIPS if each == kind else 0):
                wrong = slipped(name, draw)
                if len(name) > 3 and wrong not in known and not is_there(kind, wrong):
                    tried += 1
                    caught += slip_of(wrong, known, planned=kind == "method") is not None
    assert tried > 500
    assert caught / tried > least


@pytest.mark.parametrize("kind", COMING)
def test_an_honest_name_is_no_slip(kind: Named) -> None:
    known = vocabulary("").names(kind)
    found = {name: slip_of(name, known, planned=kind == "method") for name in COMING[kind]}
    assert found == dict.fromkeys(COMING[kind])


@pytest.mark.parametrize(("name", "known", "meant"), [
    ("perplexty", "perplexity", True), ("awd-lsmt", "awd-lstm", True), ("cifar10", "cifar-10", True),
    ("CIFAR_10", "cifar-10", True), ("awd-lstmm", "awd-lstm", True), ("xwd-lstm", "awd-lstm", True),
    ("ndcg-10", "ndcg-20", False), ("made", "nade", False), ("wgan", "egan", False), ("egna", "egan", True),
    ("awd", "awd-lstm", False), ("perplexity", "perplexity", False),
])  # fmt: skip
def test_a_slip_is_one_letter_or_the_dashes(name: str, known: str, meant: bool) -> None:
    assert slip_of(name, [known], planned=True) == (known if meant else None)


def test_a_name_made_of_known_words_is_no_slip() -> None:
    assert slip_of("gan-image", ["egan-image", "gan"]) is None
    assert slip_of("gan-image", ["egan-image", "egan"]) == "egan-image"


def test_registering_any_planned_method_breaks_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in turn, as a class that has no parameters at all, in all tables that plan it."""
    real = dict(METHODS.entries)
    users: dict[str, list[Path]] = {}
    for path in every_table():
        for name in planned_names(load(path)).names.get("method", ()):
            users.setdefault(name, []).append(path)
    assert len(users) > 20  # there is something to register; fewer with every family that moves in
    for name, paths in users.items():
        monkeypatch.setattr(METHODS, "entries", {**real, name: "tests.spec.test_planned:Nothing"})
        for path in paths:
            table = load(path)
            waiting = [row.name for row in table.rows if row.planned == name]
            assert set(waiting) <= set(planned_names(table).to_set_up)
            assert waiting
    monkeypatch.setattr(METHODS, "entries", {**real, **dict.fromkeys(users, "tests.spec.test_planned:Nothing")})
    for path in every_table():
        load(path)


class Nothing:
    """A method without parameters."""


def test_registering_any_planned_task_breaks_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a task without parameters: those that specs set are planned as long as nothing of the table runs."""
    planned = {name for path in every_table() for name in planned_names(unchecked(path)).names.get("task", ())}
    assert len(planned) > 10
    nothing = dict.fromkeys(planned, "tests.spec.test_planned:Nothing")
    monkeypatch.setattr(TASKS, "entries", {**TASKS.entries, **nothing})
    for path in every_table():
        load(path)


def test_registering_any_planned_metric_breaks_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = {name for path in every_table() for name in planned_names(unchecked(path)).names.get("metric", ())}
    assert len(planned) > 10
    monkeypatch.setattr(METRICS, "entries", {**METRICS.entries, **dict.fromkeys(planned, "x:y")})
    for path in every_table():
        load(path)


def test_a_name_that_another_spec_uses_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "tables_directory", lambda: tmp_path / "tables")
    folder = tmp_path / "tables" / "small"
    folder.mkdir(parents=True)
    spec = text("- {label: A, planned: sequence-gan}", task="sequence-generation")
    (folder / "other.yaml").write_text(spec.replace("small/table", "small/other"))
    said = errors(spec.replace("sequence-gan}", "sequense-gan}"))
    assert "rows.0.planned: unknown method 'sequense-gan'; did you mean 'sequence-gan'?" in said
    (folder / "third.yaml").write_text(
        spec.replace("small/table", "small/third").replace("sequence-gan", "sequense-gan")
    )
    assert small("- {label: A, planned: sequense-gan}", task="sequence-generation").rows[0].planned == "sequense-gan"


def test_a_name_that_is_meant_is_listed_as_planned() -> None:
    rows = "- {label: A, planned: began}"  # two letters of EBGAN exchanged, and another paper
    assert "did you mean 'ebgan'? If it is another one, list it under `planned:` of the table" in errors(text(rows))
    assert small(rows, planned="[began]").planned == ("began",)
