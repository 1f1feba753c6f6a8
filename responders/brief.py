"""What a drafter is told, and what it hands back. Values only: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from responders.facts import Facts

Kind = Literal["answer", "holding", "praise", "question", "follow_up"]
"""answer: what we say to them; holding: we are on it; praise: a thank-you; question: they only want to know; follow_up:
it is done, and we ask whether all is well."""

NOTHING_KNOWN = Facts(mention="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Everything a draft may rest on.

    `text` is the post (hostile), `lang` its language or None, `answer_lang` the language to answer in (for a language
    we do not write, the brand's first one). `label` and `severity` are the Score's. `max_length` counts as `length`
    does. `private`: nobody else reads this conversation; `messages`: they can write to us in private there.
    `earlier` holds our replies in this thread, and `is_back` says that they wrote after the last of them; `recent` what
    was sent lately to anyone. `facts` is what is known of the
    case. `greeting` (with `{name}`), `closing` and `formality` ("formal", "informal") are the brand's or the market's
    own; where they are empty, the phrase pack decides.
    """

    brand: str
    sign_off: str
    author_name: str
    author_handle: str
    mention_id: str
    text: str
    lang: str | None
    answer_lang: str
    label: str = "unsure"
    severity: int = 0
    channel: str = ""
    max_length: int = 500
    length: Callable[[str], int] = len
    private: bool = False
    messages: bool = True
    kind: Kind = "answer"
    earlier: tuple[str, ...] = ()
    is_back: bool = False
    recent: tuple[str, ...] = ()
    facts: Facts = NOTHING_KNOWN
    greeting: str = ""
    closing: str = ""
    formality: str = ""
    link: str = ""
    """Where its author answers the one question of a survey; a follow-up names it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed reply. `used` names its parts ("problem:delay", "feeling:2"), for whoever asks why it says so;
    `sources` what of the case it rests on ("known.next", an article's id), `hints` what it left to whoever approves,
    `restated` its sentences that name the problem.

    An empty text means that nothing whole fits the channel's length.
    """

    text: str
    lang: str
    used: tuple[str, ...]
    sources: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()

    @property
    def problem(self) -> str:
        """The kind of problem the draft names, such as "delay"; "other" when it found none it knows."""
        return next((part.partition(":")[2] for part in self.used if part.startswith("problem:")), "other")
