"""How a cursor moves along a list that a store gives newest first."""

from datetime import UTC, datetime, timedelta

import pytest

from channels.newest_first import KEPT, ReviewList, Walk
from channels.reviews import Review
from channels.upsert import Standing
from domain.errors import Refused, Undecodable
from domain.ports import Cursor, Page

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Shop:
    """Items are numbers, newest first, three on a page; a changed one has another version."""

    def __init__(self, count: int) -> None:
        self.versions = dict.fromkeys(range(1, count + 1), 0)
        self.order = list(range(count, 0, -1))
        self.asked: list[str] = []
        self.dead_tokens = False
        self.answer: Standing | None = None

    async def ask(self, token: str) -> tuple[list[object], str]:
        self.asked.append(token)
        if token and self.dead_tokens:
            raise Refused("invalid", "no such token")
        start = int(token or 0)
        return list(self.order[start : start + 3]), str(start + 3) if start + 3 < len(self.order) else ""

    def convert(self, item: object) -> Review:
        if not isinstance(item, int):
            raise Undecodable("no number")
        edited = NOON + timedelta(days=self.versions[item]) if self.versions[item] else None
        moment = NOON + timedelta(minutes=item)
        return Review(channel="shop", id=str(item), text="x", posted_at=moment, edited_at=edited, answer=self.answer)

    def reviews(self, since: datetime = NOON) -> ReviewList:
        return ReviewList("shop", self.ask, self.convert, since, "us")

    async def poll(self, cursor: Cursor | None = None, since: datetime = NOON) -> tuple[list[str], Cursor | None]:
        heard: list[str] = []
        for _ in range(30):
            page: Page = await self.reviews(since).fetch(cursor)
            heard += [mention.external_id for mention in page.mentions]
            cursor = page.cursor
            if not page.more:
                return heard, cursor
        raise AssertionError("the poll does not end")


async def test_the_first_poll_reads_to_the_edge_and_the_next_to_what_is_known():
    shop = Shop(12)
    heard, cursor = await shop.poll(since=NOON + timedelta(minutes=6))
    assert heard == ["12", "11", "10", "9", "8", "7", "6", "5", "4"]
    shop.order = list(range(20, 0, -1))
    shop.versions = dict.fromkeys(range(1, 21), 0)
    heard, _ = await shop.poll(cursor, since=NOON + timedelta(minutes=19))
    assert heard[:8] == ["20", "19", "18", "17", "16", "15", "14", "13"]


async def test_what_comes_after_an_empty_list_is_read_to_its_end_however_late_we_look():
    _, cursor = await Shop(0).poll()
    heard, _ = await Shop(12).poll(cursor, since=NOON + timedelta(days=30))
    assert heard == [str(number) for number in range(12, 0, -1)]


async def test_a_changed_item_on_top_does_not_end_a_poll():
    shop = Shop(12)
    _, cursor = await shop.poll()
    shop.versions[1] = shop.versions[2] = shop.versions[3] = 1
    shop.versions[13] = 0
    shop.order = [1, 2, 3, 13, *range(12, 3, -1)]
    assert "13" in (await shop.poll(cursor))[0]


async def test_a_quiet_poll_is_one_page():
    shop = Shop(12)
    _, cursor = await shop.poll()
    shop.asked.clear()
    await shop.poll(cursor)
    assert shop.asked == [""]


async def test_a_token_that_died_starts_the_walk_anew_once():
    shop = Shop(12)
    _, cursor = await shop.poll()
    shop.order = list(range(30, 0, -1))
    shop.versions = dict.fromkeys(range(1, 31), 0)
    page = await shop.reviews().fetch(cursor)
    shop.dead_tokens = True
    page = await shop.reviews().fetch(page.cursor)
    assert (page.mentions, page.more) == ((), True)
    page = await shop.reviews().fetch(page.cursor)
    with pytest.raises(Refused):
        await shop.reviews().fetch(page.cursor)
    shop.dead_tokens = False
    heard, cursor = await shop.poll(page.cursor)
    assert {str(n) for n in range(13, 28)} <= set(heard)
    assert Walk.read(cursor) == Walk(Walk.read(cursor).known)


async def test_only_answers_of_the_window_are_looked_for():
    shop = Shop(2)
    for days, expected in ((1, 2), (-1, 0)):
        shop.answer = Standing("sorry", written_at=NOON + timedelta(days=days))
        page = await shop.reviews().fetch(None)
        assert len([m for m in page.mentions if m.author_id == "us"]) == expected


async def test_an_odd_item_costs_only_itself():
    shop = Shop(3)
    shop.order.insert(1, "odd")  # type: ignore[arg-type]
    page = await shop.reviews().fetch(None)
    assert [mention.external_id for mention in page.mentions] == ["3", "2"]
    assert [(bad.where, bad.why, bad.sample) for bad in page.unreadable] == [("shop", "no number", b'"odd"')]


@pytest.mark.parametrize("cursor", [None, {}, {"known": "x", "token": 5}, {"known": [1, {}], "fresh": None}])
def test_a_cursor_of_another_shape_starts_anew(cursor: Cursor | None):
    walk = Walk.read(cursor)
    assert (walk.known, walk.fresh) == ((), ())
    assert len(Walk.read({"known": ["x"] * 900}).known) == KEPT
