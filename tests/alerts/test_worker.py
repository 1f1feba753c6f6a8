"""From a planted outage to a mail in a real server, and what happens when things fail on the way."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlmodel import select

from alerts import actions, detection
from domain import crashpoint
from domain.errors import Missing, Moved, NotAllowed
from domain.person import Person
from storage import alerts, erasure, transitions
from storage.tables import Alert, Brand, Membership, MentionRow, Promise, Reply, Shift, Transition, User

IVO, PETRA, ANA = "ivo@norda.example", "petra@norda.example", "ana@norda.example"


class Killed(BaseException):
    """The process dies here."""


def die_at(name: str) -> None:
    def die(point: str) -> None:
        if point == name:
            crashpoint.arm(None)
            raise Killed(point)

    crashpoint.arm(die)


def token_in(mail: EmailMessage) -> str:
    """The token of the one link in a mail."""
    (link,) = re.findall(r"https?://\S+", mail.get_content())
    assert link.startswith("https://desk.norda.example/alerts/")
    return str(link).partition("?t=")[2]


@pytest.fixture(autouse=True)
def _disarm():
    yield
    crashpoint.arm(None)


async def test_an_outage_reaches_the_person_on_call_once(house):
    await house.stop_source()
    await house.work()
    await house.work()
    (mail,) = house.mailbox.mails
    assert mail["To"] == IVO
    assert mail["Subject"] == "URGENT Norda: rss source “feed” has stopped"
    text = mail.get_content()
    assert "410 Gone" in text
    assert "you are on call" in text
    assert token_in(mail)
    (delivery,) = await house.deliveries()
    assert (delivery.status, delivery.tries) == ("delivered", 1)
    moves = [(row.old, row.new) for row in await house.rows(Transition) if row.noun == "delivery"]
    assert moves == [
        ("due", "delivering"),
        ("delivering", "delivered"),
    ]


async def test_killed_between_send_and_mark_it_arrives_twice_with_one_key(house):
    await house.stop_source()
    die_at("alert.after_send_before_mark")
    with pytest.raises(Killed):
        await house.work()
    await house.work()
    assert len(house.mailbox.mails) == 1, "the lease still holds"
    house.clock.move(61)
    await house.work()
    assert len(house.mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in house.mailbox.mails}) == 1
    assert [d.status for d in await house.deliveries()] == ["delivered"]


@pytest.mark.parametrize(
    "point",
    [
        "alert.before_trigger_commit", "alert.after_trigger_commit", "alert.before_round_commit",
        "alert.after_round_commit", "alert.before_send", "alert.after_send_before_mark", "alert.after_mark",
    ],
)  # fmt: skip
async def test_dying_anywhere_loses_nothing(house, point):
    await house.stop_source()
    die_at(point)
    with pytest.raises(Killed):
        await house.work()
    house.clock.move(61)
    await house.work()
    assert 1 <= len(house.mailbox.mails) <= 2
    assert len({mail["Message-ID"] for mail in house.mailbox.mails}) == 1


async def test_it_goes_on_wider_and_wider_until_somebody_acknowledges(house):
    await house.stop_source()
    moments = {}
    for minute in range(0, 70, 5):
        await house.work()
        moments[minute] = Counter(mail["To"] for mail in house.mailbox.mails)
        house.mailbox.mails.clear()
        house.clock.move(300)
    assert moments[0] == moments[5] == {IVO: 1}
    assert moments[10] == {IVO: 1, PETRA: 1}
    assert moments[15] == {IVO: 1, PETRA: 1, ANA: 1}
    assert moments[20] == moments[25] == {}
    assert moments[30] == moments[45] == moments[60] == moments[15]
    alert = await house.alert()
    async with house.db.write() as session:
        await actions.acknowledge(session, house.fallback, alert.id, now=house.now)
    house.clock.move(86_400)
    await house.work()
    assert house.mailbox.mails == []


async def test_unacknowledged_it_never_stops_in_30_days(house):
    await house.stop_source()
    await house.work()
    for _ in range(30):
        house.clock.move(86_400)  # nobody was at home all day, and each morning it goes on
        before = len(house.mailbox.mails)
        await house.work()
        assert len(house.mailbox.mails) > before
    assert (await house.alert()).status == "raised"
    assert (await house.alert()).rounds == 31


async def test_try_later_is_tried_again_and_arrives_once(house):
    house.mailbox.answers[IVO] = ["451 greylisted, try later", "250 ok"]
    await house.stop_source()
    await house.work()
    (delivery,) = await house.deliveries()
    assert (delivery.status, delivery.error) == ("due", "451 greylisted, try later")
    house.clock.move(31)
    await house.work()
    (delivery,) = await house.deliveries()
    assert (delivery.status, delivery.tries, delivery.error) == ("delivered", 2, "")
    assert len(house.mailbox.mails) == 1


async def test_never_is_failed_with_its_reason_and_the_next_contact_is_told_at_once(house):
    house.mailbox.answers[IVO] = ["550 no such person"]
    await house.stop_source()
    await house.work()
    failed = [d for d in await house.deliveries() if d.target == IVO]
    assert {(d.status, d.error) for d in failed} == {("failed", "550 no such person")}
    assert [mail["To"] for mail in house.mailbox.mails] == [PETRA]
    async with house.db.read() as session:
        assert await alerts.unreached(session) == []


async def test_when_nobody_can_be_reached_that_is_seen_and_the_server_is_not_hammered(house):
    for address in (IVO, PETRA, ANA):
        house.mailbox.answers[address] = ["550 no"]
    await house.stop_source()
    await house.work()
    async with house.db.read() as session:
        (alert,) = await alerts.unreached(session, [house.brand_id])
    assert alert.rounds == 4
    assert Counter(house.mailbox.asked) == {IVO: 4, PETRA: 2, ANA: 1}
    house.mailbox.answers.clear()
    house.clock.move(900)
    await house.work()
    async with house.db.read() as session:
        assert await alerts.unreached(session) == []


async def test_a_dead_mail_server_is_tried_again(house):
    object.__setattr__(house.parts.mail, "port", 1)
    await house.stop_source()
    await house.work()
    (delivery,) = await house.deliveries()
    assert delivery.status == "due"
    assert "127.0.0.1" in delivery.error
    object.__setattr__(house.parts.mail, "port", house.mailbox.port)
    house.clock.move(31)
    await house.work()
    assert len(house.mailbox.mails) == 1


async def test_the_alert_ends_when_its_cause_is_gone_and_a_second_outage_is_a_new_alert(house):
    await house.stop_source()
    await house.work()
    await house.start_source()
    house.clock.move(600)
    await house.work()
    assert (await house.alert()).status == "resolved"
    assert len(house.mailbox.mails) == 1
    await house.stop_source()
    await house.work()
    assert len(house.mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in house.mailbox.mails}) == 2


async def test_downtime_makes_late_alerts_never_none(house):
    case_id = await house.case()
    house.clock.move(3 * 86_400)
    await house.sweep()
    found = {alert.rule: alert for alert in await house.rows(Alert)}
    assert found["sla_breached"].subject == f"case:{case_id}"
    await house.resolve_case(case_id)
    await house.sweep()
    found = {alert.rule: alert for alert in await house.rows(Alert)}
    assert found["sla_breached"].status == "resolved"
    assert found["source_silent"].status == "raised"


async def test_who_writes_again_after_an_answer_is_told_of_before_their_new_time_is_over(house):
    began = house.now
    house.clock.move(86_400)
    again = house.now
    await house.case(
        posted_at=began, answer_due_at=began + timedelta(hours=1), last_mention_at=again,
        next_due_at=again + timedelta(hours=1),
    )  # fmt: skip
    rules = []
    for _ in range(2):
        await house.sweep()
        rules.append([alert.rule for alert in await house.rows(Alert) if alert.subject != "brand"])
        house.clock.move(2_760)
    assert "sla_at_risk" not in rules[0]
    assert "sla_at_risk" in rules[1]


async def test_a_storm_is_one_message_and_a_new_case_after_the_acknowledgement_is_told_alone(house):
    cases = [await house.case() for _ in range(23)]
    house.clock.move(3700)
    await house.work()
    (mail,) = house.mailbox.mails
    assert mail["Subject"] == "URGENT Norda: 23 cases past their answer time"
    await house.resolve_case(cases[0])
    await house.work()
    assert (await house.alert()).title == "Norda: 22 cases past their answer time"
    async with house.db.write() as session:
        await actions.acknowledge(session, house.on_call, (await house.alert()).id, now=house.now)
    late = await house.case()
    house.clock.move(3700)
    await house.work()
    assert [a.subject for a in await house.rows(Alert) if a.rule == "sla_breached"] == ["brand", f"case:{late}"]
    for _ in range(9):
        await house.case()
    house.clock.move(3700)
    house.mailbox.mails.clear()
    await house.work()
    assert "32 cases past" in {m["To"]: m["Subject"] for m in house.mailbox.mails}[IVO]


async def test_ten_thousand_trolls_do_not_hide_the_one_true_crisis(house):
    for _ in range(40):
        await house.case(severity=3, priority=90, text="you are all <!channel> idiots")
    await house.work()
    assert len(house.mailbox.mails) == 1
    async with house.db.write() as session:
        await actions.acknowledge(session, house.on_call, (await house.alert()).id, now=house.now)
    house.clock.move(60)
    await house.case(severity=3, priority=99, text="A child is alone on the platform in Norda Central @everyone")
    await house.work()
    text = house.mailbox.mails[-1].get_content()
    assert "A child is alone" in text
    assert "@everyone" not in text


async def test_the_link_acknowledges_once_and_only_its_own_alert(house):
    await house.stop_source()
    await house.case(severity=3)
    await house.work()
    first, second = sorted(house.mailbox.mails, key=lambda mail: "severe" in mail["Subject"])
    token, other = (token_in(mail) for mail in (first, second))
    alert = next(a for a in await house.rows(Alert) if a.rule == "source_stopped")
    async with house.db.write() as session:
        assert await actions.person_by_link(session, alert.id, other, house.now) is None
        with pytest.raises(NotAllowed):
            await actions.acknowledge_by_link(session, alert.id, other, now=house.now)
    for _ in range(3):  # a mail scanner opens it again and again
        async with house.db.read() as session:
            person = await actions.person_by_link(session, alert.id, token, house.now)
            assert person is not None
            assert person.id == house.on_call.id
    async with house.db.write() as session:
        done = await actions.acknowledge_by_link(session, alert.id, token, now=house.now)
    assert (done.status, done.acknowledged_by) == ("acknowledged", house.on_call.id)
    async with house.db.write() as session:
        with pytest.raises(NotAllowed):
            await actions.acknowledge_by_link(session, alert.id, token, now=house.now)


async def test_the_link_ends_after_12_hours_and_is_tidied_away(house):
    await house.stop_source()
    await house.work()
    token = token_in(house.mailbox.mails[0])
    house.clock.move(12 * 3600)
    async with house.db.write() as session:
        assert await actions.person_by_link(session, (await house.alert()).id, token, house.now) is None
        await alerts.forget_old_links(session, house.now + timedelta(days=2))
    assert await house.rows_of_tokens() == []


async def test_who_may_acknowledge(house):
    await house.stop_source()
    await house.work()
    alert = await house.alert()
    viewer = Person(9, "Vid", "v@norda.example", "UTC", {house.brand_id: "viewer"})
    foreign = Person(8, "Eva", "e@norda.example", "UTC", {1: "admin"})
    async with house.db.write() as session:
        with pytest.raises(NotAllowed):
            await actions.acknowledge(session, viewer, alert.id, now=house.now)
        with pytest.raises(Missing):
            await actions.acknowledge(session, foreign, alert.id, now=house.now)
        await actions.acknowledge(session, house.on_call, alert.id, now=house.now)
        await actions.acknowledge(session, house.on_call, alert.id, now=house.now)
        with pytest.raises(Moved, match="Ivo has acknowledged"):
            await actions.acknowledge(session, house.admin, alert.id, now=house.now)


async def test_handed_back_it_starts_with_the_person_on_call_again(house):
    await house.stop_source()
    await house.work()
    alert = await house.alert()
    async with house.db.write() as session:
        await actions.acknowledge(session, house.on_call, alert.id, now=house.now)
    house.clock.move(7200)
    async with house.db.write() as session:
        await actions.reopen(session, house.on_call, alert.id, now=house.now)
    await house.work()
    assert [mail["To"] for mail in house.mailbox.mails] == [IVO, IVO]
    assert len({mail["Message-ID"] for mail in house.mailbox.mails}) == 2


async def test_an_acknowledged_alert_drops_the_messages_still_waiting(house):
    house.mailbox.answers[IVO] = ["451 later"]
    await house.stop_source()
    await house.work()
    async with house.db.write() as session:
        await actions.acknowledge(session, house.admin, (await house.alert()).id, now=house.now)
    house.clock.move(60)
    await house.work()
    assert [d.status for d in await house.deliveries()] == ["dropped"]


async def test_never_nobody(house):
    async with house.db.write() as session:
        for shift in await session.exec(select(Shift)):
            await session.delete(shift)
        (await session.get_one(Brand, house.brand_id)).fallback_user_id = None
    await house.stop_source()
    await house.work()
    assert [mail["To"] for mail in house.mailbox.mails] == [ANA]
    assert "you are an admin" in house.mailbox.mails[0].get_content()


async def test_people_who_left_are_not_told(house):
    async with house.db.write() as session:
        (await session.get_one(User, house.on_call.id)).disabled_at = house.now
        await session.delete(await session.get_one(Membership, (house.fallback.id, house.brand_id)))
    await house.stop_source()
    await house.work()
    assert [mail["To"] for mail in house.mailbox.mails] == [ANA]


async def test_a_parked_step_is_told_and_ends_when_the_row_moves_on(house):
    await house.stop_source()
    await house.sweep()
    alert = await house.alert()
    house.parts.parked.note("alert", alert.id)
    house.parts.parked.note("alert", 12345)  # gone already
    await house.sweep()
    parked = [a for a in await house.rows(Alert) if a.rule == "step_parked"]
    assert [(a.subject, a.status) for a in parked] == [(f"alert:{alert.id}", "raised")]
    assert await house.sweep() == 0
    async with house.db.write() as session:
        await actions.acknowledge(session, house.on_call, alert.id, now=house.now)
    await house.sweep()
    assert [a.status for a in await house.rows(Alert) if a.rule == "step_parked"] == ["resolved"]


async def test_a_post_erased_while_alerts_are_looked_for_is_quoted_in_none(house, monkeypatch):
    await house.case(severity=3, text="The lavender coach smelled of burnt rubber")
    (post,) = await house.rows(MentionRow)
    post.author_handle = "mara"
    await house.add(post)
    write = detection._store

    async def erase_and_write(*given):
        who = erasure.author(house.brand_id, "rss", "mara")
        assert (await erasure.erase(house.db, who, actor="user:1", now=house.now)).posts == 1
        return await write(*given)

    monkeypatch.setattr(detection, "_store", erase_and_write)
    await house.sweep()
    assert [alert.body for alert in await house.rows(Alert)] == []


async def test_two_sweeps_at_once_raise_one_alert(house):
    await house.stop_source()
    raised = await asyncio.gather(house.sweep(), house.sweep(), house.sweep())
    assert sum(raised) == 1


async def test_whoever_owns_a_promise_is_told_before_it_breaks_and_when_it_broke(house):
    case_id = await house.case(answer_due_at=None, next_due_at=None)
    due = house.now + timedelta(hours=8)
    (mention,) = await house.rows(MentionRow)
    reply = Reply(
        id=1, brand_id=house.brand_id, case_id=case_id, mention_id=mention.id, channel="rss", status="sent",
        text="I'll call you tonight.", created_at=house.now,
    )  # fmt: skip
    promise = Promise(
        id=2, brand_id=house.brand_id, case_id=case_id, reply_id=1, start=0, stop=22, status="open",
        owner_id=house.admin.id, made_at=house.now, due_at=due, warn_at=due - timedelta(hours=2),
    )  # fmt: skip
    await house.add(reply, promise)
    house.clock.move(5 * 3600)
    await house.work()
    assert house.mailbox.mails == []
    house.clock.move(3600)
    await house.work()
    (mail,) = house.mailbox.mails
    assert (mail["To"], mail["Subject"]) == (ANA, "Norda: promise due 02 Mar 17:00 UTC, to somebody on rss")
    assert "it is yours" in mail.get_content()
    async with house.db.write() as session:
        await transitions.move(
            session, "promise", 2, "open", "broken", brand_id=house.brand_id, actor="system:clock", now=house.now
        )
    await house.work()
    assert house.mailbox.mails[-1]["Subject"] == "Norda: a promise was not kept, to somebody on rss"
    found = {alert.rule: alert.status for alert in await house.rows(Alert)}
    assert found == {"promise_due": "resolved", "promise_broken": "raised"}
