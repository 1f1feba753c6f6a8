"""What is new on the sandbox network, by its change numbers."""

from __future__ import annotations

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.sandbox.client import SandboxClient
from channels.sandbox.convert import to_mention
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import bool_at, int_at, list_at, text_at, value_at


class SandboxSettings(SourceSettings, frozen=True, kw_only=True):
    """`base_url`: where the sandbox network listens."""

    base_url: str = "http://127.0.0.1:8766"


class SandboxSource:
    """One page of changes per fetch."""

    def __init__(self, listening: Listening) -> None:
        settings: SandboxSettings = listening.settings
        self._client = SandboxClient(settings.base_url, listening.door, clock=listening.clock)
        self._handles = listening.handles

    async def fetch(self, cursor: Cursor | None) -> Page:
        """Raises Undecodable when the answer has no list of posts."""
        after = int_at(cursor, "after") or 0
        answer = await self._client.changes(after)
        if not isinstance(value_at(answer, "posts"), list):
            raise Undecodable("the answer has no list of posts")
        return self._page(list_at(answer, "posts"), after, bool_at(answer, "more"))

    def _page(self, posts: list[object], after: int, more: bool) -> Page:
        mentions: list[Mention] = []
        withdrawn: list[str] = []
        unreadable: list[Unreadable] = []
        last = after
        for raw in posts:
            last = max(last, int_at(raw, "seq") or 0)
            if bool_at(raw, "withdrawn"):
                withdrawn.append(text_at(raw, "id"))
                continue
            try:
                mentions.append(to_mention(raw, self._handles))
            except Undecodable as problem:
                # Named by what it is and not by where it stands: a page that overlaps serves it again elsewhere.
                where = f"post {text_at(raw, 'id')}"
                unreadable.append(Unreadable(where, problem.detail, msgspec.json.encode(raw)[:2000]))
        # A page that moves nothing must not be asked for again at once: a faulty server would keep us busy.
        return Page(
            tuple(mentions), {"after": last}, more and last > after, len(posts), tuple(withdrawn), tuple(unreadable)
        )
