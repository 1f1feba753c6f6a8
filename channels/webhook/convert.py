"""A pushed body as a page. Pure. docs/channels/webhook.md lists the fields; those of a post are those of a replay."""

from __future__ import annotations

import msgspec

from channels.replay.convert import created_at, to_mention
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Page, Unreadable
from net.decode import decode_json, text_at, time_at, value_at

CHANNEL = "webhook"
MOST = 500
"""Posts, and removed ids, of one push: as many as a poll takes at once."""
_NAMES = ("id", "in_reply_to", "thread")


def to_page(body: bytes, handles: tuple[str, ...]) -> Page:
    """Raises Undecodable when it is no such object. A post that cannot be read costs only itself."""
    pushed = decode_json(body)
    posts, removed = _list(pushed, "posts"), _list(pushed, "removed")
    if not isinstance(pushed, dict) or not ("posts" in pushed or "removed" in pushed):
        raise Undecodable('an object with "posts" or "removed" is expected')
    mentions: list[Mention] = []
    unreadable: list[Unreadable] = []
    for raw in posts:
        try:
            mentions.append(_mention(raw, handles))
        except Undecodable as problem:
            # named by itself, not by its place: in another push it is still the same one
            where = f"post {text_at(raw, 'id')[:200]}".rstrip()
            unreadable.append(Unreadable(where, problem.detail, msgspec.json.encode(raw)[:2000]))
    withdrawn = tuple(name for each in removed if (name := _name({"id": each}, "id")))
    return Page(tuple(mentions), None, False, len(posts), withdrawn, tuple(unreadable))


def _list(pushed: object, name: str) -> list[object]:
    found = value_at(pushed, name)
    if not isinstance(found, list | None):
        raise Undecodable(f"{name} is no list")
    if len(found or ()) > MOST:
        raise Undecodable(f"more than {MOST} {name}: send them in parts")
    return found or []


def _mention(raw: object, handles: tuple[str, ...]) -> Mention:
    posted_at = created_at(raw)
    named = {**raw, **{name: _name(raw, name) for name in _NAMES}} if isinstance(raw, dict) else raw
    mention = to_mention(named, posted_at, handles, CHANNEL)
    # the moment of this version: the same push once more, after an edit, is older than what we hold by then
    return msgspec.structs.replace(mention, edited_at=time_at(raw, "edited_at") or posted_at)


def _name(raw: object, name: str) -> str:
    """An id without slashes at its end: in what was removed, they would stand for all ids that begin so."""
    return text_at(raw, name).rstrip("/")
