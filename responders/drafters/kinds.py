"""What scoring finds in a post, as kinds of problem: its word lists know more words than the phrase packs do."""

from __future__ import annotations

from collections.abc import Iterable

from domain.remembering import remembered
from scoring.cleaning import Cleaner
from scoring.folding import fold
from scoring.naming import WORD, subjects_for
from scoring.signals import find
from scoring.traits import HOW, WIDE_SHARE, is_fault, share_of
from scoring.words import table_for

KIND_OF = {
    "injury": "safety", "fire": "safety", "danger": "safety", "allergy": "safety", "poisoning": "safety",
    "phishing": "fraud", "hacked": "fraud", "data leak": "fraud",
    "money gone": "charge", "double charge": "charge", "bill": "charge", "payment failed": "charge",
    "taken from account": "charge", "wrong price at till": "charge", "fine or deposit": "charge", "refund": "refund",
    "cannot cancel": "close_account", "price rise": "price",
    "not arrived": "parcel", "lost parcel": "parcel", "parcel stuck": "parcel", "falsely delivered": "parcel",
    "wrong item": "damaged", "missing parts": "damaged", "damaged": "damaged",
    "broken": "product", "quality": "product", "stale": "food", "mould": "food", "raw or cold": "food",
    "outage": "outage", "no internet": "outage", "no power": "outage", "no water": "outage",
    "crash": "app", "cannot sign in": "app", "error message": "app", "error": "app",
    "stranded": "delay", "late": "delay", "cancelled": "cancelled", "luggage": "luggage",
    "no answer": "waiting", "on hold": "waiting", "queue": "waiting", "rude": "staff",
    "insects": "dirty", "dirty": "dirty", "noise": "comfort", "crowded": "comfort",
    "false advert": "info", "out of stock": "info",
}  # fmt: skip
"""Kinds that a concept or subject of scoring stands for."""
_THING_OF = {"fraud": "fraud", "website": "app", "hotel room": "room", "food": "food", "loan": "loan",
             "points": "points", "booking": "booking"}  # fmt: skip
"""Kinds of things that are named by the way as often as not."""

_PARCELS = {"not arrived", "parcel", "delivery", "order", "courier", "lost parcel", "parcel stuck", "falsely delivered",
            "late"}  # fmt: skip
_GOODS = {"wrong item", "damaged", "order", "parcel", "delivery", "missing parts", "return", "broken", "not arrived"}
_PAID = {"bill", "invoice", "double charge", "taken from account", "card", "bank account", "money gone", "price"}
_RIDES = {"late", "flight", "train", "stop and timetable", "airport", "cancelled", "delivery", "vehicle", "queue"}
SAYS = {
    "delay": _RIDES | {"stranded"},
    "cancelled": _RIDES,
    "connection": _RIDES,
    "luggage": {"luggage", "lost", "airport", "flight", "not arrived", "damaged"},
    "parcel": _PARCELS,
    "damaged": _GOODS,
    "product": {"broken", "quality", "damaged", "order", "delivery", "price", "wrong item", "crash", "error"},
    "food": {"stale", "mould", "food", "raw or cold", "quality", "meal order"},
    "refund": {"refund", "return", "order", "money gone", "taken from account"},
    "charge": _PAID,
    "price": {"price", "price rise"},
    "app": {"app", "website", "crash", "error", "error message", "cannot sign in", "update"},
    "outage": {"outage", "no internet", "no power", "no water", "internet", "power", "water"},
    "staff": {"staff", "rude", "no answer"},
    "waiting": {"no answer", "on hold", "queue", "phone line", "message", "chat bot"},
    "dirty": {"dirty"},
    "booking": {"booking", "flight"},
    "safety": {"danger"},
    "fraud": {"fraud", "message", "card", "phishing"},
    "lost_item": {"lost"},
    "points": {"points", "card"},
    "close_account": {"cannot cancel", "contract", "subscription trial"},
    "hours": {"opening hours"},
    "repair": {"broken", "quality"},
    "loan": {"loan"},
    "subscription": {"subscription trial", "contract", "cannot cancel"},
    "room": {"hotel room", "booking"},
}
"""Concepts and subjects that a sentence about this kind says already."""

_VAGUE = frozenset(
    {"vulnerable", "injury", "lost", "error", "not arrived", "broken", "late", "bill", "invoice", "money gone", "stale",
     "stranded", "update"}
)  # fmt: skip
"""Concepts that say too little, or too much of a person, to be repeated."""

_THINGS = frozenset(
    {"card terminal", "cash machine", "promo code", "one-time code", "website", "chat bot",
     "parcel locker", "customs", "shoes", "clothes", "charger", "food", "roaming",
     "subtitles", "heating", "medicine", "loan", "points", "furniture", "toy", "cosmetics", "hotel room", "booking",
     "parking", "fine or deposit", "noise", "rubbish collection", "opening hours", "wrong price at till", "seat",
     "ticket", "ticket machine", "crowded", "lift and stairs", "phone line",
     "falsely delivered", "missing parts", "raw or cold", "strike", "household machine"}
)  # fmt: skip
"""Subjects whose words mean hardly anything else: the others help to group posts and would be odd in an answer."""


@remembered(4096)
def causes_of(text: str, lang: str | None) -> tuple[str, ...]:
    """The concepts and subjects that the post names, the most telling first."""
    folded = fold(_CLEANER.clean(text))
    concepts = (concept for concept in find(table_for(lang).read(folded)).concepts if concept not in HOW)
    things = (name for name in subjects_for(lang).find(WORD.findall(folded)) if name in _THINGS)
    found = dict.fromkeys((*concepts, *things))
    if "injury" in found:  # "megsérült" and "slomljen" are said of an arm as of a parcel
        found = {cause: None for cause in found if cause not in _HURT}
    return tuple(sorted(found, key=lambda cause: (-_weight(cause), cause)))


_CLEANER = Cleaner(())
_HURT = frozenset({"damaged", "broken"})
"""What may be no thing at all where a person was hurt."""


def _weight(cause: str) -> float:
    return (1.1 - share_of(cause) / WIDE_SHARE) * (1.5 if is_fault(cause) else 1.0)


def kinds_in(causes: Iterable[str]) -> list[str]:
    """The kinds of problem that these stand for, the most telling first."""
    return list(dict.fromkeys(KIND_OF[cause] for cause in causes if cause in KIND_OF))


def kind_of(cause: str) -> str | None:
    """The kind of problem that this stands for wherever it is named; None where it may belong to any."""
    return KIND_OF.get(cause) or _THING_OF.get(cause)


def beside(kind: str, causes: Iterable[str]) -> list[str]:
    """The causes worth a word of their own beside this kind."""
    said = SAYS.get(kind, frozenset[str]())
    return [cause for cause in causes if cause not in said and cause not in _VAGUE]
