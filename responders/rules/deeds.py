"""Deeds and names in free words: whatever a reply says has been done, and whoever it names, without any source.

The lists of acts know what brands mostly do; here the verb itself has to stand in what is known. Only for languages
whose finished deeds show in their grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from responders.rules.endings import in_any_case
from responders.rules.figures import figures
from responders.rules.ground import Ground
from responders.rules.reading import Reading, Sentence
from responders.rules.stems import stem
from responders.rules.words import Words

_IRREGULAR = (
    "sent|let|gone|left|taken|made|given|found|put|kept|told|spoken|seen|begun|sold|paid|bought|brought|caught|cut|done|"
    "drawn|fallen|got|gotten|held|hit|known|lost|met|set|shut|stolen|thrown|written|won|lent|withdrawn"
)
_DONE = {
    "en": re.compile(
        r"(?<!')(?<!would )(?<!should )(?<!could )(?<!must )(?<!may )(?<!'d )(?<!might )"
        r"\b(?:has|have|was|were|'ve|(?<=i|e)'ve)\s(?:now |already |just |also |since |all |both |even )*"
        rf"(?:been )?(?P<verb>(?!caus|happen|turn|notic|ask)\w{{3,}}ed|{_IRREGULAR})\b"
        r"|(?P<left>\bleft)\s(?:our|the|this|yesterday)\b"
    ),
    "id": re.compile(r"\b(?:sudah|telah)\s(?:kami |saya |juga |kita |berhasil )*(?P<verb>(?:di|me|ter|ber)\w{3,})\b"),
}
NAMED = frozenset({"en", "id", "tl"})
"""Languages whose names do not bend, and that write only names with a capital."""
_THANKS = re.compile(r"\b(?:terima ?kasih|makasih|trims|maaf|salamat|thank|thanks|sorry|grateful)\b")
_NAME = re.compile(r"(?<=[^\W\d_][ ])(?:[^\W\d_][\w'’-]{2,})|(?<=[^\W_],[ ])(?:[^\W\d_][\w'’-]{2,})")
_FULL_NAME = re.compile(r"(?<![^\W_])(?P<one>[^\W\d_]{3,}) (?P<two>[^\W\d_]{3,})(?!\w)")
_WHERE = re.compile(r"(?<!\w)(?:u|na|iz|kroz|ulic\w*|trg\w*)\s$")
"""After such a word stands a place."""
_TITLES = (
    " mr mrs ms miss dr sir madam maam lady lord ibu bapak bu pak kak kakak mas mbak bang om tante anda saudara yth "
    "oma opa tuan nyonya nona kakek nenek mama papa adik dik ate kuya tatay nanay lolo lola tita tito aling mang "
    "ginoo ginoong ginang gng atty engr dra kagawad kap coach nurse suster dokter "
    "mommy daddy misis mister father fr sister sis brother haji hajjah ustad ustadz romo god tuhan allah diyos "
)
_EVERYBODY_KNOWS = (
    " christmas easter ramadan eid diwali hanukkah new year natal lebaran idul fitri adha imlek nyepi pasko bagong "
    "english indonesia indonesian filipino tagalog taglish inggris ingles android iphone google apple windows macbook "
    "bluetooth wi-fi wifi whatsapp messenger facebook instagram gmail chrome safari youtube twitter telegram viber "
    "gcash taon play store internet messages "
)
PEOPLE = re.compile(
    r"(?:mr|mrs|ms|miss|pak|bapak|bu|ibu|mas|mbak|si|sina|kay|kina|ni|nina|ate|kuya|customer|pelanggan|pasahero)$"
)
"""After such a word stands a person."""
SHARED = 4


def free_deeds(part: Sentence, words: Words, ground: Ground) -> Iterator[tuple[int, int]]:
    """Where this part of a sentence says that something has been done, by a verb that no source has."""
    pattern = _DONE.get(words.lang)
    if pattern is None or _THANKS.search(part.plain) or ground.foreign:
        return
    for found in pattern.finditer(part.plain):
        verb = found["verb"] or found[0].split()[0]
        if stem(verb, words.lang) not in ground.stems and not _names_known_act(part, words, ground):
            yield part.start + found.start(), part.end


def _names_known_act(part: Sentence, words: Words, ground: Ground) -> bool:
    return any(f"act:{name}" in ground.named and act.any.search(part.plain) for name, act in words.acts.items())


def strange_names(
    reading: Reading, sentence: Sentence, words: Words, ground: Ground
) -> Iterator[tuple[int, int, bool]]:
    """Proper names inside the sentence that no source has: where they stand, and whether they are a person's."""
    if words.lang not in NAMED:
        return
    text = "".join(reading.text[place] for place in reading.places[sentence.start : sentence.end])
    for found in _NAME.finditer(text):
        plain = sentence.plain[found.start() : found.end()]
        if not found[0][0].isupper() or not found[0][1:2].islower() or _is_common(plain, words, ground):
            continue
        if _is_occasion(plain, words, ground):
            continue
        if sentence.start + found.end() >= len(reading.plain.rstrip(" .!\n")):
            continue
        before = sentence.plain[: found.start()].rstrip()
        yield sentence.start + found.start(), sentence.start + found.end(), bool(PEOPLE.search(before))


def full_names(reading: Reading, sentence: Sentence, words: Words, ground: Ground) -> Iterator[tuple[int, int]]:
    """First name and surname inside the sentence that no source has, in the languages whose names bend."""
    if words.lang in NAMED:
        return
    text = "".join(reading.text[place] for place in reading.places[sentence.start : sentence.end])
    for found in _FULL_NAME.finditer(text):
        one, two = (sentence.plain[found.start(part) : found.end(part)] for part in ("one", "two"))
        strange = all(map(_is_name, found.group("one", "two"))) and not (
            _is_common(one, words, ground) or _is_common(two, words, ground) or _is_occasion(two, words, ground)
        )
        if not sentence.plain[: found.start()].strip() and not words.everyday.isdisjoint((one, two)):
            continue  # a sentence may begin with any word
        is_place = _WHERE.search(sentence.plain[: found.start()])
        if strange and not is_place and not words.formal.search(found[0].lower()):
            yield sentence.start + found.start(), sentence.start + found.end()


def _is_name(word: str) -> bool:
    return word[0].isupper() and word[1:].islower()


def _is_common(plain: str, words: Words, ground: Ground) -> bool:
    bare = re.sub(r"['’].*|-.*", "", plain)
    if len(bare) < SHARED or any(f" {each} " in _TITLES + _EVERYBODY_KNOWS for each in (bare, plain)):
        return True
    return bare[:SHARED] in ground.names or bool(figures(bare, (words.lang, "en")))


def _is_occasion(plain: str, words: Words, ground: Ground) -> bool:
    """Whether it is a word of a holiday's name; of two words the last tells: who is called Stjepan has a surname."""
    kept = (each for each in re.findall(r"[^\W\d_]+", ground.occasions) if each[:SHARED] == plain[:SHARED])
    return any(in_any_case(each, words.lang).fullmatch(plain) for each in kept)
