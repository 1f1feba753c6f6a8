"""Every figure once more, in plain SQL on the raw tables: written apart from the product, so that both can be wrong
only in different ways."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.reports.conftest import Sql

COUNTS = "status IN ('kept', 'received') AND NOT is_repost"
POSTS = "FROM mention WHERE brand_id = :brand AND posted_at >= {since} AND posted_at < {until}"
LIMITS = {"within_1h": 3600, "within_4h": 14_400, "within_24h": 86_400}


def _moment(stored: Any) -> datetime:
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored).replace(tzinfo=UTC)


class Recomputed:
    """Figures of one brand in one period, by name and group, as `figures()` gives them."""

    def __init__(
        self, sql: Sql, brand: int, since: datetime, until: datetime, now: datetime, channel: str = ""
    ) -> None:
        self.sql = sql
        self.given: dict[str, Any] = {"brand": brand, "since": since, "until": until, "now": now}
        self.channel = channel
        self.found: dict[tuple[str, str], float | None] = {}

    async def all(self, zone: str, days: list[date]) -> dict[tuple[str, str], float | None]:
        await self._posts(zone, days)
        await self._cases()
        await self._clocks()
        await self._first_contacts()
        await self._limits()
        await self._drafts()
        await self._promised()
        await self._satisfied()
        await self._coverage()
        return self.found

    async def _one(self, query: str, **more: Any) -> Any:
        names = {name: self.sql.moment(name) for name in ("since", "until", "now")}
        given = {k: v for k, v in (self.given | more).items() if f":{k}" in query or f"{{{k}}}" in query}
        return await self.sql.one(query.format(**names), **given)

    async def _all(self, query: str, **more: Any) -> list[Any]:
        names = {name: self.sql.moment(name) for name in ("since", "until", "now")}
        given = {k: v for k, v in (self.given | more).items() if f":{k}" in query or f"{{{k}}}" in query}
        return await self.sql.rows(query.format(**names), **given)

    @property
    def _where(self) -> str:
        return POSTS + (f" AND channel = '{self.channel}'" if self.channel else "")

    async def _posts(self, zone: str, days: list[date]) -> None:
        f, here = self.found, self._where
        f["volume", ""] = volume = await self._one(f"SELECT count(*) {here} AND {COUNTS}")
        f["raw", ""] = await self._one(f"SELECT count(*) {here}")
        f["reposts", ""] = await self._one(f"SELECT count(*) {here} AND is_repost AND status IN ('kept', 'received')")
        f["ignored", ""] = await self._one(f"SELECT count(*) {here} AND status = 'ignored'")
        f["withdrawn", ""] = await self._one(f"SELECT count(*) {here} AND status = 'withdrawn'")
        parts = {}
        for label in ("positive", "neutral", "negative", "unsure"):
            parts[label] = await self._one(f"SELECT count(*) {here} AND {COUNTS} AND label = '{label}'")
            f[f"{label}_share", "part"] = parts[label]
        told = parts["positive"] + parts["neutral"] + parts["negative"]
        for label, number in parts.items():
            whole = volume if label == "unsure" else told
            f[f"{label}_share", ""] = number * 100 / whole if whole else None
        put_right = "id IN (SELECT mention_id FROM correction WHERE kind = 'sentiment' AND status = 'standing')"
        f["corrected_share", "part"] = right = await self._one(f"SELECT count(*) {here} AND {COUNTS} AND {put_right}")
        f["corrected_share", ""] = right * 100 / volume if volume else None
        f["net_sentiment", ""] = (parts["positive"] - parts["negative"]) * 100 / told if told else None
        for day in days:
            f["by_day", str(day)] = await self._day(day, zone)
        f |= await self._hours(zone)
        for name, column in (("by_channel", "channel"), ("by_language", "coalesce(nullif(lang, ''), 'unknown')")):
            for group, number in await self._all(f"SELECT {column}, count(*) {here} AND {COUNTS} GROUP BY {column}"):
                f[name, group] = number
        for topic_id, topic in await self._all("SELECT id, name FROM topic WHERE brand_id = :brand"):
            like = f"AND CAST(topic_ids AS text) LIKE '%{topic_id}%'"
            number = await self._one(f"SELECT count(*) {here} AND {COUNTS} {like}")
            if number:
                f["by_topic", topic] = number

    async def _hours(self, zone: str) -> dict[tuple[str, str], int]:
        moments = [row[0] for row in await self._all(f"SELECT posted_at {self._where} AND {COUNTS}")]
        here = (_moment(each).astimezone(ZoneInfo(zone)) for each in moments)
        return Counter(("by_hour", f"{each:%a %H}") for each in here)

    async def _day(self, day: date, zone: str) -> int:
        start = datetime.combine(day, time(), ZoneInfo(zone))
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        number: int = await self._one(f"SELECT count(*) {self._where} AND {COUNTS}", since=start, until=end)
        return number

    @property
    def _facts(self) -> str:
        """One row per case: first word, first answer, closing, and whether it is owed an answer."""
        channel = f" AND c.channel = '{self.channel}'" if self.channel else ""
        return f"""
            WITH words AS (
              SELECT r.case_id, min(t.at) AS word, min(CASE WHEN r.kind <> 'holding' THEN t.at END) AS answer
              FROM transition t JOIN reply r ON r.id = t.row_id
              WHERE t.noun = 'reply' AND t.new = 'sent' GROUP BY r.case_id),
            ends AS (
              SELECT row_id, max(at) AS closed FROM transition
              WHERE noun = 'case' AND new = 'resolved' GROUP BY row_id),
            holds AS (
              SELECT case_id, count(*) AS held FROM mention WHERE case_id IS NOT NULL
              AND status IN ('kept', 'received') GROUP BY case_id),
            facts AS (
              SELECT c.id, c.posted_at, c.opened_at, c.answer_due_at, c.answer_limit_at, w.word, w.answer,
                CASE WHEN c.status = 'resolved' THEN e.closed END AS closed, coalesce(h.held, 0) AS held
              FROM case_file c LEFT JOIN words w ON w.case_id = c.id LEFT JOIN ends e ON e.row_id = c.id
              LEFT JOIN holds h ON h.case_id = c.id WHERE c.brand_id = :brand AND NOT c.praise{channel}),
            owed AS (SELECT * FROM facts WHERE held > 0 OR answer IS NOT NULL),
            posted AS (SELECT * FROM owed WHERE posted_at >= {{since}} AND posted_at < {{until}})"""

    async def _cases(self) -> None:
        f, facts = self.found, self._facts
        f["cases", ""] = await self._one(f"{facts} SELECT count(*) FROM posted")
        f["answered", ""] = await self._one(f"{facts} SELECT count(*) FROM posted WHERE answer IS NOT NULL")
        unanswered = "FROM posted WHERE answer IS NULL AND closed IS"
        f["waiting", ""] = await self._one(f"{facts} SELECT count(*) {unanswered} NULL")
        f["closed", ""] = await self._one(f"{facts} SELECT count(*) {unanswered} NOT NULL")
        left_out = "FROM facts WHERE held = 0 AND answer IS NULL AND posted_at >= {since} AND posted_at < {until}"
        f["irrelevant_cases", ""] = await self._one(f"{facts} SELECT count(*) {left_out}")
        took = self.sql.seconds("answer", "posted_at")
        edges = (("up to 15 min", -1e9, 900), ("15 min to 1 h", 900, 3600), ("1 to 4 h", 3600, 14400),
                 ("4 to 24 h", 14400, 86400), ("later than 24 h", 86400, 1e12))  # fmt: skip
        for name, low, high in edges:
            between = f"answer IS NOT NULL AND {took} > {low} AND {took} <= {high}"
            f["answered", name] = await self._one(f"{facts} SELECT count(*) FROM posted WHERE {between}")

    async def _first_contacts(self) -> None:
        seconds, zero = self.sql.seconds, "'1970-01-01 00:00:00+00'" if not self.sql.is_sqlite else "'1970-01-01'"
        who = f"SELECT id, channel, author_id, {seconds('posted_at', zero)} FROM case_file WHERE brand_id = :brand"
        cases = {row[0]: row for row in await self._all(who)}
        about: dict[int, set[str]] = {}
        for case_id, themes in await self._all("SELECT case_id, themes FROM mention WHERE brand_id = :brand"):
            told = json.loads(themes) if isinstance(themes, str) else themes
            about.setdefault(case_id, set()).update(set(told) - {"praise", "question", "spam", "other"})
        steps = f"""SELECT row_id, new, {seconds("at", zero)} FROM transition WHERE noun = 'case'
            AND (new = 'escalated'
                OR (old IN ('waiting', 'resolved') AND new = 'open' AND actor = 'system:listener'))"""
        moved = await self._all(steps)
        ends = dict.fromkeys(("met", "missed", "running", "unknown"), 0)
        answered = f"{self._facts} SELECT id, {seconds('answer', zero)}, {seconds('{now}', zero)} FROM posted"
        for case_id, answer, now in await self._all(f"{answered} WHERE answer IS NOT NULL"):
            _, channel, author, _ = cases[case_id]
            end = answer + 7 * 86_400
            later = [c for c in cases.values() if author and c[1:3] == (channel, author) and answer < c[3] <= end]
            if any(row == case_id and at <= end and (new == "escalated" or at > answer) for row, new, at in moved):
                ends["missed"] += 1
            elif not author:
                ends["unknown"] += 1
            elif any(about[case_id] & about[c[0]] for c in later):
                ends["missed"] += 1
            elif now < end:
                ends["running"] += 1
            else:
                ends["unknown" if any(not (about[case_id] and about[c[0]]) for c in later) else "met"] += 1
        self.found |= {("fcr", name): number for name, number in ends.items()}
        n = ends["met"] + ends["missed"]
        self.found["fcr", ""] = ends["met"] * 100 / n if n else None

    async def _clocks(self) -> None:
        clocks = (("first_word", "word", "posted_at"), ("first_answer", "answer", "posted_at"),
                  ("team_answer", "answer", "opened_at"))  # fmt: skip
        for name, end, start in clocks:
            query = f"""{self._facts} SELECT {self.sql.seconds(f"coalesce({end}, {{now}})", start)} AS took
                FROM posted WHERE {end} IS NOT NULL OR closed IS NULL ORDER BY took"""
            took = [max(0.0, row[0]) for row in await self._all(query)]
            for percent in (50, 75, 90, 95):
                rank = max(1, math.ceil(len(took) * percent / 100))
                self.found[name, f"p{percent}"] = took[rank - 1] if took else None

    async def _limits(self) -> None:
        for name, seconds in LIMITS.items():
            limit, took = f"{seconds}", self.sql.seconds("answer", "posted_at")
            closed, age = self.sql.seconds("closed", "posted_at"), self.sql.seconds("{now}", "posted_at")
            await self._limit(name, "posted", f"{took} <= {limit}", f"{closed} <= {limit}", f"{age} >= {limit}")
        for name, column in (("sla_target", "answer_due_at"), ("sla_limit", "answer_limit_at")):
            due = f"(SELECT * FROM owed WHERE {column} >= {{since}} AND {column} < {{until}}) d"
            await self._limit(name, due, f"answer <= {column}", f"closed <= {column}", f"{column} <= {{now}}")

    async def _limit(self, name: str, source: str, in_time: str, closed_in_time: str, over: str) -> None:
        met = f"answer IS NOT NULL AND {in_time}"
        closed = f"answer IS NULL AND closed IS NOT NULL AND {closed_in_time}"
        kinds = {
            "met": met,
            "closed": closed,
            "missed": f"NOT ({met}) AND NOT ({closed}) AND {over}",
            "running": f"NOT ({met}) AND NOT ({closed}) AND NOT ({over})",
        }
        for kind, condition in kinds.items():
            self.found[name, kind] = await self._one(f"{self._facts} SELECT count(*) FROM {source} WHERE {condition}")
        good, bad = self.found[name, "met"] or 0, self.found[name, "missed"] or 0
        self.found[name, ""] = good * 100 / (good + bad) if good + bad else None

    async def _drafts(self) -> None:
        channel = f" AND r.channel = '{self.channel}'" if self.channel else ""
        steps = f"""FROM reply r JOIN transition t ON t.row_id = r.id AND t.noun = 'reply'
            WHERE t.brand_id = :brand AND t.at >= {{since}} AND t.at < {{until}}{channel}"""
        sent = f"{steps} AND t.new = 'sent'"
        f = self.found
        f["sent_cases", ""] = total = await self._one(f"SELECT count(DISTINCT r.case_id) {sent}")
        edited = f"SELECT count(DISTINCT r.case_id) {sent} AND r.text <> r.first_text"
        f["unedited_share", "part"] = same = total - await self._one(edited)
        f["unedited_share", ""] = same * 100 / total if total else None
        rejected = f"{steps} AND t.new = 'rejected' AND r.status = 'rejected'"
        for reason, number in await self._all(f"SELECT t.why, count(DISTINCT r.case_id) {rejected} GROUP BY t.why"):
            f["rejected", reason] = number
        overruled = steps.replace("noun = 'reply'", "noun = 'reply_check'") + " AND t.new = 'overruled'"
        for rule in ("canned", "bad_link"):
            number = await self._one(f"SELECT count(DISTINCT r.case_id) {overruled} AND t.why LIKE '{rule}:%'")
            f |= {("overruled", rule): number} if number else {}

    async def _promised(self) -> None:
        channel = f" AND c.channel = '{self.channel}'" if self.channel else ""
        due = f"""FROM promise p JOIN case_file c ON c.id = p.case_id WHERE p.brand_id = :brand
            AND p.due_at >= {{since}} AND p.due_at < {{until}}{channel}"""
        late = """(p.id IN (SELECT row_id FROM transition WHERE noun = 'promise' AND new = 'broken')
            AND NOT EXISTS (SELECT 1 FROM reply r WHERE r.id = p.kept_by AND r.sent_at <= p.due_at))"""
        kept = await self._one(f"SELECT count(*) {due} AND p.status = 'kept' AND NOT {late}")
        broken = await self._one(f"SELECT count(*) {due} AND p.status IN ('kept', 'broken', 'open') AND {late}")
        self.found["promises_kept", "part"] = kept
        self.found["promises_kept", ""] = kept * 100 / (kept + broken) if kept + broken else None

    async def _satisfied(self) -> None:
        channel = f" AND c.channel = '{self.channel}'" if self.channel else ""
        rows = "FROM survey s JOIN case_file c ON c.id = s.case_id WHERE s.brand_id = :brand" + channel
        asked = f"{rows} AND s.created_at >= {{since}} AND s.created_at < {{until}}"
        all_asked = await self._one(f"SELECT count(*) {asked}")
        self.found["survey_answers", "part"] = part = await self._one(f"SELECT count(s.value) {asked}")
        self.found["survey_answers", ""] = part * 100 / all_asked if all_asked else None
        given = f"{rows} AND s.answered_at >= {{since}} AND s.answered_at < {{until}}"
        for kind, up, down in (("csat", 4, -1), ("nps", 9, 6), ("ces", 5, -1)):
            of = f"SELECT count(*), avg(s.value * 1.0) {given} AND s.kind = '{kind}'"
            ((n, mean),) = await self._all(of)
            good = await self._one(f"SELECT count(*) {given} AND s.kind = '{kind}' AND s.value >= {up}")
            bad = await self._one(f"SELECT count(*) {given} AND s.kind = '{kind}' AND s.value <= {down}")
            self._score(kind, n, good, bad)
            if kind == "ces":
                self.found["ces_mean", ""] = float(mean) if n >= 10 else None

    def _score(self, kind: str, n: int, good: int, bad: int) -> None:
        if n < 10:
            self.found |= {(kind, group): None for group in ("", "part", "from", "to")}
            return
        value, z = (good - bad) / n, 1.96
        if kind == "nps":
            spread = z * math.sqrt(
                (good * (1 - value) ** 2 + bad * (1 + value) ** 2 + (n - good - bad) * value**2) / n / n
            )
            low, high = max(-1.0, value - spread), min(1.0, value + spread)
        else:  # the two shares from which this one lies z standard errors away
            a, b, c = 1 + z * z / n, 2 * value + z * z / n, value * value
            low, high = ((b + sign * math.sqrt(b * b - 4 * a * c)) / (2 * a) for sign in (-1, 1))
        self.found |= {(kind, ""): 100 * value, (kind, "part"): good}
        self.found |= {(kind, "from"): 100 * low, (kind, "to"): 100 * high}

    async def _coverage(self) -> None:
        """Of a timeline without holes up to a poll that is not overdue."""
        end = self.sql.lower("{until}", "{now}")
        channel = f" AND s.channel = '{self.channel}'" if self.channel else ""
        part = self.sql.seconds(
            self.sql.lower("c.ended_at", end), self.sql.higher("c.started_at", "{since}")
        )  # fmt: skip
        query = f"""SELECT s.name, c.state, sum({part}), count(*) FROM source s JOIN coverage c ON c.source_id = s.id
            WHERE s.brand_id = :brand AND c.ended_at > {{since}} AND c.started_at < {end}{channel}
            GROUP BY s.name, c.state"""
        minutes: dict[str, dict[str, float]] = {}
        for name, state, seconds, number in await self._all(query):
            minutes.setdefault(name, {})[state] = seconds / 60
            if state == "gap":
                self.found["gaps", name] = number
        all_seen = all_due = 0.0
        for name, states in minutes.items():
            seen = states.get("seen", 0) + states.get("late", 0)
            due = seen + states.get("gap", 0)
            self.found["coverage", name] = 100 * seen / due if due else None
            self.found["late_minutes", name] = states.get("late", 0.0)
            self.found["paused_minutes", name] = states.get("paused", 0.0)
            all_seen, all_due = all_seen + seen, all_due + due
        self.found["coverage", ""] = 100 * all_seen / all_due if all_due else None
