"""One line of a replayed file as a Mention. Pure. docs/channels/replay.md lists the fields."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, int_at, list_at, text_at, time_at, value_at

CHANNEL = "replay"
SPREAD_S = 900.0
"""At speed 0 the whole file happened in the quarter of an hour before the start."""


def created_at(raw: object) -> datetime:
    """The line's own moment; Undecodable when it has none."""
    moment = time_at(raw, "created_at")
    if moment is None:
        raise Undecodable("created_at is missing or is no date (ISO 8601 expected)")
    return moment


def shifted(moment: datetime, *, first: datetime, started: datetime, speed: float, share: float) -> datetime:
    """When the post happens in the replay: `started` plus its distance from the first, `speed` times faster.

    At speed 0 its place in the file (`share`, 0 to 1) spreads it over the SPREAD_S before `started`.
    """
    if speed <= 0:
        return started - timedelta(seconds=SPREAD_S * (1.0 - share))
    return started + (moment - first) / speed


def to_mention(raw: object, posted_at: datetime, handles: tuple[str, ...], channel: str = CHANNEL) -> Mention:
    """Raises Undecodable when id or text are missing. Pushed posts have the same form, on a channel of their own."""
    external_id, text = text_at(raw, "id"), clean_text(text_at(raw, "text"))
    if not external_id or not text.strip():
        raise Undecodable("id or text is missing")
    handle, author_id, name = _author(raw)
    parent = text_at(raw, "in_reply_to") or None
    return Mention(
        channel=channel,
        external_id=external_id,
        text=text,
        title=clean_text(text_at(raw, "title")),
        posted_at=posted_at,
        thread_id=text_at(raw, "thread") or parent or external_id,
        url=_web_address(text_at(raw, "url")),
        parent_id=parent,
        author_id=author_id,
        author_handle=handle,
        author_name=name,
        author_followers=int_at(raw, "author", "followers"),
        lang_tag=text_at(raw, "lang") or None,
        addressed=_addressed(raw, text, handles),
        is_repost=bool_at(raw, "is_retweet"),
        shares=max(0, min(int_at(raw, "retweet_count") or 0, 2**31 - 1)),
        native=_native(raw, channel),
    )


def _author(raw: object) -> tuple[str, str, str]:
    """Handle, id and name; the author may be a plain string."""
    plain = value_at(raw, "author")
    if isinstance(plain, str):
        return plain, plain, plain
    handle = text_at(raw, "author", "handle")
    return handle, text_at(raw, "author", "id", default=handle), text_at(raw, "author", "name", default=handle)


def _addressed(raw: object, text: str, handles: tuple[str, ...]) -> bool:
    """Named natively: one of our handles among `mentions` or in the text; without handles, anyone named counts."""
    named = {str(name).lstrip("@").casefold() for name in list_at(raw, "mentions")}
    if not handles:
        return bool(named)
    ours = {handle.lstrip("@").casefold() for handle in handles}
    in_text = {word.strip("@.,:;!?()").casefold() for word in text.split() if "@" in word}
    return bool(ours & (named | in_text))


def _native(raw: object, channel: str) -> dict[str, str]:
    """What the desk may show beside the author: where the post came from, their place and time zone."""
    found = {
        "platform": text_at(raw, "platform", default=channel),
        "location": text_at(raw, "author", "location"),
        "timezone": text_at(raw, "author", "timezone"),
    }
    return {name: clean_text(value)[:100] for name, value in found.items() if value}


def _web_address(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""
