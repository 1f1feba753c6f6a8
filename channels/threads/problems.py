"""What Threads' error objects mean. Pure.

The status says little: a dead token, a used-up limit and a deleted post can all come as 400. The code inside
`{"error": {"code", "error_subcode", "is_transient", "message"}}` decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta

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
from net.answer import LONGEST_WAIT, Answer, problem, publish_problem, retry_at
from net.decode import bool_at, clean_text, decode_json, dict_at, int_at, list_at, text_at

DEAD_TOKEN = frozenset({102, 190})
EXPIRED = 463
PASSING = frozenset({1, 2})
"""An unknown fault of theirs, a service that is down: later may be better."""
NOT_READY = 4279009
"""Publishing finds no such container yet: seen seconds after it was made, also for plain text."""
NO_SUCH = frozenset({24, 803})
NO_SUCH_OBJECT = (100, 33)


def read_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What stands between us and the answer of a read, or of anything else that is not public; None if nothing does."""
    error = _error(answer)
    if error is None:
        return problem(answer.status, answer.headers, answer.body, now)
    code, subcode = int_at(error, "code") or 0, int_at(error, "error_subcode") or 0
    if code in DEAD_TOKEN:
        return SignInFailed(dead_token(subcode))
    if is_throttled(code) or answer.status == 429:
        return RateLimited(_regained(answer, now), _told(error))
    if code in PASSING or bool_at(error, "is_transient") or answer.status >= 500:
        return Unreachable(_told(error))
    if code in NO_SUCH or (code, subcode) == NO_SUCH_OBJECT:
        return Gone(_told(error))
    return Refused(_told(error))


def publishing_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What the answer to the publishing request means; None for a good one. Only a clear refusal is certain."""
    error = _error(answer)
    if error is None or not 400 <= answer.status < 500 or answer.status in (408, 409):
        found = publish_problem(answer.status, answer.headers, answer.body, now)
        return OutcomeUnknown(f"HTTP {answer.status}: {_told(error)}") if found is None and error else found
    if int_at(error, "error_subcode") == NOT_READY:
        return RateLimited(None, "what was prepared is not ready to be published yet")
    found = read_problem(answer, now)
    return OutcomeUnknown(_told(error)) if isinstance(found, Unreachable) else found


def is_missing(answer: Answer) -> bool:
    """Whether Threads itself says that there is no such post, or none for us: it does not tell these apart."""
    error = _error(answer) or {}
    pair = int_at(error, "code") or 0, int_at(error, "error_subcode") or 0
    passing = bool_at(error, "is_transient") or answer.status >= 500 or answer.status == 429
    return (pair[0] in NO_SUCH or pair == NO_SUCH_OBJECT) and not passing


def dead_token(subcode: int) -> str:
    """What a person has to do."""
    why = "has expired: tokens last 60 days" if subcode == EXPIRED else "is not accepted any more"
    return f"the Threads token {why}; make a new one at Meta and connect the account again"


def is_throttled(code: int) -> bool:
    """Limits of the app, the user, the page and the business use case (Graph API, rate limits)."""
    return code in (4, 17, 32, 613) or 80_000 <= code < 81_000


def _error(answer: Answer) -> dict[str, object] | None:
    try:
        found = dict_at(decode_json(answer.body), "error")
    except Undecodable:
        return None
    return found if "code" in found else None


def _regained(answer: Answer, now: datetime) -> datetime | None:
    """When calls are let in again: by the usual headers, or by Meta's own, which counts in minutes."""
    if (told := retry_at(answer.headers, now)) is not None:
        return told
    try:
        usage = decode_json(answer.headers.get("x-business-use-case-usage", "{}").encode())
    except Undecodable:
        return None
    entries = [each for name in (usage if isinstance(usage, dict) else {}) for each in list_at(usage, name)]
    minutes = max((int_at(each, "estimated_time_to_regain_access") or 0 for each in entries), default=0)
    return min(now + timedelta(minutes=minutes), now + LONGEST_WAIT) if minutes > 0 else None


def _told(error: dict[str, object]) -> str:
    message = text_at(error, "error_user_msg") or text_at(error, "message")
    return f"Threads says: {' '.join(clean_text(message).split())[:200]} ({text_at(error, 'code')})"
