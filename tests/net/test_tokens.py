"""One sign-in for all who need a token at the same time, and a new one before it ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import SetClock
from domain.errors import SignInFailed
from net.door import Door
from net.tokens import Token, token_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Office:
    """Gives tokens out, slowly, and counts them."""

    def __init__(self) -> None:
        self.given = 0

    async def sign_in(self) -> tuple[str, float]:
        await asyncio.sleep(0)
        self.given += 1
        return f"token {self.given}", 3600.0


async def test_many_at_once_sign_in_once():
    office, token = Office(), Token()
    assert set(await asyncio.gather(*(token.get(office.sign_in, NOON) for _ in range(20)))) == {"token 1"}


async def test_it_is_renewed_before_it_ends():
    office, token = Office(), Token()
    for minutes, expected in ((0, "token 1"), (58, "token 1"), (59, "token 2"), (60, "token 2")):
        assert await token.get(office.sign_in, NOON + timedelta(minutes=minutes)) == expected


async def test_a_refused_token_is_renewed_once_for_all_who_had_it():
    office, token = Office(), Token()
    had = await token.get(office.sign_in, NOON)
    again = await asyncio.gather(*(token.get(office.sign_in, NOON, refused=had) for _ in range(5)))
    assert set(again) == {"token 2"}


async def test_a_sign_in_that_fails_leaves_the_next_one_free():
    token = Token()

    async def fails() -> tuple[str, float]:
        raise SignInFailed("revoked")

    for _ in range(2):
        with pytest.raises(SignInFailed):
            await token.get(fails, NOON)
    assert await token.get(Office().sign_in, NOON) == "token 1"


async def test_tokens_belong_to_secrets_and_door_and_never_print():
    door, other = Door(SetClock(NOON)), Door(SetClock(NOON))
    assert token_of(door, "a", "b") is token_of(door, "a", "b")
    assert token_of(door, "a", "b") is not token_of(door, "ab", "")
    assert token_of(door, "a") is not token_of(other, "a")
    await token_of(door, "a").get(Office().sign_in, NOON)
    assert "token 1" not in repr(token_of(door, "a"))
