"""What must not be seen in public: private data of the person, told or asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from domain.reply import Finding
from responders.facts import Facts
from responders.links import addresses
from responders.rules.context import ReplyContext, finding
from responders.rules.endings import in_any_case
from responders.rules.reading import Sentence, read
from responders.rules.words import LANGUAGES, Words, words_of
from scoring.folding import fold

PRIVATE_CHANNELS = frozenset({"email", "mail", "dm"})
ASKED_PRIVATELY = ("email", "phone", "address", "secret")
ASKED_HERE = (*ASKED_PRIVATELY, "order", "account")
FEWEST_DIGITS, FEWEST_LETTERS = 3, 5
_SUITS = re.compile(
    r"\b(?:odgovara\w*|pase|radije|draze|megfelel\w*|szeretne\w*|inkabb|ertak\w*|velaties|velies|labak|"
    r"suits?|prefer\w*|rather|cocok|lebih suka|mas gusto)\b"
)
"""Who asks what suits ("at home or at work?") asks for no address."""
_MAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+\w+")


def personal_data(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Private data that we hold or that stands in the reply, and asking for such where others read."""
    if context.facts is None or context.private or context.facts.channel.casefold() in PRIVATE_CHANNELS:
        return
    for words in dict.fromkeys([*_shown(text, context.facts, context.lang), *_mails(text, context.facts)]):
        yield finding("personal_data", words, "This is private and everybody would read it: take it out.")
    if context.lang in LANGUAGES:
        for words in _asked(text, context):
            yield finding("personal_data", words, "Others would read the answer: ask for it in private.")


def _shown(text: str, facts: Facts, lang: str) -> Iterator[str]:
    told = " ".join(fold(source) for _, source in facts.sources) + fold(f" {facts.author_name} {facts.brand}")
    plain = fold(text)
    for value in facts.private.values():
        for piece in _pieces(fold(value)):
            if piece in told or not (found := in_any_case(piece, lang).search(plain)):
                continue
            if not in_any_case(piece, lang).search(told):
                yield text[found.start() : found.end()] if len(plain) == len(text) else found[0]
                break
        else:
            yield from _digits_of(value, text, told)


def _pieces(value: str) -> Iterator[str]:
    """The value itself, each one of a list, then every two neighbouring words that could give a person away."""
    for one in dict.fromkeys((value, *re.split(r"\s*[;,]\s*", value))):
        if len(one) >= FEWEST_LETTERS:
            yield one
    words = re.findall(r"[\w@.+-]+", value)
    for one, other in pairwise(words):
        if len(one) + len(other) > FEWEST_LETTERS:
            yield f"{one} {other}"
            yield f"{one}, {other}"
    yield from (word for word in words if len(word) >= 4 and any(map(str.isdigit, word)))
    yield from (word for word in words if "@" in word)


def _digits_of(value: str, text: str, told: str) -> Iterator[str]:
    """A phone number or amount of the value, however its digits are grouped."""
    for found in re.finditer(r"\+?\d[\d ().,/-]*\d", text):
        digits, theirs = re.sub(r"\D", "", found[0]), re.sub(r"\D", "", value)
        enough = min(len(digits), len(theirs)) >= FEWEST_DIGITS and (digits in theirs or theirs in digits)
        if enough and digits not in re.sub(r"\D", "", told):
            yield found[0]


def _mails(text: str, facts: Facts) -> Iterator[str]:
    ours = " ".join((*facts.public.values(), *(article.text for article in facts.knowledge))).casefold()
    for written, _ in addresses(text):
        if (
            _MAIL.fullmatch(written)
            and written.casefold() not in ours
            and written.casefold() in facts.mention.casefold()
        ):
            yield written


def _asked(text: str, context: ReplyContext) -> Iterator[str]:
    reading, words = read(text), words_of(context.lang)
    for number, sentence in enumerate(reading.sentences):
        here = words.phrases["public"].search(sentence.plain)
        asks = here or sentence.is_question or words.phrases["asks"].search(sentence.plain)
        if not asks or (not here and _leads_away(reading.sentences, number, words)):
            continue
        if _SUITS.search(sentence.plain) and not (here or words.phrases["asks"].search(sentence.plain)):
            continue
        for detail in ASKED_HERE if here else ASKED_PRIVATELY:
            found = words.asked[detail].search(sentence.plain) if detail in words.asked else None
            if found and not words.phrases["not"].search(sentence.plain):
                yield reading.quote(sentence.start + found.start(), sentence.start + found.end())


def _leads_away(sentences: tuple[Sentence, ...], number: int, words: Words) -> bool:
    """Whether this sentence, or the one before or after it, says to answer in private. That we shall do so ourselves
    ("We will answer in private") leads nobody there."""
    private, future = words.phrases["private"], words.phrases["future"]
    if private.search(sentences[number].plain):
        return True
    beside = (*sentences[max(number - 1, 0) : number], *sentences[number + 1 : number + 2])
    return any((found := private.search(each.plain)) and not future.search(each.clause_before(found.start()))
               for each in beside)  # fmt: skip
