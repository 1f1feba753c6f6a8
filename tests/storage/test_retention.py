"""Posts are kept as long as their source or brand says: then their words go, and what was counted stays counted."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from domain.ports import Unreadable
from storage import retention, tables, tidying, verification
from storage.scrubbing import scrub_now
from tests.byte_search import found
from tests.storage.conftest import START, House
from tests.storage.test_ingest import page, rows
from tests.storage.test_removal import TELLTALE, WORDS, post, store


async def keep(house: House, source: int | None = None, brand: int | None = None) -> None:
    async with house.db.write() as session:
        await session.exec(update(tables.SourceRow).values(keep_days=source))
        await session.exec(update(tables.Brand).values(keep_days=brand))


async def run(house: House, now: datetime) -> int:
    """Run the step as long as it is due, as the sweep does."""
    total = 0
    for _ in range(50):
        async with house.db.read() as session:
            due = await retention.due(session, now, 10)
        if not due:
            return total
        for source_id in due:
            async with house.db.write() as session:
                total += await retention.purge_old(session, source_id, now)
    raise AssertionError("it is due for ever")


async def hear(house: House, *numbers: int, days: float = 0) -> None:
    """Posts with these numbers, heard so many days after the start."""
    now = START + timedelta(days=days)
    await store(house, page(house, *(post(n, f"{WORDS} {n}", posted_at=now) for n in numbers), now=now))


@pytest.mark.parametrize(("source", "brand"), [(30, None), (None, 30), (30, 1), (30, 900)])
async def test_only_what_is_older_goes_and_the_source_comes_before_the_brand(
    house: House, source: int | None, brand: int | None
) -> None:
    await keep(house, source, brand)
    await hear(house, 1, 2)
    await hear(house, 3, days=29)
    assert await run(house, START + timedelta(days=30)) == 0
    assert await run(house, START + timedelta(days=31, seconds=1)) == 2
    mentions = await rows(house, tables.MentionRow)
    assert [(m.status, bool(m.text)) for m in mentions] == [("kept", False), ("kept", False), ("kept", True)]


async def test_by_default_everything_is_kept(house: House) -> None:
    await hear(house, 1)
    async with house.db.read() as session:
        assert await retention.due(session, START + timedelta(days=9000), 10) == []


async def test_old_posts_leave_no_byte_and_do_not_come_back(house: House) -> None:
    await keep(house, 30)
    await store(house, page(house, post(), unreadable=(Unreadable("post x", "odd", b'{"acct": "marakind"}'),)))
    now = START + timedelta(days=31)
    assert await run(house, now) == 1
    await scrub_now(house.db, house.brand_id, "rss", now)
    assert (await store(house, page(house, post(), now=now))).new == 0
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}
    (mention,) = await rows(house, tables.MentionRow)
    assert (mention.label, mention.severity, mention.topic_ids) == ("negative", 2, [7])
    assert (await rows(house, tables.Case))[0].status == "resolved"
    assert await rows(house, tables.Quarantine) == []
    (line,) = [t for t in await rows(house, tables.Transition) if t.noun == "retention"]
    assert line.why == "1 posts: older than the 30 days that posts are kept"


@pytest.mark.parametrize("by_look", [False, True])
async def test_old_posts_get_no_words_again_before_they_are_cleaned_up_after(house: House, by_look: bool) -> None:
    """A network goes on listing what is too old for us; a look at it may have begun before its words went."""
    await keep(house, 30)
    await store(house, page(house, post(addressed=False)))
    now = START + timedelta(days=31)
    assert await run(house, now) == 1
    again = page(house, post(addressed=True), now=now)
    if by_look:
        async with house.db.write() as session:
            await verification.apply(session, again)
    else:
        assert (await store(house, again)).edited == 0
    await scrub_now(house.db, house.brand_id, "rss", now)
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}


async def test_many_old_posts_go_in_batches_and_once_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 4)
    monkeypatch.setattr(retention, "STRETCH", 3)
    await keep(house, 1)
    await hear(house, *range(1, 23))
    now = START + timedelta(days=2)
    assert await run(house, now) == 22
    await hear(house, 50, days=1.5)
    assert await run(house, now + timedelta(hours=23)) == 0
    assert await run(house, now + timedelta(hours=25)) == 1


async def test_files_are_tidied_only_after_something_was_removed(house: House) -> None:
    await keep(house, 1)
    await hear(house, 1)
    now = START + timedelta(days=2)
    assert await tidying.tidy(house.db, now) is False
    await run(house, now)
    later = now + timedelta(minutes=1)
    assert await tidying.tidy(house.db, later) is True
    assert await tidying.tidy(house.db, later + timedelta(days=1)) is False
