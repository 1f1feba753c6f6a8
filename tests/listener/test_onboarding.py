"""Watching a brand by its name alone."""

import pytest
from sqlmodel import select

from channels.registry import manifests
from domain.errors import BadInput
from listener.matching import Matcher, topic
from listener.onboarding import add_brand, add_source, slug_of, topic_query, watch_brand
from storage.tables import SourceRow, Topic
from tests.listener.rig import NOON, House, post


@pytest.mark.parametrize(
    ("name", "hit", "miss"),
    [
        ("Norda", "@norda is late", "nordaland"),
        ("Norda Rail", "#NordaRail is late", "norda by rail"),
        ('Norda "Rail', "norda rail is late", "rail"),
        ("A (B", "at a (b today", "a b"),
        ("-Norda Rail", "-norda rail", "hello"),
        ("OR", "this or that", "and"),
        ("Ćevapi & Co", "najbolji ćevapi & co", "cevapi"),
        ("海底捞 火锅", "今天吃海底捞火锅", "火"),
    ],
)
def test_any_name_is_a_topic_that_finds_it(name: str, hit: str, miss: str) -> None:
    matcher = Matcher([topic(1, topic_query(name))])
    assert matcher.match(post("1", hit)) == [1]
    assert matcher.match(post("1", miss)) == []


def test_short_names_for_addresses() -> None:
    assert [slug_of(name) for name in ("Norda Rail", "Žičara!")] == ["norda-rail", "zicara"]
    assert slug_of("海底捞").isascii()
    assert slug_of("海底捞") != slug_of("小肥羊")


async def test_a_brand_is_watched_on_everything_that_needs_no_account(house: House) -> None:
    async with house.db.write() as session:
        brand, sources = await watch_brand(session, "  Sunda   Air ", manifests(), NOON)
    async with house.db.read() as session:
        stored = list(await session.exec(select(SourceRow).where(SourceRow.brand_id == brand.id)))
        (words,) = await session.exec(select(Topic.query).where(Topic.brand_id == brand.id))
    assert {"bluesky", "hackernews", "mastodon", "rss"} <= {source.channel for source in stored}
    assert len(stored) == len(sources)
    assert (brand.name, words) == ("Sunda Air", '"Sunda Air" OR "sundaair"')


async def test_what_cannot_be_watched_says_why(house: House) -> None:
    async with house.db.write() as session:
        for name in ("", "x" * 81, '""'):
            with pytest.raises(BadInput):
                await add_brand(session, name, NOON)
        with pytest.raises(BadInput, match="watched already"):
            await add_brand(session, "NORDA", NOON)
        with pytest.raises(BadInput, match=r"^source feed"):
            add_source(session, house.brand_id, manifests()["rss"], "feed", {"url": "file:///etc/passwd"}, NOON)
        with pytest.raises(BadInput, match="unknown field"):
            add_source(session, house.brand_id, manifests()["rss"], "feed", {"ulr": "https://x.example"}, NOON)
