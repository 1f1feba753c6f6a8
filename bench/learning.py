"""What 300 corrections are worth: the airline sample, corrected as a person would correct the queue.

    python bench/learning.py [FOLDER]        with airline_sample.jsonl and airline_labels.csv (default: ../shared)

A person reads the queue from its top, as far as it stands at that moment, and puts right what is wrong: first the
feeling, then the priority, one key press each, until 300 are done. What the rest of the posts then looks like is
printed beside the same posts without lessons, for several ways of reading and three meanings of "the rest".
"""

import csv
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from domain.correction import FEELINGS, NOTHING_SAID, Said
from domain.mention import Mention, Score
from scoring import taught
from scoring.scorer import BrandProfile, Scorer

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "mentions"
CORRECTIONS = 300
QUEUE = "top 30 of each hour"
"""The way of reading that the proof is about; the others show how much it depends on that."""
SEVERE = 3


class Post(NamedTuple):
    """A post with what a person thinks of it."""

    mention: Mention
    label: str
    severity: int


@dataclass(frozen=True, slots=True)
class Taught:
    """What a person did: corrections by place of the post, and how far they read."""

    said: dict[int, Said]
    looked_at: set[int]

    @property
    def corrections(self) -> int:
        """Key presses."""
        return sum((each.label is not None) + (each.level is not None) for each in self.said.values())


class Figures(NamedTuple):
    """Of some posts: severe ones among the first 50 and 200, and the macro-F1 of the feeling."""

    p50: float
    p200: float
    f1: float


def read(folder: Path) -> list[Post]:
    """The sample in the order of time."""
    with (folder / "airline_labels.csv").open(newline="", encoding="utf-8") as file:
        labels = {row["id"]: row for row in csv.DictReader(file)}
    with (folder / "airline_sample.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [Post(_mention(row), labels[row["id"]]["sentiment"], int(labels[row["id"]]["severity"])) for row in rows]


def _mention(row: dict[str, object]) -> Mention:
    author = row["author"]["handle"]  # type: ignore[index]
    posted_at = datetime.fromisoformat(str(row["created_at"]))
    return Mention(
        channel="sample", external_id=str(row["id"]), thread_id=str(row["id"]), text=str(row["text"]),
        posted_at=posted_at, lang_tag="en", author_id=author, author_handle=author,
    )  # fmt: skip


def correct(posts: Sequence[Post], scores: Sequence[Score], order: Iterator[int], most: int = CORRECTIONS) -> Taught:
    """Read in this order and put right what is wrong, one key press at a time."""
    done = Taught({}, set())
    left = most
    for place in order:
        if not left:
            break
        done.looked_at.add(place)
        label = posts[place].label if posts[place].label != scores[place].label else None
        level = posts[place].severity if posts[place].severity != scores[place].severity else None
        if label is not None and level is not None and left == 1:
            level = None
        if label is not None or level is not None:
            done.said[place] = Said(label=label, level=level)
            left = most - done.corrections
    return done


def by_hour(posts: Sequence[Post], scores: Sequence[Score], hours: int, top: int) -> Iterator[int]:
    """The queue as it arrives: the top of each stretch of hours, most urgent first."""
    stretches: dict[int, list[int]] = {}
    for place, post in enumerate(posts):
        stretches.setdefault(int(post.mention.posted_at.timestamp()) // (3600 * hours), []).append(place)
    for _, places in sorted(stretches.items()):
        yield from sorted(places, key=lambda place: (-scores[place].priority, place))[:top]


def anywhere(posts: Sequence[Post], seed: int) -> Iterator[int]:
    """Here and there, as somebody who searches."""
    places = list(range(len(posts)))
    random.Random(seed).shuffle(places)
    return iter(places)


def model_of(scorer: Scorer, posts: Sequence[Post], done: Taught) -> taught.Model:
    """What those corrections teach, beside what was read and left as it was."""
    places = sorted(done.looked_at)
    said = [done.said.get(place, NOTHING_SAID) for place in places]
    return taught.model_of(scorer, [posts[place].mention for place in places], said)


def figures(posts: Sequence[Post], scores: Sequence[Score], places: Sequence[int]) -> Figures:
    """How these posts are ranked and felt."""
    ranked = sorted(places, key=lambda place: (-scores[place].priority, place))
    severe = [posts[place].severity == SEVERE for place in ranked]
    return Figures(sum(severe[:50]) / 50, sum(severe[:200]) / 200, _f1(posts, scores, places))


def _f1(posts: Sequence[Post], scores: Sequence[Score], places: Sequence[int]) -> float:
    told = {place: scores[place].label if scores[place].sentiment is not None else "neutral" for place in places}
    total = 0.0
    for label in FEELINGS:
        hits = sum(told[place] == label == posts[place].label for place in places)
        named = sum(told[place] == label for place in places) + sum(posts[place].label == label for place in places)
        total += 2 * hits / named if named else 0.0
    return total / len(FEELINGS)


def rests(posts: Sequence[Post], done: Taught) -> dict[str, list[int]]:
    """What is left: all that was not corrected, all that was not even looked at, all that came later."""
    last = max(posts[place].mention.posted_at for place in done.looked_at)
    found = {
        "not corrected": [place for place in range(len(posts)) if place not in done.said],
        "not looked at": [place for place in range(len(posts)) if place not in done.looked_at],
        "later": [place for place in range(len(posts)) if posts[place].mention.posted_at > last],
    }
    return {name: places for name, places in found.items() if len(places) >= 500}


def ways(posts: Sequence[Post], scores: Sequence[Score]) -> dict[str, Callable[[], Iterator[int]]]:
    """How people may read."""
    return {
        QUEUE: lambda: by_hour(posts, scores, 1, 30),
        "top 90 of each six hours": lambda: by_hour(posts, scores, 6, 90),
        "here and there": lambda: anywhere(posts, 1),
        "here and there again": lambda: anywhere(posts, 2),
    }


def words_in(model: taught.Model) -> int:
    """How many words it knows."""
    return len({word for judge in (model.feeling, model.urgency) if judge for word in judge.words})


def main(folder: Path) -> None:
    """Print all of it."""
    posts, scorer = read(folder), Scorer(BrandProfile())
    mentions = [post.mention for post in posts]
    bare = scorer.score_batch(mentions, mentions[0].posted_at)
    began = process_time()
    scorer.score_batch(mentions, mentions[0].posted_at)
    without = process_time() - began
    for level in range(4):
        points = sorted(score.priority for score in bare if score.severity == level)
        print(
            f"severity {level}: {len(points)} posts, priority {points[len(points) // 4]} to {points[-len(points) // 4]}"
        )
    for name, way in ways(posts, bare).items():
        done = correct(posts, bare, way())
        began = process_time()
        model = model_of(scorer, posts, done)
        took = process_time() - began
        began = process_time()
        after_it = taught.score_taught(scorer, mentions, model)
        with_lessons = process_time() - began
        speed = f"{len(posts) / with_lessons:,.0f} posts a CPU-second ({len(posts) / without:,.0f} without lessons)"
        read_so_far = f"{len(done.said)} posts among {len(done.looked_at)} read"
        print(f"{name}: {done.corrections} corrections of {read_so_far}")
        print(f"  {words_in(model)} words learned in {1000 * took:.0f} ms; {speed}")
        for rest, places in rests(posts, done).items():
            before, after = figures(posts, bare, places), figures(posts, after_it, places)
            told = zip(("P@50", "P@200", "macro-F1"), before, after, strict=True)
            print(f"  {rest:14}{len(places):5}", *(f"{what} {old:.3f} -> {new:.3f} " for what, old, new in told))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED)
