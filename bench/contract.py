"""What one look of the reply contract at a new text costs: with 200 recent replies to compare with, and with a case.

    python3 -m bench.contract

CPU time of this process, median of five rounds; beside it the same rounds without recent replies, and with a case
before which the learned reader reads each text (0018).
"""

from __future__ import annotations

import statistics
import sys
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from responders.contract import ReplyContext, check
from responders.facts import facts_of

TEXT = "Hi Ana, I'm sorry about the delay. I'm checking with the team at the gate now, see norwind.example. " * 4
RECENT = tuple(
    f"Hi P{n}, thank you for writing about number {n}. I'm looking into it with team {n}." for n in range(200)
)


CASE = {
    "mention": "Where is my plane? I have been at gate B4 for three hours and nobody tells us anything.",
    "author_name": "Ana Fable",
    "brand": "Norwind",
    "known": {"agent": "Ivo", "next": "the gate team calls Ana Fable back by 18:00", "flight": "NW 210"},
    "knowledge": [{"id": "kb-1", "text": "After three hours of delay there are meal vouchers at the gate."}],
}


NEW = count()
"""What makes each text a new one, so that nothing is known of it from an earlier round."""


def milliseconds(context: ReplyContext, looks: int = 100) -> float:
    """The cost of one look."""
    check(TEXT, context)
    began = time.process_time()
    for _ in range(looks):
        check(f"{TEXT}{next(NEW)}", context)
    return (time.process_time() - began) / looks * 1000


if __name__ == "__main__":
    hosts = ("norwind.example",)
    full = ReplyContext(lang="en", allowed_hosts=hosts, recent=RECENT)
    bare = ReplyContext(lang="en", allowed_hosts=hosts)
    read = ReplyContext(lang="en", allowed_hosts=hosts, facts=facts_of(CASE, 2026))
    rounds = [(milliseconds(full), milliseconds(bare), milliseconds(read, 10)) for _ in range(5)]
    with_recent, without, with_case = (statistics.median(figures) for figures in zip(*rounds, strict=True))
    print(f"a look {with_recent:.2f} ms, without recent replies {without:.2f} ms ({with_recent / without:.1f} times)")
    print(f"before a case {with_case:.0f} ms ({with_case / without:.0f} times)")
