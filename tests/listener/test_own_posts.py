"""What we post ourselves: never a mention, but the proof of a reply that a person posted by hand."""

from datetime import timedelta
from typing import Any

import pytest

from domain.lifecycle import REPLY
from storage import tables
from storage.transitions import history, move
from tests.listener.rig import NOON, House, post

WORDS = "Hello Mara, we are sorry: your train was late. See https://norda.example/help"


async def handed_over(house: House, *, text: str = WORDS, status: str = "handed_over") -> int:
    """A case about post "1", whose reply stands in this status."""
    house.tape.posts["a"] = [post("1")]
    await house.due()
    (reply,) = await house.rows(tables.Reply)
    steps = {"handed_over": ["drafted", "approved", "handed_over"], "drafted": ["drafted"]}
    steps["sent"] = [*steps["handed_over"], "sent"]
    old = "requested"
    async with house.db.write() as session:
        for new in steps[status]:
            assert new in REPLY[old]
            await move(
                session, "reply", reply.id, old, new,
                brand_id=house.brand_id, actor="user:1", now=house.clock.now(), text=text, due_at=None,
            )  # fmt: skip
            old = new
    house.clock.move(60)
    return int(reply.id)


def ours(house: House, text: str, **more: object) -> None:
    """Our own post appears on the network."""
    given = {"thread_id": "1", "parent_id": "1", "author_handle": "@Norda", "url": "https://tape.example/9"} | more
    house.tape.posts["a"].append(post("9", text, posted_at=house.clock.now(), **given))


async def reply_of(house: House, reply_id: int) -> tables.Reply:
    found: tables.Reply = next(r for r in await house.rows(tables.Reply) if r.id == reply_id)
    return found


async def test_our_own_posts_are_no_mentions(either: House) -> None:
    account = await either.account()
    either.tape.posts["a"] = [
        post("1", author_handle="@NORDA"), post("2", author_handle="norda_help"), post("3", author_id="norda-1"),
        post("4", author_handle=""), post("5", author_handle="nordaland"),
    ]  # fmt: skip
    await either.source(account=account)
    await either.due()
    assert [m.external_id for m in await either.rows(tables.MentionRow)] == ["4", "5"]


async def test_a_reply_posted_by_hand_is_found_with_its_link(either: House) -> None:
    await either.source()
    reply_id = await handed_over(either)
    ours(either, WORDS.upper().replace("HTTPS://NORDA.EXAMPLE/HELP", "https://nrd.example/x"))
    await either.due()
    reply, (case,) = await reply_of(either, reply_id), await either.rows(tables.Case)
    assert (reply.status, reply.external_id, reply.url) == ("sent", "9", "https://tape.example/9")
    assert reply.sent_at == either.tape.posts["a"][-1].posted_at
    assert (case.status, case.next_due_at) == ("waiting", None)
    async with either.db.read() as session:
        last = (await history(session, "reply", reply_id))[-1]
    assert (last.actor, last.new, last.why) == ("system:listener", "sent", "found on the network")


async def test_an_answer_to_what_we_posted_by_hand_reopens_the_same_case(house: House) -> None:
    await house.source()
    await handed_over(house)
    ours(house, WORDS)
    house.tape.posts["a"].append(
        post("10", "norda, this does not help at all, it is terrible", thread_id="elsewhere", parent_id="9",
             posted_at=house.clock.now())
    )  # fmt: skip
    await house.due()
    (case,) = await house.rows(tables.Case)
    assert (case.status, case.mentions) == ("open", 2)
    assert [r.status for r in await house.rows(tables.Reply)] == ["sent", "requested"]


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Something else that we say in that thread"},
        {"thread_id": "2", "parent_id": "2"},
        {"author_handle": "somebody"},
        {"posted_at": NOON - timedelta(days=1)},
    ],
)
async def test_other_posts_confirm_nothing(house: House, other: dict[str, Any]) -> None:
    await house.source()
    reply_id = await handed_over(house)
    given = {"text": WORDS} | other
    moment = given.pop("posted_at", house.clock.now())
    house.tape.posts["a"].append(
        post("9", given.pop("text"), **({"thread_id": "1", "parent_id": "1", "author_handle": "norda",
                                         "posted_at": moment} | given))
    )  # fmt: skip
    await house.due()
    assert (await reply_of(house, reply_id)).status == ("handed_over")


async def test_a_draft_that_nobody_took_is_not_confirmed(house: House) -> None:
    await house.source()
    reply_id = await handed_over(house, status="drafted")
    ours(house, WORDS)
    await house.due()
    assert (await reply_of(house, reply_id)).status == "drafted"


async def test_one_that_was_marked_as_sent_without_a_link_gets_it(house: House) -> None:
    await house.source()
    reply_id = await handed_over(house, status="sent")
    ours(house, WORDS)
    await house.due()
    reply = await reply_of(house, reply_id)
    assert (reply.status, reply.external_id, reply.url) == ("sent", "9", "https://tape.example/9")


async def test_words_without_letters_are_no_proof(house: House) -> None:
    await house.source()
    reply_id = await handed_over(house, text="👍")
    ours(house, "🎉")
    await house.due()
    assert (await reply_of(house, reply_id)).status == "handed_over"
