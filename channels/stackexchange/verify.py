"""Looks at questions, answers and comments again by their numbers, 100 of a kind in one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from channels.manifest import Listening
from channels.stackexchange.calls import WHOLE
from channels.stackexchange.client import Client
from channels.stackexchange.convert import from_answer, from_comment, from_question
from channels.stackexchange.place import BATCH, MARGIN_S
from channels.stackexchange.source import StackExchangeSettings, client_of
from domain.errors import RateLimited, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import int_at

DAYS = 7
_CALLS_A_DAY, _WITH_KEY = 30, 1_000
"""A tenth of the day's quota."""
_PER_BATCH = 4
"""A search finds questions and answers, each asked for by themselves; and a round begins every half of that time."""


@dataclass(frozen=True, slots=True)
class _Method:
    """How one kind is asked for and read."""

    path: str
    number: str
    read: Callable[[object, str], Mention]


_QUESTIONS = _Method("/questions", "question_id", from_question)
_ANSWERS = _Method("/answers", "answer_id", from_answer)
_COMMENTS = _Method("/comments", "comment_id", from_comment)


def most(settings: StackExchangeSettings) -> int:
    """How many posts may be looked at in seven days."""
    return (_WITH_KEY if settings.key else _CALLS_A_DAY) // _PER_BATCH * BATCH * DAYS


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Gone is what a whole list leaves out."""
    client = client_of(listening)
    found: dict[str, Mention | None] = {}
    for method in (_QUESTIONS, _ANSWERS, _COMMENTS):
        asked = {_number(each, client.site): each for each in held[:BATCH] if _method(each) == method}
        asked.pop(0, None)
        if asked:
            found |= await _look(client, method, asked)
    return found


async def _look(client: Client, method: _Method, asked: dict[int, Held]) -> dict[str, Mention | None]:
    path = f"{method.path}/{';'.join(map(str, asked))}"
    answer = await client.get(path, [WHOLE])
    there = {int_at(item, method.number) for item in answer.items}
    # An item that cannot be read may be any of them: then nothing counts as gone.
    is_whole = there <= asked.keys() and not answer.has_more
    missing = [each.external_id for number, each in asked.items() if number not in there and is_whole]
    if missing and answer.backoff_s:  # the same would be asked at once to be sure
        rest = timedelta(seconds=answer.backoff_s + MARGIN_S)
        raise RateLimited(client.clock.now() + rest, f"{method.path} rests as the network asked")
    found: dict[str, Mention | None] = dict.fromkeys(missing)
    for item in answer.items:
        with suppress(Undecodable):
            mention = method.read(item, client.site)
            each = asked.get(int_at(item, method.number) or 0)
            found |= {mention.external_id: mention} if each and each.external_id == mention.external_id else {}
    return found


def _method(held: Held) -> _Method:
    if "/c/" in held.external_id:
        return _COMMENTS
    return _QUESTIONS if held.thread_id == held.external_id else _ANSWERS


def _number(held: Held, site: str) -> int:
    """The number on this site, 0 where it is of another one."""
    number = held.external_id.removeprefix(f"{site}/")[2:]
    return int(number) if held.external_id.startswith(f"{site}/") and number.isdecimal() and len(number) < 19 else 0
