"""How long the lists of the desk take over a full database, filter by filter.

    python bench/desk.py                         100,000 posts made here, SQLite
    python bench/desk.py --count 20000           fewer
    python bench/desk.py --postgres URL          an empty database

Wall milliseconds of one page of 50 rows, in the query layer; every list runs in turn within a round and the median of
the rounds counts. Compare the ratios to the page without a filter: absolute figures are this machine's. A theme counts
as common or rare by what the posts themselves say.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.pipeline import NOW, Run, count_rows, raw_pages
from bench.score import made_texts
from storage import desk, desk_lists
from storage.database import Database
from storage.desk import QueueFilter
from storage.desk_lists import MentionFilter
from storage.migrate import migrate
from storage.tables import MentionRow

List = Callable[[AsyncSession], Awaitable[object]]


async def fill(run: Run, count: int) -> Counter[str]:
    """Stores that many posts, ten a second; how many told of each theme."""
    told: Counter[str] = Counter()
    for number, body in enumerate(raw_pages(made_texts(count), 1, 0.8, 1000)):
        await run.pipeline([body])
        if not number % 10:
            await count_rows(run.db)
    async with run.db.read() as session:
        for themes in await session.exec(select(MentionRow.themes)):
            told.update(themes)
    return told


def lists_of(brand: int, common: str, rare: str) -> dict[str, List]:
    """Name -> the query behind that page."""
    brands = [brand]

    def queue(**said: object) -> List:
        return lambda session: desk.queue(session, brands, QueueFilter(**said), NOW)  # type: ignore[arg-type]

    def mentions(**said: object) -> List:
        return lambda session: desk_lists.mentions(session, brands, MentionFilter(**said))  # type: ignore[arg-type]

    return {
        "queue": queue(),
        f"queue, theme {common}": queue(theme=common),
        f"queue, theme {rare}": queue(theme=rare),
        "queue, theme nobody has": queue(theme="none of them"),
        "queue, negative": queue(label="negative"),
        "queue, words": queue(text="refund"),
        "queue, words nobody said": queue(text="zyxw vuts"),
        "mentions": mentions(),
        f"mentions, theme {common}": mentions(theme=common),
        f"mentions, theme {rare}": mentions(theme=rare),
        "mentions, theme nobody has": mentions(theme="none of them"),
        "mentions, words nobody said": mentions(text="zyxw vuts"),
        "head of every page": lambda session: desk.strip(session, brands, NOW),
    }


async def timed(db: Database, ask: List) -> float:
    began = time.perf_counter()
    async with db.read() as session:
        await ask(session)
    return (time.perf_counter() - began) * 1000


async def measure(args: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = args.postgres or f"sqlite+aiosqlite:///{folder}/desk.db"
        await migrate(url)
        run = Run(url)
        await run.open()
        told = await fill(run, args.count)
        await count_rows(run.db)
        common, rare = told.most_common()[0][0], told.most_common()[-1][0]
        asked = lists_of(run.brand_id, common, rare)
        spent: dict[str, list[float]] = {name: [] for name in asked}
        for round_no in range(args.rounds + 1):
            for name, ask in asked.items():
                took = await timed(run.db, ask)
                if round_no:  # the first one warms the caches
                    spent[name].append(took)
        print(f"{args.count:,} posts; {told[common]:,} on {common}, {told[rare]:,} on {rare}")
        for name, times in spent.items():
            bare = spent["queue" if name.startswith("queue") else "mentions"]
            middle = statistics.median(times)
            print(f"{name:32}{middle:9.1f} ms {middle / statistics.median(bare):8.1f} x")
        await run.db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", help="postgresql+psycopg://… of an empty database")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    asyncio.run(measure(parser.parse_args()))
