"""The six steps of a resolution, in the order in which good service takes them, and who took them. Pure.

Apologise, go through it with the customer, note it for all, resolve, ask whether all is well, note the solution. The
list only tells what happened: nobody is stopped by a step that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from responders.rules.words import LANGUAGES, words_of
from scoring.folding import fold
from storage.desk_case import CaseView
from storage.tables import Article, KnownFact


@dataclass(frozen=True, slots=True)
class Item:
    """One step; `at` is when it was taken, None while it is missing, and `hint` tells how it is taken."""

    name: str
    at: datetime | None
    hint: str


def checklist(view: CaseView, known: Iterable[KnownFact], article: Article | None) -> list[Item]:
    """The steps in their order. In languages without word lists an apology is not looked for."""
    sorry = [_apologised(view)] if view.case.lang in LANGUAGES else []
    return [
        *sorry,
        Item("Gone through with them", _gone_through(view), "answer, and ask for what is missing"),
        Item("Noted for all", _noted(view, known), "note what is known, or write a note to colleagues"),
        Item("Resolved", _resolved(view), "resolve once nothing more is owed"),
        Item("Asked whether all is well", _asked_after(view), "the follow-up is drafted when it is due"),
        Item(
            "Solution noted",
            article.created_at if article else None,
            "propose an article, so that the next one finds it",
        ),
    ]


def together(view: CaseView) -> list[str]:
    """Everybody who had a hand in the case, in the order of their first one: nobody's part is forgotten."""
    hands = [(step.at, step.actor) for step in view.history]
    hands += [(note.created_at, f"user:{note.user_id}") for note in view.notes]
    hands += [(each.created_at, each.actor) for each in view.corrections]
    ids = (actor.removeprefix("user:") for _, actor in sorted(hands, key=itemgetter(0)) if actor.startswith("user:"))
    names = (view.people.get(int(each), "A former colleague") for each in ids if each.isdigit())
    return list(dict.fromkeys(names))


def _apologised(view: CaseView) -> Item:
    sorry = words_of(view.case.lang).phrases["sorry"]
    said = [reply.sent_at for reply in view.sent if sorry.search(fold(reply.text))]
    return Item("Apologised", _first(said), "say sorry in the answer")


def _gone_through(view: CaseView) -> datetime | None:
    """Our first answer that is more than a word in time."""
    return _first(reply.sent_at for reply in view.sent if reply.kind == "answer")


def _noted(view: CaseView, known: Iterable[KnownFact]) -> datetime | None:
    return _first([*(note.created_at for note in view.notes), *(fact.created_at for fact in known)])


def _resolved(view: CaseView) -> datetime | None:
    if view.case.status != "resolved":
        return None
    return _last(step.at for step in view.history if step.noun == "case" and step.new == "resolved")


def _asked_after(view: CaseView) -> datetime | None:
    """Asked, or not needed any more: they said thanks."""
    asked = [reply.sent_at for reply in view.sent if reply.kind == "follow_up"]
    return _first([*asked, *(step.at for step in view.history if step.noun == "thanks")])


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    return max((each for each in moments if each is not None), default=None)
