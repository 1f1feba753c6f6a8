"""What Instagram pushes about our account: only names of what was said, which is read at once. Pure.

Source: developers.facebook.com/docs/graph-api/webhooks/reference/instagram, fields "comments" and "mentions". A pushed
comment holds its words, but neither its moment nor where people can see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from channels.graph_push import Change, answer_handshake, changes
from channels.instagram.convert import graph_id
from channels.manifest import Listening
from domain.errors import Undecodable
from domain.ports import Page, Unreadable
from net.decode import text_at


def receive(listening: Listening, headers: Mapping[str, str], body: bytes, now: datetime) -> Page:
    """A push about our account."""
    asks: list[str] = []
    bad: list[Unreadable] = []
    seen = 0
    for change in changes(listening.account, headers, body, "instagram"):
        seen += 1
        try:
            asks += [ask] if (ask := _ask(change)) else []
        except Undecodable as error:
            bad.append(Unreadable(f"push {change.field}", str(error), msgspec.json.encode(change.value)[:2000]))
    # what is read afterwards is counted there
    return Page((), {"asks": asks} if asks else None, bool(asks), seen - len(asks), unreadable=tuple(bad))


def _ask(change: Change) -> str:
    """What is to be read: its kind and id. Empty for what nobody said."""
    if change.field == "comments":
        return f"comment {graph_id(change.value)}"
    if change.field != "mentions":
        return ""
    if text_at(change.value, "comment_id"):
        return f"mention {graph_id(change.value, 'comment_id')}"
    return f"caption {graph_id(change.value, 'media_id')}"


def greet(listening: Listening, query: Mapping[str, str]) -> str:
    """Meta's question whether the address is ours."""
    return answer_handshake(listening.account, query)
