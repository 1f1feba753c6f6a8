"""One request as it will stand on the wire, built and checked before anything is opened. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from yarl import URL

from domain.errors import Refused

Params = Mapping[str, str | int] | list[tuple[str, str]]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What may go along to another origin; whatever else the caller set could be a credential.
_HARMLESS_HEADERS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since", "user-agent"})


@dataclass(frozen=True, slots=True)
class Wire:
    """Method, address, headers and the exact bytes of the body."""

    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | None = None

    @property
    def host(self) -> str:
        return self.url.raw_host or "?"


def build(
    method: str,
    url: str,
    headers: Mapping[str, str] | None,
    params: Params | None,
    json: object,
    form: Mapping[str, str] | None,
    body: bytes | None,
) -> Wire:
    """The request to send. Raises Refused for what cannot be one: bad address, line breaks in a header."""
    if method not in METHODS:
        raise Refused("invalid", f"{method} is not a method the door knows")
    head = {name.lower(): value for name, value in (headers or {}).items()}
    if any(mark in part for pair in head.items() for part in pair for mark in "\r\n\0"):
        raise Refused("invalid", "a header holds a line break")
    try:
        target = URL(url)
        payload = _payload(head, json, form, body)
        return Wire(method, target.update_query(params) if params else target, head, payload)
    except (ValueError, TypeError) as error:
        raise Refused("address", f"the address or body cannot be written ({type(error).__name__})") from error


def next_hop(wire: Wire, status: int, location: str) -> Wire | None:
    """The request after a redirect, or None when there is nothing to follow. Credentials stay with their origin."""
    if status not in _REDIRECTS or not location or wire.method not in SAFE_METHODS:
        return None
    try:
        target = wire.url.join(URL(location))
        same = target.origin() == wire.url.origin()
    except (ValueError, TypeError) as error:
        raise Refused("address", f"{wire.host} redirects to an address that cannot be read") from error
    headers = wire.headers if same else {k: v for k, v in wire.headers.items() if k in _HARMLESS_HEADERS}
    return dataclasses.replace(wire, url=target, headers=headers)


def _payload(head: dict[str, str], json: object, form: Mapping[str, str] | None, body: bytes | None) -> bytes | None:
    if json is not None:
        head.setdefault("content-type", "application/json")
        return msgspec.json.encode(json)
    if form is not None:
        head.setdefault("content-type", "application/x-www-form-urlencoded")
        return urlencode(form).encode("ascii")
    return body
