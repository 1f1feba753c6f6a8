"""What a network answered, and what that means. Pure rules; times come in as `now`.

Sources of the rules: RFC 9110 (Retry-After), the RateLimit header drafts, and each network's habits:
Mastodon sends X-RateLimit-Reset as ISO 8601, X and Bluesky as an epoch, others as seconds from now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

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
from net.decode import clean_text, decode_json, parse_time, text_at

LONGEST_WAIT = timedelta(hours=24)
_RESET_HEADERS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_REMAINING_HEADERS = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_REASONS = {400: "invalid", 402: "payment", 403: "forbidden", 405: "invalid", 409: "conflict", 413: "too_large",
            414: "too_large", 415: "invalid", 422: "invalid"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end. Header names are lower case; `url` is the last one asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """The body through the boundary decoder. Raises Undecodable."""
        return decode_json(self.body)


def problem(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, *, expects_json: bool = True
) -> ChannelError | None:
    """What stands between us and the answer of a READ, or None for 2xx and 304.

    With `expects_json`, an HTML page (a proxy's or a wall's) reads as Unreachable whatever its status, and so does a
    refusal whose JSON was cut on its way.
    Details name the status and the network's own short message, never the body.
    """
    head = {name.lower(): value for name, value in headers.items()}
    if status == 304:
        return None
    if status == 429 or (status in (403, 420) and _is_throttled(status, head)):
        return RateLimited(retry_at(head, now), f"HTTP {status}")
    if status == 401:
        return SignInFailed(_detail(status, body))
    if expects_json and "text/html" in head.get("content-type", "").lower() and status not in (404, 410):
        return Unreachable(f"HTTP {status} with a web page in place of data")
    if 200 <= status < 300:
        return None
    if status in (404, 410, 451):
        return Gone(_detail(status, body))
    if status in _REASONS and _is_damaged(head, body):
        return Unreachable(f"HTTP {status} with an answer that cannot be read")
    if status in _REASONS:
        return Refused(_REASONS[status], _detail(status, body))
    return Unreachable(_detail(status, body))


def raise_for(answer: Answer, now: datetime, *, expects_json: bool = True) -> Answer:
    """The answer itself, or the error of `problem`. For reads only."""
    if (error := problem(answer.status, answer.headers, answer.body, now, expects_json=expects_json)) is not None:
        raise error
    return answer


def says_gone(answer: Answer) -> bool:
    """Whether the network itself says that there is no such thing (any more), in words of its own. The page of a proxy
    or a wall says nothing, and neither does an empty answer: what is taken for gone is purged."""
    return answer.status in (404, 410, 451) and _is_json_object(answer.body)


def publish_problem(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime, *, first_attempt: bool = True
) -> ChannelError | None:
    """What the answer to a PUBLISHING request means, or None for a 2xx whose body is JSON.

    Certainly not applied: 429 with limit headers or a readable error; 400, 401, 403, 404, 410, 413 and 422 with
    a readable error of the network, on a first attempt. All else may have been applied: OutcomeUnknown.
    With `first_attempt` False a refusal proves nothing about the attempt before it.
    """
    head = {name.lower(): value for name, value in headers.items()}
    readable = _is_json_object(body)
    if 200 <= status < 300:
        return None if readable else OutcomeUnknown(f"HTTP {status} with an answer that cannot be read")
    if not first_attempt:
        return OutcomeUnknown(f"{_detail(status, body)}, after an attempt that may have been applied")
    if status == 429 and (readable or _has_limits(head)):
        return RateLimited(retry_at(head, now), f"HTTP {status}")
    if status == 401 and (readable or "www-authenticate" in head):
        return SignInFailed(_detail(status, body))
    if status in (400, 402, 403, 404, 410, 413, 422) and readable:
        return _certain_refusal(status, body)
    return OutcomeUnknown(_detail(status, body))


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When to come back, from lower-case headers; never before `now`, never later than a day. None: not said."""
    wait = _retry_after(headers.get("retry-after", ""), now)
    if wait is None:
        wait = next((at for name in _RESET_HEADERS if (at := _reset(headers.get(name, ""), now))), None)
    return None if wait is None else min(max(wait, now), now + LONGEST_WAIT)


def _certain_refusal(status: int, body: bytes) -> ChannelError:
    if status in (404, 410):
        return Gone(_detail(status, body))
    return Refused(_REASONS[status], _detail(status, body))


def _is_damaged(head: Mapping[str, str], body: bytes) -> bool:
    """Whether an error was cut on its way: what it refused is not known, so it does not stop anything for good."""
    return bool(body) and "json" in head.get("content-type", "").lower() and not _is_json_object(body)


def _is_throttled(status: int, head: Mapping[str, str]) -> bool:
    """GitHub says 403 when a limit is used up, an old habit of others is 420."""
    return status == 420 or "retry-after" in head or any(head.get(name) == "0" for name in _REMAINING_HEADERS)


def _has_limits(head: Mapping[str, str]) -> bool:
    return any(name in head for name in ("retry-after", *_RESET_HEADERS, *_REMAINING_HEADERS))


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT.total_seconds()))


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if len(text) <= 20 and text.replace(".", "", 1).isdecimal() and text.isascii() else None


def _retry_after(text: str, now: datetime) -> datetime | None:
    if (seconds := _number(text)) is not None:
        return _after(now, seconds)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _reset(text: str, now: datetime) -> datetime | None:
    """An epoch in seconds or milliseconds, seconds from now (below a year), or ISO 8601."""
    if (number := _number(text)) is None:
        return parse_time(text)
    return _after(now, number) if number < 31_536_000 else parse_time(number)


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(decode_json(body), (dict, list))
    except Undecodable:
        return False


def _detail(status: int, body: bytes) -> str:
    """The status and the network's own short message, on one line. Never a post: only named error fields."""
    message = _message(body)
    return f"HTTP {status}: {message}" if message else f"HTTP {status}"


def _message(body: bytes) -> str:
    try:
        value = decode_json(body[:65_536])
    except Undecodable:
        return ""
    for path in (("message",), ("error", "message"), ("error_description",), ("error",), ("detail",), ("title",)):
        if found := text_at(value, *path):
            return " ".join(clean_text(found).split())[:200]
    return ""
