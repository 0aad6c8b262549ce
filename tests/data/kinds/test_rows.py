"""Data sets of rows come out of the layouts in which they are distributed, and a part never passes for the whole."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from repro.contracts import MissingData
from repro.data.kinds import classification, generation, glue, questions
from repro.data.kinds.classification import INFERENCE, within
from repro.data.kinds.rows import (
    Captions,
    ChoiceQuestion,
    Dialogue,
    LabelledText,
    PairText,
    ParallelText,
    Question,
    Utterance,
    text_data,
)  # fmt: skip
from repro.data.sources.entries import ENTRIES
from repro.data.sources.find import cached_files
from tests.data.conftest import Places

Files = Mapping[str, str | bytes]


def load(places: Places, name: str, read: Callable[[], Any], files: Files, counts: dict[str, int]) -> Any:
    """What a loader makes of a few files, of an entry that is told how few they are, without checksums."""
    about = ENTRIES[name]
    small = replace(
        about,
        splits={split: counts.get(split) for split in about.splits},
        stand_ins={split: counts[split] for split in about.stand_ins if split in counts},
        files=tuple(
            replace(
                file, sha256=None, bytes=None,
                otherwise=tuple(replace(form, sha256=None, bytes=None) for form in file.otherwise),
            )
            for file in about.files
        ),
    )  # fmt: skip
    for path, contents in files.items():
        places.put(f"{name}/{path}", contents)
    with patch.dict(ENTRIES, {name: small}):
        return read()


def archive(members: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(text.encode())
            tar.addfile(about, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_topics_are_a_class_from_one_and_texts_with_quotes_and_escaped_line_ends(places: Places) -> None:
    text = '"2","A ""title""","first\\nsecond"\n"1","Only title",""\n'
    data = load(
        places, "dbpedia", classification.dbpedia, {"train.csv": text, "test.csv": text}, {"train": 2, "test": 2}
    )
    assert data.splits["train"] == (LabelledText('A "title" first\nsecond', 1), LabelledText("Only title", 0))
    assert data.complete


def test_a_table_of_another_kind_is_told_with_its_row(places: Places) -> None:
    with pytest.raises(ValueError, match=r"test\.csv, row 1: expected a class from 1"):
        load(places, "yahoo", classification.yahoo, {"test.csv": "text,1\n"}, {"test": 1})


def test_reviews_are_the_same_from_lines_and_from_the_archive(places: Places) -> None:
    rows = [{"label": 0, "text": "bad"}, {"label": 0, "text": "worse"}, {"label": 1, "text": "gut\u0085x"}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    named = {"aclImdb/SPLIT/pos/0_9.txt": "gut\u0085x", "aclImdb/SPLIT/neg/10_2.txt": "worse",
             "aclImdb/SPLIT/neg/2_1.txt": "bad", "aclImdb/SPLIT/unsup/0_0.txt": "x"}  # fmt: skip
    members = {name.replace("SPLIT", split): text for split in ("train", "test") for name, text in named.items()}
    count = {"train": 3, "test": 3}
    first = load(places, "imdb", classification.imdb, {f"imdb.{s}.jsonl": lines for s in ("train", "test")}, count)
    for split in ("train", "test"):
        (places.data / "imdb" / f"imdb.{split}.jsonl").unlink()
    second = load(places, "imdb", classification.imdb, {"aclImdb_v1.tar": archive(members)}, count)
    assert first.splits["test"] == tuple(LabelledText(str(row["text"]), int(str(row["label"]))) for row in rows)
    assert first.checksum == second.checksum


SNLI = [("neutral", "A man .", "He sleeps ."), ("-", "x", "y"), ("entailment", "A dog runs .", "It moves .")]


def test_pairs_without_a_gold_label_are_left_out_in_every_form(places: Places) -> None:
    lines = "".join(
        json.dumps({"gold_label": label, "sentence1": first, "sentence2": second}) + "\n"
        for label, first, second in SNLI
    )
    table = "gold_label\tsentence1\tsentence2\n" + "".join("\t".join(row) + "\n" for row in SNLI)
    numbers = {"-": -1, **{label: number for number, label in enumerate(INFERENCE)}}
    hub = "".join(
        json.dumps({"premise": first, "hypothesis": second, "label": numbers[label]}) + "\n"
        for label, first, second in SNLI
    )
    files = {"snli_1.0_train.jsonl": lines, "snli_1.0_dev.tsv": table, "hub/test.jsonl": hub}
    data = load(places, "snli", classification.snli, files, {"train": 2, "valid": 2, "test": 2})
    expected = (PairText("A man .", "He sleeps .", 1), PairText("A dog runs .", "It moves .", 0))
    assert dict(data.splits) == dict.fromkeys(("train", "valid", "test"), expected)


def test_the_length_filter_keeps_sentences_of_at_most_so_many_tokens(places: Places) -> None:
    table = "gold_label\tsentence1\tsentence2\n" + "".join("\t".join(row) + "\n" for row in SNLI)
    data = load(places, "snli", classification.snli, {"snli_1.0_test.tsv": table}, {"test": 2})
    assert within(data, 3) == {"test": ["A man .", "He sleeps .", "It moves ."]}


@pytest.mark.parametrize(
    ("name", "header", "row", "hub", "expected"),
    [
        ("mrpc", "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String", '1\t1\t2\tHe said "a .\tHe said b .',
         {"sentence1": 'He said "a .', "sentence2": "He said b .", "label": 1, "idx": 0},
         PairText('He said "a .', "He said b .", 1)),
        ("qnli", "index\tquestion\tsentence\tlabel", "0\tWho ?\tHe .\tnot_entailment",
         {"question": "Who ?", "sentence": "He .", "label": 1, "idx": 0}, PairText("Who ?", "He .", 1)),
        ("qqp", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "0\t1\t2\ta ?\tb ?\t0",
         {"question1": "a ?", "question2": "b ?", "label": 0, "idx": 0}, PairText("a ?", "b ?", 0)),
        ("rte", "index\tsentence1\tsentence2\tlabel", "0\ta .\tb .\tentailment",
         {"sentence1": "a .", "sentence2": "b .", "label": 0, "idx": 0}, PairText("a .", "b .", 0)),
        ("wnli", "index\tsentence1\tsentence2\tlabel", "0\ta .\tb .\t1",
         {"sentence1": "a .", "sentence2": "b .", "label": 1, "idx": 0}, PairText("a .", "b .", 1)),
        ("sst-2", "sentence\tlabel", "fine \t1", {"sentence": "fine ", "label": 1, "idx": 0}, LabelledText("fine ", 1)),
    ],
)  # fmt: skip
def test_a_task_of_glue_reads_the_same_from_its_table_and_from_the_hub(
    places: Places, name: str, header: str, row: str, hub: dict[str, Any], expected: object
) -> None:
    table = f"{header}\n{row}\n"
    files = {"train.tsv": table, "hub/validation.jsonl": json.dumps(hub) + "\n"}
    data = load(places, name, glue.LOADERS[name], files, {"train": 1, "valid": 1})
    assert data.splits["train"] == data.splits["valid"] == (expected,)


def test_mnli_has_two_validation_splits(places: Places) -> None:
    table = "index\tsentence1\tsentence2\tgold_label\n0\ta\tb\tcontradiction\n"
    files = dict.fromkeys(("train.tsv", "dev_matched.tsv", "dev_mismatched.tsv"), table)
    data = load(places, "mnli", classification.mnli, files, {})
    assert dict(data.splits) == dict.fromkeys(("train", "valid", "valid-mismatched"), (PairText("a", "b", 2),))


def test_a_row_of_another_width_is_told_with_its_line(places: Places) -> None:
    with pytest.raises(ValueError, match=r"train\.tsv, line 3: expected 2 columns, found 1"):
        load(places, "sst-2", classification.sst_2, {"train.tsv": "sentence\tlabel\na\t1\nb\n"}, {"train": 2})


def test_glue_is_its_tasks_at_hand(places: Places) -> None:
    places.put("rte/train.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n")
    with patch.dict(ENTRIES, {"rte": replace(ENTRIES["rte"], splits={"train": 1, "valid": None})}):
        found = glue.glue()
    assert (list(found.splits), found.complete) == (["rte"], False)
    with pytest.raises(MissingData, match="data set mnli is not at hand: get it with: repro data get mnli"):
        found.splits["mnli"]


SQUAD = {"data": [{"paragraphs": [{"context": "Ann met Bob.", "qas": [
    {"id": "1", "question": "Who?", "answers": [{"text": "Bob", "answer_start": 8}]},
    {"id": "2", "question": "Why?", "answers": [], "is_impossible": True},
]}]}]}  # fmt: skip


def test_answers_are_spans_of_their_passage(places: Places) -> None:
    hub = {"id": "1", "context": "Ann met Bob.", "question": "Who?", "answers": {"text": ["Bob"], "answer_start": [8]}}
    files = {"train-v2.0.json": json.dumps(SQUAD), "hub/validation.jsonl": json.dumps(hub) + "\n"}
    data = load(places, "squad-2.0", questions.squad_2_0, files, {"train": 2, "valid": 1})
    answered = Question("1", "Ann met Bob.", "Who?", ("Bob",), (8,))
    assert data.splits["train"] == (answered, Question("2", "Ann met Bob.", "Why?", (), ()))
    assert data.splits["valid"] == (answered,)


def test_an_answer_that_is_not_where_it_is_said_to_be_is_an_error(places: Places) -> None:
    wrong = json.dumps(SQUAD).replace("8}", "7}")
    with pytest.raises(ValueError, match="question 1: the passage has no 'Bob' at character 7"):
        load(places, "squad-1.1", questions.squad_1_1, {"train-v1.1.json": wrong}, {"train": 2})


def test_choices_are_the_same_from_lines_and_from_the_archive(places: Places) -> None:
    passage = {"id": "middle5.txt", "article": "Text.", "questions": ["Who?", "When?"],
               "options": [["a", "b", "c", "d"]] * 2, "answers": ["B", "D"]}  # fmt: skip
    first = load(places, "race", questions.race, {"race.dev.jsonl": json.dumps({**passage, "level": "middle"}) + "\n"},
                 {"valid": 2})  # fmt: skip
    (places.data / "race" / "race.dev.jsonl").unlink()
    members = {f"RACE/{part}/middle/5.txt": json.dumps(passage) for part in ("train", "dev", "test")}
    second = load(places, "race", questions.race, {"RACE.tar": archive(members)}, {"train": 2, "valid": 2, "test": 2})
    assert first.splits["valid"] == second.splits["valid"]
    assert first.splits["valid"][1] == ChoiceQuestion(
        "middle5.txt-1", "Text.", "When?", ("a", "b", "c", "d"), 3, "middle"
    )
    assert not first.complete
    assert second.complete


def test_parallel_texts_pair_line_by_line_and_take_several_references(places: Places) -> None:
    files = {"input.txt": "long one\nlong two\n", **{f"task1_ref{k}.txt": f"a{k}\nb{k}\n" for k in range(4)}}
    data = load(places, "duc-2004", generation.duc_2004, files, {"test": 2})
    assert data.splits["test"][1] == ParallelText("long two", ("b0", "b1", "b2", "b3"))
    assert data.splits["test"][1].target == "b0"


def test_parallel_files_of_unequal_length_are_an_error(places: Places) -> None:
    with pytest.raises(ValueError, match=r"as many lines, found \{'newstest2013.de': 2, 'newstest2013.en': 1\}"):
        load(places, "wmt-de-en", generation.wmt_de_en, {"newstest2013.de": "a\nb\n", "newstest2013.en": "a\n"}, {})


def test_karpathy_s_restval_belongs_to_train(places: Places) -> None:
    images = [{"filename": f"{split}.jpg", "split": split, "sentences": [{"raw": "One."}, {"raw": "Two."}]}
              for split in ("train", "restval", "val", "test")]  # fmt: skip
    files = {"dataset_coco.json": json.dumps({"images": images})}
    counts = {"train": 2, "valid": 1, "test": 1}
    data = load(places, "coco-captions", generation.coco_captions, files, counts)
    assert [image.image for image in data.splits["train"]] == ["train.jpg", "restval.jpg"]
    assert data.splits["valid"] == (Captions("val.jpg", ("One.", "Two.")),)


def test_sentences_by_sentiment_are_the_negative_ones_first(places: Places) -> None:
    data = load(
        places, "yelp", generation.yelp, {"sentiment.dev.0": "bad .\n", "sentiment.dev.1": "good .\n"}, {"valid": 2}
    )
    assert data.splits["valid"] == (LabelledText("bad .", 0), LabelledText("good .", 1))


def test_dialogues_of_the_substitute_that_are_judged_on_elsewhere_are_left_out(places: Places) -> None:
    utterance = ["A", "hello", ["statement", [0.0, 0.7]]]
    files = {
        "zhao2017.valid.jsonl": json.dumps({"topic": '"MUSIC"', "utts": [utterance]}) + "\n",
        "swda_durand.train.jsonl": "".join(
            json.dumps({"id": number, "utts": [["B", f"said {number}", "sd"]]}) + "\n" for number in ("7", "8")
        ),
        "overlap_zhao2017.csv": "zhao_split,zhao_line_from_0,durand_split,durand_id,shared\nvalid,0,train,7,0.9\n",
    }
    data = load(places, "switchboard", generation.switchboard, files, {"valid": 1, "train-substitute": 1})
    assert data.splits["valid"] == (Dialogue((Utterance("A", "hello", "statement"),), "MUSIC"),)
    assert data.splits["train-substitute"] == (Dialogue((Utterance("B", "said 8", "sd"),)),)
    with pytest.raises(MissingData, match="split train of switchboard is not at hand"):
        data.splits["train"]


def test_a_split_of_the_wrong_size_names_what_it_must_hold(places: Places) -> None:
    with pytest.raises(ValueError, match=r"image-coco: split test must hold 3 sentences, found 2 in .*test_coco\.txt"):
        load(places, "image-coco", generation.image_coco, {"test_coco.txt": "a\nb\n"}, {"test": 3})


def test_a_part_has_a_checksum_of_its_own_and_says_it_is_none(places: Places) -> None:
    part = load(places, "image-coco", generation.image_coco, {"test_coco.txt": "a\nb\n"}, {"test": 2})
    whole = load(places, "image-coco", generation.image_coco, {"image_coco.txt": "c\n"}, {"test": 2, "train": 1})
    assert (part.complete, whole.complete) == (False, True)
    assert part.checksum != whole.checksum
    with pytest.raises(MissingData, match=r"split train of image-coco is not at hand \(only test\): get image_coco"):
        part.splits["train"]
    with pytest.raises(KeyError, match="image-coco has no split 'dev'"):
        part.splits["dev"]


def test_rows_are_read_from_the_cache_too(places: Places) -> None:
    folder = cached_files(ENTRIES["text8"]).with_name("image-coco")
    folder.mkdir(parents=True)
    (folder / "test_coco.txt").write_text("a\n")
    assert load(places, "image-coco", generation.image_coco, {}, {"test": 1}).splits["test"] == ("a",)


def test_a_name_without_an_entry_is_told_with_the_closest() -> None:
    with pytest.raises(ValueError, match="no data set 'imbd'; did you mean 'imdb'"):
        text_data("imbd", lambda _split, _files: iter(()))
