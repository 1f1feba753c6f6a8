"""The commonest feeds there are, from WordPress itself: posts in RSS and Atom, comments held and let through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from channels.manifest import Listening
from channels.rss.source import READ_WHOLE_S, RssSettings, RssSource
from domain.clock import SetClock, SystemClock
from domain.mention import Mention
from net.door import Door
from tests.channels.doors import test_door as open_door
from tests.conftest import require
from tests.flows.house import Running, running_house, settings_for
from tests.peers.install import has_wordpress, wordpress_root
from tests.peers.servers import listening_addresses
from tests.peers.wordpress import WordPress, wordpress_site

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def site() -> Iterator[WordPress]:
    require("wordpress", has_wordpress(), "WordPress is not unpacked: tests/peers/install.py wordpress")
    with wordpress_site(wordpress_root()) as running:
        print(f"\nWordPress was up in {running.started_in_s:.1f} s")
        yield running


@pytest.fixture
async def house(site: WordPress, tmp_path: Path) -> AsyncIterator[Running]:
    reach = (urlsplit(site.base).netloc,)
    async with running_house(settings_for(tmp_path / "data", reach=reach)) as running:
        yield running


async def hear(house: Running, name: str) -> tuple[int, int]:
    """How many entries were read and how many posts are new."""
    heard = await house.hear(name)
    assert heard is not None
    return heard.seen, heard.stored.new


@pytest.mark.parametrize("kind", ["rss2", "atom"])
async def test_a_post_is_heard_once_and_read_again_when_it_changes(site: WordPress, house: Running, kind: str):
    brand = await house.brand("Norda", languages=["en"])
    said = f"The heating is <b>dead</b> ({kind}) &amp; nobody helps us<script>alert(1)</script>."
    number = await asyncio.to_thread(site.post, f"Norda in winter, {kind}", said)
    await house.me.add_source(brand, "rss", "Site", url=f"{site.base}/?feed={kind}")
    heard = await hear(house, "Site")
    assert heard[1] >= 1
    assert await hear(house, "Site") == (0, 0)  # not changed: 304
    case = await house.drafted(f"dead ({kind})")
    (mention,) = case["mentions"]
    assert mention["url"] == f"{site.base}/?p={number}"
    assert "<" not in mention["text"]

    await asyncio.sleep(1.1)  # WordPress dates changes by the second
    await asyncio.to_thread(site.edit, number, f"Norda, the heating is still broken ({kind}).")
    assert await hear(house, "Site") == (heard[0], 0)
    case = await house.drafted(f"still broken ({kind})")
    assert len(case["mentions"]) == 1


async def test_a_comment_that_is_held_is_heard_when_it_is_let_through(site: WordPress, house: Running):
    brand = await house.brand("Norda", languages=["en"])
    await house.me.add_source(brand, "rss", "Comments", url=f"{site.base}/?feed=comments-rss2")
    before, _ = await hear(house, "Comments")
    await asyncio.to_thread(site.comment, 1, "petra", "Norda lost my suitcase and nobody answers. Where is it?")
    assert await hear(house, "Comments") == (0, 0)  # sent, and not shown
    await asyncio.to_thread(site.approve)
    assert await hear(house, "Comments") == (before + 1, 1)
    case = await house.drafted("lost my suitcase")
    assert "petra" in case["row"]["author"]


def feed(site: WordPress, kind: str, door: Door, clock: SetClock) -> RssSource:
    return RssSource(Listening(RssSettings(url=f"{site.base}/?feed={kind}"), None, (), (), door, clock))


async def test_hostile_words_are_the_same_plain_text_in_rss_and_atom(site: WordPress):
    attack = "<script src=//norda.example/x></script><img src=x onerror=alert(1)>"
    words = f"A <i>late</i> &amp; full train{attack} of &lt;Norda&gt; ]]> ü"
    number = await asyncio.to_thread(site.post, f"Where <b>is</b> it?{attack}", words)
    await asyncio.to_thread(site.comment, number, "ivo", words)
    await asyncio.to_thread(site.approve)
    clock = SetClock(SystemClock().now())
    async with open_door(clock) as door:
        for about in ("", "comments-"):
            pages = [await feed(site, f"{about}{kind}", door, clock).fetch(None) for kind in ("rss2", "atom")]
            rss, atom = (mention_at(f"{site.base}/?p={number}", page.mentions) for page in pages)
            assert rss.text == "A late & full train of <Norda> ]]> ü"
            assert "<" not in rss.title
            assert (rss.text, rss.url, rss.posted_at) == (atom.text, atom.url, atom.posted_at)
            assert (rss.title.split(), rss.author_name) == (atom.title.split(), atom.author_name)


def mention_at(address: str, mentions: tuple[Mention, ...]) -> Mention:
    """The post with this address, or a comment below it."""
    (found,) = [mention for mention in mentions if mention.url.partition("#")[0] == address]
    return found


async def test_an_older_comment_that_is_let_through_later_is_heard_within_the_hour(site: WordPress):
    """WordPress dates this feed by its newest comment: it answers 304 although there is one more."""
    clock = SetClock(SystemClock().now())
    async with open_door(clock) as door:
        source = feed(site, "comments-rss2", door, clock)
        await asyncio.to_thread(site.comment, 1, "older", "The older comment waits.")
        await asyncio.sleep(1.1)  # its feed knows whole seconds
        await asyncio.to_thread(site.comment, 1, "newer", "The newer comment is let through at once.")
        await asyncio.to_thread(site.approve, "newer")
        first = await source.fetch(None)
        assert {"newer", "older"} & by_whom(first.mentions) == {"newer"}
        await asyncio.to_thread(site.approve)
        assert (await source.fetch(first.cursor)).seen == 0
        clock.move(READ_WHOLE_S)
        assert by_whom((await source.fetch(first.cursor)).mentions) >= {"newer", "older"}


def by_whom(mentions: tuple[Mention, ...]) -> set[str]:
    return {mention.author_name for mention in mentions}


def test_nothing_but_this_machine_reaches_it(site: WordPress):
    assert [listening_addresses(process.pid) for process in site.processes] == [{"0100007F"}] * 2
