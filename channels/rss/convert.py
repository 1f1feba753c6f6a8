"""An entry of a feed as a Mention. Pure."""

from __future__ import annotations

from datetime import datetime

import xxhash

from channels.rss.parse import Entry
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import clean_text, html_to_text

CHANNEL = "rss"
_LONGEST_ID = 300


def scope_of(url: str) -> str:
    """Ids count within one feed only: its address, short."""
    return xxhash.xxh3_64_hexdigest(url.encode("utf-8", "replace"))[:8]


def identity(entry: Entry) -> str:
    """guid or atom:id, else the link, else a hash of the words. Never the date: feeds change and back-date it."""
    own = entry.guid or entry.link
    if own and len(own) <= _LONGEST_ID:
        return own
    words = own or f"{entry.title}\x00{entry.body}"
    return "hash:" + xxhash.xxh3_128_hexdigest(words.encode("utf-8", "replace"))


def to_mention(entry: Entry, scope: str, fallback: datetime, lang: str | None) -> Mention:
    """`fallback` is the moment of an entry without a date (the feed's own, else the answer's).

    Raises Undecodable when there is nothing to know the entry by, or nothing to read.
    """
    title = _plain(entry.title, entry.title_is_html)
    text = _plain(entry.body, entry.body_is_html)
    if not (title or text):
        raise Undecodable("an entry without title and text")
    external_id = f"{scope}:{clean_text(identity(entry))}"
    author = clean_text(entry.author)[:200]
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        title=title if text else "",
        text=text or title,
        posted_at=entry.published or entry.updated or fallback,
        thread_id=external_id,
        url=_web_address(entry.link) or _web_address(entry.guid),
        author_handle=author,  # a name that anybody may have is no id
        author_name=author,
        lang_tag=lang,
        edited_at=entry.updated if entry.published and entry.updated != entry.published else None,
    )


def _plain(words: str, is_html: bool) -> str:
    return html_to_text(words) if is_html else clean_text(words).strip()


def _web_address(link: str) -> str:
    return link if link.startswith(("http://", "https://")) and len(link) <= 2000 else ""
