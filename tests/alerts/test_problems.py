"""A spike pages once, however many tell of it; an hour that is always busy does not page. On a virtual clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.rules import Limits, find
from domain.alert import ProblemSeen, Situation
from listener import grouping
from scoring.traits import Reader
from storage.tables import Alert, Case, MentionRow, Problem
from tests.alerts.house import START, House

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
QUEUE = "Norda's only open counter again, the queue at the ticket office goes out of the door"
TWICE = "Norda charged my card twice for one ticket"


async def tell(house: House, text: str, people: int, *, until: datetime, severity: int = 2) -> None:
    """So many people tell of it in the hour before `until`; then grouping and detection have their look."""
    for number in range(people):
        house.clock.move((until - HOUR + number * HOUR / people - house.now).total_seconds())
        case_id = await house.case(text=f"{text} {number}", severity=severity)
        async with house.db.write() as session:
            case = await session.get_one(Case, case_id)
            mention = await session.get_one(MentionRow, case.last_mention_id)
            mention.author_handle = f"by{case_id}"
            mention.label, mention.lang, mention.severity = "negative", "en", severity
            session.add(mention)
    house.clock.move((until - house.now).total_seconds())
    await look(house)


async def look(house: House) -> None:
    await grouping.group_all(house.db, lambda brand: Reader((brand.name,)), house.now)
    await house.sweep()


async def alerts(house: House, status: str = "raised", rule: str = "problem") -> list[Alert]:
    return [row for row in await house.rows(Alert) if row.rule == rule and row.status == status]


async def test_a_storm_is_one_alert_and_its_severe_threads_are_part_of_it(house: House) -> None:
    await tell(house, TWICE, 12, until=START + 2 * HOUR, severity=3)
    [alert] = await alerts(house)
    [problem] = await house.rows(Problem)
    assert alert.subject == f"problem:{problem.id}"
    assert alert.urgent
    assert "new problem: Double charge" in alert.title
    assert "people told of it within an hour" in alert.body
    assert "12 cases wait" in alert.body
    assert await alerts(house, rule="severe_thread") == []
    await tell(house, TWICE, 30, until=START + 3 * HOUR, severity=3)
    assert [row.id for row in await alerts(house)] == [alert.id], "one alert per problem, not per mention"


async def test_a_few_complaints_are_no_alert(house: House) -> None:
    await tell(house, TWICE, 4, until=START + HOUR, severity=2)
    assert len(await house.rows(Problem)) == 1
    assert await alerts(house) == []


async def test_it_ends_by_itself_when_it_is_quiet_again(house: House) -> None:
    await tell(house, TWICE, 12, until=START + HOUR)
    assert len(await alerts(house)) == 1
    house.clock.move(2 * 3600)
    await look(house)
    assert await alerts(house) == []
    [alert] = await alerts(house, "resolved")
    assert alert.rule == "problem"


async def test_a_busy_hour_does_not_page_once_it_is_known_and_a_real_spike_in_it_does(house: House) -> None:
    for week in range(5):  # the first ones page: nobody can know yet
        await tell(house, QUEUE, 12, until=START + week * WEEK, severity=1)
        house.clock.move(3 * 3600)
        await look(house)
    await tell(house, QUEUE, 13, until=START + 5 * WEEK, severity=1)
    assert await alerts(house) == [], "13 on a Monday at nine is as always"
    await tell(house, QUEUE, 13, until=START + 5 * WEEK + timedelta(days=2, hours=6), severity=1)
    assert len(await alerts(house)) == 1, "the same on a Wednesday afternoon is not"
    house.clock.move(3 * 3600)
    await look(house)
    await tell(house, QUEUE, 40, until=START + 6 * WEEK, severity=1)
    assert len(await alerts(house)) == 1, "and three times as many on a Monday neither"


def test_a_mild_one_waits_for_the_morning_and_a_title_cannot_break_a_line() -> None:
    seen = ProblemSeen(
        id=3,
        title="Queue\nX-Evil: 1",
        severity=1,
        is_new=False,
        people=9,
        usual=2.4,
        mentions=20,
        waiting=0,
        since=START,
    )
    [want] = find(Situation(brand_id=1, brand="Norda", problems=(seen,)), START, Limits())
    assert not want.urgent
    assert "\n" not in want.title
    assert "more people than usual" in want.title
    assert "2 would be usual" in want.body
