"""What is said on our Page and about it is heard by polls, once, whatever the order; and what the errors mean."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.facebook.verify import verify
from channels.graph_place import PAGES, TOO_MUCH
from domain.errors import ChannelError, Gone, RateLimited, Refused, SignInFailed, Unreachable
from domain.ports import Held
from tests.channels.facebook.rig import Rig
from tests.channels.network import Fault
from tests.emulators.facebook import PAGE_ID, PAGE_NAME
from tests.emulators.graph import NOON, Failed, Item


async def test_a_round_hears_the_page_and_what_stands_under_its_posts(rig: Rig):
    ours = rig.server.post("Our new night train")
    visit = rig.server.post("My bag is still on your train", "Ivo")
    question = rig.server.comment(ours, "Which norda?", "Mara")
    rig.server.comment(ours, "The left one", "Tom", under=question)
    rig.server.comment(visit, "Mine too", "Ana")
    rig.server.comment(ours, None, "Sticker")
    rig.server.post("Cold coffee at @Norda", "Eva", where="tagged")
    heard, _ = await rig.heard()
    assert set(heard) == {
        "Our new night train", "My bag is still on your train", "Which norda?", "The left one", "Mine too",
        "Cold coffee at @Norda",
    }  # fmt: skip
    assert heard["Our new night train"].author_id == PAGE_ID
    asked, answer, other = heard["Which norda?"], heard["The left one"], heard["Mine too"]
    assert (asked.thread_id, asked.parent_id) == (asked.external_id, ours["id"])
    assert (answer.thread_id, answer.parent_id) == (asked.external_id, asked.external_id)
    assert (other.parent_id, other.author_name) == (visit["id"], "Ana")
    assert asked.url.startswith("https://www.facebook.com/")
    tagged = heard["Cold coffee at @Norda"]
    assert (tagged.author_id, tagged.author_name, tagged.native["on_our_page"]) == ("", "", False)
    assert all(mention.addressed for mention in heard.values())


async def test_a_quiet_poll_takes_two_calls_and_a_lively_post_one_more(rig: Rig):
    posts = [rig.server.post(f"Post {number}") for number in range(5)]
    rig.server.comment(posts[2], "norda?")
    _, cursor = await rig.heard()
    before = rig.asked()
    _, cursor = await rig.heard(cursor)
    assert rig.asked() - before == 2
    rig.clock.move(600)
    rig.server.comment(posts[0], "norda again?", minute=66)
    before = rig.asked()
    heard, cursor = await rig.heard(cursor)
    assert "norda again?" in heard
    assert rig.asked() - before == 3
    assert rig.asked(f"{posts[0]['id']}/comments") == 2


async def test_an_old_post_is_heard_when_somebody_comments_on_it(rig: Rig):
    old = rig.server.post("Timetable", minute=-60 * 24 * 40)
    rig.server.comment(old, "long ago", minute=-60 * 24 * 39)
    heard, cursor = await rig.heard()
    assert heard == {}
    assert rig.asked("/comments") == 0
    rig.clock.move(3600)
    rig.server.comment(old, "is it still valid?", minute=110)
    heard, _ = await rig.heard(cursor)
    assert "is it still valid?" in heard
    assert "long ago" not in heard


async def test_after_days_without_a_poll_everything_said_meanwhile_is_heard(rig: Rig):
    known = rig.server.post("Known", minute=0)
    rig.server.comment(known, "first", minute=5)
    _, cursor = await rig.heard()
    rig.clock.move(4 * 86_400)
    new = rig.server.post("New", minute=60 * 24)
    for day in (1, 2, 3):
        rig.server.comment(known, f"known {day}", minute=60 * 24 * day + 5)
        rig.server.comment(new, f"new {day}", minute=60 * 24 * day + 6)
    heard, _ = await rig.heard(cursor)
    assert {f"{which} {day}" for which in ("known", "new") for day in (1, 2, 3)} | {"New"} <= set(heard)


async def test_many_comments_are_read_page_by_page_and_too_many_are_told(rig: Rig):
    rig.server.page_size = 10
    post = rig.server.post("Prize draw", minute=0)
    for number in range(150):
        rig.server.comment(post, f"norda {number}", minute=number / 10)
    heard, _ = await rig.heard()
    assert len(heard) == 151
    for number in range(150, 10 * PAGES + 40):
        rig.server.comment(post, f"norda {number}", minute=16 + number / 100)
    assert rig.gaps == []
    await rig.heard()
    assert rig.gaps == [TOO_MUCH]


async def test_where_the_order_is_not_heeded_the_whole_list_is_read(rig: Rig):
    rig.server.page_size, rig.server.ignores_order = 3, True
    post = rig.server.post("Ranked", minute=0)
    for number in range(8):
        rig.server.comment(post, f"norda {number}", minute=number)
    _, cursor = await rig.heard()
    rig.clock.move(600)
    rig.server.comment(post, "the newest stands last", minute=65)
    heard, _ = await rig.heard(cursor)
    assert "the newest stands last" in heard


async def test_what_is_held_back_is_heard_at_its_own_moment(rig: Rig):
    rig.server.post("norda a", "Ivo", where="tagged", minute=50)
    _, cursor = await rig.heard()
    rig.clock.move(600)
    rig.server.post("approved late", "Ivo", where="tagged", minute=-200)
    heard, _ = await rig.heard(cursor)
    assert "approved late" in heard


async def test_a_sweep_sees_edits(rig: Rig):
    comment = rig.server.comment(rig.server.post("My bag", "Ivo"), "Mine too")
    await rig.heard()
    comment["message"] = "Mine too, and it is red"
    heard, _ = await rig.heard()
    assert "Mine too, and it is red" in heard


async def test_a_post_that_vanishes_in_between_stops_nothing(rig: Rig):
    posts = [rig.server.post(f"Post {number}", "Ivo") for number in range(2)]
    for post in posts:
        rig.server.comment(post, f"under {post['message']}")
    page = await rig.fetch()
    page = await rig.fetch(page.cursor)
    rig.server.remove(posts[1])
    heard, _ = await rig.heard(page.cursor)
    assert set(heard) == {"under Post 0"}


async def test_only_what_meta_calls_gone_is_gone(rig: Rig):
    """A proxy's 404 is no word of Meta's: the push that named it is not thanked for, and nothing is purged."""
    post = rig.server.post("@Norda", "Ivo", where="tagged")
    rig.network.fault = Fault(status=404, body=b"<html>not here</html>", content_type="text/html")
    with pytest.raises(Gone):
        await rig.fetch({"asks": [post["id"]]})
    ours = rig.server.post("Ours")
    held = Held(ours["id"], ours["id"], "", True, {"post": ours["id"], "on_our_page": True})
    with pytest.raises(Gone):
        await verify(rig.listening, [held])
    rig.network.fault = None
    rig.server.remove(ours)
    assert await verify(rig.listening, [held]) == {ours["id"]: None}
    assert await verify(rig.listening, [replace(held, native={"post": ours["id"], "on_our_page": False})]) == {}


async def test_near_a_limit_a_poll_takes_one_call_and_nothing_is_lost(rig: Rig):
    post = rig.server.post("Post")
    rig.server.comment(post, "norda?")
    rig.server.used, cursor, heard = 95, None, set()
    for _ in range(3):
        before = rig.asked()
        pages, cursor = await rig.pages(cursor)
        assert rig.asked() - before == 1
        heard |= {mention.text for page in pages for mention in page.mentions}
    assert heard == {"Post", "norda?"}


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80_001])
async def test_limits_wait_as_told(rig: Rig, code: int):
    rig.server.troubles.append(Failed(code, "Application request limit reached", status=403))
    rig.server.used, rig.server.regain_minutes = 100, 19
    with pytest.raises(RateLimited) as raised:
        await rig.fetch()
    assert raised.value.retry_at == rig.clock.now() + timedelta(minutes=19)
    rig.server.troubles.append(Failed(code))
    rig.server.used = rig.server.regain_minutes = 0
    with pytest.raises(RateLimited) as raised:
        await rig.fetch()
    assert raised.value.retry_at == rig.clock.now() + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Failed(190, subcode=463), SignInFailed),
        (Failed(102), SignInFailed),
        (Failed(10), Refused),
        (Failed(200, status=403), Refused),
        (Failed(368), Refused),
        (Failed(1, status=500), Unreachable),
        (Failed(2, passing=True, status=503), Unreachable),
        (Failed(100, passing=True), Unreachable),
        (Failed(100), Refused),
    ],
)
async def test_errors_have_their_treatment(rig: Rig, trouble: Failed, error: type[ChannelError]):
    rig.server.troubles.append(trouble)
    with pytest.raises(error) as raised:
        await rig.fetch()
    assert type(raised.value) is error


async def test_what_a_push_only_named_is_read_and_what_is_not_for_us_is_passed_over(rig: Rig):
    post = rig.server.post("norda @Norda", "Ivo", where="tagged")
    comment = rig.server.comment(post, "@Norda look at this")
    asks: Item = {"asks": [post["id"], "5_404", f"{post['id']} {comment['id']}"]}
    pages, _ = await rig.pages(asks)
    assert [mention.text for page in pages for mention in page.mentions] == ["norda @Norda", "@Norda look at this"]
    rig.server.troubles.append(Failed(190))
    with pytest.raises(SignInFailed):
        await rig.fetch(asks)


@pytest.mark.parametrize("seed", range(12))
async def test_random_weeks_lose_nothing(rig: Rig, seed: int):
    """Posts and comments at any time, polls at any distance, pages of any size: what was said is what is heard."""
    rng = random.Random(seed)
    rig.server.page_size = rng.choice([2, 5, 100])
    rig.clock.move(-rig.clock.now().timestamp() + NOON.timestamp())
    said: set[str] = set()
    heard, cursor, minute = set(), None, 0.0
    rig.server.post("the first", minute=0)
    for step in range(60):
        minute += rng.choice([0.2, 1, 7, 90, 400])
        rig.clock.move(NOON.timestamp() + 60 * minute - rig.clock.now().timestamp())
        text = f"said {step}"
        if rng.random() < 0.3:
            rig.server.post(text, rng.choice([PAGE_NAME, "Ivo"]), minute=minute)
        elif rng.random() < 0.2:
            rig.server.post(text, "Eva", where="tagged", minute=minute)
        else:
            target = rng.choice([each for each in rig.server.posts.values() if each["where"] == "feed"])
            under = [each for each in rig.server.comments.values() if each["post"] == target["id"]]
            rig.server.comment(target, text, minute=minute, under=rng.choice([None, *under]))
        said.add(text)
        if rng.random() < 0.4:
            found, cursor = await rig.heard(cursor)
            heard |= set(found)
    found, _ = await rig.heard(cursor)
    assert said - heard - set(found) == set()
    assert rig.gaps == []
