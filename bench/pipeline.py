"""Posts per CPU-second from raw JSON to a stored, scored, prioritised row, and what each stage costs.

    python bench/pipeline.py                         texts made here, SQLite
    python bench/pipeline.py --texts FILE.jsonl      one JSON object with a "text" per line
    python bench/pipeline.py --postgres URL          the same on PostgreSQL (client CPU; the server's is printed beside)

Each round runs, interleaved: the pipeline (stage by stage), the floor (decode and bulk insert of the same columns
only) and vaderSentiment alone on the same texts. CPU time of this process; the median of the rounds counts. Compare
ratios: the absolute figures are this machine's. 1,000 keywords, 80 % of the posts carry a platform language tag
unless --tags says otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func
from sqlmodel import select
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bench.score import made_texts
from channels.mastodon.convert import to_mention
from channels.mastodon.status import read_page
from commands.collector import settle_collector
from domain.ids import ids
from domain.sla import Policy
from listener.matching import Matcher, topic
from scoring.scorer import BrandProfile, Scorer
from storage.arriving import Arrival, PageIn
from storage.bulk import formed, inserting_formed
from storage.database import Database
from storage.driver import run
from storage.ingest import _mention_row, store_page
from storage.migrate import migrate
from storage.tables import Brand, Case, MentionRow, SourceRow, table

PAGE = 500
APART = 100
"""What the rounds of the floor are numbered above those of the pipeline."""
WRITES_ONCE = 0.85
"""Share of posts whose author wrote no other one; as among 3,000 contacts of airlines within two days."""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAGES = ("decode", "convert", "match", "score", "store")


def raw_pages(texts: list[str], round_no: int, tagged: float, size: int = PAGE) -> list[bytes]:
    """Pages of about 1 kB a post, as a Mastodon server sends them. Each round is a few minutes after the one before."""
    rnd = random.Random(11)
    began = NOW - timedelta(hours=2) + timedelta(seconds=round_no % APART * len(texts) / 10)
    statuses = [
        _status(text, f"{round_no}{number:09d}", began + timedelta(seconds=number / 10), rnd, tagged)
        for number, text in enumerate(texts)
    ]
    return [json.dumps(statuses[i : i + size]).encode() for i in range(0, len(statuses), size)]


def _status(text: str, native: str, at: datetime, rnd: random.Random, tagged: float) -> dict[str, Any]:
    word = f" {keyword(rnd.randrange(1000))}"
    name = f"writer{native}" if rnd.random() < WRITES_ONCE else f"writer{rnd.randrange(5000)}"
    return {
        "id": native, "created_at": at.isoformat().replace("+00:00", "Z"),
        "in_reply_to_id": None, "in_reply_to_account_id": None, "sensitive": False,
        "spoiler_text": "", "visibility": "public", "language": "en" if rnd.random() < tagged else None,
        "uri": f"https://social.example/users/{name}/statuses/{native}",
        "url": f"https://social.example/@{name}/{native}", "replies_count": 0, "reblogs_count": rnd.randrange(3),
        "favourites_count": 2, "edited_at": None, "content": f"<p>{text}{word}</p>", "reblog": None,
        "application": {"name": "Web", "website": None}, "media_attachments": [], "mentions": [], "tags": [],
        "emojis": [], "card": None, "poll": None,
        "account": {
            "id": name, "username": name, "acct": name, "display_name": name.title(), "locked": False, "bot": False,
            "created_at": "2022-11-06T00:00:00.000Z", "note": "<p>writes about trains</p>",
            "url": f"https://social.example/@{name}", "uri": f"https://social.example/users/{name}",
            "followers_count": rnd.randrange(900), "following_count": 80, "statuses_count": 1200, "emojis": [],
            "avatar": "https://social.example/avatars/original/missing.png", "fields": [],
        },
    }  # fmt: skip


def keyword(number: int) -> str:
    """One of the 1,000 keywords: brand-like words that occur nowhere else."""
    return f"brandword{number:04d}"


class Run:
    """One database with a brand, used for all rounds of one kind."""

    def __init__(self, url: str, *, cases: bool = True) -> None:
        self.db = Database(url)
        self.history_before = None if cases else NOW + timedelta(days=9999)
        self.brand_id = self.source_id = 0
        self.matcher = Matcher(topic(n, keyword(n)) for n in range(1000))
        self.scorer = Scorer(BrandProfile(names=("Norda",), handles=("norda",), default_language="en"))

    async def open(self) -> None:
        brand = Brand(id=ids.next(NOW), name="Norda", slug=f"norda-{time.monotonic_ns()}", created_at=NOW)
        source = SourceRow(id=ids.next(NOW), brand_id=brand.id, channel="mastodon", name="bench", created_at=NOW)
        async with self.db.write() as session:
            session.add(brand)
            await session.flush()
            session.add(source)
        self.brand_id, self.source_id = brand.id, source.id

    def page_in(self, arrivals: list[Arrival]) -> PageIn:
        return PageIn(
            source_id=self.source_id, brand_id=self.brand_id, channel="mastodon", arrivals=arrivals,
            cursor={"min_id": "1"}, now=NOW, policy=Policy(), seen=len(arrivals),
            history_before=self.history_before,
        )  # fmt: skip

    async def pipeline(self, pages: list[bytes]) -> dict[str, float]:
        """CPU seconds of each stage."""
        spent = dict.fromkeys(STAGES, 0.0)
        for body in pages:
            marks = [time.process_time()]
            statuses: Any = read_page(body)
            marks.append(time.process_time())
            mentions = [to_mention(status, server="social.example") for status in statuses]
            marks.append(time.process_time())
            topics = self.matcher.match_page(mentions)
            marks.append(time.process_time())
            scores = self.scorer.score_batch(mentions, NOW)
            marks.append(time.process_time())
            arrivals = [Arrival(m, s, t) for m, s, t in zip(mentions, scores, topics, strict=True) if t]
            async with self.db.write() as session:
                await store_page(session, self.page_in(arrivals))
            marks.append(time.process_time())
            for stage, start, end in zip(STAGES, marks, marks[1:], strict=False):
                spent[stage] += end - start
        return spent

    async def floor(self, pages: list[bytes]) -> float:
        """CPU seconds of decoding the fields that are read and inserting ready rows of the same columns; no more."""
        ready = [self._ready_rows(body) for body in pages]
        gc.collect()
        began = time.process_time()
        for body, rows in zip(pages, ready, strict=True):
            read_page(body)
            async with self.db.write() as session:
                await run(await session.connection(), inserting_formed(self.db.dialect, table(MentionRow), rows))
        return time.process_time() - began

    def _ready_rows(self, body: bytes) -> list[list[Any]]:
        found = read_page(body)
        mentions = [to_mention(s, server="social.example") for s in found] if isinstance(found, list) else []
        rows = [
            _mention_row(self.page_in([]), Arrival(m, None, []), ids.next(NOW), None, m.thread_id, 1, 1)
            for m in mentions
        ]
        formed(self.db.dialect, table(MentionRow), rows)
        return rows


def vader_alone(texts: list[str]) -> float:
    analyzer = SentimentIntensityAnalyzer()
    began = time.process_time()
    for text in texts:
        analyzer.polarity_scores(text)
    return time.process_time() - began


async def count_rows(db: Database) -> None:
    """What autovacuum does within a minute of growth: until then PostgreSQL plans as if a table were empty."""
    if db.dialect == "postgresql":
        async with db.write() as session:
            await (await session.connection()).exec_driver_sql("ANALYZE mention, case_file, reply")


async def postmaster(db: Database) -> int:
    """The process of the PostgreSQL server behind this database, where it runs on this machine; else 0."""
    if db.dialect == "sqlite":
        return 0
    async with db.read() as session:
        backend = (await session.exec(select(func.pg_backend_pid()))).one()
    found = _stat(Path(f"/proc/{backend}/stat"))
    return int(found[1]) if found else 0


def server_cpu(master: int) -> float:
    """CPU seconds of that server so far: its own and those of its children, ended ones included."""
    if not master:
        return 0.0
    found = {int(path.parent.name): _stat(path) for path in Path("/proc").glob("[0-9]*/stat")}
    mine = [fields for pid, fields in found.items() if fields and master in (pid, int(fields[1]))]
    own = sum(int(fields[11]) + int(fields[12]) for fields in mine)
    ended = sum(int(fields[13]) + int(fields[14]) for pid, fields in found.items() if fields and pid == master)
    return (own + ended) / os.sysconf("SC_CLK_TCK")


def _stat(path: Path) -> list[str]:
    """The fields after the name: state, parent, ...; see proc(5)."""
    try:
        return path.read_text().rpartition(") ")[2].split()
    except OSError:
        return []


async def measure(args: argparse.Namespace) -> None:
    texts = _texts(args)
    with tempfile.TemporaryDirectory() as folder:
        # files of their own: on SQLite a second writer would empty the first one's cache between its rounds
        urls = [args.postgres or f"sqlite+aiosqlite:///{folder}/{name}.db" for name in ("ours", "floor")]
        for url in set(urls):
            await migrate(url)
        ours, bare = Run(urls[0], cases=not args.no_cases), Run(urls[1])
        await ours.open()
        master = await postmaster(ours.db)
        settle_collector()  # as the program does when it is built
        stages: list[dict[str, float]] = []
        floors, alone, server = [], [], []
        for round_no in range(1, args.rounds + 2):
            pages, other = (raw_pages(texts, number, args.tags, args.page) for number in (round_no, APART + round_no))
            await bare.open()  # a brand of its own: the same natural keys
            gc.collect()
            before = server_cpu(master)
            spent = await ours.pipeline(pages)
            server.append(server_cpu(master) - before)
            floor, vader = await bare.floor(other), vader_alone(texts)
            if round_no == 1:
                await count_rows(ours.db)
            if round_no > 1:  # the first round warms the memo and the caches
                stages.append(spent)
                floors.append(floor)
                alone.append(vader)
        await show_kept(ours, len(texts) * (args.rounds + 1))
        show(len(texts), stages, floors, alone, statistics.median(server[1:]) if args.postgres else 0.0)
        await ours.db.close()
        await bare.db.close()


async def show_kept(run: Run, sent: int) -> None:
    """How much was stored: a post that owes an answer costs a case and a request for a draft as well."""
    async with run.db.read() as session:
        kept, cases = [
            (await session.exec(select(func.count()).where(table(model).c.brand_id == run.brand_id))).one()
            for model in (MentionRow, Case)
        ]
    print(f"{sent:,} posts sent, {kept:,} stored, {cases / sent:.0%} of them opened a case")


def show(count: int, stages: list[dict[str, float]], floors: list[float], alone: list[float], server: float) -> None:
    total = statistics.median(sum(s.values()) for s in stages)
    floor, vader = statistics.median(floors), statistics.median(alone)
    for stage in STAGES:
        cost = statistics.median(s[stage] for s in stages)
        print(f"{stage:10}{cost / count * 1e6:8.1f} us a post   {cost / vader:5.2f} of vader alone")
    print(f"{'all':10}{total / count * 1e6:8.1f} us a post   {count / total:10,.0f} posts per CPU-second")
    print(f"{'floor':10}{floor / count * 1e6:8.1f} us a post   the pipeline reaches {floor / total:.2f} of it")
    print(f"{'vader':10}{vader / count * 1e6:8.1f} us a text   the pipeline handles {vader / total:.2f} posts for each")
    if server:
        both = total + server
        print(
            f"{'server':10}{server / count * 1e6:8.1f} us a post   {count / both:10,.0f} posts per CPU-second of both"
        )


def _texts(args: argparse.Namespace) -> list[str]:
    if not args.texts:
        return made_texts(args.count)
    with args.texts.open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file][: args.count]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--postgres", help="postgresql+psycopg://… of an empty database")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=int, default=PAGE, help="posts in one transaction")
    parser.add_argument("--no-cases", action="store_true", help="as posts from before we listened: the row only")
    parser.add_argument("--tags", type=float, default=0.8)
    asyncio.run(measure(parser.parse_args()))
