"""People, sessions, one-time tokens and settings, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import BadInput
from storage import people, sessions, settings
from tests.storage.conftest import START as NOW
from tests.storage.conftest import House


async def test_people_and_roles(house: House) -> None:
    async with house.db.write() as session:
        first = await people.first_admin(session, NOW)
        agent = await people.add_person(session, " Ada@Desk.Test ", "Ada", "UTC", NOW)
        await people.set_role(session, agent.id, house.brand_id, "agent")
        await people.set_role(session, agent.id, house.brand_id, "manager")
        with pytest.raises(BadInput, match="is taken"):
            await people.add_person(session, "ada@desk.test", "Other", "UTC", NOW)
        with pytest.raises(BadInput, match="does not exist"):
            await people.set_role(session, agent.id, house.brand_id, "king")
    async with house.db.write() as session:
        assert (await people.first_admin(session, NOW)).id == first.id
        found = await people.by_email(session, "ADA@desk.test")
        assert found is not None
        assert await people.brands_of(session, found.id) == [house.brand_id]
        members = await people.members(session, [house.brand_id])
        assert [(m.user.name, m.roles[house.brand_id]) for m in members] == [("Ada", "manager"), ("Admin", "admin")]
        person = await people.person_of(session, agent.id)
        assert person is not None
        assert person.roles == {house.brand_id: "manager"}
        await people.disable(session, found, NOW)
        assert await people.person_of(session, agent.id) is None


async def test_sessions_end_by_idleness_age_and_sign_out(house: House) -> None:
    async with house.db.write() as session:
        user = await people.first_admin(session, NOW)
        token = await sessions.open_session(session, user.id, NOW)
        other = await sessions.open_session(session, user.id, NOW)
    idle = NOW + timedelta(seconds=sessions.IDLE_S)
    async with house.db.write() as session:
        row = await sessions.find_session(session, token, NOW)
        assert row is not None
        assert await sessions.find_session(session, token, idle) is None
        later = NOW + timedelta(hours=1)
        assert sessions.wants_touch(row, later)
        await sessions.touch(session, row.token_hash, later)
    async with house.db.write() as session:
        assert await sessions.find_session(session, token, idle) is not None
        assert await sessions.find_session(session, token, NOW + timedelta(seconds=sessions.ABSOLUTE_S)) is None
        await sessions.end_session(session, token)
        assert await sessions.find_session(session, other, NOW) is not None
        await sessions.end_all(session, user.id)
    async with house.db.read() as session:
        assert await sessions.find_session(session, token, NOW) is None
        assert await sessions.find_session(session, other, NOW) is None


async def test_a_token_works_once_for_its_purpose_and_in_time(house: House) -> None:
    async with house.db.write() as session:
        user = await people.first_admin(session, NOW)
        token = await sessions.make_token(session, "sign-in", user.id, NOW, 60)
        void = await sessions.make_token(session, "sign-in", user.id, NOW, 60)
    async with house.db.write() as session:
        assert await sessions.use_token(session, "other", token, NOW) is None
        assert await sessions.use_token(session, "sign-in", token, NOW + timedelta(seconds=60)) is None
        assert await sessions.peek_token(session, "sign-in", token, NOW) is not None
        assert await sessions.use_token(session, "sign-in", token, NOW) is not None
    async with house.db.write() as session:
        assert await sessions.use_token(session, "sign-in", token, NOW) is None
        await sessions.end_all(session, user.id)
    async with house.db.read() as session:
        assert await sessions.peek_token(session, "sign-in", void, NOW) is None


async def test_one_token_in_two_hands_works_for_one(house: House) -> None:
    async with house.db.write() as session:
        user = await people.first_admin(session, NOW)
        token = await sessions.make_token(session, "sign-in", user.id, NOW, 60)

    async def use() -> bool:
        async with house.db.write() as session:
            return await sessions.use_token(session, "sign-in", token, NOW) is not None

    assert sorted(await asyncio.gather(use(), use(), use())) == [False, False, True]


async def test_publishing_is_off_until_a_person_turns_it_on(house: House) -> None:
    async with house.db.write() as session:
        assert await settings.get(session, "publishing") is None
        assert not (await settings.publishing_on(session))[0]
        await settings.start_publishing(session, actor="user:1", now=NOW)
        assert await settings.publishing_on(session) == (True, "")
    async with house.db.write() as session:
        await settings.stop_publishing(session, "wrong: 100% 'texts'", actor="user:1", now=NOW)
    async with house.db.read() as session:
        assert await settings.publishing_on(session) == (False, "wrong: 100% 'texts'")
