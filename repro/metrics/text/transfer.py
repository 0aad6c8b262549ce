"""The transfer rate of style transfer: how many sentences a fastText classifier takes for the style they were given.

Papers: Adversarially Regularized Autoencoders (Zhao et al., 2018), zhao2019 table 4.2, which names the library alone;
        Bag of Tricks for Efficient Text Classification (Joulin et al., 2017)
Code:   none released for the rate. Defaults are those of `fasttext supervised`: rate 0.1, 100 dimensions, 5 epochs,
        single words that occur once or more, no parts of words, a softmax. A re-implementation trains on the test
        sentences too (fangleai/Implicit-LVM); here the labelled sentences are the caller's, a tenth is kept apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from repro.contracts import MissingData
from repro.metrics.prediction.classification import Labels
from repro.metrics.score import Score, library, signature
from repro.metrics.text.sentences import Sentence, check

MARK = "__label__"


def transfer_rate(
    generated: Sequence[Sentence],
    wanted: Labels,
    train: Sequence[Sentence],
    train_labels: Labels,
    *,
    learning_rate: float = 0.1,
    dimensions: int = 100,
    epochs: int = 5,
    seed: int = 0,
    tokens: str = "given",
) -> Score:
    """The share of generated sentences (N,) that are classified as `wanted` (N,), in [0, 1]; higher is better.

    The classifier learns from `train` and `train_labels`, real sentences, without every tenth, on which `details` has
    its `accuracy`: no rate means more than that. Items (N,) are 1 where the style is the wanted one. Copying a sentence
    of the wanted style scores 1: read it beside the BLEU with the source. One thread, so that a seed gives one number.
    Raises ValueError for sentences that are not as many as labels, for a wanted label that no sentence has, and for
    tokens with a blank inside; MissingData where fastText is not installed.
    """
    for name, sentences, labels in (("generated", generated, wanted), ("train", train, train_labels)):
        check(sentences, name)
        if len(sentences) != len(labels):
            raise ValueError(f"{len(sentences)} sentences of {name} and {len(labels)} labels: one for each")
    numbers = {label: number for number, label in enumerate(sorted({*np.asarray(train_labels).tolist()}))}
    asked, given = np.asarray(wanted).tolist(), np.asarray(train_labels).tolist()
    if odd := set(asked) - numbers.keys():
        raise ValueError(f"the label {min(map(str, odd))} is wanted, and no sentence of train has it")
    if len(train) < 10 or len(numbers) < 2:
        raise ValueError(f"{len(train)} labelled sentences of {len(numbers)} classes: 10 of 2 or more are needed")
    lines = [_line(sentence) for sentence in train]
    kept = [number for number in range(len(train)) if number % 10]
    held = range(0, len(train), 10)
    model = _trained(
        [f"{MARK}{numbers[given[i]]} {lines[i]}" for i in kept],
        lr=learning_rate,
        dim=dimensions,
        epoch=epochs,
        seed=seed,
    )
    right = _predicted(model, [lines[i] for i in held]) == [numbers[given[i]] for i in held]
    items = (_predicted(model, [_line(s) for s in generated]) == [numbers[label] for label in asked]).astype(np.float64)
    said = signature(
        "transfer-rate", library("fasttext-community"), lr=learning_rate, dimensions=dimensions, epochs=epochs,
        ngrams=1, seed=seed, train=len(kept), classes=len(numbers), tokens=tokens,
    )  # fmt: skip
    return Score(float(items.mean()), said, items, {"accuracy": float(right.mean())})


def _trained(lines: list[str], **settings: float) -> Any:
    try:
        import fasttext
    except ImportError:
        raise MissingData("the classifier is fastText's: pip install fasttext-community") from None
    with TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return fasttext.train_supervised(str(file), thread=1, minn=0, maxn=0, verbose=0, **settings)


def _predicted(model: Any, lines: list[str]) -> np.ndarray:
    labels, _ = model.predict(lines)
    return np.array([int(each[0].removeprefix(MARK)) if each else -1 for each in labels])


def _line(sentence: Sentence) -> str:
    if odd := [token for token in sentence if token.split() != [token] or token.startswith(MARK)]:
        raise ValueError(f"{odd[0]!r} is no token to fastText, which splits at blanks and marks labels by {MARK}")
    return " ".join(sentence)
