"""An account is tried before it is stored: whose token it is, and whether it works."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.reddit.client import NEEDED, try_account
from domain.errors import BadInput, SignInFailed, Unreachable
from tests.channels.network import Fault
from tests.channels.reddit.conftest import Rig


async def test_account_is_completed_with_its_name_and_id(rig: Rig):
    for given in ("", "norda_help", "u/Norda_Help", "/u/norda_help"):
        tried = await try_account(replace(rig.account, handle=given, external_id=""), rig.door)
        assert (tried.handle, tried.external_id) == (rig.server.own, f"t2_{rig.server.own}")
    assert rig.server.agents[0].startswith("python:earshot:0.1 (self-hosted)"), "no name is made up"


async def test_token_of_somebody_else_is_refused(rig: Rig):
    rig.server.own = "somebody_else"
    with pytest.raises(SignInFailed, match="belongs to u/somebody_else, not to u/norda_help"):
        await try_account(replace(rig.account, handle="norda_help"), rig.door)


async def test_suspended_account_is_refused(rig: Rig):
    rig.server.suspended = True
    with pytest.raises(SignInFailed, match="suspended"):
        await try_account(rig.account, rig.door)


@pytest.mark.parametrize("name", NEEDED)
async def test_wrong_or_missing_credentials_are_named(rig: Rig, name: str):
    for value, words in (("wrong-one", "does not accept"), ("", "missing"), ("a:b\r\nc", "missing")):
        broken = replace(rig.account, secrets=rig.account.secrets | {name: value})
        with pytest.raises(SignInFailed, match=words):
            await try_account(broken, rig.door)


async def test_what_is_no_name_is_said_at_once(rig: Rig):
    with pytest.raises(BadInput, match="letters"):
        await try_account(replace(rig.account, handle="norda help"), rig.door)
    assert rig.network.requests == []


async def test_wall_in_front_of_reddit_says_nothing_about_the_account(rig: Rig):
    rig.network.fault = Fault(status=403, body=b"<html>blocked</html>", content_type="text/html")
    with pytest.raises(Unreachable):
        await try_account(rig.account, rig.door)


async def test_settings_of_other_programs_change_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    """asyncpraw looks up what it is not given in the environment: a password there would replace our token."""
    for name, value in {"username": "x", "password": "y", "client_id": "z", "site": "elsewhere"}.items():
        monkeypatch.setenv(f"praw_{name}", value)
    tried = await try_account(rig.account, rig.door)
    assert tried.handle == rig.server.own
