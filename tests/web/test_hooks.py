"""What networks push: stored before they are thanked; strangers get one answer and learn nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from starlette.types import Message

from channels.registry import manifests
from channels.webhook.signing import sign
from domain import crashpoint
from domain.account import Account
from domain.ids import ids
from listener.onboarding import add_source
from listener.worker import Listener
from storage.tables import AccountRow, Case, MentionRow, Quarantine, SourceRow
from tests.channels.doors import test_door as open_door
from tests.web.client import Answer, Browser
from tests.web.seed import Desk, _scorer, fingerprint
from web.app import create_app
from web.gate import BURST

SECRET = "the secret of these tests, long enough"


class Sender:
    """Another program that pushes to one source of the desk."""

    def __init__(self, desk: Desk, source: int, secret: str = SECRET) -> None:
        self.desk, self.source, self.secret = desk, source, secret
        self.http = Browser(desk, address="198.51.100.4")

    async def push(self, *posts: dict[str, Any], removed: tuple[str, ...] = (), source: int | None = None) -> Answer:
        return await self.send(json.dumps({"posts": posts, "removed": removed}).encode(), source=source)

    async def send(self, body: bytes, headers: dict[str, str] | None = None, *, source: int | None = None) -> Answer:
        sent = {"content-type": "application/json"}
        sent |= {"earshot-signature": sign(self.secret, body, self.desk.clock.now())} | (headers or {})
        path = f"/hooks/{self.source if source is None else source}"
        return await self.http.send("POST", path, body, sent)

    def post(self, name: str, text: str = "norda lost my bag", **more: Any) -> dict[str, Any]:
        return {"id": name, "text": text, "created_at": self.desk.clock.now().isoformat(), "author": "mara"} | more


@pytest.fixture
async def hooked(desk: Desk) -> AsyncIterator[Desk]:
    """A desk at which networks may push."""

    def opened(row: AccountRow) -> Account:
        return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, {"secret_signing": SECRET})

    door = open_door(desk.clock)
    listener = Listener(desk.db, desk.clock, door, dict(manifests()), lambda brand: _scorer(), opened)
    desk.parts = replace(desk.parts, receiver=listener.receiver)
    desk.app = create_app(desk.parts)
    yield desk
    await door.close()


@pytest.fixture
async def sender(hooked: Desk) -> Sender:
    return Sender(hooked, await add_webhook(hooked, hooked.brand))


async def add_webhook(desk: Desk, brand: int) -> int:
    now = desk.clock.now()
    async with desk.db.write() as session:
        account = AccountRow(
            id=ids.next(now), brand_id=brand, channel="webhook", handle="norda", external_id="norda", created_at=now
        )
        session.add(account)
        await session.flush()
        return add_source(session, brand, manifests()["webhook"], "Reviews", {}, now, account.id).id


async def stored(desk: Desk) -> list[MentionRow]:
    async with desk.db.read() as session:
        return list(await session.exec(select(MentionRow).where(MentionRow.channel == "webhook")))


async def test_a_push_is_stored_before_its_sender_is_thanked(sender: Sender):
    answer = await sender.push(sender.post("1"), sender.post("2", "norda was late"))
    assert (answer.status, answer.json) == (200, {"seen": 2, "new": 2, "unreadable": 0})
    assert {row.external_id for row in await stored(sender.desk)} == {"1", "2"}
    before = await fingerprint(sender.desk)
    again = await sender.push(sender.post("1"), sender.post("2", "norda was late"))
    assert again.json == {"seen": 2, "new": 0, "unreadable": 0}
    changed = set((await fingerprint(sender.desk)).splitlines()) ^ set(before.splitlines())
    assert {line.partition(":")[0] for line in changed} <= {"source", "coverage"}


async def test_edits_and_removals_come_by_push_and_an_old_push_changes_nothing_back(sender: Sender):
    first, later = sender.post("1"), (sender.desk.clock.now() + timedelta(seconds=30)).isoformat()
    await sender.push(first)
    await sender.push({**first, "text": "norda found my bag", "edited_at": later})
    await sender.push(first)
    assert [row.text for row in await stored(sender.desk)] == ["norda found my bag"]
    await sender.push(removed=("1",))
    await sender.push(first)
    assert [(row.status, row.text) for row in await stored(sender.desk)] == [("withdrawn", "")]


async def test_one_post_that_cannot_be_read_costs_only_itself(sender: Sender):
    answer = await sender.push(sender.post("1"), {"id": "2"}, sender.post("3"))
    assert answer.json == {"seen": 3, "new": 2, "unreadable": 1}
    async with sender.desk.db.read() as session:
        bad = (await session.exec(select(Quarantine).where(Quarantine.source_id == sender.source))).one()
    assert (bad.place, "created_at" in bad.why) == ("post 2", True)


async def test_strangers_get_one_answer_whether_or_not_there_is_a_source(sender: Sender):
    desk, stranger = sender.desk, Sender(sender.desk, sender.source, "the secret of a stranger, long enough")
    async with desk.db.read() as session:
        polled = (await session.exec(select(SourceRow.id).where(SourceRow.channel == "rss"))).first()
    before = await fingerprint(desk)
    answers = [await stranger.push(stranger.post("1"), source=target) for target in (sender.source, polled, 7, 0)]
    answers.append(await sender.http.send("POST", f"/hooks/{sender.source}", b"{}"))
    answers += [await stranger.http.get(f"/hooks/{target}?hub.challenge=1") for target in (sender.source, polled, 7)]
    stale = sign(SECRET, b"{}", desk.clock.now() - timedelta(minutes=6))
    answers.append(await sender.send(b"{}", {"earshot-signature": stale}))
    answers.append(await sender.send(b"{}", {"earshot-signature": "é"}))
    assert {(answer.status, answer.body) for answer in answers} == {(401, answers[0].body)}
    assert await fingerprint(desk) == before


@pytest.mark.parametrize("path", ["x", "99999999999999999999", "-1", "1/2", "%00"])
async def test_other_addresses_are_not_there(sender: Sender, path: str):
    answer = await sender.http.send("POST", f"/hooks/{path}", b"{}")
    assert answer.status in (401, 404)


async def test_broken_bodies_are_told_apart_from_strangers_and_store_nothing(sender: Sender):
    before = await fingerprint(sender.desk)
    for body in (b"", b"{", b"[]", b"7", b"{}", b'{"posts": 5}', b'{"removed": {}}', b"\xff\xfe", b"[" * 90_000):
        answer = await sender.send(body)
        assert answer.status == 400, body[:20]
        assert answer.headers["content-type"] == "application/problem+json"
    many = [sender.post(str(number)) for number in range(501)]
    assert "more than 500 posts" in (await sender.push(*many)).json["detail"]
    assert await fingerprint(sender.desk) == before


async def test_huge_bodies_are_refused_before_they_are_read(sender: Sender):
    assert (await sender.send(b'{"posts": []}' + b" " * 900_000)).status == 200
    assert (await sender.send(b" " * 1_100_000)).status == 413
    assert (await sender.send(b" " * 1_100_000, {"content-length": "10"})).status == 413


async def test_a_body_that_does_not_arrive_ends_quietly(sender: Sender):
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    path = f"/hooks/{sender.source}"
    scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST"}
    scope |= {"scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": ""}
    scope |= {"headers": [(b"host", b"desk.test")], "client": ("198.51.100.4", 1), "server": ("desk.test", 80)}
    await sender.desk.app(scope, nothing, send)
    assert said[0]["status"] == 400


@pytest.mark.parametrize("status", ["paused", "stopped"])
async def test_a_source_that_rests_asks_its_sender_to_wait(sender: Sender, status: str):
    async with sender.desk.db.write() as session:
        row = await session.get_one(SourceRow, sender.source)
        row.status = status
        session.add(row)
    answer = await sender.push(sender.post("1"))
    assert (answer.status, int(answer.headers["retry-after"]) > 600) == (503, True)
    assert await stored(sender.desk) == []


async def test_too_much_at_once_is_held_off_by_network_of_senders(sender: Sender):
    desk = sender.desk
    stranger = Sender(desk, sender.source, "the secret of a stranger, long enough")
    stranger.http.address = "203.0.113.9"
    statuses = [(await stranger.push()).status for _ in range(BURST + 5)]
    assert statuses == [401] * BURST + [429] * 5
    assert (await sender.push(sender.post("1"))).status == 200
    last = await stranger.push()
    assert int(last.headers["retry-after"]) <= 1
    desk.clock.move(1)  # type: ignore[attr-defined]
    assert [(await stranger.push()).status for _ in range(11)] == [401] * 10 + [429]


async def test_parallel_pushes_of_one_post_make_one_case(sender: Sender):
    answers = await asyncio.gather(*(sender.push(sender.post("1", "norda lost my bag, help")) for _ in range(8)))
    assert [answer.status for answer in answers] == [200] * 8
    assert sum(answer.json["new"] for answer in answers) == 1
    async with sender.desk.db.read() as session:
        assert len(list(await session.exec(select(Case).where(Case.channel == "webhook")))) == 1


class Died(BaseException):
    """The process is gone."""


async def test_dying_in_the_middle_thanks_nobody_and_stores_nothing(sender: Sender):
    def die(name: str) -> None:
        if name == "ingest.before_commit":
            raise Died

    before = await fingerprint(sender.desk)
    crashpoint.arm(die)
    try:
        with pytest.raises(Died):
            await sender.push(sender.post("1"), sender.post("2"))
    finally:
        crashpoint.arm(None)
    assert await fingerprint(sender.desk) == before
    assert (await sender.push(sender.post("1"), sender.post("2"))).json["new"] == 2


async def test_the_page_tells_the_address_and_what_was_refused(sender: Sender):
    desk = sender.desk
    foreign = await add_webhook(desk, desk.other_brand)
    admin = await Browser.signed_in(desk, "admin")
    page = (await admin.get("/hooks")).text
    assert f"http://desk.test/hooks/{sender.source}" in page
    assert f"/hooks/{foreign}" not in page
    assert "no public address with TLS" in page
    assert "Nothing has come yet" in page
    await sender.push(sender.post("1"))
    await Sender(desk, sender.source, "the secret of a stranger, long enough").push()
    page = (await admin.get("/hooks")).text
    assert "Last heard" in page
    assert "1 refused" in page
    assert "/hooks" in (await admin.get("/sources")).text
    assert (await (await Browser.signed_in(desk, "viewer")).get("/hooks")).status == 403


async def test_a_source_that_is_pushed_to_is_added_with_an_account_and_leads_to_its_address(hooked: Desk):
    admin = await Browser.signed_in(hooked, "admin")
    given = {"brand_id": str(hooked.brand), "channel": "webhook", "name": "Shop"}
    refused = await admin.post("/sources", **given)
    assert (refused.status, "add a Webhook account" in refused.text) == (422, True)
    await add_webhook(hooked, hooked.brand)
    form = (await admin.get("/sources?add=webhook")).text
    assert "Interval" not in form
    account = form.partition('name="account_id"')[2].partition('<option value="">none</option><option value="')[2]
    done = await admin.post("/sources", **given, account_id=account.partition('"')[0])
    assert done.location == "/hooks"
    assert "Shop" in (await admin.follow(done)).text
