"""Text from specs and records, made harmless in each format. Nothing is dropped: what cannot be shown is named."""

from __future__ import annotations

import re
import unicodedata

_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}
_MARKDOWN = {c: "\\" + c for c in "\\`*_[]|~$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\symbol{34}", "`": r"\symbol{96}", "[": "{[}", "]": "{]}", "*": "{*}",
    "\u2007": r"\phantom{0}", "\u2008": r"\phantom{.}", "\u00a0": "~", "\u202f": r"\,", "\u2009": r"\,",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\dots{}", "•": r"\textbullet{}",
    "†": r"\dag{}", "‡": r"\ddag{}", "§": r"\S{}", "¶": r"\P{}", "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}",
    "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}",
}  # fmt: skip
_LATEX_MATHS = {
    "±": r"\pm", "−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "≤": r"\le", "≥": r"\ge", "≈": r"\approx",
    "≠": r"\ne", "≁": r"\nsim", "∞": r"\infty", "→": r"\to", "←": r"\gets", "↓": r"\downarrow", "↑": r"\uparrow",
    "∥": r"\Vert", "‖": r"\Vert", "√": r"\surd", "∈": r"\in", "∑": r"\sum", "°": r"^\circ", "¹": "^1", "²": "^2",
    "³": "^3", "▲": r"\triangle", "▼": r"\triangledown", "µ": r"\mu", "ℓ": r"\ell",
}  # fmt: skip
_ACCENTS = {
    0x300: r"\`", 0x301: r"\'", 0x302: r"\^", 0x303: r"\~", 0x304: r"\=", 0x306: r"\u", 0x307: r"\.", 0x308: r"\"",
    0x30A: r"\r", 0x30B: r"\H", 0x30C: r"\v", 0x323: r"\d", 0x327: r"\c", 0x328: r"\k", 0x331: r"\b",
}  # fmt: skip
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (\w+)$")
_GREEK_CAPITALS = {"GAMMA", "DELTA", "THETA", "LAMDA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}
_GREEK_SMALL = _GREEK_CAPITALS | {
    "ALPHA", "BETA", "EPSILON", "ZETA", "ETA", "IOTA", "KAPPA", "MU", "NU", "RHO", "TAU", "CHI",
}  # fmt: skip
_SYMBOL = re.compile(r"\b([A-Za-z])_([A-Za-z0-9]+)\b")


def plain(text: str) -> str:
    """One line without control characters: line ends become spaces, other controls their visible pictures.

    Example:
        >>> plain("a\\nb\\x1b[31m\\u202e")
        'a b␛[31m\\\\u202e'
    """
    broken = any(char in text for char in "\n\r\t\v\f\x85\u2028\u2029")
    return "".join(map(_visible, " ".join(text.split()) if broken else text))


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or code in _BIDI or 0xD800 <= code < 0xE000:
        return f"\\u{code:04x}"
    return char


def lines(text: str) -> str:
    """The same for text that keeps its lines, such as the last output of a job."""
    return "\n".join(plain(line.replace("\t", "    ")) for line in text.splitlines())


def markdown(text: str) -> str:
    """Text in a Markdown table cell, heading or paragraph: no markup, no HTML, no cell separators."""
    escaped = "".join(_MARKDOWN.get(char, char) for char in plain(text))
    return "\\" + escaped if escaped[:1] in ("#", "+", "-") and escaped[1:2] in ("", " ", "#") else escaped


def code_span(text: str) -> str:
    """Text as Markdown code; the fence is longer than any run of backticks inside."""
    shown = plain(text)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    return f"{fence} {shown} {fence}" if "`" in shown else f"`{shown}`"


def latex(text: str) -> str:
    """Text for LaTeX in ASCII, for any engine without packages beyond amssymb; an unknown character becomes its code.

    Example:
        >>> latex(r"\\input{x} 5% é 中")
        "\\\\textbackslash{}input\\\\{x\\\\} 5\\\\% \\\\'{e} \\\\texttt{U+4E2D}"
    """
    shown = unicodedata.normalize("NFC", plain(text))
    pairs = zip(" " + shown, shown, strict=False)
    return "".join(("{}" if left == char == "-" else "") + _latex_char(char) for left, char in pairs)


def _latex_char(char: str) -> str:
    if char in _LATEX:
        return _LATEX[char]
    if char.isascii():
        return char
    if char in _LATEX_MATHS:
        return rf"\ensuremath{{{_LATEX_MATHS[char]}}}"
    greek = _GREEK.match(unicodedata.name(char, ""))
    if greek and greek[2] in (_GREEK_CAPITALS if greek[1] == "CAPITAL" else _GREEK_SMALL):
        name = greek[2].replace("LAMDA", "LAMBDA")
        return rf"\ensuremath{{\{name.capitalize() if greek[1] == 'CAPITAL' else name.lower()}}}"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if base.isascii() and base.isalpha() and len(marks) == 1 and ord(marks[0]) in _ACCENTS:
        letter = rf"\{base}{{}}" if base in "ij" and ord(marks[0]) < 0x323 else base
        return rf"{_ACCENTS[ord(marks[0])]}{{{letter}}}"
    return rf"\texttt{{U+{ord(char):04X}}}"


def latex_label(text: str) -> str:
    """A label in LaTeX with `p_gen` set as a symbol with a subscript and `||` as one sign."""
    out, end = [], 0
    text = plain(text).replace("||", "‖")
    for found in _SYMBOL.finditer(text):
        out += [latex(text[end : found.start()]), rf"\ensuremath{{{found[1]}_{{\mathrm{{{found[2]}}}}}}}"]
        end = found.end()
    return "".join([*out, latex(text[end:])])


def label_parts(text: str) -> list[tuple[str, str, str]]:
    """A label as (text, symbol, subscript) triples, for HTML: `p_gen||p_emp` has two symbols."""
    out, end = [], 0
    text = plain(text).replace("||", "‖")
    for found in _SYMBOL.finditer(text):
        out.append((text[end : found.start()], found[1], found[2]))
        end = found.end()
    return [*out, (text[end:], "", "")] if end < len(text) else out


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, for anchors; never empty."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "x"
