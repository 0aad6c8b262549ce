"""Tables in LaTeX: the first `tabular` of a file, its cells as they look on the page."""

from __future__ import annotations

import re
import unicodedata

from repro.new.printed import PrintedTable, arranged

_ENVIRONMENT = re.compile(r"\\begin\{(tabular[xy*]?|longtable|array|tblr)\}(.*?)\\end\{\1\}", re.DOTALL)
_RULE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfoot|endfirsthead|endlastfoot)\b\s*(?:\[[^\]]*\])?"
    r"|\\(?:cline|cmidrule|addlinespace|specialrule|noalign|morecmidrules|rowcolor)\b"
    r"(?:\s*(?:\([^)]*\)|\[[^\]]*\]|\{[^{}]*\}))*"
)
_MARK = "\0"  # where a rule goes over the whole width
_FULL = re.compile(r"\\(?:hline|midrule|endhead|endfirsthead)\b")
_CITED = re.compile(r"[~\s]*\\cite[a-z]*\*?(?:\[[^\]]*\])*\{[^{}]*\}")
_DROPPED = {"label": 1, "footnote": 1, "footnotemark": 0, "hspace": 1,
            "vspace": 1, "color": 1, "cellcolor": 1, "rowcolor": 1, "centering": 0, "bf": 0, "it": 0, "em": 0, "tt": 0,
            "small": 0, "tiny": 0, "scriptsize": 0, "footnotesize": 0, "normalsize": 0, "bfseries": 0, "itshape": 0,
            "left": 0, "right": 0, "displaystyle": 0, "phantom": 1, "hfill": 0, "raggedright": 0}  # fmt: skip
_SYMBOLS = {"pm": " ± ", "times": "×", "approx": "≈", "sim": "~", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥",
            "uparrow": "↑", "downarrow": "↓", "rightarrow": "→", "to": "→", "infty": "∞", "dagger": "†", "dag": "†",
            "ddagger": "‡", "ddag": "‡", "ast": "*", "star": "⋆", "S": "§", "P": "¶", "cdot": "·", "ldots": "…",
            "dots": "…", "checkmark": "✓", "textasciitilde": "~", "textbackslash": "\\", "textpm": " ± ",
            "textless": "<", "textgreater": ">", "textbar": "|", "textasciicircum": "^", "textquotesingle": "'",
            "lVert": "‖", "rVert": "‖", "|": "‖", "mid": "|", "vert": "|", "ss": "ß", "o": "ø", "l": "ł", "quad": " ",
            "qquad": " ", "textendash": "–", "textemdash": "—", "ell": "ℓ", "prime": "′",
            "circ": "°", "bullet": "•"}  # fmt: skip
_LAST = {"multirow": 3, "textcolor": 2, "href": 2, "raisebox": 2, "parbox": 2, "rotatebox": 2, "scalebox": 2}
"""Commands that show the last of so many arguments."""
_RAISED = str.maketrans("0123456789-−,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻˒")
_ACCENTS = {"`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "c": "\u0327", "v": "\u030c",
            "H": "\u030b", "u": "\u0306", "r": "\u030a", "=": "\u0304", ".": "\u0307", "k": "\u0328"}  # fmt: skip


def from_tex(text: str) -> PrintedTable:
    """The first table of a LaTeX text. Raises ValueError where there is none."""
    text = _without_inner(_CITED.sub("", re.sub(r"(?<!\\)%.*", "", text)))
    found = _ENVIRONMENT.search(text)
    if found is None:
        raise ValueError("no tabular environment is found in the LaTeX file")
    body = found[2]
    for _ in range(3 if found[1] in ("tabularx", "tabulary", "tabular*") else 2):  # its options, width and columns
        body = re.sub(r"^\s*(?:\[[^\]]*\])?", "", body)
        body = _argument(body)[1] if body.startswith("{") else body
    heads, lines = _lines(body)
    caption = re.search(r"\\caption(?:\[[^\]]*\])?(?=\{)", text)
    title = plain(_argument(text[caption.end() :])[0]) if caption else ""
    return arranged(title, heads, lines)


def _without_inner(text: str) -> str:
    """The text with each table inside a cell, which only breaks its lines, as a `makecell`."""
    inner = re.compile(
        r"\\begin\{tabular\}(?:\[[^\]]*\])?(?=\{)((?:(?!\\begin\{tabular).)*?)\\end\{tabular\}", re.DOTALL
    )
    for found in reversed(list(inner.finditer(text))):
        before = text[: found.start()]
        if before.count(r"\begin{tabular") > before.count(r"\end{tabular"):
            text = before + r"\makecell{" + _argument(found[1])[1] + "}" + text[found.end() :]
    return text


def _lines(body: str) -> tuple[list[list[str]], list[list[str]]]:
    """The lines of cells above the first rule that has any above it, and those below; without one, one is a head."""
    marked = _RULE.sub(lambda rule: _MARK if _FULL.match(rule[0]) else " ", body)
    heads: list[list[str]] = []
    lines: list[list[str]] = []
    for part in _split(marked, "\\\\"):
        line = re.sub(r"^\s*(?:\[[^\]]*\]|\*)", "", part)
        sources = _split(line.replace(_MARK, " "), "&")
        cells = [cell for i, source in enumerate(sources) for cell in _spanned(source, is_name=i == 0)]
        if any(cells):
            if _MARK in line and lines and not heads:
                heads, lines = lines, []
            lines.append(cells)
    return (heads, lines) if heads else (lines[:1], lines[1:])


def _spanned(source: str, is_name: bool) -> list[str]:
    """The cells of one source of a cell: several where it spans columns, its text in each or, of a name, in one."""
    found = re.match(r"\s*\\multicolumn\s*(?=\{)", source)
    if not found:
        return [plain(source)]
    count, rest = _argument(source[found.end() :])
    _, rest = _argument(rest)
    text = plain(_argument(rest)[0])
    number = int(count) if count.strip().isdigit() else 1
    return [text, *[""] * (number - 1)] if is_name else [text] * number


def _split(text: str, at: str) -> list[str]:
    """The parts between separators that stand outside all braces and are not escaped."""
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        if depth == 0 and text.startswith(at, i):
            parts.append(text[start:i])
            i = start = i + len(at)
            continue
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        i += 2 if text[i] == "\\" else 1
    return [*parts, text[start:]]


def _argument(text: str) -> tuple[str, str]:
    """The inside of the braces that a text begins with, or its first character or command; and what comes after."""
    text = text.lstrip()
    if not text.startswith("{"):
        single = re.match(r"\\[A-Za-z]+|\\?.?", text, re.DOTALL)
        end = single.end() if single else 0
        return text[:end], text[end:]
    depth = 0
    for i, character in enumerate(text):
        if character in "{}" and (i == 0 or text[i - 1] != "\\"):
            depth += 1 if character == "{" else -1
            if depth == 0:
                return text[1:i], text[i + 1 :]
    return text[1:], ""


def plain(source: str) -> str:
    """A piece of LaTeX as it looks on the page; a command that is not known stays as it is written.

    Example:
        >>> plain(r"$\\mathbf{54.4}_{\\pm 0.3}$"), plain(r"\\textbf{1{,}234}\\%"), plain(r"Erd\\H{o}s \\& Co")
        ('54.4 ± 0.3', '1,234%', 'Erdős & Co')
    """
    text = _read(source).replace("---", "—").replace("--", "–")
    return re.sub(r"\s+", " ", text).strip()


def _read(text: str) -> str:
    made = ""
    while text:
        character, rest = text[0], text[1:]
        if character == "\\":
            piece, text = _command(rest)
        elif character == "{":
            inside, text = _argument(text)
            piece = _read(inside)
        elif character in "^_":
            inside, text = _argument(rest)
            piece = _read(inside)
            if character == "^":
                piece = raised(piece)
            elif character == "_" and piece and not piece.lstrip().startswith("±"):
                piece = f"_{piece}"
        else:
            piece, text = {"$": "", "~": " ", "}": "", "\n": " "}.get(character, character), rest
        made += piece
    return made


def raised(text: str) -> str:
    """Digits as they stand above the line: the mark of a footnote is no digit of the number before it.

    Example:
        >>> raised("7"), raised("-4"), raised("th")
        ('⁷', '⁻⁴', 'th')
    """
    return text.translate(_RAISED) if re.fullmatch(r"[-−]?[0-9]+(?:,[0-9]+)*", text) else text


def _command(text: str) -> tuple[str, str]:
    """What a command (its backslash taken off) stands for, and the text after it."""
    found = re.match(r"[A-Za-z]+\*?|.", text, re.DOTALL)
    if not found:
        return "", ""
    name, rest = found[0].rstrip("*") if len(found[0]) > 1 else found[0], text[found.end() :]
    if name.isalpha():
        rest = rest.lstrip() if not rest.startswith("\n\n") else rest
    if name in _ACCENTS and (rest.startswith("{") or rest[:1].isalpha()) and len(name) == 1:
        inside, rest = _argument(rest)
        letter = _read(inside)
        return unicodedata.normalize("NFC", letter[:1] + _ACCENTS[name] + letter[1:]), rest
    return _named(name, rest)


def _named(name: str, rest: str) -> tuple[str, str]:
    if name in _SYMBOLS:
        return _SYMBOLS[name], rest
    if name in "%&_#${}" and name:
        return name, rest
    if name in " ,;:!/>\\":
        return ("" if name in "!/" else " "), rest
    if name in _DROPPED:
        rest = re.sub(r"^\[[^\]]*\]", "", rest)
        return "", _argument(rest)[1] if _DROPPED[name] else rest
    if name in (
        "multirow",
        "textcolor",
        "href",
        "raisebox",
        "parbox",
        "rotatebox",
        "scalebox",
    ):  # what it shows comes last
        return _last(rest, 3 if name == "multirow" else 2)
    if name in ("makecell", "shortstack", "thead"):
        inside, rest = _argument(re.sub(r"^\[[^\]]*\]", "", rest))
        return " ".join(map(_read, _split(inside, "\\\\"))), rest
    if letter := _greek(name):
        return letter, rest
    if rest.startswith("{") and name.startswith(_STYLES):
        inside, rest = _argument(rest)
        return raised(_read(inside)) if name == "textsuperscript" else _read(inside), rest
    inside, rest = _argument(rest) if rest.startswith("{") else ("", rest)
    return f"\\{name}{{{_read(inside)}}}" if inside else f"\\{name}", rest


_STYLES = ("text", "math", "emph", "underline", "uline", "bm", "boldsymbol", "operatorname", "mbox", "hbox",
           "ensuremath", "overline", "tablenum", "num", "uwave", "best", "second", "bold")  # fmt: skip


def _last(rest: str, count: int) -> tuple[str, str]:
    """The last of several arguments, as it looks; optional ones between them are passed over."""
    inside = ""
    for _ in range(count):
        rest = re.sub(r"^\s*(?:\[[^\]]*\])*", "", rest)
        inside, rest = _argument(rest)
    return _read(inside), rest


def _greek(name: str) -> str:
    """The letter of `alpha` or `Alpha`; nothing for another word."""
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    spelled = {"lambda": "LAMDA"}.get(name.lower(), name.upper())
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {spelled}")
    except KeyError:
        return ""
