"""What chat services really get, taken from the wire, when hostile people write the post and name the source."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from alerts.message import compose
from alerts.notifiers import apprise_text
from domain.errors import BadInput
from net.address import AllowList
from tests.alerts.hostile import HOSTILE

LINK = "https://desk.norda.example/alerts/1?t=a_b-c"


@dataclass
class Service:
    """A local stand-in for a chat service: keeps what it was sent, answers with `status`."""

    port: int = 0
    status: int = 200
    requests: list[Any] = field(default_factory=list)

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def allow(self) -> AllowList:
        return AllowList.parse([self.at])

    async def take(self, request: web.Request) -> web.Response:
        body = await request.text()
        form = "form-urlencoded" in request.headers.get("content-type", "")
        self.requests.append({k: v[0] for k, v in parse_qs(body).items()} if form else json.loads(body))
        if self.status in (301, 302, 307):
            return web.Response(status=self.status, headers={"location": f"http://{self.at}/elsewhere"})
        if request.path.startswith("/T1JJ3T3L2"):
            return web.Response(text="ok", status=self.status)  # Slack's own way of saying yes
        answer = {"ok": True, "result": {"message_id": 1, "chat": {"id": 1}}, "id": "1", "status": "ok"}
        return web.json_response(answer, status=self.status)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    found = Service()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    # these have fixed hosts, so the class is pointed at our server; the bytes are apprise's own
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{found.at}")
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://{found.at}")
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://{found.at}/bot")
    for plugin in (NotifyDiscord, NotifySlack, NotifyTelegram):
        monkeypatch.setattr(plugin, "request_rate_per_sec", 0)
    yield found
    await runner.cleanup()


HOOK = "aaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
TARGETS = {
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
    "telegram": "tgram://123456789:alphaAlpha_alphaAlphaAlphaAlph/12315544/",
    "json": "json://{at}/hook",
    "mattermost": "mmost://{at}/aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ntfy": "ntfy://{at}/topic",
    "gotify": "gotify://{at}/abcdefghijklmno",
    "rocketchat": "rocket://{hook}@{at}/#ops",
    "nextcloud_talk": "nctalk://user:pass@{at}/room",
}


def texts(value: Any) -> list[str]:
    """Every string somewhere in a payload."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in texts(item) if key not in _NOT_TEXT]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


_NOT_TEXT = {"icon_url", "image_url", "channel", "username", "avatar_url", "fallback_icon", "footer_icon", "thumbnail"}

LIVE = {
    "a mention": r"@(?!$)\w|@\*|@\"",
    "a Slack command or link": r"<[!@#h]|<mailto",
    "a Markdown link": r"\]\(",
    "a link": r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|mailto:|javascript:|evil\.example",
    "a tag": r"<[a-z/]",
    "a control": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b-\u200f]",
}


async def sent(service: Service, name: str, hostile: str) -> list[str]:
    message = compose(
        title=f"Norda: rss source {hostile}",
        body=f"They wrote: {hostile}",
        why="you are on call",
        link=LINK,
        dedup_key="alert-1-r1-c2",
    )
    target = TARGETS[name].format(at=service.at, hook=HOOK)
    outcome = await apprise_text.send(target, message, service.allow)
    assert outcome.result == "delivered", outcome
    return texts(service.requests[-1])


@pytest.mark.parametrize("name", TARGETS)
async def test_no_service_gets_a_live_mention_link_or_tag(service, name):
    found = []
    for hostile in HOSTILE:
        for text in await sent(service, name, hostile):
            rest = text.replace(LINK, "")
            if name == "telegram":  # it is sent as escaped HTML; the title in bold is apprise's own
                rest = re.sub(r"^<b>([^<>]*)</b>", r"\1", rest)
            found += [(hostile, what, text) for what, pattern in LIVE.items() if re.search(pattern, rest)]
    assert found[:3] == []
    assert any(LINK in text for text in texts(service.requests[-1]))


async def test_the_probe_sees_what_apprise_would_send_without_us(service):
    """The check above is worth something only if raw text fails it."""
    import apprise

    raw = apprise.Apprise()
    raw.add(TARGETS["discord"])
    assert await raw.async_notify(title="t", body="@everyone <!channel> [x](https://evil.example)")
    text = " ".join(texts(service.requests[-1]))
    assert all(re.search(LIVE[what], text) for what in ("a mention", "a Slack command or link", "a Markdown link"))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("", "one apprise address"),
        ("nonsense", "cannot read"),
        ("file:///etc/passwd", "cannot read"),
        ("ifttt://a@b", "not on the list"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd", "'template'"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#x?format=markdown", "'format'"),
        ("json://h.example/?redirect=yes", "'redirect'"),
        ("json://h.example/?retry=5", "'retry'"),
        ("json://h.example/?verify=no", "'verify'"),
        ("json://a.example, json://b.example", "without spaces or commas"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_when_it_is_saved(target, said):
    with pytest.raises(BadInput, match=said) as caught:
        apprise_text.parse(target)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(caught.value)


def test_the_name_of_the_service_is_told():
    assert apprise_text.service_of(TARGETS["slack"]) == "Slack"
    assert (
        apprise_text.service_of("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
        == "Slack"
    )


async def test_a_self_hosted_service_inside_needs_the_operators_word(service):
    message = compose(title="t", body="b", why="w", link=LINK, dedup_key="k")
    outcome = await apprise_text.send(f"json://{service.at}/hook", message, AllowList())
    assert outcome.result == "never"
    assert service.at in outcome.said
    assert service.requests == []


@pytest.mark.parametrize("status", [302, 307, 500, 404])
async def test_a_refusal_is_no_delivery_and_is_asked_once(service, status):
    service.status = status
    message = compose(title="t", body="b", why="w", link=LINK, dedup_key="k")
    outcome = await apprise_text.send(f"json://{service.at}/hook", message, service.allow)
    assert outcome.result == "later"
    assert len(service.requests) == 1


async def test_from_outage_to_chat_and_the_address_is_nowhere_in_the_clear(house, service):
    object.__setattr__(house.parts, "allow", service.allow)
    target = f"json://{service.at}/secret-hook"
    await house.contact(house.on_call, "apprise", target, "our webhook")
    await house.stop_source()
    await house.work()
    assert "has stopped" in service.requests[0]["title"]
    (delivery,) = await house.deliveries()
    assert (delivery.status, delivery.notifier, delivery.target) == ("delivered", "apprise", "our webhook")
