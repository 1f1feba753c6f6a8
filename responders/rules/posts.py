"""What a person's post is, read by itself: its tone, what it is about, and what it tells already.

The same sentence model as for replies (`encoder`), with a change of its own, taught by `python3 -m bench.teach_posts`
from posts that were labelled by somebody who read them (`tests/data/posts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from domain.remembering import remembered
from responders.rules import reader
from responders.rules.encoder import END, START, Encoder
from responders.rules.taught import Chances, Taught, taught_in

LEARNED: Final = Path(__file__).parent / "posts.npz"
COMPLAINT: Final = "complaint"
TONES: Final = (COMPLAINT, "question", "suggestion", "praise", "thanks", "chat")
"""A complaint may be dressed as praise, as a joke or as a question; a question tells of no trouble; `thanks` answers
an answer of ours; `chat` needs no help."""
NOTHING: Final = "none"
SUBJECTS: Final = (
    "safety", "fraud", "cancelled", "delay", "connection", "luggage", "booking", "parcel", "damaged", "product",
    "repair", "work", "refund", "charge", "price", "loan", "points", "subscription", "close_account", "app", "outage",
    "waiting", "staff", "info", "hours", "dirty", "food", "comfort", "room", "lost_item", "other", NOTHING,
)  # fmt: skip
"""Kinds of problem (`responders.drafters.phrasebook.KINDS`), `other` for one that is none of these, and nothing."""
TOLD: Final = ("where", "when", "what", "how", "reference", "wish")
"""What nobody needs to ask any more: the place, the day, the exact thing, how the trouble shows, a number, what they
want of us."""
QUESTIONS: Final = {"tone": TONES, "subject": SUBJECTS, "told": TOLD}
SURE, CERTAIN = 0.7, 0.97
"""From here on a tone counts as heard, and from the second on against words of the lists that say another."""
DANGER: Final = 0.1
"""From so likely on only trouble is heard."""
EITHER: Final = 0.1
"""From here on a post may be meant this way as well as another."""
PART, PARTS, LETTERS = 110, 4, 2_800
"""Pieces of a part of a post, parts that are read at most of a post or a conversation of theirs, letters that are
looked at."""

_ADDRESSES = re.compile(r"https?://\S+|(?<![\w.])@[\w.@-]+")
_QUOTED = re.compile(r"\bRT @.*|[“\"]@.*", re.DOTALL)
_LOADING = Lock()


@dataclass(frozen=True, slots=True)
class Hearing:
    """How likely a post is of each tone and about each subject (0 to 1, together 1), and tells each of what may be told
    (0 to 1)."""

    tones: Chances
    subjects: Chances
    told: Chances

    @property
    def tone(self) -> str | None:
        """The tone, where it is heard for sure."""
        tone, share = max(self.tones.items(), key=lambda each: each[1])
        return tone if share >= SURE else None

    @property
    def is_certain(self) -> bool:
        """Whether the tone stands against words of the lists that say another."""
        return max(self.tones.values()) >= CERTAIN

    @property
    def is_safe(self) -> bool:
        """Whether hardly any danger is heard."""
        return max(self.subjects.get(kind, 0.0) for kind in ("safety", "fraud")) < DANGER

    @property
    def is_ambiguous(self) -> bool:
        """Whether it may be kind or bitter: irony is written in the words of praise."""
        return min(self.tones[COMPLAINT], self.tones["praise"] + self.tones["thanks"]) >= EITHER


def is_quoting(text: str) -> bool:
    """Whether somebody else's post stands in it."""
    return bool(_QUOTED.search(text))


def own_words(text: str) -> str:
    """A post without links, names of accounts, and what is quoted from somebody else."""
    own = _QUOTED.sub(" ", text)
    return _ADDRESSES.sub(" ", own if own.strip() else text)


def heard(post: str) -> Hearing | None:
    """What a person says in their own words of this post; None where nothing is read. 20 ms the first time, for each of
    its PARTS: the one that complains most decides, and what any of them tells is told. Raises BadInput as `learned`
    does."""
    own = own_words(post)
    return _heard(own[:LETTERS]) if own.strip() and reader.runs() else None


@cache
def learned() -> Taught:
    """What was taught. Raises BadInput where the file is damaged or does not fit this version."""
    return taught_in(LEARNED, QUESTIONS, "python3 -m bench.teach_posts")


def parts_of(encode: Encoder, own: str) -> list[list[int]]:
    """The pieces of a post that is read by itself, in parts of like length."""
    pieces = encode.pieces(own)[: PARTS * PART]
    count = max(1, -(-len(pieces) // PART))
    size = max(1, -(-len(pieces) // count))
    return [[START, *pieces[start : start + size], END] for start in range(0, max(1, len(pieces)), size)]


@remembered(1_024)
def _heard(own: str) -> Hearing:
    encode, taught = _engine(), learned()
    found = [_asked(taught, encode.rows(each, taught.shift[0])) for each in parts_of(encode, own)]
    worst = max(found, key=lambda each: each.tones[COMPLAINT])
    return Hearing(
        worst.tones if worst.tones[COMPLAINT] >= SURE else found[0].tones,
        worst.subjects,
        {name: max(each.told[name] for each in found) for name in TOLD},
    )


def _asked(taught: Taught, rows: np.ndarray) -> Hearing:
    row, questions = taught.centred(rows), taught.questions
    return Hearing(questions["tone"].one(row), questions["subject"].one(row), questions["told"].each(row))


def _engine() -> Encoder:
    with _LOADING:  # asked on several threads, and one copy is enough
        return _loaded()


@cache
def _loaded() -> Encoder:
    return reader.engine().beside(learned().change)
