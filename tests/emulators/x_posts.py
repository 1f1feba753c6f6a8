"""Posts as X keeps and serves them, for the emulator: ids, entities, long forms, edits, and what a query finds.

Written from X's OpenAPI and its guide pages, not from our connector.
"""

from __future__ import annotations

import html
import re
import shlex
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Item = dict[str, Any]
EPOCH_MS = 1_288_834_974_657
NEW = {
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
}
LINK = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?)]")


def id_at(moment: datetime, sequence: int = 0) -> int:
    """The id of a post of this moment."""
    return (round(moment.timestamp() * 1000) - EPOCH_MS) << 22 | sequence


def stamp(moment: datetime) -> str:
    """As X writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Said:
    """One version of a post in the books. `raw` is what its author typed; `broken` is served as it stands."""

    id: int
    author: str
    raw: str
    at: datetime
    history: list[int]
    lang: str = "en"
    reply_to: int = 0
    quote: int = 0
    repost: int = 0
    conversation: int = 0
    found_from: datetime | None = None
    changes: Item = field(default_factory=dict)
    broken: bool = False


def user(name: str, number: int) -> Item:
    """A person."""
    metrics = {"followers_count": 12, "following_count": 3, "tweet_count": 40, "listed_count": 0}
    return {"id": str(7000 + number), "name": name.title(), "username": name, "public_metrics": metrics}


def entities(text: str, ids: dict[str, str]) -> Item:
    """What X finds in a text: names, tags, links (as t.co)."""
    names = [m for m in re.finditer(r"(?<![\w@])@(\w{1,15})", text) if m[1].lower() in ids]
    found: Item = {
        "mentions": [
            {"start": m.start(), "end": m.end(), "username": m[1], "id": ids[m[1].lower()]} for m in names
        ],
        "hashtags": [
            {"start": m.start(), "end": m.end(), "tag": m[1]} for m in re.finditer(r"(?<!\w)#(\w+)", text)
        ],
        "urls": [
            {"start": m.start(), "end": m.end(), "url": short(m[0]), "expanded_url": m[0], "display_url": m[0][8:30]}
            for m in LINK.finditer(text)
        ],
    }  # fmt: skip
    return {name: items for name, items in found.items() if items}


def short(link: str) -> str:
    """The t.co address of a link: 23 characters."""
    return f"https://t.co/{zlib.crc32(link.encode()):010d}"


def shown(text: str) -> str:
    """A text as the API gives it: escaped, links as t.co."""
    return html.escape(LINK.sub(lambda m: short(m[0]), text), quote=False)


def item(said: Said, ids: dict[str, str], references: list[Item]) -> Item:
    """A whole post in the old names, before the request chooses from it."""
    whole, found = shown(said.raw), entities(said.raw, ids)
    post: Item = {
        "id": str(said.id),
        "text": whole if len(said.raw) <= 280 else f"{whole[:270]}… {short('https://x.com/' + str(said.id))}",
        "edit_history_tweet_ids": [str(each) for each in said.history],
        "author_id": ids[said.author],
        "conversation_id": str(said.conversation or said.history[0]),
        "created_at": stamp(said.at),
        "lang": said.lang,
        "public_metrics": {
            "retweet_count": 2, "reply_count": 0, "like_count": 1, "quote_count": 0, "bookmark_count": 0,
            "impression_count": 9,
        },
    }  # fmt: skip
    if found:
        post["entities"] = found
    if len(said.raw) > 280:
        post["note_tweet"] = {"text": whole} | ({"entities": found} if found else {})
    if references:
        post["referenced_tweets"] = references
    return post | said.changes


def renamed(value: Any) -> Any:
    """The same in the names of August 2026."""
    if isinstance(value, dict):
        return {NEW.get(name, name): renamed(part) for name, part in value.items()}
    return [renamed(part) for part in value] if isinstance(value, list) else value


def finds(query: str, said: Said, reposts: bool) -> bool:
    """Whether a query finds a post: a group of alternatives in parentheses, and exclusions behind it."""
    group, _, tail = query.rpartition(")")
    if not group.startswith("("):
        group, tail = f"({query}", ""
    for word in tail.split():
        name, _, value = word.removeprefix("-").partition(":")
        if (name == "from" and said.author.lower() == value.lower()) or (value == "retweet" and reposts):
            return False
    return any(_holds(word, said) for word in shlex.split(group[1:], posix=False) if word != "OR")


def _holds(word: str, said: Said) -> bool:
    text = said.raw.casefold()
    if word.startswith("url:"):
        return any(word[4:].strip('"').casefold() in link.casefold() for link in LINK.findall(text))
    if word[0] in "#@":
        return re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", text) is not None
    wanted = re.findall(r"\w+", word.strip('"').casefold())
    there = re.findall(r"\w+", text)
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there)))
