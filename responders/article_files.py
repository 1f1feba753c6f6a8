"""Articles as files: Markdown with a small head, or JSON lines. Pure; a bad one names file, line and what to do.

    ---
    name: refunds-how-long
    title: How long a refund takes
    lang: en
    market: GB
    owner: mara@example.org
    review: 2026-06-01
    status: live
    ---
    Refunds arrive within five working days.

Needed are title, lang and a text; `name` is the file's name where the head has none. Nothing else may stand in a head.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from unicodedata import normalize

from domain.errors import BadInput
from domain.lifecycle import ARTICLE

LONGEST_TITLE: Final = 160
LONGEST_TEXT: Final = 20_000
_FENCE: Final = "---"
_FIELDS: Final = ("name", "title", "lang", "market", "owner", "review", "status")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LANG = re.compile(r"[a-z]{2,3}")
MARKET = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An article as a file tells it. `owner` is a mail address or empty, `place` where it stands, for errors, and
    `told` are the keys that it has: of an article that we know, the others stay as they are."""

    name: str
    title: str
    text: str
    lang: str
    market: str = ""
    owner: str = ""
    review_on: date | None = None
    status: str = "draft"
    place: str = ""
    told: frozenset[str] = frozenset()


def read_file(name: str, content: bytes) -> list[Filed]:
    """All articles of one file: `.jsonl` has one per line, anything else is one in Markdown. BadInput for a bad one."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(f"{name}, line {line}: this is not UTF-8; store the file as UTF-8") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadInput(f"{name}, line {line}: it holds a NUL character; take it out")
    return list(_from_lines(name, text)) if name.endswith(".jsonl") else [_from_markdown(name, text)]


def once_each(found: Iterable[Filed]) -> list[Filed]:
    """The same list; BadInput when two are called alike."""
    seen: dict[str, Filed] = {}
    for each in found:
        if each.name in seen:
            raise BadInput(
                f"{each.place}: the name {each.name} is taken by {seen[each.name].place}; name it differently"
            )
        seen[each.name] = each
    return list(seen.values())


# --- Markdown ------------------------------------------------------------------------------------------------------


def _from_markdown(name: str, text: str) -> Filed:
    lines = text.split("\n")
    if lines[0].strip() != _FENCE:
        raise BadInput(
            f"{name}, line 1: an article begins with a line {_FENCE}, then its head (title, lang), then {_FENCE}"
        )
    end = next((at for at, line in enumerate(lines) if at and line.strip() == _FENCE), None)
    if end is None:
        raise BadInput(f"{name}, line {len(lines)}: the head does not end; put a line {_FENCE} below it")
    head, places = dict[str, str](), dict[str, int]()
    for number, line in enumerate(lines[1:end], 2):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in _FIELDS:
            raise BadInput(
                f"{name}, line {number}: {line.strip()[:40]!r} is no line of a head;"
                f" write one of {', '.join(_FIELDS)}, a colon and a value"
            )
        if key in head:
            raise BadInput(f"{name}, line {number}: {key} stands in line {places[key]} already; keep one of them")
        head[key], places[key] = value, number
    head.setdefault("name", slug(name.rpartition("/")[2].removesuffix(".md")))
    return _checked(head | {"text": "\n".join(lines[end + 1 :])}, name, places, 1, end + 2)


# --- JSON lines ----------------------------------------------------------------------------------------------------


def _from_lines(name: str, text: str) -> Iterator[Filed]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise BadInput(f"{name}, line {number}: this is not JSON; write one object per line") from None
        yield _checked(_texts(row, f"{name}, line {number}"), name, {}, number, number)


def _texts(row: Any, place: str) -> dict[str, str]:
    if not isinstance(row, dict):
        raise BadInput(f"{place}: an object with title, lang and text is expected")
    for key, value in row.items():
        if key not in (*_FIELDS, "text"):
            raise BadInput(f"{place}: {str(key)[:40]!r} is no field of an article; use {', '.join(_FIELDS)} and text")
        if not isinstance(value, str):
            raise BadInput(f"{place}: {key} must be a text in quotes")
        if any("\ud800" <= char <= "\udfff" for char in value) or "\0" in value:
            raise BadInput(f"{place}: {key} holds a character that cannot be kept; type the words again")
    return {"name": slug(row.get("title", "")), **row}


# --- what both share -----------------------------------------------------------------------------------------------


def _checked(values: dict[str, str], file: str, places: dict[str, int], head: int, body: int) -> Filed:
    def wrong(field: str, advice: str) -> BadInput:
        return BadInput(f"{file}, line {places.get(field, body if field == 'text' else head)}: {field}: {advice}")

    title, text = " ".join(values.get("title", "").split()), values.get("text", "").strip()
    if not title or len(title) > LONGEST_TITLE:
        raise wrong("title", f"write one of 1 to {LONGEST_TITLE} characters")
    if not text or len(text) > LONGEST_TEXT:
        raise wrong("text", f"write 1 to {LONGEST_TEXT} characters below the head")
    if not LANG.fullmatch(values.get("lang", "")):
        raise wrong("lang", "write the code of its language, like en or hr")
    if values.get("market") and not MARKET.fullmatch(values["market"]):
        raise wrong("market", "write two capital letters like HR, or leave it out for every market")
    if not _NAME.fullmatch(values["name"]) or len(values["name"]) > LONGEST_TITLE:
        raise wrong("name", "write small letters a to z and digits with hyphens between, like refund-times")
    status = values.get("status") or "draft"
    if status not in ARTICLE:
        raise wrong("status", f"choose one of {', '.join(ARTICLE)}")
    owner = values.get("owner", "").strip()
    if owner and "@" not in owner:
        raise wrong("owner", "write the mail address of a colleague, or leave it out")
    try:
        review_on = date.fromisoformat(values["review"]) if values.get("review") else None
    except ValueError:
        raise wrong("review", "write a day like 2026-06-01, or leave it out") from None
    return Filed(
        name=values["name"], title=title, text=text, lang=values["lang"], market=values.get("market", ""), owner=owner,
        review_on=review_on, status=status, place=f"{file}, line {places.get('name', head)}", told=frozenset(values),
    )  # fmt: skip


def slug(title: str) -> str:
    """A title as a name of a file; empty when it has no plain letter."""
    plain = normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-")


def markdown(article: Filed) -> str:
    """The file that `read_file` reads back to the same article."""
    values = {
        "name": article.name, "title": article.title, "lang": article.lang, "market": article.market,
        "owner": article.owner, "review": article.review_on.isoformat() if article.review_on else "",
        "status": article.status,
    }  # fmt: skip
    head = [f"{key}: {value}" for key, value in values.items() if value]
    return "\n".join([_FENCE, *head, _FENCE, article.text, ""])
