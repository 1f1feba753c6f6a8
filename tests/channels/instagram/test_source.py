"""What is said under our media, and where others tag us, is heard by polls, once, whatever the order."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from domain.errors import RateLimited, SignInFailed
from tests.channels.instagram.rig import Rig
from tests.emulators.graph import NOON, Failed, Item
from tests.emulators.instagram import USERNAME


async def test_a_round_hears_comments_their_answers_and_tags(rig: Rig):
    photo = rig.server.post("Our night train")
    question = rig.server.comment(photo, "Which norda?")
    rig.server.comment(photo, "The left one", "tom_test", under=question)
    rig.server.comment(photo, "Thank you", USERNAME, under=question)
    rig.server.post("Cold coffee", "eva_test", names="tags")
    rig.server.post("Not about us", "eva_test")
    heard, _ = await rig.heard()
    assert set(heard) == {"Which norda?", "The left one", "Thank you", "Cold coffee"}
    asked, answer, tag = heard["Which norda?"], heard["The left one"], heard["Cold coffee"]
    assert (asked.thread_id, asked.parent_id, asked.url) == (question["id"], None, photo["permalink"])
    assert (answer.thread_id, answer.parent_id, answer.url) == (question["id"], question["id"], photo["permalink"])
    assert (answer.author_handle, heard["Thank you"].author_handle) == ("tom_test", USERNAME)
    assert (tag.author_handle, tag.native["kind"]) == ("eva_test", "tag")
    assert all(mention.addressed for mention in heard.values())


async def test_a_quiet_poll_takes_two_calls_and_a_lively_photo_one_more(rig: Rig):
    photos = [rig.server.post(f"Photo {number}") for number in range(5)]
    rig.server.comment(photos[1], "norda?")
    _, cursor = await rig.heard()
    before = rig.asked()
    _, cursor = await rig.heard(cursor)
    assert rig.asked() - before == 2
    rig.clock.move(600)
    rig.server.comment(photos[3], "norda again?", minute=66)
    before = rig.asked()
    heard, _ = await rig.heard(cursor)
    assert "norda again?" in heard
    assert rig.asked() - before == 3


async def test_an_answer_to_an_old_comment_is_found_below_newer_ones(rig: Rig):
    rig.server.page_size = 3
    photo = rig.server.post("Prize draw", minute=0)
    first = rig.server.comment(photo, "the first of all", minute=0.1)
    for number in range(20):
        rig.server.comment(photo, f"norda {number}", minute=1 + number)
    _, cursor = await rig.heard()
    rig.clock.move(7200)
    rig.server.comment(photo, "an answer to the first", "tom_test", under=first, minute=170)
    rig.server.comment(photo, "one more at the top", minute=171)
    heard, _ = await rig.heard(cursor)
    assert {"an answer to the first", "one more at the top"} <= set(heard)
    assert rig.gaps == []


async def test_after_days_without_a_poll_everything_said_meanwhile_is_heard(rig: Rig):
    known = rig.server.post("Known", minute=0)
    rig.server.comment(known, "first", minute=5)
    _, cursor = await rig.heard()
    rig.clock.move(4 * 86_400)
    new = rig.server.post("New", minute=60 * 24)
    for day in (1, 2, 3):
        rig.server.comment(known, f"known {day}", minute=60 * 24 * day + 5)
        rig.server.comment(new, f"new {day}", minute=60 * 24 * day + 6)
        rig.server.post(f"tag {day}", "eva_test", names="tags", minute=60 * 24 * day + 7)
    heard, _ = await rig.heard(cursor)
    assert {f"{which} {day}" for which in ("known", "new", "tag") for day in (1, 2, 3)} <= set(heard)


async def test_one_comment_in_place_of_another_is_heard_by_the_sweep(rig: Rig):
    photo = rig.server.post("Photo")
    old = rig.server.comment(photo, "old")
    _, cursor = await rig.heard()
    rig.clock.move(600)
    rig.server.remove(old)
    rig.server.comment(photo, "new", minute=65)
    heard, _ = await rig.heard(cursor)
    assert "new" not in heard, "the count is the same: this is what the push is for"
    swept, _ = await rig.heard()
    assert "new" in swept


async def test_a_list_that_names_no_next_page_is_read_on(rig: Rig):
    rig.server.names_next_page = False
    for number in range(120):
        rig.server.post(f"tag {number}", "eva_test", names="tags", minute=number / 4)
    heard, _ = await rig.heard()
    assert len(heard) == 120


async def test_a_photo_that_vanishes_in_between_stops_nothing(rig: Rig):
    photos = [rig.server.post(f"Photo {number}") for number in range(2)]
    for photo in photos:
        rig.server.comment(photo, f"under {photo['caption']}")
    page = await rig.fetch()
    page = await rig.fetch(page.cursor)
    rig.server.remove(photos[1])
    heard, _ = await rig.heard(page.cursor)
    assert set(heard) == {"under Photo 0"}


async def test_limits_and_dead_tokens_have_their_treatment(rig: Rig):
    rig.server.troubles.append(Failed(80_002, status=403))
    rig.server.used, rig.server.regain_minutes = 100, 7
    with pytest.raises(RateLimited) as raised:
        await rig.fetch()
    assert raised.value.retry_at == rig.clock.now() + timedelta(minutes=7)
    rig.server.signed_out = True
    with pytest.raises(SignInFailed):
        await rig.fetch()


@pytest.mark.parametrize("seed", range(12))
async def test_random_weeks_lose_nothing(rig: Rig, seed: int):
    """Photos, comments, answers and tags at any time, polls at any distance, pages of any size."""
    rng = random.Random(seed)
    rig.server.page_size = rng.choice([7, 25, 100])
    rig.clock.move(NOON.timestamp() - rig.clock.now().timestamp())
    said: set[str] = set()
    heard, cursor, minute = set(), None, 0.0
    photos: list[Item] = [rig.server.post("the first", minute=0)]
    for step in range(60):
        minute += rng.choice([0.2, 1, 7, 90, 400])
        rig.clock.move(NOON.timestamp() + 60 * minute - rig.clock.now().timestamp())
        text, dice = f"said {step}", rng.random()
        if dice < 0.15:
            photos.append(rig.server.post(f"photo {step}", minute=minute))
        elif dice < 0.3:
            rig.server.post(text, "eva_test", names="tags", minute=minute)
            said.add(text)
        else:
            photo = rng.choice(photos)
            under = [each for each in rig.server.comments.values() if each["media_id"] == photo["id"]]
            rig.server.comment(photo, text, minute=minute, under=rng.choice([None, *under]))
            said.add(text)
        if rng.random() < 0.4:
            found, cursor = await rig.heard(cursor)
            heard |= set(found)
    found, _ = await rig.heard(cursor)
    assert said - heard - set(found) == set()
    assert rig.gaps == []
