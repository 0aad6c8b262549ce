"""What a page of HTML holds, read by the standard parser: its elements, links, ids and text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from urllib.parse import unquote

VOID = {"meta", "link", "input", "br", "wbr", "img", "path", "use"}
ADDRESSES = ("href", "src", "action", "srcset", "data", "poster", "xlink:href", "formaction")


@dataclass
class Page(HTMLParser):
    """A parsed page; an end tag that does not close the open element is an error."""

    text: str
    ids: list[str] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.close()
        assert self._open == [], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        self._look(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._look(tag, dict(attrs))

    def _look(self, tag: str, attrs: dict[str, str | None]) -> None:
        self.ids += [attrs["id"] or ""] if "id" in attrs else []
        self.addresses += [(tag, attrs[name] or "") for name in ADDRESSES if name in attrs]
        self.handlers += [name for name in attrs if name.startswith("on")]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._open):
            self.shown.append(data)


def resolved(file: str, address: str) -> tuple[str, str]:
    """The file and the fragment that a relative address on a page leads to."""
    path, _, fragment = unquote(address).partition("#")
    return normpath(join(dirname(file), path)) if path else file, fragment
