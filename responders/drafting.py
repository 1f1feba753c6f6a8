"""Between storage and the pure drafters: what is known of a case becomes a Brief, a text becomes findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from channels.manifest import Manifest
from domain.reply import Finding
from responders.brief import Brief, Kind
from responders.drafters.composed import compose
from responders.drafters.phrasebook import LANGUAGES
from responders.parts import Composed
from storage.replies import Gathered

Detect = Callable[[str], str | None]
"""The language of a text, None when it cannot be told."""


def answer_lang(given: Gathered) -> str:
    """The person's language where we write it, else the brand's first one that we write, else English."""
    own = given.mention.lang or given.case.lang
    wanted = [own, *given.brand.languages, "en"]
    return next(lang for lang in wanted if lang in LANGUAGES)


def kind_of(given: Gathered) -> Kind:
    """What sort of reply is asked for."""
    if given.reply.kind == "holding":
        return "holding"
    if given.case.label == "positive" and given.case.severity == 0:
        return "praise"
    asks = any(part[0] == "question" for part in given.mention.parts)
    return "question" if asks and given.case.label != "negative" else "answer"


def brief_of(given: Gathered, channel: Manifest) -> Brief:
    """Everything a drafter may rest on."""
    return Brief(
        brand=given.brand.name,
        sign_off=str(given.brand.voice.get("sign_off") or given.brand.name),
        author_name=given.mention.author_name,
        author_handle=given.mention.author_handle,
        mention_id=str(given.mention.id),
        text=f"{given.mention.title}\n{given.mention.text}".strip(),
        lang=given.mention.lang,
        answer_lang=answer_lang(given),
        label=given.mention.label,
        severity=given.mention.severity,
        channel=given.mention.channel,
        max_length=channel.max_length,
        length=channel.length,
        kind=kind_of(given),
        earlier=(),
        recent=given.recent,
    )


class Drafting:
    """Writes drafts and checks texts for the worker and the desk."""

    def __init__(self, channels: Mapping[str, Manifest], detect: Detect = lambda text: None) -> None:
        self._channels = channels
        self._detect = detect

    async def compose(self, given: Gathered) -> Composed:
        """A composed draft; `error` when nothing whole fits the channel."""
        draft = compose(brief_of(given, self._channels[given.reply.channel]))
        if not draft.text:
            return Composed("", None, "nothing that makes sense fits this channel's length: write the answer yourself")
        return Composed(draft.text, draft.lang)

    def check(self, given: Gathered, text: str) -> Sequence[Finding]:
        return ()
