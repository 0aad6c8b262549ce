"""Texts that are generated from something: translations, headlines, captions, replies, sentences."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from repro.data.kinds.classification import SENTIMENT
from repro.data.kinds.rows import Captions, Dialogue, LabelledText, ParallelText, TextData, Utterance, text_data
from repro.data.kinds.tables import json_lines
from repro.data.sources.packed import lines, opened


def iwslt_2015_en_vi() -> TextData[ParallelText]:
    """English to Vietnamese: 133,317 / 1,553 / 1,268 pairs, tokenised; for the other direction swap them."""
    return text_data("iwslt-2015-en-vi", _parallel)


def iwslt_2014_de_en() -> TextData[ParallelText]:
    """German to English TED talks."""
    return text_data("iwslt-2014-de-en", _parallel)


def wmt_de_en() -> TextData[ParallelText]:
    """German to English news: valid is newstest2013 (3,000 pairs), test newstest2015 (2,169)."""
    return text_data("wmt-de-en", _parallel)


def multi30k() -> TextData[ParallelText]:
    """German to English image descriptions: 29,000 / 1,014 / 1,000, and the two tests of 2017."""
    return text_data("multi30k", _parallel)


def gigaword() -> TextData[ParallelText]:
    """First sentences and their headlines: 3,803,957 / 189,651 / 1,951, lower case, digits as #."""
    return text_data("gigaword", _parallel)


def duc_2004() -> TextData[ParallelText]:
    """500 first sentences with four headlines each."""
    return text_data("duc-2004", _parallel)


def emnlp_2017_wmt_news() -> TextData[str]:
    """News sentences, tokenised, without blanks at their ends; test has 10,000."""
    return text_data("emnlp-2017-wmt-news", _sentences)


def image_coco() -> TextData[str]:
    """Captions as sentences: 10,000 / 10,000, punctuation glued to the last word as in the files."""
    return text_data("image-coco", _sentences)


def coco_captions() -> TextData[Captions]:
    """113,287 / 5,000 / 5,000 images with about five captions each."""
    return text_data("coco-captions", _coco)


def yelp() -> TextData[LabelledText]:
    """Sentences of Yelp reviews, the negative ones first; valid 25,278 + 38,205, test 50,278 + 76,392."""
    return text_data("yelp", _yelp, SENTIMENT)


def switchboard() -> TextData[Dialogue]:
    """Telephone conversations: 2,316 / 60 / 62."""
    return text_data("switchboard", _dialogues)


def _parallel(_split: str, files: dict[str, Path]) -> Iterator[ParallelText]:
    """Line by line from files of one length: the source first, then one or more references."""
    texts = {path: list(lines(path)) for path in files.values()}
    lengths = {path.name: len(text) for path, text in texts.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"parallel files must have as many lines, found {lengths}")
    for source, *references in zip(*texts.values(), strict=True):
        yield ParallelText(source.strip(), tuple(reference.strip() for reference in references))


def _sentences(_split: str, files: dict[str, Path]) -> Iterator[str]:
    for path in files.values():
        yield from (line.strip() for line in lines(path))


def _coco(split: str, files: dict[str, Path]) -> Iterator[Captions]:
    ((_, path),) = files.items()
    wanted = {"train": ("train", "restval"), "valid": ("val",), "test": ("test",)}[split]
    with opened(path) as file:
        images = json.load(file)["images"]
    for image in images:
        if image["split"] in wanted:
            yield Captions(image["filename"], tuple(sentence["raw"] for sentence in image["sentences"]))


def _yelp(_split: str, files: dict[str, Path]) -> Iterator[LabelledText]:
    for form, path in files.items():
        label = int(form[-1])
        yield from (LabelledText(line.strip(), label) for line in lines(path))


def _dialogues(split: str, files: dict[str, Path]) -> Iterator[Dialogue]:
    path = next(path for form, path in files.items() if form.endswith(".jsonl"))
    known = _known_elsewhere(files["overlap_zhao2017.csv"]) if split == "train-substitute" else frozenset()
    for row in json_lines(path):
        if row.get("id") not in known:
            said = (Utterance(who, text, act if isinstance(act, str) else act[0]) for who, text, act in row["utts"])
            yield Dialogue(tuple(said), row.get("topic", "").strip(' "'))


def _known_elsewhere(path: Path) -> frozenset[str]:
    """The substitute's dialogues that are also in the sets one is judged on."""
    rows = csv.DictReader(line + "\n" for line in lines(path))
    return frozenset(row["durand_id"] for row in rows)
