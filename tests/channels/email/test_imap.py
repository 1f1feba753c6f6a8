"""What a damaged or hostile IMAP server may do, and what comes of it: a named error, in time, and nothing lost."""

from __future__ import annotations

import asyncio
import base64
import random
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.email.imap import Imap
from channels.email.protocol import folder_name
from channels.email.servers import login_of
from channels.email.source import EmailSettings, EmailSource
from channels.manifest import Listening
from domain.account import Account
from domain.clock import SetClock
from domain.errors import ChannelError, Gone, RateLimited, SignInFailed, Unreachable
from domain.ports import Cursor, Page
from net.door import Door
from tests.channels.conformance import spoil
from tests.channels.doors import test_door
from tests.channels.email.letters import letter
from tests.channels.network import NOON
from tests.emulators.imap import ImapServer, imap_server
from tests.peers.dovecot import certificate


class Rig:
    """One hostile server and our mailbox on it."""

    def __init__(self, server: ImapServer, door: Door, scheme: str = "imaps") -> None:
        servers = f"{scheme}://127.0.0.1:{server.port} smtps://127.0.0.1:1"
        self.server, self.door = server, door
        self.account = Account(
            1, "email", "help@norda.example", "help@norda.example", servers, {"secret_password": "pass"}
        )
        server.mails = {n: letter(f"mail {n}", Message_ID=f"<{n}@c.example>") for n in (1, 2, 3)}

    async def fetch(self, cursor: Cursor | None = None) -> Page:
        clock = SetClock(NOON + timedelta(hours=1))
        return await EmailSource(Listening(EmailSettings(), self.account, (), (), self.door, clock)).fetch(cursor)

    @property
    def imap(self) -> Imap:
        return Imap(login_of(self.account), self.door)


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    made = certificate()
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    async with imap_server(made.certificate, made.key) as server, test_door(SetClock(NOON)) as door:
        yield Rig(server, door)


async def test_a_good_server_is_read(rig: Rig):
    page = await rig.fetch()
    assert [mention.text for mention in page.mentions] == ["mail 1", "mail 2", "mail 3"]
    assert page.cursor == {"validity": 7, "uid": 3, "since": "2026-11-18"}
    assert rig.server.said[-1] == "LOGOUT"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] no"}, SignInFailed),
        ({"AUTHENTICATE": "NO [UNAVAILABLE] later"}, Unreachable),
        ({"AUTHENTICATE": "NO [LIMIT] too many sessions"}, RateLimited),
        ({"AUTHENTICATE": "NO [ALERT] use a browser"}, SignInFailed),
        ({"AUTHENTICATE": "BAD what"}, SignInFailed),
        ({"greeting": "BYE too many sessions"}, Unreachable),
        ({"greeting": "NO"}, Unreachable),
        ({"EXAMINE": "NO [NONEXISTENT] no such folder"}, Gone),
        ({"EXAMINE": "NO [OVERQUOTA] bandwidth"}, RateLimited),
        ({"SEARCH": "NO [SERVERBUG] oops"}, Unreachable),
        ({"SEARCH": "BAD what"}, Unreachable),
        ({"FETCH": "NO [LIMIT] slowly"}, RateLimited),
        ({"FETCH": "NO oops"}, Unreachable),
    ],
)
async def test_refusals_have_their_errors(rig: Rig, answers: dict[str, str], error: type[ChannelError]):
    rig.server.answers = answers
    with pytest.raises(error) as caught:
        await rig.fetch()
    assert type(caught.value) is error
    assert "pass" not in str(caught.value)


async def test_one_mail_that_the_server_cannot_give_costs_only_itself(rig: Rig):
    rig.server.answers = {"FETCH 2": "NO [SERVERBUG] its file is damaged"}
    page = await rig.fetch()
    assert [mention.text for mention in page.mentions] == ["mail 1", "mail 3"]
    assert page.cursor is not None
    assert page.cursor["uid"] == 3
    (bad,) = page.unreadable
    assert bad.where == "INBOX UID 2"
    assert "its file is damaged" in bad.why


async def test_a_mail_that_went_away_meanwhile_is_no_fault(rig: Rig):
    rig.server.raw["SEARCH"] = b"* SEARCH 1 2 3 4 9\r\n"
    page = await rig.fetch()
    assert (len(page.mentions), page.unreadable) == (3, ())


async def test_answers_about_other_mails_are_passed_over(rig: Rig):
    other = letter("not asked for")
    rig.server.raw["FETCH"] = b"* 9 FETCH (FLAGS (\\Seen))\r\n* 8 FETCH (UID 8 BODY[]<0> {%d}\r\n%b)\r\n" % (
        len(other),
        other,
    )
    assert (await rig.fetch()).mentions == ()


async def test_facts_may_stand_behind_the_mail(rig: Rig):
    """No order is promised (RFC 9051, 7.5.2)."""
    raw = letter("short")
    rig.server.mails = {5: raw}
    behind = b' UID 5 INTERNALDATE " 3-Nov-2026 14:00:00 +0200")'
    rig.server.raw["FETCH"] = b"* 1 FETCH (BODY[]<0> {%d}\r\n%b%b\r\n" % (len(raw), raw, behind)
    (mention,) = (await rig.fetch()).mentions
    assert mention.posted_at == datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("command", ["CAPABILITY", "AUTHENTICATE", "EXAMINE", "SEARCH", "FETCH"])
async def test_a_connection_that_breaks_is_unreachable(rig: Rig, command: str):
    rig.server.drops = {command}
    rig.server.raw["FETCH"] = b"* 1 FETCH (UID 1 BODY[]<0> {1000}\r\nonly a little"
    with pytest.raises(Unreachable):
        await rig.fetch()


async def test_a_server_that_never_answers_holds_nobody_up(rig: Rig):
    """More sessions than there are threads, all stuck: each ends in its time, and the next one works."""
    rig.server.silent = {"EXAMINE"}
    began = time.monotonic()
    stuck = [rig.imap.run(lambda box: box.look_into("INBOX"), timeout_s=0.7) for _ in range(9)]
    found = await asyncio.gather(*stuck, return_exceptions=True)
    assert {str(error) for error in found} == {"127.0.0.1: the session took longer than 0.7 s"}
    assert time.monotonic() - began < 4
    rig.server.silent = set()
    assert len((await rig.fetch()).mentions) == 3
    assert sum(thread.name.startswith("imap") for thread in threading.enumerate()) <= 4


async def test_a_caller_that_goes_away_frees_its_thread(rig: Rig):
    rig.server.silent = {"SEARCH"}
    task = asyncio.create_task(rig.fetch())
    await asyncio.wait_for(rig.server.is_stuck.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    rig.server.silent = set()
    assert len((await rig.fetch()).mentions) == 3


@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID 1 BODY[]<0> {999999999999}\r\n",
        b"* 1 FETCH (UID 1 BODY[]<0> {99999999}\r\n",
        b"* OK " + b"x" * 3_000_000,
        b"* OK x\r\n" * 40_000,
    ],
    ids=["huge", "large", "long line", "endless"],
)
async def test_a_server_that_sends_without_end_fills_no_memory(rig: Rig, line: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.email.mailbox._MOST_OF_A_SESSION", 4_000_000)
    rig.server.raw["EXAMINE"] = line
    tracemalloc.start()
    try:
        with pytest.raises(Unreachable):
            await rig.fetch()
        assert tracemalloc.get_traced_memory()[1] < 20_000_000 + 2 * len(line)
    finally:
        tracemalloc.stop()


async def test_spoilt_answers_only_raise_named_errors(rig: Rig):
    for seed in range(50):
        rng = random.Random(seed)
        rig.server.mutate = lambda data, rng=rng: spoil(data, rng) if rng.random() < 0.15 else data  # type: ignore[misc]
        try:
            page = await asyncio.wait_for(rig.fetch(), 0.15)
        except (ChannelError, TimeoutError):
            continue
        assert all(mention.external_id for mention in page.mentions)


async def test_the_password_is_never_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch):
    made = certificate()
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    async with imap_server(made.certificate, made.key, starttls=True) as server, test_door(SetClock(NOON)) as door:
        rig = Rig(server, door, "imap")
        assert len((await rig.fetch()).mentions) == 3
        assert server.said.index("STARTTLS") < server.said.index("AUTHENTICATE PLAIN")
        server.said.clear()
        for refusal in ("NO not here", "BAD what"):
            server.answers["STARTTLS"] = refusal
            with pytest.raises((SignInFailed, Unreachable)):
                await rig.fetch()
        server.answers["greeting"] = "PREAUTH no need to sign in"  # then STARTTLS is not allowed any more
        with pytest.raises((SignInFailed, Unreachable)):
            await rig.fetch()
    assert not any("AUTH" in said or "LOGIN" in said for said in server.said)


async def test_what_comes_in_the_clear_behind_starttls_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    made = certificate()
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    async with imap_server(made.certificate, made.key, starttls=True) as server, test_door(SetClock(NOON)) as door:
        server.answers["STARTTLS"] = "OK go on\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED INJECTED"
        rig = Rig(server, door, "imap")
        server.mutate = lambda data: data
        # the answer is changed, so this server does not begin TLS: the handshake must fail, nothing else follow
        with pytest.raises(Unreachable):
            await asyncio.wait_for(rig.imap.run(lambda box: box.capabilities, timeout_s=1), 5)
    assert not any("AUTH" in said or "LOGIN" in said for said in server.said)


@pytest.mark.parametrize(("user", "password"), [("help@norda.example", "päss wörd"), ('a "b" \\c', "x")])
async def test_any_letters_sign_in(rig: Rig, user: str, password: str):
    servers = rig.account.base_url.replace(
        "imaps://", "imaps://" + user.replace("@", "%40").replace(" ", "%20").replace('"', "%22") + "@"
    )
    rig.account = replace(rig.account, base_url=servers, secrets={"secret_password": password})
    await rig.fetch()
    given = rig.server.said[rig.server.said.index("AUTHENTICATE PLAIN") + 1]
    assert base64.b64decode(given).decode().split("\0") == ["", user, password]
    rig.server.capabilities = "IMAP4rev1"
    rig.server.said.clear()
    if password.isascii():
        await rig.fetch()
        assert r'LOGIN "a \"b\" \\c" "x"' in rig.server.said
    else:
        with pytest.raises(SignInFailed, match="takes no passwords with such letters"):
            await rig.fetch()


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("INBOX", '"INBOX"'),
        ("Größe & Maß", '"Gr&APYA3w-e &- Ma&AN8-"'),
        ("台北", '"&U,BTFw-"'),
        ('a"b\\', '"a\\"b\\\\"'),
    ],
)
def test_folder_names_on_the_wire(typed: str, wire: str):
    assert folder_name(typed) == wire


def test_a_folder_name_holds_no_line_break():
    assert folder_name("a\r\nA1 LOGOUT\0").isprintable()
