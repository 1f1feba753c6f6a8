"""Two people's yes, and findings that a manager overruled: on both databases, and as the last word before sending."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.errors import BadInput, Moved, NotAllowed
from domain.person import Person
from domain.reply import Finding
from storage import corrections
from storage.replies import stale_replies
from storage.tables import Brand, Membership, MentionRow
from storage.tables_depth import Overruling, SignOff
from storage.transitions import history
from tests.responders.world import DRAFT, World, with_parts

LINKED = "Hello Mara, the depot tells you more at rail.example."
LINK = Finding("bad_link", "rail.example", "no link of ours")
ELSE = "Hello Mara, other words."


def check(gathered: Any, text: str) -> list[Finding]:
    found = [LINK] if LINK.words in text else []
    found += [Finding("placeholder", "[NAME]", "fill it in", fix=text.replace("[NAME]", "Mara"))] * ("[NAME]" in text)
    return found + [Finding("jargon", "SLA", "say it plainly", blocking=False)] * ("SLA" in text)


@pytest.fixture
async def grave(world: World) -> World:
    """A drafted answer to a post about safety; the brand has two people who may approve."""
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["safety"]))
    with_parts(world, check=check)
    await world.drafted()
    return world


async def told(world: World) -> list[tuple[str, str, str]]:
    async with world.db.read() as session:
        return [(step.new, step.actor, step.why) for step in await history(session, "reply_check", world.reply_id)]


async def test_the_first_yes_leaves_a_draft_and_the_second_person_lets_it_go(grave: World) -> None:
    done = await grave.approve()
    assert (done.status, (await grave.reply()).status) == ("drafted", "drafted")
    assert "second person" in done.said
    assert "safety" in done.said
    assert await grave.approvals() == []
    assert (await grave.approve(who=grave.admin)).status == "approved"
    (first,), (yes,) = await grave.rows(SignOff), await grave.approvals()
    assert (first.user_id, yes.user_id, yes.sign_off_id) == (grave.agent.id, grave.admin.id, first.id)
    assert await told(grave) == [("signed_off", grave.agent.actor, "safety")]
    await grave.publishing(True)
    grave.clock.move(21)
    await grave.run("send")
    assert (await grave.reply()).status == "sent"


async def test_a_correction_does_not_lift_the_need_for_a_second_person(grave: World) -> None:
    async with grave.db.write() as session:
        mention = await corrections.held(session, (await grave.reply()).mention_id)
        assert mention is not None
        given: dict[str, Any] = {"teaches": False, "actor": grave.agent.actor, "now": grave.now}
        await corrections.note(session, mention, "theme", "service", old="safety", **given)
        mention.themes = ["service"]
        session.add(mention)
    assert (await grave.approve()).status == "drafted"
    assert [why for _, _, why in await told(grave)] == ["safety"]


async def test_an_approval_lives_no_longer_than_the_older_of_two_yeses(grave: World) -> None:
    await grave.approve()
    grave.clock.move(3600)
    await grave.approve(who=grave.admin)
    (first,), (yes,) = await grave.rows(SignOff), await grave.approvals()
    assert yes.expires_at == first.created_at + timedelta(seconds=grave.parts.limits.approval_life_s)


async def test_one_person_is_not_two(grave: World) -> None:
    await grave.approve()
    assert (await grave.approve()).status == "drafted"
    assert len(await grave.rows(SignOff)) == 1
    assert len(await told(grave)) == 1


async def test_by_hand_needs_the_second_person_too(grave: World) -> None:
    version = (await grave.reply()).version
    first = await grave.act("hand_over", text=DRAFT, version=version)
    assert (first.status, first.copy) == ("drafted", "")
    second = await grave.act("hand_over", who=grave.admin, text=DRAFT, version=version)
    assert (second.status, second.copy) == ("handed_over", DRAFT)


async def test_the_first_yes_keeps_the_words_it_was_given_to(grave: World) -> None:
    version = (await grave.reply()).version
    first = await grave.act("approve", text=ELSE, version=version)
    again = await grave.act("approve", text=ELSE, version=version)
    assert (first.version, again.version, first.status, again.status) == (
        version + 1,
        version + 1,
        "drafted",
        "drafted",
    )
    assert (await grave.reply()).text == ELSE
    assert (await grave.approve(ELSE, who=grave.admin)).status == "approved"


async def test_other_words_make_the_other_person_the_first(grave: World) -> None:
    await grave.approve()
    done = await grave.approve(ELSE, who=grave.admin)
    assert done.status == "drafted"
    first, second = await grave.rows(SignOff)
    assert first.voided_at == grave.now
    assert (second.user_id, second.voided_at) == (grave.admin.id, None)


@pytest.mark.parametrize("change", ["edit there and back", "edited post", "role taken", "too old", "forged"])
async def test_a_first_yes_that_no_longer_counts(grave: World, change: str) -> None:
    await grave.approve()
    if change == "edit there and back":
        for text in (ELSE, DRAFT):
            await grave.act("edit", text=text, version=(await grave.reply()).version)
    elif change == "edited post":
        await grave.tamper("UPDATE mention SET version = version + 1")
    elif change == "role taken":
        await grave.tamper(f"UPDATE membership SET role = 'viewer' WHERE user_id = {grave.agent.id}")
        await third(grave)
    elif change == "too old":
        grave.clock.move(grave.parts.limits.approval_life_s)
    else:
        await grave.tamper(f"UPDATE sign_off SET user_id = {grave.viewer.id}")
    assert (await grave.approve(who=grave.admin)).status == "drafted"


async def third(world: World) -> None:
    """Another person who may approve: the brand still has two."""
    async with world.db.write() as session:
        session.add(Membership(user_id=world.stranger.id, brand_id=world.brand_id, role="agent"))


async def test_both_at_the_same_moment_give_one_first_and_one_second_yes(grave: World) -> None:
    version = (await grave.reply()).version
    both = [grave.act("approve", who=who, text=DRAFT, version=version) for who in (grave.agent, grave.admin)]
    done = await asyncio.gather(*both)
    assert sorted(each.status for each in done) == ["approved", "drafted"]
    (first,), (yes,) = await grave.rows(SignOff), await grave.approvals()
    assert {first.user_id, yes.user_id} == {grave.agent.id, grave.admin.id}


async def test_an_edit_and_a_second_yes_at_the_same_moment(grave: World) -> None:
    version = (await grave.reply()).version
    await grave.act("approve", text=DRAFT, version=version)
    done = await asyncio.gather(
        grave.act("edit", text=ELSE, version=version),
        grave.act("approve", who=grave.admin, text=DRAFT, version=version),
        return_exceptions=True,
    )
    assert [type(each) for each in done].count(Moved) == 1
    reply = await grave.reply()
    assert (reply.status, reply.text) in [("approved", DRAFT), ("drafted", ELSE)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sign_off SET voided_at = created_at, void_reason = 'taken back'",
        "UPDATE sign_off SET user_id = {admin}",
        "UPDATE sign_off SET text_hash = '0'",
        "UPDATE approval SET sign_off_id = NULL",
        "UPDATE approval SET sign_off_id = 7",
        "DELETE FROM sign_off",
        "UPDATE membership SET role = 'viewer' WHERE user_id = {agent}",
    ],
)
async def test_before_it_leaves_the_first_yes_is_looked_at_again(grave: World, statement: str) -> None:
    await grave.approve()
    await grave.approve(who=grave.admin)
    await grave.publishing(True)
    grave.clock.move(21)
    await grave.tamper(statement.format(admin=grave.admin.id, agent=grave.agent.id))
    await grave.run("send")
    assert (await grave.reply()).status == "drafted"
    assert grave.network.requests == []


async def test_a_recall_and_a_newer_post_end_both_yeses(grave: World) -> None:
    await grave.approve()
    await grave.approve(who=grave.admin)
    await grave.act("recall")
    assert all(row.voided_at for row in await grave.rows(SignOff))
    await grave.approve()
    async with grave.db.write() as session:
        await stale_replies(session, [grave.case_id], grave.now)
    assert all(row.voided_at for row in await grave.rows(SignOff))


async def test_where_only_one_may_approve_one_is_enough(grave: World) -> None:
    await grave.tamper(f"UPDATE membership SET role = 'viewer' WHERE user_id = {grave.admin.id}")
    assert (await grave.approve()).status == "approved"


async def test_a_brand_may_want_two_for_some_risk(world: World) -> None:
    async with world.db.write() as session:
        await session.exec(update(Brand).values(two_from="medium"))
        await session.exec(update(MentionRow).values(themes=["delivery"], severity=2))
    await world.drafted()
    assert "a real complaint" in (await world.approve()).said
    async with world.db.write() as session:
        await session.exec(update(Brand).where(col(Brand.id) == world.brand_id).values(two_from="high"))
    assert (await world.approve()).status == "approved"


# --- overruling and mending --------------------------------------------------------------------------------------


async def overrule(world: World, text: str = LINKED, who: Person | None = None, **more: Any) -> Any:
    given = {"finding": LINK.key, "why": "the railway runs that page"} | more
    version = (await world.reply()).version
    return await world.act("overrule", who=who or world.admin, text=text, version=version, **given)


@pytest.fixture
async def linked(world: World) -> World:
    """A draft with a link that is not known to be ours."""
    with_parts(world, check=check)
    await world.drafted()
    await world.act("edit", text=LINKED, version=(await world.reply()).version)
    return world


async def test_an_overruled_finding_stops_nothing_but_needs_two(linked: World) -> None:
    with pytest.raises(BadInput, match="no link of ours"):
        await linked.approve(LINKED)
    await overrule(linked)
    assert (await linked.approve(LINKED)).status == "drafted"
    assert (await linked.approve(LINKED, who=linked.admin)).status == "approved"
    assert (await told(linked))[0] == ("overruled", linked.admin.actor, "bad_link: the railway runs that page")
    assert [(row["rule"], row["blocking"]) for row in (await linked.reply()).findings] == [("bad_link", False)]


async def test_overruling_takes_a_manager(linked: World) -> None:
    with pytest.raises(NotAllowed):
        await overrule(linked, who=linked.agent)


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (LINKED, {"why": "it is"}, "few words"),
        (LINKED, {"why": "  "}, "few words"),
        (LINKED, {"finding": "bad_link-0"}, "no such finding"),
        ("Hello [NAME], sorry.", {"finding": Finding("placeholder", "[NAME]", "").key}, "never be overruled"),
        ("Our SLA is short.", {"finding": Finding("jargon", "SLA", "").key}, "advice"),
    ],
)
async def test_what_cannot_be_overruled_says_why(linked: World, text: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        await overrule(linked, text, **more)
    assert await linked.rows(Overruling) == []


async def test_it_holds_for_exactly_this_text(linked: World) -> None:
    await overrule(linked)
    with pytest.raises(BadInput, match="no link of ours"):
        await linked.approve(LINKED + " Sorry.")
    for text in (ELSE, LINKED):
        await linked.act("edit", text=text, version=(await linked.reply()).version)
    with pytest.raises(BadInput, match="no link of ours"):
        await linked.approve(LINKED)
    assert [row.void_reason for row in await linked.rows(Overruling)] == ["edited"]


async def test_it_ends_the_first_yes_that_did_not_know_of_it(grave: World) -> None:
    async with grave.db.write() as session:
        await session.exec(update(Brand).values(links=[]))
    with_parts(grave, check=lambda gathered, text: [])
    await grave.approve()
    with_parts(grave, check=lambda gathered, text: [replace(LINK, words="depot")])
    await overrule(grave, DRAFT, finding=replace(LINK, words="depot").key)
    assert [row.void_reason for row in await grave.rows(SignOff)] == ["a finding was overruled"]


async def test_mending_keeps_the_mended_text_and_can_be_undone(linked: World) -> None:
    text = "Hello [NAME], we are sorry."
    key, version = Finding("placeholder", "[NAME]", "").key, (await linked.reply()).version
    done = await linked.act("mend", text=text, version=version, finding=key)
    assert (await linked.reply()).text == "Hello Mara, we are sorry."
    assert done.undo is not None
    assert (done.undo.action, done.undo.values["text"]) == ("edit", text)
    with pytest.raises(Moved):
        await linked.act("mend", text=text, version=version, finding=key)


async def test_what_only_a_person_can_mend_says_so(linked: World) -> None:
    version = (await linked.reply()).version
    with pytest.raises(BadInput, match="change the text yourself"):
        await linked.act("mend", text=LINKED, version=version, finding=LINK.key)


async def test_changes_asked_for_stop_the_second_yes_until_the_text_is_another_one(grave: World) -> None:
    await grave.approve()
    version = (await grave.reply()).version
    await grave.act("ask_change", who=grave.admin, words="name the train", version=version)
    with pytest.raises(BadInput, match="Admin asks for changes: “name the train”"):
        await grave.approve(who=grave.agent)
    await grave.act("edit", who=grave.agent, text=ELSE, version=version)
    assert (await grave.approve(ELSE, who=grave.agent)).status == "drafted"  # the first yes was to the old text
    assert (await grave.approve(ELSE, who=grave.admin)).status == "approved"


async def test_who_asked_for_changes_and_may_approve_no_more_stops_nobody(world: World) -> None:
    await world.drafted()
    await world.act("ask_change", who=world.admin, words="warmer", version=(await world.reply()).version)
    with pytest.raises(BadInput, match="warmer"):
        await world.approve(who=world.agent)
    async with world.db.write() as session:
        await session.exec(update(Membership).where(col(Membership.user_id) == world.admin.id).values(role="viewer"))
    assert (await world.approve(who=world.agent)).status == "approved"
