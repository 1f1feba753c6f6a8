"""Text from outside made plain and storable: cleaned, normalised, and freed of HTML.

The result is still hostile text for whoever shows it; it is only certain to be valid Unicode that
every database, log and encoder accepts.
"""

from __future__ import annotations

import html
import re
import unicodedata

# NUL breaks PostgreSQL, lone surrogates break UTF-8, ESC and friends break terminals. Each becomes U+FFFD
# (never nothing) so that "re\x00fund" does not silently turn into another word than its author wrote.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_HTML_LIMIT = 200_000

_TOKEN = re.compile(
    r"""<!--|<[!?][^<>]*>|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>|<(/?)([a-zA-Z]+)[^<>]*>"""
)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
_MANY_NEWLINES = re.compile(r"\n{3,}")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_PARAGRAPHS = frozenset(["p", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"])
_DROPPED = frozenset(
    ["script", "style", "head", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"]
)


def clean_string(text: str) -> str:
    """Controls except newline and tab, and lone surrogates become U+FFFD; line ends become a newline."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSAFE.sub("\ufffd", text)


def clean_text(text: str) -> str:
    """`clean_string` and Unicode NFC: for text that did not come through the JSON decoder."""
    if text.isascii():
        return text if text.isprintable() else clean_string(text)
    cleaned = clean_string(text)
    return cleaned if unicodedata.is_normalized("NFC", cleaned) else unicodedata.normalize("NFC", cleaned)


def html_to_text(source: str) -> str:
    """A post in HTML (Mastodon, Hacker News, feeds) as plain text, in one linear pass.

    Paragraphs and `<br>` become newlines, links keep their visible text (or their address where the text is
    empty or cut short), scripts and styles vanish, entities are decoded. Not the standard library's parser:
    that one is quadratic on crafted input in some Python versions and five times slower on honest posts.
    Input beyond 200,000 characters is cut.
    """
    if "<" not in source and "&" not in source:
        return clean_text(source).strip()
    source = source[:_HTML_LIMIT]
    simple = _simple(source)
    return clean_text(_tidy(_Reader(source).read() if simple is None else simple))


def _simple(source: str) -> str | None:
    """What `_Reader` would read, where the only tags are bare `<p>` and `<br>` as in most posts; else None.

    Then each "<" begins a tag and each tag is a line end, so a few replacements do (a test holds the two together).
    """
    if "\xa0" in source or ("&" in source and "\r" in source):
        return None
    text = _one_space(source).replace("<p>", "\n\n").replace("</p>", "\n\n")
    if "<" in text:
        text = text.replace("<br>", "\n").replace("<br />", "\n").replace("<br/>", "\n")
        if "<" in text:
            return None
    if "&" in text:  # an entity may stand for any white space, and for "<"
        text = "\n".join([_one_space(html.unescape(line).replace("\xa0", " ")) for line in text.split("\n")])
    return text.replace("\n ", "\n").removeprefix(" ")


class _Reader:
    """Walks over the tags of one document and collects what a reader would see."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._out: list[str] = []
        self._links: list[tuple[int, str]] = []
        self._pre = 0

    def read(self) -> str:
        at = 0
        while token := _TOKEN.search(self._source, at):
            self._text(self._source[at : token.start()])
            at = self._tag(token)
        self._text(self._source[at:])
        return "".join(self._out)

    def _text(self, raw: str) -> None:
        if not raw:
            return
        text = (html.unescape(raw) if "&" in raw else raw).replace("\xa0", " ")
        if not self._pre:
            text = _one_space(text)
            if text[0] == " " and (not self._out or self._out[-1].endswith("\n")):
                text = text[1:]
        self._out.append(text)

    def _tag(self, token: re.Match[str]) -> int:
        """Deals with one tag and says where reading goes on."""
        name = (token[2] or token[5] or "").lower()
        if not name:
            return self._comment_end(token)
        closing = bool(token[1] or token[4])
        if name in _DROPPED and not closing:
            return self._end_of(name, token.end())
        if name == "br":
            self._out.append("\n")
        elif name == "a":
            self._link(closing, token[3] or "")
        elif name in _BLOCKS:
            self._block(name, closing)
        return token.end()

    def _comment_end(self, token: re.Match[str]) -> int:
        if token[0] != "<!--":
            return token.end()
        end = self._source.find("-->", token.end())
        return len(self._source) if end < 0 else end + 3

    def _end_of(self, name: str, at: int) -> int:
        end = re.compile(rf"</{name}\b[^<>]*>?", re.IGNORECASE).search(self._source, at)
        return end.end() if end else len(self._source)

    def _block(self, name: str, closing: bool) -> None:
        if name == "pre":
            self._pre = max(0, self._pre + (-1 if closing else 1))
        self._out.append("\n\n" if name in _PARAGRAPHS else "\n")

    def _link(self, closing: bool, attributes: str) -> None:
        if not closing:
            found = _HREF.search(attributes)
            address = html.unescape(found[1] or found[2] or found[3] or "") if found else ""
            self._links.append((len(self._out), address.strip()))
        elif self._links:
            start, address = self._links.pop()
            if _is_link(address) and _is_cut("".join(self._out[start:]), address):
                self._out[start:] = [address]


def _is_link(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def _is_cut(shown: str, address: str) -> bool:
    """Whether the visible text of a link is empty or the address cut short ("https://exam...")."""
    shown = shown.strip()
    stem = shown.removesuffix("…").removesuffix("...")
    return not shown or (stem != shown and len(stem) > 3 and stem in address)


def _one_space(text: str) -> str:
    """White space as HTML sees it: any run of it is one space. Most texts have single spaces only."""
    if "  " in text or "\n" in text or "\t" in text or "\r" in text or "\f" in text:
        return _SPACE.sub(" ", text)
    return text


def _tidy(text: str) -> str:
    if " \n" in text or "\t\n" in text:
        text = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    text = text.strip()
    return _MANY_NEWLINES.sub("\n\n", text) if "\n\n\n" in text else text
