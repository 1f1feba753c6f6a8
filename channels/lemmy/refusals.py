"""What an instance's refusals mean. Pure.

Lemmy answers most of them with 400 and `{"error": "name_of_the_reason"}`; even its limits were 400 for years.
"""

from __future__ import annotations

from datetime import datetime

from domain.errors import ChannelError, Gone, OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable
from net.answer import Answer, retry_at
from net.decode import text_at

_LIMITS = ("rate_limit_error", "too_many_requests")
_SIGNED_OUT = ("incorrect_login", "not_logged_in", "site_ban", "deleted_account", "registration_application_is_pending")
NOT_THERE = ("not_found", "couldnt_find_post", "couldnt_find_comment")
"""The names since 1.0, and before."""
_DOUBTFUL = ("unknown", "federation_error", "plugin_error", "email_send_failed")
REASONS = {
    "locked": "the moderators closed this thread",
    "deleted": "the post was deleted",
    "not_found": "the post is no longer there",
    "language_not_allowed": "this community does not take posts in this language",
    "person_is_banned_from_community": "our account is banned from this community",
    "banned_from_community": "our account is banned from this community",
    "community_ban": "our account is banned from this community",
    "person_is_blocked": "the author has blocked our account",
    "invalid_body_field": "the text is too long or empty",
    "slurs": "the instance does not allow a word of it",
    "max_comment_depth_reached": "the thread is nested too deeply to answer there",
    "site_ban": "our account is banned there",
}
LOGIN_REASONS = {
    "incorrect_login": "name or password are wrong",
    "missing_totp_token": "it wants the code of your authenticator as well",
    "incorrect_totp_token": "the code of the authenticator is wrong or too old",
    "email_not_verified": "the account's e-mail address is not confirmed",
    "registration_application_is_pending": "the account is not approved yet",
    "site_ban": "the account is banned there",
}


def error_name(answer: Answer) -> str:
    """The name of the reason, or an empty string."""
    try:
        return text_at(answer.json(), "error") if not answer.ok else ""
    except Undecodable:
        return ""


def read_problem(answer: Answer, server: str, now: datetime) -> ChannelError | None:
    """What only Lemmy tells by a name; None for everything else."""
    name = error_name(answer)
    if name in _LIMITS and answer.status in (400, 429):
        return RateLimited(retry_at(answer.headers, now), f"HTTP {answer.status}: {name}")
    if name in _SIGNED_OUT and answer.status in (400, 401, 403):
        why = REASONS.get(name, "it does not accept our sign-in (any more): add the account anew")
        return SignInFailed(f"{server}: {why}")
    if name == "instance_is_private" and answer.status in (400, 401, 403):
        return SignInFailed(f"{server} shows its lists only to members: add an account there")
    return None


def publish_refusal(error: ChannelError, answer: Answer, server: str, now: datetime) -> ChannelError:
    """A refusal of a reply in plain words.

    A step after the reply was stored may have failed ("couldnt_like_comment"): then it may be public.
    """
    if not isinstance(error, Refused | Gone | SignInFailed | RateLimited):
        return error
    name = error_name(answer)
    if name in _DOUBTFUL or (name.startswith("couldnt_") and name != "couldnt_create_comment"):
        return OutcomeUnknown(f"{server} says {name}: the reply may be public")
    if (own := read_problem(answer, server, now)) is not None:
        return own
    if isinstance(error, Refused | Gone):
        return Refused(REASONS.get(name, f"the instance says: {name}" if name else str(error)), error.detail)
    return error
