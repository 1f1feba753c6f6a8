"""What is asked again and again: questions gathered under the clue that most people share. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scoring.clues import Clues, is_narrow

PEOPLE = 2
"""One person's question is no gap."""
PEOPLE_FOR_A_WORD = 3
"""A word in common may be chance between two people; a trouble by name is not."""
MOST = 40
"""Gaps that are listed: a longer list is not worked through."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: who asked, in what language (a code, or empty), and its clues. `row_id` is its mention."""

    row_id: int
    who: str
    lang: str
    clues: Clues


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that share the clue `term`; `named` is how it is written, a concept's name or a word."""

    term: int
    named: str
    is_concept: bool
    asked: tuple[Asked, ...]

    @property
    def people(self) -> int:
        """How many different people asked."""
        return len({each.who for each in self.asked})

    @property
    def languages(self) -> list[tuple[str, int]]:
        """How many questions came in which language, most first."""
        return Counter(each.lang for each in self.asked).most_common()


def gaps(asked: Sequence[Asked], aside: Collection[int] = ()) -> tuple[list[Gap], list[Gap]]:
    """The gaps, and those that were put aside (by their term). Each question counts once, under what is put aside
    first, then under what most people share; those most asked come first."""
    left, put_aside = list(asked), list[Gap]()
    for each in aside:
        gap = _under(each, left)
        if gap is not None:
            put_aside.append(gap)
            left = _without(left, gap)
    found = list[Gap]()
    while len(found) < MOST and (term := _most_shared(left)) is not None:
        gap = _under(term, left)
        if gap is None:
            break
        found.append(gap)
        left = _without(left, gap)
    return sorted(found, key=lambda gap: (-gap.people, -len(gap.asked), gap.named)), put_aside


def _most_shared(asked: Sequence[Asked]) -> int | None:
    """Troubles by name before words; None where too few people share anything."""
    people, concepts = defaultdict[int, set[str]](set), set[int]()
    for each in asked:
        for term, name in each.clues.items():
            if is_narrow(name):
                concepts.add(term)
            elif is_concept(name):
                continue  # a field like "delivery" says too little to write an article about
            people[term].add(each.who)
    enough = [t for t, who in people.items() if len(who) >= (PEOPLE if t in concepts else PEOPLE_FOR_A_WORD)]
    return max(enough, key=lambda term: (term in concepts, len(people[term]), term), default=None)


def is_concept(name: str) -> bool:
    """Whether a clue is a concept and no word."""
    return name.startswith("concept ")


def _under(term: int, asked: Sequence[Asked]) -> Gap | None:
    found = tuple(each for each in asked if term in each.clues)
    if not found:
        return None
    [(name, _)] = Counter(each.clues[term] for each in found).most_common(1)
    return Gap(term, name.removeprefix("concept "), is_concept(name), found)


def _without(asked: Sequence[Asked], gap: Gap) -> list[Asked]:
    return [each for each in asked if gap.term not in each.clues]
