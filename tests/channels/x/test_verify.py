"""Stored posts are looked at again by their ids: what X says of each, what it costs, and that a budget holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.x.manifest import MANIFEST
from channels.x.verify import verify
from domain.errors import Gone, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from domain.ports import Held
from listener.verifying import Verifier
from tests.channels.network import Fault
from tests.channels.x.rig import HOUR_LATER, Rig
from tests.channels.x.test_listening import Ears, ears, house
from tests.channels.x.test_source import MINUTE
from tests.listener.rig import NOON

__all__ = ["ears", "house"]


def held(mention: Mention) -> Held:
    native = json.loads(json.dumps(mention.native))
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, native)


async def stored(rig: Rig, **how: Any) -> dict[str, Held]:
    """What is stored of what was heard, by its words."""
    return {mention.text: held(mention) for mention in (await rig.heard(**how))[0]}


async def test_removed_suspended_and_protected_are_gone_and_what_stands_costs_one_read(either: Rig):
    for author, text in (("mara", "norda one"), ("ben", "norda two"), ("cleo", "norda three")):
        either.server.say(text, author, at=HOUR_LATER - 2 * MINUTE)
    posts = await stored(either)
    del either.server.posts[int(posts["norda one"].external_id)]
    either.server.closed = {"ben"}
    either.clock.move(12 * 3600)
    found = await verify(either.listening(), list(posts.values()))
    assert found[posts["norda one"].external_id] is found[posts["norda two"].external_id] is None
    same = found[posts["norda three"].external_id]
    assert same is not None
    assert (same.text, same.native) == ("norda three", posts["norda three"].native)
    assert either.server.usd() == 0.005


async def test_an_edit_is_heard_again_whole_under_its_first_id(either: Rig):
    said = either.server.say("@norda is late", at=HOUR_LATER - 2 * MINUTE)
    posts = await stored(either, kind="mentions")
    new = either.server.edit(said, "norda is on time", HOUR_LATER - MINUTE)
    (name, edited), *rest = (await verify(either.listening(kind="mentions"), list(posts.values()))).items()
    assert edited is not None
    assert not rest
    assert (name, edited.text, edited.addressed) == (str(said.id), "norda is on time", True)
    assert edited.native == {"id": str(new.id), "summoned": []}
    assert (edited.author_handle, edited.edited_at) == ("mara", HOUR_LATER - MINUTE)
    again = await verify(either.listening(), [held(edited)])
    assert again[name] is not None
    del either.server.posts[new.id]
    assert await verify(either.listening(), [held(edited)]) == {name: None}


async def test_what_x_does_not_name_as_gone_stays(rig: Rig):
    rig.server.say("norda one", at=HOUR_LATER - 2 * MINUTE)
    posts = list((await stored(rig)).values())
    kinds = ["resource-unavailable", "disallowed-resource", "field-hydration-failure", "internal-error"]
    for kind in kinds:
        problem = {"type": f"https://api.x.com/2/problems/{kind}", "title": "Odd", "resource_id": posts[0].external_id}
        rig.network.fault = Fault(body=json.dumps({"errors": [problem]}).encode())
        assert await verify(rig.listening(), posts) == {}
    other = {"type": "https://api.x.com/2/problems/resource-not-found", "title": "Not Found Error", "resource_id": "77"}
    for body, error in (({"errors": [other]}, Gone), ({"errors": [{"title": "Odd"}]}, Refused)):
        rig.network.fault = Fault(body=json.dumps(body).encode())
        with pytest.raises(error):
            await verify(rig.listening(), posts)


@pytest.mark.parametrize(
    ("status", "error"), [(401, SignInFailed), (403, Refused), (404, Gone), (503, Unreachable)]
)  # fmt: skip
async def test_an_app_that_is_shut_out_makes_no_post_gone(rig: Rig, status: int, error: type[Exception]):
    rig.server.say("norda one", at=HOUR_LATER - 2 * MINUTE)
    posts = list((await stored(rig)).values())
    problem = {"title": "Not Found Error", "type": "about:blank", "detail": "no", "status": status}
    rig.network.fault = Fault(status=status, body=json.dumps(problem).encode())
    with pytest.raises(error):
        await verify(rig.listening(), posts)


async def test_without_a_budget_nothing_is_asked_and_that_is_said(rig: Rig):
    rig.server.say("norda one", at=HOUR_LATER - 2 * MINUTE)
    posts = list((await stored(rig)).values())
    asked = len(rig.network.requests)
    with pytest.raises(Refused, match="no post is looked at again"):
        await verify(rig.listening(looks_share=0.0), posts)
    assert await verify(rig.listening(), [replace(posts[0], external_id="-", native={})]) == {}
    assert len(rig.network.requests) == asked


async def test_no_day_costs_more_than_the_budget_for_looks_and_being_late_is_told(ears: Ears):
    """60 posts and 40 looks a day: over four days each costs what 40 posts cost, and one batch more at most."""
    source_id = await ears.source(daily_budget_usd=10.0, looks_share=0.02)
    for number in range(60):
        ears.server.say(f"norda {number}", at=NOON - timedelta(minutes=90 - number))
    await ears.house.listener.poll(source_id)
    clock, verifier = ears.house.clock, Verifier(ears.house.db, {"x": MANIFEST}, ears.house.listener.ears)
    assert len(await ears.house.texts()) == 60
    ears.server.posts.pop(min(ears.server.posts))
    while clock.now() < NOON + timedelta(days=4):
        await verifier.verify(source_id, clock.now())
        source = await ears.house.get(source_id)
        assert source.verify_error.startswith(("20 of 60 stored posts", "19 of 59 stored posts"))
        assert source.next_verify_at is not None
        clock.move((source.next_verify_at - clock.now()).total_seconds())
    bills = [ears.server.usd(NOON + timedelta(days=day)) for day in (1, 2, 3)]
    assert min(bills) > 0.1
    assert max(bills) <= 0.2 + 0.1
    assert len([text for text in await ears.house.texts() if text]) == 59
