"""A post of the sandbox network as a Mention. Pure."""

from __future__ import annotations

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import clean_text, text_at, time_at

CHANNEL = "sandbox"


def to_mention(raw: object, handles: tuple[str, ...]) -> Mention:
    """Raises Undecodable when id, author or date are missing."""
    posted_at, external_id, author = time_at(raw, "created_at"), text_at(raw, "id"), text_at(raw, "author")
    if not external_id or not author or posted_at is None:
        raise Undecodable("a sandbox post needs id, author and created_at")
    text = clean_text(text_at(raw, "text"))
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=text,
        posted_at=posted_at,
        thread_id=text_at(raw, "thread_id") or external_id,
        url=text_at(raw, "url"),
        parent_id=text_at(raw, "parent_id") or None,
        author_id=author,
        author_handle=author,
        author_name=author,
        lang_tag=text_at(raw, "lang") or None,
        edited_at=time_at(raw, "edited_at"),
        addressed=names_us(text, handles),
    )


def names_us(text: str, handles: tuple[str, ...]) -> bool:
    """Whether the text @mentions one of our handles as a whole word."""
    words = {word.strip(".,:;!?()").casefold() for word in text.split() if word.startswith(("@", ".@", "(@"))}
    return any(f"@{handle.lstrip('@').casefold()}" in words for handle in handles)
