"""What is left of a post that its author removed: nothing of its words or its author, wherever they were quoted."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from domain.ids import ids
from domain.ports import Unreadable
from storage import tables
from storage.arriving import PageIn
from storage.ingest import store_page
from storage.needles import Names, Needles, removed, without
from storage.removals import due, gone_name, is_gone, without_removed
from storage.scrubbing import PATIENCE, scrub, scrub_now
from storage.tables_market import Defect
from storage.tables_model import Suggestion
from storage.transitions import move
from tests.byte_search import found
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows

URI = "https://social.example/users/marakind/statuses/{}"
WORDS = "The lavender coach smelled of burnt rubber all the way to Zadar, shame on you"
AUTHOR = {
    "author_id": "https://social.example/users/marakind", "author_handle": "marakind@social.example",
    "author_name": "Mara Kindwell", "url": "https://social.example/@marakind/1",
}  # fmt: skip
TELLTALE = ("marakind", "Kindwell", "lavender coach", "burnt rubber")
LATER = START + timedelta(minutes=6)


def post(number: int = 1, text: str = WORDS, **more: Any) -> Any:
    name = URI.format(number)
    return arrival(name, text, **(AUTHOR | {"native": {"acct": "marakind", "id": "1"}} | {"thread_id": name} | more))


def answer(name: str, **more: Any) -> Any:
    """Somebody else's post under hers."""
    given = {"thread_id": URI.format(1), "parent_id": URI.format(1), "author_handle": "ivo", "author_id": "ivo"}
    native = {"root": {"uri": URI.format(1), "cid": "x"}, "cid": "y"}
    return arrival(name, f"{name} agrees", **(given | {"native": native} | more))


async def store(house: House, given: PageIn) -> Any:
    """As the listener stores a page."""
    async with house.db.write() as session:
        return await store_page(session, await without_removed(session, given))


async def quoted_everywhere(house: House, *, status: str = "sent") -> int:
    """Her post, and all that may quote it: our reply in this status, an alert, a note, a raw item, a place."""
    bad = Unreadable(f"post {URI.format(1)}", "odd", msgspec.json.encode({"acct": "marakind", "content": WORDS}))
    await store(house, page(house, post(), unreadable=(bad,)))
    (case,), (reply,) = await rows(house, tables.Case), await rows(house, tables.Reply)
    said = f"Hello Mara, we are sorry. You wrote: {WORDS}"
    async with house.db.write() as session:
        old = "requested"
        steps = (
            ["drafted", "approved", "handed_over"] if status == "handed_over" else ["drafted", "approved", "sending"]
        )
        for new in [*steps, *([status] if status not in ("handed_over", "sending") else [])]:
            await move(
                session, "reply", reply.id, old, new, brand_id=house.brand_id, actor="user:1", now=START, text=said,
                first_text=said, body='{"status": "@marakind Hello Mara"}', due_at=None,
            )  # fmt: skip
            old = new
        user = tables.User(id=ids.next(START), email="a@norda.example", name="Ana", created_at=START)
        session.add(user)
        await session.flush()
        approval = tables.Approval(
            id=ids.next(START), reply_id=reply.id, user_id=user.id, bound_hash="h", mac="m", mention_version=1,
            created_at=START, expires_at=START,
        )  # fmt: skip
        session.add(approval)
        await session.flush()
        session.add_all(
            [
                tables.Attempt(
                    id=ids.next(START), reply_id=reply.id, approval_id=approval.id, number=1, started_at=START,
                    outcome="sent", evidence={"detail": "posted under @marakind", "looks": [{"url": AUTHOR["url"]}]},
                ),
                tables.Alert(
                    id=ids.next(START), brand_id=house.brand_id, rule="severe_thread", subject=f"case:{case.id}",
                    raised_at=START, title="norda: severe post by marakind", body=f"They wrote: “{WORDS}”",
                ),
                tables.Alert(
                    id=ids.next(START), brand_id=house.brand_id, rule="publish_unknown", subject=f"reply:{reply.id}",
                    raised_at=START, title="norda: is our reply public?", body="HTTP 500: no answer to marakind.",
                ),
                tables.KnownFact(
                    id=ids.next(START), brand_id=house.brand_id, case_id=case.id, key="crm_name", actor="user:1",
                    value=f"Mara Kindwell, who said: {WORDS}", created_at=START,
                ),
                tables.Note(
                    id=ids.next(START), case_id=case.id, user_id=user.id, text="Called the depot.", created_at=START
                ),
                Suggestion(
                    id=ids.next(START), brand_id=house.brand_id, case_id=case.id, reply_id=reply.id,
                    outcome="offered", text=f"Hello Mara Kindwell, you wrote: {WORDS}", created_at=START,
                ),
            ]
        )  # fmt: skip
    return int(reply.id)


async def withdraw(house: House, *numbers: int) -> None:
    """Her posts are gone; the source still knows the place of the first one."""
    place = {"known": {"norda": [URI.format(1), "https://other.example/2"]}}
    await store(house, page(house, withdrawn=tuple(URI.format(number) for number in numbers), cursor=place))


async def scrubbed(house: House, now: Any = LATER) -> int:
    """Run the step that cleans up as the motor does."""
    async with house.db.read() as session:
        wanted = await due(session, now, 10)
    return sum([await scrub(house.db, row_id, now) for row_id in wanted])


async def test_a_byte_search_finds_nothing_of_a_removed_post_or_its_author(house: House) -> None:
    await quoted_everywhere(house)
    assert set(await found(house.db, TELLTALE)) == set(TELLTALE)
    await withdraw(house, 1)
    assert await scrubbed(house) == 1
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}


async def test_what_stays_is_the_record_without_the_person(house: House) -> None:
    reply_id = await quoted_everywhere(house)
    await withdraw(house, 1)
    await scrubbed(house)
    (mention,), (case,) = await rows(house, tables.MentionRow), await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    assert (mention.status, mention.external_id) == ("withdrawn", gone_name("rss", URI.format(1)))
    assert is_gone(mention.external_id)
    assert (case.status, case.thread_id, case.author_name) == ("resolved", mention.external_id, "")
    assert (reply.id, reply.status, reply.body) == (reply_id, "sent", "")
    assert reply.text == "Hello …, we are sorry. You wrote: …"
    assert (await rows(house, tables.Approval))[0].bound_hash == "h"
    (note,) = await rows(house, tables.Note)
    assert (note.text, note.flagged_at) == ("Called the depot.", START)
    steps = [(step.noun, step.new, step.why) for step in await rows(house, tables.Transition)][-2:]
    assert steps == [
        (noun, new, "the author removed the post") for noun, new in (("mention", "withdrawn"), ("case", "resolved"))
    ]
    assert [(row.needles, row.due_at) for row in await rows(house, tables.Removal)] == [({}, None)]
    assert (await rows(house, tables.SourceRow))[0].cursor == {"known": {"norda": ["https://other.example/2"]}}


async def test_a_removed_post_never_comes_back_and_answers_to_it_stay_one_thread(house: House) -> None:
    await store(house, page(house, post(), answer("early", needs_answer=False)))
    await withdraw(house, 1)
    again = page(house, post(), answer("soon"))
    await store(house, again)
    await scrubbed(house)
    stored = await store(house, page(house, post(), answer("late"), answer("later", parent_id="late")))
    mentions = {m.external_id: m for m in await rows(house, tables.MentionRow)}
    gone = gone_name("rss", URI.format(1))
    assert stored.new == 2
    assert set(mentions) == {gone, "early", "soon", "late", "later"}
    assert {m.thread_id for m in mentions.values()} == {gone}
    assert mentions["late"].parent_id == gone
    assert len({m.case_id for m in mentions.values() if m.case_id}) == 1
    assert mentions["early"].native == {"root": {"cid": "x"}, "cid": "y"}
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}


async def test_posts_of_others_are_left_alone(house: House) -> None:
    await store(house, page(house, post(), answer("ivo1"), arrival("far", "nothing to do with it", thread_id="far")))
    before = {m.external_id: m.text for m in await rows(house, tables.MentionRow)}
    await withdraw(house, 1)
    await scrubbed(house)
    after = {m.external_id: m.text for m in await rows(house, tables.MentionRow)}
    assert {name: after[name] for name in ("ivo1", "far")} == {name: before[name] for name in ("ivo1", "far")}


async def test_a_case_goes_on_with_who_is_left_in_it(house: House) -> None:
    await store(house, page(house, post(), answer("ivo1", posted_at=START + timedelta(minutes=1))))
    await withdraw(house, 1)
    (case,) = await rows(house, tables.Case)
    ivo = next(m for m in await rows(house, tables.MentionRow) if m.external_id == "ivo1")
    assert (case.status, case.author_handle, case.author_name, case.last_mention_id) == ("open", "ivo", "", ivo.id)
    live = [r for r in await rows(house, tables.Reply) if r.status == "requested"]
    assert [r.mention_id for r in live] == [ivo.id]


async def test_an_author_who_still_speaks_in_the_case_stays_its_author(house: House) -> None:
    await store(house, page(house, post(1), post(2, "And another thing", thread_id=URI.format(1))))
    await withdraw(house, 2)
    (case,) = await rows(house, tables.Case)
    assert (case.status, case.author_name) == ("open", "Mara Kindwell")


@pytest.mark.parametrize("status", ["unknown", "handed_over", "sending"])
async def test_cleaning_waits_for_a_reply_on_its_way_but_not_for_ever(house: House, status: str) -> None:
    await quoted_everywhere(house, status=status)
    await withdraw(house, 1)
    assert await scrubbed(house) == 0
    (reply,) = await rows(house, tables.Reply)
    assert "marakind" in reply.body
    assert await scrubbed(house, START + PATIENCE + timedelta(minutes=6)) == 1
    await house.db.tidy()
    left = await found(house.db, TELLTALE)
    assert left == ({} if status != "sending" else {"marakind": left.get("marakind")})


async def test_cleaning_waits_while_a_source_that_names_the_post_is_read(house: House) -> None:
    await quoted_everywhere(house)
    await withdraw(house, 1)
    async with house.db.write() as session:
        await session.exec(update(tables.SourceRow).values(claimed_until=LATER + timedelta(seconds=1)))
    assert await scrubbed(house) == 0
    assert await scrubbed(house, LATER + timedelta(minutes=6)) == 1


async def test_many_removals_of_one_channel_go_together(house: House) -> None:
    await store(house, page(house, *(post(n, f"{WORDS} for the {n}th time") for n in range(1, 231))))
    await withdraw(house, *range(1, 231))
    async with house.db.read() as session:
        assert len(await due(session, LATER, 10)) == 1
    assert await scrub_now(house.db, house.brand_id, "rss", START) == 230
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}


async def test_cleaning_twice_or_after_a_death_in_between_is_harmless(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import scrubbing

    await quoted_everywhere(house)
    await withdraw(house, 1)

    async def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(scrubbing, "_clean_places", die)
        with pytest.raises(RuntimeError):
            await scrubbed(house)
    assert (await rows(house, tables.Removal))[0].needles["name"] == URI.format(1)
    assert await scrubbed(house) == 1
    assert await scrubbed(house) == 0
    assert await scrub(house.db, 12345, LATER) == 0
    await house.db.tidy()
    assert await found(house.db, TELLTALE) == {}


async def test_where_nothing_was_removed_a_page_is_not_even_looked_at(house: House) -> None:
    given = page(house, post())
    async with house.db.write() as session:
        assert await without_removed(session, given) is given


@pytest.mark.parametrize(
    ("title", "stays"),
    [
        ("Mara Kindwell and the coach", False),
        ("What marakind told us", False),
        ("The lavender coach smelled", False),
        ("all the way  to ZADAR", False),
        ("A coach smelled of rubber", True),
        ("Coaches to Zadar", True),
    ],
)
async def test_a_typed_title_of_a_problem_and_the_note_of_a_defect_that_quote_the_post_go(
    house: House, title: str, stays: bool
) -> None:
    await store(house, page(house, post()))
    row_id, (told,) = ids.next(START), await rows(house, tables.MentionRow)
    async with house.db.write() as session:
        session.add(
            tables.Problem(
                id=row_id, brand_id=house.brand_id, root_id=row_id, title=title, first_at=START, last_at=START,
                created_at=START,
            )
        )  # fmt: skip
        await session.flush()
        session.add(tables.Told(mention_id=told.id, problem_id=row_id))
        owner = tables.User(id=ids.next(START), email="ida@desk.example", name="Ida", created_at=START)
        session.add(owner)
        await session.flush()
        session.add(
            Defect(
                id=ids.next(START), brand_id=house.brand_id, problem_id=row_id, owner_id=owner.id, note=title,
                actor="user:1", since=START,
            )
        )  # fmt: skip
    await withdraw(house, 1)
    (problem,) = await rows(house, tables.Problem)
    assert (problem.title, problem.version) == ((title, 1) if stays else ("", 2))
    (defect,) = await rows(house, Defect)
    assert (defect.note, defect.version) == ((title, 1) if stays else ("", 2))


def test_needles_are_whole_words_in_any_case() -> None:
    needles = Needles(["mara", "Über-Zug", "to"])
    assert needles.taken_out("Hello MARA, mara_k and Maras über-zug") == "Hello …, …_k and Maras …"
    assert needles.taken_out("tomorrow to") == "tomorrow …"
    assert needles.cleaned({"a": ["Mara", 1, None], "mara": {"b": "x"}}) == {"a": ["…", 1, None], "…": {"b": "x"}}
    assert Needles([]).taken_out("anything") == "anything"
    assert Needles(["İstanbul"]).found_in("in İstanbul")


def test_short_texts_are_no_needles_but_names_are() -> None:
    short = removed("1", "did:1", "@sam@host.example", "Sam O.", "", "norda")
    assert "norda" not in short.ids
    assert {"sam@host.example", "sam", "did:1"} <= set(short.ids)
    assert short.words == ("Sam",)


@pytest.mark.parametrize(
    ("handle", "name", "said", "stays"),
    [
        ("gwill", "Grace Will", "Hi Grace, we will mend it: a grace period.", "Hi …, we will mend it: a grace period."),
        ("gwill", "Grace Will", "I will look into it. Grace Will, thank you!", "I will look into it. …, thank you!"),
        ("gwill", "Grace Will", "@gwill Dear GRACE WILL, @gwill will hear.", "@… Dear …, @… will hear."),
        ("w1990", "Will", "Hello Will, we will call you, Will.", "Hello …, we will call you, …."),
        ("w1990", "Will", "Hello will,\nit will be mended.", "Hello …,\nit will be mended."),
        ("sam@host.example", "Sam May", "@sam@host.example Hi Sam! It may take a day.", "@… Hi …! It may take a day."),
        ("kim", "", "Hello Kim, we are kind.", "Hello …, we are kind."),
        ("gwill", "Grace Will", "We may grace you with it at will and so on, they say.", None),
    ],
)
def test_what_we_said_keeps_its_words_and_loses_the_names(handle: str, name: str, said: str, stays: str | None) -> None:
    author = removed("https://social.example/1", "did:1", handle, name, "", "")
    assert Names([author]).taken_out(said) == (said if stays is None else stays)


def test_native_ids_leave_places_and_references() -> None:
    value = {"root": {"uri": "at://a", "cid": "1"}, "known": ["at://a", "at://b"], "at://a": 1, "n": 3}
    assert without(value, frozenset({"at://a"})) == {"root": {"cid": "1"}, "known": ["at://b"], "n": 3}


@pytest.mark.parametrize("lost", ["_clean_replies", "_clean_samples", "_clean_places", "_rename", "_unquote", "_blank"])
async def test_no_part_of_the_cleaning_can_be_left_out(
    house: House, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """The planted fault: whatever is left out, the byte search finds it."""
    from storage import purging, scrubbing

    async def nothing(*_: object) -> None: ...

    monkeypatch.setattr(purging if hasattr(purging, lost) else scrubbing, lost, nothing)
    await quoted_everywhere(house)
    await withdraw(house, 1)
    await scrubbed(house)
    await house.db.tidy()
    assert await found(house.db, TELLTALE)


async def test_what_is_noted_about_somebody_goes_with_their_last_post(house: House) -> None:
    await store(house, page(house, post(1), post(2)))
    first, second = await rows(house, tables.Case)
    async with house.db.write() as session:
        session.add_all(
            tables.KnownFact(
                id=ids.next(START), brand_id=house.brand_id, case_id=case.id, key="crm_phone", actor="user:1",
                value="+385 91 000 0000", created_at=START,
            )
            for case in (first, second)
        )  # fmt: skip
    await withdraw(house, 1)
    assert [fact.value for fact in await rows(house, tables.KnownFact)] == ["", "+385 91 000 0000"]


async def test_a_promise_keeps_its_words_when_a_name_before_it_goes(house: House) -> None:
    reply_id = await quoted_everywhere(house)
    (reply,) = await rows(house, tables.Reply)
    start = reply.text.index("we are sorry.")
    async with house.db.write() as session:
        session.add(
            tables.Promise(
                id=ids.next(START), brand_id=house.brand_id, case_id=reply.case_id, reply_id=reply_id, start=start,
                stop=start + len("we are sorry."), made_at=START,
            )
        )  # fmt: skip
    await withdraw(house, 1)
    await scrub_now(house.db, house.brand_id, "rss", START)
    (promise,), (reply,) = await rows(house, tables.Promise), await rows(house, tables.Reply)
    assert "Mara" not in reply.text
    assert reply.text[promise.start : promise.stop] == "we are sorry."
