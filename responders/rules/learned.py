"""The second reading: what the word lists find has to read so to the learned reader too (`reader`), and what no list
knows is found where that one is sure. What only one of both finds is advice; what both find stops an approval.

The bounds were set on labelled replies of writers that it had not learned from (`python3 -m bench.bounds`), as strict
as the counts of those that only measure asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import Final, NamedTuple

from domain.reply import Finding
from responders.rules import reader
from responders.rules.context import ReplyContext, finding
from responders.rules.figures import figures
from responders.rules.ground import Ground, ground_of
from responders.rules.matter import is_complaint
from responders.rules.personal import asks_other
from responders.rules.privacy import PRIVATE_CHANNELS
from responders.rules.reader import Look
from responders.rules.reading import Sentence, read
from responders.rules.words import LANGUAGES, words_of


class Bounds(NamedTuple):
    """From `sure` on, one is found that no list knows; below `doubt`, what a list found is let pass. From `alone` on a
    sentence read by itself is found too, as of this `kind` (`speech.KINDS`). From 0 to 1."""

    sure: float
    doubt: float
    advice: str
    kind: str = ""
    alone: float = 0.0


UNEASY, UNEASY_OF_KNOWLEDGE = 0.6, 0.4
"""From so likely on that anything at all is wrong with a reply, nothing that a list found in it is let pass; sooner
where it is a matter of looking up (figures, words only we use), which nobody can read off a sentence."""
FIGURED, LOOKED_UP = 0.95, 0.997
"""As sure it has to be of what the lists have looked up and found no fault with: figures; acts, days that are told."""
TIMES: Final = frozenset({"weekday", "date", "clock"})
TWINS: Final = frozenset({"unsupported_fact", "over_promise"})
"""What nothing bears out."""
OBJECTED, LIKELIEST = 0.95, 0.2
"""From so likely on that anything is wrong where nothing was found, what is likeliest is told, if it is so likely."""
UNEASY_TOO, TOO = 0.8, 0.15
"""From so likely on that anything is wrong where something was found, what else it may be is told too, if it is so
likely: who argues often sends away at once, and people name the same words in two ways."""
UNTOLD: Final = frozenset({"unsupported_fact", "over_promise", "register"})
"""Never told for being the likeliest only: what is true in few words reads so too, and a promise told bluntly like a
wrong tone."""
NEVER: Final = 0.0
"""What a list alone stops an approval with is never let pass."""
UNFOUND: Final = 1.1
"""What the lists know better alone."""
BY_BOTH: Final = frozenset(
    ["unsupported_fact", "over_promise", "asks_known", "brush_off", "defensive", "selling", "jargon", "register"]
)
"""Rules whose lists object to some acceptable replies (docs/replies.md says to how many): they stop an approval only
where the reader agrees."""
AGREED, AGREED_OF_FACTS = 0.3, 0.5
"""From so likely on it does: of replies that neither had learned from, 6 of 2,002 acceptable ones are stopped so, and
534 of 1,494 that break one of these rules."""
OF_COMPLAINTS: Final = ("brush_off", "canned")
"""Whoever praised us may be thanked, and that is all."""
RULES: Final = {
    "defensive": Bounds(
        0.65, 0.01, "This may sound like arguing or blaming: say what you will do instead.", "defensive", 0.95
    ),
    "brush_off": Bounds(
        0.75, 0.011, "This may sound like sending the person away: say what you do about it, or ask what you need."
    ),
    "selling": Bounds(
        0.2, 0.01, "This may sound like selling to somebody in trouble: leave the offer out.", "selling", 0.99
    ),
    "legal_admission": Bounds(0.35, NEVER, "This may admit guilt or a duty to pay: apologise, and leave that open."),
    "jargon": Bounds(0.35, 0.04, "This may be a word only we use: take one that the person uses.", "jargon", 0.8),
    "over_promise": Bounds(0.9, 0.02, "Nobody may own this promise: say what is certain, or leave it out."),
    "unsupported_fact": Bounds(0.7, 0.2, "Nothing known may bear this out: leave it out, or look it up first."),
    "asks_known": Bounds(0.98, 0.006, "We may know this already: use it instead of asking."),
    "canned": Bounds(0.8, NEVER, "This may fit anybody: name what happened to this person."),
    "register": Bounds(UNFOUND, 0.005, "This may not be the tone that is due: look at how the person is addressed."),
    "personal_data": Bounds(0.7, NEVER, "This may show something private to everybody: leave it out."),
}  # fmt: skip


def reviewed(found: Sequence[Finding], text: str, context: ReplyContext) -> list[Finding]:
    """What of these findings stays, and stops an approval, and what is found besides."""
    sentences = read(text).sentences
    if context.lang not in LANGUAGES or context.facts is None:
        return [_weighed(each, is_agreed=False) for each in found]
    look = reader.look([each.written for each in sentences], context.facts)
    if look is None:
        return [_weighed(each, is_agreed=False) for each in found]
    standing = [each for each in found if not _is_doubtful(each, sentences, look, context.lang)]
    return [
        *(_weighed(each, is_agreed=_is_agreed(each, sentences, look, context.lang)) for each in standing),
        *_besides(found, sentences, look, context),
    ]


def _weighed(each: Finding, *, is_agreed: bool) -> Finding:
    return replace(each, blocking=each.blocking and (is_agreed or each.rule not in BY_BOTH))


def _has_figure(each: Finding) -> bool:
    return any(map(str.isdigit, each.words))


def likelihood(rule: str, look: Look, number: int) -> float:
    """How likely this sentence breaks the rule, 0 to 1: by itself and by the whole reply; no single one is a script."""
    if rule == "canned":
        return look.whole[rule]
    return (look.sentences[number].get(rule, 0.0) + look.whole[rule]) / 2


def _is_doubtful(each: Finding, sentences: Sequence[Sentence], look: Look, lang: str) -> bool:
    bounds = RULES.get(each.rule)
    is_looked_up = each.rule == "jargon" or _has_figure(each)
    uneasy = UNEASY_OF_KNOWLEDGE if is_looked_up else UNEASY
    if bounds is None or max(look.whole[reader.OBJECTION], look.whole[reader.GROUNDLESS]) >= uneasy:
        return False
    around = _around(each, sentences)
    if each.rule == "over_promise" and any(_says(sentences[at], lang, "vow") for at in around):
        return False  # "we promise" in so many words hardly reads as a promise amid sentences of ours
    return all(look.is_read(at) and likelihood(each.rule, look, at) < bounds.doubt for at in around)


def _is_agreed(each: Finding, sentences: Sequence[Sentence], look: Look, lang: str) -> bool:
    """Whether the reader objects to the same sentence. A promise that is no guarantee stops nothing: who approves it
    confirms it as a duty (`responders.promises`)."""
    around, least = _around(each, sentences), AGREED_OF_FACTS if each.rule == "unsupported_fact" else AGREED
    if each.rule == "over_promise":
        around = [at for at in around if _says(sentences[at], lang, "vow", "never_again")]
    return each.rule in RULES and any(look.is_read(at) and likelihood(each.rule, look, at) >= least for at in around)


def _around(each: Finding, sentences: Sequence[Sentence]) -> Sequence[int]:
    """The numbers of the sentences that its words stand in, as whole words if they do; all where they were not kept."""
    words = re.escape(each.words.rstrip("…"))
    for wanted in (rf"(?<!\w){words}(?!\w)", words):
        if around := [number for number, sentence in enumerate(sentences) if re.search(wanted, sentence.written)]:
            return around
    return range(len(sentences))


def _says(sentence: Sentence, lang: str, *phrases: str) -> bool:
    return any(words_of(lang).phrases[each].search(sentence.plain) for each in phrases)


def _besides(
    found: Sequence[Finding], sentences: Sequence[Sentence], look: Look, context: ReplyContext
) -> Iterator[Finding]:
    known = {each.rule for each in found} | set(_of_no_matter(context, sentences))
    asked = [rule for rule in RULES if rule not in known]
    at_fault = [(rule, each) for rule in asked for each in _at_fault(rule, sentences, look, context)]
    objection = look.whole[reader.OBJECTION]
    if not found and not at_fault:
        untold = [rule for rule in asked if rule not in UNTOLD]
        at_fault = _likeliest(untold, sentences, look, LIKELIEST) if objection >= OBJECTED else []
    elif objection >= UNEASY_TOO:
        left = _left(asked, {rule for rule, _ in at_fault}, known)
        at_fault += [each for rule in left for each in _likeliest([rule], sentences, look, TOO)
                     if not _looked_up(*each, context)]  # fmt: skip
    for rule, each in at_fault:
        yield finding(rule, each.written, RULES[rule].advice, blocking=False)


def _left(asked: Sequence[str], told: Set[str], known: Set[str]) -> list[str]:
    """The rules that may be told too: of TWINS none beside one that the lists know."""
    return [
        rule
        for rule in asked
        if rule not in told and RULES[rule].sure < UNFOUND and not (rule in TWINS and TWINS & known)
    ]


def _likeliest(
    rules: Sequence[str], sentences: Sequence[Sentence], look: Look, least: float
) -> list[tuple[str, Sentence]]:
    read = [number for number in range(len(look.sentences)) if look.is_read(number)]
    chances = [(likelihood(rule, look, at), rule, at) for rule in rules for at in read]
    likely, rule, at = max(chances, default=(0.0, "", 0))
    return [(rule, sentences[at])] if likely >= least else []


def _of_no_matter(context: ReplyContext, sentences: Sequence[Sentence]) -> Iterator[str]:
    """The rules that nobody can break here: where others do not read along, where nobody complained. Who is asked
    something is not sent away, and where the lists know that nobody told it, nobody did."""
    if context.facts and any(asks_other(each, context.facts, context.lang) for each in sentences):
        yield "asks_known"
    if any(each.is_question for each in sentences):
        yield "brush_off"
    if context.private or (context.facts is not None and context.facts.channel.casefold() in PRIVATE_CHANNELS):
        yield "personal_data"
    if not is_complaint(context):
        yield from OF_COMPLAINTS


def _at_fault(rule: str, sentences: Sequence[Sentence], look: Look, context: ReplyContext) -> list[Sentence]:
    """The sentence that breaks the rule most likely, where it is likely enough, or those that do so read alone."""
    bounds = RULES[rule]
    likely = [likelihood(rule, look, number) for number in range(len(look.sentences))]
    for number in sorted(range(len(likely)), key=likely.__getitem__, reverse=True):
        if likely[number] >= max(bounds.sure, _looked_up(rule, sentences[number], context)):
            return [sentences[number]]
    some = sentences[: reader.SENTENCES] if bounds.kind else ()
    return [each for each in some if reader.kinds(each.written)[bounds.kind] >= bounds.alone]


def _looked_up(rule: str, sentence: Sentence, context: ReplyContext) -> float:
    """How sure it has to be of a sentence that the lists know better: with a figure, with what weighs and some source
    speaks of, a promise for a day that is told or only under a condition."""
    if context.facts is None or rule not in ("unsupported_fact", "over_promise"):
        return 0.0
    words, ground = words_of(context.lang), ground_of(context.facts, context.lang)
    is_if = rule == "over_promise" and words.phrases["if"].match(sentence.plain.lstrip(" \"'„»"))
    weighs = any(
        f"act:{name}" in ground.named and act.any.search(sentence.plain) for name, act in words.weighty.items()
    )
    if is_if or weighs or (rule == "over_promise" and _is_timed(sentence, context.lang, ground)):
        return LOOKED_UP
    return FIGURED if rule == "unsupported_fact" and any(map(str.isdigit, sentence.plain)) else 0.0


def _is_timed(sentence: Sentence, lang: str, ground: Ground) -> bool:
    """Whether it names a day or an hour that a source tells."""
    return any(
        each.kind in TIMES and ground.bears(each, sentence.plain[each.start : each.end], promised=True)
        for each in figures(sentence.plain, (lang,))
    )
