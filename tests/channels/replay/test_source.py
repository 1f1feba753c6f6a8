"""A file heard as a network: pace, dates, broken lines, and the demo that ships with it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import channels.replay
from channels.manifest import Listening
from channels.replay.source import ReplaySettings, ReplaySource
from domain.clock import SetClock
from domain.errors import Gone
from domain.mention import Mention
from domain.ports import Page
from tests.channels.conformance import spoil
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON

DEMO = Path(channels.replay.__file__).with_name("demo.jsonl")
Build = Callable[..., ReplaySource]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def replay(tmp_path: Path, clock: SetClock) -> Build:
    def build(lines: list[str] | Path, handles: tuple[str, ...] = ("norda",), **settings: Any) -> ReplaySource:
        path = lines if isinstance(lines, Path) else tmp_path / "posts.jsonl"
        if isinstance(lines, list):
            path.write_text("\n".join(lines) + "\n")
        chosen = ReplaySettings(path=str(path), **settings)
        return ReplaySource(Listening(chosen, None, (), handles, open_door(clock), clock))

    return build


def line(number: int, at: str = "2015-02-23T02:22:52Z", **facts: Any) -> str:
    return json.dumps({"id": str(number), "text": f"norda {number}", "created_at": at, "author": "mara", **facts})


async def everything(source: ReplaySource) -> list[Page]:
    pages = [await source.fetch(None)]
    while pages[-1].more:
        pages.append(await source.fetch(pages[-1].cursor))
    return pages


async def test_the_pace_follows_the_lines_own_dates(replay: Build, clock: SetClock):
    source = replay([line(1), line(2, "2015-02-23T02:32:52Z"), line(3, "2015-02-23T03:22:52Z")], speed=60.0)
    first = await source.fetch(None)
    assert [m.external_id for m in first.mentions] == ["1"]
    assert not first.more
    clock.move(5)
    waiting = await source.fetch(first.cursor)
    assert waiting.mentions == ()
    clock.move(6)
    second = await source.fetch(waiting.cursor)
    assert [m.external_id for m in second.mentions] == ["2"]
    assert second.mentions[0].posted_at == NOON + timedelta(seconds=10)
    clock.move(600)
    assert [m.external_id for m in (await source.fetch(second.cursor)).mentions] == ["3"]


async def test_at_speed_0_the_posts_are_of_the_last_quarter_of_an_hour_or_keep_their_dates(replay: Build):
    lines = [line(1), line(2, "2015-02-24T02:32:52Z")]
    times = [m.posted_at for m in (await replay(lines).fetch(None)).mentions]
    assert NOON - timedelta(minutes=15) <= times[0] < times[1] <= NOON
    kept = [m.posted_at.year for m in (await replay(lines, shift="keep").fetch(None)).mentions]
    assert kept == [2015, 2015]


async def test_broken_lines_are_named_by_number_and_lose_nothing(replay: Build):
    bad = ['{"id": "2", "text": "cut', "", "[1, 2]", "\x00", '{"id": "5", "text": "no date"}', "x" * 1_100_000]
    page = await replay([line(1), *bad, line(8)]).fetch(None)
    assert [m.external_id for m in page.mentions] == ["1", "8"]
    assert [item.where for item in page.unreadable] == ["line 2", "line 4", "line 5", "line 6", "line 7"]
    assert all(len(item.sample) <= 2000 for item in page.unreadable)


async def test_fields_of_a_line(replay: Build):
    author = {"handle": "mara_testfield", "name": "Mara Testfield", "followers": 12, "location": "Velmar"}
    facts: dict[str, Any] = {"author": author, "in_reply_to": "0", "is_retweet": True, "retweet_count": 4}
    facts |= {"url": "javascript:alert(1)", "lang": "en", "mentions": ["@Norda"], "platform": "demo"}
    mention: Mention = (await replay([line(1, **facts)]).fetch(None)).mentions[0]
    assert (mention.author_handle, mention.author_name) == ("mara_testfield", "Mara Testfield")
    assert mention.author_followers == 12
    assert (mention.parent_id, mention.thread_id, mention.url) == ("0", "0", "")
    assert (mention.is_repost, mention.shares, mention.addressed) == (True, 4, True)
    assert mention.native == {"platform": "demo", "location": "Velmar"}


@pytest.mark.parametrize(
    ("handles", "text", "mentions", "addressed"),
    [
        (("norda",), "hello .@Norda!", [], True),
        (("norda",), "hello @nordavia", [], False),
        (("norda",), "hello", ["other"], False),
        ((), "hello", ["SouthwestAir"], True),
        ((), "hello", [], False),
    ],
)
async def test_who_is_addressed(replay: Build, handles: Any, text: str, mentions: Any, addressed: bool):
    page = await replay([line(1, text=text, mentions=mentions)], handles).fetch(None)
    assert page.mentions[0].addressed is addressed


async def test_a_missing_file_is_gone_and_a_shorter_one_is_read_again(replay: Build, tmp_path: Path):
    with pytest.raises(Gone):
        await replay(tmp_path / "none.jsonl").fetch(None)
    page = await replay([line(1), line(2)]).fetch(None)
    again = await replay([line(3)]).fetch(page.cursor)
    assert [m.external_id for m in again.mentions] == ["3"]
    assert again.gap is not None


async def test_the_demo_is_readable_in_six_languages_and_has_an_edit(replay: Build):
    pages = await everything(replay(DEMO))
    heard = [m for page in pages for m in page.mentions]
    assert not [item for page in pages for item in page.unreadable]
    assert len(heard) >= 110
    assert all("norda" in m.text.casefold() or m.thread_id != m.external_id for m in heard)
    tongues = Counter(m.lang_tag for m in heard)
    assert set(tongues) == {"en", "hr", "hu", "id", "lv", "tl"}
    assert min(tongues.values()) >= 10
    assert [n for n in Counter(m.external_id for m in heard).values() if n > 1] == [2]


async def test_three_thousand_real_posts(replay: Build, shared: Path):
    pages = await everything(replay(shared / "mentions" / "airline_sample.jsonl", ()))
    assert sum(len(page.mentions) for page in pages) == 3000
    assert len(pages) == 6
    assert len({m.external_id for page in pages for m in page.mentions}) == 3000


async def test_wrong_types_in_a_line_never_end_the_replay(replay: Build):
    rng = random.Random(7)
    lines = [spoil(raw.encode(), rng).decode() for raw in DEMO.read_text().splitlines() for _ in range(3)]
    pages = await everything(replay(lines, speed=0.5))
    await everything(replay(lines))
    assert sum(page.seen for page in pages) > 0
    assert all(m.posted_at.tzinfo is not None for page in pages for m in page.mentions)
