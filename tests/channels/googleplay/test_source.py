"""Reviews of Google Play: newest change first, a week back, and a gap that is told when we were away longer."""

from datetime import timedelta

import pytest

from channels.googleplay.convert import to_review
from domain.errors import RateLimited, Refused, SignInFailed, Undecodable
from tests.channels.googleplay.conftest import Rig
from tests.channels.network import Fault
from tests.emulators.googleplay import EMAIL, NOON, PACKAGE, review_id


async def test_a_review_with_its_stars_and_where_it_can_be_answered(rig: Rig):
    mention = await rig.one("It crashes <b>all</b> the time", stars=1)
    assert (mention.external_id, mention.thread_id) == (review_id(1), review_id(1))
    assert mention.full_text == "★☆☆☆☆\nIt crashes <b>all</b> the time"
    assert (mention.author_name, mention.author_handle, mention.lang_tag) == ("Mara Testfield", "", None)
    assert mention.native == {
        "rating": 1, "review": review_id(1), "package": PACKAGE, "app_version": "3.1", "device": "klte",
        "device_language": "en", "changed": int(rig.play.reviews[review_id(1)]["at"].timestamp()),
    }  # fmt: skip
    assert mention.url.startswith(f"https://play.google.com/store/apps/details?id={PACKAGE}&reviewId=gp")
    assert mention.posted_at == NOON + timedelta(minutes=1)


def test_an_old_title_stands_before_a_tab():
    said = {"text": "Bad\tIt crashes", "starRating": 1, "lastModified": {"seconds": "1763640000"}}
    review = to_review({"reviewId": "r", "comments": [{"userComment": said}]}, PACKAGE)
    assert (review.title, review.text) == ("Bad", "It crashes")
    review = to_review({"reviewId": "r", "comments": [{"userComment": said | {"text": "Bad\t"}}]}, PACKAGE)
    assert (review.title, review.text) == ("", "Bad")


@pytest.mark.parametrize("change", [{"reviewId": None}, {"comments": []}, {"comments": [{"userComment": None}, 5]}])
def test_what_lacks_id_or_words_is_unreadable(change: dict[str, object]):
    said = {"text": "x", "lastModified": {"seconds": "1763640000"}}
    whole = {"reviewId": "r", "comments": [{"userComment": said}]}
    assert to_review(whole, PACKAGE).id == "r"
    with pytest.raises(Undecodable):
        to_review(whole | change, PACKAGE)


async def test_a_changed_review_keeps_its_id_and_comes_again(rig: Rig):
    rig.play.review("Slow", 1)
    _, cursor = await rig.heard()
    rig.play.review("Quick now", 1, NOON + timedelta(hours=3), stars=5)
    (mention,), _ = await rig.heard(cursor)
    assert (mention.external_id, mention.full_text) == (review_id(1), "★★★★★\nQuick now")


async def test_changed_after_the_answer_it_is_a_new_post_in_its_thread(rig: Rig):
    rig.play.review("Slow", 1)
    rig.play.reply(1, "Sorry, Mara. Ben", NOON + timedelta(hours=1))
    (review, answer), cursor = await rig.heard()
    assert review.native["answered"] is True
    assert (answer.author_id, answer.parent_id, answer.text) == (EMAIL, review_id(1), "Sorry, Mara. Ben")
    rig.play.review("Still slow", 1, NOON + timedelta(hours=3))
    again = (await rig.heard(cursor))[0][0]
    assert (again.parent_id, again.thread_id) == (review_id(1), review_id(1))
    assert again.external_id != review_id(1)
    assert "answered" not in again.native


async def test_pages_are_followed_to_what_is_known(rig: Rig):
    rig.play.page_size = 10
    for number in range(1, 36):
        rig.play.review(f"text {number}", number)
    heard, cursor = await rig.heard()
    assert len({mention.external_id for mention in heard}) == 35
    for number in range(36, 51):
        rig.play.review(f"text {number}", number)
    rig.play.review("text 3, changed", 3, NOON + timedelta(hours=6))
    before = rig.asked("/reviews")
    heard, _ = await rig.heard(cursor)
    assert {f"text {number}" for number in range(36, 51)} | {"text 3, changed"} <= {mention.text for mention in heard}
    assert rig.asked("/reviews") == before + 2


async def test_away_for_more_than_a_week_is_a_gap_that_is_told_once(rig: Rig):
    rig.play.page_size = 10
    rig.play.review("text", 1)
    _, cursor = await rig.heard()
    rig.clock.move(6.9 * 86_400)
    pages, cursor = await rig.poll(cursor)
    assert [page.gap for page in pages] == [None]
    rig.clock.move(7.1 * 86_400)
    for number in range(2, 32):
        rig.play.review(f"text {number}", number, rig.clock.now() - timedelta(minutes=number))
    pages, cursor = await rig.poll(cursor)
    told = [page.gap for page in pages]
    assert told[0] is not None
    assert "a week" in told[0]
    assert told[1:] == [None, None]
    assert [page.gap for page in (await rig.poll(cursor))[0]] == [None]


async def test_a_poll_that_was_cut_still_counts_from_the_last_complete_one(rig: Rig):
    rig.play.page_size = 10
    rig.play.review("text", 1)
    _, cursor = await rig.heard()
    rig.clock.move(6 * 86_400)
    for number in range(2, 32):
        rig.play.review(f"text {number}", number, rig.clock.now())
    page = await rig.source().fetch(cursor)
    assert page.more
    assert page.cursor is not None
    assert cursor is not None
    assert page.cursor["read_at"] == cursor["read_at"]


async def test_a_page_token_that_died_begins_the_walk_anew(rig: Rig):
    rig.play.page_size = 10
    for number in range(1, 36):
        rig.play.review(f"text {number}", number)
    page = await rig.source().fetch(None)
    rig.play.dead_page_tokens = True
    anew = await rig.source().fetch(page.cursor)
    assert (anew.mentions, anew.more, anew.gap) == ((), True, None)
    rig.play.dead_page_tokens = False
    assert len((await rig.heard(anew.cursor))[0]) == 35


async def test_an_app_without_reviews_and_an_error_inside_a_200(rig: Rig):
    assert (await rig.heard())[0] == []
    rig.network.fault = Fault(body=b'{"error": {"message": "later"}}', path="/androidpublisher")
    with pytest.raises(Undecodable):
        await rig.source().fetch(None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": 403, "message": "Quota", "errors": [{"reason": "quotaExceeded"}]}}',
        b'{"error": {"code": 403, "message": "Quota", "status": "RESOURCE_EXHAUSTED"}}',
    ],
)
async def test_a_used_up_quota_is_a_limit_and_no_refusal(rig: Rig, body: bytes):
    rig.network.fault = Fault(status=403, body=body, path="/androidpublisher")
    with pytest.raises(RateLimited):
        await rig.source().fetch(None)
    rig.network.fault = Fault(status=403, body=b'{"error": {"message": "no"}}', path="/androidpublisher")
    with pytest.raises(Refused):
        await rig.source().fetch(None)


async def test_it_needs_an_account(rig: Rig):
    with pytest.raises(SignInFailed, match="needs an account"):
        await rig.source(account=False).fetch(None)
