"""Whose name stands under a reply: it follows the case, and nobody signs for a colleague unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.reply import Finding
from responders import fact_actions
from responders.contract import ReplyContext
from responders.contract import check as contract
from responders.drafting import Drafting
from responders.facts import Facts
from responders.signatures import signature, signer
from storage import corrections
from storage.replies import change
from storage.tables import Brand, Transition
from storage.tables_depth import SignOff
from tests.responders.detector import detect
from tests.responders.world import World, with_parts

BODY = "Hello Mara, thank you for telling us that coach 4 is cold. I'm asking the crew now."


@pytest.fixture
async def real(world: World) -> World:
    """The real drafter and the real contract."""
    drafting = Drafting(world.parts.channels, detect)
    with_parts(world, compose=drafting.compose, check=drafting.check)
    return world


async def give(world: World, who: Any, **more: Any) -> None:
    await world.act("assign", user_id=who.id if who else None, **more)


async def signed(world: World) -> str:
    return (await world.reply()).text.splitlines()[-1]


async def house_signs(world: World, sign_off: str) -> None:
    async with world.db.write() as session:
        await change(session, Brand, world.brand_id, voice={"sign_off": sign_off})


async def kept(world: World, text: str, who: Any = None) -> tuple[Finding, ...]:
    """What the contract says to this person who keeps this text as the draft."""
    done = await world.act("edit", who=who, text=text, version=(await world.reply()).version)
    return tuple(found for found in done.findings if found.rule == "signed_by_colleague")


async def test_an_untouched_draft_is_signed_by_whoever_has_the_case(real: World) -> None:
    written = (await real.drafted()).text
    assert await signed(real) == "Norda"
    await give(real, real.agent)
    assert await signed(real) == "Agent, Norda"
    await give(real, real.admin)
    reply = await real.reply()
    assert reply.text == reply.first_text == written.rpartition("\n")[0] + "\nAdmin, Norda"
    assert (reply.status, reply.version) == ("drafted", 4)
    await give(real, None)
    assert (await real.reply()).text == written


async def test_the_new_hands_approve_words_that_have_their_name(real: World) -> None:
    await give(real, real.agent)
    text = (await real.drafted()).text
    assert text.endswith("\nAgent, Norda")
    await give(real, real.admin)
    page = await real.reply()
    assert (await real.approve(page.text, who=real.admin)).status == "approved"
    await real.publishing(True)
    real.clock.move(21)
    await real.run("send")
    assert [post["text"] for post in real.network.posts] == [text.replace("Agent, Norda", "Admin, Norda")]


async def test_taking_the_hand_over_back_brings_the_old_name_back(real: World) -> None:
    await give(real, real.agent)
    text = (await real.drafted()).text
    done = await real.act("assign", user_id=real.admin.id)
    assert done.undo is not None
    await real.act(done.undo.action, **done.undo.values)
    assert (await real.reply()).text == text


async def test_a_house_with_a_signature_of_its_own_signs_with_it_whoever_has_the_case(real: World) -> None:
    await house_signs(real, "Your Norda team")
    await give(real, real.agent)
    before = await real.drafted()
    assert await signed(real) == "Your Norda team"
    await give(real, real.admin)
    assert await real.reply() == before


async def test_who_is_noted_to_answer_signs_whoever_has_the_case(real: World) -> None:
    async with real.db.write() as session:
        given: dict[str, Any] = {"key": "agent", "value": "Vera", "now": real.now, "parts": real.parts}
        await fact_actions.know(session, real.admin, real.case_id, **given)
    await real.drafted()
    await give(real, real.agent)
    assert await signed(real) == "Vera, Norda"


async def test_a_changed_draft_stays_as_it_is_and_the_new_hands_are_told_whose_name_it_has(real: World) -> None:
    await give(real, real.agent)
    await real.drafted()
    typed = f"{BODY}\nAgent, Norda"
    assert await kept(real, typed) == ()
    await give(real, real.admin)
    assert (await real.reply()).text == typed
    (found,) = await kept(real, typed, real.admin)
    assert (found.words, found.blocking, found.fix) == ("Agent, Norda", False, f"{BODY}\nAdmin, Norda")
    version = (await real.reply()).version
    await real.act("mend", who=real.admin, text=typed, version=version, finding=found.key)
    assert (await real.reply()).text == f"{BODY}\nAdmin, Norda"


async def test_whoever_approves_may_sign_where_nobody_has_the_case_and_nobody_else(real: World) -> None:
    await real.drafted()
    assert await kept(real, f"{BODY}\nAdmin", real.admin) == ()
    assert len(await kept(real, f"{BODY}\nAdmin", real.agent)) == 1


async def test_what_is_approved_is_not_touched_by_a_hand_over(real: World) -> None:
    await give(real, real.agent)
    text = (await real.drafted()).text
    await real.approve(text)
    approved = await real.reply()
    await give(real, real.admin)
    assert await real.reply() == approved
    await real.publishing(True)
    real.clock.move(21)
    await real.run("send")
    assert (await real.reply()).status == "sent"


async def test_a_first_yes_stands_through_a_hand_over(real: World) -> None:
    async with real.db.write() as session:
        mention = await corrections.held(session, (await real.reply()).mention_id)
        assert mention is not None
        mention.themes = ["safety"]
        session.add(mention)
    await give(real, real.agent)
    text = (await real.drafted()).text
    assert (await real.approve(text)).status == "drafted"
    await give(real, real.admin)
    assert (await real.reply()).text == text
    assert [yes.voided_at for yes in await real.rows(SignOff)] == [None]
    assert (await real.approve(text, who=real.admin)).status == "approved"


async def test_a_name_that_does_not_fit_the_channel_is_left(real: World) -> None:
    await real.drafted()
    before = await real.reply()
    channel = next(iter(real.parts.channels.values()))
    with_parts(real, channels={before.channel: replace(channel, max_length=len(before.text))})
    await give(real, real.agent)
    assert await real.reply() == before


async def test_signing_anew_is_told_and_is_nobodys_edit(real: World) -> None:
    await real.drafted()
    await give(real, real.agent)
    told = [row for row in await real.rows(Transition) if row.noun == "reply_text"]
    assert [(row.new, row.actor) for row in told] == [("signed anew", "system:drafter")]


async def test_a_page_that_shows_the_old_name_is_stale(real: World) -> None:
    page = await real.drafted()
    await give(real, real.agent)
    with pytest.raises(Exception, match="has changed since"):
        await real.act("approve", text=page.text, version=page.version)


@pytest.mark.parametrize(
    ("last", "whose"),
    [
        ("Mia Horvat, Norda", "Mia Horvat"), ("– Mia", "Mia Horvat"), ("mia", "Mia Horvat"), ("^Jonas", "Jonas"),
        ("Mia Horvat will call you", ""), ("Norda", ""), ("Miami", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_signature_is_a_name_of_a_line_of_its_own(last: str, whose: str) -> None:
    assert signer(f"We are on it.\n{last}", ("Mia Horvat", "Jonas")) == whose
    assert signer(last, ("Mia Horvat", "Jonas", "")) == ""


def test_the_brand_is_named_once() -> None:
    assert signature(" Mia  Horvat ", "Norda") == "Mia Horvat, Norda"
    assert signature("Your norda team", "Norda") == "Your norda team"


def test_two_colleagues_of_one_first_name_are_not_taken_for_each_other() -> None:
    facts = Facts(mention="Coach 4 is cold", brand="Norda", known={"agent": "Mia Kos"})
    context = ReplyContext(lang="en", facts=facts, colleagues=("Mia Horvat", "Jonas"))
    rule = "signed_by_colleague"
    found = {last: [f.rule for f in contract(f"{BODY}\n{last}", context)] for last in ("Mia", "Mia Horvat", "Jonas")}
    assert found == {"Mia": [], "Mia Horvat": [rule], "Jonas": [rule]}
