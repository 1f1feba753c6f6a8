"""What the errors and the usage headers of Meta's Graph API mean. Pure.

Source: developers.facebook.com/docs/graph-api/guides/error-handling and /docs/graph-api/overview/rate-limiting. Most
errors come as HTTP 400 whatever they are, so the code inside decides; an error inside a 200 is an error too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

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
from net.answer import retry_at
from net.decode import bool_at, decode_json, dict_at, int_at, list_at, text_at
from net.door import Answer, problem, publish_problem

PAUSE = timedelta(minutes=10)
"""After a limit that does not say when it ends: calls that fail count as well."""
_USAGE = ("x-app-usage", "x-page-usage")
_BY_BUSINESS = "x-business-use-case-usage"
_COUNTERS = ("call_count", "total_cputime", "total_time")
_THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_SIGNED_OUT = frozenset({102, 190})
_NOT_PERMITTED = frozenset({3, 10, *range(200, 300)})
_UNSURE = frozenset({1, 2})
_BLOCKED, _DUPLICATE, _PARAMETER, _NO_OBJECT, _NO_ALIAS = 368, 506, 100, 33, 803


class Trouble(NamedTuple):
    """The error inside an answer. `is_passing`: Meta itself says that it will go away."""

    code: int
    subcode: int
    is_passing: bool
    said: str

    @property
    def is_gone(self) -> bool:
        """Whether the object is no longer there, or not for us: Meta does not tell these apart."""
        return self.code == _NO_ALIAS or (self.code, self.subcode) == (_PARAMETER, _NO_OBJECT)


def trouble_of(answer: Answer) -> Trouble | None:
    """The error inside, or None for an answer without one that can be read."""
    try:
        error = dict_at(answer.json(), "error")
    except Undecodable:
        return None
    code = int_at(error, "code")
    if code is None:
        return None
    passing = bool_at(error, "is_transient") or code in _UNSURE
    said = text_at(error, "error_user_msg") or text_at(error, "message")
    return Trouble(code, int_at(error, "error_subcode") or 0, passing, f"{said[:200]} (code {code})")


def usage(headers: Mapping[str, str]) -> int:
    """How much of a limit is used up, in percent; the highest of all that the answer tells. 0: nothing is told."""
    told = [_decoded(headers.get(name, "")) for name in _USAGE] + list(_uses(headers))
    return max((int_at(each, name) or 0 for each in told for name in _COUNTERS), default=0)


def back_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to ask again after a limit was reached."""
    minutes = max((int_at(each, "estimated_time_to_regain_access") or 0 for each in _uses(headers)), default=0)
    if minutes > 0:
        return now + timedelta(minutes=min(minutes, 1440))
    return retry_at(headers, now) or now + PAUSE


def _uses(headers: Mapping[str, str]) -> Iterator[object]:
    businesses = _decoded(headers.get(_BY_BUSINESS, ""))
    for name in businesses if isinstance(businesses, dict) else ():
        yield from list_at(businesses, name)


def _decoded(text: str) -> object:
    try:
        return decode_json(text.encode("utf-8", "replace")) if text else None
    except Undecodable:
        return None


def read_problem(answer: Answer, now: datetime) -> ChannelError | None:
    """What stands between us and the answer of a read."""
    trouble = trouble_of(answer)
    if trouble is None:
        return problem(answer.status, answer.headers, answer.body, now)
    if trouble.code not in _THROTTLED and (trouble.is_passing or answer.status >= 500):
        return Unreachable(trouble.said)
    return Gone(trouble.said) if trouble.is_gone else _named(trouble, answer, now)


def sending_problem(answer: Answer, now: datetime, *, first: bool = True) -> ChannelError | None:
    """What the answer to our one publishing request means; None for a success that can be read.

    `first`: nothing was sent before, so a refusal as a duplicate says that another post has these words.
    """
    trouble = trouble_of(answer)
    if trouble is None:
        return publish_problem(answer.status, answer.headers, answer.body, now, first_attempt=first)
    unsure = trouble.is_passing and trouble.code not in _THROTTLED
    if unsure or answer.status >= 500 or (trouble.code == _DUPLICATE and not first):
        return OutcomeUnknown(trouble.said)
    return Refused("gone", trouble.said) if trouble.is_gone else _named(trouble, answer, now)


def _named(trouble: Trouble, answer: Answer, now: datetime) -> ChannelError:
    if trouble.code in _THROTTLED:
        return RateLimited(back_at(answer.headers, now), trouble.said)
    if trouble.code in _SIGNED_OUT:
        return SignInFailed(f"Meta no longer accepts our token: {trouble.said}: connect the account anew")
    if trouble.code in _NOT_PERMITTED:
        return Refused("forbidden", f"a permission is missing: {trouble.said}")
    if trouble.code == _BLOCKED:
        return Refused("blocked", f"Meta has blocked this action for a while: {trouble.said}")
    return Refused("duplicate" if trouble.code == _DUPLICATE else "invalid", trouble.said)
