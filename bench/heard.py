"""How well posts are read: by the word lists alone, and with the learned reader beside them.

    python3 -m bench.heard     posts that were left out of learning, and posts that were only ever counted (2 minutes)

For each language: the share of posts whose tone is read right; of complaints, how many are heard as such, how many get
their subject (or the other one that they tell of), and, where it is named for certain, how often it is right. A `note`
names in passing what a `chat` does not: they count as one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.posts import Post, labelled_posts, written
from responders.brief import Brief
from responders.drafters.hearing import Heard, hear
from responders.drafters.reading import read
from responders.rules import posts, reader
from scoring.scorer import score_text

ONE_TONE = {"note": "chat"}


def main() -> None:
    """Print the figures."""
    if not reader.runs():
        sys.exit("Posts are not read here: the sentence model is not installed.")
    sets = {"left out": [post for post in labelled_posts() if post.is_left_out], "only counted": [*written("unseen")]}
    for name, some in sets.items():
        for way in ("lists alone", "with reader"):
            for lang in (*sorted({post.lang for post in some}), ""):
                here = [post for post in some if not lang or post.lang == lang]
                print(
                    f"{name:13} {way:12} {lang or 'all':4}", _figures(here, is_heard=way == "with reader"), flush=True
                )


def _figures(some: Sequence[Post], *, is_heard: bool) -> str:
    count = Counter[str]()
    for post in some:
        score = score_text(post.text, post.lang)
        found = read(
            Brief(
                brand="",
                sign_off="",
                author_name="",
                author_handle="",
                mention_id="",
                text=post.text,
                lang=post.lang,
                answer_lang=post.lang,
                label=score.label,
                severity=score.severity,
            ),
            hear if is_heard else _deaf,
        )
        count["tone"] += ONE_TONE.get(found.tone, found.tone) == post.tone
        if post.tone == posts.COMPLAINT:
            is_trouble, is_right = found.tone == posts.COMPLAINT, found.kind in (post.subject, post.second)
            is_certain = is_trouble and found.firm
            count += Counter(
                troubles=1,
                heard=is_trouble,
                named=is_right,
                certain=is_certain,
                certainly_right=is_certain and is_right,
            )
    troubles = count["troubles"] or 1
    return (
        f"{len(some):5} posts, tone {count['tone'] / len(some):.1%}; of {troubles} complaints "
        f"{count['heard'] / troubles:.1%} heard, {count['named'] / troubles:.1%} subjects right; "
        f"{count['certain'] / troubles:.1%} named for certain, "
        f"{count['certainly_right'] / (count['certain'] or 1):.1%} of them right"
    )


def _deaf(_text: str, _lang: str | None) -> Heard:
    return Heard()


if __name__ == "__main__":
    main()
