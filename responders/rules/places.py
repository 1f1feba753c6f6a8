"""Where a reply leads: links, mail addresses and phone numbers, and the people it calls in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.facts import Facts
from responders.links import addresses, imitated, is_allowed
from responders.rules.context import ReplyContext, finding
from responders.rules.deeds import full_names, strange_names
from responders.rules.form import HANDLE
from responders.rules.ground import ground_of
from responders.rules.personal import THING
from responders.rules.reading import read
from responders.rules.words import LANGUAGES, words_of
from scoring.folding import fold

_PHONE = re.compile(r"(?<![\w#/.,-])\+?\(?\d[\d ()/.\u00a0\u2010-\u2013-]{5,18}\d(?![\w])")
_DAY = r"(?:20\d\d([./-]) ?\d{1,2}\%d ?\d{1,2}|[0-3]?\d([./-]) ?[0-3]?\d\%d ?(?:\d{4}|\d\d)|[0-3]?\d\. ?[0-5]?\d)\.?"
_WHEN = re.compile(rf"{_DAY % (1, 2)}(?: ?[ \u2013-] ?{_DAY % (3, 4)})*(?: \d{{1,2}}(?:[\u2013-]\d{{1,2}})?)?")
"""Dates and hours, one or a row of them, and nothing behind: "06/30/12" is a date, "06/30/123-4567" is a number."""
_DIALLED = re.compile(r"\+|\(?0")
"""How a number begins that people ring: an order seldom does."""
_NEAR = 40
_OF_THING = re.compile(rf"\b{THING}(?: (?:br|broj|nr|no|num\w*|szam\w*|nomor|id)\.?)?[ :#(-]{{1,3}}$")
"""What stands before the number of an order: "narudžba br. "."""
FEWEST_PHONE_DIGITS = 7
_NAME = re.compile(r"[A-ZÀ-Ž][a-zà-ž'’-]+(?:\s(?:[A-ZÀ-Ž]\.|[A-ZÀ-Ž][a-zà-ž'’-]+))*")


def bad_link(text: str, context: ReplyContext) -> Iterator[Finding]:
    """A link, mail address or phone number that is not ours, or not known to be."""
    handles = {
        f"@{handle.lstrip('@').casefold()}" for handle in (context.author_handle, *context.own_handles) if handle
    }
    allowed = (*context.allowed_hosts, *_hosts(context.facts))
    for written, host in addresses(text):
        if f"@{written.casefold()}" in handles or _is_ours(written, host, allowed, context.facts):
            continue
        twin = imitated(host, allowed) if host else None
        why = f"It imitates {twin}. " if twin else ""
        yield finding(
            "bad_link", written, f"{why}Only links on the brand's list may be sent; take it out or add its host."
        )
    if context.facts is not None:
        for number in _strange_numbers(text, context.facts):
            yield finding("bad_link", number, "Nobody knows this number to be ours: take it out or add it to the case.")


def _hosts(facts: Facts | None) -> Iterator[str]:
    if facts is not None:
        for _, text in list(facts.sources)[1:]:
            for written, host in addresses(text):
                if host and "@" not in written:
                    yield host.removeprefix("www.")


def _is_ours(written: str, host: str, allowed: tuple[str, ...], facts: Facts | None) -> bool:
    if "@" in written and "/" not in written and facts is not None:
        told = {mail.casefold() for _, text in list(facts.sources)[1:] for mail, _ in addresses(text) if "@" in mail}
        return written.casefold() in told or is_allowed(host, allowed)
    return bool(host) and is_allowed(host, allowed) and "@" not in written.partition("://")[2]


def _strange_numbers(text: str, facts: Facts) -> Iterator[str]:
    """Numbers to ring that are not ours: an author may name one in the hope that we repeat it."""
    said, *ours = (re.sub(r"\D", "", source) for _, source in facts.sources)
    theirs = set(_numbers_of_things(facts.mention))
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if len(digits) < FEWEST_PHONE_DIGITS or _WHEN.fullmatch(found[0]):
            continue
        is_thing = not _DIALLED.match(found[0]) or (digits in theirs and _is_of_thing(text[: found.start()]))
        told = "|".join((said, *ours) if is_thing else ours)
        if digits not in told and _local(digits) not in told:
            yield found[0]


def _numbers_of_things(post: str) -> Iterator[str]:
    """The digits of orders, parcels and tickets in a post, also where they begin like a number that people ring."""
    yield from (re.sub(r"\D", "", found[0]) for found in _PHONE.finditer(post) if _is_of_thing(post[: found.start()]))


def _is_of_thing(before: str) -> bool:
    return _OF_THING.search(fold(before[-_NEAR:])) is not None


def _local(digits: str) -> str:
    """The number without what stands before it in other countries."""
    return digits[-FEWEST_PHONE_DIGITS:]


def other_mention(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Calling in somebody else, or naming another customer or company."""
    allowed = {handle.lstrip("@").casefold() for handle in (context.author_handle, *context.own_handles) if handle}
    allowed |= {handle.partition("@")[0] for handle in allowed}
    for found in HANDLE.finditer(text.replace("＠", "@")):
        handle = found[1].rstrip(".-").casefold()
        if handle not in allowed and not _is_known_handle(handle, context):
            yield finding("other_mention", found[0], "This calls in somebody else; leave only the author in.")
    for words in (*_named_others(text, context), *_strangers(text, context)):
        yield finding("other_mention", words, "This names somebody else in public: leave them out.")


def _is_known_handle(handle: str, context: ReplyContext) -> bool:
    """Whether a source of ours names it; where nobody told the author's or our own handle, whether it is their name or
    the brand's. Never a part of one: everybody can call themselves @brand_refunds."""
    facts = context.facts
    if facts is None:
        return False
    if any(handle in _handles(source) for name, source in facts.sources if name != "mention"):
        return True
    names = [] if context.author_handle else [facts.author_name, *(n for n in facts.author_name.split() if len(n) > 2)]
    names += [] if context.own_handles else [facts.brand]
    return _bare(handle.partition("@")[0]) in {_bare(name) for name in names if name}


def _handles(text: str) -> set[str]:
    return {found[1].rstrip(".-").casefold() for found in HANDLE.finditer(text)}


def _bare(name: str) -> str:
    return re.sub(r"\W|_", "", fold(name))


def _strangers(text: str, context: ReplyContext) -> Iterator[str]:
    """People whom nobody told us of."""
    if context.facts is None or context.lang not in LANGUAGES:
        return
    reading, ground, words = read(text), ground_of(context.facts, context.lang), words_of(context.lang)
    for sentence in reading.sentences:
        for start, end, person in strange_names(reading, sentence, words, ground):
            if person:
                yield reading.quote(start, end)
        yield from (reading.quote(start, end) for start, end in full_names(reading, sentence, words, ground))


def _named_others(text: str, context: ReplyContext) -> Iterator[str]:
    """A proper name that nobody told us, where the reply speaks of other people or companies."""
    if context.facts is None or context.lang not in LANGUAGES:
        return
    reading, words = read(text), words_of(context.lang)
    told = fold(
        " ".join(
            (
                *context.facts.public.values(),
                context.facts.author_name,
                context.facts.brand,
                *(a.text for a in context.facts.knowledge),
            )
        )
    )
    for sentence in reading.sentences:
        for found in words.phrases["others"].finditer(sentence.plain):
            after = reading.text[
                reading.places[sentence.start + found.end() - 1] + 1 : reading.places[sentence.end - 1] + 1
            ]
            name = _NAME.match(after.lstrip(" ,:(").removeprefix('"'))
            first = fold(name[0].split()[0]) if name else ""
            if name and first not in told and first not in words.everyday and not words.formal.search(name[0].lower()):
                yield f"{reading.quote(sentence.start + found.start(), sentence.start + found.end())} {name[0]}"
