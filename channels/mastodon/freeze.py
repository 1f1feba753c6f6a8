"""An approved reply as the bytes that are posted, its length, and its text as a read-back compares it. No I/O."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import msgspec
import regex

from channels.mastodon.convert import server_of
from domain.errors import BadInput
from domain.reply import Frozen, Outgoing, Parent

MAX_CHARACTERS = 500
"""Mastodon's default. Servers may allow more; none of the known ones allows less."""
URL_CHARACTERS = 23

_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]']", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@(\w[\w.-]*)(?:@[\w-]+(?:\.[\w-]+)*(?::\d+)?)?")
_LEADING_MENTIONS = re.compile(r"^(?:\s*@\w+(?:[.-]\w+)*)+\s*")
_GRAPHEME = regex.compile(r"\X")


def length(text: str) -> int:
    """Characters as Mastodon counts them: grapheme clusters, each link 23, `@user@host` as `@user`.

    Source: Mastodon's StatusLengthValidator.
    """
    short = _URL.sub("u" * URL_CHARACTERS, text)
    short = _MENTION.sub(lambda found: "@" + found.group(1), short)
    return sum(1 for _ in _GRAPHEME.finditer(short))


def salutation(parent: Parent) -> str:
    """`@user` for a person of the server that it was read on, which is our own, else `@user@host`. Without it nobody is
    notified."""
    acct = str(parent.native.get("acct") or parent.author_handle).lstrip("@")
    user, _, host = acct.partition("@")
    return f"@{user}" if host.lower() in ("", parent.native.get("server")) else f"@{acct}"


def visibility_of(parent: Parent) -> str:
    """Never more public than what is answered; a public post is answered unlisted, which keeps us out of timelines."""
    seen = str(parent.native.get("visibility") or "public")
    return "unlisted" if seen in ("public", "unlisted") else seen if seen == "private" else "direct"


def message(text: str, parent: Parent) -> str:
    """The words that are posted."""
    name = salutation(parent)
    named = re.search(rf"(?<!\w){re.escape(name)}(?![\w@])", text, re.IGNORECASE)
    return unicodedata.normalize("NFC", text if named else f"{name} {text}")


def _status(outgoing: Outgoing) -> str:
    name, status = salutation(outgoing.parent), message(outgoing.text, outgoing.parent)
    if (over := length(status) - MAX_CHARACTERS) > 0:
        raise BadInput(f"with {name} in front the reply is {over} characters longer than Mastodon's 500: shorten it")
    return status


def freeze(outgoing: Outgoing) -> Frozen:
    """The request body and the Idempotency-Key of an approved reply. Raises BadInput when it cannot be sent so."""
    parent_id = outgoing.parent.native.get("id")
    if not parent_id or outgoing.parent.native.get("server") != server_of(outgoing.account.base_url):
        raise BadInput("this post was read through another server than our account's: answer it by hand")
    fields = {"status": _status(outgoing), "in_reply_to_id": str(parent_id)}
    fields["visibility"] = visibility_of(outgoing.parent)
    if outgoing.lang:
        fields["language"] = outgoing.lang.split("-")[0].lower()
    body = msgspec.json.encode(fields)
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|".encode() + body
    return Frozen(body=body, key=hashlib.sha256(seed).hexdigest()[:32])


def comparable(text: str) -> str:
    """Text for a read-back: NFC, `@user@host` as `@user` (as servers show it), no leading mentions, single spaces."""
    plain = _MENTION.sub(lambda found: "@" + found.group(1), unicodedata.normalize("NFC", text))
    return " ".join(_LEADING_MENTIONS.sub("", plain).split())
