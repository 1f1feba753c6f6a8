"""What bounds answers by API on one network, as facts of its manifest: the number, and whose rule it is.

`responders.policy` holds them where a reply leaves and shows them before anyone drafts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.opt_out import WORDS, Words

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Bound:
    """A number and whose rule it is: the network's terms, its API, or "ours"."""

    value: int
    source: str


ONE_ANSWER = Bound(1, "ours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The bounds of one network. None: it has no such rule.

    `reply_window_s`: how old a post may be, in seconds, when it is answered.
    `per_post`: replies by API to one post. Unless `holding_counts`, a holding reply ("we are looking into it") stands
    beside the answer it promises, and each of the two kinds is counted by itself.
    `per_day`: replies by API from one account within 24 hours; the installation has a bound of its own besides.
    `bot_label`: whose rule it is that the account must be shown as automated; empty: nobody asks for that.
    `opt_out_words`: what an author says who wants to be left alone.
    """

    reply_window_s: Bound | None = None
    per_post: Bound = ONE_ANSWER
    holding_counts: bool = False
    per_day: Bound | None = None
    bot_label: str = ""
    opt_out_words: Words = field(default_factory=lambda: WORDS)

    def written(self) -> Iterator[tuple[str, str]]:
        """(rule in words, whose it is) of each rule that this network adds to those of all networks."""
        if self.reply_window_s:
            yield f"a post is answered within {spoken(self.reply_window_s.value)}", self.reply_window_s.source
        if self.per_post != ONE_ANSWER or self.holding_counts:
            counted = "a holding reply counts" if self.holding_counts else "a holding reply stands beside"
            yield f"replies to one post: at most {self.per_post.value}, {counted}", self.per_post.source
        if self.per_day:
            yield f"replies from one account in 24 hours: at most {self.per_day.value}", self.per_day.source
        if self.bot_label:
            yield "the account is labelled as automated", self.bot_label


NO_MORE_THAN_OURS = Policies()
"""A network without a rule of its own: one answer to a post, the installation's bound per day, opt-outs."""


def spoken(seconds: int) -> str:
    """A length of time in its largest whole unit: "7 days", "1 hour"."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
