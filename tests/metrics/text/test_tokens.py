"""Tokenisations: those of the tools that they are named for."""

from __future__ import annotations

import pytest
import sacrebleu
from rouge_score.tokenizers import DefaultTokenizer

from repro.metrics.text.bleu_scripts import multi_bleu
from repro.metrics.text.bleu_scripts import sacrebleu as our_sacrebleu
from repro.metrics.text.tokens import NAMES, SACREBLEU, tokenise

TEXTS = [
    "The  U.S. isn't 1,000.5% (big), you-know!",
    "日本語のテスト、です。",
    " \tMoss's naïve café \n",
    "",
    "a & b &amp; c",
]


def test_the_example_by_each_name() -> None:
    found = {name: tokenise(["The cats' 2.5 hats, ran!"], name)[0] for name in NAMES}
    assert found["whitespace"] == ["The", "cats'", "2.5", "hats,", "ran!"]
    assert found["13a"] == ["The", "cats'", "2.5", "hats", ",", "ran", "!"]
    assert found["intl"] == ["The", "cats", "'", "2.5", "hats", ",", "ran", "!"]
    assert found["rouge"] == ["the", "cats", "2", "5", "hats", "ran"]
    assert found["rouge-stem"] == ["the", "cat", "2", "5", "hat", "ran"]
    assert found["squad"] == ["cats", "25", "hats", "ran"]


@pytest.mark.parametrize("name", SACREBLEU)
def test_bleu_of_sacrebleu_s_tokens_is_sacrebleu_s_bleu_of_the_texts(name: str) -> None:
    hypotheses = [*TEXTS, "The cat sat on the mat, didn't it?"]
    references = [[text[: len(text) // 2 + 3] + text[-9:], text.upper()] for text in hypotheses]
    tokens = multi_bleu(tokenise(hypotheses, name), [tokenise(own, name) for own in references])
    texts = our_sacrebleu(hypotheses, references, tokenize=name, smoothing="none")
    assert tokens.value == pytest.approx(texts.value, abs=1e-9)
    assert 0 < tokens.value < 100
    tool = sacrebleu.BLEU(tokenize=name).tokenizer
    assert tokenise(TEXTS, name) == [tool(text.rstrip()).split() for text in TEXTS]


@pytest.mark.parametrize("stem", [False, True])
def test_rouge_s_tokens_are_rouge_score_s(stem: bool) -> None:
    expected = [DefaultTokenizer(use_stemmer=stem).tokenize(text) for text in TEXTS]
    assert tokenise(TEXTS, "rouge-stem" if stem else "rouge") == expected


def test_bad_input_is_one_clear_error() -> None:
    with pytest.raises(ValueError, match=r"unknown tokenisation '13b' \(known: whitespace, blank, 13a, "):
        tokenise(["a"], "13b")
    with pytest.raises(ValueError, match="a list of texts is needed, not one text"):
        tokenise("a b", "whitespace")
    with pytest.raises(ValueError, match=r"texts\[1\] is 3, not a text"):
        tokenise(["a", 3], "whitespace")  # type: ignore[list-item]  # what a user may well pass


def test_captions_are_split_as_coco_caption_s_program_splits_them() -> None:
    """Expected: Stanford's PTBTokenizer of coco-caption, -lowerCase, less its list of punctuation."""
    captions = {
        "A man's dog (brown) can't see; it runs!": ["a", "man", "'s", "dog", "-lrb-", "brown", "-rrb-", "ca", "n't",
                                                     "see", "it", "runs"],
        'He says "Go on..." - twice, at 3.50 o\'clock.': ["he", "says", "go", "on", "twice", "at", "3.50", "o'clock"],
        "well-dressed women": ["well-dressed", "women"],
    }  # fmt: skip
    assert tokenise(captions, "ptb-captions") == list(captions.values())
