"""Which calls each kind of source makes, and what their items name. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from channels.stackexchange.client import Params
from channels.stackexchange.convert import plain
from channels.stackexchange.place import Place, Ref
from net.decode import int_at, text_at

Kind = Literal["search", "tag", "comments"]
WHOLE = ("filter", "withbody")
DAY_S = 86_400
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its parameters; `{ids}` in it stands for numbers. `dated`: the date its items are sorted by."""

    method: str
    params: Params
    dated: str = "creation_date"


def overlap_s(kind: Kind) -> int:
    """How far back each round reads again, since the index fills in late. A day costs no more calls than an hour, but
    for the comments of a whole site."""
    return HOUR_S if kind == "comments" else DAY_S


def list_call(kind: Kind, place: Place) -> Call:
    """A page of the list where the place stands."""
    after, name = place.since - overlap_s(kind), place.name
    paging = [("page", str(place.page)), ("order", "desc")]
    created = [("fromdate", str(after)), *([("todate", str(place.until))] if place.until else [])]
    if kind == "search":
        words = " ".join(name.replace('"', " ").split())
        return Call("/search/excerpts", [("q", f'"{words}"'), ("sort", "creation"), *created, *paging])
    if kind == "comments":
        return Call("/comments", [WHOLE, ("sort", "creation"), *created, *paging])
    active = [("min", str(after)), *([("max", str(place.until))] if place.until else [])]
    return Call("/questions", [("tagged", name), WHOLE, ("sort", "activity"), *active, *paging], "last_activity_date")


def read_call(kind: Kind, place: Place) -> Call:
    """In full: the posts that a search named, or the answers to questions of the tag."""
    if kind == "tag":
        after = place.since - overlap_s(kind)
        return Call("/questions/{ids}/answers", [WHOLE, ("sort", "activity"), ("min", str(after))])
    return Call("/posts/{ids}", [WHOLE])


def look_call(kind: Kind) -> Call:
    """What was heard lately, once more."""
    return Call("/comments/{ids}" if kind == "comments" else "/posts/{ids}", [WHOLE])


def ref_of(item: object) -> Ref | None:
    """What an item of any call names: a comment, else an answer, else a question. None when it names nothing."""
    question = int_at(item, "question_id")
    comment, post = int_at(item, "comment_id"), int_at(item, "post_id")
    number, top = (comment, post) if comment is not None else (int_at(item, "answer_id") or question, question)
    return Ref(number, top, plain(text_at(item, "title"))) if number is not None and top is not None else None
