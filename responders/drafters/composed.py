"""Personal drafts from our own phrase packs, without any model.

A draft is a row of sentences: greeting, thanks, the problem restated, a word of sympathy, what was done and what
happens next, one question, a private way, the sign-off. Each is chosen by a hash of author, mention and candidate, so
the same brief gives the same draft and two people get different ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from domain.reply import Finding
from responders.brief import Brief, Draft
from responders.drafters.fitting import fitted, joined
from responders.drafters.knowledge import Fit, fitting
from responders.drafters.known import Known, known_of
from responders.drafters.phrasebook import pack, register_of
from responders.drafters.reading import Reading, read
from responders.drafters.writing import Choice, Writer
from responders.similarity import closest

CLOSE_ENOUGH, MOST_ATTEMPTS, MOST_REFUSED, UNQUOTED = 0.45, 24, 9, 4
SLOTS = {"known.done": "done", "known.next": "next", "known.known_outage": "outage"}
RESTATES = frozenset({"said", "quote", "also", "outage"})


Objects = Callable[[str], Sequence[Finding]]
"""What the reply contract objects to in a text."""


def _never(text: str) -> Sequence[Finding]:
    return ()


def compose(brief: Brief, candidate: int = 0, objects: Objects = _never) -> Draft:
    """Write candidate number `candidate` (0, 1, 2, ...). Pure. Raises BadInput for a language without a pack.

    Each candidate keeps away from the ones before it, from our earlier replies and from what was sent lately. Of
    several attempts one is taken to which nobody `objects`.
    """
    return compose_several(brief, candidate + 1, objects)[-1]


def compose_several(brief: Brief, count: int, objects: Objects = _never) -> list[Draft]:
    """The first `count` candidates."""
    material = _Material(brief)
    seen, drafts = [*brief.earlier, *brief.recent], list[Draft]()
    for candidate in range(count):
        drafts.append(_freshest(material, candidate, seen, objects))
        seen.append(drafts[-1].text)
    return drafts


class _Material:
    """What all candidates of one brief are written from."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.own = pack(brief.answer_lang, register_of(brief.answer_lang, brief.formality))
        self.reading: Reading = read(brief)
        self.known: Known = known_of(brief, self.own)
        self.fact: Fit | None = fitting(brief.text, brief.lang, brief.facts.knowledge, brief.answer_lang, brief.brand)
        self.hints = self.known.hints
        if self.fact and not self.fact.sentence:
            self.hints += (f"{self.fact.id} fits and is in another language: tell it in your own words",)


def _slot_of(source: str) -> str:
    return SLOTS.get(source, "told")


def _freshest(material: _Material, candidate: int, seen: list[str], objects: Objects) -> Draft:
    best, least, refused = Draft("", material.own.lang, ()), (2, 2.0), 0
    for attempt in range(MOST_ATTEMPTS):
        draft = _attempt(material, candidate, attempt)
        alike, _ = closest(draft.text, seen)
        if (0, alike) >= least:
            continue
        found = objects(draft.text)
        refused += bool(found)
        weight = bool(found) + any(each.blocking for each in found)  # what is only advised against can be approved
        if (weight, alike) < least:
            best, least = draft, (weight, alike)
        if least <= (0, CLOSE_ENOUGH) or refused == MOST_REFUSED:
            break
    return best


def _attempt(material: _Material, candidate: int, attempt: int) -> Draft:
    brief, own, reading = material.brief, material.own, material.reading
    choice = Choice(f"{brief.author_handle or brief.author_name}\x00{brief.mention_id}", candidate, attempt)
    is_quoted = attempt % UNQUOTED != UNQUOTED - 1  # what is given back word by word may be what is objected to
    reading = reading if is_quoted else replace(reading, quote="")
    fact = material.fact if is_quoted else None
    known = material.known if is_quoted else replace(material.known, told="")
    writer = Writer(brief, reading, own, known, fact, choice)
    kept = fitted(brief, own, list(writer.sentences()))
    used = (f"problem:{reading.kind}", f"tone:{reading.tone}", *(f"{s.slot}:{s.choice}" for s in kept))
    slots = {sentence.slot for sentence in kept}
    sources = [source for source in known.sources if _slot_of(source) in slots]
    if fact and "fact" in slots:
        sources.append(fact.id)
    if material.known.agent:
        sources.append("known.agent")
    restated = tuple(sentence.text for sentence in kept if sentence.slot in RESTATES)
    return Draft(joined(own, kept), own.lang, used, tuple(sources), material.hints, restated)
