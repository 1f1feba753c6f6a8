"""May we say this? The checks that every reply passes, drafted or typed. Pure; a fifth of a second for a new reply.

Each finding names the rule, quotes the words, says what to do, and where that is safe carries the mended text. The
rules stand in `rules/`, one family per file; their words in `rules/<lang>.toml`.
"""

from __future__ import annotations

from dataclasses import replace

from domain.reply import Finding
from responders.rules.claims import over_promise, unsupported_fact
from responders.rules.context import Detect, ReplyContext, Rule, finding
from responders.rules.form import deceptive_chars, placeholder, too_long
from responders.rules.language import wrong_language
from responders.rules.learned import reviewed
from responders.rules.mending import mended
from responders.rules.personal import asks_known, canned
from responders.rules.places import bad_link, other_mention
from responders.rules.privacy import personal_data
from responders.rules.register import register
from responders.rules.signed import signed_by_colleague
from responders.rules.tone import brush_off, defensive, jargon, legal_admission, selling

__all__ = ["RULES", "Detect", "ReplyContext", "check"]

RULES: tuple[Rule, ...] = (
    placeholder,
    too_long,
    wrong_language,
    bad_link,
    deceptive_chars,
    other_mention,
    personal_data,
    unsupported_fact,
    over_promise,
    legal_admission,
    asks_known,
    canned,
    brush_off,
    defensive,
    selling,
    jargon,
    register,
    signed_by_colleague,
)
"""To add a limit on what may be said, add a function to a file in `rules/` and name it here."""


NEVER_OVERRULED = frozenset(["empty", "placeholder", "deceptive_chars", "too_long"])
"""Rules that are right by looking, or that the network would enforce: no reason makes such a text sendable. What these
rules only guess at stops nothing, so there is nothing to overrule."""


def check(text: str, context: ReplyContext) -> list[Finding]:
    """Every objection to sending exactly this text, in the order of RULES, the same words once; empty when there is
    none."""
    if not any(char.isalnum() for char in text):
        return [finding("empty", text, "Write something before approving.")]
    found = reviewed([each for rule in RULES for each in rule(text, context)], text, context)
    return [replace(each, fix=each.fix or mended(text, each)) for each in {each.key: each for each in found}.values()]
