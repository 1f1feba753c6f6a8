"""What one look of the reply contract costs, as it runs at each key: with 200 recent replies to compare with.

    python bench/contract.py

CPU time of this process, median of five rounds; beside it the same rounds without recent replies.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from responders.contract import ReplyContext, check

TEXT = "Hi Ana, I'm sorry about the delay. I'm checking with the team at the gate now, see norwind.example. " * 4
RECENT = tuple(
    f"Hi P{n}, thank you for writing about number {n}. I'm looking into it with team {n}." for n in range(200)
)


def milliseconds(context: ReplyContext, looks: int = 100) -> float:
    """The cost of one look."""
    check(TEXT, context)
    began = time.process_time()
    for look in range(looks):
        check(f"{TEXT}{look}", context)
    return (time.process_time() - began) / looks * 1000


if __name__ == "__main__":
    hosts = ("norwind.example",)
    full = ReplyContext(lang="en", allowed_hosts=hosts, recent=RECENT)
    bare = ReplyContext(lang="en", allowed_hosts=hosts)
    pairs = [(milliseconds(full), milliseconds(bare)) for _ in range(5)]
    with_recent, without = (statistics.median(figures) for figures in zip(*pairs, strict=True))
    print(f"a look {with_recent:.2f} ms, without recent replies {without:.2f} ms ({with_recent / without:.1f} times)")
