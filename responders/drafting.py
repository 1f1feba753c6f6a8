"""Between storage and the pure drafters: what is known of a case becomes a Brief, a text becomes findings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event

from channels.manifest import Manifest
from domain.reply import Finding
from responders.approval import parent_of
from responders.brief import Brief, Kind
from responders.contact import CONTACT
from responders.contract import ReplyContext, check
from responders.drafters.composed import compose
from responders.drafters.known import known_of
from responders.drafters.phrasebook import first_written, pack
from responders.facts import IN_PRIVATE, Article, Facts, is_private
from responders.local import located
from responders.markets import PACKS
from responders.parts import Composed
from responders.signatures import signature
from responders.survey_links import SurveyLinks
from responders.voice import Spoken, spoken
from storage.replies import Gathered
from storage.tables import MentionRow

_KINDS: Mapping[str, Kind] = {"holding": "holding", "follow_up": "follow_up"}

Detect = Callable[[str], str | None]
"""The language of a text, None when it cannot be told."""


def answer_lang(given: Gathered) -> str:
    """The person's language where we write it, else the brand's first one that we write, else English."""
    return first_written([given.mention.lang, given.case.lang, *given.brand.languages])


def sign_off_of(given: Gathered) -> str:
    """How replies of this brand end."""
    return str(given.brand.voice.get("sign_off") or given.brand.name)


def signature_of(given: Gathered) -> str:
    """The last line of a draft that is written now."""
    return signature(given.known.get("agent") or sign_off_of(given), given.brand.name)


def spoken_of(given: Gathered) -> Spoken:
    """How the brand speaks in the language of the answer. Where it set no form of address, the market's; "" leaves it
    to the phrase pack."""
    lang = answer_lang(given)
    said = spoken(given.brand.voice, given.brand.languages, lang)
    return said if said.formality else replace(said, formality=given.formality.get(lang, ""))


def told_privately(given: Gathered, channel: Manifest) -> str:
    """The words of a critical answer to a survey. Empty where others would read the reply: what is said there is for us
    alone."""
    return given.let_down.words if given.let_down and channel.private else ""


def way_to_us(given: Gathered, surveys: SurveyLinks | None) -> str:
    """Where anybody can write to this brand in private: on its feedback page, else at the contact of its settings;
    empty where it has neither."""
    if given.feedback and surveys:
        return surveys.page(given.feedback)
    return str(given.brand.voice.get(CONTACT) or "")


def counted(channel: Manifest, mention: MentionRow) -> Callable[[str], int]:
    """How long a text is as it leaves under this post, in the channel's own measure."""
    parent = parent_of(mention)
    return lambda text: channel.length(channel.worded(text, parent))


def facts_for(given: Gathered, *, private: bool = False, heard: str = "", way: str = "") -> Facts:
    """What a draft may rest on, beside their posts also what else was `heard` of them; `way` is where anybody can write
    to us in private. With `private` also what must not be told, for who looks whether it was."""
    mention, brand = given.mention, given.brand
    said = [f"{each.title}\n{each.text}".strip() for each in (given.thread or (mention,))]
    own = {"agent": sign_off_of(given)} | ({"site": " ".join(brand.links)} if brand.links else {})
    own |= {IN_PRIVATE: way} if way else {}
    own |= {"formality": due} if (due := spoken_of(given).formality) else {}
    own |= {f"said_{number}": text for number, text in enumerate(given.said, 1)}
    facts = Facts(
        mention="\n".join([*said, heard] if heard else said),
        author_name=mention.author_name,
        brand=brand.name,
        known=own | {key: value for key, value in given.known.items() if private or not is_private(key)},
        knowledge=tuple(Article(name, body, title) for name, title, body in given.knowledge),
        channel=mention.channel,
        market=given.market,
        year=mention.posted_at.year,
    )
    return located(facts, PACKS.all())


def brief_of(given: Gathered, channel: Manifest, link: str = "", way: str = "") -> Brief:
    """Everything a drafter may rest on; `link` is that of the survey, `way` the private one that the brand has."""
    mention, said, heard = given.mention, spoken_of(given), told_privately(given, channel)
    facts = facts_for(given, heard=heard, way=way)
    return Brief(
        brand=given.brand.name,
        sign_off=sign_off_of(given),
        author_name=mention.author_name,
        author_handle=mention.author_handle,
        mention_id=str(mention.id),
        text=heard or facts.mention,
        lang=mention.lang,
        answer_lang=answer_lang(given),
        label="negative" if given.let_down else mention.label,
        severity=mention.severity,
        channel=mention.channel,
        max_length=channel.max_length,
        length=counted(channel, given.mention),
        private=channel.private,
        messages=bool(channel.messages),
        kind=_KINDS.get(given.reply.kind, "answer"),
        earlier=given.said,
        is_back=given.said_at is not None and (given.let_down is not None or mention.posted_at > given.said_at),
        recent=(*given.recent, *given.waiting),
        facts=facts,
        greeting=said.greeting,
        closing=said.closing,
        formality=facts.public.get("formality", ""),
        link=link,
    )


def unsaid(given: Gathered, channel: Manifest) -> tuple[tuple[str, str], ...]:
    """Key and value of what an answer has to say and a draft leaves out, because it is noted in another language."""
    if given.reply.kind != "answer":
        return ()
    brief = brief_of(given, channel)
    return known_of(brief, pack(brief.answer_lang)).unsaid


class _Over(Exception):
    """Nobody waits for this draft any more."""


class Drafting:
    """Writes drafts and checks texts, for the worker and the desk alike."""

    def __init__(self, channels: Mapping[str, Manifest], detect: Detect, surveys: SurveyLinks | None = None) -> None:
        self._channels = channels
        self._detect = detect
        self._surveys = surveys

    async def compose(self, given: Gathered) -> Composed:
        """A composed draft, another one at each asking; `error` when nothing whole fits the channel's length.

        Once cancelled it leaves its thread at the next text: Earshot ends only when no thread is at work."""
        way = way_to_us(given, self._surveys)
        brief = brief_of(given, self._channels[given.reply.channel], self._link(given), way)
        is_over = Event()

        def objects(text: str) -> Sequence[Finding]:
            if is_over.is_set():
                raise _Over
            return self.check(given, text)

        try:
            draft = await asyncio.to_thread(compose, brief, given.candidate, objects)
        finally:
            is_over.set()
        if not draft.text:
            return Composed("", None, "nothing that makes sense fits this channel's length: write the answer yourself")
        return Composed(draft.text, draft.lang)

    def check(self, given: Gathered, text: str) -> Sequence[Finding]:
        """The reply contract in this situation."""
        channel = self._channels[given.reply.channel]
        context = ReplyContext(
            lang=answer_lang(given),
            author_handle=given.mention.author_handle,
            author_name=given.mention.author_name,
            max_length=channel.max_length,
            length=counted(channel, given.mention),
            allowed_hosts=(*given.brand.links, *self._survey_hosts(given)),
            own_handles=tuple(given.brand.handles),
            recent=given.recent,
            detect=self._detect,
            sign_off=sign_off_of(given),
            colleagues=given.colleagues,
            facts=facts_for(
                given, private=True, heard=told_privately(given, channel), way=way_to_us(given, self._surveys)
            ),
            private=channel.private,
        )
        return check(text, context)

    def _link(self, given: Gathered) -> str:
        return self._surveys.url(given.survey) if self._surveys and given.survey else ""

    def _survey_hosts(self, given: Gathered) -> list[str]:
        return [self._surveys.host] if self._surveys and given.survey else []
