"""Reddit's JSON to mentions. No I/O. A thing is `{"kind": ..., "data": {...}}`; its full name is its identity."""

from __future__ import annotations

import re

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, int_at, text_at, time_at, value_at

CHANNEL = "reddit"
SITE = "https://www.reddit.com"
COMMENT, SUBMISSION, MESSAGE = "t1", "t3", "t4"
MOST = 1 << 31

_FULL_NAME = re.compile(r"t[13]_[0-9a-z]{1,13}")
_PLACE = re.compile(r"/(?:r|u|user)/[\w-]+/comments/[^\s?#\\]*", re.ASCII)
_THREAD = re.compile(r"/comments/([0-9a-z]{1,13})/")
_GONE = ("[deleted]", "[removed]")


def full_name(thing: object) -> str:
    """What a comment or submission is called everywhere on Reddit, such as `t1_fx1hmwb`. Raises Undecodable."""
    name = text_at(thing, "data", "name")
    if not is_full_name(name) or text_at(thing, "kind") != name[:2]:
        raise Undecodable("neither a comment nor a submission")
    return name


def is_full_name(name: str) -> bool:
    """Whether this can name a comment or a submission."""
    return _FULL_NAME.fullmatch(name) is not None


def is_withdrawn(thing: object) -> bool:
    """Deleted by its author (or with their account), or removed by moderators or by Reddit.

    A submission that moderators removed keeps its author; `removed_by_category` tells.
    """
    author, removed = text_at(thing, "data", "author"), text_at(thing, "data", "removed_by_category")
    return author in _GONE or body_of(thing) in _GONE or bool(removed)


def is_edited(thing: object) -> bool:
    """False, or the moment of the last edit; very old edits are only true."""
    edited = value_at(thing, "data", "edited")
    return edited is True or time_at(thing, "data", "edited") is not None


def body_of(thing: object) -> str | None:
    """The words as their author typed them (Markdown); None when there are none to read."""
    found = value_at(thing, "data", "body" if text_at(thing, "kind") == COMMENT else "selftext")
    return found if isinstance(found, str) else None


def thread_of(thing: object) -> str:
    """The full name of the submission. Items of the inbox name it only in their address, or not at all."""
    name, link = text_at(thing, "data", "name"), text_at(thing, "data", "link_id")
    if name.startswith(SUBMISSION):
        return name
    if is_full_name(link):
        return link
    found = _THREAD.search(_place(thing))
    return f"{SUBMISSION}_{found[1]}" if found else name


def names_us(text: str, name: str) -> bool:
    """Whether a text holds `u/name`, which is what Reddit notifies an account of."""
    return bool(name) and re.search(rf"(?<![\w-])u/{re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def to_mention(
    thing: object, *, own_name: str = "", addressed: bool = False, answer_in: frozenset[str] = frozenset()
) -> Mention:
    """One comment or submission as a mention. `answer_in`: subreddits (lower case) in which we may answer.

    Raises Undecodable.
    """
    name, data, text = full_name(thing), value_at(thing, "data"), body_of(thing)
    author, posted_at, title = text_at(data, "author"), time_at(data, "created_utc"), _title(thing)
    if text is None or not author or posted_at is None:
        raise Undecodable("a post without author, text or time")
    return Mention(
        channel=CHANNEL,
        external_id=name,
        text=text,
        title=title,
        posted_at=posted_at,
        thread_id=thread_of(thing),
        parent_id=_parent(thing),
        url=url_of(thing),
        author_id=text_at(data, "author_fullname") or author,
        author_handle=author,
        author_name=author,
        author_is_bot=author == "AutoModerator",
        edited_at=time_at(data, "edited"),
        addressed=addressed or names_us(f"{title}\n{text}", own_name),
        is_repost=bool(text_at(data, "crosspost_parent")),
        shares=_count(data),
        native=_native(thing, answer_in),
    )


def _title(thing: object) -> str:
    """Only a submission has one: the title that comes with a comment was written by somebody else."""
    return text_at(thing, "data", "title") if text_at(thing, "kind") == SUBMISSION else ""


def _parent(thing: object) -> str | None:
    parent = text_at(thing, "data", "parent_id")
    return parent if text_at(thing, "kind") == COMMENT and is_full_name(parent) else None


def _native(thing: object, answer_in: frozenset[str]) -> dict[str, object]:
    """What decides how it can be answered."""
    subreddit = text_at(thing, "data", "subreddit")
    return {
        "subreddit": subreddit,
        "may_answer": subreddit.casefold() in answer_in,
        "locked": bool_at(thing, "data", "locked"),
        "archived": bool_at(thing, "data", "archived"),
    }


def _place(thing: object) -> str:
    """The path of its page; items of the inbox have it as `context`, with a query."""
    given = text_at(thing, "data", "permalink") or text_at(thing, "data", "context")
    found = _PLACE.match(given)
    return found[0] if found else ""


def url_of(thing: object) -> str:
    """Where people see it."""
    place, name = _place(thing), text_at(thing, "data", "name")
    if place:
        return SITE + place
    thread = thread_of(thing)
    return f"{SITE}/comments/{thread[3:]}/" if name == thread else f"{SITE}/comments/{thread[3:]}/_/{name[3:]}/"


def _count(data: object) -> int:
    found = int_at(data, "num_crossposts")
    return found if found is not None and 0 <= found < MOST else 0
