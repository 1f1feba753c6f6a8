"""Which of the older threads and replies are looked up by id, and which of them are gone. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from channels.youtube.place import Place, forget

LOT = 50
"""Ids per look-up. How many are taken is documented for videos only: 50."""


def next_lot(place: Place) -> tuple[str, ...]:
    """Ids to look up now: what was released, then in turn a part of the threads not read in this round; or such a
    part of the replies."""
    if place.lots:
        return place.lots[0]
    if place.step == "comments":
        return _part(place, place.comments)
    return tuple(dict.fromkeys([*place.released, *_part(place, place.threads)]))[:LOT]


def _part(place: Place, ids: Iterable[str]) -> tuple[str, ...]:
    rest = [name for name in ids if name not in place.seen]
    start = place.turn % max(1, -(-len(rest) // LOT)) * LOT
    return tuple(rest[start : start + LOT])


def after_look_up(place: Place, lot: tuple[str, ...], found: Iterable[str] | None) -> tuple[Place, tuple[str, ...]]:
    """After these ids were looked up; and those that are gone.

    `found` None: YouTube said that one or more of them cannot be found, but not which. Then the lot is halved. An
    answer that holds none of several ids is a fault of the answer and not a mass removal: nothing is gone by it.
    """
    rest, held = place.lots[1:], set(found or ())
    gone = tuple(name for name in lot if name not in held)
    if found is None and len(lot) > 1:
        half = len(lot) // 2
        return msgspec.structs.replace(place, lots=(lot[:half], lot[half:], *rest)), ()
    if found is not None and len(gone) == len(lot) > 2:
        gone = ()
    place = msgspec.structs.replace(forget(place, gone), lots=rest)
    return (place if rest else place.onward()), gone
