"""What Google's errors mean. Pure.

Source: developers.google.com/youtube/v3/docs/errors and the error tables of commentThreads.list and comments.insert.
A body names its reason in `error.errors[].reason`, newer parts of Google's front in `error.details[].reason`.
"""

from __future__ import annotations

from datetime import datetime

from channels.youtube.quota import reset_at
from domain.errors import (
    ChannelError,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    SignInFailed,
    Undecodable,
)
from net.answer import retry_at
from net.decode import list_at, text_at
from net.door import Answer, problem, publish_problem

CLOSED = ("commentsDisabled", "videoNotFound", "forbidden")
"""A video without comments to read: turned off, gone, or private."""
LOST = ("commentNotFound", "commentThreadNotFound", "parentCommentNotFound")
"""One or more of the ids asked for are not there; the answer does not say which."""
STALE_TOKEN = "invalidPageToken"
_DAILY = ("quotaExceeded", "dailyLimitExceeded")
_SOON = ("rateLimitExceeded", "userRateLimitExceeded")
_SIGN_IN = {
    "keyInvalid": "the API key is not valid",
    "API_KEY_INVALID": "the API key is not valid",
    "keyExpired": "the API key has expired",
    "ipRefererBlocked": "the API key may not be used from this address",
    "API_KEY_IP_ADDRESS_BLOCKED": "the API key may not be used from this address",
    "API_KEY_HTTP_REFERRER_BLOCKED": "the API key may be used by web pages only",
    "API_KEY_SERVICE_BLOCKED": "the API key may not be used for the YouTube Data API",
    "accessNotConfigured": "the YouTube Data API is not enabled in the key's project",
    "SERVICE_DISABLED": "the YouTube Data API is not enabled in the key's project",
    "insufficientPermissions": "the sign-in lacks the scope youtube.force-ssl",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "the sign-in lacks the scope youtube.force-ssl",
    "youtubeSignupRequired": "the Google account has no YouTube channel",
}


def reasons_of(answer: Answer) -> tuple[str, ...]:
    """The reasons an error names, in Google's own words; none for a success or a body that is no such error."""
    if answer.ok:
        return ()
    try:
        body = answer.json()
    except Undecodable:
        return ()
    named = [*list_at(body, "error", "errors"), *list_at(body, "error", "details")]
    return tuple(reason for each in named if (reason := text_at(each, "reason")))


def trouble_of(answer: Answer, known: tuple[str, ...]) -> str:
    """Which of these known troubles an error is. Not when our key is to blame: Google calls that "forbidden" too."""
    reasons = reasons_of(answer)
    if any(reason in _SIGN_IN for reason in reasons):
        return ""
    return next((reason for reason in reasons if reason in known), "")


def read_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What stands between us and the answer of a read."""
    return _named(answer, now) or problem(answer.status, answer.headers, answer.body, now)


def insert_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What the answer to our one publishing request means; None for a comment that was taken.

    processingFailure is "the API server failed to process the request", possibly for a moment only: that is a doubt.
    A parent that is no longer there is a certain refusal.
    """
    if "processingFailure" in reasons_of(answer):
        return OutcomeUnknown("YouTube failed to process the reply (processingFailure)")
    found = _named(answer, now) or publish_problem(answer.status, answer.headers, answer.body, now)
    return Refused("gone", f"the comment to answer is no longer there ({found})") if isinstance(found, Gone) else found


def _named(answer: Answer, now: datetime) -> ChannelError | None:
    """The error by its reason; None where the status alone has to tell. All of these are given before any effect."""
    reasons = reasons_of(answer)
    if answer.status in (403, 429) and (_is_daily(answer) or any(each in _DAILY for each in reasons)):
        ends = reset_at(now)
        return RateLimited(
            ends, f"YouTube's quota of this project is used up for today; it begins anew at {ends:%H:%M} UTC"
        )
    if answer.status in (403, 429) and any(each in _SOON for each in reasons):
        return RateLimited(retry_at(answer.headers, now), "YouTube asks for a pause (rate limit)")
    return next((SignInFailed(_SIGN_IN[each]) for each in reasons if each in _SIGN_IN), None)


def _is_daily(answer: Answer) -> bool:
    """Newer answers call a used-up day a rate limit and say "Queries per day" in the message only."""
    try:
        return "per day" in text_at(answer.json(), "error", "message").casefold()
    except Undecodable:
        return False
