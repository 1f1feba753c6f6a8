"""What the sentences of a pack may hold, and which things of a post are worth a word of their own."""

from __future__ import annotations

from collections.abc import Iterator

from responders.drafters.counting import spoken
from responders.drafters.kinds import beside
from responders.drafters.known import Known
from responders.drafters.phrasebook import Pack
from responders.drafters.reading import Reading
from scoring.traits import is_fault

TRAVEL = frozenset({"delay", "cancelled", "connection"})
PRAISED = ("staff", "quality", "delivery", "courier", "food", "hotel room", "app", "website", "price")
"""What people thank for, of the concepts and subjects of scoring: all others are troubles."""

GENERAL = frozenset({"comfort", "product", "info", "other"})
"""Kinds whose own sentence says little: a subject of scoring says more, where it found one."""


def named_in(own: Pack, reading: Reading) -> Iterator[str]:
    """What the post tells of beside its kind of problem: faults first, then things. The ticket of an app that crashes
    is no second trouble, so other subjects count only where the kind says little."""
    subjects = own.raw["subjects"]
    if reading.tone == "praise":
        yield from (*reading.nouns, *(str(subjects[cause]) for cause in reading.causes if cause in PRAISED))
        return
    troubles = troubles_in(own, reading)
    causes = [cause for cause in beside(reading.kind, reading.causes) if cause in subjects]
    says_little = not reading.is_exact or reading.kind in GENERAL
    others = [str(subjects[cause]) for cause in causes if not is_fault(cause) and says_little]
    yield from dict.fromkeys((*troubles, *reading.nouns, *others))


def troubles_in(own: Pack, reading: Reading) -> list[str]:
    """Other troubles that scoring finds beside the kind of problem; a thing named by the way is none."""
    subjects = own.raw["subjects"]
    causes = beside(reading.kind, reading.causes) if reading.tone != "praise" else []
    return [str(subjects[cause]) for cause in causes if cause in subjects and is_fault(cause)]


NUMBERS = {
    **dict.fromkeys(("parcel", "damaged", "product", "refund"), "order"),
    **dict.fromkeys(("booking", "luggage"), "booking"),
    **dict.fromkeys(("loan", "subscription", "close_account"), "customer"),
}
"""Which number of theirs finds a case of this kind: nobody has a "reference" for a parcel."""


def _number(reading: Reading) -> str:
    """The key of the number in a pack's [number] table; whoever wants the money of a journey back has a booking."""
    is_of_journey = reading.kind == "refund" and reading.details.thing
    return "booking" if is_of_journey else NUMBERS.get(reading.kind, "plain")


SERVICES = {"no internet": "internet", "internet": "internet", "no power": "power", "no water": "water"}


def fields_of(own: Pack, reading: Reading, known: Known) -> dict[str, str]:
    """What the sentences of a pack may hold, in its words."""
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
        "duration": spoken(own, *details.duration) if details.duration else "",
        "service": own.raw["service"][next((SERVICES[c] for c in reading.causes if c in SERVICES), "plain")],
        "done": known.done,
        "told": known.told,
        "next": known.next,
        "outage": known.outage_where,
        "reference": own.lines(f"number.{_number(reading)}")[0],
    }
