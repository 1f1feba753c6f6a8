"""What people see and do, through the real app over a real database."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from domain.account import Account
from domain.clock import SetClock
from domain.errors import SignInFailed
from storage import desk as queries
from storage.desk import QueueFilter
from storage.replies import change
from storage.tables import MentionRow, Reply, SourceRow
from tests.web.client import Browser, outline
from tests.web.seed import Desk, approve, hear, without_risk
from web.app import create_app
from web.live import HEARTBEAT_S

PAGES = (
    "/queue", "/mentions", "/topics", "/sources", "/hooks", "/accounts", "/people", "/settings", "/welcome",
    "/password",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_opens_for_an_admin_and_carries_the_safe_headers(admin: Browser, path: str):
    answer = await admin.get(path)
    assert answer.status == 200
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "<style" not in answer.text
    assert "onclick" not in answer.text


@pytest.mark.parametrize("path", ["/queue", "/mentions", "/topics", "/sources", "/hooks", "/accounts", "/settings"])
async def test_an_empty_desk_says_the_next_step(empty_desk: Desk, path: str):
    browser = await Browser.signed_in(empty_desk, "admin")
    assert (await browser.get(path)).status == 200


async def test_the_queue_is_in_the_explained_order_and_explains_it(agent: Browser):
    answer = await agent.get_json("/queue")
    rows = answer.json["cases"]
    assert [row["priority"] for row in rows] == sorted((row["priority"] for row in rows), reverse=True)
    assert all(row["why"] for row in rows[:3])
    page = await agent.get("/queue")
    assert "Highest priority first" in page.text
    assert rows[0]["author"].lstrip("@") in page.text or rows[0]["text"][:20] in page.text


async def test_chips_narrow_the_queue_and_the_address_holds_them(agent: Browser):
    everything = (await agent.get_json("/queue")).json["cases"]
    some = (await agent.get_json("/queue?channel=sandbox")).json["cases"]
    assert {row["channel"] for row in some} == {"sandbox"}
    assert len(some) < len(everything)
    assert (await agent.get_json("/queue?q=interview+seat")).json["cases"] == []
    found = (await agent.get_json("/queue?q=lefagy")).json["cases"]
    assert [row["author"] for row in found] == ["eszter_h"]
    assert (await agent.get("/queue?q=%25")).status == 200


@pytest.mark.parametrize("path", ["/queue", "/mentions"])
async def test_a_chosen_filter_stays_in_sight_and_one_press_takes_it_away(agent: Browser, path: str):
    page = await agent.get(f"{path}?lang=en&channel=mastodon")
    before_more, _, _ = page.text.partition("More filters")
    for rest, name in (("lang=en", "Mastodon"), ("channel=mastodon", "English")):
        assert re.search(rf'href="{path}\?{rest}" aria-current="true">{name}</a>', before_more), name
    assert '<details class="more-filters">' in page.text
    plain, _, _ = (await agent.get(path)).text.partition("More filters")
    assert ">English</a>" not in plain


async def test_every_filter_works_alone(agent: Browser):
    for query in ("label=negative", "lang=hu", "due=late", "due=1h", "draft=drafted", "draft=none", "mine=1",
                  "status=snoozed", "status=resolved", "status=all", "brand=999", "after=x"):  # fmt: skip
        answer = await agent.get(f"/queue?{query}")
        assert answer.status == (422 if query == "after=x" else 200), query


async def test_whoever_finds_no_draft_yet_sees_what_is_being_drafted(agent: Browser, desk: Desk):
    drafted = [row["id"] for row in (await agent.get_json("/queue?draft=drafted")).json["cases"]]
    async with desk.db.write() as session:
        asked = update(Reply).where(col(Reply.status) == "drafted")
        await session.exec(asked.values(status="requested", due_at=desk.clock.now()))
    empty = await agent.get("/queue?draft=drafted")
    assert "No draft here waits for a yes" in empty.text
    assert "/queue?draft=requested" in empty.text
    being = [row["id"] for row in (await agent.get_json("/queue?draft=requested")).json["cases"]]
    assert drafted
    assert set(drafted) <= set(being)


async def test_mentions_can_be_narrowed_to_every_language_that_is_read(agent: Browser):
    page = await agent.get("/mentions")
    for name in ("Croatian", "Indonesian", "German", "Spanish", "French", "Italian", "Portuguese",
                 "Dutch", "Polish", "Swedish", "Thai", "Turkish", "Vietnamese", "Korean"):  # fmt: skip
        assert f">{name}</a>" in page.text, name


async def test_pages_of_the_queue_neither_repeat_nor_lose_a_case(agent: Browser, desk: Desk):
    seen: list[int] = []
    after = ""
    for _ in range(20):
        async with desk.db.read() as session:
            page = await queries.queue(session, [desk.brand], QueueFilter(), desk.clock.now(), after=after, limit=2)
        seen += [row.case.id for row in page.rows]
        after = page.after
        if not after:
            break
    async with desk.db.read() as session:
        whole = await queries.queue(session, [desk.brand], QueueFilter(), desk.clock.now())
    assert seen == [row.case.id for row in whole.rows]


async def test_a_case_shows_thread_reasons_draft_and_story(agent: Browser, desk: Desk):
    page = await agent.get(f"/cases/{desk.cases['@marak']}")
    assert page.status == 200
    for words in ("I missed my interview", "Still nothing", "Why it matters", "Approve", "opened the case"):
        assert words in page.text, words


async def test_our_answer_stands_where_it_was_said(agent: Browser, desk: Desk):
    case = desk.cases["@marak"]
    reply = await desk.reply_of(case)
    async with desk.db.write() as session:
        theirs = select(MentionRow).where(MentionRow.case_id == case).order_by(col(MentionRow.posted_at))
        posts = list(await session.exec(theirs))
        between = posts[0].posted_at + (posts[1].posted_at - posts[0].posted_at) / 2
        await change(session, Reply, reply.id, status="sent", sent_at=between, text="We are looking for the bus.")
    text = (await agent.get(f"/cases/{case}")).text
    thread = text[text.index('<ol class="thread">') : text.index("</ol>", text.index('<ol class="thread">'))]
    places = [thread.index(words) for words in (f'id="m{posts[0].id}"', "looking for the bus", f'id="m{posts[1].id}"')]
    assert places == sorted(places)


async def test_approving_leads_on_and_can_be_taken_back(agent: Browser, desk: Desk):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    answer = await agent.post(f"/replies/{reply.id}/approve", text=reply.text, version=reply.version)
    page = await agent.follow(answer)
    assert "Approved" in page.text
    assert (await desk.reply_of(case)).status == "approved"
    assert f"/replies/{reply.id}/recall" in page.text
    await agent.follow(await agent.post(f"/replies/{reply.id}/recall"))
    assert (await desk.reply_of(case)).status == "drafted"


async def test_approve_and_next_goes_to_the_next_case_with_a_way_back(agent: Browser, desk: Desk):
    await without_risk(desk)
    first, second = [row["id"] for row in (await agent.get_json("/queue?draft=drafted")).json["cases"]][:2]
    await agent.get("/queue?draft=drafted")
    page = await agent.get(f"/cases/{first}")
    assert f'value="/cases/{second}"' in page.text
    reply = await desk.reply_of(int(first))
    answer = await agent.post(
        f"/replies/{reply.id}/approve", text=reply.text, version=reply.version, then_next=f"/cases/{second}"
    )
    after = await agent.follow(answer)
    assert "Undo" in after.text
    assert f"/replies/{reply.id}/recall" in after.text


async def test_a_refused_approval_keeps_what_was_typed_and_says_why(agent: Browser, desk: Desk):
    reply = await desk.reply_of(desk.cases["@ilze"])
    answer = await agent.post(f"/replies/{reply.id}/approve", text="Dear {name}, thank you", version=reply.version)
    assert answer.status == 422
    assert "Dear {name}, thank you" in answer.text
    assert (await desk.reply_of(desk.cases["@ilze"])).status == "drafted"


async def test_a_page_gone_stale_is_refused_and_shows_both_texts(agent: Browser, desk: Desk):
    reply = await desk.reply_of(desk.cases["@ilze"])
    await agent.post(f"/replies/{reply.id}/edit", text="The newer words of a colleague.", version=reply.version)
    answer = await agent.post(f"/replies/{reply.id}/approve", text="My older words.", version=reply.version)
    assert answer.status == 409
    assert "My older words." in answer.text
    assert "The newer words of a colleague." in answer.text


async def test_reject_with_a_reason_and_restore(agent: Browser, desk: Desk):
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    page = await agent.follow(
        await agent.post(f"/replies/{reply.id}/reject", reason="wrong tone", version=reply.version)
    )
    assert "Rejected: wrong tone" in page.text
    await agent.post(f"/replies/{reply.id}/restore")
    assert (await desk.reply_of(case)).status == "drafted"


async def test_manual_hand_off_from_copy_to_sent(agent: Browser, desk: Desk):
    case = desk.cases["forum"]
    page = await agent.get(f"/cases/{case}")
    reply = await desk.reply_of(case)
    assert reply.status == "handed_over"
    assert "Post this by hand" in page.text
    answer = await agent.post(f"/replies/{reply.id}/mark-sent", url="https://forum.example/a/1", resolve="true")
    assert answer.status == 303
    assert (await desk.reply_of(case)).status == "sent"
    assert (await desk.case(case)).status == "resolved"


async def test_an_unknown_outcome_shows_evidence_and_two_ways_out_to_those_who_may(desk: Desk):
    case = desk.cases["jun_r"]
    agent, manager = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "manager")
    seen = await agent.get(f"/cases/{case}")
    assert "the connection was reset" in seen.text
    assert "settle-sent" not in seen.text
    assert "settle-sent" in (await manager.get(f"/cases/{case}")).text
    reply = await desk.reply_of(case)
    done = await manager.post(f"/replies/{reply.id}/settle-sent", url="https://sandbox.example/9")
    assert done.status == 303
    assert (await desk.reply_of(case)).status == "sent"


async def test_the_actions_on_a_case_and_their_undo(agent: Browser, desk: Desk):
    case = desk.cases["@tomo"]
    steps: tuple[tuple[str, dict[str, str], str, str], ...] = (
        ("snooze", {"preset": "1h"}, "snoozed", "wake"),
        ("escalate", {"why": "refund above my limit"}, "escalated", "reopen"),
        ("resolve", {}, "resolved", "reopen"),
        ("ignore", {}, "resolved", "unignore"),
    )
    for action, values, status, undo in steps:
        page = await agent.follow(await agent.post(f"/cases/{case}/{action}", **values))
        assert (await desk.case(case)).status == status, action
        assert f"/cases/{case}/{undo}" in page.text, action
        assert (await agent.post(f"/cases/{case}/{undo}")).status == 303
        assert (await desk.case(case)).status == "open", undo


async def test_snooze_in_ones_own_zone_and_back_by_undo(agent: Browser, desk: Desk):
    case = desk.cases["@tomo"]
    await agent.post("/zone", zone="Europe/Zagreb")
    await agent.post(f"/cases/{case}/snooze", until="2026-03-02T15:00")
    row = await desk.case(case)
    assert row.snoozed_until is not None
    assert row.snoozed_until.hour == 14
    page = await agent.follow(await agent.post(f"/cases/{case}/wake"))
    assert 'name="until"' in page.text


async def test_claim_assign_note_and_a_holding_reply(agent: Browser, desk: Desk):
    case = desk.cases["@tomo"]
    await agent.post(f"/cases/{case}/assign", user_id=desk.users["agent"])
    assert (await desk.case(case)).assignee_id == desk.users["agent"]
    assert "@tomo" in str((await agent.get_json("/queue?mine=1")).json)
    await agent.post(f"/cases/{case}/assign", user_id="")
    assert (await desk.case(case)).assignee_id is None
    page = await agent.follow(await agent.post(f"/cases/{case}/note", text="Called billing <b>twice</b>"))
    assert "Called billing &lt;b&gt;twice&lt;/b&gt;" in page.text
    await agent.post(f"/cases/{case}/redraft", kind="holding")
    await desk.jobs.run_once()
    assert (await desk.reply_of(case)).kind == "holding"


async def test_another_draft_keeps_the_former_one_and_use_this_swaps_them(agent: Browser, desk: Desk):
    case = desk.cases["@ilze"]
    first = await desk.reply_of(case)
    seen = {"reply_id": first.id, "version": first.version, "text": "As I would say it, Ilze."}
    page = await agent.follow(await agent.post(f"/cases/{case}/redraft", **seen))
    assert f'action="/replies/{first.id}/restore"' in page.text, "undo, while the next one is written"
    await desk.jobs.run_once()
    second = await desk.reply_of(case)
    page = await agent.get(f"/cases/{case}")
    assert f'formaction="/replies/{first.id}/restore"' in page.text
    assert "As I would say it, Ilze." in page.text
    typed = {"reply_id": second.id, "version": second.version, "text": "Or like this."}
    page = await agent.follow(await agent.post(f"/replies/{first.id}/restore", **typed))
    assert "As I would say it, Ilze.</textarea>" in page.text
    found = (await agent.get_json(f"/cases/{case}")).json
    assert found["former_drafts"] == [{"id": str(second.id), "kind": "answer", "text": "Or like this."}]


async def test_what_was_typed_is_shown_again_where_another_draft_is_refused(agent: Browser, desk: Desk):
    case = desk.cases["@ilze"]
    first = await desk.reply_of(case)
    answer = await agent.post(f"/cases/{case}/redraft", reply_id=first.id, version=first.version + 7, text="Mine.")
    assert answer.status == 409
    assert "Mine.</textarea>" in answer.text
    assert (await desk.reply_of(case)).id == first.id


async def test_live_checks_tell_what_would_stop_and_what_deceives(agent: Browser, desk: Desk):
    reply = await desk.reply_of(desk.cases["@ilze"])
    answer = await agent.post_json(f"/replies/{reply.id}/check", {"text": "Hello {name} \u202eevil p\u0430ypal"})
    found = answer.json
    assert any(finding["blocking"] for finding in found["findings"])
    assert "U+202E" in str(found["odd"])
    assert "U+0430" in str(found["odd"])
    assert found["limit"] == 500


async def test_topics_preview_matches_stored_mentions_and_bad_queries_say_what_is_wrong(admin: Browser, desk: Desk):
    page = await admin.get("/topics?name=x&query=refund&brand_id=" + str(desk.brand))
    assert "of the newest" in page.text
    assert "Sobrang tagal" in page.text
    wrong = await admin.post("/topics", brand_id=desk.brand, name="x", query='"open quote')
    assert wrong.status == 422
    assert "quote" in wrong.text
    assert (await admin.post("/topics", brand_id=desk.brand, name="Night trains", query="nightjet")).status == 303
    assert "nightjet" in (await admin.get("/topics")).text


async def test_a_source_that_waits_says_why_and_until_when(admin: Browser, desk: Desk):
    async with desk.db.write() as session:
        source = (await session.exec(select(SourceRow).where(SourceRow.channel == "hackernews"))).first()
        assert source is not None
        source.error, source.next_poll_at = "The quota of today is used up", desk.clock.now() + timedelta(hours=3)
        session.add(source)
    shown = (await admin.get("/sources")).text
    assert "The quota of today is used up. Asks again" in shown
    assert "in 3 h" in shown


async def test_sources_are_added_checked_paused_and_resumed(admin: Browser, desk: Desk):
    form = await admin.get("/sources?add=rss")
    assert 'name="set_url"' in form.text
    bad = await admin.post("/sources", brand_id=desk.brand, channel="rss", name="n", set_url="not an address")
    assert bad.status == 422
    assert "url" in bad.text
    good = {"brand_id": desk.brand, "channel": "rss", "name": "News", "set_url": "https://news.example/feed"}
    assert (await admin.post("/sources", **good)).status == 303
    assert (await admin.post("/sources", **good)).status == 422
    page = await admin.get("/sources")
    assert "answered 503" in page.text
    source = next(link for link in outline(page.text).links if link.endswith("/pause"))
    assert (await admin.post(source)).status == 303
    assert (await admin.post(source.replace("pause", "resume"))).status == 303


async def test_accounts_are_tried_before_they_are_stored(desk: Desk):
    async def try_account(channel: str, fields: Mapping[str, str]) -> Account:
        if fields["secret_token"] != "good":
            raise SignInFailed("the token is not valid")
        return Account(0, channel, "@norda", "7", fields["base_url"], {"secret_token": "good"})

    desk.parts = replace(desk.parts, try_account=try_account, seal_secrets=lambda row_id, secrets: f"sealed:{row_id}")
    desk.app = create_app(desk.parts)
    admin = await Browser.signed_in(desk, "admin")
    values = {
        "brand_id": desk.brand,
        "channel": "mastodon",
        "set_base_url": "https://m.example",
        "set_secret_token": "bad",
    }
    wrong = await admin.post("/accounts", **values)
    assert wrong.status == 422
    assert "the token is not valid" in wrong.text
    assert (await admin.post("/accounts", **{**values, "set_secret_token": "good"})).status == 303
    page = await admin.get("/accounts")
    assert "https://m.example" in page.text
    assert "good" not in [word for word in outline(page.text).text if word == "good"]


async def test_anybody_who_answers_stops_publishing_and_only_an_admin_starts_it(desk: Desk):
    agent, admin = await Browser.signed_in(desk, "agent"), await Browser.signed_in(desk, "admin")
    assert (await agent.post("/publishing/start")).status == 403
    assert (await admin.post("/publishing/start")).status == 303
    assert "Stop publishing" in (await agent.get("/queue")).text
    await agent.post("/publishing/stop", why="wrong <i>texts</i>")
    page = await admin.get("/queue")
    assert "wrong &lt;i&gt;texts&lt;/i&gt;" in page.text


async def test_watching_a_brand_needs_only_a_name(admin: Browser):
    page = await admin.follow(await admin.post("/welcome", name="Brightwell Tea", words="brightwell\nbright well"))
    assert "Listening for Brightwell Tea" in page.text
    assert "Brightwell Tea" in (await admin.get("/topics")).text
    assert (await admin.post("/welcome", name="  ")).status == 422


@pytest.mark.parametrize(
    ("goal", "path", "words"), [("answer", "/accounts", "connect an account"), ("alarm", "/on-call", "who is on call")]
)
async def test_what_it_is_wanted_for_leads_to_the_page_that_serves_it(admin: Browser, goal: str, path: str, words: str):
    answer = await admin.post("/welcome", name="Brightwell Tea", goal=goal)
    assert answer.location == path
    assert words in (await admin.follow(answer)).text
    assert (await admin.post("/welcome", name="Brightwell Tea", goal="money")).status == 422


async def test_mentions_show_also_what_needs_no_answer_and_filter_by_day(agent: Browser):
    rows = (await agent.get_json("/mentions")).json["mentions"]
    assert any("open data" in row["text"] for row in rows)
    assert (await agent.get_json("/mentions?since=2026-03-03")).json["mentions"] == []
    assert len((await agent.get_json("/mentions?since=2026-03-02&until=2026-03-02")).json["mentions"]) == len(rows)
    assert (await agent.get("/mentions?after=nonsense")).status == 422
    assert (await agent.get("/mentions?status=ignored&label=unsure&lang=hr&author=%40tomo&q=x")).status == 200


async def test_errors_are_pages_for_people_and_problems_for_programs(agent: Browser):
    page = await agent.get("/cases/1")
    assert page.status == 404
    assert "Go to the queue" in page.text
    problem = await agent.get_json("/cases/1")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json["status"] == 404
    assert (await agent.get("/nowhere")).status == 404
    assert (await agent.get("/cases/abc")).status == 404


async def test_the_api_is_described_for_admins_only(admin: Browser, agent: Browser):
    described = (await admin.get_json("/api/openapi.json")).json
    assert "409" in described["paths"]["/replies/{reply_id}/approve"]["post"]["responses"]
    assert (await agent.get_json("/api/openapi.json")).status == 403


async def test_a_new_word_of_the_author_is_a_hint_to_open_pages(desk: Desk):
    assert isinstance(desk.clock, SetClock)
    desk.clock.move(60)
    await desk.parts.live.look(desk.clock.now())  # ids of a furnished desk may lie ahead of its clock: told to nobody
    hints = []
    listening = desk.parts.live.listen([desk.brand])

    async def first() -> None:
        async for hint in listening:
            hints.append(hint)
            if len(hints) >= 2:
                return

    task = asyncio.create_task(first())
    await asyncio.sleep(0.05)
    desk.clock.move(5)
    before = desk.clock.now() - timedelta(seconds=2)
    await hear(desk, desk.brand, (("mastodon", "Pia", "@pia", 1, "Norda lost my bag, help please"),))
    await hear(desk, desk.other_brand, (("sandbox", "Quill", "quill", 1, "Velotti lost my bag, help please"),))
    await desk.parts.live.look(before)
    await asyncio.wait_for(task, 30)
    assert {hint.noun for hint in hints if hint} == {"case", "mention"}
    assert {hint.brand_id for hint in hints if hint} == {desk.brand}


async def test_streams_end_at_shutdown(desk: Desk):
    seen = []

    async def read() -> None:
        async for hint in desk.parts.live.listen([desk.brand]):
            seen.append(hint)

    task = asyncio.create_task(read())
    await asyncio.sleep(0.02)
    desk.parts.live.close()
    await asyncio.wait_for(task, HEARTBEAT_S / 2)  # closing wakes it, no heartbeat


async def test_approved_waits_visibly(agent: Browser, desk: Desk):
    await approve(desk, "@ilze")
    page = await agent.get(f"/cases/{desk.cases['@ilze']}")
    assert "Approved, leaves soon" in page.text
    assert "Take it back" in page.text
