"""What a draft asks for, and what answers it already."""

from __future__ import annotations

from collections.abc import Iterable

PRIVATE = frozenset(
    {"luggage", "parcel", "refund", "charge", "booking", "points", "close_account", "lost_item", "damaged", "fraud",
     "repair", "loan", "subscription"}
)  # fmt: skip
BOUGHT = frozenset({"product"})
"""What can be looked up by the number of an order, once we know what is wrong with it."""
ASKS = {
    "delay": "which",
    "cancelled": "which",
    "connection": "which",
    "safety": "where_when",
    "dirty": "where_when",
    "staff": "where_when",
    "comfort": "where_when",
    "food": "where_when",
    "room": "where_when",
    "work": "where_when",
    "outage": "where",
    "app": "device",
    "waiting": "what_for",
    "info": "need",
    "product": "use",
    "price": "offer",
    "hours": "place",
    "other": "happened",
    "question": "more",
}

PLACED = frozenset(
    {"heating", "lift and stairs", "hotel room", "seat", "vehicle", "train", "flight", "ticket machine", "cash machine",
     "card terminal", "parking"}
)  # fmt: skip
"""Subjects that stand somewhere of ours: what is broken there was not bought, so nobody is asked how they use it."""
MACHINES = frozenset({"ticket machine", "cash machine", "card terminal"})
"""Those of them whose software fails: it runs on no device of theirs."""
HARMED = frozenset({"injury", "fire", "poisoning"})
"""Whoever tells of these is asked how people are, and not which day it was."""

REST = {
    "where_when": (({"where", "when"}, ""), ({"where"}, "when"), ({"when"}, "spot")),
    "where": (({"where"}, ""), ({"when"}, "area")),
    "device": (({"device", "how"}, ""), ({"device"}, "symptom"), ({"how"}, "gadget")),
    "use": (({"how"}, ""),),
    "which": (({"where"}, ""), ({"reference"}, "")),
    "offer": (({"what"}, ""), ({"how"}, "")),
    "place": (({"where"}, ""),),
    "what_for": (({"wish"}, ""),),
    "need": (({"wish"}, ""), ({"how"}, "")),
    "what": (({"wish"}, ""),),
    "happened": (({"how"}, ""),),
    "more": (({"wish"}, ""),),
}
"""What is left to ask of a question once so much is told; the first that fits counts."""


def still_open(asked: str, told: frozenset[str]) -> str:
    """The question that is left of this one, by what the post tells (`Reading.told`); empty when nothing is."""
    return next((rest for enough, rest in REST.get(asked, ()) if enough <= told), asked)


def question_about(kind: str, causes: Iterable[str]) -> str:
    """The question of a pack's [ask] table for this kind of problem; empty when there is none."""
    if kind == "safety" and not HARMED.isdisjoint(causes):
        return "help"
    placed = {"product": PLACED, "app": MACHINES}.get(kind, frozenset[str]())
    return ASKS.get(kind, "") if placed.isdisjoint(causes) else "where_when"


NEEDS = {
    "reference": {"order", "booking", "reference", "ref", "ticket", "case", "parcel", "tracking", "shipment", "invoice",
                  "pnr", "account", "customer", "contract", "policy", "number", "reservation", "claim", "card", "id"},
    "which": {"flight", "train", "bus", "tram", "ferry", "trip", "route", "line", "departure", "journey", "pnr"},
    "where": {"location", "city", "town", "area", "address", "place", "region", "district", "postcode"},
    "where_when": {"location", "place", "branch", "store", "shop", "station", "room", "date", "time", "visit", "stop",
                   "restaurant", "hotel", "flight", "train", "bus", "line", "route", "address"},
    "device": {"device", "phone", "model", "os", "app", "version", "browser"},
    "use": {"product", "model", "fault", "symptom", "defect", "error", "device"},
    "offer": {"product", "offer", "price", "item", "plan", "tariff"},
    "place": {"location", "branch", "store", "shop", "place", "city"},
    "what_for": {"reason", "request", "topic", "issue", "subject"},
    "what": {"issue", "problem", "reason", "cause"},
    "happened": {"issue", "problem", "reason", "cause"},
    "need": {"question", "request"},
    "more": {"question", "request"},
    "help": {"injured", "injuries", "casualties", "safe"},
}  # fmt: skip
"""Which words of a known key answer which question of a pack's [ask] table (and the one for a reference)."""
