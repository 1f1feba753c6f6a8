"""How Meta pushes: proven by the app's secret, packed into entries; and how it asks whether an address is ours. Pure.

Source: developers.facebook.com/docs/graph-api/webhooks/getting-started. The signature holds no moment, so what was
caught on the way could be sent again later; ids and the moments of versions make that harmless.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from domain.account import Account
from domain.errors import BadInput, SignInFailed, Undecodable
from net.decode import decode_json, int_at, list_at, text_at, value_at
from net.signature import is_signed

_HEADER, _SCHEME = "x-hub-signature-256", "sha256="
_LONGEST_CHALLENGE = 200
SHORTEST_TOKEN = 12


class Change(NamedTuple):
    """One thing that changed: which field, what Meta says of it, and when it was told (epoch seconds)."""

    field: str
    value: object
    told_s: int


def changes(account: Account | None, headers: Mapping[str, str], body: bytes, about: str) -> Iterator[Change]:
    """The changes of a push that concern our account. `about` is the kind of object ("page", "instagram").

    Raises SignInFailed when it is not Meta's, Undecodable. One app pushes for all its pages to one address; what
    concerns others is passed over.
    """
    secret = account.secrets.get("secret_app", "") if account else ""
    given = headers.get(_HEADER, "")
    if account is None or not given.startswith(_SCHEME) or not is_signed(secret, body, given.removeprefix(_SCHEME)):
        raise SignInFailed("not signed with our app's secret")
    pushed = decode_json(body)
    if text_at(pushed, "object") != about or not isinstance(value_at(pushed, "entry"), list):
        raise Undecodable(f"no entries about {about}")
    return _of(account.external_id, list_at(pushed, "entry"))


def _of(own_id: str, entries: list[object]) -> Iterator[Change]:
    for entry in entries:
        if text_at(entry, "id") == own_id:
            told_s = _seconds(int_at(entry, "time") or 0)
            for change in list_at(entry, "changes"):
                yield Change(text_at(change, "field"), value_at(change, "value"), told_s)


def _seconds(moment: int) -> int:
    """Entries tell seconds; some were seen to tell milliseconds."""
    return moment // 1000 if moment > 10**11 else moment


def answer_handshake(account: Account | None, query: Mapping[str, str]) -> str:
    """What Meta wants to hear back when it knows our verify token. Raises SignInFailed."""
    wanted = account.secrets.get("secret_verify", "") if account else ""
    given = query.get("hub.verify_token", "")
    fits = hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")) and bool(wanted)
    if not fits or query.get("hub.mode") != "subscribe":
        raise SignInFailed("not our verify token")
    return query.get("hub.challenge", "")[:_LONGEST_CHALLENGE]


def check_verify_token(account: Account) -> None:
    """BadInput for one that others could guess: it answers for our address."""
    if len(account.secrets.get("secret_verify", "")) < SHORTEST_TOKEN:
        raise BadInput(f"verify token: choose one of {SHORTEST_TOKEN} characters or more; Meta is told the same one")
