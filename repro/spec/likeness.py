"""Whether an unknown name is a slip of a known one: one letter more, less, other, or two exchanged, or only the dashes.

What no registry has is planned, so a misspelt name would wait for ever for what is there already. A name that another
spec uses too is known. So is one made of words that known names are made of (`gan-image` beside `gan` and
`egan-image`), and one that differs in a digit or in a word of one letter (`ndcg-10` beside `ndcg-20`, `rouge-w` beside
`rouge-l`): there the other is seldom meant. In short names one letter is half of what tells `made` from `nade`, and
only exchanged letters are a slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

SHORTEST = 4
"""The letters of the longer of two names of which one may be wrong."""
SHORTEST_PLANNED = 5
"""The letters of the shorter one where a row says itself that it is planned (`planned: NAME`)."""
_WORDS = re.compile(r"[^a-z0-9]+")


def slip_of(name: str, known: Iterable[str], *, planned: bool = False) -> str | None:
    """The known name that an unknown one is a slip of, if there is one. `planned`: it is said to be planned.

    Example:
        >>> known = ["perplexity", "awd-lstm", "cifar-10", "ndcg-20"]
        >>> [slip_of(name, known) for name in ("perplexty", "awd-lsmt", "cifar10", "ndcg-10", "rouge-w")]
        ['perplexity', 'awd-lstm', 'cifar-10', None, None]
    """
    known, plain = list(known), _plain(name)
    near = [each for each in known if each != name and _is_near(plain, _plain(each), planned)]
    near = [each for each in near if not _differ_in_a_letter_word(name, each)]
    for each in near:
        if _plain(each) == plain:
            return each
    if near and not {word for each in known for word in _words(each)}.issuperset(_words(name)):
        return near[0]
    return None


def _is_near(name: str, other: str, planned: bool) -> bool:
    shorter, longer = sorted((len(name), len(other)))
    if longer - shorter > 1:
        return False
    long_enough = shorter >= SHORTEST_PLANNED if planned else longer >= SHORTEST
    return name == other or (long_enough and _is_one_letter(name, other)) or _are_exchanged(name, other)


@cache
def _words(name: str) -> list[str]:
    return [word for word in _WORDS.split(name.lower()) if word]


@cache
def _plain(name: str) -> str:
    return "".join(_words(name))


def _is_one_letter(name: str, other: str) -> bool:
    """Whether one letter is other, or one is too many or too few; a digit tells names apart."""
    if len(name) > len(other):
        name, other = other, name
    if len(other) - len(name) > 1 or name == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), len(name))
    same_length = len(name) == len(other)
    changed = other[at] + (name[at] if same_length else "")
    return name[at + same_length :] == other[at + 1 :] and not any(map(str.isdigit, changed))


def _differ_in_a_letter_word(name: str, other: str) -> bool:
    words, others = _words(name), _words(other)
    differ = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and len(differ) == 1 and all(len(word) == 1 for word in differ[0])


def _are_exchanged(name: str, other: str) -> bool:
    """Whether two neighbouring letters are exchanged."""
    differ = [i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b]
    if len(name) != len(other) or len(differ) != 2 or differ[1] - differ[0] != 1:
        return False
    i, j = differ
    return name[i] == other[j] and name[j] == other[i] and not name[i : j + 1].isdigit()
