"""Contents that were in order, changed at random: bytes, numbers and pieces, and what attackers write."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

NUMBERS = (
    b"0", b"-1", b"1e999", b"-1e308", b"5e-324", b"nan", b"Infinity", b"9007199254740993", b"4294967296", b"1_0",
    b"0x10", b"1.5", b"-0.0", b"9" * 400, b"9" * 5000,
)  # fmt: skip
TOKENS = (
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r", b"\n\n", b"\x1b]0;title\x07", b'"', b"{", b"}", b"[",
    b"]", b"null", b"true", b"''", b"[" * 20_000, b"(" * 2_000, b"x" * 100_000, b"{{7*7}}", b"=cmd|'/C calc'!A0",
    b"<script>alert(1)</script>", rb"\input{/etc/passwd}", b"../../../../outside", b"/etc/passwd", b": &a [*a, *a]",
    b"__import__('os').system('touch outside')", b"!!python/object/apply:os.system ['touch outside']",
    b"cos\nsystem\n(S'touch outside'\ntR.",
)  # fmt: skip
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?")


def mutated(contents: bytes, random: Random) -> bytes:
    """The contents after one to four changes."""
    for _ in range(random.randint(1, 4)):
        contents = random.choice(CHANGES)(contents, random)
    return contents


def _flipped(contents: bytes, random: Random) -> bytes:
    at = random.randrange(len(contents) or 1)
    return contents[:at] + bytes([random.randrange(256)]) + contents[at + 1 :]


def _cut(contents: bytes, random: Random) -> bytes:
    start, end = _piece(contents, random)
    return contents[:start] + contents[end:]


def _ended(contents: bytes, random: Random) -> bytes:
    return contents[: random.randrange(len(contents) + 1)]


def _repeated(contents: bytes, random: Random) -> bytes:
    start, end = _piece(contents, random)
    return contents[:end] + contents[start:end] * random.choice((1, 1, 1, 50)) + contents[end:]


def _moved(contents: bytes, random: Random) -> bytes:
    start, end = _piece(contents, random)
    rest = contents[:start] + contents[end:]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + contents[start:end] + rest[at:]


def _inserted(contents: bytes, random: Random) -> bytes:
    at = random.randrange(len(contents) + 1)
    return contents[:at] + random.choice(TOKENS) + contents[at:]


def _renumbered(contents: bytes, random: Random) -> bytes:
    found = list(_NUMBER.finditer(contents[:200_000]))
    if not found:
        return contents
    number = random.choice(found)
    return contents[: number.start()] + random.choice(NUMBERS) + contents[number.end() :]


def _piece(contents: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(contents) + 1)
    return start, min(len(contents), start + random.choice((1, 4, 30, 300)))


CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flipped, _cut, _ended, _repeated, _moved, _inserted, _inserted, _renumbered, _renumbered,
)  # fmt: skip
