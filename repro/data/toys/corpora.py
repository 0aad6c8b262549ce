"""Small corpora made by grammars whose answers are known: translations and headlines, for smoke runs.

Every choice is taken from the raw bits of PCG64, whose stream numpy keeps fixed, so the rows are the same everywhere.
No row of one split is in another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from repro.data.kinds.rows import ParallelText, TextData

SIZES = {"train": 3_000, "valid": 300, "test": 300}
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


class Choices:
    """Choices by the bits of a seed."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1; the remainder of 64 bits, so even to one part in 10^18."""
        return int(self._bits.random_raw() % count)

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]


def distinct(draw: Callable[[], Key], count: int) -> list[Key]:
    """The first `count` different results of draw, in their order."""
    found: dict[Key, None] = {}
    while len(found) < count:
        found[draw()] = None
    return list(found)


def split_rows(rows: Sequence[Item], sizes: Mapping[str, int]) -> dict[str, tuple[Item, ...]]:
    """Rows cut into splits of the sizes, one after the other."""
    taken: Iterator[Item] = iter(rows)
    return {split: tuple(next(taken) for _ in range(size)) for split, size in sizes.items()}


def rows_checksum(splits: Mapping[str, Sequence[object]]) -> str:
    """SHA-256 over the splits: names, numbers of rows, rows as Python prints them."""
    digest = hashlib.sha256()
    for split, rows in splits.items():
        digest.update(f"{split} {len(rows)}\n".encode())
        for row in rows:
            digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()


NOUNS = {  # source singular and plural, target stem, its gender
    "dog": ("dogs", "kan", "o"), "cat": ("cats", "fel", "a"), "bird": ("birds", "av", "a"),
    "horse": ("horses", "kav", "o"), "house": ("houses", "dom", "a"), "tree": ("trees", "arb", "o"),
    "river": ("rivers", "fluv", "o"), "child": ("children", "puer", "a"), "teacher": ("teachers", "magis", "o"),
    "farmer": ("farmers", "agr", "o"), "queen": ("queens", "regin", "a"), "ship": ("ships", "nav", "a"),
}  # fmt: skip
VERBS = {  # source singular and plural, target stem
    "sees": ("see", "vid"), "finds": ("find", "trov"), "likes": ("like", "am"), "follows": ("follow", "sekv"),
    "helps": ("help", "adjut"), "draws": ("draw", "pint"), "hears": ("hear", "aud"), "paints": ("paint", "tink"),
}  # fmt: skip
ADJECTIVES = {"small": "parv", "old": "vet", "red": "rub", "quick": "rapid", "quiet": "tac", "happy": "felik"}
ADVERBS = {"today": "hodi", "often": "sep", "here": "hik", "slowly": "lente", "again": "iter"}
DETERMINERS = {"the": "l", "a": "un"}  # agree in gender; `the` also goes with plurals
NUMBERS = {"two": "du", "many": "mult"}  # plural only
PLURAL = {plural: singular for singular, (plural, _, _) in NOUNS.items()}
PLURAL_VERBS = {plural: singular for singular, (plural, _) in VERBS.items()}


def translate(sentence: str) -> str:
    """The target sentence: adverb first, then subject, object, verb; adjectives after their noun.

    Nouns end in their gender, with `s` in the plural; determiners and adjectives agree with their noun, the verb with
    the number of the subject. Numbers do not change. Known by construction, word by word.
    """
    words = sentence.split()
    adverb = [ADVERBS[words.pop()]] if words[-1] in ADVERBS else []
    verb = next(place for place, word in enumerate(words) if word in VERBS or word in PLURAL_VERBS)
    stem = VERBS[PLURAL_VERBS.get(words[verb], words[verb])][1]
    ending = "ent" if words[verb] in PLURAL_VERBS else "et"
    return " ".join([*adverb, *_phrase(words[:verb]), *_phrase(words[verb + 1 :]), stem + ending])


def _phrase(words: list[str]) -> list[str]:
    determiner, *adjective, noun = words
    _, stem, gender = NOUNS[PLURAL.get(noun, noun)]
    ending = gender + ("s" if noun in PLURAL else "")
    first = NUMBERS[determiner] if determiner in NUMBERS else DETERMINERS[determiner] + ending
    return [first, stem + ending, *(ADJECTIVES[word] + ending for word in adjective)]


def _noun_phrase(choices: Choices) -> tuple[str, bool]:
    """A noun phrase and whether it is plural."""
    noun = choices.one(list(NOUNS))
    plural = choices.below(2) == 1
    determiner = choices.one(["the", *NUMBERS] if plural else list(DETERMINERS))
    adjective = [choices.one(list(ADJECTIVES))] if choices.below(2) else []
    word = NOUNS[noun][0] if plural else noun
    if determiner == "a" and (adjective or [word])[0][0] in "aeiou":
        determiner = "the"  # no `an` in this grammar
    return " ".join([determiner, *adjective, word]), plural


def _sentence(choices: Choices) -> str:
    (subject, plural), (other, _) = _noun_phrase(choices), _noun_phrase(choices)
    verb = choices.one(list(VERBS))
    adverb = [choices.one(list(ADVERBS))] if choices.below(2) else []
    return " ".join([subject, VERBS[verb][0] if plural else verb, other, *adverb])


def toy_translation(sizes: Mapping[str, int] = SIZES, seed: int = 1) -> TextData[ParallelText]:
    """Sentences of 5 to 8 words and their one translation, by `translate`: reordering, agreement, a lexicon of 35."""
    choices = Choices(seed)
    sources = distinct(lambda: _sentence(choices), sum(sizes.values()))
    splits = split_rows([ParallelText(source, (translate(source),)) for source in sources], sizes)
    return TextData("toy-translation", splits, rows_checksum(splits), complete=True)


FIRMS = ("acme", "borealis", "corvus", "delphi", "ember", "fulcrum", "granite", "halcyon", "isotope", "juniper")
CITIES = ("paris", "lima", "oslo", "cairo", "quito", "perth")
DEALS = {  # past and present tense
    "bought": "buys", "sued": "sues", "hired": "hires", "rejected": "rejects", "praised": "praises", "left": "leaves",
}  # fmt: skip
DAYS = ("monday", "tuesday", "thursday", "friday")
TRADES = ("maker of bicycles", "chain of bakeries", "builder of bridges", "publisher of maps", "seller of tea")
ASIDES = (
    "people close to the talks said",
    "according to a statement",
    "after ## months of talks",
    "in a move that surprised analysts",
    "its spokeswoman confirmed",
)


def _story(choices: Choices) -> tuple[str, str]:
    """A first sentence of a story, and its headline: who did what to whom, and where if the sentence says so."""
    one, other = choices.one(FIRMS), choices.one(FIRMS)
    while other == one:
        other = choices.one(FIRMS)
    past, city = choices.one(list(DEALS)), choices.one(("", *CITIES))
    where = [f"in {city}"] if city else []
    trade = [f", a {choices.one(TRADES)} ,"] if choices.below(2) else []
    opening = [f"on {choices.one(DAYS)}"] if choices.below(2) else []
    aside = [f", {choices.one(ASIDES)}"] if choices.below(3) else []
    story = " ".join([*opening, one, *trade, past, other, *where, *aside, "."])
    return story, " ".join([one, DEALS[past], other, *where])


def toy_summaries(sizes: Mapping[str, int] = SIZES, seed: int = 1) -> TextData[ParallelText]:
    """Sentences of news and their headlines: the deal in the present tense, without day, trade and asides."""
    choices = Choices(seed)
    stories = distinct(lambda: _story(choices), sum(sizes.values()))
    splits = split_rows([ParallelText(story, (headline,)) for story, headline in stories], sizes)
    return TextData("toy-summaries", splits, rows_checksum(splits), complete=True)
