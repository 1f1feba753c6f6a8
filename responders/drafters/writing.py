"""The sentences of one draft, in reading order, before they are fitted to the channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import xxhash

from responders.brief import Brief
from responders.drafters.asking import BOUGHT, PRIVATE, question_about, still_open
from responders.drafters.fields import GENERAL, TRAVEL, fields_of, named_in, troubles_in
from responders.drafters.fitting import NEVER, Sentence
from responders.drafters.knowledge import Fit
from responders.drafters.known import Known
from responders.drafters.naming import address
from responders.drafters.phrasebook import LANGUAGES, Pack, fold
from responders.drafters.reading import Reading
from responders.facts import IN_PRIVATE
from responders.signatures import signature

WAITED = frozenset(
    {"delay", "waiting", "parcel", "luggage", "outage", "refund", "app", "info", "staff", "cancelled", "repair", "loan"}
)
MONEY = frozenset({"refund", "charge", "price"})
UNFELT = frozenset({"lost_item", "close_account", "price", "loan"})
"""Nothing of ours went wrong yet: "that is not how it should be" would be out of place."""

EXACT = ("queue", "on hold", "chat bot")
"""Kinds of waiting in which we could well be reached."""

STEM = 4

_BEGINS, _DOUBLE_STOP = re.compile(r"(?<=[.!?] )\{(\w+)\}"), re.compile(r"([!?…])\.$")

PRAISED = frozenset({"staff", "app", "product", "comfort", "food"})


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


class Writer:
    """Writes the sentences of one attempt. Every second candidate names the problem before it thanks."""

    def __init__(
        self, brief: Brief, reading: Reading, own: Pack, known: Known, fact: Fit | None, choice: Choice
    ) -> None:
        self.brief, self.reading, self.own, self.known, self.choice = brief, reading, own, known, choice
        self.fact = fact if fact and fact.sentence else None
        self.again = bool(brief.earlier)
        self.named = list(named_in(own, reading))
        self.troubles = troubles_in(own, reading)
        self.fields = fields_of(own, reading, known)

    def sentences(self) -> Iterator[Sentence]:
        """The whole draft before it is fitted."""
        yield self._greeting()
        yield from self._follow_up() if self.brief.kind == "follow_up" else getattr(self, f"_{self.reading.tone}")()
        if closing := " ".join(self.brief.closing.split()):
            yield Sentence("closing", 0, closing, 5)
        if sign_off := self._sign_off():
            yield Sentence("sign", 0, sign_off, keep=NEVER - 2)

    def _sign_off(self) -> str:
        agent = self.known.agent
        return signature(agent, self.brief.brand) if agent else " ".join(self.brief.sign_off.split())

    def _line(self, slot: str, path: str, keep: int = NEVER, *, cosy: bool = False, **more: str) -> Sentence:
        lines = self.own.lines(path)
        if ": " in self.fields.get(slot, ""):  # one colon in a sentence is enough
            lines = [line for line in lines if ": {" not in line]
        at = self.choice.of(slot, len(lines))
        return Sentence(slot, at, _filled(lines[at], {**self.fields, **more}), keep, cosy)

    def _follow_up(self) -> Iterator[Sentence]:
        yield self._line("ask", "follow_up.ask")
        yield self._line("close", "follow_up.open", 50)
        if self.brief.link:
            yield self._line("survey", "follow_up.survey", link=self.brief.link)

    def _greeting(self) -> Sentence:
        name = address(self.own, self.brief.author_name, self.brief.author_handle, self.brief.brand)
        if name and "{name}" in self.brief.greeting:
            return Sentence("greeting", 0, self.brief.greeting.replace("{name}", name), NEVER - 1)
        return self._line("greeting", "address.named" if name else "address.plain", NEVER - 1, name=name)

    # --- somebody has a problem ---

    def _complaint(self) -> Iterator[Sentence]:
        reading = self.reading
        opening = list(self._opening("opening.complaint"))
        if self._is_calm:
            yield from [*opening, *self._outage(), *self._what_happens("complaint")]
            return
        said = self._restated()
        problem = [said, *self._outage()]
        yield from [*problem, *opening] if self.choice.candidate % 2 else [*opening, *problem]
        told = list(self._details())
        yield from told
        if not self.again and not self._is_unfelt and (reading.heated or not told):
            yield self._feeling(said)
        yield from self._beside(said, "trouble")
        yield from self._what_happens("question" if self._is_unfelt else "complaint")
        if self.brief.kind != "holding":
            yield from self._request()

    def _opening(self, first: str = "") -> Iterator[Sentence]:
        """Thanks for what they wrote: the first time, and once they wrote again; nobody is thanked for waiting."""
        path = "opening.again" if self.brief.is_back else "" if self.again else first
        if path:
            yield self._line("opening", path, 20, cosy=True)

    @property
    def _is_calm(self) -> bool:
        """Whether somebody only waits for an answer, and nothing that we can name went wrong."""
        is_unnamed = self.reading.kind == "other" and not self.named
        return self.brief.kind == "holding" and self.brief.label != "negative" and is_unnamed

    @property
    def _is_unfelt(self) -> bool:
        return self.reading.firm and self.reading.kind in UNFELT

    def _feeling(self, said: Sentence) -> Sentence:
        """A word of sympathy that neither begins as the sentence before it does nor says it again."""
        heated = self.reading.heated
        lines = self.own.lines(f"feeling.{'strong' if heated or self.reading.kind == 'safety' else 'mild'}")
        at = self.choice.of("feeling", len(lines))
        if lines[at].split()[0].casefold() == said.text.split()[0].casefold() or _shared(lines[at], said.text) > 1:
            at = (at + 1) % len(lines)
        return Sentence("feeling", at, lines[at], 50 if heated else 15, cosy=not heated)

    def _restated(self) -> Sentence:
        """The problem as we name it, or an apology alone where we cannot."""
        kind, firm = self.reading.kind, self.reading.is_exact
        if self.named and (not firm or (kind in GENERAL and not self.reading.details.product)):
            return self._line("said", "about_said.lines", about=self.named.pop(0))
        exact = next((cause for cause in self.reading.causes if cause in EXACT), "") if kind == "waiting" else ""
        if exact:
            return self._line("said", "about_said.lines", about=self.own.raw["subjects"][exact])
        if firm or kind == "other":
            return self._line("said", f"kinds.{kind}.said")
        about = self.own.raw["subjects"]["order"] if kind == "parcel" else self.fields["about"]
        return self._line("said", "about_said.lines", about=about)

    def _outage(self) -> Iterator[Sentence]:
        if self.known.outage:
            yield self._line("outage", "known.outage" if self.known.outage_where else "known.outage_plain", 70)

    def _details(self) -> Iterator[Sentence]:
        kinds, details = {self.reading.kind, self.reading.second}, self.reading.details
        if details.duration and kinds & WAITED and not self.again:
            yield self._line("duration", "detail.duration", 40)
        if details.amount and kinds & MONEY:
            yield self._line("amount", "detail.amount", 35)

    def _beside(self, said: Sentence, mood: str) -> Iterator[Sentence]:
        """What the sentence before leaves out: another trouble of theirs, or else their own words, never both."""
        before, second = said.text, self.reading.second
        about = next(iter(self.troubles), "") or (self.own.about(second) if second else "")
        if about and not _repeats(about, before):
            yield self._line("also", "also.lines", 30, cosy=True, about=about)
        elif self.reading.quote and not _shared(before, self.brief.text):
            yield self._line("quote", f"quote.{mood}", 45, cosy=True, quote=self.reading.quote)

    def _what_happens(self, step: str) -> Iterator[Sentence]:
        """What was done, what we know, what comes next: an act of this moment only where nothing else is known."""
        known = self.known
        if known.done:
            yield self._line("done", "known.done", 78)
        if known.told:
            yield self._line("told", "known.told", 74)
        if self.fact:
            yield self._line("fact", "fact.lines", 76, fact=self.fact.sentence)
        if known.next:
            yield self._line("next", "known.next", 80)
        elif step != "open" and not known.done and not ((self.fact or known.told) and step == "question"):
            yield self._line("next", f"next.{'holding' if self.brief.kind == 'holding' else step}", 80)

    def _request(self) -> Iterator[Sentence]:
        """One question, when something is missing; a private way, unless they and we are there already. What only a
        private way may carry is not asked where there is none."""
        kind, known = self.reading.kind if not self._is_vague else "other", self.known
        if known.next or known.done:
            yield self._line("close", "close.thanks", 12, cosy=True)
        elif kind in PRIVATE and not self._has_reference():
            yield from self._in_private("reference", 60)
            return
        elif kind not in PRIVATE and not self._is_known():
            if kind in BOUGHT and not (self._open_question or self._has_reference()):
                yield from self._in_private("reference", 60)  # what is wrong with it is told: now it has to be found
                return
            yield from self._ask()
        yield from self._offer(12 if kind in PRIVATE else 10)

    def _has_reference(self) -> bool:
        return "reference" in self.reading.told or self.known.answers("reference")

    @property
    def _is_vague(self) -> bool:
        """Only the subject is known, and its question would take for granted what they did not say."""
        return not self.reading.firm and self.reading.kind in {*UNFELT, *TRAVEL, "product", "app"}

    def _offer(self, keep: int) -> Iterator[Sentence]:
        if not self.brief.private:
            yield from self._in_private("offer", keep, cosy=True)

    def _in_private(self, what: str, keep: int, *, cosy: bool = False) -> Iterator[Sentence]:
        """Said here where nobody else reads it, else in a message of the network, else on a way of the brand's own."""
        way = self.brief.facts.public.get(IN_PRIVATE, "")
        if self.brief.private:
            yield self._line("private", "private.here", keep, cosy=cosy)
        elif self.brief.messages:
            yield self._line("private", f"private.{what}", keep, cosy=cosy)
        elif way:
            yield self._line("private", f"private.{what}_at", keep, cosy=cosy, way=way)

    @property
    def _asked(self) -> str:
        """The question of the pack; empty when there is none."""
        if self.brief.lang not in LANGUAGES and (self._is_vague or self.reading.kind == "other"):
            return "what"  # who cannot read what happened does not ask what did
        if self._is_vague:
            return "what" if self.reading.kind in TRAVEL else "happened"
        asked = question_about(self.reading.kind, self.reading.causes)
        return "happened" if asked == "device" and not self.reading.is_exact else asked  # it may be no app

    @property
    def _open_question(self) -> str:
        """What their post leaves of that question."""
        return still_open(self._asked, self.reading.told)

    def _ask(self) -> Iterator[Sentence]:
        if self._open_question:
            yield self._line("ask", f"ask.{self._open_question}", 60)

    def _is_known(self) -> bool:
        """Whether nothing is missing, by what we know of the case."""
        asked = self._asked
        of_kind = question_about(self.reading.kind, self.reading.causes)  # a known flight answers "what" too
        if not asked or self.again or any(map(self.known.answers, filter(None, (asked, of_kind)))):
            return True
        if asked == "what_for" and (self.reading.subject or self.named):
            return True
        return asked in ("where", "where_when") and self.known.outage

    # --- everything else ---

    def _subject(self) -> str:
        return self.named[0] if self.named else ""

    @property
    def _is_told(self) -> bool:
        """Whether the draft tells something of the matter already."""
        return bool(self.fact or self.known.next or self.known.done or self.known.told)

    def _question(self) -> Iterator[Sentence]:
        kind = self.reading.kind
        about = self._subject()
        if kind == "question" and not about:
            said = self._line("said", "kinds.question.said")
        else:
            named = about if about and (kind == "question" or kind in GENERAL) else self.fields["about"]
            said = self._line("said", "opening.question", about=named)
        yield said
        yield from self._beside(said, "trouble")
        yield from self._opening()
        yield from self._outage()
        yield from self._what_happens("question")
        is_open = kind in ("question", "hours") and self.brief.kind != "holding"
        if is_open and not self._is_told and not self._is_known():
            yield from self._ask()
        if kind != "hours":
            yield from self._offer(10)

    def _suggestion(self) -> Iterator[Sentence]:
        yield self._line("opening", "opening.suggestion", 50)
        yield self._line("said", "kinds.suggestion.said")
        yield self._line("next", "next.suggestion", 80)

    def _praise(self) -> Iterator[Sentence]:
        about = self._subject()
        if self.reading.kind in PRAISED or about:
            said = self._line("said", "praise_about.lines", about=about or self.fields["about"])
        else:
            said = self._line("said", "kinds.praise.said")
        yield said
        yield from self._beside(said, "praise")
        yield from self._heard()
        yield self._line("close", "close.praise", 50)
        yield self._line("wish", "close.wish", 20)

    def _heard(self) -> Iterator[Sentence]:
        """What came of a kind message, where somebody noted it."""
        if self.known.done:
            yield self._line("done", "known.done", 70)
        if self.known.next:
            yield self._line("next", "known.next", 72)

    def _thanks(self) -> Iterator[Sentence]:
        yield self._line("said", "kinds.thanks.said")
        yield from self._heard()
        yield self._line("close", "close.thanks", 50)
        yield self._line("wish", "close.wish", 20)

    def _note(self) -> Iterator[Sentence]:
        yield self._line("said", "note.lines")
        yield self._line("close", "close.chat", 50)
        yield self._line("wish", "close.wish", 20)

    def _open(self) -> Iterator[Sentence]:
        """Nothing says how they feel, but it may well be trouble: no apology yet, and no mere hello."""
        about = self._subject()
        named = about or (self.fields["about"] if self.reading.kind != "chat" else "")
        said = self._line("said", "note.lines" if named else "open.lines", about=named)
        yield said
        yield from self._beside(said, "trouble")
        yield from self._outage()
        yield from self._what_happens("open")
        if not self._is_told:
            is_asked = all(still_open(each, self.reading.told) for each in ("what", "happened"))
            yield self._line("ask", "ask.what", 60) if is_asked else self._line("next", "next.complaint", 80)
        yield from self._offer(10)

    def _chat(self) -> Iterator[Sentence]:
        yield self._line("said", "kinds.chat.said")
        yield self._line("close", "close.chat", 50)
        yield self._line("wish", "close.wish", 20)


def _filled(line: str, fields: Mapping[str, str]) -> str:
    """The sentence with its fields, capital where one begins it, and one full stop: noted values are no sentences."""
    begun = {f"{name}_begun": value[:1].upper() + value[1:] for name, value in fields.items()}
    return _DOUBLE_STOP.sub(r"\1", _BEGINS.sub(r"{\1_begun}", line).format(**fields, **begun))


def _shared(said: str, post: str) -> int:
    """How many content words of the post a sentence names, by their beginnings."""
    theirs = {word[:STEM] for word in fold(post).split() if len(word) >= STEM}
    return len({word[:STEM] for word in fold(said).split() if len(word) > STEM} & theirs)


def _repeats(about: str, said: str) -> bool:
    """Whether a sentence holds the beginning of the last word of this already."""
    return f" {fold(about).split()[-1][:4]}" in f" {fold(said)}"
