"""What files and pipes hold, however they are written: the same items, or one line that asks or refuses."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro import files
from repro.scoring.inputs import check_written_alike, read
from repro.scoring.place import STDIN, Source, place_of
from tests.cli.command import ROOT, repro

ITEMS = ["the cat\nsat, on the mat", 'he said "no"', "é", "", "x y"]
"""A newline, a comma and a quote within an item, a letter beyond ASCII, an empty text."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, contents: str | bytes) -> str:
    Path(name).write_bytes(contents.encode() if isinstance(contents, str) else contents)
    return name


def texts(place: str, **how: Any) -> list[str]:
    found: list[str] = read("texts", place, Source(**how))
    return found


def table(rows: list[list[str]], form: str) -> str:
    """Rows as the module csv writes them."""
    import csv

    out = io.StringIO(newline="")
    csv.writer(out, dialect="excel" if form == "csv" else "excel-tab").writerows(rows)
    return out.getvalue()


def in_every_form(items: list[str]) -> dict[str, str | bytes]:
    """Names of places, and what their files hold: the same items everywhere."""
    objects = [{"n": i, "hyp": item} for i, item in enumerate(items)]
    rows = [["n", "hyp"], *([str(i), item] for i, item in enumerate(items))]
    arrays = io.BytesIO()
    np.savez(arrays, n=np.arange(len(items)), hyp=np.array(items))
    alone = io.BytesIO()
    np.save(alone, np.array(items))
    as_lines = "".join(json.dumps(each) + "\n" for each in objects)
    return {
        "a.csv:hyp": table(rows, "csv"), "A.CSV:hyp": table(rows, "csv").replace("\r\n", "\n"),
        "a.tsv:hyp": table(rows, "tsv"), "a.jsonl:hyp": as_lines, "a.ndjson:hyp": as_lines, "A.JSONL:hyp": as_lines,
        "lines.json:hyp": as_lines, "a.json:hyp": json.dumps(objects, indent=1),
        "columns.json:hyp": json.dumps({"hyp": items, "n": [1]}), "list.json": json.dumps(items, ensure_ascii=False),
        "pandas.json:hyp": json.dumps({"hyp": {str(i): item for i, item in enumerate(items)}}),
        "plain.jsonl": "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items) + "\n\n",
        "a.npz:hyp": arrays.getvalue(), "a.npy": alone.getvalue(), "a.jsonl.gz:hyp": gzip.compress(as_lines.encode()),
    }  # fmt: skip


def test_every_form_holds_the_same_items() -> None:
    for place, contents in in_every_form(ITEMS).items():
        write(place.partition(":")[0], contents)
        assert texts(place) == ITEMS, place


def test_a_json_list_is_its_items_and_never_one_text() -> None:
    """Two hypotheses and two lists of one answer; the same bytes as a line of JSON lines are one list, and no text."""
    written = write("list.json", '["a b c", "d e f"]\n')
    write("gold.json", '["a b c", "d e"]\n')
    for answers, value in ((written, 100), ("gold.json", 50)):
        found = repro("score", "exact-match", written, "--answers", answers, "--json").json
        assert (found["value"], found["details"]["questions"]) == (value, 2)
    write("list.jsonl", Path("list.json").read_text())
    with pytest.raises(ValueError, match=r"^list\.jsonl:1: a text is expected, not \["):
        texts("list.jsonl")


@pytest.mark.parametrize("name", ["a.csv.GZ", "a.CSV.Xz", "a.csv", "-.csv"])
def test_what_is_packed_is_unpacked_whatever_it_is_called(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    packed = (lzma.compress if name.endswith("Xz") else gzip.compress)(b"y\ncat\n")
    if name == "-.csv":
        stdin(monkeypatch, packed)
        assert texts("/dev/stdin.csv:y") == ["cat"]
    else:
        assert texts(f"{write(name, packed)}:y") == ["cat"]


@pytest.mark.parametrize("name", ["pred", "pred.out", "pred.hyp.gz"])
def test_a_file_of_json_that_is_not_called_so_is_a_question(name: str) -> None:
    contents = b'{"hyp": "a"}\n'
    write(name, gzip.compress(contents) if name.endswith("gz") else contents)
    with pytest.raises(ValueError, match=rf"^{name} looks like JSON lines: say what it is by its name"):
        texts(name)
    write("pred.txt", contents)
    assert texts("pred.txt") == ['{"hyp": "a"}'], "a model may be asked for JSON"
    write("quoted.out", '"a" b\n7\n')
    assert texts("quoted.out") == ['"a" b', "7"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_no_part_of_the_text(encoding: str) -> None:
    for place, contents in in_every_form(ITEMS).items():
        if isinstance(contents, str):
            write(place.partition(":")[0], contents.encode(encoding))
            assert texts(place) == ITEMS, place
    write("a.txt", "cat\r\ndog\r\n".encode(encoding))
    assert texts("a.txt") == ["cat", "dog"]


def test_only_a_newline_ends_a_line_and_the_return_before_it_is_no_text() -> None:
    write("a.txt", "a\u2028b\r\nc\x0cd\x85\r\n")
    assert texts("a.txt") == ["a\u2028b", "c\x0cd\x85"]


# Heads: what stands in the first row decides, the same for labels, texts, numbers and matrices.


@pytest.mark.parametrize(
    ("contents", "how", "items"),
    [
        ("y\n1\n0\n", {}, ["1", "0"]),  # a word above numbers
        ("1\n0\n1\n", {}, ["1", "0", "1"]),  # a number above numbers
        ("0\n1\n0\n", {}, None),  # pandas heads a Series with 0; so may a column of labels begin
        ("0\n1\n0\n", {"head": True}, ["1", "0"]),
        ("0\n1\n0\n", {"head": False}, ["0", "1", "0"]),
        ("name\ncat\n", {}, None),  # a word above words
        ("name\ncat\n", {"head": True}, ["cat"]),
        ("name\ncat\n", {"head": False}, ["name", "cat"]),
        (",pred\n0,cat\n1,dog\n", {}, ["cat", "dog"]),  # pandas' index
        (",0\n0,7\n1,8\n", {}, ["7", "8"]),  # and its unnamed Series
        (",0\n3,7\n5,8\n", {}, ["7", "8"]),  # of which rows were left out
        ("id,pred\n0,cat\n", {}, None),  # two columns, both named
        ("1,0\n1,1\n", {}, None),  # two columns, both without a name
    ],
)
def test_one_column_of_a_table_is_read_with_or_without_a_head(contents: str, how: Any, items: list[str] | None) -> None:
    write("a.csv", contents)
    if items is None:
        with pytest.raises(ValueError, match=r"^a\.csv: (is its first row|name the column|say which)"):
            read("labels", "a.csv", Source(**how))
    else:
        assert read("labels", "a.csv", Source(**how)).tolist() == items
        assert texts("a.csv", **how) == items


def test_a_column_is_named_or_where_there_is_no_head_numbered() -> None:
    write("a.csv", "1,7\n2,8\n")
    assert texts("a.csv:2", head=False) == ["7", "8"]
    with pytest.raises(ValueError, match=r"^a\.csv: is its first row, '1, 7', a head\?"):
        texts("a.csv:1")  # a name of the first row, or a number of a column?
    with pytest.raises(ValueError, match="it has no head, and 2 columns, 1 to 2: there is no '3'"):
        texts("a.csv:3")
    write("twice.csv", "a,a\n1,2\n")
    with pytest.raises(ValueError, match="2 columns are called 'a'"):
        texts("twice.csv:a")


def test_texts_that_happen_to_have_as_many_semicolons_are_read_where_the_head_is_said() -> None:
    write("a.csv", "one; two\nthree; four\n")
    assert texts("a.csv", head=False) == ["one; two", "three; four"]
    with pytest.raises(ValueError, match="separated by semicolons"):
        texts("a.csv")


@pytest.mark.parametrize(
    ("contents", "how", "rows"),
    [
        ("1.5,2\n3,4\n", {}, [[1.5, 2], [3, 4]]),
        ("x,y\n1.5,2\n3,4\n", {}, [[1.5, 2], [3, 4]]),
        (",x,y\n0,1.5,2\n1,3,4\n", {}, [[1.5, 2], [3, 4]]),  # pandas: an index, and a head
        (",0,1\n0,1.5,2\n1,3,4\n", {}, [[1.5, 2], [3, 4]]),  # of an array
        ("0,1\n1.5,2\n3,4\n", {}, None),  # to_csv(index=False) of an array, or a row of it?
        ("0,1\n1.5,2\n3,4\n", {"head": True}, [[1.5, 2], [3, 4]]),
        ("0,1\n1.5,2\n", {"head": False}, [[0, 1], [1.5, 2]]),
        ("0,5.5\n1,6\n2,7\n", {}, None),  # an index, or numbers?
        ("0,5.5\n1,6\n2,7\n", {"index": True}, [[5.5], [6], [7]]),
        ("0,5.5\n1,6\n2,7\n", {"index": False}, [[0, 5.5], [1, 6], [2, 7]]),
        ("nan,2\n3,4\n", {}, None),  # no head, but a number that is missing
        (",2\n3,4\n", {}, None),
        ("1_0,2\n3,4\n", {}, None),
    ],
)
def test_a_matrix_is_read_by_the_same_rule(contents: str, how: Any, rows: list[list[float]] | None) -> None:
    write("m.csv", contents)
    write("m.tsv", contents.replace(",", "\t"))
    for name in ("m.csv", "m.tsv"):
        if rows is None:
            with pytest.raises(ValueError, match=rf"^{name}: (is its first row|its first column)"):
                read("matrix", name, Source(**how))
        else:
            assert read("matrix", name, Source(**how)).tolist() == rows


@pytest.mark.parametrize(
    ("contents", "items"),
    [
        ('y\tn\n"Hello\t1\nworld"\t0\n', None),  # one cell with a tab and a line end, or two rows with a quote each?
        ('y\tn\n"yes"\t1\nno\t0\n', None),  # no program puts quotes around this one alone
        ('y\tn\n"yes"\t1\nno\t0\n\n', None),  # an empty line at the end changes nothing
        ('y\tn\n"yes"\t1\n"no"\t0\n', ["yes", "no"]),
        ('y\tn\n"a ""b"""\t1\nno\t0\n', ['a "b"', "no"]),
        ('y\tn\n"a\nb"\t1\nno\t0\n', ["a\nb", "no"]),
        ('y\tn\nsay "b"\t1\nno\t0\n', ['say "b"', "no"]),
    ],
)
def test_quotes_of_a_tsv_are_around_texts_or_part_of_them(contents: str, items: list[str] | None) -> None:
    write("a.tsv", contents)
    if items is None:
        with pytest.raises(ValueError, match=r"^a\.tsv: are its quotes around texts, or part of them\?"):
            texts("a.tsv:y")
    else:
        assert texts("a.tsv:y") == items


# Labels and numbers.


def test_labels_are_text_whatever_form_they_are_in() -> None:
    write("a.txt", "007\n1_2\n \u0664 \ncat\n")
    assert read("labels", "a.txt", Source()).tolist() == ["007", "1_2", "\u0664", "cat"]
    write("a.jsonl", '1\n"1"\n1.0\n"1.0"\n')
    assert read("labels", "a.jsonl", Source()).tolist() == ["1", "1", "1", "1.0"], (
        "a number has one form, a text its own"
    )
    for array in (
        np.array([1, 0]),
        np.array([1.0, 0.0]),
        np.array([True, False]),
        np.array(["1", "0"]),
        np.array([b"1", b"0"]),
    ):
        np.save("a.npy", array)
        assert read("labels", "a.npy", Source()).tolist() == ["1", "0"]


def test_a_class_that_one_side_lacks_is_no_error() -> None:
    write("pred.txt", "1\nnone\n2\n2\n")
    write("gold.txt", "1\n2\n2\n3\n")
    assert repro("score", "accuracy", "pred.txt", "--labels", "gold.txt", "--json").json["value"] == 0.5
    found = repro("score", "classification-f1", "pred.txt", "--labels", "gold.txt", "--json").json
    assert found["value"] == 1  # of class 1, which stands for the text 1


def test_labels_that_are_written_differently_throughout_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels are compared as text: '0\.0' and '0' differ; write them alike"):
        check_written_alike(np.array(["1.0", "0.0"]), np.array(["1", "0", "2"]))
    check_written_alike(np.array(["1.0", "x"]), np.array(["x", "1"]))
    for one, other in ((["cat", "dog"], ["1", "0"]), (["1", "0"], ["cat", "dog"])):
        with pytest.raises(ValueError, match=r"^one file has numbers for labels, the other has names: "):
            check_written_alike(np.array(one), np.array(other))
    check_written_alike(np.array(["cat"]), np.array(["dog"]))  # all wrong
    check_written_alike(np.array(["3"]), np.array(["4"]))
    check_written_alike(np.array(["none", "1"]), np.array(["2", "3"]))


@pytest.mark.parametrize("text", ["1_000", "\u0661", "0x10", "1,5", "1e", "--1", "1 2", "ten", "1" * 5000 + "x"])
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    write("a.txt", f"0.5\n{text}\n")
    with pytest.raises(ValueError, match=r"^a\.txt:2: a number is expected, not '"):
        read("numbers", "a.txt", Source())


# What is refused, in one line that names the place.


REFUSED: dict[str, tuple[str | bytes, str, str, str]] = {
    "wide.json": (json.dumps({"a": [1], "b": [2]}), "texts", "wide.json", "name the field, one of a, b"),
    "scalar.json": ("7", "texts", "scalar.json", "a list of items is expected, not 7"),
    "torn.json": ("[1,\n", "texts", "torn.json", "torn.json:2: no JSON"),
    "deep.json": ("[" * 100_000, "texts", "deep.json", "nested too deeply"),
    "long.jsonl": ("1" * 5000 + "\n", "numbers", "long.jsonl", "long.jsonl:1: no JSON: Exceeds the limit"),
    "huge.jsonl": ("1" * 400 + "\n", "numbers", "huge.jsonl", "huge.jsonl:1: a number is expected"),
    "twice.jsonl": ('{"a": 1, "a": 2}\n', "texts", "twice.jsonl:a", "field 'a' stands there twice"),
    "blank.jsonl": ('"a"\n\n"b"\n', "texts", "blank.jsonl", "blank.jsonl:2: no JSON"),
    "blank.csv": ("y\n1\n\n2\n", "labels", "blank.csv", "blank.csv:3: an empty line"),
    "bare.csv": ("y,z\n", "labels", "bare.csv:y", "bare.csv has a head and no rows"),
    "excel.csv": ("pred;gold\n1;1\n", "labels", "excel.csv", "separated by semicolons"),
    "tabs.csv": ("pred\tgold\n1\t1\n", "labels", "tabs.csv", "separated by tabs"),
    "quote.tsv": ('a\tb\n"no" he said\t1\n', "texts", "quote.tsv:a", "quote.tsv:2: no TSV"),
    "ragged.tsv": ("a\tb\n1\n", "texts", "ragged.tsv:a", "ragged.tsv:2: 1 columns, the first line has 2"),
    "second.csv": ('a,b\n"x\ny",1\n2\n', "texts", "second.csv:a", "second.csv:4: 1 columns"),
    "hole.txt": ("1 2\n\n3 4\n", "matrix", "hole.txt", "hole.txt:2: an empty line, where a row of numbers is expected"),
    "holes.txt": ("\n\n", "matrix", "holes.txt", "holes.txt:1: an empty line"),
    "hole.jsonl": ("[]\n[]\n", "matrix", "hole.jsonl", "hole.jsonl:1: an empty line"),
    "half.jsonl": ("1.5\n", "labels", "half.jsonl", "half.jsonl:1: a label is a whole number or a text, not 1.5"),
    "blank head.csv": ("a, b\n1, 2\n", "texts", "blank head.csv:b", "there is no column 'b', only a, ' b'"),
    "text.npy": ("hello", "array", "text.npy", "text.npy: it is damaged, or not as numpy writes it"),
    "gap.txt": ("1\n \n2\n", "labels", "gap.txt", "gap.txt:2: a label is expected, not ''"),
    "nul.txt": ("a\nb\0c\n", "texts", "nul.txt", "nul.txt:2: a byte of value 0"),
    "mac.txt": ("a\rb\rc", "texts", "mac.txt", "carriage returns alone"),
    "mark.txt": (b"\xef\xbb\xbf", "texts", "mark.txt", "mark.txt is empty"),
    "half.txt": (b"\xff\xfea", "texts", "half.txt", "half.txt: not UTF-16 text"),
    "rows.parquet": ("PAR1", "texts", "rows.parquet", "files of .parquet are not read; those of .csv"),
    "rows.XLSX": ("PK", "texts", "rows.XLSX:a", "files of .XLSX are not read"),
    "a.txt": ("x\n", "texts", "a.txt:hyp", "it is read as text, an item a line, which has no part 'hyp'"),
    "torn.txt.gz": (gzip.compress(b"x\n")[:-9], "texts", "torn.txt.gz", "is truncated"),
    "plain.gz": ("x\n", "texts", "plain.gz", "is damaged"),
    "grade.txt": ("1 0 a --4\n", "judgements", "grade.txt", "grade.txt:1: a whole number is expected"),
    "nbsp.txt": ("1 0 a\u00a04\n", "judgements", "nbsp.txt", "nbsp.txt:1: 4 columns are expected"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_line_that_says_where(name: str) -> None:
    contents, kind, place, said = REFUSED[name]
    write(name, contents)
    with pytest.raises(ValueError, match=said) as caught:
        read(kind, place, Source())
    assert "\n" not in str(caught.value)


def test_a_text_that_is_packed_beyond_what_texts_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mebibyte of one letter packs 1000 to 1."""
    monkeypatch.setattr(files, "ALWAYS_BYTES", 1000)
    write("bomb.txt.gz", gzip.compress(b"a" * 2**20))
    with pytest.raises(ValueError, match=r"bomb\.txt\.gz holds more than the [\d,]+ bytes that it may"):
        texts("bomb.txt.gz")
    write("plain.txt", b"a" * 2**20)
    assert len(texts("plain.txt")[0]) == 2**20


# Arrays.


def test_one_array_is_read_and_the_others_are_not_touched() -> None:
    np.savez("good.npz", y=np.array([1.0, 2.0]))
    with zipfile.ZipFile("good.npz") as good, zipfile.ZipFile("mixed.npz", "w") as mixed:
        mixed.writestr("bad.npy", b"no array at all")
        mixed.writestr("y.npy", good.read("y.npy"))
        objects = io.BytesIO()
        np.save(objects, np.array([{}], dtype=object), allow_pickle=True)
        mixed.writestr("objects.npy", objects.getvalue())
    assert read("numbers", "mixed.npz:y", Source()).tolist() == [1, 2]
    for name in ("bad", "objects"):
        with pytest.raises(ValueError, match=r"^mixed\.npz: "):
            read("array", f"mixed.npz:{name}", Source())


def test_a_packed_array_is_refused_and_a_missing_one_named() -> None:
    write("a.npy.gz", b"x")
    with pytest.raises(ValueError, match="a packed array is not read: unpack it first"):
        read("array", "a.npy.gz", Source())
    with Path("A.NPZ").open("wb") as file:
        np.savez(file, y=np.zeros(2))
    with pytest.raises(ValueError, match="there is no array 'z', only y"):
        read("array", "A.NPZ:z", Source())


# Places.


def test_a_name_may_have_colons_on_either_side() -> None:
    write("a:b.jsonl", '{"x:y": "1"}\n')
    assert texts("a:b.jsonl:x:y") == ["1"]
    write("a:b", "2\n")
    assert texts("a:b") == ["2"]
    with pytest.raises(ValueError, match=r"^there is no file 'none\.JSONL'$"):
        place_of("none.JSONL:x", Source())
    with pytest.raises(ValueError, match=r"^there is no file 'none\.txt:x'$"):
        place_of("none.txt:x", Source())


def stdin(monkeypatch: pytest.MonkeyPatch, contents: str | bytes) -> None:
    given = contents.encode() if isinstance(contents, str) else contents
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))


def test_standard_input_is_read_once_and_may_stand_for_several_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, '{"p": 1, "y": 1}\n{"p": 0, "y": 1}\n')
    assert repro("score", "accuracy", "-:p", "--labels", "-:y", "--json").json["value"] == 0.5


@pytest.mark.parametrize("suffix", ["", ".csv", ".tsv", ".jsonl", ".json", ".txt", ".npy", ".npz"])
def test_a_pipe_is_read_by_its_suffix_or_by_what_comes_out_of_it(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    forms = in_every_form(["a b", "c"])
    sources = {".csv": "a.csv:hyp", ".tsv": "a.tsv:hyp", ".jsonl": "a.jsonl:hyp", ".json": "list.json",
               ".npy": "a.npy", ".npz": "a.npz:hyp"}  # fmt: skip
    contents = "a b\nc\n" if suffix in ("", ".txt") else forms[sources[suffix]]
    name = sources.get(suffix, "").partition(":")[2]
    stdin(monkeypatch, contents)
    assert texts(STDIN + suffix + (f":{name}" if name else "")) == ["a b", "c"]
    if suffix not in (".json", ".txt"):
        stdin(monkeypatch, contents)
        assert texts(STDIN + (f":{name}" if name else "")) == ["a b", "c"]


def test_a_pipe_of_json_without_a_suffix_is_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, '["a b", "c"]\n')
    with pytest.raises(ValueError, match="looks like JSON lines: say what it is"):
        texts(STDIN)


def test_a_named_pipe_is_read_like_a_file() -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text('"a"\n"b"\n'))
    writer.start()
    assert texts("pipe.jsonl") == ["a", "b"]
    writer.join()


def test_standard_input_reaches_the_program() -> None:
    write("in.txt", "a b a b\n")
    with Path("in.txt").open() as given:
        found = subprocess.run(
            [sys.executable, "-m", "repro", "score", "distinct-1", "-"], stdin=given, capture_output=True, text=True,
            timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True,
        )  # fmt: skip
    assert found.stdout.split()[:2] == ["distinct-1", "0.5"]


# Tokens.


def test_blanks_are_those_of_the_scripts() -> None:
    write("a.txt", "10\u00a0000 men\u3000say\x1fno\ta  b \n")
    (whole,) = read("sentences", "a.txt", Source())
    assert whole == ["10\u00a0000", "men\u3000say\x1fno", "a", "b"]  # perl splits bytes, at [ \t\n\r\f\v]
    (single,) = read("sentences", "a.txt", Source(tokens="blank"))
    assert single == ["10\u00a0000", "men\u3000say\x1fno\ta", "", "b"]  # Python's split(" ") of the stripped line


def test_a_script_that_splits_at_single_blanks_is_given_them() -> None:
    write("a.txt", "a  b c d e\n")
    write("b.txt", "a b c d e\n")
    said = repro("score", "tensorflow-nmt-bleu", "a.txt", "--references", "b.txt", "--json").json
    # by hand: a, "", b, c, d, e against a b c d e: 5/6, 3/5, 2/4, 1/3 of the n-grams, no brevity penalty
    assert said["value"] == pytest.approx(100 * (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25, rel=1e-12)
    assert "|tokens:blank" in said["signature"]
    asked = repro("score", "tensorflow-nmt-bleu", "a.txt", "--references", "b.txt", "--tokens", "whitespace", "--json")
    assert asked.json["value"] == pytest.approx(100)


# Log-probabilities.


@pytest.mark.parametrize("name", ["perplexity", "bits-per-character", "nll-test --length 2", "nll-oracle --length 2"])
def test_log_probabilities_of_discrete_things_are_at_most_0_up_to_rounding(name: str) -> None:
    metric, *options = name.split()
    write("losses.txt", "-0.1\n1.5\n")
    said = repro("score", metric, "losses.txt", *options)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("repro: log-probabilities: 1 of 2 are above 0, up to 1.5, and no probability is above 1")
    write("rounded.txt", "-4\n1.5e-7\n")
    found = repro("score", metric, "rounded.txt", *options, "--json")
    assert found.code == 0, found.err


def test_a_density_may_be_above_1() -> None:
    write("a.txt", "1.5\n0.5\n")
    assert repro("score", "bits-per-dimension", "a.txt", "--json").json["value"] < 0
    assert repro("score", "negative-log-likelihood", "a.txt", "--json").json["value"] == -1
