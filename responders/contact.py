"""Where a brand can be written to in private, as it says in its settings. Pure."""

from __future__ import annotations

from typing import Final

from domain.errors import BadInput
from responders.links import addresses

CONTACT: Final = "contact"
"""Its name in a brand's voice."""


def contact_of(text: str) -> str:
    """What was typed, if it is one e-mail address or one https link, or nothing; else BadInput. It is read as the reply
    contract reads it, so that what is stored here is what passes there."""
    typed = text.strip()
    found = addresses(typed)
    is_whole = len(found) == 1 and found[0][0] == typed and "." in found[0][1]
    is_mail = "@" in typed and ":" not in typed
    if typed and not (is_whole and (is_mail or (typed.startswith("https://") and "@" not in typed))):
        raise BadInput(
            f"private contact: {typed!r} is neither one e-mail address nor one link that begins with https://"
        )
    return typed
