"""An approved reply as the record that is stored: its key, its bytes, its length. No I/O."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC
from typing import Any

import msgspec
import regex

from channels.bluesky.convert import POST, reference
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing, Parent

MAX_GRAPHEMES = 300
MAX_BYTES = 3000
"""Both limits of the lexicon app.bsky.feed.post."""

_TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_GRAPHEME = regex.compile(r"\X")
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']", re.IGNORECASE)


def length(text: str) -> int:
    """Characters as Bluesky counts them: grapheme clusters. Text over 3,000 bytes counts as too long as well."""
    graphemes = sum(1 for _ in _GRAPHEME.finditer(text))
    return graphemes if len(text.encode()) <= MAX_BYTES else max(graphemes, MAX_GRAPHEMES + 1)


def tid(micros: int, clock_id: int) -> str:
    """A record key in TID form: 53 bits of microseconds, 10 bits of clock id, 13 sortable base-32 characters.

    Source: atproto.com/specs/tid. The server refuses other forms for posts.
    """
    number = (micros & ((1 << 53) - 1)) << 10 | (clock_id & 1023)
    return "".join(_TID_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def _facet(text: str, start: int, end: int, feature: dict[str, str]) -> dict[str, Any]:
    """Offsets are counted in bytes of UTF-8, the end is exclusive."""
    index = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"index": index, "features": [feature]}


def facets(text: str, parent: Parent) -> list[dict[str, Any]]:
    """Marks links, and the author where the text says @handle: without them both are plain words."""
    link, mention = "app.bsky.richtext.facet#link", "app.bsky.richtext.facet#mention"
    marked = [_facet(text, m.start(), m.end(), {"$type": link, "uri": m.group()}) for m in _LINK.finditer(text)]
    handle = parent.author_handle.lstrip("@")
    if handle and parent.author_id.startswith("did:"):
        person = {"$type": mention, "did": parent.author_id}
        found = re.finditer(rf"(?<![\w/])@{re.escape(handle)}(?![\w-]|\.\w)", text, re.IGNORECASE)
        marked += [_facet(text, m.start(), m.end(), person) for m in found]
    return sorted(marked, key=lambda facet: int(facet["index"]["byteStart"]))


def _record(outgoing: Outgoing) -> dict[str, Any]:
    text = unicodedata.normalize("NFC", outgoing.text)
    parent = reference({"uri": outgoing.parent.external_id, "cid": outgoing.parent.native.get("cid")})
    if parent is None:
        raise BadInput("this post came without its content id, so an answer cannot point to it: answer it by hand")
    created = outgoing.approved_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    root = reference(outgoing.parent.native.get("root")) or parent
    record: dict[str, Any] = {"$type": POST, "text": text, "createdAt": created}
    record["reply"] = {"root": root, "parent": parent}
    if marked := facets(text, outgoing.parent):
        record["facets"] = marked
    if outgoing.lang:
        record["langs"] = [outgoing.lang]
    return record


def freeze(outgoing: Outgoing) -> Frozen:
    """The putRecord request of an approved reply and its record key. Raises BadInput.

    `swapRecord: null` means "must not exist yet", so a second sending of the same bytes changes nothing and other
    bytes are refused. Key and time come from the approval: sending again gives the same bytes.
    """
    if length(unicodedata.normalize("NFC", outgoing.text)) > MAX_GRAPHEMES:
        raise BadInput("the reply is longer than Bluesky allows (300 characters, 3,000 bytes): shorten it")
    if not outgoing.account.external_id.startswith("did:"):
        raise BadInput("our Bluesky account was never tried, so its id is not known: try it on the accounts page")
    rkey = tid(round(outgoing.approved_at.timestamp() * 1_000_000), outgoing.reply_id)
    request = {"repo": outgoing.account.external_id, "collection": POST, "rkey": rkey, "swapRecord": None}
    return Frozen(body=msgspec.json.encode(request | {"record": _record(outgoing)}), key=rkey)
