"""The accounts page: connecting one again is that one or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import select

from domain.account import Account
from domain.ids import ids
from storage import sources
from storage.tables import AccountRow, SourceRow
from tests.web.client import Browser, outline
from tests.web.seed import SERVER, Desk
from web.app import create_app


async def accepting(desk: Desk, external_id: str) -> Browser:
    """An admin whose networks sign in whoever asks as this account."""

    async def try_account(channel: str, fields: Mapping[str, str]) -> Account:
        return Account(0, channel, "@norda", external_id, fields["base_url"], {"secret_token": "x"})

    desk.parts = replace(desk.parts, try_account=try_account, seal_secrets=lambda row_id, secrets: f"sealed:{row_id}")
    desk.app = create_app(desk.parts)
    return await Browser.signed_in(desk, "admin")


async def dead(desk: Desk) -> AccountRow:
    """The Mastodon account of the brand, signed out, with the source that listens by it."""
    async with desk.db.write() as session:
        query = select(AccountRow).where(AccountRow.brand_id == desk.brand, AccountRow.channel == "mastodon")
        row = (await session.exec(query)).one()
        await sources.account_dead(session, row.id, "token revoked", desk.clock.now())
    return row


async def test_a_sign_in_that_ends_says_when_and_why_it_is_not_renewed(desk: Desk) -> None:
    parts = replace(desk.parts, channels={**desk.parts.channels})
    parts.channels["mastodon"] = replace(parts.channels["mastodon"], renew=no_renewal)  # type: ignore[index]
    desk.parts, desk.app = parts, create_app(parts)
    async with desk.db.write() as session:
        row = (await session.exec(select(AccountRow).where(AccountRow.channel == "mastodon"))).first()
        assert row is not None
        row.good_until, row.renew_error = desk.clock.now() + timedelta(days=40), "too young"
        session.add(row)
        other = AccountRow(
            id=ids.next(desk.clock.now()), brand_id=desk.brand, channel="github", handle="norda", external_id="2",
            good_until=desk.clock.now() + timedelta(days=20), created_at=desk.clock.now(),
        )  # fmt: skip
        session.add(other)
    page = "".join(outline((await (await Browser.signed_in(desk, "admin")).get("/accounts")).text).text)
    assert "Its sign-in ends in 40 d and is renewed before that." in page
    assert "Not renewed yet: too young" in page
    assert "Its sign-in ends in 20 d: connect it again before that." in page


async def no_renewal(account: Account, door: Any) -> Any:
    raise AssertionError("a page renews nothing")


async def state(desk: Desk, row: AccountRow) -> tuple[str, set[str]]:
    async with desk.db.read() as session:
        listening = await session.exec(select(SourceRow.status).where(SourceRow.account_id == row.id))
        return (await session.get_one(AccountRow, row.id)).status, set(listening)


def form(desk: Desk, row: AccountRow) -> dict[str, Any]:
    given = {"set_base_url": SERVER, "set_secret_token": "new"}
    return {"brand_id": desk.brand, "channel": "mastodon", "again": row.id} | given


async def test_the_form_to_connect_again_holds_what_is_known_but_no_secret(desk: Desk) -> None:
    row, admin = await dead(desk), await accepting(desk, "1")
    page = (await admin.get(f"/accounts?again={row.id}")).text
    assert "Connect @norda again" in page
    assert f'value="{SERVER}"' in page
    assert "It must be the same account" in page
    assert "Connect @norda again" not in (await admin.get("/accounts?again=7")).text


async def test_the_same_account_goes_on_with_its_sources(desk: Desk) -> None:
    row, admin = await dead(desk), await accepting(desk, "1")
    assert await state(desk, row) == ("dead", {"stopped"})
    page = await admin.follow(await admin.post("/accounts", **form(desk, row)))
    assert "is connected again, and 1 of its sources listen again" in page.text
    assert await state(desk, row) == ("working", {"listening"})


async def test_another_account_is_refused_in_words_and_changes_nothing(desk: Desk) -> None:
    row, admin = await dead(desk), await accepting(desk, "2")
    answer = await admin.post("/accounts", **form(desk, row))
    assert answer.status == 422
    assert "nothing was changed" in answer.text
    assert await state(desk, row) == ("dead", {"stopped"})
