"""May a reply leave by API now? The bounds of its network and of the installation. Pure: facts in, an objection out.

`publishing.claim` asks this as the last word before a socket is opened; pages ask it before anyone drafts. What a
person posts by hand is theirs to answer for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.policies import Policies, spoken
from storage.bounds import DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at. `said` is with what words the author asked us to stop (None: they did not), `kinds` are
    those of the other replies to this post that went out by API, `sendings` are when other replies of the account left
    within 24 hours, oldest first. `per_day` is the installation's bound on those."""

    policies: Policies
    now: datetime
    posted_at: datetime
    kind: str
    said: str | None
    kinds: tuple[str, ...]
    labelled: bool | None
    sendings: tuple[datetime, ...]
    per_day: int


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a reply does not leave by API, whose rule that is, and (when waiting helps) until when."""

    rule: str
    reason: str
    source: str
    until: datetime | None = None


Rule = Callable[[Facts], Objection | None]


def objection(facts: Facts) -> Objection | None:
    """The first objection in the order of RULES, None when the reply may leave."""
    return next((found for rule in RULES if (found := rule(facts)) is not None), None)


def opt_out(facts: Facts) -> Objection | None:
    """The author asked us to leave them alone."""
    if facts.said is None:
        return None
    quoted = f" (“{facts.said}”)" if facts.said else ""
    return Objection(
        "opt_out", f"the author asked us to leave them alone{quoted}: no reply by API", "the author's wish"
    )


def bot_label(facts: Facts) -> Objection | None:
    """The network wants to see which accounts are automated."""
    if not facts.policies.bot_label or facts.labelled:
        return None
    mend = "label it in its profile there, then say so on the accounts page"
    return Objection("bot_label", f"our account is not labelled as automated: {mend}", facts.policies.bot_label)


def reply_window(facts: Facts) -> Objection | None:
    """The post is too old."""
    window = facts.policies.reply_window_s
    if window is None or facts.now - facts.posted_at <= timedelta(seconds=window.value):
        return None
    return Objection(
        "reply_window", f"the post is older than {spoken(window.value)}: too old for the API", window.source
    )


def per_post(facts: Facts) -> Objection | None:
    """One interaction, one reply."""
    policies = facts.policies
    counted = [kind for kind in facts.kinds if policies.holding_counts or kind == facts.kind]
    if len(counted) < policies.per_post.value:
        return None
    has = "our reply" if len(counted) == 1 else f"{len(counted)} replies of ours"
    return Objection(
        "per_post", f"this post has {has} by API already, and no more may follow", policies.per_post.source
    )


def per_day(facts: Facts) -> Objection | None:
    """The account has sent as many as it may within 24 hours: the next one leaves when the oldest is a day old."""
    theirs = facts.policies.per_day
    most, source = facts.per_day, "the settings of this installation"
    if theirs is not None and theirs.value < most:
        most, source = theirs.value, theirs.source
    if len(facts.sendings) < most:
        return None
    until = facts.sendings[len(facts.sendings) - most] + DAY
    reason = f"{len(facts.sendings)} replies left this account within 24 hours: the next may leave at {until:%H:%M} UTC"
    return Objection("per_day", reason, source, until)


RULES: tuple[Rule, ...] = (opt_out, bot_label, reply_window, per_post, per_day)
"""Those that waiting cannot help come first. To add a bound, add a function here and its fact to the manifests."""
