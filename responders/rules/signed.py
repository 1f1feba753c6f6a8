"""Whether a reply is signed by somebody who has nothing to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.reply import Finding
from responders.rules.context import ReplyContext, finding
from responders.signatures import last_line, signature, signed_by, signer

SIGNED: Final = "signed_by_colleague"
"""It says nothing against the words, so it asks for no second person."""


def signed_by_colleague(text: str, context: ReplyContext) -> Iterator[Finding]:
    """A colleague's name under words that another one answers for."""
    facts = context.facts
    if facts is None or signer(text, (agent := facts.known.get("agent", ""), facts.brand)):
        return
    if other := signer(text, context.colleagues):
        own = signature(agent or context.sign_off, facts.brand)
        advice = f"{other} neither has this case nor approves this: sign it “{own}”, or with your name."
        yield finding(SIGNED, last_line(text), advice, blocking=False, fix=signed_by(text, own))
