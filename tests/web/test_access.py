"""Every route x every role x own, foreign and absent rows. A route that is missing from the table fails the suite."""

from dataclasses import dataclass

import pytest
from sqlmodel import select

from domain.ids import ids
from domain.person import POLICY, ROLES
from storage import articles
from storage.articles import Words
from storage.tables import Alert, Contact, MentionRow, Note, Problem, Promise, Shift, SourceRow, Topic
from storage.tables_market import Unneeded
from tests.web.client import Answer, Browser
from tests.web.seed import Desk, fingerprint
from web.app import routes
from web.guards import MUTATING

PUBLIC = "public"
ANYBODY = "see"


@dataclass(frozen=True)
class Rule:
    """`action` of the policy that the route asks for; `noun` is what the number in its path names, or "brand" for a
    form that names one. `guest` marks a route that a person with a token in hand may use without signing in, `signed`
    one for machines, which knows neither people nor origins, only signatures (see test_hooks)."""

    action: str
    noun: str = ""
    guest: bool = False
    signed: bool = False


RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/sign-in"): Rule(PUBLIC),
    ("POST", "/sign-in"): Rule(PUBLIC),
    ("GET", "/sign-in/link/{token}"): Rule(PUBLIC),
    ("POST", "/sign-in/link"): Rule(PUBLIC),
    ("POST", "/sign-out"): Rule(PUBLIC),
    ("GET", "/asked/{token}"): Rule(PUBLIC),  # signed links, see test_surveys
    ("POST", "/asked/{token}"): Rule(PUBLIC),
    ("GET", "/tell/{key}"): Rule(PUBLIC),  # whoever has the link, see test_feedback
    ("POST", "/tell/{key}"): Rule(PUBLIC),
    ("GET", "/"): Rule(PUBLIC),  # leads to the queue
    ("GET", "/healthz"): Rule(PUBLIC),
    ("GET", "/metrics"): Rule(PUBLIC),  # only for this machine, see test_health
    ("GET", "/hooks/{source_id}"): Rule(PUBLIC, signed=True),
    ("POST", "/hooks/{source_id}"): Rule(PUBLIC, signed=True),
    ("GET", "/hooks"): Rule("listen"),
    ("GET", "/password"): Rule(ANYBODY),
    ("POST", "/password"): Rule(ANYBODY),
    ("POST", "/zone"): Rule(ANYBODY),
    ("GET", "/queue"): Rule(ANYBODY),
    ("GET", "/mentions"): Rule(ANYBODY),
    ("GET", "/alerts"): Rule(ANYBODY),
    ("GET", "/on-call"): Rule(ANYBODY),
    ("GET", "/topics"): Rule(ANYBODY),
    ("GET", "/sources"): Rule(ANYBODY),
    ("GET", "/accounts"): Rule(ANYBODY),
    ("GET", "/settings"): Rule(ANYBODY),
    ("GET", "/welcome"): Rule(ANYBODY),
    ("GET", "/live"): Rule(ANYBODY),
    ("GET", "/reports"): Rule("report"),
    ("GET", "/reports/figures.csv"): Rule("report"),
    ("GET", "/reports/defects.csv"): Rule("report"),
    ("GET", "/reports/figures.json"): Rule("report"),
    ("GET", "/reports/mentions.csv"): Rule("report"),
    ("GET", "/reports/team.csv"): Rule("rota"),
    ("GET", "/people"): Rule("people"),
    ("GET", "/api/openapi.json"): Rule("people"),
    ("POST", "/welcome"): Rule("people"),
    ("POST", "/queue/example-seen"): Rule(ANYBODY),
    ("GET", "/learning"): Rule("teach"),
    ("POST", "/learning/live"): Rule("teach", "brand"),
    ("POST", "/learning/switch"): Rule("teach", "brand"),
    ("POST", "/learning/reset"): Rule("teach", "brand"),
    ("POST", "/learning/restore"): Rule("teach", "brand"),
    ("POST", "/publishing/stop"): Rule("stop_publishing"),
    ("POST", "/publishing/start"): Rule("start_publishing"),
    ("GET", "/cases/{case_id}"): Rule(ANYBODY, "case"),
    ("POST", "/cases/{case_id}/snooze"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/wake"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/assign"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/escalate"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/resolve"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/reopen"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/ignore"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/unignore"): Rule("triage", "case"),
    ("POST", "/mentions/{mention_id}/correct"): Rule("triage", "mention"),
    ("POST", "/mentions/{mention_id}/take-back"): Rule("triage", "mention"),
    ("POST", "/cases/{case_id}/same-person"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/other-person"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/unsay-person"): Rule("triage", "case"),
    ("POST", "/cases/{case_id}/leave-alone"): Rule("opt_out", "case"),
    ("POST", "/cases/{case_id}/lift-opt-out"): Rule("lift_opt_out", "case"),
    ("POST", "/cases/{case_id}/note"): Rule("note", "case"),
    ("POST", "/notes/{note_id}/remove"): Rule("note", "note"),
    ("POST", "/cases/{case_id}/redraft"): Rule("redraft", "case"),
    ("POST", "/cases/{case_id}/ask-satisfaction"): Rule("redraft", "case"),
    ("POST", "/replies/{reply_id}/approve"): Rule("approve", "reply"),
    ("POST", "/replies/{reply_id}/edit"): Rule("edit", "reply"),
    ("POST", "/replies/{reply_id}/check"): Rule("edit", "reply"),
    ("POST", "/replies/{reply_id}/mend"): Rule("edit", "reply"),
    ("POST", "/replies/{reply_id}/overrule"): Rule("overrule", "reply"),
    ("POST", "/replies/{reply_id}/reject"): Rule("reject", "reply"),
    ("POST", "/replies/{reply_id}/restore"): Rule("reject", "reply"),
    ("POST", "/replies/{reply_id}/ask-change"): Rule("ask_change", "reply"),
    ("POST", "/replies/{reply_id}/unask-change"): Rule("ask_change", "reply"),
    ("POST", "/replies/{reply_id}/recall"): Rule("recall", "reply"),
    ("POST", "/replies/{reply_id}/hand-over"): Rule("hand_over", "reply"),
    ("POST", "/replies/{reply_id}/mark-sent"): Rule("hand_over", "reply"),
    ("POST", "/replies/{reply_id}/settle-sent"): Rule("settle", "reply"),
    ("POST", "/replies/{reply_id}/settle-absent"): Rule("settle", "reply"),
    ("POST", "/cases/{case_id}/know"): Rule("know", "case"),
    ("POST", "/cases/{case_id}/propose"): Rule("write_articles", "case"),
    ("POST", "/cases/{case_id}/forget"): Rule("know", "case"),
    ("POST", "/cases/{case_id}/remember"): Rule("know", "case"),
    ("GET", "/knowledge"): Rule(ANYBODY),
    ("GET", "/knowledge/{article_id}"): Rule(ANYBODY, "article"),
    ("POST", "/knowledge"): Rule("write_articles", "brand"),
    ("POST", "/knowledge/{article_id}/change"): Rule("write_articles", "article"),
    ("POST", "/knowledge/{article_id}/restore"): Rule("write_articles", "article"),
    ("POST", "/knowledge/{article_id}/status"): Rule("write_articles", "article"),
    ("GET", "/advocates"): Rule("report"),
    ("GET", "/advocates.csv"): Rule("report"),
    ("GET", "/playbooks"): Rule(ANYBODY),
    ("POST", "/playbooks"): Rule("playbooks", "brand"),
    ("POST", "/playbooks/preview"): Rule("playbooks", "brand"),
    ("GET", "/playbooks/{brand_id}"): Rule(ANYBODY, "brand"),
    ("POST", "/playbooks/{brand_id}/restore"): Rule("playbooks", "brand"),
    ("POST", "/playbooks/{brand_id}/remove"): Rule("playbooks", "brand"),
    ("GET", "/gaps"): Rule(ANYBODY),
    ("POST", "/gaps"): Rule("write_articles", "brand"),
    ("POST", "/gaps/{gap_id}/needed"): Rule("write_articles", "gap"),
    ("POST", "/gaps/{gap_id}/aside"): Rule("write_articles", "gap"),
    ("POST", "/problems/{problem_id}/defect"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/defect-status"): Rule("problems", "problem"),
    ("GET", "/problems"): Rule(ANYBODY),
    ("GET", "/problems/{problem_id}"): Rule(ANYBODY, "problem"),
    ("POST", "/problems/{problem_id}/tell"): Rule("tell", "problem"),
    ("POST", "/problems/{problem_id}/delay"): Rule("tell", "problem"),
    ("POST", "/cases/{case_id}/delay"): Rule("tell", "case"),
    ("POST", "/problems/{row_id}/storm"): Rule("storm", "problem"),
    ("POST", "/problems/{row_id}/storm-statement"): Rule("tell", "problem"),
    ("POST", "/problems/{row_id}/storm-agree"): Rule("approve", "problem"),
    ("POST", "/problems/{row_id}/storm-release"): Rule("calm", "problem"),
    ("POST", "/problems/{row_id}/storm-posted"): Rule("tell", "problem"),
    ("POST", "/problems/{row_id}/storm-end"): Rule("calm", "problem"),
    ("GET", "/brands/{brand_id}/storm"): Rule(ANYBODY, "brand"),
    ("POST", "/brands/{row_id}/storm"): Rule("calm", "brand"),
    ("POST", "/brands/{row_id}/storm-statement"): Rule("tell", "brand"),
    ("POST", "/brands/{row_id}/storm-agree"): Rule("approve", "brand"),
    ("POST", "/brands/{row_id}/storm-release"): Rule("calm", "brand"),
    ("POST", "/brands/{row_id}/storm-posted"): Rule("tell", "brand"),
    ("POST", "/brands/{row_id}/storm-end"): Rule("calm", "brand"),
    ("POST", "/cases/{case_id}/let-go"): Rule("calm", "case"),
    ("POST", "/problems/{problem_id}/withdraw"): Rule("tell", "problem"),
    ("POST", "/problems/{problem_id}/merge"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/unmerge"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/split"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/rename"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/resolve"): Rule("problems", "problem"),
    ("POST", "/problems/{problem_id}/reopen"): Rule("problems", "problem"),
    ("GET", "/duties"): Rule(ANYBODY),
    ("POST", "/promises/{promise_id}/confirm"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/postpone"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/keep"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/unkeep"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/dismiss"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/restore"): Rule("promise", "promise"),
    ("POST", "/promises/{promise_id}/give"): Rule("promise", "promise"),
    ("GET", "/alerts/{alert_id}"): Rule(ANYBODY, "alert", guest=True),
    ("POST", "/alerts/{alert_id}/acknowledge"): Rule("acknowledge", "alert", guest=True),
    ("POST", "/alerts/{alert_id}/reopen"): Rule("acknowledge", "alert"),
    ("POST", "/alerts/{alert_id}/resolve"): Rule("acknowledge", "alert"),
    ("POST", "/on-call/turns"): Rule("rota", "brand"),
    ("POST", "/on-call/fallback"): Rule("rota", "brand"),
    ("POST", "/on-call/turns/{shift_id}/remove"): Rule("rota", "shift"),
    ("POST", "/on-call/contacts"): Rule(ANYBODY),
    ("POST", "/on-call/contacts/{contact_id}/remove"): Rule(ANYBODY, "contact"),
    ("POST", "/on-call/contacts/{contact_id}/test"): Rule("test_alert", "contact"),
    ("POST", "/topics"): Rule("listen", "brand"),
    ("POST", "/topics/preview"): Rule("listen", "brand"),
    ("POST", "/topics/{topic_id}"): Rule("listen", "topic"),
    ("POST", "/topics/{topic_id}/enabled"): Rule("listen", "topic"),
    ("POST", "/sources"): Rule("listen", "brand"),
    ("POST", "/sources/{source_id}/pause"): Rule("listen", "source"),
    ("POST", "/sources/{source_id}/resume"): Rule("listen", "source"),
    ("POST", "/sources/{source_id}/keep"): Rule("listen", "source"),
    ("GET", "/erase"): Rule("erase"),
    ("POST", "/erase/count"): Rule("erase", "brand"),
    ("POST", "/erase"): Rule("erase", "brand"),
    ("POST", "/accounts"): Rule("accounts", "brand"),
    ("POST", "/accounts/{account_id}/label"): Rule("accounts", "account"),
    ("POST", "/accounts/{account_id}/remove"): Rule("accounts", "account"),
    ("POST", "/people"): Rule("people", "brand"),
    ("GET", "/brands/{brand_id}"): Rule(ANYBODY, "brand"),
    ("POST", "/brands/{brand_id}"): Rule("listen", "brand"),
    ("GET", "/brands/{brand_id}/feedback"): Rule(ANYBODY, "brand"),
    ("POST", "/brands/{brand_id}/feedback"): Rule("listen", "brand"),
    ("POST", "/people/{user_id}/role"): Rule("people", "person"),
    ("POST", "/people/{user_id}/link"): Rule("people", "person"),
    ("POST", "/people/{user_id}/disable"): Rule("people", "person"),
    ("POST", "/people/{user_id}/enable"): Rule("people", "person"),
}

FIELDS = {
    "text": "Thank you for telling us.", "version": "1", "why": "a reason", "reason": "wrong tone", "kind": "answer",
    "preset": "1h", "user_id": "", "url": "https://network.example/1", "name": "A name", "query": "norda",
    "enabled": "true", "channel": "rss", "set_url": "https://f.example/x", "email": "new@desk.test", "role": "viewer",
    "zone": "UTC", "password": "short", "token": "nothing", "days": "work", "start": "08:00", "end": "16:00",
    "target": "new@desk.test", "labelled": "true", "author": "nobody_at_all", "keep_days": "",
    "into": "7", "title": "A title", "due": "2030-01-01T10:00", "reply_id": "",
    "up_to": "1", "on": "true", "value": "1", "lang": "en", "key": "order", "number": "1", "status": "retired",
    "term": "17", "owner_id": "7",
    "finding": "jargon-1", "file": "late-trains",
}  # fmt: skip
"""Values that fit some form each; what does not fit is answered with 422, which also means "permitted"."""

ABSENT = "7"
NOT_PERMITTED, NOT_THERE, NEEDS_SIGN_IN = 403, 404, 401


async def rows_of(desk: Desk, brand: int, user: int, case: int, reply: int) -> dict[str, int]:
    """One row of every noun in this brand."""
    now = desk.clock.now()
    promised_in = reply or (await desk.reply_of(case)).id
    async with desk.db.write() as session:
        shift = Shift(id=ids.next(now), brand_id=brand, user_id=user, weekday=0, start_minute=0, end_minute=60)
        contact = Contact(id=ids.next(now), user_id=user, kind="mail", target="a@b.test", created_at=now)
        alert = Alert(id=ids.next(now), brand_id=brand, rule="matrix", subject="x", title="t", raised_at=now)
        note = Note(id=ids.next(now), case_id=case, user_id=user, text="n", flagged_at=now, created_at=now)
        problem_id = ids.next(now)
        problem = Problem(id=problem_id, brand_id=brand, root_id=problem_id, first_at=now, last_at=now, created_at=now)
        session.add_all([shift, contact, alert, note, problem])
        words = Words("Refunds", "Within five days.", "en")
        article = await articles.add(session, brand, f"refunds-{now:%f}", words, actor="user:1", now=now)
        promise = Promise(
            id=ids.next(now), brand_id=brand, case_id=case, reply_id=promised_in, start=0, stop=1, made_at=now
        )
        gap = Unneeded(id=ids.next(now), brand_id=brand, term=ids.next(now), actor="user:1", created_at=now)
        session.add_all([promise, gap])
        topic = (await session.exec(select(Topic.id).where(Topic.brand_id == brand))).first()
        source = (await session.exec(select(SourceRow).where(SourceRow.brand_id == brand))).first()
        account = (await session.exec(select(SourceRow.account_id).where(SourceRow.brand_id == brand))).all()
        mention = (await session.exec(select(MentionRow.id).where(MentionRow.case_id == case))).first()
        assert topic is not None
        assert mention is not None
        assert source is not None
        return {
            "brand": brand, "case": case, "reply": reply, "topic": topic, "source": source.id, "person": user,
            "account": next(found for found in account if found), "shift": shift.id, "contact": contact.id,
            "alert": alert.id, "note": note.id, "promise": promise.id, "problem": problem_id, "mention": mention,
            "article": article.id, "gap": gap.id,
        }  # fmt: skip


async def ask(browser: Browser, method: str, path: str, rule: Rule, row: int | str, brand: int) -> Answer:
    """One request for one row."""
    in_form = rule.noun == "brand" and "{" not in path
    target = path if in_form or "{" not in path else path.split("{")[0] + str(row) + path.split("}")[1]
    if method == "GET":
        return await browser.get(target)
    return await browser.post(target, **{**FIELDS, "brand_id": str(row if in_form else brand)})


def may(rule: Rule, role: str) -> bool:
    return rule.action == PUBLIC or role in POLICY[rule.action]


async def test_no_route_is_missing_from_the_table(desk: Desk):
    assert set(routes(desk.app)) == set(RULES)


async def test_nothing_but_the_public_pages_answers_without_a_session(desk: Desk):
    rows = await rows_of(desk, desk.brand, desk.users["viewer"], desk.cases["@tomo"], desk.foreign_reply)
    wrong = []
    for (method, path), rule in RULES.items():
        if rule.action == PUBLIC:
            continue
        answer = await ask(Browser(desk), method, path, rule, rows.get(rule.noun, 0), desk.brand)
        fine = answer.status == 303 and answer.location.startswith("/sign-in") if method == "GET" else False
        fine = fine or answer.status == NEEDS_SIGN_IN or (rule.guest and answer.status in (303, 403, 404))
        if not fine:
            wrong.append(f"{method} {path}: {answer.status} {answer.location}")
    assert not wrong


async def test_no_session_opens_a_route_for_machines(desk: Desk):
    rows = await rows_of(desk, desk.brand, desk.users["viewer"], desk.cases["@tomo"], desk.foreign_reply)
    admin, before = await Browser.signed_in(desk, "admin"), await fingerprint(desk)
    for (method, path), rule in RULES.items():
        if rule.signed:
            for target in (rows["source"], ABSENT):
                assert (await ask(admin, method, path, rule, target, desk.brand)).status == NEEDS_SIGN_IN, path
    assert await fingerprint(desk) == before


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_may_exactly_what_the_policy_says(desk: Desk, role: str):
    reply = await desk.reply_of(desk.cases["@tomo"])
    own = await rows_of(desk, desk.brand, desk.users["viewer"], desk.cases["@tomo"], reply.id)
    browser = await Browser.signed_in(desk, role)
    wrong = []
    for (method, path), rule in RULES.items():
        if rule.action == PUBLIC or path == "/live" or rule.noun == "contact":
            continue  # contacts are personal: nobody else's is ever "own"
        answer = await ask(browser, method, path, rule, own.get(rule.noun, 0), desk.brand)
        permitted = answer.status not in (NOT_PERMITTED, NOT_THERE, NEEDS_SIGN_IN) and answer.status < 500
        if permitted != may(rule, role) or (not permitted and answer.status != NOT_PERMITTED):
            wrong.append(f"{role}: {method} {path}: {answer.status}, policy says {may(rule, role)}")
    assert not wrong


@pytest.mark.parametrize("role", ["admin", "agent", "viewer"])
async def test_rows_of_other_brands_answer_exactly_like_rows_that_do_not_exist(desk: Desk, role: str):
    foreign = await rows_of(desk, desk.other_brand, desk.users["stranger"], desk.foreign_case, desk.foreign_reply)
    browser = await Browser.signed_in(desk, role)
    wrong = []
    for (method, path), rule in RULES.items():
        if not rule.noun:
            continue
        theirs = await ask(browser, method, path, rule, foreign[rule.noun], desk.brand)
        none = await ask(browser, method, path, rule, ABSENT, desk.brand)
        strip = [answer.text.replace(str(foreign[rule.noun]), "").replace(ABSENT, "") for answer in (theirs, none)]
        if theirs.status != none.status or strip[0] != strip[1] or theirs.status < 400:
            wrong.append(f"{method} {path}: foreign {theirs.status}, absent {none.status}")
    assert not wrong


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://desk.test"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {},
        {"referer": "http://desk.test/queue"},
    ],
)
async def test_forged_requests_change_nothing_on_any_route(desk: Desk, headers: dict[str, str]):
    browser = await Browser.signed_in(desk, "admin")
    for (method, path), rule in RULES.items():
        if method in MUTATING and not rule.signed:
            sent = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html", **headers}
            answer = await browser.send(method, path.replace("{", "").replace("}", ""), b"x=1", sent)
            assert answer.status == NOT_PERMITTED, path


async def test_looking_never_changes_anything(desk: Desk):
    """Every GET, also by a mail scanner that follows links: the history and the sessions stay as they were."""
    browser = await Browser.signed_in(desk, "admin")
    rows = await rows_of(desk, desk.brand, desk.users["viewer"], desk.cases["@tomo"], 0)
    before = await fingerprint(desk)
    for (method, path), rule in RULES.items():
        if method == "GET" and path not in ("/live", "/metrics"):
            await ask(browser, method, path, rule, rows.get(rule.noun, 0), desk.brand)
    assert await fingerprint(desk) == before


async def test_strange_hosts_are_refused(desk: Desk):
    browser = await Browser.signed_in(desk, "admin")
    for host in ("evil.example", "desk.test.evil.example", "", "desk.test@evil.example", "[::1"):
        browser.host = host
        assert (await browser.get("/queue")).status == 421
    browser.host = "localhost:8765"
    assert (await browser.get("/queue")).status == 200


async def test_large_bodies_are_refused(desk: Desk):
    browser = await Browser.signed_in(desk, "agent")
    assert (await browser.post("/cases/1/note", text="x" * 300_000)).status == 413
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "http://desk.test"}
    answer = await browser.send("POST", "/cases/1/note", b"text=" + b"x" * 300_000, form | {"content-length": "10"})
    assert answer.status == 413


async def test_a_redirect_never_leaves_the_desk(desk: Desk):
    browser = await Browser.signed_in(desk, "agent")
    case = desk.cases["@tomo"]
    for then in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"):
        answer = await browser.post(f"/cases/{case}/assign", user_id="", then=then)
        assert answer.status == 303
        assert answer.location == f"/cases/{case}" or answer.location == "/queue", then
