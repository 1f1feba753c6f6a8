"""What a reply claims or promises, found by kind, and whether what is known of the case bears it.

Checkable are figures, what we say we have done, what we say a thing is, causes, and what we say we will do. Courtesy,
questions, and what only holds "if" are no claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from domain.remembering import remembered
from domain.reply import Finding
from responders.rules.context import ReplyContext, finding
from responders.rules.deeds import NAMED, free_deeds, strange_names
from responders.rules.figures import Figure, figures
from responders.rules.ground import Ground, ground_of
from responders.rules.local_facts import foreign_facts, set_apart
from responders.rules.reader import is_modest
from responders.rules.reading import Reading, Sentence, read
from responders.rules.stems import stems
from responders.rules.words import LANGUAGES, Act, Words, words_of

TIMELY = frozenset({"clock", "spoken clock", "date", "weekday", "day", "span", "spoken span", "month"})
ALSO = {"free": "waive", "delivered": "send"}
MENDED = frozenset({"act:replace", "act:reset", "act:correct", "act:repair"})
"""Whatever of these has happened, a thing may be called mended."""
KIN = {"cancel": "act:refund"}
"""A charge that was paid back may be called cancelled."""
HOLIDAY = "holiday"
"""The cause that a holiday of the market is."""
ROOTS = 2
"""So many words or figures of what we know make a sentence a retelling."""
FEWEST_IN_CLAUSE = 4
"""A shorter one ("we confirmed it,") says what it is about before or after the comma."""
CLOSE, SOON = 12, 18
FEW = 1
SURE = 0.2
"""By so much it has to be likelier that we say what we are at, or courtesy, than that we claim something (`reader`)."""
_TL_TO_COME = re.compile(
    r"\b(?:mag-?|ma|ipa|maka|mai)?(?!(?:tutul|gagaw|dod|tat|nan|lol|pap|mam|dad|tit|kak|lal|bab(?:a|ae|y)\b|sasak))"
    r"([bdghklmnprstwy]?[aeiou])\1[a-z]{2,}"
)
"""Filipino doubles the first syllable of what is to come: "aandar", "babalik", "magkakaroon"."""
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_JOINT = re.compile(r"[,;:–—(](?!\d)| - |\b(?:and|but|so|dan|tapi|tetapi|jadi|at|pero|kaya)\b")
AHEAD = frozenset({"tomorrow", "tonight", "weekend", "next week", "next month", "dayafter", "shortly"})
A_YEAR = 525_600.0
"""So many minutes are told, not felt: "five years of warranty"."""
MATERIAL = frozenset({"refund", "credit", "replace", "waive", "gift", "cover"})
"""What costs us something: a promise of it needs a source even under a condition ("if it fails, you get a new one")."""
DAY_PARTS = frozenset({"tonight", "morning", "afternoon"})
LOOSE_DAYS = frozenset({"today", "now", "past"})
"""Days that are said in passing ("I am looking at it today") and count only with a limit ("by tonight")."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim at this place of the folded reply. `promise`: it is about what will be."""

    start: int
    end: int
    promise: bool = False


def unsupported_fact(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Whatever is told as a fact and no source says, and what holds only in another market."""
    local = list(foreign_facts(text, context))
    yield from local
    for quoted in set_apart(_told(text, context, promise=False), local):
        advice = "Nothing we know says this: cite it from the case or from knowledge, or take it out."
        yield finding("unsupported_fact", quoted, advice)


def over_promise(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Whatever is promised and no commitment of ours covers, and every guarantee."""
    for quoted in _told(text, context, promise=True):
        yield finding("over_promise", quoted, "Nobody owns this promise: say only what is agreed, or take it out.")


def _told(text: str, context: ReplyContext, *, promise: bool) -> list[str]:
    if context.facts is None or context.lang not in LANGUAGES:
        return []
    reading, ground = read(text), ground_of(context.facts, context.lang)
    found = [claim for claim in _unborne(reading, context.lang, ground) if claim.promise is promise]
    return list(dict.fromkeys(reading.quote(claim.start, claim.end) for claim in found))


def _unborne(reading: Reading, lang: str, ground: Ground) -> Iterator[Claim]:
    words = words_of(lang)
    numbers = _figures(reading.plain, lang)
    for sentence in reading.sentences:
        if sentence.is_question:
            continue
        inside = [figure for figure in numbers if sentence.start <= figure.start < sentence.end]
        yield from _figure_claims(sentence, inside, words, ground)
        yield from _guarantees(sentence, words, ground)
        yield from _cause_claims(sentence, inside, words, ground)
        yield from _act_claims(sentence, words, ground, words.weighty)
        roots = roots_of(sentence, inside, words, ground)
        for claim in (*_act_claims(sentence, words, ground, words.acts), *_state_claims(sentence, words, ground)):
            start, end = claim.start - sentence.start, claim.end - sentence.start
            around = sentence if claim.promise else sentence.clause(start, end)
            around = around if len(around.plain.split()) >= FEWEST_IN_CLAUSE else sentence
            if min(roots, roots_of(around, inside_of(around, inside), words, ground)) < ROOTS:
                yield claim
        for start, end, person in strange_names(reading, sentence, words, ground):
            if not person:
                yield Claim(start, end)
        for part in _parts(sentence) if lang in NAMED else (sentence,):
            yield from _free_deeds(part, sentence, inside, words, ground)
            if _is_out_of_the_blue(part, sentence, inside, words, ground):
                yield Claim(part.start, part.end, True)


def roots_of(sentence: Sentence, inside: list[Figure], words: Words, ground: Ground) -> int:
    """How many words and figures of what we know the sentence retells; from ROOTS on its verbs need no proof."""
    shared = ground.known.intersection(stems(sentence.plain, words.lang)) - everyday_of(words.lang)
    borne = [figure for figure in inside if figure.kind != "day" and ground.bears(figure, _written(figure, sentence))]
    return len(shared) + len(borne) + len(_hours(inside, ground))


def _hours(inside: list[Figure], ground: Ground) -> list[Figure]:
    """From when to when service is open, where all of it is as the market's pack says: no promise, as it may sound."""
    clocks = [figure for figure in inside if figure.kind == "clock"]
    told = {figure.readings[0] for figure in clocks}
    written = {figure.end for figure in clocks}
    return clocks if 1 < len(told) == len(written) and all(map(ground.holds, clocks)) else []


def _days_off(sentence: Sentence, inside: list[Figure], words: Words, ground: Ground) -> list[Figure]:
    """Dates of holidays there, in a sentence that calls them so or says that nobody works then."""
    dates = [figure for figure in inside if not ground.days_off.isdisjoint(figure.readings)]
    return dates if dates and words.phrases["day_off"].search(sentence.plain) else []


def _free_deeds(part: Sentence, whole: Sentence, inside: list[Figure], words: Words, ground: Ground) -> Iterator[Claim]:
    if roots_of(part, inside_of(part, inside), words, ground) or is_modest(part.written, SURE):
        return
    for start, end in free_deeds(part, words, ground):
        if not _is_open(whole, start - whole.start, end - whole.start, words):
            yield Claim(start, end)


def inside_of(part: Sentence, inside: list[Figure]) -> list[Figure]:
    """The figures that stand in this part."""
    return [figure for figure in inside if part.start <= figure.start < part.end]


def _parts(sentence: Sentence) -> Iterator[Sentence]:
    """What stands between commas and joining words; a short beginning such as a name belongs to what follows."""
    start = 0
    for joint in (*(found.start() for found in _JOINT.finditer(sentence.plain)), len(sentence.plain)):
        plain = sentence.plain[start:joint]
        if len(plain.split()) > FEW or joint == len(sentence.plain):
            yield replace(sentence, start=sentence.start + start, end=sentence.start + joint, plain=plain)
            start = joint


def _is_out_of_the_blue(part: Sentence, whole: Sentence, inside: list[Figure], words: Words, ground: Ground) -> bool:
    """Whether this part of a sentence tells what will be, though nothing we know speaks of it. What we do at once
    needs no commitment, nor does what depends on the person."""
    lists = words.phrases
    acts = (*words.acts.items(), *words.weighty.items())
    if any(f"act:{name}" in ground.named and act.any.search(whole.plain) for name, act in acts):
        return False
    if not is_to_come(part, words) or any(lists[name].search(part.plain) for name in ("moment", "not")):
        return False
    if (
        len(_LONG_WORD.findall(part.plain)) < ROOTS
        or len(part.plain.split()) <= ROOTS
        or any(lists[name].search(whole.plain) for name in ("if", "asks", "private"))
    ):
        return False
    if is_modest(part.written, SURE):
        return False
    return not roots_of(part, inside_of(part, inside), words, ground)


@cache
def everyday_of(lang: str) -> frozenset[str]:
    """The stems of words that stand in any answer."""
    words = words_of(lang)
    return frozenset(stems(" ".join(words.everyday), lang)) | words.everyday


@remembered(64)
def _figures(plain: str, lang: str) -> tuple[Figure, ...]:
    return tuple(figures(plain, (lang,)))


def _figure_claims(sentence: Sentence, inside: list[Figure], words: Words, ground: Ground) -> Iterator[Claim]:
    to_come = is_to_come(sentence, words)
    borne = [figure for figure in inside if ground.bears(figure, _written(figure, sentence), promised=to_come)]
    borne += _hours(inside, ground) if to_come else [figure for figure in inside if ground.holds(figure)]
    borne += _days_off(sentence, inside, words, ground)
    for figure in inside:
        if (
            figure in borne
            or not _is_checkable(figure, to_come, sentence.plain[: figure.start - sentence.start])
            or _is_beside_known(figure, borne)
            or (figure.kind == "month" and _written(figure, sentence) in ground.names.split())  # "Maja" is a name too
        ):
            continue
        if figure.kind == "day" and words.phrases["if"].search(sentence.clause_before(figure.start - sentence.start)):
            continue
        ahead = figure.kind == "day" and figure.readings[0][1] in AHEAD
        yield Claim(figure.start, figure.end, ahead or (figure.kind in TIMELY and to_come))


def _written(figure: Figure, sentence: Sentence) -> str:
    return sentence.plain[figure.start - sentence.start : figure.end - sentence.start]


def _is_checkable(figure: Figure, to_come: bool, before: str) -> bool:
    """Lengths of time in words are mostly felt ("three minutes too late"), unless something is promised by them."""
    if figure.kind == "day":
        return figure.readings[0][1] not in LOOSE_DAYS
    if figure.kind == "spoken span" and float(figure.readings[0][1]) >= A_YEAR:
        return True
    if figure.kind == "weekday" and before.endswith(" a "):
        return False
    return to_come or figure.kind not in ("spoken span", "spoken clock", "month")


def _is_beside_known(figure: Figure, borne: list[Figure]) -> bool:
    """The weekday of a date that is known ("Tuesday, 1 December"), the part of the day of a known time."""
    beside = {"weekday": "date", "day": "clock"}.get(figure.kind)
    if figure.kind == "day" and figure.readings[0][1] not in DAY_PARTS:
        return False
    return any(
        other.kind.removeprefix("spoken ") == beside
        and min(abs(other.start - figure.end), abs(figure.start - other.end)) <= CLOSE
        for other in borne
    )


def is_to_come(sentence: Sentence, words: Words) -> bool:
    """Whether the sentence speaks of what will be."""
    if words.phrases["future"].search(sentence.plain) or (words.lang == "tl" and _TL_TO_COME.search(sentence.plain)):
        return True
    return any(act.will.search(sentence.plain) for act in words.acts.values())


def _act_claims(sentence: Sentence, words: Words, ground: Ground, acts: Mapping[str, Act]) -> Iterator[Claim]:
    for name, act in acts.items():
        for promise, pattern, borne in ((False, act.done, ground.happened), (True, act.will, ground.named)):
            if not borne.isdisjoint((f"act:{name}", KIN.get(name))) or (
                name == "repair" and not MENDED.isdisjoint(borne)
            ):
                continue
            if not promise and _is_retold(f"act:{name}", sentence, words, ground):
                continue
            for found in pattern.finditer(sentence.plain):
                if not promise and ground.past.intersection(_verbs(found[0], words)):
                    continue
                if name == "notify" and words.phrases["not"].search(found[0]):
                    continue
                weighty = name in words.weighty  # such a one may say "not" itself: "no longer works here"
                end = found.start() if weighty else found.end()
                if promise and name in MATERIAL:
                    is_open = bool(words.phrases["not"].search(sentence.clause_before(found.start())))
                else:
                    clause = sentence.clause(found.start(), found.end())
                    is_open = promise and (_begins_with_if(sentence, words) or is_modest(clause.written, SURE))
                    is_open = is_open or _is_open(sentence, found.start(), end, words)
                if not is_open:
                    yield Claim(sentence.start + found.start(), sentence.start + found.end(), promise)


def _verbs(written: str, words: Words) -> set[str]:
    """The stems of what an act is told with, in the languages that build all forms of a verb from one."""
    return set(stems(written, words.lang)) - everyday_of(words.lang) if words.lang == "tl" else set()


def _is_retold(concept: str, sentence: Sentence, words: Words, ground: Ground) -> bool:
    """Whether the sentence only says again what the person told ("your card was blocked")."""
    shared = ground.mention.intersection(stems(sentence.plain, words.lang)) - everyday_of(words.lang)
    return concept in ground.told and bool(shared)


def _is_open(sentence: Sentence, start: int, end: int, words: Words) -> bool:
    """Whether it is denied, or holds only under a condition: then nobody claims it."""
    before = sentence.clause_before(start) + sentence.plain[start:end]
    after = sentence.plain[end : end + SOON].partition(",")[0] if end > start else ""
    return bool(words.phrases["not"].search(before + after) or words.phrases["if"].search(before))


def _begins_with_if(sentence: Sentence, words: Words) -> bool:
    """Whether all of it holds only under a condition ("If it comes back, I will call you")."""
    return words.phrases["if"].match(sentence.plain.lstrip(" \"'„»")) is not None


def _state_claims(sentence: Sentence, words: Words, ground: Ground) -> Iterator[Claim]:
    for name, pattern in words.claims.items():
        if f"claim:{name}" in ground.named or f"act:{ALSO.get(name)}" in ground.named:
            continue
        for found in pattern.finditer(sentence.plain):
            if not _is_open(sentence, found.start(), found.end(), words):
                yield Claim(sentence.start + found.start(), sentence.start + found.end(), is_to_come(sentence, words))


def _cause_claims(sentence: Sentence, inside: list[Figure], words: Words, ground: Ground) -> Iterator[Claim]:
    because = words.phrases["because"].search(sentence.plain)
    for name, pattern in words.causes.items():
        if name == HOLIDAY and _days_off(sentence, inside, words, ground):
            continue
        found = pattern.search(sentence.plain) if because else None
        if because and found and f"cause:{name}" not in ground.named and not _is_sought(sentence, found.start(), words):
            start, end = min(because.start(), found.start()), max(because.end(), found.end())
            yield Claim(sentence.start + start, sentence.start + end)


def _is_sought(sentence: Sentence, at: int, words: Words) -> bool:
    """Whether somebody is still looking for it ("I am finding out where the fault is")."""
    before = sentence.plain[:at]
    return bool(words.phrases["moment"].search(before) or words.phrases["if"].search(sentence.clause_before(at)))


def _guarantees(sentence: Sentence, words: Words, ground: Ground) -> Iterator[Claim]:
    for found in words.phrases["never_again"].finditer(sentence.plain):
        if words.phrases["if"].search(sentence.clause_before(found.start())):
            continue
        yield Claim(sentence.start + found.start(), sentence.start + found.end(), True)
    for found in words.phrases["vow"].finditer(sentence.plain):
        clause = sentence.clause_before(found.start()) + found[0]
        if not words.phrases["not"].search(clause) and not ground.says(found[0]):
            yield Claim(sentence.start + found.start(), sentence.start + found.end(), True)
