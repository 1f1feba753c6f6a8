"""Texts per CPU-second of each scoring stage, beside vaderSentiment itself and a bare split-and-look-up.

    python bench/score.py                      texts made here
    python bench/score.py --texts FILE.jsonl   one JSON object with a "text" per line

Every stage runs in turn within a round, so that a busy neighbour hurts all of them alike; the median of the rounds
counts, in CPU time of this process. Compare the ratios: the absolute figures are this machine's.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from commands.collector import settle_collector
from domain.mention import Mention
from scoring.folding import fold
from scoring.form import PLAIN
from scoring.priority import Facts, Prioritiser, priority_of, severity_of
from scoring.scorer import BrandProfile, Scorer
from scoring.sentiment import felt, judge, judge_page
from scoring.signals import find
from scoring.vader import compound, polarity, vader
from scoring.words import table_for

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "mentions" / "airline_sample.jsonl"
BRAND = BrandProfile(names=("Blue Heron Air", "Heron"), handles=("blueheronair",), default_language="en")
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS, PAGE = 5, 500
WRITTEN = Path(__file__).resolve().parents[1] / "tests" / "data" / "mentions"
WRITTEN_PER_LANGUAGE, REPEATS = 150, 10

OPENINGS = ("@BlueHeronAir", "Hey @BlueHeronAir", "So", "Dear Blue Heron Air,", "RT @somebody:", "")
MIDDLES = (
    "my flight to Split was cancelled and nobody picks up the phone", "I have been on hold for 2 hours now",
    "thanks for the great crew on the morning flight", "where is my bag? It's been three days",
    "your app won't let me log in again", "just landed, quick and easy", "is there a gate change for flight 221",
    "charged me twice for the same seat and no refund", "why is every delay explained so badly but the snacks are good",
)  # fmt: skip
ENDINGS = (
    "!!",
    "",
    "?",
    " 😡",
    " #WorstTripEver",
    " https://example.org/x/1",
    " please help",
    " :(",
    " not happy",
    " 🙄 great",
)


def made_texts(count: int) -> list[str]:
    rnd = random.Random(7)
    return [
        f"{rnd.choice(OPENINGS)} {rnd.choice(MIDDLES)}{rnd.choice(ENDINGS)} {rnd.randrange(900)}".strip()
        for _ in range(count)
    ]


def read_texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def mentions_of(texts: list[str], tagged_share: float, lang: str = "en") -> list[Mention]:
    rnd = random.Random(3)
    return [
        Mention(
            channel="bench", external_id=str(number), text=text, posted_at=WHEN, thread_id=str(number),
            lang_tag=lang if rnd.random() < tagged_share else None, author_followers=number % 5_000,
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip


def stages(texts: list[str]) -> dict[str, Callable[[], object]]:
    """Each stage as a call over all texts, on the input that the real scorer would give it."""
    scorer = Scorer(BRAND)
    scorer.warm()
    package = SentimentIntensityAnalyzer()
    lexicon = vader().lexicon
    cleaned = [scorer.cleaner.clean(text) for text in texts]
    table = table_for("en")
    prioritiser = Prioritiser()
    reads = [table.read(fold(text)) for text in cleaned]
    langs, forms = ["en"] * len(texts), [PLAIN] * len(texts)
    facts = [
        Facts(judge(text, "en"), find(read), followers=k % 5_000, lang="en")
        for k, (text, read) in enumerate(zip(cleaned, reads, strict=True))
    ]
    batches = {share: mentions_of(texts, share) for share in (1.0, 0.8, 0.0)}

    def priority() -> None:
        for fact in facts:
            priority_of(prioritiser.parts(fact))
            severity_of(fact.sentiment, fact.found)

    return {
        "vaderSentiment": lambda: [package.polarity_scores(text) for text in texts],
        "split and look up": lambda: [[word in lexicon for word in text.lower().split()] for text in texts],
        "vader, all four": lambda: [polarity(text) for text in texts],
        "vader, compound": lambda: [compound(text) for text in texts],
        "clean": lambda: [scorer.cleaner.clean(text) for text in texts],
        "language, tagged": lambda: [scorer.detector.detect(text, "en") for text in texts],
        "language, no tag": lambda: [scorer.detector.detect(text) for text in texts],
        "look up": lambda: [table.read(fold(text)) for text in cleaned],
        "sentiment": lambda: judge_page(cleaned, list(map(felt, cleaned, reads, langs)), langs, forms),
        "signals": lambda: list(map(find, reads)),
        "priority": priority,
        "all, tagged": lambda: in_pages(scorer, batches[1.0]),
        "all, 80 % tagged": lambda: in_pages(scorer, batches[0.8]),
        "all, no tag": lambda: in_pages(scorer, batches[0.0]),
    }


def in_pages(scorer: Scorer, mentions: list[Mention]) -> None:
    """Everything, in pages as bench/pipeline stores them."""
    for start in range(0, len(mentions), PAGE):
        scorer.score_batch(mentions[start : start + PAGE], WHEN)


def languages() -> dict[str, Callable[[], object]]:
    """Everything on the labelled mentions of each language, repeated, with a tag each."""
    scorer = Scorer(BRAND)
    pages = {
        file.stem: mentions_of(read_texts(file) * REPEATS, 1.0, file.stem) for file in sorted(WRITTEN.glob("*.jsonl"))
    }
    return {f"all, {lang}": partial(in_pages, scorer, page) for lang, page in pages.items()}


def measure(count: int, calls: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median texts per CPU-second of each stage, after one warm-up round."""
    settle_collector()  # as the program does when it is built
    rates: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            gc.collect()
            started = time.process_time()
            call()
            spent = time.process_time() - started
            if turn:
                rates[name].append(count / max(spent, 1e-9))
    return {name: statistics.median(found) for name, found in rates.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--texts", type=Path, help="JSON lines with a text each (default: ../shared when there, else made here)"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    source = options.texts or (SHARED if SHARED.is_file() else None)
    texts = read_texts(source) if source else made_texts(3_000)
    rates = measure(len(texts), stages(texts), options.rounds)
    base, floor = rates["vaderSentiment"], rates["split and look up"]
    print(f"{len(texts)} texts from {source.name if source else 'this script'}, {options.rounds} rounds")
    print(f"{'stage':20}{'texts/CPU-s':>12}{'us/text':>9}{'x vaderSentiment':>18}{'of the floor':>14}")
    for name, rate in rates.items():
        print(f"{name:20}{rate:12,.0f}{1e6 / rate:9.1f}{rate / base:18.2f}{rate / floor:14.2f}")
    for name, rate in measure(WRITTEN_PER_LANGUAGE * REPEATS, languages(), options.rounds).items():
        print(f"{name:20}{rate:12,.0f}{1e6 / rate:9.1f}{rate / base:18.2f}")
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB resident, texts included")


if __name__ == "__main__":
    main()
