"""Asking for satisfaction: whom, how often and how; what an answer does, and what becomes of it when posts go."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.ids import ids
from responders import surveying
from responders.done import Done
from responders.drafting import Drafting
from responders.parts import Composed
from responders.survey_links import LETTERS, SurveyLinks, named
from storage import replies, surveys
from storage.erasure import Author, erase
from storage.replies import Gathered
from storage.reporting import Cut
from storage.tables import Case, MentionRow, Reply
from storage.tables_survey import Survey
from storage.transitions import history
from tests.fakes import CHANNEL
from tests.responders.detector import detect
from tests.responders.world import START, World, add_mention, with_parts

LINKS = SurveyLinks(address="https://care.norda.example", secret=b"k" * 32)
DAY = 86_400


@dataclass
class Link:
    id: int
    brand_id: int
    kind: str = "csat"


async def answered(world: World, *, private: bool = False, kind: str = "") -> None:
    """A case that we answered, where asking is on."""
    await world.tamper("UPDATE case_file SET author_handle = 'mara'")
    manifest = replace(world.parts.channels[CHANNEL], private=private)
    with_parts(world, surveys=replace(LINKS, kind=kind), channels={CHANNEL: manifest})
    await world.approved()
    await world.run("send")


async def resolved(world: World, *, private: bool = False, kind: str = "") -> None:
    """The same, and somebody resolved it."""
    await answered(world, private=private, kind=kind)
    await world.act("resolve")


async def ask(world: World, kind: str = "csat", case_id: int = 0, who: Any = None) -> Done:
    async with world.db.write() as session:
        return await surveying.ask(
            session, who or world.agent, case_id or world.case_id, kind=kind, now=world.now, parts=world.parts
        )


async def the_survey(world: World) -> Survey:
    (row,) = await world.rows(Survey)
    assert isinstance(row, Survey)
    return row


async def say(world: World, value: int, words: str = "", token: str = "") -> None:
    token = token or LINKS.token(await the_survey(world))
    async with world.db.write() as session:
        await surveying.answer(session, named(token), token, value=value, words=words, now=world.now, parts=world.parts)


# --- the link --------------------------------------------------------------------------------------------------


def test_a_link_tells_nothing_and_cannot_be_made_or_carried_over() -> None:
    mine, theirs = Link(ids.next(START), 1), Link(ids.next(START), 2)
    token = LINKS.token(mine)
    assert named(token) == mine.id
    assert set(token) <= set(LETTERS)
    assert LINKS.signed(mine, token)
    assert not LINKS.signed(replace(mine, brand_id=2), token)
    assert not LINKS.signed(replace(mine, kind="nps"), token)
    assert not LINKS.signed(theirs, token)
    assert not replace(LINKS, secret=b"o" * 32).signed(mine, token)
    changed = [token[:at] + LETTERS[LETTERS.index(token[at]) - 1] + token[at + 1 :] for at in range(len(token))]
    assert not any(LINKS.signed(mine, each) for each in changed)


@pytest.mark.parametrize("token", ["", "b", "ž" * 45, "z" * 45, "b" * 46, "1" * 45])
def test_what_is_no_token_names_nobody(token: str) -> None:
    assert named(token) == 0


# --- asking ----------------------------------------------------------------------------------------------------


async def test_on_a_public_channel_the_link_is_for_a_private_message(world: World) -> None:
    await resolved(world)
    await ask(world, "nps")
    survey = await the_survey(world)
    assert (survey.kind, survey.reply_id, survey.value) == ("nps", None, None)
    assert survey.expires_at == world.now + timedelta(days=30)
    case = await world.case()
    assert (case.status, case.follow_up_at) == ("resolved", None)


async def test_on_a_private_channel_a_draft_carries_it_and_waits_for_a_person(world: World) -> None:
    await resolved(world, private=True)
    seen: list[Gathered] = []

    async def compose(given: Gathered) -> Any:
        seen.append(given)
        return await before(given)

    before = world.parts.compose
    with_parts(world, compose=compose)
    await ask(world)
    await world.run("draft")
    survey = await the_survey(world)
    reply = await world.reply(survey.reply_id)
    assert (reply.kind, reply.status) == ("follow_up", "drafted")
    assert seen[-1].survey is not None
    assert seen[-1].survey.id == survey.id


async def test_another_draft_carries_the_link_too(world: World) -> None:
    await resolved(world, private=True)
    await ask(world)
    await world.run("draft")
    before = (await the_survey(world)).reply_id
    again = await world.act("redraft")
    assert again.reply_id != before
    assert (await the_survey(world)).reply_id == again.reply_id


async def test_nobody_is_asked_twice_about_a_case(world: World) -> None:
    await resolved(world)
    await ask(world)
    with pytest.raises(Moved, match="asked about this case already"):
        await ask(world, "nps")


async def test_an_author_is_asked_once_in_thirty_days(world: World) -> None:
    await resolved(world)
    await ask(world)
    other = await another_case(world)
    with pytest.raises(Moved, match="within the last 30 days"):
        await ask(world, case_id=other)
    world.clock.move(30 * DAY + 1)
    await ask(world, case_id=other)


@pytest.mark.parametrize("ended", ["rejected", "stale", "replaced", "failed"])
async def test_whose_draft_with_the_link_never_left_was_not_asked(world: World, ended: str) -> None:
    await resolved(world, private=True)
    await ask(world)
    await world.run("draft")
    first = await the_survey(world)
    await world.tamper(f"UPDATE reply SET status = '{ended}' WHERE id = {first.reply_id}")
    assert await counted(world) == (0, 0)
    other = await another_case(world)
    world.clock.move(DAY)
    await ask(world, "nps")
    assert await counted(world) == (1, 0)
    again = await the_survey(world)
    assert (again.id, again.kind, again.created_at) == (first.id, "nps", world.now)
    assert again.reply_id != first.reply_id
    with pytest.raises(Moved, match="within the last 30 days"):
        await ask(world, case_id=other)


async def test_a_rejection_leaves_the_other_cases_of_its_author_free_until_it_is_taken_back(world: World) -> None:
    await resolved(world, private=True)
    await ask(world)
    await world.run("draft")
    draft = await world.reply((await the_survey(world)).reply_id)
    await world.act("reject", draft.id, reason="wrong tone", version=draft.version)
    other = await another_case(world)
    async with world.db.read() as session:
        case = await session.get_one(Case, other)
        assert await surveying.why_not(session, case, world.parts, world.now) == ""
    await world.act("restore", draft.id)
    with pytest.raises(Moved, match="within the last 30 days"):
        await ask(world, case_id=other)


async def test_who_answered_though_the_draft_was_rejected_was_asked(world: World) -> None:
    """Somebody copied the link from the page."""
    await resolved(world, private=True)
    await ask(world)
    await world.run("draft")
    draft = await world.reply((await the_survey(world)).reply_id)
    await world.act("reject", draft.id, reason="sent elsewhere", version=draft.version)
    await say(world, 5)
    assert await counted(world) == (1, 1)
    with pytest.raises(Moved, match="asked about this case already"):
        await ask(world)


async def counted(world: World) -> tuple[int, int]:
    """How many were asked, and how many of them answered, as reports count."""
    async with world.db.read() as session:
        cut = Cut(since=START, until=world.now + timedelta(days=1), channel="")
        return await surveys.asked(session, [world.brand_id], cut)


async def another_case(world: World) -> int:
    """A second answered, resolved case of the same author."""
    case_id, mention_id, reply_id = ids.many(3, world.now)
    async with world.db.write() as session:
        case = await session.get_one(Case, world.case_id)
        mention = await session.get_one(MentionRow, world.mention_id)
        reply = await session.get_one(Reply, world.reply_id)
        new = {"id": case_id, "thread_id": "p2", "last_mention_id": mention_id}
        session.add(Case(**case.model_dump() | new))
        await session.flush()
        new = {"id": mention_id, "case_id": case_id, "external_id": "p2", "thread_id": "p2"}
        session.add(MentionRow(**mention.model_dump() | new))
        await session.flush()
        new = {"id": reply_id, "case_id": case_id, "mention_id": mention_id, "external_id": None, "send_key": "2"}
        session.add(Reply(**reply.model_dump() | new))
    return case_id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE case_file SET status = 'open'", "only the author of a resolved case"),
        ("UPDATE case_file SET praise = true", "praises or thanks us"),
        ("UPDATE mention SET label = 'positive'", "praises or thanks us"),
        ("UPDATE mention SET text = 'Thanks a lot!'", "praises or thanks us"),
        ("UPDATE mention SET status = 'withdrawn'", "their posts are gone"),
        ("UPDATE reply SET status = 'rejected'", "never wrote to them"),
    ],
)
async def test_who_is_left_alone(world: World, change: str, why: str) -> None:
    await resolved(world)
    await world.tamper(change)
    with pytest.raises(Moved, match=why):
        await ask(world)
    assert await world.rows(Survey) == []


@pytest.mark.parametrize("label", ["positive", "neutral"])
async def test_who_had_a_problem_and_thanked_us_then_is_asked(world: World, label: str) -> None:
    """Else those who would score well are left out, and the figures are worse than we are."""
    await resolved(world)
    await thanked(world, label)
    await ask(world)
    assert (await the_survey(world)).kind == "csat"


async def test_nothing_but_praise_and_thanks_is_praise(world: World) -> None:
    await resolved(world)
    await world.tamper("UPDATE mention SET label = 'positive'")
    await thanked(world, "neutral")
    with pytest.raises(Moved, match="praises or thanks us"):
        await ask(world)


async def thanked(world: World, label: str = "positive") -> None:
    """The author said thanks for our answer."""
    world.clock.move(60)
    thanks = await add_mention(world, "p3", "Thanks a lot!")
    async with world.db.write() as session:
        await replies.change(session, MentionRow, thanks, label=label, posted_at=world.now)
        await replies.change(session, Case, world.case_id, label=label, last_mention_id=thanks)


async def test_who_wants_to_be_left_alone_is(world: World) -> None:
    await resolved(world)
    await world.act("leave_alone", world.case_id, why="said so")
    with pytest.raises(Moved, match="left alone"):
        await ask(world)


async def test_it_is_off_without_a_public_address(world: World) -> None:
    await resolved(world)
    with_parts(world, surveys=None)
    with pytest.raises(Moved, match="public_url"):
        await ask(world)


async def test_a_viewer_may_not_ask_and_a_stranger_sees_nothing(world: World) -> None:
    await resolved(world)
    with pytest.raises(NotAllowed):
        await ask(world, who=world.viewer)
    with pytest.raises(Missing):
        await ask(world, who=world.stranger)
    with pytest.raises(BadInput, match="csat, nps, ces"):
        await ask(world, "stars")


@pytest.mark.parametrize(("private", "kind", "count"), [(True, "csat", 1), (True, "", 0), (False, "csat", 0)])
async def test_the_follow_up_asks_by_itself_only_in_private_and_where_it_is_set(
    world: World, private: bool, kind: str, count: int
) -> None:
    await resolved(world, private=private, kind=kind)
    world.clock.move(2 * DAY)
    assert await world.run("follow_up") == 1
    surveys = await world.rows(Survey)
    assert [survey.kind for survey in surveys] == [kind] * count
    follow_ups = [reply.id for reply in await world.rows(Reply) if reply.kind == "follow_up"]
    assert len(follow_ups) == 1
    assert all(survey.reply_id == follow_ups[0] for survey in surveys)


async def test_who_is_quiet_since_our_answer_is_asked_too_though_nobody_pressed_resolve(world: World) -> None:
    await answered(world, private=True, kind="csat")
    world.clock.move(6 * DAY)
    assert await world.run("follow_up") == 1
    assert [survey.kind for survey in await world.rows(Survey)] == ["csat"]


async def test_who_was_asked_by_hand_is_not_asked_again_however_often_the_case_ends(world: World) -> None:
    await resolved(world)
    await ask(world)
    await world.act("reopen")
    await world.act("resolve")
    world.clock.move(3 * DAY)
    assert await world.run("follow_up") == 1
    assert [reply for reply in await world.rows(Reply) if reply.kind == "follow_up"] == []


@pytest.mark.parametrize(("kind", "asked"), [("csat", ["csat"]), ("", [])])
async def test_who_thanked_us_hears_of_it_once_more_only_where_satisfaction_is_asked(
    world: World, kind: str, asked: list[str]
) -> None:
    await resolved(world, private=True, kind=kind)
    await thanked(world)
    world.clock.move(2 * DAY)
    await world.run("follow_up")
    assert [survey.kind for survey in await world.rows(Survey)] == asked
    assert len([reply for reply in await world.rows(Reply) if reply.kind == "follow_up"]) == len(asked)
    world.clock.move(2 * DAY)
    assert await world.run("follow_up") == 0


# --- answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "status"),
    [("csat", 2, "open"), ("csat", 3, "resolved"), ("nps", 6, "open"), ("nps", 7, "resolved"), ("ces", 1, "resolved")],
)
async def test_a_critical_answer_opens_the_case_again(world: World, kind: str, value: int, status: str) -> None:
    await resolved(world)
    await ask(world, kind)
    world.clock.move(60)
    await say(world, value, "the coach was cold again")
    case = await world.case()
    assert case.status == status
    assert (case.next_due_at == world.now + timedelta(hours=1)) is (status == "open")
    survey = await the_survey(world)
    assert (survey.value, survey.words, survey.answered_at) == (value, "the coach was cold again", world.now)


async def test_a_critical_answer_wakes_the_case_that_was_opened_again_and_snoozed(world: World) -> None:
    await resolved(world)
    await ask(world, "nps")
    await world.act("reopen")
    await world.act("snooze", until=world.now + timedelta(days=60))
    owed = (await world.case()).next_due_at
    await say(world, 9)
    assert (await world.case()).status == "snoozed"
    world.clock.move(60)
    await say(world, 0)
    case = await world.case()
    assert (case.status, case.snoozed_until) == ("open", None)
    assert case.next_due_at == (owed or world.now + timedelta(hours=1))


async def test_a_draft_that_knows_the_words_is_asked_for_at_once(world: World) -> None:
    seen = await let_down(world, "the coach was cold again")
    (draft,) = [reply for reply in await world.rows(Reply) if reply.status == "drafted"]
    assert (draft.kind, draft.mention_id) == ("answer", world.mention_id)
    assert [survey and survey.words for survey in seen] == ["the coach was cold again"]


async def test_other_words_are_answered_by_another_draft(world: World) -> None:
    seen = await let_down(world, "the coach was cold again")
    world.clock.move(60)
    await say(world, 1, "and nobody wrote back")
    await world.run("draft")
    world.clock.move(60)
    await say(world, 5)
    await world.run("draft")
    assert [survey and survey.words for survey in seen] == ["the coach was cold again", "and nobody wrote back", None]
    statuses = [reply.status for reply in await world.rows(Reply) if reply.kind == "answer"]
    assert statuses == ["sent", "stale", "stale", "drafted"], "what was drafted for the old words is set aside"


async def test_what_a_person_is_posting_stays_with_them_and_the_draft_waits(world: World) -> None:
    await resolved(world)
    await ask(world)
    await world.act("reopen")
    again = await world.act("redraft")
    await world.run("draft")
    version = (await world.reply(again.reply_id)).version
    await world.act("hand_over", again.reply_id, text=OTHER, version=version)
    world.clock.move(60)
    await say(world, 1)
    assert (await world.reply(again.reply_id)).status == "handed_over"
    waiting = (await world.rows(Reply))[-1]
    assert (waiting.status, waiting.due_at) == ("requested", None)


async def test_an_answer_that_is_not_critical_asks_for_no_draft(world: World) -> None:
    await resolved(world)
    await ask(world)
    await say(world, 3, "so so")
    assert [reply.status for reply in await world.rows(Reply)] == ["sent"]


async def test_the_words_are_for_their_author_and_for_one_answer(world: World) -> None:
    """Not for somebody else of the thread, nor once we answered them, nor for what they post later."""
    seen = await let_down(world, "the coach was cold again")
    world.clock.move(60)
    other = await add_mention(world, "p4", "Same here")
    for change in ({"author_handle": "ivo"}, {"author_handle": "mara", "posted_at": world.now}):
        async with world.db.write() as session:
            await replies.change(session, MentionRow, other, **change)
        await world.act("redraft")
        await world.run("draft")
    await world.tamper(f"UPDATE case_file SET last_mention_id = {world.mention_id}")
    again = await world.act("redraft")
    await world.run("draft")
    assert [survey and survey.words for survey in seen][1:] == [None, None, "the coach was cold again"]
    await world.approve(reply_id=again.reply_id, text=OTHER)
    await world.act("mark_sent", again.reply_id)
    await world.act("redraft")
    await world.run("draft")
    assert seen[-1] is None


OTHER = "Hello Mara, you are right: that must not happen twice, and the heating was replaced today."


async def let_down(world: World, words: str) -> list[Survey | None]:
    """The author is not satisfied, and says why; what each draft from then on knows of it."""
    await resolved(world)
    await ask(world)
    seen = list[Survey | None]()

    async def compose(given: Gathered) -> Composed:
        seen.append(given.let_down)
        return Composed(OTHER, "en")

    with_parts(world, compose=compose)
    world.clock.move(60)
    await say(world, 1, words)
    await world.run("draft")
    return seen


@pytest.mark.parametrize("private", [True, False])
async def test_the_draft_speaks_of_the_words_only_where_nobody_else_reads_it(world: World, private: bool) -> None:
    """Whatever it says, in whichever attempt: the drafter learns of them in private only."""
    await resolved(world)
    await thanked(world)
    await ask(world)
    world.clock.move(60)
    await say(world, 1, "The conductor was rude to my mother.")
    channels = {CHANNEL: replace(world.parts.channels[CHANNEL], private=private)}
    drafting = Drafting(channels, detect)
    with_parts(world, channels=channels, compose=drafting.compose, check=drafting.check)
    texts = []
    for _ in range(4):
        await world.run("draft")
        draft = (await world.rows(Reply))[-1]
        texts.append(draft.text.casefold())
        assert draft.status == "drafted"
        await world.act("redraft")
    told = ("conductor", "rude", "mother", "staff", "our people", "customer service")
    assert any(word in text for text in texts for word in told) is private, texts
    assert not any("glad" in text or "kind words" in text for text in texts), texts


async def test_it_is_owed_again_by_the_promised_times_of_the_installation(world: World) -> None:
    await resolved(world)
    with_parts(world, limits=replace(world.parts.limits, sla={"answer_s": 7200.0}))
    await ask(world)
    await say(world, 1)
    assert (await world.case()).next_due_at == world.now + timedelta(hours=2)


async def test_words_never_reach_the_history_that_nobody_can_change(world: World) -> None:
    await resolved(world)
    await ask(world)
    await say(world, 1, "a secret of mine")
    async with world.db.read() as session:
        lines = [*await history(session, "case", world.case_id), *await history(session, "survey", world.case_id)]
    assert not any("secret" in f"{line.why}{line.new}" for line in lines)
    assert [line.new for line in lines if line.noun == "survey"] == ["asked", "csat 1"]


async def test_an_answer_can_be_changed_until_the_link_ends_and_counts_once(world: World) -> None:
    await resolved(world)
    await ask(world)
    first = world.now
    await say(world, 1)
    await world.act("resolve")
    await say(world, 1)
    assert (await world.case()).status == "resolved", "the same again is no news"
    world.clock.move(DAY)
    await say(world, 5, "better now")
    survey = await the_survey(world)
    assert (survey.value, survey.words, survey.answered_at, survey.changed_at) == (5, "better now", first, world.now)
    world.clock.move(30 * DAY)
    with pytest.raises(Missing):
        await say(world, 4)


@pytest.mark.parametrize("value", [0, 6, -1, 100])
async def test_a_number_off_the_scale_is_not_stored(world: World, value: int) -> None:
    await resolved(world)
    await ask(world)
    with pytest.raises(BadInput):
        await say(world, value)
    assert (await the_survey(world)).value is None


async def test_a_forged_link_stores_nothing(world: World) -> None:
    await resolved(world)
    await ask(world)
    good = LINKS.token(await the_survey(world))
    for token in (good[:-1] + ("b" if good[-1] != "b" else "c"), good[:15] + "b" * 30, "b" * 45):
        with pytest.raises(Missing):
            await say(world, 1, token=token)
    assert (await the_survey(world)).value is None


async def test_an_erased_author_leaves_no_words_and_the_link_ends(world: World) -> None:
    await resolved(world)
    await ask(world)
    await say(world, 4, "I am Mara from coach 4")
    await erase(world.db, Author(world.brand_id, CHANNEL, "mara"), actor="user:1", now=world.now)
    survey = await the_survey(world)
    assert (survey.value, survey.words) == (4, "")
    with pytest.raises(Missing):
        await say(world, 1, "still here")
    async with world.db.read() as session:
        assert list(await session.exec(select(Survey.words))) == [""]
