"""`repro score`: every metric on small files, the kinds of files, and files that are none."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro import registry
from repro.metrics import EXPORTS
from repro.metrics.images.mnist_classifier import MnistClassifier
from repro.scoring.table import scorable
from tests.cli.command import python, repro

HYPOTHESES = ["the cat sat on the mat today", "a dog barks at the old tree"]
REFERENCES = ["the cat sat on a mat today", "the dog barks at an old tree"]
LOG_P = [-0.5, -1.5, -2.0, -1.0]
P, Q = [0.5, 0.25, 0.25], [0.25, 0.25, 0.5]
LABELS, PREDICTIONS = [1, 0, 1, 1], [1, 0, 0, 1]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small files of every kind, in the folder that commands run in."""
    random = np.random.default_rng(0)
    text: dict[str, Sequence[object]] = {
        "hypotheses.txt": HYPOTHESES, "references.txt": REFERENCES, "log_p.txt": LOG_P, "p.txt": P, "q.txt": Q,
        "labels.txt": LABELS, "predictions.txt": PREDICTIONS, "scores.txt": [1.0, 2.0, 2.0, 4.0],
        "guesses.txt": [0.1, 0.3, 0.2, 0.4], "errors.txt": [1.0, 2.0, 4.0],
        "run.txt": ["1 Q0 a 1 3.0 x", "1 Q0 b 2 2.0 x"], "qrels.txt": ["1 0 a 0", "1 0 b 4"],
        "answers.txt": ["Denver", "the 7th"], "said.txt": ["denver!", "8th"],
        "many.txt": HYPOTHESES * 6, "styles.txt": ["cats", "dogs"] * 6, "none.txt": [0.1, 0.2],
    }  # fmt: skip
    for name, lines in text.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines))
    arrays = {
        "probabilities": np.eye(4)[np.arange(20) % 4], "matrix": np.outer([1, 2, 3.0], [1, 1, 2.0]),
        "contexts": np.log([[0.5, 0.5], [0.25, 0.75]]), "cost": np.array([[0.0, 1], [1, 0]]),
        "features": np.repeat([[0.0, 0], [2, 0], [0, 2]], 5, axis=0) + random.normal(0, 0.1, (15, 2)),
        "classes": np.repeat([0, 1, 2], 5), "visible": np.array([[0.0, 1], [1, 1]]),
        "ids": random.integers(0, 5, (12, 4)), "embeddings": random.normal(size=(5, 3)),
        "digits": random.integers(0, 256, (6, 28, 28), dtype=np.uint8),
    }  # fmt: skip
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    np.savez(tmp_path / "rbm.npz", weights=np.zeros((2, 3)), visible_bias=np.zeros(2), hidden_bias=np.zeros(3))
    return tmp_path


@pytest.fixture
def mnist(files: Path) -> Path:
    import torch

    torch.manual_seed(0)
    torch.save(MnistClassifier().state_dict(), files / "mnist.pth")
    return files / "mnist.pth"


@dataclass(frozen=True)
class Case:
    """A command line after `repro score`, and the value it must give: by hand, in closed form, or by the function."""

    line: str
    value: float | Callable[[], float] | None = None  # None: it runs, and its own tests hold its value


def tokens(sentences: list[str]) -> list[list[str]]:
    return [sentence.split() for sentence in sentences]


def single(sentences: list[str]) -> list[list[list[str]]]:
    return [[sentence] for sentence in tokens(sentences)]


def metric(name: str, *arguments: Any, **options: Any) -> Callable[[], float]:
    """The value of an exported function."""
    return lambda: float(getattr(import_module(EXPORTS[name]), name)(*arguments, **options).value)


OVERLAP = "hypotheses.txt --references references.txt"
PROBE = "features.npy --test-labels classes.npy --train-features features.npy --train-labels classes.npy"
CASES: dict[str, Case] = {
    "accuracy": Case("predictions.txt --labels labels.txt", 0.75),
    "best-exact-match": Case("said.txt --answers answers.txt --no-answer none.txt", 50.0),  # all have answers
    "best-f1": Case("said.txt --answers answers.txt --no-answer none.txt", 50.0),
    "bits-per-character": Case("log_p.txt", 1.25 / math.log(2)),
    "bits-per-dimension": Case("log_p.txt --levels 256 --count 10", 0.5 / math.log(2) + 8),
    **{
        f"bleu-{n}": Case(OVERLAP, metric("corpus_bleu", tokens(HYPOTHESES), single(REFERENCES), (1 / n,) * n))
        for n in range(1, 6)
    },
    "bleu-precision-recall": Case(f"{OVERLAP} --order 2 --side precision"),
    "cider": Case(OVERLAP, metric("cider_score", tokens(HYPOTHESES), single(REFERENCES))),
    "cider-d": Case(OVERLAP, metric("cider_d", tokens(HYPOTHESES), single(REFERENCES))),
    "classification-f1": Case("predictions.txt --labels labels.txt", 0.8),
    "coco-bleu": Case(f"{OVERLAP} --order 2", metric("coco_bleu", tokens(HYPOTHESES), single(REFERENCES), 2)),
    "coco-rouge-l": Case(OVERLAP, metric("coco_rouge_l", tokens(HYPOTHESES), single(REFERENCES))),
    "corpus-bleu": Case(f"{OVERLAP} --weights 0.5,0.5 --smoothing method1",
                        metric("corpus_bleu", tokens(HYPOTHESES), single(REFERENCES), (0.5, 0.5), smoothing="method1")),
    "distinct-1": Case("hypotheses.txt", 12 / 14),  # `the` stands three times
    "distinct-2": Case("hypotheses.txt", 1.0),
    "distinct-by-sentence": Case("hypotheses.txt --n 1", (6 / 7 + 1) / 2),
    "divergence-limit-error": Case("p.txt --q q.txt --pi 0.01 --limit forward",
                                   metric("divergence_limit_error", P, Q, 0.01, "forward")),
    "duc-recall": Case("hypotheses.txt --references references.txt --kind 1 --no-stem",
                       metric("duc_recall", HYPOTHESES, [[text] for text in REFERENCES], "1", stem=False)),
    "earth-movers-distance": Case("cost.npy", 0.0),
    "ebgan-score": Case("probabilities.npy --floor 0.0001",
                        metric("ebgan_score", np.eye(4)[np.arange(20) % 4], floor=1e-4)),
    "err-20": Case("run.txt --judgements qrels.txt", 15 / 32),
    "error-count": Case("predictions.txt --labels labels.txt", 1.0),
    "error-over-runs": Case("errors.txt", 7 / 3),
    "error-rate": Case("predictions.txt --labels labels.txt", 0.25),
    "exact-match": Case("said.txt --answers answers.txt", 50.0),
    "expected-pairwise-kl": Case("contexts.npy", (0.14384103622589045 + 0.13081203594113694) / 2),
    "f1": Case("said.txt --answers answers.txt", 50.0),
    "forward-perplexity": Case("hypotheses.txt --real many.txt"),
    "frechet-distance": Case("features.npy --reference features.npy", 0.0),
    "frechet-inception-distance": Case("digits.npy --reference digits.npy --network mnist --weights mnist.pth "
                                       "--split mnist/test", 0.0),
    "has-answer-exact-match": Case("said.txt --answers answers.txt", 50.0),
    "has-answer-f1": Case("said.txt --answers answers.txt", 50.0),
    "histogram-kl": Case("p.txt --q q.txt --empty 0", 0.25 * math.log(2)),
    "identity-error": Case("p.txt --right q.txt", metric("identity_error", P, Q)),
    "inception-score": Case("probabilities.npy --splits 1", 4.0),
    "inception-score-in-order": Case("probabilities.npy --splits 5", 4.0),
    "ipot-distance": Case("cost.npy --iterations 200", 0.0),
    "jensen-shannon-divergence": Case("p.txt --q q.txt", metric("jensen_shannon", P, Q)),
    "kl-divergence": Case("p.txt --q q.txt", 0.25 * math.log(2)),
    "linear-probe-error": Case(f"{PROBE} --valid-features features.npy --valid-labels classes.npy", 0.0),
    "log-partition": Case("rbm.npz", 5 * math.log(2)),
    "log-partition-ais": Case("rbm.npz --seed 1 --temperatures 3", 5 * math.log(2)),
    "log-probability": Case("visible.npy --rbm rbm.npz --log-partition 3.4657359027997265", -2 * math.log(2)),
    "mass-off-support": Case("p.txt --q q.txt", metric("mass_off_support", P, Q)),
    "matthews": Case("predictions.txt --labels labels.txt", 1 / math.sqrt(3)),
    "meteor": Case(OVERLAP, metric("meteor_score", tokens(HYPOTHESES), single(REFERENCES))),
    "multi-bleu": Case(OVERLAP, metric("multi_bleu", tokens(HYPOTHESES), single(REFERENCES))),
    "ndcg-20": Case("run.txt --judgements qrels.txt", 1 / math.log2(3)),
    "negative-log-likelihood": Case("log_p.txt", 1.25),
    "nll-oracle": Case("log_p.txt --length 5", 0.25),
    "nll-test": Case("log_p.txt --length 5", 0.25),
    "pearson": Case("guesses.txt --scores scores.txt", metric("pearson", [0.1, 0.3, 0.2, 0.4], [1, 2, 2, 4])),
    "pearson-spearman": Case("guesses.txt --scores scores.txt",
                             metric("pearson_spearman", [0.1, 0.3, 0.2, 0.4], [1, 2, 2, 4])),
    "perplexity": Case("log_p.txt", math.exp(1.25)),
    "perplexity-per-row": Case("log_p.txt --streams 1", math.exp(1.0)),
    "principal-angle": Case("features.npy --reference features.npy", 0.0),
    "rank": Case("matrix.npy", 1.0),
    "reconstruction-error": Case("matrix.npy --originals matrix.npy", 0.0),
    "reverse-perplexity": Case("many.txt --real references.txt"),
    "rouge-1": Case(OVERLAP, metric("rouge_n", tokens(HYPOTHESES), single(REFERENCES), 1)),
    "rouge-2": Case(OVERLAP, metric("rouge_n", tokens(HYPOTHESES), single(REFERENCES), 2)),
    "rouge-l": Case(OVERLAP, metric("rouge_l", tokens(HYPOTHESES), single(REFERENCES))),
    "rouge-lsum": Case(OVERLAP, metric("rouge_l", tokens(HYPOTHESES), single(REFERENCES))),  # of one sentence the same
    "sacrebleu": Case(OVERLAP, metric("sacrebleu", HYPOTHESES, [[text] for text in REFERENCES])),
    "self-bleu": Case("hypotheses.txt --order 2", metric("self_bleu", tokens(HYPOTHESES), 2)),
    "self-bleu-counting-itself": Case("hypotheses.txt --order 2", 1.0),
    "sentence-bleu": Case(f"{OVERLAP} --weights 1",
                          metric("sentence_bleu", tokens(HYPOTHESES), single(REFERENCES), (1,))),
    "singular-value-quantile": Case("scores.txt --quantile 1", 1.0),
    "softmax-probe-error": Case(f"{PROBE} --seed 0 --epochs 30 --batch 5 --learning-rate 0.1", 0.0),
    "spearman": Case("guesses.txt --scores scores.txt", 3 / math.sqrt(10)),
    "temperature": Case("p.txt --energy scores3.txt"),
    "tempered-kl": Case("p.txt --energy scores3.txt"),
    "tensorflow-nmt-bleu": Case(OVERLAP, metric("tensorflow_nmt_bleu", tokens(HYPOTHESES), single(REFERENCES))),
    "tensorflow-nmt-rouge": Case(f"{OVERLAP} --kind l",
                                 metric("tensorflow_nmt_rouge", tokens(HYPOTHESES), tokens(REFERENCES), "l")),
    "texygen-bleu": Case(f"{OVERLAP} --order 2", metric("texygen_bleu", tokens(HYPOTHESES), tokens(REFERENCES), 2)),
    "texygen-bleu-fast": Case(f"{OVERLAP} --order 2",
                              metric("texygen_bleu", tokens(HYPOTHESES), tokens(REFERENCES), 2)),
    "transfer-rate": Case("many.txt --wanted styles.txt --train many.txt --train-labels styles.txt"),
    "word-mover-distance": Case("ids.npy --references ids.npy --embeddings embeddings.npy --critics 2 --steps 3"),
}  # fmt: skip
SLOW = {"forward-perplexity", "reverse-perplexity"}  # they train a network
ELSEWHERE = {"meteor-1.5"}  # of a jar that is not shipped: tests/metrics/text has its tests


def test_every_metric_can_be_scored_or_says_why_not() -> None:
    for metric in registry.METRICS.own_declared.values():
        assert bool(metric.files) != bool(metric.no_files), metric.name
    assert scorable().keys() == CASES.keys() | ELSEWHERE


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long) if name in SLOW else name for name in CASES]
)
def test_a_metric_gives_one_document_with_its_value(name: str, files: Path, mnist: Path) -> None:
    (files / "scores3.txt").write_text("1\n2\n4\n")
    case = CASES[name]
    said = repro("score", name, *case.line.split(), "--json")
    assert (said.code, said.err) == (0, "")
    found = said.json
    assert found.keys() - {"items"} == {"metric", "value", "signature", "details"}
    assert found["metric"] == name
    assert "|impl:" in found["signature"]
    expected = case.value() if callable(case.value) else case.value
    if expected is not None:
        assert found["value"] == pytest.approx(expected, abs=1e-9)
    printed = repro("score", name, *case.line.split())
    assert printed.out.split()[:2] == [name, f"{found['value']:.10g}"]
    assert printed.out.endswith(found["signature"] + "\n")


def test_items_come_in_the_order_of_the_file() -> None:
    found = repro("score", "error-rate", "predictions.txt", "--labels", "labels.txt", "--json").json
    assert found["items"] == [0, 0, 1, 0]
    assert found["details"] == {"errors": 1}


@pytest.mark.parametrize("name", scorable())
def test_a_metric_s_help_names_its_files_and_options(name: str) -> None:
    said = repro("score", name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: repro score {name} ")
    for file in scorable()[name].files[1:]:
        assert f"{file.option} FILE" in said.out


def test_the_list_has_a_line_for_each_metric_and_its_files() -> None:
    for arguments in ([], ["--list"]):
        lines = repro("score", *arguments).out.splitlines()[1:]
        assert [line.split()[0] for line in lines] == list(scorable())
    assert "ndcg-20                     RUN --judgements FILE\n" in repro("score", "--list").out
    listed = repro("score", "--list", "--json").json
    assert {"metric": "accuracy", "files": ["PREDICTIONS", "--labels FILE"]} in listed


def test_a_function_s_name_is_its_metric_s() -> None:
    found = repro("score", "error_rate", "predictions.txt", "--labels", "labels.txt", "--json").json
    assert found["metric"] == "error-rate"
    said = repro("score", "rouge_n", *OVERLAP.split())
    assert (said.code, said.err) == (2, "repro: rouge_n computes several metrics: name one of rouge-1, rouge-2\n")


def write(path: Path, content: str | bytes) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_a_field_a_column_and_an_array_are_picked_by_name(files: Path) -> None:
    write(
        files / "rows.jsonl",
        "".join(json.dumps({"y": y, "said": x}) + "\n" for y, x in zip(LABELS, PREDICTIONS, strict=True)),
    )
    write(files / "rows.csv", "y,said\r\n" + "".join(f"{y},{x}\r\n" for y, x in zip(LABELS, PREDICTIONS, strict=True)))
    np.savez(files / "rows.npz", y=LABELS, said=PREDICTIONS)
    write(files / "one.csv", "y\n" + "".join(f"{y}\n" for y in LABELS))
    write(files / "plain.jsonl", "".join(f"{y}\n" for y in LABELS))
    np.savez(files / "one.npz", y=LABELS)
    for scored in ("rows.jsonl:said", "rows.csv:said", "rows.npz:said", "predictions.txt"):
        for right in ("rows.jsonl:y", "rows.csv:y", "rows.npz:y", "one.csv", "plain.jsonl", "one.npz"):
            found = repro("score", "error-rate", scored, "--labels", right, "--json")
            assert found.json["value"] == 0.25, (scored, right, found.err)


def test_labels_may_be_words_of_text_csv_and_arrays(files: Path) -> None:
    write(files / "a.txt", "cat\ndog\n")
    write(files / "b.csv", 'name\n"cat"\n"cat"\n')
    np.save(files / "c.npy", np.array(["cat", "cat"]))
    for right in ("b.csv:name", "c.npy"):
        assert repro("score", "accuracy", "a.txt", "--labels", right, "--json").json["value"] == 0.5
    found = repro("score", "classification-f1", "a.txt", "--labels", "b.csv:name", "--positive", "cat", "--json").json
    assert found["value"] == pytest.approx(2 / 3)


def test_several_references_come_from_several_files_or_from_a_list(files: Path) -> None:
    write(files / "more.txt", "cats\ndogs\n")
    write(
        files / "lists.jsonl",
        "".join(json.dumps([a, b]) + "\n" for a, b in zip(REFERENCES, ["cats", "dogs"], strict=True)),
    )
    two = repro("score", "bleu-2", *OVERLAP.split(), "--references", "more.txt", "--json").json
    listed = repro("score", "bleu-2", "hypotheses.txt", "--references", "lists.jsonl", "--json").json
    assert two == listed
    answers = ["score", "f1", "said.txt", "--answers", "answers.txt", "--answers", "more.txt", "--json"]
    assert repro(*answers).json["value"] == 50


def test_a_summary_of_several_sentences_is_scored_by_sentence(files: Path) -> None:
    write(files / "a.jsonl", json.dumps(["the cat sat", "a dog barks"]) + "\n" + json.dumps("one\ntwo") + "\n")
    write(files / "b.jsonl", json.dumps(["a dog barks", "the cat sat"]) + "\n" + json.dumps("two\none") + "\n")
    assert repro("score", "rouge-lsum", "a.jsonl", "--references", "b.jsonl", "--json").json["value"] == 1
    whole = [" ".join(text.replace("\n", " ").split()) for text in ("the cat sat a dog barks", "one two")]
    write(files / "a.txt", "\n".join(whole) + "\n")
    write(files / "b.txt", "a dog barks the cat sat\ntwo one\n")
    assert repro("score", "rouge-l", "a.txt", "--references", "b.txt", "--json").json["value"] == 0.5


def test_sentences_are_split_at_blanks_unless_a_tokenisation_is_named(files: Path) -> None:
    write(files / "a.txt", "Hello, world.\n")
    write(files / "b.txt", "hello world\n")
    plain = repro("score", "rouge-1", "a.txt", "--references", "b.txt", "--json").json
    folded = repro("score", "rouge-1", "a.txt", "--references", "b.txt", "--tokens", "rouge", "--json").json
    assert (plain["value"], folded["value"]) == (0, 1)
    assert "|tokens:whitespace" in plain["signature"]
    assert "|tokens:rouge" in folded["signature"]


def test_an_empty_line_is_an_empty_sentence(files: Path) -> None:
    write(files / "a.txt", "the cat\n\n")
    found = repro("score", "rouge-1", "a.txt", "--references", "references.txt", "--json").json
    assert found["items"][1] == 0
    assert len(found["items"]) == 2


def test_a_matrix_may_be_text_csv_with_or_without_a_head_or_json(files: Path) -> None:
    write(files / "m.txt", "1 2\n2 4\n")
    write(files / "m.csv", "1,2\n2,4\n")
    write(files / "head.csv", "x,y\n1,2\n2,4\n")
    write(files / "m.jsonl", "[1, 2]\n[2, 4]\n")
    for name in ("m.txt", "m.csv", "head.csv", "m.jsonl"):
        assert repro("score", "rank", name, "--json").json["value"] == 1, name


def test_images_go_through_the_mnist_classifier(mnist: Path) -> None:
    line = ["score", "inception-score", "digits.npy", "--splits", "2", "--network", "mnist", "--weights", "mnist.pth"]
    found = repro(*line, "--json").json
    assert 1 <= found["value"] <= 10
    assert "|network:mnist-classifier|weights:" in found["signature"]
    in_order = repro("score", "inception-score-in-order", *line[2:], "--json").json
    assert "|order:given|" in in_order["signature"]
    said = repro("score", "ebgan-score", "digits.npy")
    assert said.err == "repro: the MNIST classifier has no weights of its own: give a file with --weights\n"
    assert said.code == 2


class Executed:
    """Writes a file where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, ("executed",)


HOSTILE: dict[str, tuple[str | bytes, str, str]] = {
    # name of the file: contents, the rest of the command line, what is said
    "empty.txt": ("", "error-over-runs empty.txt", "empty.txt is empty"),
    "words.txt": ("0.5\nx\n", "error-over-runs words.txt", "words.txt:2: a number is expected, not 'x'"),
    "gap.txt": ("0.5\n\n1\n", "error-over-runs gap.txt", "gap.txt:2: a number is expected, not ''"),
    "nan.txt": ("0.5\nnan\n", "error-over-runs nan.txt", "nan.txt:2: a finite number is expected, not nan"),
    "inf.jsonl": ("1\n1e999\n", "error-over-runs inf.jsonl", "inf.jsonl:2: a finite number is expected, not inf"),
    "latin.txt": (b"caf\xe9\nx\n", "distinct-1 latin.txt", "latin.txt:1: not UTF-8 text"),
    "late.txt": (b"ok\nok\n\xff\n", "distinct-1 late.txt", "late.txt:3: not UTF-8 text"),
    "ragged.csv": ("a,b\n1,2\n3\n", "error-over-runs ragged.csv:a", "ragged.csv:3: 1 columns, the first line has 2"),
    "quote.csv": ('a\n"1\n', "error-over-runs quote.csv", "quote.csv:2: no CSV: unexpected end of data"),
    "two.csv": ("a,b\n1,2\n", "error-over-runs two.csv",
                "two.csv: name the column, one of a, b: two.csv:COLUMN"),
    "column.csv": ("a,b\n1,2\n", "error-over-runs column.csv:c", "column.csv: there is no column 'c', only a, b"),
    "broken.jsonl": ("1\n{\n", "error-over-runs broken.jsonl",
                     "broken.jsonl:2: no JSON: Expecting property name enclosed in double quotes"),
    "field.jsonl": ('{"a": 1}\n{"b": 1}\n', "error-over-runs field.jsonl:a",
                    "field.jsonl:2: there is no field 'a'"),
    "fields.jsonl": ('{"a": 1, "b": 2}\n', "error-over-runs fields.jsonl",
                     "fields.jsonl:1: name the field, one of a, b: fields.jsonl:FIELD"),
    "null.jsonl": ("1\nnull\n", "error-over-runs null.jsonl",
                   "null.jsonl:2: a number or a text is expected, not null"),
    "true.jsonl": ("1\ntrue\n", "error-over-runs true.jsonl",
                   "true.jsonl:2: a number or a text is expected, not true"),
    "number.jsonl": ('"a"\n7\n', "distinct-1 number.jsonl", "number.jsonl:2: a text is expected, not 7"),
    "row.jsonl": ("[1]\n2\n", "rank row.jsonl", "row.jsonl:2: a list of numbers is expected"),
    "uneven.txt": ("1 2\n3\n", "rank uneven.txt", "uneven.txt:2: 1 numbers, the first row has 2"),
    "torn.npy": (b"\x93NUMPY\x01\x00", "rank torn.npy",
                 "torn.npy: it is damaged, or not as numpy writes it (ValueError)"),
    "torn.npz": (b"PK\x03\x04rest", "rank torn.npz",
                 "torn.npz: it is damaged, or not as numpy writes it (BadZipFile)"),
    "text.npy": ("1 2 3\n", "rank text.npy", "text.npy: it is damaged, or not as numpy writes it (ValueError)"),
    "short.txt": ("1\n", "error-rate short.txt --labels labels.txt",
                  "1 predictions for 4 labels: each item needs one of both"),
    "few.txt": ("one\n", "bleu-1 hypotheses.txt --references few.txt",
                "2 hypotheses and 1 lists of references: one list for each"),
    "other.txt": ("one\n", "bleu-1 hypotheses.txt --references references.txt --references other.txt",
                  "the files of references have 2 and 1 items: each needs one for each"),
    "bad.run": ("1 Q0 a 1 3.0\n", "ndcg-20 bad.run --judgements qrels.txt",
                "bad.run:1: 6 columns are expected (topic Q0 document rank score name), these are 5"),
    "twice.run": ("1 Q0 a 1 3 x\n1 Q0 a 2 2 x\n", "ndcg-20 twice.run --judgements qrels.txt",
                  "twice.run:2: document a stands twice for topic 1"),
    "grade.qrels": ("1 0 a 0.5\n", "ndcg-20 run.txt --judgements grade.qrels",
                    "grade.qrels:1: a whole number is expected as grade, not '0.5'"),
    "no.pth": ("x", "inception-score digits.npy --weights no.pth",
               "no.pth is no file of weights that torch.save wrote, or holds more than tensors"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_none_is_one_line_and_exit_code_2(name: str, files: Path) -> None:
    contents, line, message = HOSTILE[name]
    write(files / name, contents)
    for form in ([], ["--json"]):
        said = repro("score", *line.split(), *form)
        assert (said.code, said.out, said.err) == (2, "", f"repro: {message}\n")


def test_pickled_arrays_are_not_loaded(files: Path) -> None:
    np.save(files / "objects.npy", np.array([Executed()], dtype=object), allow_pickle=True)
    np.savez(files / "objects.npz", x=np.array([Executed()], dtype=object), allow_pickle=True)
    for name, at in (("objects.npy", ""), ("objects.npz", "array 'x': ")):
        said = repro("score", "rank", name)
        assert (said.code, said.out) == (2, "")
        assert said.err == f"repro: {name}: {at}it holds Python objects, which are never read\n"
    assert not (files / "executed").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("error-rate missing.txt --labels labels.txt", "there is no file 'missing.txt'"),
        ("error-rate missing.csv:x --labels labels.txt", "there is no file 'missing.csv'"),
        ("error-rate . --labels labels.txt", "there is no file '.'"),
        ("rank labels.txt --precision float128", "argument --precision: invalid choice: 'float128'"),
        ("fid images.npy", "unknown metric 'fid'; did you mean 'frechet-inception-distance'?"),
        ("eror-rate labels.txt", "unknown metric 'eror-rate'; did you mean 'error-rate'? (`repro score` lists all)"),
        ("error-rate labels.txt", "the following arguments are required: --labels"),
        ("error-rate", "the following arguments are required: FILE, --labels"),
        ("error-rate predictions.txt --labels labels.txt --splits 3", "unrecognized arguments: --splits 3"),
        ("inception-score probabilities.npy --splits ten", "argument --splits: invalid int value: 'ten'"),
        ("inception-score probabilities.npy --splits 99",
         "splits must be from 1 to the number of images, 20; it is 99"),
        ("inception-score labels.txt", "labels.txt: an .npy or .npz file is expected here"),
        ("log-partition matrix.npy", "matrix.npy: an .npz file is expected here"),
        ("rank rbm.npz", "rbm.npz: name the array, one of weights, visible_bias, hidden_bias: rbm.npz:ARRAY"),
        ("rank rbm.npz:x", "rbm.npz: there is no array 'x', only weights, visible_bias, hidden_bias"),
        ("rank classes.npy", "classes.npy: numbers in 2 dimensions are expected, these are int64 of shape (15,)"),
        ("corpus-bleu hypotheses.txt --references references.txt --weights 1,x",
         "argument --weights: expected numbers with commas between them, not '1,x'"),
        ("rouge-1 hypotheses.txt --references references.txt --tokens words",
         "unknown tokenisation 'words' (known: whitespace, blank, 13a, intl, zh, char, rouge, rouge-stem, "),
        ("inception-score digits.npy --weights none.pth", "there is no weights file none.pth"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_one_line_and_a_hint(line: str, message: str) -> None:
    said = repro("score", *line.split())
    assert (said.code, said.out) == (2, "")
    first, *hint = said.err.splitlines()
    assert first.startswith(f"repro: {message}")
    assert hint in ([], [f"       repro score {line.split()[0]} --help"])


def test_the_command_s_own_help_is_shown() -> None:
    said = repro("score", "--help")
    assert said.code == 0
    assert said.out.startswith("Usage: repro score [OPTIONS] [METRIC]")


def test_listing_the_metrics_imports_none_of_them() -> None:
    heavy = ("numpy", "scipy", "sklearn", "torch", "nltk", "sacrebleu", "pandas")
    code = (
        "import sys; from repro.cli.main import main\n"
        "try: main(['score'])\n"
        f"except SystemExit: print([m for m in sys.modules if m.startswith({heavy!r})], file=sys.stderr)"
    )
    assert python("-c", code).err == "[]\n"


OWN_METRIC = '''
import numpy as np

from repro.metrics import File, Metric, Score

METRICS = (
    Metric("gap", "gap", better="lower", unit="nats",
           files=(File("p", "numbers", "one"), File("q", "numbers", "other"))),
    Metric("bare", "bare", files=(File("p", "numbers", "one"),)),
)


def gap(p: np.ndarray, q: np.ndarray, *, power: float = 1.0) -> Score:
    """The mean of |p - q| to a power."""
    return Score(float((np.abs(p - q) ** power).mean()), f"gap|power:{power}")


def bare(p: np.ndarray) -> float:
    return float(p.mean())


def silent(p: np.ndarray) -> Score: ...
'''


def test_a_metric_of_one_s_own_is_scored_from_its_file(files: Path) -> None:
    write(files / "own.py", OWN_METRIC)
    found = repro("score", "own.py:gap", "p.txt", "--q", "q.txt", "--power", "2", "--json").json
    assert found == {"metric": "own.py:gap", "value": 2 * 0.25**2 / 3, "signature": "gap|power:2.0", "details": {}}
    assert "--power FLOAT" in repro("score", "own.py:gap", "--help").out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("own.py:bare", "repro: bare must give a repro.metrics.Score, it gave float\n"),
        ("own.py:silent", "repro: own.py:silent cannot be computed from files: its declaration names no files"),
        ("own.py:gone", "repro: metric own.py:gone: own.py has no 'gone'"),
        ("nowhere.py:gap", "repro: metric nowhere.py:gap: nowhere.py cannot be read: No such file or directory"),
        ("share-above", "repro: share-above cannot be computed from files: it is of the trainings of a grid\n"),
        ("perplexty", "repro: unknown metric 'perplexty'; did you mean 'perplexity'? (`repro score` lists all)\n"),
    ],
)
def test_a_metric_that_cannot_be_scored_says_why(files: Path, name: str, said: str) -> None:
    write(files / "own.py", OWN_METRIC)
    found = repro("score", name, "p.txt")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(said)
