"""Search the bounds of the reader of replies (`responders.rules.learned`) on the replies that it has not learned from.

    python3 -m bench.bounds     prints the best ones found, what they catch and what they object to

One bound after the other is moved to where the share of bad replies that is caught, less that of acceptable ones that
are objected to, is largest, until none moves any more. The bounds of a whole reply (UNEASY and the others) stay as
they are. Nothing is written: whoever takes them over looks first at what the tests make of the sets that only measure
(`tests/responders/test_contract_figures.py`), and makes them stricter where those ask for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replies import LEFT_OUT, Reply, replies
from domain.reply import Finding
from responders import contract
from responders.measuring import context_of
from responders.rules import learned, reader
from responders.rules.context import ReplyContext
from scoring.language import Detector

SURE = (*(number / 20 for number in range(2, 19)), 0.93, 0.95, 0.97, 0.99)
DOUBT = (0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3)
ALONE = (0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled reply and what the lists find in it."""

    reply: Reply
    found: Sequence[Finding]
    context: ReplyContext


def rows_of(labelled: Sequence[Reply]) -> Iterator[Row]:
    """Each reply with the findings of the lists alone."""
    detect = Detector().detect
    for each in labelled:
        context = context_of(each.lang, each.facts, detect)
        yield Row(each, [found for rule in contract.RULES for found in rule(each.text, context)], context)


def _remember() -> None:
    """Read no reply twice: the caches of the reader are made for a desk, not for thousands of replies."""
    looks, spoken = dict[tuple[object, ...], object](), dict[str, object]()
    look, kinds = reader.look, reader.kinds

    def looked(sentences: Sequence[str], facts: object) -> object:
        key = (*sentences, id(facts))
        if key not in looks:
            looks[key] = look(sentences, facts)  # type: ignore[arg-type]
        return looks[key]

    def said(sentence: str) -> object:
        if sentence not in spoken:
            spoken[sentence] = kinds(sentence)
        return spoken[sentence]

    reader.look, reader.kinds = looked, said  # type: ignore[assignment]


def counted(rows: Sequence[Row]) -> tuple[int, int, int, int]:
    """Caught, bad, objected to, acceptable."""
    bad, fine = [row for row in rows if row.reply.rules], [row for row in rows if not row.reply.rules]
    caught = sum(not set(row.reply.rules).isdisjoint(_rules(row)) for row in bad)
    return caught, len(bad), sum(bool(_rules(row)) for row in fine), len(fine)


def _rules(row: Row) -> set[str]:
    return {each.rule for each in learned.reviewed(row.found, row.reply.text, row.context)}


def _worth(rows: Sequence[Row]) -> float:
    caught, bad, alarms, fine = counted(rows)
    return caught / bad - alarms / fine


def search(rows: Sequence[Row]) -> None:
    """Move every bound of `learned` to the best place, as long as that helps."""
    best = _worth(rows)
    for _ in range(ROUNDS):
        before = best
        for rule in learned.RULES:
            bounds = learned.RULES[rule]
            best = _moved(rows, rule, "sure", SURE, best)
            best = _moved(rows, rule, "doubt", DOUBT, best) if bounds.doubt != learned.NEVER else best
            best = _moved(rows, rule, "alone", ALONE, best) if bounds.kind else best
        print(f"{best:.3f}", flush=True)
        if best == before:
            return


def _moved(rows: Sequence[Row], rule: str, name: str, places: Sequence[float], best: float) -> float:
    kept = learned.RULES[rule]
    for place in places:
        there: dict[str, Any] = {name: place}
        learned.RULES[rule] = kept._replace(**there)
        if (worth := _worth(rows)) > best:
            best, kept = worth, learned.RULES[rule]
    learned.RULES[rule] = kept
    return best


def main() -> None:
    """Search and print."""
    if not reader.runs():
        sys.exit("Replies are not read here: the sentence model is not installed.")
    _remember()
    rows = list(rows_of([each for each in replies(LEFT_OUT) if each.sentences]))
    search(rows)
    for rule, bounds in learned.RULES.items():
        alone = f", alone {bounds.alone}" if bounds.kind else ""
        print(f"{rule:17} sure {bounds.sure}, doubt {bounds.doubt}{alone}")
    print("{} of {} caught, {} of {} alarms".format(*counted(rows)))


if __name__ == "__main__":
    main()
