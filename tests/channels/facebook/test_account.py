"""An account is tried before it is stored: the token of a Page, and the secret of its app."""

from __future__ import annotations

import pytest

from channels.facebook.account import try_account
from domain.errors import BadInput, SignInFailed, Unreachable
from tests.channels.facebook.rig import Rig
from tests.emulators.facebook import PAGE_ID, PAGE_NAME
from tests.emulators.graph import Failed


async def test_a_page_tells_its_name_and_id(rig: Rig):
    tried = await try_account(rig.account, rig.door)
    assert (tried.handle, tried.external_id, tried.labelled) == (PAGE_NAME, PAGE_ID, None)


async def test_what_is_not_a_page_or_not_our_app_is_told(rig: Rig):
    rig.server.is_page = False
    with pytest.raises(SignInFailed, match="Page's token"):
        await try_account(rig.account, rig.door)
    rig.server.is_page = True
    for name, wrong in (("secret_token", "another"), ("secret_app", "0" * 32), ("secret_token", "")):
        rig.secrets = rig.secrets | {name: wrong}
        with pytest.raises(SignInFailed):
            await try_account(rig.account, rig.door)
        rig.secrets = dict(type(rig)(rig.server, rig.network, rig.door, rig.clock).secrets)
    rig.secrets["secret_verify"] = "short"
    with pytest.raises(BadInput, match="verify token"):
        await try_account(rig.account, rig.door)


async def test_a_passing_trouble_is_no_verdict(rig: Rig):
    rig.server.troubles.append(Failed(2, status=503))
    with pytest.raises(Unreachable):
        await try_account(rig.account, rig.door)
