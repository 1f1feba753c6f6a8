"""What a post says, as far as a draft needs it: the kind of problem, the tone, and a few safe words of its own.

Only numbers, known nouns and place names are ever taken over from the text; no sentence of it is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, cast

from responders.brief import Brief
from responders.drafters.details import Details, find_details
from responders.drafters.hearing import Heard, hear
from responders.drafters.kinds import causes_of, kind_of, kinds_in
from responders.drafters.phrasebook import KINDS, LANGUAGES, Pack, fold, pack, respell
from responders.drafters.quoting import quote_of
from responders.rules.matter import weighs_up
from responders.rules.posts import COMPLAINT, is_quoting, own_words
from scoring.traits import is_fault

Tone = Literal["complaint", "question", "suggestion", "praise", "thanks", "note", "open", "chat"]
LONGEST_READ = 3000
NOT_PROBLEMS = frozenset({"hours", "suggestion", "thanks", "praise", "question", "chat", "other"})
PROBLEMS = tuple(kind for kind in KINDS if kind not in NOT_PROBLEMS)
STRONG, WEAK = 3, 1
JOURNEYS = frozenset({"delay", "cancelled", "connection"})
NARROW = frozenset({"parcel", "damaged", "waiting", "app", "dirty", "outage"})
"""Kinds whose sentences say how it went wrong: who only heard the kind names no more than that."""
GRAVE = frozenset({"safety", "fraud"})
"""Named in one word they outweigh whatever else the post tells of."""
OUTWEIGHED = {
    "cancelled": {"refund"},
    "close_account": {"charge"},
    "waiting": {"refund", "parcel", "charge", "repair", "loan", "luggage", "lost_item", "cancelled", "damaged",
                "points", "outage", "work"},
    "lost_item": {"repair"},
    "info": {"refund", "parcel", "outage", "loan", "subscription", "luggage", "lost_item", "cancelled", "delay",
             "damaged"},
    "product": {"repair"},
    "loan": {"charge", "app"},
    "subscription": {"charge", "refund", "app", "close_account", "outage", "parcel"},
    "room": {"dirty", "booking", "staff", "charge", "refund", "cancelled", "comfort", "outage", "lost_item", "food"},
}  # fmt: skip
"""What came of a trouble is told beside it: who waits for a refund was cancelled once, who is owed one waits. And what
is wrong with a room or a subscription says more than that there is one."""
GOODS = frozenset({"damaged", "product"})
UNQUOTED = frozenset({"staff", "safety", "fraud"})
"""What is said of a person, or of a danger, is not for our mouth."""
MERRY = frozenset({"praise", "thanks", "note", "chat"})
TROUBLES = frozenset(
    {"bug", "fault", "repair", "broken", "defect", "damage", "kvar", "greska", "hiba", "javitas", "kluda", "bojajums",
     "remonts", "kerusakan", "gangguan", "kendala", "sira", "problema", "workaround", "cara"}
)  # fmt: skip
"""Words of known keys that only a case with trouble has."""
GIVEN = frozenset({"praise", "question"})
"""Kinds of drafts that say their tone themselves."""
UNTROUBLED = frozenset({"question", "praise"})
"""Tones that are answered well without naming what they are about."""
BY_THE_WAY = frozenset({"question", "chat"})
"""Kinds of posts that are about nothing we can name: a thing they mention stands there by the way."""
SETTLED = frozenset({"complaint", "question", "praise", "note", "open"})
"""Tones of an answer that names what the post is about."""
SAYS = {"complaint": PROBLEMS, "praise": ("praise",), "thanks": ("thanks",), "suggestion": ("suggestion",)}
"""Kinds whose words say a tone."""
A_STORY = 6
"""So many words without a feeling may well tell of trouble: they get an open question, not a greeting."""
FEW = 9
"""Kind words in so short a post are meant."""
LONG = 20
"""In more words than these people tell of things that are not their trouble: of 20 drafts that named one, judges found
14 wrong."""
FEWEST_OWN_WORDS = 5
"""Fewer words of one's own around a quoted post are a remark, not a request."""
SAYS_NOT_WHY = frozenset({"waiting", "staff", "info", "hours"})
"""Who waited for whom, and was told what: none of it says what they wanted of us."""
SLIGHT = frozenset(
    {"refund", "booking", "points", "info", "price", "comfort", "lost_item", "close_account", "repair", "loan",
     "subscription", "room"}
)  # fmt: skip
"""Kinds whose words also come in happy posts ("thanks for the quick refund, great service")."""

_SAME_WORDS = (
    {"waiting", "parcel"},
    {"waiting", "refund"},
    {"waiting", "delay"},
    {"waiting", "luggage"},
    {"damaged", "product"},
    {"damaged", "luggage"},
    {"product", "app"},
    {"product", "outage"},
    {"refund", "charge"},
    {"luggage", "lost_item"},
    {"repair", "product"},
    {"repair", "waiting"},
    {"work", "repair"},
    {"work", "damaged"},
    {"work", "product"},
    {"loan", "waiting"},
    {"subscription", "charge"},
    {"subscription", "close_account"},
    {"room", "booking"},
    {"room", "comfort"},
    {"room", "dirty"},
)
"""Kinds that share words: one of them is enough."""

_ASKED = re.compile(r"(?<!\?)\?(?!\?)")
"""In anger a row of them is outrage, or pictures that got lost: then only words tell that somebody asks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`kind` is what it is mainly about, `second` another problem it names, `firm` whether the words say so clearly
    (else it is only the subject). `heated` asks for a stronger word of sympathy. `causes` are the concepts and subjects
    that scoring finds in it, the most telling first; `nouns` the things of the pack's list that it names, in order;
    `subject` another kind of problem that it names, if only as a subject: what who waits for us wanted. `told` is what
    nobody needs to ask any more: what the reader hears (`responders.rules.posts.TOLD`) and the post plainly names.
    `is_listed` where a list has words of it for the kind, not only the reader an ear."""

    tone: Tone
    kind: str
    second: str | None
    firm: bool
    heated: bool
    details: Details
    causes: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    quote: str = ""
    subject: str | None = None
    told: frozenset[str] = frozenset()
    is_listed: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether the sentences of the kind may say how it went wrong."""
        return self.firm and (self.is_listed or self.kind not in NARROW)


def read(brief: Brief, listen: Callable[[str, str | None], Heard] = hear) -> Reading:
    """Read the post with the word lists of its own language; in an unknown one, with English and the answer's. `listen`
    hears what no list has words for."""
    raw = own_words(brief.text)[:LONGEST_READ]
    folded, heard = fold(raw), listen(brief.text, brief.lang)
    best: Reading | None = None
    for lang in _languages(brief):
        reading = _read_as(pack(lang), brief, raw, folded, heard)
        if best is None or (reading.firm and not best.firm):
            best = reading
    assert best is not None
    return best


def _languages(brief: Brief) -> list[str]:
    if brief.lang in LANGUAGES:
        return [brief.lang]
    return ["en"] if brief.answer_lang == "en" else [brief.answer_lang, "en"]


def _read_as(own: Pack, brief: Brief, raw: str, folded: str, heard: Heard) -> Reading:
    is_blame = bool(own.words["bitter"].search(respell(folded, own.raw["spellings"])))
    folded = respell(_without_greeting(own, folded), own.raw["spellings"])
    plain = own.words["relieved"].sub(" ", own.words["idioms"].sub(" ", folded))
    scores, strong = _scores(own, plain)
    causes = heard.meant(causes_of(raw if plain == folded else plain, own.lang))
    if "injury" in causes:  # "slomljena" is said of an arm as of a parcel
        strong -= GOODS
        scores = {kind: score for kind, score in scores.items() if kind not in GOODS}
    if not strong & {*PROBLEMS, "hours", "suggestion"} and brief.label != "positive":
        for kind in kinds_in(causes):
            scores[kind] = scores.get(kind, 0) + STRONG
            strong.add(kind)
    problem = _best(scores, strong)
    topic = _best(scores, {kind for kind in scores if kind in PROBLEMS or kind == "hours"})
    tone = _tone(own, brief, raw, folded, strong, topic)
    is_heard = _is_heard(own, brief, raw, folded, tone, strong, heard)
    if is_heard:
        tone = _tone_heard(heard.tone or "", tone, topic, is_holding=brief.kind == "holding")
    if is_blame and brief.kind not in GIVEN:  # "thanks for nothing" is no thanks
        tone = "complaint"
    faults = () if is_heard and heard.tone in MERRY else causes  # who hears a merry tone has heard these words as well
    if tone in MERRY and _tells_of_trouble(brief, faults, is_kind=tone in ("praise", "thanks")):
        tone = "complaint" if brief.label == "negative" or any(map(is_fault, causes)) else "open"
    kind, firm = _kind(tone, problem, topic, strong)
    if tone in SETTLED:
        kind, firm = _settled(heard, tone, kind, firm, scores)
    details = find_details(own, raw, folded)
    if firm and details.thing is None and "parcel" in scores and kind in ("delay", "cancelled"):
        # It is an order that is late or cancelled, not a journey.
        kind, firm = ("parcel", "parcel" in strong) if kind == "delay" else (kind, False)
    if tone == "note" and kind == "chat":
        tone = "chat"
    nouns = () if kind in BY_THE_WAY else _nouns(own, folded)
    if firm and nouns and kind not in strong and not heard.is_clearest(kind):
        firm = False  # a thing that they name is sure, what the reader makes of it is not
    if firm and kind in JOURNEYS and not (details.thing or details.route or details.number):
        firm = False  # something is late, but no journey is named; the delay itself is, whoever caused it
        causes, nouns = tuple(filter(is_fault, causes)), ()
    if tone == COMPLAINT and heard.subjects and len(folded.split()) > LONG:
        causes, nouns = tuple(filter(is_fault, causes)), ()  # a long story names many things by the way
    causes = _worth_naming(causes, kind, heard.is_clear if tone in UNTROUBLED else heard.touches)
    also = {other for other in strong & set(kinds_in(causes)) if _adds(kind, other)}
    second = (_best(scores, also) or _second(heard, kind)) if firm else None
    subject = _best(scores, scores.keys() - {kind, *SAYS_NOT_WHY})
    is_listed = kind in strong or kind in kinds_in(causes)
    is_quotable = brief.answer_lang in (own.lang, "tl") and kind not in UNQUOTED
    quote = quote_of(own, raw, kind, is_praise=tone == "praise") if is_quotable else ""
    heated = brief.severity >= 3 or bool(own.words["heat"].search(folded)) or is_shouted(raw)
    told = heard.told | details.told | _asked_for(tone, raw)
    return Reading(tone, kind, second, firm, heated, details, causes, nouns, quote, subject, told, is_listed)


def _asked_for(tone: Tone, raw: str) -> frozenset[str]:
    """A question says itself what they want."""
    return frozenset({"wish"}) if tone == "question" and "?" in raw else frozenset()


def _worth_naming(causes: tuple[str, ...], kind: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """Those of the causes that may belong to any kind, or to this one, or to one that fits."""
    return tuple(cause for cause in causes if (other := kind_of(cause)) in (None, kind) or fits(str(other)))


def _is_heard(own: Pack, brief: Brief, raw: str, folded: str, listed: Tone, strong: set[str], heard: Heard) -> bool:
    """Whether the tone that is heard has the last word, and not the one that the lists read."""
    if not heard.tone or brief.kind in GIVEN:
        return False
    if heard.tone == "suggestion" and raw.rstrip().endswith("?"):
        return False  # who asks waits for an answer, whatever it proposes
    if heard.tone == "praise" and _is_turned(own, folded, listed, strong, is_certain=heard.is_certain):
        return False
    is_weighed = weighs_up(
        heard.tone,
        brief.severity,
        is_grave=bool(strong & GRAVE),
        is_certain=heard.is_certain,
        is_safe=heard.is_safe,
    )
    return is_weighed and _counts(
        heard,
        listed,
        is_unkind=brief.label == "negative",
        is_said=_is_said(own, folded, listed, strong, heard.tone),
        words=len(folded.split()),
    )


def _counts(heard: Heard, listed: Tone, *, is_unkind: bool, is_said: bool, words: int) -> bool:
    """Whether what is heard outweighs the words: nothing merry where they are unkind, unless it is certain. Where words
    of the lists say another tone it has to be certain too, for words alone make too much trouble of questions and
    ideas, and too little of irony; only thanks and chat never outweigh them, nor does trouble a plain question or a few
    kind words."""
    is_merry = heard.tone in MERRY
    if is_merry and is_unkind and not heard.is_certain:
        return False
    if not is_said:
        return True
    if heard.tone == COMPLAINT:
        return heard.is_certain and listed != "question" and (listed not in MERRY or words > FEW)
    return heard.is_certain and (not is_merry or heard.tone == "praise")


def _is_turned(own: Pack, folded: str, listed: Tone, strong: set[str], *, is_certain: bool) -> bool:
    """Whether a "but" turns praise into something else: certain praise only if the lists say so, or a trouble comes
    after it."""
    turn = own.words["contrast"].search(folded)
    if not turn or not is_certain or listed == "open":
        return bool(turn)
    return any(own.strong[kind].search(folded, turn.end()) for kind in strong & set(PROBLEMS))


def _is_said(own: Pack, folded: str, tone: Tone, strong: set[str], heard: str | None) -> bool:
    """Whether words of the lists say this tone more plainly than the reader hears another."""
    if tone == "thanks" and heard == "praise":
        return False
    if tone == "question":
        return "hours" in strong or bool(own.words["how_to"].match(folded))
    return not strong.isdisjoint(SAYS.get(tone, ()))


def _tone_heard(heard: str, listed: Tone, topic: str | None, *, is_holding: bool) -> Tone:
    """The tone that the reader is sure of, in the words of this module. Who waits for an answer gets no other one."""
    if is_holding and heard not in ("complaint", "question"):
        return listed
    if heard == "chat":
        return listed if listed in MERRY or listed == "open" else "note" if topic else "chat"
    return cast(Tone, heard)


def _settled(heard: Heard, tone: Tone, listed: str, firm: bool, worded: Collection[str]) -> tuple[str, bool]:
    """What the post is about and whether that is clear, by lists and reader. Who finds a door closed does not ask when
    it opens, and who asks for information asks a question."""
    if tone == COMPLAINT and heard.tone in MERRY and heard.is_certain:
        return listed, firm  # who heard no trouble has not heard which
    nothing = {"complaint": "other", "note": "chat", "open": "chat"}.get(tone, tone)
    kind, is_clear = heard.subject("other" if listed == nothing else listed, worded, is_firm=firm)
    if kind == "other" or (kind == "info" and tone == "question"):
        return nothing, False
    if tone in UNTROUBLED and not (heard.is_clearest(kind) or (firm and kind == listed)):
        return nothing, False  # nobody misses a word about it
    return kind, is_clear and tone in ("complaint", "question") and not (kind == "hours" and tone == "complaint")


def _second(heard: Heard, kind: str) -> str | None:
    other = heard.beside(kind)
    return other if other and _adds(kind, other) else None


def _nouns(own: Pack, folded: str) -> tuple[str, ...]:
    places = {name: found.start() for name, pattern in own.nouns.items() if (found := pattern.search(folded))}
    return tuple(sorted(places, key=lambda name: places[name]))


def _adds(kind: str, other: str) -> bool:
    """Whether the other problem is worth a sentence of its own: "still waiting" says nothing new about a parcel."""
    return other in PROBLEMS and other != kind and not any({kind, other} <= same for same in _SAME_WORDS)


def _without_greeting(own: Pack, folded: str) -> str:
    words = folded.split()
    while words and words[0] in own.raw["greetings"]:
        words.pop(0)
    return " ".join(words)


def _scores(own: Pack, folded: str) -> tuple[dict[str, int], set[str]]:
    scores: dict[str, int] = {}
    strong: set[str] = set()
    for kind in KINDS:
        firm = len(set(own.strong[kind].findall(folded)))
        score = (STRONG + firm if firm else 0) + len(set(own.topics[kind].findall(folded))) * WEAK
        score += STRONG * 2 if firm and kind in GRAVE else 0
        if score:
            scores[kind] = score
        if firm:
            strong.add(kind)
    return scores, strong


def _best(scores: dict[str, int], among: set[str]) -> str | None:
    found = [kind for kind in KINDS if kind in among and kind in scores and kind in (*PROBLEMS, "hours")]
    found = [kind for kind in found if OUTWEIGHED.get(kind, set[str]()).isdisjoint(found)] or found
    return max(found, key=lambda kind: scores[kind]) if found else None


def _tone(own: Pack, brief: Brief, raw: str, folded: str, strong: set[str], topic: str | None) -> Tone:
    if brief.kind in GIVEN:
        return "praise" if brief.kind == "praise" else "question"
    is_marked = "?" in raw
    if brief.label == "negative" and not own.words["opens"].match(folded):
        is_marked = bool(_ASKED.search(raw))
    asks = is_marked or bool(own.words["asking"].search(folded))
    if brief.label == "positive":  # question words stand in praise too, and "??" for a picture that got lost
        asks = raw.rstrip(" )").endswith("?") and "??" not in raw
    hot = bool(own.words["heat"].search(folded))
    pleased = bool(strong & {"praise", "thanks"}) and brief.label == "positive"
    bad = brief.label == "negative" or brief.severity > 0 or (hot and (asks or not pleased))
    if strong & set(PROBLEMS):
        if brief.label == "positive" and _is_pleased(own, folded, strong) and not (asks or hot):
            return "praise"
        return "question" if asks and _only_asks(own, brief, raw, folded, bad or hot) else "complaint"
    if "suggestion" in strong and brief.severity < 2 and not hot:
        return "suggestion"
    if "hours" in strong and not hot and brief.label != "negative":
        return "question"
    if _is_remark(brief.text, raw):
        return "chat"
    if own.words["how_to"].match(folded) and not hot and (brief.severity < 2 or raw.rstrip(" )").endswith("?")):
        return "question"  # "how do I switch this off, I can't find it" is no complaint, whatever its mood
    if bad and not (hot or asks) and _is_pleased(own, folded, strong):
        return "praise"
    return "complaint" if bad else _friendly_tone(own, brief, strong, asks, topic, folded)


def _only_asks(own: Pack, brief: Brief, raw: str, folded: str, bad: bool) -> bool:
    """Whether the trouble is only asked about ("will 1234 be cancelled?"), whatever the mood of the word itself."""
    opened = bool(own.words["opens"].match(folded))
    one_question = opened and raw.rstrip(" )(.:!🙏").endswith("?") and raw.count(".") == 0 and brief.severity < 2
    return one_question or (not bad and (opened or not own.words["mine"].search(folded)))


def _is_pleased(own: Pack, folded: str, strong: set[str]) -> bool:
    """Thanking someone for an outage is worse than an apology too many: two signs, and no grave kind beside them, nor
    any after a "but"."""
    signs = {*own.strong["praise"].findall(folded), *own.strong["thanks"].findall(folded)}
    troubles, turn = strong & set(PROBLEMS), own.words["contrast"].search(folded)
    turned = turn is not None and any(own.strong[kind].search(folded, turn.end()) for kind in troubles)
    return len(signs) >= 2 and not troubles - SLIGHT and not turned


def _tells_of_trouble(brief: Brief, causes: tuple[str, ...], *, is_kind: bool) -> bool:
    """Whether what is known, or what scoring finds, forbids a merry answer; kind words are heard by somebody too, so
    what was done for them is no sign."""
    public = brief.facts.public
    if TROUBLES.intersection(word for key in public for word in fold(key.replace("_", " ")).split()):
        return True
    if public.get("known_outage"):
        return True
    is_meant = is_kind and brief.label == "positive"
    return not is_meant and bool({"done", "next"} & public.keys() or any(map(is_fault, causes)))


def _is_remark(text: str, raw: str) -> bool:
    return is_quoting(text) and len(fold(raw).split()) < FEWEST_OWN_WORDS


def _ends_in_a_but(own: Pack, folded: str) -> bool:
    """Whether a "but" has the last word: kind words stand before it only."""
    turns = list(own.words["contrast"].finditer(folded))
    return bool(turns) and not own.strong["praise"].search(folded, turns[-1].end())


def _friendly_tone(own: Pack, brief: Brief, strong: set[str], asks: bool, topic: str | None, folded: str) -> Tone:
    if brief.kind == "holding":
        return "question" if asks else "complaint"
    if "suggestion" in strong:
        return "suggestion"
    if asks or "hours" in strong:
        return "question"
    if "praise" in strong:
        is_named = topic is not None or bool(_nouns(own, folded))
        return "open" if is_named and _ends_in_a_but(own, folded) else "praise"
    if "thanks" in strong:
        return "thanks"
    if brief.label != "positive" and len(folded.split()) >= A_STORY:
        return "open"
    return "note" if topic else "chat"


def _kind(tone: Tone, problem: str | None, topic: str | None, strong: set[str]) -> tuple[str, bool]:
    if tone in ("suggestion", "thanks", "chat"):
        return tone, True
    if tone in ("note", "open"):
        return topic or "chat", False
    if tone == "praise":
        return topic or "praise", False
    if tone == "question":
        return problem or topic or "question", bool(problem)
    if problem and problem != "hours":
        return problem, True
    return (topic, False) if topic and topic != "hours" else ("other", False)


def is_shouted(raw: str) -> bool:
    letters = [c for c in raw if c.isalpha()]
    return len(letters) > 15 and sum(c.isupper() for c in letters) > 0.7 * len(letters)
