"""Alerts to chat and push services through apprise, always as TEXT.

Its default format would let a post ping a channel, and an address can carry parameters that read local files, follow
redirects or repeat a message. So only listed services and parameters are taken, each address names one service, and
the hosts of self-hosted ones pass the same rule as every other connection of ours.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

from yarl import URL

from alerts.message import Message, one_line
from alerts.notifiers.outcome import DELIVERED, Outcome
from domain.errors import BadInput, Refused
from net.address import AllowList
from net.guard import Guard

_CLOUD = {"discord", "flock", "gchat", "opsgenie", "pagerduty", "prowl", "pbul", "pover", "slack", "tgram"} | {
    "threema",
    "twilio",
    "webex",
    "zulip",
}
_OWN_HOST = {"barks", "gotifys", "jsons", "matrixs", "mmosts", "nctalks", "ntfys", "rockets", "signals", "workflows"}
SERVICES: Final = frozenset(_CLOUD | _OWN_HOST)
"""Services we take, by apprise's name for their encrypted form. Those in `_OWN_HOST` carry the host in the address."""

_PARAMETERS = (
    {"auth", "avatar", "channel", "channels", "device", "domain", "entity", "footer", "from", "group", "icon", "id"}
    | {"key", "mode", "name", "priority", "region", "room", "route", "sound", "tags", "thread", "title", "to"}
    | {"token", "topic", "user", "version", "webhook", "workflow"}
)
_LONGEST = 1000
_TIME_S = 15.0
_THREADS = 8


@cache
def _apprise() -> Any:
    """The library, loaded at first need: its many services take longer to load than the desk."""
    import apprise

    return apprise


@cache
def _asset() -> Any:
    return _apprise().AppriseAsset(
        app_id="Earshot",
        app_desc="Earshot alerts",
        app_url="",
        image_url_mask="",  # no pictures from a third party in our messages
        image_url_logo="",
        http_redirects=False,
        plugin_paths=[],
        secure_logging=True,
        storage_mode=_apprise().PersistentStoreMode.MEMORY,
        async_mode=False,
    )


def service_of(target: str) -> str:
    """The name of the service of this address, e.g. "Slack". BadInput when apprise or we do not take it."""
    return one_line(str(parse(target).service_name))


def parse(target: str) -> Any:
    """The apprise service of one address. BadInput that says what is wrong, without repeating the address."""
    target = target.strip()
    if not target or len(target) > _LONGEST or not target.isprintable() or any(c in target for c in " ,"):
        raise BadInput("service address: one apprise address, without spaces or commas, e.g. ntfys://ntfy.sh/our-topic")
    service = _instantiate(target)
    if service is None:
        raise BadInput(
            "service address: apprise cannot read this one; see its documentation for the form that this service has"
        )
    if _scheme(service) not in SERVICES:
        raise BadInput(f"service address: this service is not on the list; choose one of {', '.join(sorted(SERVICES))}")
    # apprise reads parameters after any "?", also behind a "#", where the standard library sees none
    query = target.partition("?")[2].replace("?", "&").replace(";", "&")
    parameters = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    if refused := sorted(parameters - _PARAMETERS):
        raise BadInput(f"service address: the parameter {refused[0][:40]!r} is not accepted; leave it out")
    if service.redirects or not service.verify_certificate:
        raise BadInput("service address: redirects and unchecked certificates are not accepted")
    if service.notify_format == _apprise().NotifyFormat.MARKDOWN:
        service.notify_format = _apprise().NotifyFormat.TEXT  # otherwise our link is sent with backslashes in it
    if hasattr(service, "discovery"):
        service.discovery = False  # Matrix: a server's own file could lead us to any other host
    return service


def _instantiate(target: str) -> Any:
    try:
        return _apprise().Apprise.instantiate(target, asset=_asset(), suppress_exceptions=True)
    except (TypeError, ValueError, AttributeError):
        return None  # some plugins stumble over half an address


def _scheme(service: Any) -> str:
    """The scheme by which we list the service, whatever form the address had (also https://hooks.…)."""
    names = [*_names(service.secure_protocol), *_names(service.protocol)]
    return next((name for name in names if name in SERVICES), names[0] if names else "")


def _names(protocol: Any) -> list[str]:
    return [protocol] if isinstance(protocol, str) else list(protocol or ())


async def send(target: str, message: Message, allow: AllowList) -> Outcome:
    """Send one message to one address, in a thread, within 15 s."""
    try:
        service = parse(target)
        await check_host(service, allow)
    except BadInput as error:
        return Outcome("never", str(error))
    except Refused as error:
        return Outcome("never", error.detail)
    except OSError as error:
        return Outcome("later", f"the name of the service has no address: {one_line(str(error))[:100]}")
    future = asyncio.get_running_loop().run_in_executor(_threads(), _notify, service, message)
    try:
        return await asyncio.wait_for(asyncio.shield(future), _TIME_S)
    except TimeoutError:
        return Outcome("later", f"no answer within {_TIME_S:.0f} s; it may have arrived")


async def check_host(service: Any, allow: AllowList) -> None:
    """Refused when a self-hosted service lives at an address that is neither public nor listed by the operator."""
    if _scheme(service) not in _OWN_HOST or not getattr(service, "host", None):
        return
    scheme = "https" if service.secure else "http"
    url = URL.build(scheme=scheme, host=str(service.host), port=service.port or None)
    guard = Guard(allow)
    try:
        guard.check(url)
        await guard.resolve(url.raw_host or "", url.port or 0)
    finally:
        await guard.close()


def _notify(service: Any, message: Message) -> Outcome:
    sender = _apprise().Apprise(asset=_asset())
    sender.add(service)
    result = sender.notify(
        title=message.title, body=message.text, body_format=_apprise().NotifyFormat.TEXT, timeout=_TIME_S - 1
    )
    status = getattr(result, "status", None)
    if result:
        return DELIVERED
    if status is not None and status.name == "NOMATCH":
        return Outcome("never", "apprise found no service in this address")
    return Outcome("later", "the service did not take it" if status is None else f"the service said {status.name}")


_pool: list[ThreadPoolExecutor] = []
_pool_lock = threading.Lock()


def _threads() -> ThreadPoolExecutor:
    """Own threads: a service that hangs must not use up the pool that hashes passwords and reads feeds."""
    with _pool_lock:
        if not _pool:
            _pool.append(ThreadPoolExecutor(_THREADS, thread_name_prefix="alerts"))
        return _pool[0]
