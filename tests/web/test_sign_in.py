"""The life of a session: links, passwords, delays, and every way in which it ends."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import SetClock
from storage import people
from storage.sessions import ABSOLUTE_S, IDLE_S, hashed
from storage.tables import OneTimeToken, Session, User
from tests.web.client import Browser
from tests.web.seed import START, Desk
from web.app import create_app
from web.sign_in import make_sign_in_link
from web.throttle import Throttle

PASSWORD = "seven quiet trains at noon"


async def link_for(desk: Desk, role: str) -> str:
    async with desk.db.write() as session:
        return await make_sign_in_link(session, desk.users[role], desk.clock.now())


async def use(browser: Browser, link: str) -> int:
    return (await browser.post("/sign-in/link", token=link.rpartition("/")[2])).status


async def with_password(desk: Desk, role: str) -> Browser:
    """A person who signed in by link and chose a password."""
    browser = Browser(desk)
    await use(browser, await link_for(desk, role))
    assert (await browser.post("/password", password=PASSWORD)).status == 303
    return browser


def later(desk: Desk, seconds: float) -> None:
    assert isinstance(desk.clock, SetClock)
    desk.clock.move(seconds)


async def test_looking_at_a_link_uses_nothing_up_and_the_button_signs_in_once(desk: Desk):
    link = await link_for(desk, "admin")
    scanner, person = Browser(desk), Browser(desk)
    for _ in range(3):
        page = await scanner.get(link)
        assert page.status == 200
        assert not page.set_cookies
    answer = await person.post("/sign-in/link", token=link.rpartition("/")[2])
    assert answer.status == 303
    assert answer.location == "/password?first=1"
    assert (await person.get("/queue")).status == 200
    assert await use(Browser(desk), link) == 404
    assert (await scanner.get(link)).status == 404


async def test_a_link_ends_and_serves_no_other_purpose(desk: Desk):
    link = await link_for(desk, "agent")
    later(desk, 3601)
    assert await use(Browser(desk), link) == 404
    async with desk.db.write() as session:
        now = desk.clock.now()
        session.add(
            OneTimeToken(
                token_hash=hashed("alert-token"),
                purpose="acknowledge",
                user_id=desk.users["agent"],
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    assert await use(Browser(desk), "/x/alert-token") == 404


async def test_the_cookie_is_shut_away_and_only_its_hash_is_kept(desk: Desk):
    browser = Browser(desk)
    answer = await browser.post("/sign-in/link", token=(await link_for(desk, "agent")).rpartition("/")[2])
    cookie = answer.set_cookies[0].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    token = browser.cookies["earshot"]
    assert len(token) >= 43  # 256 bits
    async with desk.db.read() as session:
        assert await session.get(Session, hashed(token)) is not None
        assert await session.get(Session, token) is None


async def test_password_sign_in_goes_where_one_wanted_to_and_rotates_the_cookie(desk: Desk):
    browser = await with_password(desk, "agent")
    old = browser.cookies["earshot"]
    wanted = await Browser(desk).get("/mentions?label=negative")
    assert wanted.location == "/sign-in?then=/mentions%3Flabel%3Dnegative"
    answer = await browser.post(
        "/sign-in", email="Agent@desk.test ", password=PASSWORD, then="/mentions?label=negative"
    )
    assert answer.location == "/mentions?label=negative"
    assert browser.cookies["earshot"] != old
    assert (await Browser(desk, {"earshot": old}).get("/queue")).status == 303


async def test_wrong_passwords_get_one_generic_answer_and_growing_waits(desk: Desk):
    await with_password(desk, "agent")
    known = await Browser(desk).post("/sign-in", email="agent@desk.test", password="wrong")
    unknown = await Browser(desk).post("/sign-in", email="nobody@desk.test", password="wrong")
    assert known.status == unknown.status == 401
    assert known.text.replace("agent@", "") == unknown.text.replace("nobody@", "")
    statuses = [
        (await Browser(desk).post("/sign-in", email="agent@desk.test", password="wrong")).status for _ in range(4)
    ]
    assert statuses[-1] == 429
    refused = await Browser(desk).post("/sign-in", email="agent@desk.test", password=PASSWORD)
    assert refused.status == 429
    assert int(refused.headers["retry-after"]) >= 1
    elsewhere = Browser(desk, address="198.51.100.4")
    assert (await elsewhere.post("/sign-in", email="agent@desk.test", password=PASSWORD)).status == 303


async def test_a_short_password_and_a_wrong_old_one_are_refused(desk: Desk):
    browser = Browser(desk)
    await use(browser, await link_for(desk, "viewer"))
    assert (await browser.post("/password", password="short")).status == 422
    assert (await browser.post("/password", password=PASSWORD)).status == 303
    assert (await browser.post("/password", password=PASSWORD + "!", old="wrong")).status == 422
    assert (await browser.post("/password", password=PASSWORD + "!", old=PASSWORD)).status == 303


Event = Callable[[Desk, Browser], Awaitable[None]]


async def _sign_out(desk: Desk, browser: Browser) -> None:
    await browser.post("/sign-out")


async def _idle(desk: Desk, browser: Browser) -> None:
    later(desk, IDLE_S + 1)


async def _too_old(desk: Desk, browser: Browser) -> None:
    for _ in range(int(ABSOLUTE_S // (IDLE_S / 2)) + 1):
        later(desk, IDLE_S / 2)
        await browser.get("/queue")


async def _disabled_in_the_desk(desk: Desk, browser: Browser) -> None:
    admin = await Browser.signed_in(desk, "admin")
    assert (await admin.post(f"/people/{desk.users['agent']}/disable")).status == 303


async def _disabled_from_the_command_line(desk: Desk, browser: Browser) -> None:
    async with desk.db.write() as session:
        await people.disable(session, await session.get_one(User, desk.users["agent"]), desk.clock.now())


async def _password_changed_elsewhere(desk: Desk, browser: Browser) -> None:
    await with_password(desk, "agent")


@pytest.mark.parametrize(
    "event",
    [
        _sign_out,
        _idle,
        _too_old,
        _disabled_in_the_desk,
        _disabled_from_the_command_line,
        _password_changed_elsewhere,
    ],
)
async def test_everything_that_must_end_a_session_ends_it_within_one_request(desk: Desk, event: Event):
    browser = await Browser.signed_in(desk, "agent")
    kept = dict(browser.cookies)
    assert (await browser.get("/queue")).status == 200
    await event(desk, browser)
    browser.cookies = kept
    assert (await browser.get("/queue")).status == 303
    assert (await browser.post("/zone", zone="UTC")).status == 401


async def test_a_session_in_use_stays_alive_beyond_the_idle_limit(desk: Desk):
    browser = await Browser.signed_in(desk, "agent")
    for _ in range(5):
        later(desk, IDLE_S / 2)
        assert (await browser.get("/queue")).status == 200


async def test_disabling_voids_open_links_and_a_changed_role_counts_at_once(desk: Desk):
    link = await link_for(desk, "manager")
    admin, manager = await Browser.signed_in(desk, "admin"), await Browser.signed_in(desk, "manager")
    assert (await manager.post("/topics", brand_id=desk.brand, name="a", query="a1")).status == 303
    await admin.post(f"/people/{desk.users['manager']}/role", brand_id=desk.brand, role="viewer")
    assert (await manager.post("/topics", brand_id=desk.brand, name="b", query="b1")).status == 403
    await admin.post(f"/people/{desk.users['manager']}/disable")
    assert await use(Browser(desk), link) == 404
    await admin.post(f"/people/{desk.users['manager']}/enable")
    assert await use(Browser(desk), link) == 404


async def test_an_invitation_is_shown_once_and_works_once(desk: Desk):
    admin = await Browser.signed_in(desk, "admin")
    page = await admin.post(
        "/people", email="Nova@desk.test", name="Nova", zone="Europe/Riga", brand_id=desk.brand, role="agent"
    )
    assert page.status == 200
    link = page.text.split("http://desk.test")[1].split("<")[0]
    assert link not in (await admin.get("/people")).text
    nova = Browser(desk)
    assert await use(nova, link) == 303
    assert (await nova.get("/queue")).status == 200
    again = await admin.post(
        "/people", email="nova@desk.test", name="Nova", zone="UTC", brand_id=desk.brand, role="agent"
    )
    assert again.status == 422


async def test_an_admin_gets_no_way_into_brands_of_others_through_a_shared_colleague(desk: Desk):
    async with desk.db.write() as session:
        await people.set_role(session, desk.users["agent"], desk.other_brand, "admin")
    admin = await Browser.signed_in(desk, "admin")
    for action in ("link", "disable", "enable"):
        assert (await admin.post(f"/people/{desk.users['agent']}/{action}")).status == 403
    shared = await admin.post(f"/people/{desk.users['agent']}/role", brand_id=desk.other_brand, role="")
    assert shared.status == 404


async def test_with_tls_the_cookie_is_bound_to_the_host(desk: Desk):
    desk.parts = replace(desk.parts, secure=True)
    desk.app = create_app(desk.parts)
    browser = Browser(desk)
    answer = await browser.post("/sign-in/link", token=(await link_for(desk, "agent")).rpartition("/")[2])
    assert answer.set_cookies[0].startswith("__Host-earshot=")
    assert "secure" in answer.set_cookies[0].lower()
    assert "strict-transport-security" in answer.headers


def test_an_attack_from_everywhere_is_capped_and_does_not_shut_out_a_known_place():
    throttle, now, evaluated = Throttle(), START, 0
    throttle.succeeded("agent", "203.0.113.7", now)
    for guess in range(40_000):
        address = f"10.{guess % 250}.{guess // 250 % 250}.1"
        now += timedelta(seconds=0.5)
        if throttle.wait_s("agent", address, now) == 0:
            throttle.failed("agent", address, now)
            evaluated += 1
    assert evaluated <= 100
    assert throttle.wait_s("agent", "203.0.113.7", now) == 0
    assert throttle.wait_s("agent", "2001:db8::1", now) > 0
