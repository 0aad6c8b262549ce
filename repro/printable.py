"""Texts from outside, a file's name or an error's message, as a line, a log and a record can have them."""

from __future__ import annotations

import re

MOST_CHARACTERS = 2000
"""Of a message: one of megabytes, as of an error that quotes what it read, says no more than its beginning."""

_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BYTES = range(0xDC80, 0xDD00)
"""What Python makes of bytes that are no UTF-8 in names and arguments: 0xDC00 more than the byte (PEP 383)."""


def printable(text: str, most: int = MOST_CHARACTERS) -> str:
    r"""A text without what a terminal would obey or UTF-8 cannot say, which is shown as escapes, cut at `most`.

    Line ends and tabs stay. Of what is cut the length is said.

    Example:
        >>> printable("donn\udce9es \x1b[31m")
        'donn\\xe9es \\x1b[31m'
        >>> printable("y" * 3000, most=4)
        'yyyy... (2996 more characters)'
    """
    more = len(text) - most
    shown = _NOT_SHOWN.sub(_escaped, text[:most])
    return f"{shown}... ({more} more characters)" if more > 0 else shown


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code in _BYTES:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def message_of(error: BaseException) -> str:
    """What an error says, printable; an error whose own text cannot be made says so."""
    try:
        return printable(str(error))
    except Exception as failed:
        return f"(its message cannot be shown: {type(failed).__name__})"
