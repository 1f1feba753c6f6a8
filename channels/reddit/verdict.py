"""What Reddit says to a comment. Pure. A refusal is a 200 as well: `{"json": {"errors": [[code, words, field]]}}`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from domain.errors import ChannelError, OutcomeUnknown, RateLimited, Refused
from net.answer import LONGEST_WAIT
from net.decode import clean_text, list_at, text_at

REFUSALS = {
    "TOO_LONG": "the reply is longer than this subreddit allows: shorten it",
    "NO_TEXT": "the reply has no text that Reddit would show",
    "THREAD_LOCKED": "the moderators have locked this thread: nobody can answer in it",
    "TOO_OLD": "the thread is archived: it takes no more comments",
    "DELETED_COMMENT": "the comment that this answers was deleted",
    "DELETED_LINK": "the submission that this answers was deleted",
    "DELETED_THING": "the post that this answers was deleted",
    "NO_THING_ID": "the post that this answers is not known to Reddit",
    "USER_BLOCKED": "the author and our account have blocked one another",
    "USER_MUTED": "the moderators have muted our account",
    "MUTED_FROM_SUBREDDIT": "the moderators have muted our account",
    "BANNED_FROM_SUBREDDIT": "our account is banned from this subreddit",
    "SUBREDDIT_NOTALLOWED": "this subreddit does not let our account comment",
    "TOO_MANY_COMMENTS": "our account has answered too often in this thread",
    "DOMAIN_BANNED": "the reply links to a site that Reddit does not allow",
    "VERIFIED_USER_REQUIRED": "our account must confirm its e-mail address on Reddit first",
}
"""Errors of Reddit's form for comments, which stands before anything is stored (its published source, POST_comment).
A code that is not here may be new: then it is looked up whether the comment stands."""

_LIMITS = ("RATELIMIT", "SUBREDDIT_RATELIMIT")
_WAIT = re.compile(r"(\d{1,5}) (millisecond|second|minute|hour)s?")
_UNITS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}


def refusal(answer: object, now: datetime) -> ChannelError | None:
    """The error that an answer to a comment holds, or None for a plain success."""
    errors = list_at(answer, "json", "errors")
    if not errors:
        return None
    code, words = text_at(errors[0], 0), " ".join(clean_text(text_at(errors[0], 1)).split())[:200]
    detail = f"{code}: {words}" if words else code
    if list_at(answer, "json", "data", "things") or not code:
        return OutcomeUnknown(f"Reddit answered with an error and perhaps a comment ({detail})")
    if code in _LIMITS:
        return RateLimited(retry_at(words, now), detail)
    if code in REFUSALS:
        return Refused(REFUSALS[code], detail)
    return OutcomeUnknown(f"Reddit answered with an error that is not known here ({detail})")


def retry_at(words: str, now: datetime) -> datetime | None:
    """When "Take a break for 9 minutes before trying again" lets us go on, and a second; None when it does not say."""
    found = _WAIT.search(words)
    if found is None:
        return None
    wait = timedelta(seconds=int(found[1]) * _UNITS[found[2]] + 1)
    return now + min(wait, LONGEST_WAIT)
