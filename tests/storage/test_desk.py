"""What the pages read gives the same on SQLite and PostgreSQL: the right rows, in order, of the right brand only."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from storage import desk, desk_case, desk_lists, news, people
from storage.database import Database
from storage.desk import QueueFilter, QueuePage
from storage.desk_lists import MentionFilter
from storage.migrate import migrate
from storage.reporting import COUNTED
from storage.tables import Case, MentionRow, Quarantine, Transition
from tests.postgres import fresh_database
from tests.storage.conftest import House
from tests.web.seed import START, Desk, build, furnish, hear

NOW = START
ODD = (
    ("mastodon", "Per Cent", "@percent", 6, "Norda charged 100% too much, refund me please"),
    ("mastodon", "Under Score", "@under", 7, "Norda train_set is broken, refund me please"),
    ("mastodon", "Quo Ter", "@quoter", 8, 'Norda says "it\'s" \\ fine, it is broken, refund me please'),
)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Desk]]:
    """The address of a furnished database, which the tests of this file only read, and what stands in it."""

    async def fill(url: str) -> Desk:
        await migrate(url)
        desk_ = await furnish(build(url))
        await hear(desk_, desk_.brand, ODD)
        await desk_.jobs.run_once()
        await desk_.db.close()
        return desk_

    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('filled') / 'earshot.db'}"
        yield url, asyncio.run(fill(url))
        return
    with fresh_database(str(request.getfixturevalue("postgres_url"))) as url:
        yield url, asyncio.run(fill(url))


@dataclass
class Read:
    """One open read of the furnished desk."""

    session: AsyncSession
    desk: Desk

    async def queue(self, wanted: QueueFilter | None = None, **values: Any) -> QueuePage:
        return await desk.queue(self.session, [self.desk.brand], wanted or QueueFilter(), NOW, **values)

    async def cases(self, brand_id: int | None = None) -> list[Case]:
        query = select(Case).where(Case.brand_id == (brand_id or self.desk.brand))
        return list(await self.session.exec(query))

    async def handles(self, **values: Any) -> list[str]:
        """Authors of the queue with this filter."""
        return [row.case.author_handle for row in (await self.queue(QueueFilter(**values))).rows]

    async def mentions(self, **values: Any) -> list[MentionRow]:
        return (await desk_lists.mentions(self.session, [self.desk.brand], MentionFilter(**values)))[0]


@pytest.fixture
async def read(filled: tuple[str, Desk]) -> AsyncIterator[Read]:
    url, desk_ = filled
    db = Database(url)
    async with db.read() as session:
        yield Read(session, desk_)
    await db.close()


def expected_order(cases: list[Case]) -> list[int]:
    """The rule in plain words: priority first, then the least time left, cases without a clock last, then age."""
    never = datetime.max.replace(tzinfo=NOW.tzinfo)
    return [case.id for case in sorted(cases, key=lambda c: (-c.priority, c.next_due_at or never, c.id))]


def key_of(place: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def only(field: str, value: Any) -> QueueFilter:
    narrowed: dict[str, Any] = {field: value}
    return QueueFilter(**narrowed)


def todo(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.status in ("open", "escalated") and not case.praise]


# --- the queue -------------------------------------------------------------------------------------------------


def praise(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.status in ("open", "escalated") and case.praise]


async def test_the_queue_holds_what_is_to_do_in_the_explained_order(read: Read) -> None:
    cases = await read.cases()
    assert [row.case.id for row in (await read.queue()).rows] == expected_order(todo(cases))
    everything = await read.queue(QueueFilter(status="all"))
    assert [row.case.id for row in everything.rows] == expected_order(cases)
    assert everything.after == ""


async def test_praise_has_a_lane_of_its_own_and_is_never_late(read: Read) -> None:
    lane = [row.case for row in (await read.queue(QueueFilter(status="praise"))).rows]
    assert {case.author_handle for case in lane} == {"@grace"}
    assert {case.id for case in lane} == {case.id for case in praise(await read.cases())}
    assert all(case.next_due_at is None for case in lane)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
async def test_paging_loses_nothing_and_shows_nothing_twice(read: Read, size: int) -> None:
    seen, after = [], ""
    for _ in range(40):
        page = await read.queue(QueueFilter(status="all"), after=after, limit=size)
        seen += [row.case.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == expected_order(await read.cases())


async def test_a_row_shows_its_post_its_reply_and_whose_it_is(read: Read) -> None:
    rows = {row.case.author_handle: row for row in (await read.queue(QueueFilter(status="all"))).rows}
    assert rows["@marak"].assignee == "Agent"
    assert "third cancelled train" in rows["@marak"].text, "the post that its priority comes from, not the last one"
    assert rows["jun_r"].reply_status == "unknown"
    assert rows["forum"].reply_status == "handed_over"
    assert rows["@ilze"].reply_status == "drafted"
    assert rows["@ilze"].reply_version >= 1
    assert all(row.parts and row.url for row in rows.values())


@pytest.mark.parametrize("field", ["channel", "label", "lang"])
async def test_each_chip_leaves_the_cases_that_have_it(read: Read, field: str) -> None:
    cases = todo(await read.cases())
    for value in {getattr(case, field) for case in cases if getattr(case, field)}:
        rows = (await read.queue(only(field, value))).rows
        assert [row.case.id for row in rows] == expected_order([c for c in cases if getattr(c, field) == value]), value


async def test_filters_by_state_clock_draft_and_person(read: Read) -> None:
    cases = todo(await read.cases())
    assert await read.handles(status="snoozed") == ["@wayan"]
    assert await read.handles(status="escalated") == ["ptaylor"]
    assert await read.handles(mine=read.desk.users["agent"]) == ["@marak"]
    assert await read.handles(draft="unknown") == ["jun_r"]
    assert await read.handles(draft="handed_over") == ["forum"]
    late = [case.author_handle for case in cases if case.next_due_at and case.next_due_at <= NOW]
    assert sorted(await read.handles(due="late")) == sorted(late)
    for due, span in (("15m", timedelta(minutes=15)), ("1h", timedelta(hours=1)), ("today", timedelta(hours=24))):
        soon = [c.author_handle for c in cases if c.next_due_at and NOW < c.next_due_at <= NOW + span]
        assert sorted(await read.handles(due=due)) == sorted(soon), due
    without = {row.case.author_handle for row in (await read.queue()).rows if not row.reply_status}
    assert set(await read.handles(draft="none")) == without
    chosen = tuple(case.id for case in cases[:2])
    assert {row.case.id for row in (await read.queue(QueueFilter(cases=chosen))).rows} == set(chosen)
    assert (await read.queue(QueueFilter(cases=()))).rows == []


@pytest.mark.parametrize(
    ("words", "handle"),
    [("100%", "@percent"), ("train_set", "@under"), ('"it\'s" \\ fine', "@quoter"), ("REFUND ME", None),
     ("@MARAK", "@marak"), ("per cent", "@percent")],
)  # fmt: skip
async def test_search_takes_every_sign_as_itself(read: Read, words: str, handle: str | None) -> None:
    found = await read.handles(status="all", text=words)
    assert set(found) == ({handle} if handle else {"@percent", "@under", "@quoter"})
    said = {row.author_handle for row in await read.mentions(text=words)}
    assert said == set(found) or handle == "@percent"  # the list of posts does not search in names


@pytest.mark.parametrize("words", ["0%t", "n_s_t", "_", "%", "'; --", "/", "\\"])
async def test_signs_of_the_pattern_language_match_only_themselves(read: Read, words: str) -> None:
    wanted = [row for row in await read.mentions() if words in row.text + "\n" + row.author_handle + "\n" + row.title]
    assert {row.id for row in await read.mentions(text=words)} == {row.id for row in wanted}
    assert set(await read.handles(status="all", text=words)) <= {row.author_handle for row in await read.mentions()}


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "W10",
        "bnVsbA",
        key_of([1.0, "", 10**30]),
        key_of([1.0, "0001-01-01T00:00:00+14:00", 1]),
        key_of([1.0, "2026-03-02T09:00", 1]),
        "e30" * 5000,
    ],
)
async def test_a_key_that_is_not_ours_is_refused_in_words(read: Read, key: str) -> None:
    with pytest.raises(BadInput, match="place in the queue"):
        await read.queue(after=key)


async def test_counts_are_those_of_the_rows(read: Read) -> None:
    me = read.desk.users["agent"]
    found = await desk.counts(read.session, [read.desk.brand], QueueFilter(), me, NOW)
    cases = await read.cases()
    live = [case for case in cases if case.status != "resolved"]
    lanes = Counter({"todo": len(todo(cases)), "praise": len(praise(cases))})
    assert found.status == Counter(case.status for case in live) + lanes
    for field, counted in (("channel", found.channel), ("label", found.label), ("lang", found.lang)):
        assert counted == Counter(getattr(case, field) or "" for case in todo(cases)), field
        for value, number in counted.items():
            if value:
                assert len((await read.queue(only(field, value))).rows) == number
    assert found.late == len(await read.handles(due="late"))
    assert found.mine == len(await read.handles(mine=me)) == 1


async def test_the_strip_counts_what_the_pages_show(read: Read) -> None:
    found = await desk.strip(read.session, [read.desk.brand], NOW)
    assert (found.alerts, found.trouble) == (1, 1)
    assert found.todo == len(todo(await read.cases()))
    assert found.late == len(await read.handles(due="late"))
    assert found.brands == {read.desk.brand: "Norda"}


async def test_new_cases_are_counted_from_the_one_last_seen(read: Read) -> None:
    brands = [read.desk.brand]
    ids = sorted(case.id for case in todo(await read.cases()))
    assert await desk.newest_case(read.session, brands) == max(case.id for case in await read.cases())
    assert await desk.new_since(read.session, brands, ids[-4]) == 3
    assert await desk.new_since(read.session, brands, ids[-1]) == 0
    assert await desk.newest_case(read.session, []) == 0


# --- scope -----------------------------------------------------------------------------------------------------


async def test_nothing_of_another_brand_is_ever_read(read: Read) -> None:
    own, other = read.desk.brand, read.desk.other_brand
    assert {row.case.brand_id for row in (await read.queue(QueueFilter(status="all"))).rows} == {own}
    assert (await read.queue(QueueFilter(status="all", brand=other))).rows == []
    assert (await read.queue(QueueFilter(cases=(read.desk.foreign_case,)))).rows == []
    assert await read.handles(status="all", text="Velotti") == []
    assert {row.brand_id for row in await read.mentions()} == {own}
    assert await read.mentions(brand=other) == []
    counted = await desk.counts(read.session, [own], QueueFilter(brand=other), 1, NOW)
    assert counted.status["todo"] == 0
    session, brands = read.session, [own]
    assert await desk_case.case_view(session, brands, read.desk.foreign_case) is None
    assert await desk_case.brand_of(session, brands, "case", read.desk.foreign_case) is None
    assert await desk_case.brand_of(session, brands, "reply", read.desk.foreign_reply) is None
    assert {name for _, name in await desk_lists.topics(session, brands)} == {"Norda"}
    assert {name for _, name in await desk_lists.accounts(session, brands)} == {"Norda"}
    assert {view.brand for view in await desk_lists.sources(session, brands, NOW, NOW)} == {"Norda"}
    assert [brand.name for brand in await desk_lists.own_brands(session, brands)] == ["Norda"]
    assert "Stranger" not in {member.user.name for member in await people.members(session, brands)}


async def test_single_rows_of_another_brand_are_as_good_as_absent(read: Read) -> None:
    session, own, other = read.session, [read.desk.brand], [read.desk.other_brand]
    topic = (await desk_lists.topics(session, other))[0][0]
    account = (await desk_lists.accounts(session, other))[0][0]
    source = (await desk_lists.sources(session, other, NOW, NOW))[0].source
    assert await desk_lists.topic(session, own, topic.id) is None
    assert await desk_lists.topic(session, other, topic.id) == topic
    assert await desk_lists.account(session, own, account.id) is None
    assert await desk_lists.account(session, other, account.id) == account
    assert await desk_lists.source(session, own, source.id) is None
    assert await desk_lists.source(session, other, source.id) == source


async def test_a_person_without_brands_sees_nothing(read: Read) -> None:
    assert (await desk.queue(read.session, [], QueueFilter(status="all"), NOW)).rows == []
    assert await desk_lists.mentions(read.session, [], MentionFilter()) == ([], "")
    assert await desk_lists.sources(read.session, [], NOW, NOW) == []
    assert await people.members(read.session, []) == []
    assert (await desk.strip(read.session, [], NOW)).todo == 0


# --- one case --------------------------------------------------------------------------------------------------


async def test_a_case_with_all_that_its_page_shows(read: Read) -> None:
    view = await desk_case.case_view(read.session, [read.desk.brand], read.desk.cases["@marak"])
    assert view is not None
    assert [mention.text[:12] for mention in view.mentions] == ["@norda third", "Still nothin"]
    assert view.brand.name == "Norda"
    assert view.live is not None
    assert view.live.status == "drafted"
    assert view.answered is not None
    assert view.loudest is not None
    assert view.loudest.priority == max(mention.priority for mention in view.mentions)
    assert [topic.name for topic in view.topics] == ["Norda"]
    assert [step.id for step in view.history] == sorted(step.id for step in view.history)
    assert {step.noun for step in view.history} >= {"reply"}
    assert "Viewer" not in {user.name for user in view.team}
    assert [user.name for user in view.team] == sorted(user.name for user in view.team)
    assert view.people[read.desk.users["agent"]] == "Agent"


async def test_reasons_are_those_of_the_post_that_the_priority_comes_from(filled: tuple[str, Desk]) -> None:
    """After an answer only what came since counts, though an older post was more urgent."""
    url, desk_ = filled
    db, case_id = Database(url), desk_.cases["@marak"]
    async with AsyncSession(db.engine) as session:  # never committed
        thread = (await session.exec(select(MentionRow).where(col(MentionRow.case_id) == case_id))).all()
        quiet, case = min(thread, key=lambda row: row.priority), await session.get_one(Case, case_id)
        assert quiet.priority < case.priority
        case.priority = quiet.priority
        await session.flush()
        view = await desk_case.case_view(session, [desk_.brand], case_id)
        shown = await desk.queue(session, [desk_.brand], QueueFilter(status="all"), NOW, limit=500)
        assert view is not None
        assert view.loudest == quiet
        row = next(row for row in shown.rows if row.case.id == case_id)
        assert (row.mention_id, row.parts) == (quiet.id, quiet.parts)
        await session.rollback()
    await db.close()


@pytest.mark.parametrize("theme", ["billing", "outage", "other", "nothing of that kind"])
async def test_themes_narrow_the_queue_and_the_mentions(read: Read, theme: str) -> None:
    wanted = QueueFilter(status="all", theme=theme)
    cases = await desk.queue(read.session, [read.desk.brand], wanted, NOW, limit=500)
    rows, _ = await desk_lists.mentions(read.session, [read.desk.brand], MentionFilter(theme=theme), limit=500)
    everything = list(await read.session.exec(select(MentionRow).where(col(MentionRow.brand_id) == read.desk.brand)))
    about = [row for row in everything if theme in row.themes]
    assert {row.id for row in rows} == {row.id for row in about}
    assert {row.case.id for row in cases.rows} == {row.case_id for row in about if row.case_id}
    assert bool(about) == (theme != "nothing of that kind")


async def test_a_case_tells_its_place_and_what_would_change_it(read: Read) -> None:
    cases = (await read.session.exec(select(Case).where(col(Case.status).in_(("open", "escalated"))))).all()
    brands = {case.brand_id for case in cases}
    for case in cases:
        view = await desk_case.case_view(read.session, list(brands), case.id)
        assert view is not None
        lane = [each for each in cases if each.brand_id == case.brand_id and each.praise == case.praise]
        others = [each.priority for each in lane if each.id != case.id]
        place, loudest = view.place, view.loudest
        assert place is not None
        assert loudest is not None
        assert (place.now, place.of) == (1 + sum(other > case.priority for other in others), len(others) + 1)
        fallen = [case.priority - points for _, points, _ in loudest.parts]
        assert place.without == [1 + sum(other > value + 1e-6 for other in others) for value in fallen]


async def test_a_case_that_is_done_has_no_place(read: Read) -> None:
    done = (await read.session.exec(select(Case).where(col(Case.status).not_in(("open", "escalated"))))).first()
    assert done is not None
    view = await desk_case.case_view(read.session, [done.brand_id], done.id)
    assert view is not None
    assert view.place is None


async def test_a_case_in_trouble_shows_tries_notes_and_who_did_it(read: Read) -> None:
    unclear = await desk_case.case_view(read.session, [read.desk.brand], read.desk.cases["jun_r"])
    assert unclear is not None
    assert [attempt.outcome for attempt in unclear.attempts] == ["unknown"]
    assert "reset" in unclear.attempts[0].evidence["error"]
    raised = await desk_case.case_view(read.session, [read.desk.brand], read.desk.cases["ptaylor"])
    assert raised is not None
    assert [note.text for note in raised.notes] == ["Called the platform team at 08:50."]
    assert raised.people[raised.notes[0].user_id] == "Manager"
    assert raised.case.status == "escalated"
    reply_id = unclear.replies[-1].id
    wanted = (read.desk.brand, unclear.case.id)
    assert await desk_case.brand_of(read.session, [read.desk.brand], "reply", reply_id) == wanted
    assert await desk_case.brand_of(read.session, [read.desk.brand], "case", unclear.case.id) == wanted


# --- lists -----------------------------------------------------------------------------------------------------


async def test_mentions_page_by_page_newest_first(read: Read) -> None:
    whole = [row.id for row in await read.mentions()]
    rows = list(await read.session.exec(select(MentionRow).where(MentionRow.brand_id == read.desk.brand)))
    assert whole == [row.id for row in sorted(rows, key=lambda r: (r.posted_at, r.id), reverse=True)]
    seen, after = [], ""
    for _ in range(40):
        page, after = await desk_lists.mentions(read.session, [read.desk.brand], MentionFilter(), after=after, limit=2)
        seen += [row.id for row in page]
        if not after:
            break
    assert seen == whole


@pytest.mark.parametrize("key", ["x", "1-", "inf-1", "1e400-1", f"1-{10**30}"])
async def test_a_key_of_the_mentions_that_is_not_ours_is_refused_in_words(read: Read, key: str) -> None:
    with pytest.raises(BadInput, match="place in the list"):
        await desk_lists.mentions(read.session, [read.desk.brand], MentionFilter(), after=key)


async def test_mentions_by_topic_language_author_day_and_what_reports_count(read: Read) -> None:
    everything = await read.mentions()
    topic = (await desk_lists.topics(read.session, [read.desk.brand]))[0][0]
    matched = [row.id for row in everything if topic.id in row.topic_ids]
    assert [row.id for row in await read.mentions(topic=topic.id)] == matched
    assert matched
    assert await read.mentions(topic=7) == []
    for lang in {row.lang for row in everything}:
        rows = await read.mentions(lang=lang or "unknown")
        assert [row.id for row in rows] == [row.id for row in everything if row.lang == lang]
    assert {row.author_handle for row in await read.mentions(author="@tomo")} == {"@tomo"}
    since, until = NOW - timedelta(minutes=60), NOW - timedelta(minutes=20)
    between = [row.id for row in everything if since <= row.posted_at < until]
    assert [row.id for row in await read.mentions(since=since, until=until)] == between
    assert [row.id for row in await read.mentions(count="mentions")] == [
        row.id for row in everything if row.status in COUNTED and not row.is_repost
    ]
    assert await read.mentions(count="reposts") == []
    for status in {row.status for row in everything}:
        assert {row.status for row in await read.mentions(status=status)} == {status}


async def test_the_newest_mentions_for_a_preview(read: Read) -> None:
    rows = await desk_lists.recent_mentions(read.session, read.desk.brand, 4)
    assert [row.posted_at for row in rows] == [row.posted_at for row in (await read.mentions())[:4]]


async def test_sources_in_trouble_come_first_with_their_timeline(read: Read) -> None:
    views = await desk_lists.sources(read.session, [read.desk.brand], NOW - timedelta(days=7), NOW)
    assert [view.source.channel for view in views] == ["rss", "hackernews", "mastodon", "sandbox"]
    assert [stretch.state for stretch in views[0].stretches] == ["seen", "gap"]
    assert [stretch.state for stretch in views[1].stretches] == ["seen"]
    assert [view.unread for view in views] == [0, 0, 0, 0]


async def test_accounts_and_topics_are_listed_by_name(read: Read) -> None:
    both = [read.desk.brand, read.desk.other_brand]
    rows = await desk_lists.accounts(read.session, both)
    assert [(name, row.channel) for row, name in rows] == [
        ("Norda", "mastodon"), ("Norda", "sandbox"), ("Velotti", "mastodon"), ("Velotti", "sandbox"),
    ]  # fmt: skip
    assert [name for _, name in await desk_lists.topics(read.session, both)] == ["Norda", "Velotti"]


# --- news ------------------------------------------------------------------------------------------------------


async def test_news_tells_moves_cases_and_posts_since_an_id(read: Read) -> None:
    everything = await news.news_since(read.session, 0)
    cases = await read.cases() + await read.cases(read.desk.other_brand)
    assert {one.id for one in everything if one.mark == "case"} == {case.id for case in cases}
    steps = list(await read.session.exec(select(Transition).order_by(col(Transition.id))))
    told = {one.id for one in everything if one.mark == "moved"}
    assert told == {step.id for step in steps if step.noun not in ("mention", "delivery")}
    replies = [one for one in everything if one.noun == "reply"]
    assert replies
    assert all(one.case_id in {case.id for case in cases} for one in replies)
    newest = max(one.id for one in everything)
    assert await news.news_since(read.session, newest) == []
    middle = steps[len(steps) // 2].id
    assert {one.id for one in await news.news_since(read.session, middle)} == {
        one.id for one in everything if one.id > middle
    }


async def test_unread_items_are_counted_and_shown_newest_first(house: House) -> None:
    async with house.db.write() as session:
        for number in (1, 2, 3):
            session.add(Quarantine(id=number, source_id=house.source_id, at=NOW, place=f"item {number}", why="no date"))
    async with house.db.read() as session:
        view = (await desk_lists.sources(session, [house.brand_id], NOW - timedelta(days=1), NOW))[0]
        assert view.unread == 3
        rows = await desk_lists.quarantined(session, [house.source_id], 2)
        assert [row.id for row in rows] == [3, 2]
