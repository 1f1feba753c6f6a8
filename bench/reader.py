"""How the reader of replies does on the labelled replies that it has not learned from.

    python3 -m bench.reader     the set that was left out, by other writers (4 minutes)

For each rule: how many of those who break it are told, at the bound where one in two hundred, in a hundred, in fifty
acceptable replies is told too; then what the whole contract makes of all of them, with the bounds as they stand.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replies import LEFT_OUT, Reply, replies
from responders.contract import check
from responders.measuring import context_of
from responders.rules import learned, reader
from scoring.language import Detector

ALARMS = (0.005, 0.01, 0.02)


def main() -> None:
    """Print the figures."""
    if not reader.runs():
        sys.exit("Replies are not read here: the sentence model is not installed.")
    left = [each for each in replies(LEFT_OUT) if each.sentences]
    for rule in learned.RULES:
        found = [(each, _likelihood(rule, each)) for each in left]
        fine = np.sort([likely for each, likely in found if not each.rules])[::-1]
        bad = np.array([likely for each, likely in found if rule in each.rules])
        bounds = [(share, fine[int(share * len(fine))]) for share in ALARMS]
        told = (f"{(bad > bound).mean():.0%} at {share:.1%} ({bound:.2f})" for share, bound in bounds)
        print(f"{rule:17} {len(bad):3} bad", *told, sep="   ", flush=True)
    _whole(left)


def _likelihood(rule: str, reply: Reply) -> float:
    look = reader.look(reply.sentences, reply.facts)
    return max(learned.likelihood(rule, look, number) for number in range(len(look.sentences))) if look else 0.0


def _whole(left: list[Reply]) -> None:
    detect, count = Detector().detect, Counter[tuple[str, str]]()
    for each in left:
        found, due = {one.rule for one in check(each.text, context_of(each.lang, each.facts, detect))}, set(each.rules)
        count[each.lang, "bad" if due else "good"] += 1
        count[each.lang, "caught" if due else "alarms"] += bool(found & due) if due else bool(found)
    for lang in (*sorted({each.lang for each in left}), ""):
        total = {what: sum(n for (of, name), n in count.items() if name == what and (not lang or of == lang))
                 for what in ("caught", "bad", "alarms", "good")}  # fmt: skip
        told = f"{total['caught']} of {total['bad']} caught, {total['alarms']} of {total['good']} alarms"
        print(f"{lang or 'all':17} {told}")


if __name__ == "__main__":
    main()
