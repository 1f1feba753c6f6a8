"""What Facebook pushes about our Page, as a page of mentions. Pure.

Source: developers.facebook.com/docs/graph-api/webhooks/reference/page, fields "feed" and "mention".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from channels.facebook.convert import EDITED, change_to_mention, spot_of
from channels.graph_push import Change, answer_handshake, changes
from channels.manifest import Listening
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Page, Unreadable
from net.decode import text_at

_ITEMS = frozenset({"comment", "post", "status", "photo", "video", "share", "link", "album"})
"""What has words of somebody; likes, reactions and the like have none."""
_SAID = frozenset({"add", "unhide", *EDITED})
_GONE = frozenset({"remove", "delete"})


@dataclass(slots=True)
class Pushed:
    """What the changes of one push say. `asks`: what is only named, and read afterwards."""

    page_id: str
    mentions: list[Mention] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    seen: int = 0

    def take(self, change: Change) -> None:
        """One change; one that cannot be read costs only itself."""
        self.seen += 1
        try:
            self._take(change)
        except Undecodable as error:
            self.unreadable.append(
                Unreadable(f"push {change.field}", str(error), msgspec.json.encode(change.value)[:2000])
            )

    def _take(self, change: Change) -> None:
        value, verb = change.value, text_at(change.value, "verb")
        if change.field not in ("feed", "mention") or text_at(value, "item") not in _ITEMS:
            return
        if verb in _GONE:
            self.withdrawn.append(spot_of(value).id)
        elif verb in _SAID and (change.field == "feed" or text_at(value, "message")):
            mention = change_to_mention(value, change.told_s, self.page_id)
            self.mentions += [mention] if mention is not None else []
        elif verb in _SAID:
            spot = spot_of(value)
            self.asks.append(f"{spot.post} {spot.id}" if spot.is_comment else spot.post)


def receive(listening: Listening, headers: Mapping[str, str], body: bytes, now: datetime) -> Page:
    """A push about our Page."""
    told = changes(listening.account, headers, body, "page")
    pushed = Pushed(listening.account.external_id if listening.account else "")
    for change in told:
        pushed.take(change)
    asks = {"asks": pushed.asks} if pushed.asks else None
    seen = pushed.seen - len(pushed.asks)  # what is read afterwards is counted there
    mentions, gone, bad = tuple(pushed.mentions), tuple(pushed.withdrawn), tuple(pushed.unreadable)
    return Page(mentions, asks, bool(asks), seen, gone, bad)


def greet(listening: Listening, query: Mapping[str, str]) -> str:
    """Meta's question whether the address is ours."""
    return answer_handshake(listening.account, query)
