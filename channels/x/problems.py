"""What X's refusals mean. No I/O; times come in as `now`.

X answers with `title`, `detail`, `type`, with a list `errors` of messages and the parameters they are about, or (older
parts) with numbered errors; in front of it stand machines that answer with web pages. Texts are matched by their
stable words: for some refusals only others' logs show them (see the page of docs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import (
    ChannelError,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInFailed,
    Undecodable,
    Unreachable,
)
from net.answer import problem, publish_problem, retry_at
from net.decode import clean_text, dict_at, list_at, text_at
from net.door import Answer

CONSOLE = "console.x.com"
CREDITS = (
    "X: the credits of this developer account are used up, so X refuses every call. Buy credits at "
    f"{CONSOLE}, then resume this source"
)
CAP = (
    "X: the spending cap of this developer account is reached, so X refuses every call until its billing period ends. "
    f"Raise the cap at {CONSOLE} or wait for the next period, then resume this source"
)
_LIMITS = ("x-app-limit-24hour", "x-user-limit-24hour", "x-rate-limit")
"""Beginnings of the header names of X's limits, the longest-lasting first."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an error answer says. `kind` is X's own name for it, `words` its sentences (which may quote our query), both
    in lower case; `sentence` is for a person; `parameter` is the one at fault."""

    kind: str = ""
    words: str = ""
    sentence: str = ""
    parameter: str = ""

    @classmethod
    def by(cls, answer: Answer) -> Said:
        """From the body of an answer; empty when it is none of X's errors."""
        try:
            return cls.of(answer.json())
        except Undecodable:
            return cls()

    @classmethod
    def of(cls, body: object) -> Said:
        """From a decoded body: its own title and detail, or those of the first of its `errors`."""
        first = next(iter(list_at(body, "errors")), None)
        kind = "".join(text_at(part, name) for part in (body, first) for name in ("title", "type"))
        words = [text for part in (first, body) for name in ("message", "detail") if (text := text_at(part, name))]
        sentence = next(iter(words), "") or text_at(body, "title") or text_at(first, "title")
        parameter = next(iter(dict_at(first, "parameters")), "") or text_at(first, "parameter")
        return cls(
            "".join(kind.lower().split()),
            " ".join(words).lower(),
            " ".join(clean_text(sentence).split())[:300],
            parameter or text_at(body, "parameter"),
        )


def read_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What stands between us and the answer of a read, or None. A web page is none of X's answers, whatever its status.

    Refused has the parameter at fault as its reason where X names one.
    """
    if answer.ok:
        return problem(answer.status, answer.headers, answer.body, now)
    if _is_page(answer) and answer.status != 429:
        return Unreachable(f"HTTP {answer.status} with a web page in place of data")
    said = Said.by(answer)
    if (unpaid := payment(answer.status, said)) is not None:
        return unpaid
    if answer.status == 429:
        return _limited(answer, said, now)
    error = problem(answer.status, answer.headers, answer.body, now)
    if not said.sentence:
        return error
    if isinstance(error, SignInFailed):
        return SignInFailed(f"X does not accept our keys ({said.sentence}): connect the account again")
    if isinstance(error, Refused):
        return Refused(said.parameter or error.reason, f"X: {said.sentence} (HTTP {answer.status})")
    return error


def post_problem(answer: Answer, now: datetime, *, first_attempt: bool) -> ChannelError | None:
    """What the answer to a posting request means, or None when it was taken.

    "Duplicate content" after an attempt that may have been applied is evidence of success and no proof: only looking
    settles it. On a first attempt it is what it says.
    """
    error = publish_problem(answer.status, answer.headers, answer.body, now, first_attempt=first_attempt)
    if error is None or isinstance(error, OutcomeUnknown):
        return error
    said = Said.by(answer)
    if (unpaid := payment(answer.status, said)) is not None:
        return unpaid
    if isinstance(error, RateLimited):
        return _limited(answer, said, now)
    if isinstance(error, SignInFailed):
        return SignInFailed(f"X does not accept our keys ({said.sentence}): connect the account again")
    return _refusal(answer.status, said) or error


def _refusal(status: int, said: Said) -> Refused | None:
    if status != 403:
        return Refused("invalid", f"X: {said.sentence} (HTTP {status})") if status == 400 and said.sentence else None
    if "duplicate content" in said.words:
        why = "X refuses a text that our account posted before (duplicate content): change the words"
        return Refused("duplicate", why)
    if "mentioned or otherwise engaged" in said.words or "reply to this conversation" in said.words:
        why = "X does not let us answer this post by API, because its author did not name or quote us: answer by hand"
        return Refused("not_summoned", why)
    return Refused("forbidden", f"X: {said.sentence} (HTTP {status})") if said.sentence else None


def payment(status: int, said: Said) -> Refused | None:
    """Money: credits used up, or a cap reached. A state of its own that only a person can end."""
    if "spendcap" in said.kind or "usagecap" in said.kind or "usage-capped" in said.kind:
        return Refused("payment", CAP)
    if status == 402 or "creditsdepleted" in said.kind or "/problems/credits" in said.kind:
        return Refused("payment", CREDITS)
    return None


def empty_problem(body: object) -> ChannelError:
    """What a 2xx answer means that has neither data nor their count: an error inside, or something that is not X."""
    said = Said.of(body)
    if not list_at(body, "errors"):
        return Undecodable("X answered with neither posts nor their count")
    if "notfound" in said.kind or "resource-not-found" in said.kind:
        return Gone(f"X: {said.sentence}")
    return payment(200, said) or Refused(said.parameter or "refused", f"X: {said.sentence}")


def _limited(answer: Answer, said: Said, now: datetime) -> RateLimited:
    """With the end of the longest limit that is used up: X sends those of 15 minutes and of 24 hours side by side."""
    until = next((at for limit in _LIMITS if (at := _end_of(limit, answer.headers, now)) is not None), None)
    detail = f"X: {said.sentence}" if said.sentence else "X asks us to wait (HTTP 429)"
    return RateLimited(until or retry_at(answer.headers, now), detail)


def _end_of(limit: str, headers: Mapping[str, str], now: datetime) -> datetime | None:
    if headers.get(f"{limit}-remaining") != "0":
        return None
    return retry_at({"x-rate-limit-reset": headers.get(f"{limit}-reset", "")}, now)


def _is_page(answer: Answer) -> bool:
    return "text/html" in answer.headers.get("content-type", "").lower()
