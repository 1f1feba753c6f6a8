"""Personal drafts from our own phrase packs, without any model.

A draft is a row of sentences: greeting, thanks, the problem restated, a word of sympathy, what happens next, one
question, a private way, the sign-off. Each is chosen by a hash of author, mention and candidate, so the same brief
gives the same draft and two people get different ones. Optional sentences leave, least needed first, until it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import xxhash

from responders.brief import Brief, Draft
from responders.drafters.naming import address
from responders.drafters.phrasebook import Pack, pack
from responders.drafters.reading import Reading, read
from responders.similarity import closest

COMFORTABLE_LENGTH = 430
"""Longer is allowed where the channel allows it, but nobody reads it: optional sentences leave above this."""

CLOSE_ENOUGH, MOST_ATTEMPTS = 0.55, 24
NEVER = 99
TRAVEL = frozenset({"delay", "cancelled", "connection"})
WAITED = frozenset({"delay", "waiting", "parcel", "luggage", "outage", "refund", "app", "info", "staff", "cancelled"})
MONEY = frozenset({"refund", "charge", "price"})
UNFELT = frozenset({"lost_item", "close_account", "price"})
"""Nothing of ours went wrong yet: "that is not how it should be" would be out of place."""

PRAISED = frozenset({"staff", "app", "product", "comfort"})
PRIVATE = frozenset(
    {"luggage", "parcel", "refund", "charge", "booking", "points", "close_account", "lost_item", "damaged"}
)
ASKS = {
    "delay": "which",
    "cancelled": "which",
    "connection": "which",
    "safety": "where_when",
    "dirty": "where_when",
    "staff": "where_when",
    "comfort": "where_when",
    "outage": "where",
    "app": "device",
    "waiting": "what_for",
    "info": "need",
    "product": "use",
    "price": "offer",
    "hours": "place",
    "other": "what",
    "question": "more",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One part of a draft. The lowest `keep` leaves first; NEVER leaves last. `cosy` may leave for mere comfort."""

    slot: str
    choice: int
    text: str
    keep: int = NEVER
    cosy: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Picks variants: the same seed gives the same ones, and neighbouring candidates differ in every slot."""

    seed: str
    candidate: int
    attempt: int

    def of(self, slot: str, count: int) -> int:
        """Index of the variant for this slot."""
        seed = f"{self.seed}\x00{slot}\x00{self.attempt}".encode("utf-8", "replace")
        return (xxhash.xxh3_64_intdigest(seed) + self.candidate) % count


def compose(brief: Brief, candidate: int = 0) -> Draft:
    """Write candidate number `candidate` (0, 1, 2, ...). Pure. Raises BadInput for a language without a pack.

    Each candidate keeps away from the ones before it, from our earlier replies and from what was sent lately.
    """
    reading, seen = read(brief), [*brief.earlier, *brief.recent]
    draft = Draft("", brief.answer_lang, ())
    for number in range(candidate + 1):
        draft = _freshest(brief, reading, number, seen)
        seen.append(draft.text)
    return draft


def _freshest(brief: Brief, reading: Reading, candidate: int, seen: list[str]) -> Draft:
    best, least = Draft("", brief.answer_lang, ()), 2.0
    for attempt in range(MOST_ATTEMPTS):
        draft = _attempt(brief, reading, candidate, attempt)
        alike, _ = closest(draft.text, seen)
        if alike < least:
            best, least = draft, alike
        if least <= CLOSE_ENOUGH:
            break
    return best


def _attempt(brief: Brief, reading: Reading, candidate: int, attempt: int) -> Draft:
    own = pack(brief.answer_lang)
    choice = Choice(f"{brief.author_handle or brief.author_name}\x00{brief.mention_id}", candidate, attempt)
    sentences = list(_Writer(brief, reading, own, choice).sentences())
    fitted = _fit(brief, own, sentences)
    used = (f"problem:{reading.kind}", f"tone:{reading.tone}", *(f"{s.slot}:{s.choice}" for s in fitted))
    return Draft(_joined(own, fitted), own.lang, used)


class _Writer:
    """Writes the sentences of one attempt, in reading order."""

    def __init__(self, brief: Brief, reading: Reading, own: Pack, choice: Choice) -> None:
        self.brief, self.reading, self.own, self.choice = brief, reading, own, choice
        self.again = bool(brief.earlier)
        self.fields = _fields(own, reading)

    def sentences(self) -> Iterator[Sentence]:
        """The whole draft before it is fitted."""
        yield self._greeting()
        yield from self._follow_up() if self.brief.kind == "follow_up" else getattr(self, f"_{self.reading.tone}")()
        if sign_off := " ".join(self.brief.sign_off.split()):
            yield Sentence("sign", 0, sign_off, keep=NEVER - 2)

    def _line(self, slot: str, path: str, keep: int = NEVER, *, cosy: bool = False, **more: str) -> Sentence:
        lines = self.own.lines(path)
        at = self.choice.of(slot, len(lines))
        return Sentence(slot, at, lines[at].format(**{**self.fields, **more}), keep, cosy)

    def _greeting(self) -> Sentence:
        name = address(self.own, self.brief.author_name, self.brief.author_handle, self.brief.brand)
        return self._line("greeting", "address.named" if name else "address.plain", NEVER - 1, name=name)

    def _complaint(self) -> Iterator[Sentence]:
        reading = self.reading
        yield self._line("opening", "opening.again" if self.again else "opening.complaint", 20, cosy=True)
        yield self._problem()
        known = list(self._known_details())
        yield from known
        if not self.again and reading.kind not in UNFELT and (reading.heated or not known):
            mood = "strong" if reading.heated or reading.kind == "safety" else "mild"
            yield self._line("feeling", f"feeling.{mood}", 50 if reading.heated else 15, cosy=not reading.heated)
        if reading.second:
            yield self._line("also", "also.lines", 30, cosy=True, about=self.own.about(reading.second))
        step = "question" if reading.kind in UNFELT else "complaint"
        yield self._line("next", f"next.{'holding' if self.brief.kind == 'holding' else step}", 80)
        if self.brief.kind != "holding":
            yield from self._request()

    def _follow_up(self) -> Iterator[Sentence]:
        yield self._line("ask", "follow_up.ask")
        yield self._line("close", "follow_up.open", 50)

    def _problem(self) -> Sentence:
        kind = self.reading.kind
        if self.reading.firm or kind == "other":
            return self._line("said", f"kinds.{kind}.said")
        return self._line("said", "about_said.lines")

    def _known_details(self) -> Iterator[Sentence]:
        kinds, details = {self.reading.kind, self.reading.second}, self.reading.details
        if details.duration and kinds & WAITED and not self.again:
            yield self._line("duration", "detail.duration", 40)
        if details.amount and kinds & MONEY:
            yield self._line("amount", "detail.amount", 35)

    def _request(self) -> Iterator[Sentence]:
        kind, details = self.reading.kind, self.reading.details
        if kind in PRIVATE and details.order is None:
            yield self._line("private", "private.here" if self.brief.private else "private.reference", 60)
            return
        if kind not in PRIVATE and not self._is_known(kind):
            yield self._line("ask", f"ask.{ASKS[kind]}", 60)
        yield from self._offer(12 if kind in PRIVATE else 10)

    def _offer(self, keep: int) -> Iterator[Sentence]:
        """A private way, unless they and we are there already."""
        if not self.brief.private:
            yield self._line("private", "private.offer", keep, cosy=True)

    def _is_known(self, kind: str) -> bool:
        details = self.reading.details
        if kind not in ASKS or self.again:
            return True
        if ASKS[kind] in ("where", "place"):
            return details.has_place
        return ASKS[kind] == "which" and bool(details.number or details.route)

    def _question(self) -> Iterator[Sentence]:
        kind = self.reading.kind
        general = kind == "question"
        yield self._line("said", "kinds.question.said" if general else "opening.question")
        if self.again:
            yield self._line("opening", "opening.again", 20, cosy=True)
        yield self._line("next", "next.holding" if self.brief.kind == "holding" else "next.question", 80)
        if kind in ("question", "hours") and self.brief.kind != "holding" and not self._is_known(kind):
            yield self._line("ask", f"ask.{ASKS[kind]}", 60)
        if kind != "hours":
            yield from self._offer(10)

    def _suggestion(self) -> Iterator[Sentence]:
        yield self._line("opening", "opening.suggestion", 50)
        yield self._line("said", "kinds.suggestion.said")
        yield self._line("next", "next.suggestion", 80)

    def _praise(self) -> Iterator[Sentence]:
        topic = self.reading.kind in PRAISED
        yield self._line("said", "praise_about.lines" if topic else "kinds.praise.said")
        yield self._line("close", "close.praise", 50)
        yield self._line("wish", "close.wish", 20)

    def _thanks(self) -> Iterator[Sentence]:
        yield self._line("said", "kinds.thanks.said")
        yield self._line("close", "close.thanks", 50)
        yield self._line("wish", "close.wish", 20)

    def _note(self) -> Iterator[Sentence]:
        yield self._line("said", "note.lines")
        yield self._line("close", "close.chat", 50)
        yield self._line("wish", "close.wish", 20)

    def _chat(self) -> Iterator[Sentence]:
        yield self._line("said", "kinds.chat.said")
        yield self._line("close", "close.chat", 50)
        yield self._line("wish", "close.wish", 20)


def _fields(own: Pack, reading: Reading) -> dict[str, str]:
    details, names = reading.details, own.raw["what"]
    number = details.number
    what = names.get(f"{details.thing}_no" if number else details.thing or "trip", names["trip"])
    what = what.format(number=number)
    if details.route and reading.kind in TRAVEL:
        what = names["route"].format(what=what, start=details.route[0], end=details.route[1])
    return {
        "what": what,
        "about": own.about(reading.kind, asked=reading.tone in ("question", "note")),
        "order": names["order_no"].format(number=details.order) if details.order else names["order"],
        "product": details.product if details.product in own.products else names["product"],
        "amount": details.amount or "",
        "duration": _spoken(own, details.duration) if details.duration else "",
    }


def _spoken(own: Pack, duration: tuple[str, str]) -> str:
    count, unit = duration
    forms = own.raw["durations"][unit]
    return f"{count} {forms[_plural(own.lang, count)]}"


def _plural(lang: str, count: str) -> int:
    """Which of the pack's forms goes with the count: Croatian has three, English and Latvian two, the others one."""
    if lang not in ("en", "lv", "hr"):
        return 0
    if "." in count:
        return 1
    number = int(count)
    if lang == "en":
        return 0 if number == 1 else 1
    ends_in_one = number % 10 == 1 and number % 100 != 11
    if lang == "lv" or ends_in_one:
        return 0 if ends_in_one else 1
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2


def _fit(brief: Brief, own: Pack, sentences: list[Sentence]) -> list[Sentence]:
    """Let sentences leave until the rest fits: cosy ones for comfort, then any, and at last all but the shortest whole
    one that fits. Empty when not even that does."""

    def too_long(kept: list[Sentence], most: int) -> bool:
        return brief.length(_joined(own, kept)) > most

    kept = list(sentences)
    while too_long(kept, min(brief.max_length, COMFORTABLE_LENGTH)) and any(s.cosy for s in kept):
        kept.remove(min((s for s in kept if s.cosy), key=lambda s: s.keep))
    while len(kept) > 1 and too_long(kept, brief.max_length):
        kept.remove(min(kept, key=lambda s: s.keep))
    return [] if too_long(kept, brief.max_length) else kept


@lru_cache(maxsize=8)
def _capitals(lang: str) -> frozenset[str]:
    return frozenset(pack(lang).raw["address"]["keep_capital"])


def _joined(own: Pack, sentences: list[Sentence]) -> str:
    """One paragraph; after "Hi Ana," it goes on in lower case, as each language does."""
    text = ""
    for sentence in sentences:
        if sentence.slot == "sign":
            text += (" " if sentence.text[:1] in "^-–—" else "\n") + sentence.text if text else sentence.text
        elif not text:
            text = sentence.text if sentence.slot == "greeting" else _upper(sentence.text)
        else:
            text += " " + (_lower(own, sentence.text) if text.endswith(",") else _upper(sentence.text))
    return text


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(own: Pack, text: str) -> str:
    return text if text.split(maxsplit=1)[0].strip(",.") in _capitals(own.lang) else text[:1].lower() + text[1:]
