"""Holds a day against what was promised. Plain SQL and the diary; shares no rule with the product.

Each problem is one line that begins with its kind.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.crash.checker import Rows, moment
from tests.day.diary import Diary, Said

WINDOW = timedelta(hours=1)
"""Within this of a post its author has a word from us, or somebody of ours was told that they have none."""
ASKED_AT = WINDOW * 3 / 4
SLACK = timedelta(minutes=11)
"""A sweep of this simulation, and what it does."""
PRESSED = timedelta(minutes=1)
"""Whoever says yes so long before the end is in time: the undo window is 20 s."""
READY = timedelta(minutes=10)
"""So long before the end a draft must lie in front of people at the latest."""
BACK = timedelta(days=7)
ASK_AFTER = timedelta(days=2)
QUIET = timedelta(minutes=70)
"""As SLACK, while nobody waits for us."""
LIKE_IT = ("the same as this recent reply", "Somebody got this very text lately")
"""So the contract says that one like it was sent since."""
NO_MATTER = {"praise", "question", "spam", "other"}
TOLD = ("severe_thread", "sla_breached", "sla_at_risk")


class Books:
    """All rows that matter, and figures that the rules fill in."""

    def __init__(self, rows: Rows, diary: Diary, now: datetime) -> None:
        self.rows, self.diary, self.now = rows, diary, now
        self.cases = {row["id"]: row for row in rows("SELECT * FROM case_file")}
        self.replies: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows("SELECT * FROM reply ORDER BY id"):
            self.replies[row["case_id"]].append(row)
        self.mentions = {row["external_id"]: row for row in rows("SELECT * FROM mention")}
        self.said = {said.post: said for said in diary.said}
        self.lines: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        for row in rows("SELECT noun, row_id, old, new, at, why FROM transition ORDER BY id"):
            self.lines[row["noun"], row["row_id"]].append({**row, "at": moment(row["at"])})
        self.alerts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows("SELECT * FROM alert ORDER BY id"):
            self.alerts[row["subject"]].append(row)
        told = rows(
            "SELECT alert_id, min(delivered_at) AS at FROM delivery WHERE status = 'delivered' GROUP BY alert_id"
        )
        self.told = {row["alert_id"]: moment(row["at"]) for row in told}
        self.promises = list(rows("SELECT * FROM promise ORDER BY id"))
        self.figures: Counter[str] = Counter()

    def status(self, noun: str, row_id: int, at: datetime, first: str) -> str:
        """The status of a row at that moment."""
        return next((line["new"] for line in reversed(self.lines[noun, row_id]) if line["at"] <= at), first)

    def told_of(self, rule: str, subject: str, until: datetime) -> bool:
        """Whether a message of such an alert reached somebody by then."""
        return any(row["rule"] == rule and self.told.get(row["id"], self.now) <= until for row in self.alerts[subject])

    def sent(self, case_id: int) -> list[datetime]:
        """When the author of a case heard from us."""
        return [moment(reply["sent_at"]) for reply in self.replies[case_id] if reply["status"] == "sent"]


def check(rows: Rows, diary: Diary, now: datetime) -> tuple[list[str], Counter[str]]:
    """Everything that is wrong, and the figures."""
    books = Books(rows, diary, now)
    rules = (heard, words, holdings, promises, holds, follow_ups, thanks, joins, doubles)
    return [problem for rule in rules for problem in rule(books)], books.figures


# --- a word within the window ----------------------------------------------------------------------------------


def heard(books: Books) -> Iterator[str]:
    """Every post was stored, and no step failed for a reason that nobody foresaw."""
    polled = {post: said for post, said in books.said.items() if said.at <= books.now - SLACK}
    yield from (f"unheard: {post}" for post in polled if post not in books.mentions)
    yield from (
        f"parked: {row['subject']}" for rows in books.alerts.values() for row in rows if "parked" in row["rule"]
    )
    books.figures["posts"], books.figures["cases"] = len(books.said), len(books.cases)


def words(books: Books) -> Iterator[str]:
    """No post that asks waits past its window without a word, unless people had a draft and were told."""
    for post, said in books.said.items():
        case = books.cases.get((books.mentions.get(post) or {}).get("case_id") or 0)
        due = said.at + WINDOW
        if case is None or said.why == "thanks" or due > books.now:
            continue
        if any(said.at <= at <= due for at in books.sent(case["id"])):
            books.figures["words in time"] += 1
        elif not _done(books, case["id"], due):
            books.figures["words late"] += 1
            yield from _late(books, case["id"], said, due)


def _done(books: Books, case_id: int, at: datetime) -> bool:
    """Whether nothing was owed at that moment: resolved by a person, or waiting for its author."""
    return books.status("case", case_id, at, "open") in ("resolved", "waiting")


def _late(books: Books, case_id: int, said: Said, due: datetime) -> Iterator[str]:
    who = f"case {case_id}, post {said.post} of {said.at:%a %H:%M}"
    if not any(_lay_there(books, reply, said.at, due - READY) for reply in books.replies[case_id]):
        yield f"silent: {who}: no draft lay in front of anybody in time"
    for reply in books.replies[case_id]:
        at = books.diary.approved.get(reply["id"])
        if at and said.at <= at <= due - PRESSED and reply["status"] == "sent":
            yield f"silent: {who}: approved at {at:%H:%M}, and sent at {moment(reply['sent_at']):%a %H:%M}"
    if not _told(books, case_id, said.at, due + SLACK):
        yield f"silent: {who}: nobody was told that they wait"


def _lay_there(books: Books, reply: dict[str, Any], since: datetime, until: datetime) -> bool:
    drafted = [line["at"] for line in books.lines["reply", reply["id"]] if line["new"] == "drafted"]
    return any(since <= at <= until for at in drafted)


def _told(books: Books, case_id: int, since: datetime, until: datetime) -> bool:
    """By an alert of the case, or by one for many that stood at the end of its window."""
    for row in [*books.alerts[f"case:{case_id}"], *books.alerts["brand"]]:
        gone = [line["at"] for line in books.lines["alert", row["id"]] if line["new"] == "resolved"]
        if row["rule"] in TOLD and books.told.get(row["id"], books.now) <= until and not (gone and gone[-1] < since):
            return True
    return False


def holdings(books: Books) -> Iterator[str]:
    """A case without a word, and without one on its way, has a holding draft when three quarters are gone; one. Praise
    waits for nothing, and what a person typed gives way to nothing: if it is late, `words` asks who was told."""
    for case_id, case in books.cases.items():
        if case["praise"]:
            continue
        at = moment(case["posted_at"]) + ASKED_AT
        asked = [line for line in books.lines["holding", case_id] if line["new"] == "due"]
        books.figures["holding drafts"] += len(asked)
        if len(asked) > 1:
            yield f"holding: case {case_id} was asked for {len(asked)} holding drafts"
        looked = any(at <= line["at"] <= at + SLACK for line in books.lines["holding", case_id])
        if not looked and _owes_a_word(books, case_id, at) and _owes_a_word(books, case_id, at + SLACK):
            yield f"holding: case {case_id} had no word at {at:%a %H:%M}, and no holding draft"


def _owes_a_word(books: Books, case_id: int, at: datetime) -> bool:
    if books.status("case", case_id, at, "open") not in ("open", "escalated", "snoozed"):
        return False
    under_way = ("approved", "handed_over", "sending", "sent", "unknown")
    live = {reply["id"]: books.status("reply", reply["id"], at, "requested") for reply in books.replies[case_id]}
    typed = {reply_id for reply_id in live if any(line["at"] <= at for line in books.lines["reply_text", reply_id])}
    return not any(
        status in under_way or (status == "drafted" and reply_id in typed) for reply_id, status in live.items()
    )


# --- promises --------------------------------------------------------------------------------------------------


def promises(books: Books) -> Iterator[str]:
    """Whose promise it is, is told before its moment, and again when it has passed."""
    for row in books.promises:
        books.figures[f"promises {row['status']}"] += 1
        due = moment(row["due_at"]) if row["due_at"] else None
        if due is None or due > books.now - QUIET * 2:
            continue
        lines, subject = books.lines["promise", row["id"]], f"promise:{row['id']}"
        status = books.status("promise", row["id"], due, "found")
        if status in ("found", "open") and not books.told_of("promise_due", subject, due):
            yield f"promise: {row['id']}, due {due:%a %H:%M}, {status}: nobody was warned"
        broken = [line["at"] for line in lines if line["new"] == "broken"]
        if status == "open" and not (broken and broken[0] <= due + SLACK):
            yield f"promise: {row['id']} passed at {due:%a %H:%M} unseen"
        still = status == "open" and books.status("promise", row["id"], due + QUIET * 2, "found") == "broken"
        if still and not books.told_of("promise_broken", subject, due + QUIET * 2):
            yield f"promise: {row['id']} is broken since {due:%a %H:%M}, and nobody was told"


# --- the Rule of 5 ---------------------------------------------------------------------------------------------


def holds(books: Books) -> Iterator[str]:
    """Nobody is held until a word is late, and the same heat holds nobody for more than five minutes."""
    first: dict[int, datetime] = {}
    for held in books.diary.held:
        began = first.setdefault(held.reply_id, held.at)
        if held.due_at is not None and held.until >= held.due_at:
            yield f"held: reply {held.reply_id} until {held.until:%a %H:%M:%S}, due {held.due_at:%H:%M:%S}"
        if held.until > began + timedelta(minutes=10):
            yield f"held: reply {held.reply_id} from {began:%a %H:%M} until {held.until:%H:%M}"
    books.figures["holds"] = len(first)


# --- follow-ups ------------------------------------------------------------------------------------------------


def follow_ups(books: Books) -> Iterator[str]:
    """Who may be asked is asked once, two days after their case was resolved, or later where they waited for us then;
    nobody else is."""
    asked_to = books.rows("SELECT m.author_id, o.created_at FROM opt_out o JOIN mention m ON m.id = o.mention_id")
    alone = {row["author_id"]: moment(row["created_at"]) for row in asked_to}
    for case_id, case in books.cases.items():
        wanted = [r for r in books.replies[case_id] if r["kind"] == "follow_up"]
        asked = [r for r in wanted if r["status"] not in ("replaced", "stale")]
        books.figures["follow-ups"] += len(asked)
        if len(asked) > 1:
            yield f"follow-up: case {case_id} was asked {len(asked)} times"
        for reply in asked:
            at = moment(reply["created_at"])
            if why := _not_to_ask(books, case_id, case, alone, at) or _waits(books, case, at):
                yield f"follow-up: case {case_id} was asked, though {why}"
        for since, until in _rests(books, case_id):
            at = since + ASK_AFTER + QUIET
            before = [r for r in wanted if moment(r["created_at"]) <= at]  # also one that a new word made stale
            postponed = any(_waits(books, case, at - number * SLACK) for number in range(8))
            due = at < min(until, books.now) and not before and not postponed
            if due and not _not_to_ask(books, case_id, case, alone, at):
                yield f"follow-up: case {case_id}, resolved {since:%a %H:%M}, was not asked"


def _rests(books: Books, case_id: int) -> Iterator[tuple[datetime, datetime]]:
    """From when to when it was resolved, each time."""
    lines = books.lines["case", case_id]
    for number, line in enumerate(lines):
        if line["new"] == "resolved":
            yield line["at"], lines[number + 1]["at"] if number + 1 < len(lines) else books.now


def _not_to_ask(books: Books, case_id: int, case: dict[str, Any], alone: dict[str, datetime], at: datetime) -> str:
    posts = [mention for mention in books.mentions.values() if mention["case_id"] == case_id]
    posts = [mention for mention in posts if moment(mention["posted_at"]) <= at]
    wrote = [books.said[mention["external_id"]] for mention in posts]
    sent = [r for r in books.replies[case_id] if r["status"] == "sent" and r["kind"] != "follow_up"]
    sent = [r for r in sent if moment(r["sent_at"]) <= at]
    answered = max((moment(r["sent_at"]) for r in sent if r["kind"] != "holding"), default=books.now)
    last = max(wrote, key=lambda said: said.at, default=None)
    reasons = {
        "we never wrote to them": not sent,
        "they praised us": all(mention["label"] == "positive" for mention in posts),
        "they said thanks": last is not None and last.why == "thanks" and last.at >= answered,
        "they want to be left alone": alone.get(case["author_id"], books.now) <= at,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _waits(books: Books, case: dict[str, Any], at: datetime) -> str:
    """What the author of a case waits for at that moment, in any case of theirs on that channel."""
    who = case["channel"], case["author_id"]
    theirs = [each for each in books.cases.values() if (each["channel"], each["author_id"]) == who]
    for each in theirs:
        began = moment(each["opened_at"]) <= at and not each["praise"]
        if began and books.status("case", each["id"], at, "open") in ("open", "escalated", "snoozed"):
            return f"they wait for us in case {each['id']}"
    for row in books.promises:
        mine = row["case_id"] in {each["id"] for each in theirs} and moment(row["made_at"]) <= at
        if mine and books.status("promise", row["id"], at, "found") in ("found", "open", "broken"):
            return f"promise {row['id']} is owed to them"
    return ""


def thanks(books: Books) -> Iterator[str]:
    """Thanks open nothing, and whoever writes that it is not mended is heard: their case is open again."""
    for post, said in books.said.items():
        mention = books.mentions.get(post)
        if mention is None or mention["case_id"] is None or said.why not in ("thanks", "still"):
            continue
        at = moment(mention["received_at"])
        before = books.status("case", mention["case_id"], at - timedelta(microseconds=1), "open")
        after = books.status("case", mention["case_id"], at, "open")
        books.figures[said.why] += 1
        alone = not any(
            moment(other["received_at"]) == at and books.said[other["external_id"]].why != "thanks"
            for other in books.mentions.values()
            if other["case_id"] == mention["case_id"]
        )  # else what came with it opened the case
        if said.why == "thanks" and alone and before in ("waiting", "resolved") and after != before:
            yield f"thanks: post {post} opened case {mention['case_id']}, which was {before}"
        if said.why == "still" and after not in ("open", "escalated"):
            yield f"unheard: post {post} says that it is not mended, and case {mention['case_id']} is {after}"


# --- one person, one matter, one case --------------------------------------------------------------------------


def joins(books: Books) -> Iterator[str]:
    """What somebody writes elsewhere about a matter that we still owe them is part of its case; another is not. What a
    case is about is all that its author said in it, also in answer to us."""
    by_author: dict[str, list[dict[str, Any]]] = defaultdict(list)
    about: dict[tuple[str, int], set[str]] = defaultdict(set)
    for post, said in sorted(books.said.items(), key=lambda item: item[1].at):
        mention = books.mentions.get(post)
        if mention is None or mention["case_id"] is None:
            continue
        for first in by_author[said.author]:
            if said.why in ("again", "other"):
                yield from _pair(books, said, mention, first, about[said.author, first["case_id"]])
        about[said.author, mention["case_id"]] |= _themes(mention)
        if said.why in ("first", "again", "other"):
            by_author[said.author].append(mention)


def _pair(books: Books, said: Said, mention: dict[str, Any], first: dict[str, Any], about: set[str]) -> Iterator[str]:
    shared = (_themes(mention) & _themes(first)) - NO_MATTER
    stood = books.status("case", first["case_id"], moment(mention["received_at"]), "open") != "resolved"
    recent = said.at - moment(first["posted_at"]) <= BACK
    same = mention["case_id"] == first["case_id"]
    if said.why == "again":
        books.figures["second contacts"] += 1
        books.figures["joined"] += same
    if shared and stood and recent and not same:
        yield f"apart: {said.author} wrote again about {', '.join(sorted(shared))}, and has two cases"
    if same and not (_themes(mention) & about) - NO_MATTER:
        yield f"mixed: {said.author} wrote about two matters, and has one case"


def _themes(mention: dict[str, Any]) -> set[str]:
    held = mention["themes"]
    return set(json.loads(held) if isinstance(held, str) else held or ())


def doubles(books: Books) -> Iterator[str]:
    """No answer twice; the contract refuses a draft of ours only where one like it was sent since."""
    keys = Counter(r["send_key"] for rows in books.replies.values() for r in rows if r["send_key"])
    yield from (f"doubled: {key}" for key, count in keys.items() if count > 1)
    again = [said for said in books.diary.blocked if any(words in said for words in LIKE_IT)]
    books.figures["drafts written anew"] = len(again)
    yield from (f"blocked: {said}" for said in books.diary.blocked if said not in again)
