"""What a forum's refusals mean. Pure.

Discourse has no 401: sign-in problems are 403 or lead to /login. Its errors are `{"errors": [...], "error_type": ...}`;
how long to wait stands in `extras.wait_seconds` where there is no Retry-After.
"""

from __future__ import annotations

from datetime import datetime

from domain.errors import ChannelError, Gone, RateLimited, Refused, SignInFailed, Undecodable
from net.answer import Answer, retry_at
from net.decode import int_at, list_at, text_at


def read_problem(answer: Answer, server: str, signed: bool, now: datetime) -> ChannelError | None:
    """A sign-in problem or a wait, in the way only Discourse tells them; None for everything else."""
    said = _body(answer)
    if answer.status == 429:
        wait = int_at(said, "extras", "wait_seconds")
        told = retry_at(answer.headers, now)
        return RateLimited(told or (retry_at({"retry-after": str(wait)}, now) if wait else None), "HTTP 429")
    to_login = answer.status in (301, 302) and answer.headers.get("location", "").endswith("/login")
    if to_login or (answer.status == 403 and text_at(said, "error_type") == "not_logged_in"):
        return SignInFailed(f"{server} shows this only to its members: add an account with an API key")
    # In whatever language the forum speaks, only its sentence about a wrong key has this word.
    if answer.status == 403 and signed and "API" in words_in(answer):
        return SignInFailed(f"{server} does not accept our API key (any more): make a new one there")
    return None


def publish_refusal(error: ChannelError, answer: Answer, server: str, now: datetime) -> ChannelError:
    """A refusal of a reply in the forum's own words: a person decides by them. Other errors stay as they are."""
    if isinstance(error, Gone):
        return Refused("the topic is no longer there")
    if not isinstance(error, Refused | RateLimited):
        return error
    if (own := read_problem(answer, server, True, now)) is not None:
        return own
    said = words_in(answer)
    return Refused(f"the forum says: {said}", error.detail) if said else error


def words_in(answer: Answer) -> str:
    """The forum's own sentences about an error, on one line."""
    said = _body(answer)
    sentences = [each for each in list_at(said, "errors") if isinstance(each, str)] or [text_at(said, "message")]
    return " ".join(" ".join(sentences).split())[:200]


def _body(answer: Answer) -> object:
    try:
        return answer.json()
    except Undecodable:
        return None
