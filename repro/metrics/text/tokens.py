"""Tokenisations by name, so that a signature can say which one was used; the metrics themselves take tokens.

- `whitespace`: split at ASCII blanks, nothing else; for texts that are tokenised already (EMNLP news, Gigaword, MT
  files). multi-bleu.perl and the Python 2 scripts split bytes: a no-break space is part of a token to them, and here
- `blank`: split at each single blank, so that two in a row have an empty token between them: tensorflow/nmt's scripts
- `13a`, `intl`, `zh`, `char`: sacrebleu's, the first being that of mteval-v13a
- `rouge`, `rouge-stem`: rouge-score's, by rouge-score-rs: lower case, and nothing but a-z and 0-9; with Porter stems of
  words of more than three letters. Gigaword's `##-year` becomes `year` and `unk` stays: not for that corpus
- `ptb-captions`: coco-caption's, the Penn Treebank's in lower case without punctuation, by nltk (coco-caption runs a
  Java program; 9 of the 40,450 captions of Flickr8k differ, in abbreviations and stray marks)
- `squad`: lower case, without ASCII punctuation and without a, an and the
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

BLANKS = re.compile(r"[ \t\n\r\f\v]+")
SACREBLEU = ("13a", "intl", "zh", "char")
CAPTION_PUNCTUATION = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])
"""What coco-caption drops; brackets, which it lists in capitals, become `-lrb-` and stay."""
ROUGE = ("rouge", "rouge-stem")
NAMES = ("whitespace", "blank", *SACREBLEU, *ROUGE, "ptb-captions", "squad")


def tokenise(texts: Iterable[str], name: str) -> list[list[str]]:
    """The tokens of each text. Raises ValueError for a name that is not in `NAMES`, and for what is not a text."""
    if isinstance(texts, str):
        raise ValueError("a list of texts is needed, not one text: put it in a list")
    split, tokens = tokeniser(name), []
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"texts[{number}] is {text!r}, not a text")
        tokens.append(split(text))
    return tokens


def tokeniser(name: str) -> Callable[[str], list[str]]:
    """The function from a text to its tokens that a name stands for."""
    if name == "whitespace":
        return lambda text: [token for token in BLANKS.split(text) if token]
    if name == "blank":
        return lambda text: text.strip(" \t\n\r\f\v").split(" ")
    if name in SACREBLEU:
        from sacrebleu.metrics.bleu import BLEU

        tool = BLEU(tokenize=name).tokenizer
        return lambda text: tool(text.rstrip()).split()  # sacrebleu strips line ends before it tokenises
    if name in ROUGE:
        from rouge_score_rs.tokenizers import DefaultTokenizer

        split: Callable[[str], list[str]] = DefaultTokenizer(use_stemmer=name == "rouge-stem").tokenize
        return split
    if name == "ptb-captions":
        from nltk.tokenize import TreebankWordTokenizer

        words = TreebankWordTokenizer().tokenize
        return lambda text: [
            word.lower() for word in words(text.lower(), convert_parentheses=True) if word not in CAPTION_PUNCTUATION
        ]
    if name == "squad":
        from repro.metrics.prediction.squad import normalised

        return lambda text: normalised(text).split()
    raise ValueError(f"unknown tokenisation {name!r} (known: {', '.join(NAMES)})")
