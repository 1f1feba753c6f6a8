"""The small house with an optional model that listens on this machine, and cases in six languages to ask it about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from domain.ids import ids
from net.door import AllowList, Door
from responders.drafters.model import Model
from responders.drafters.model_budget import Price
from responders.drafting import Drafting
from storage import facts, suggestions
from storage.tables import Case, MentionRow, Reply
from storage.tables_model import Suggestion
from tests.responders.detector import detect
from tests.responders.model_server import KEY, NAME, ModelServer
from tests.responders.world import DRAFT, START, World, with_parts

PRICE = Price(150, 600)


def model_at(server: ModelServer, door: Door, **changes: Any) -> Model:
    """The model of these tests: cheap, with a day's budget that nobody reaches unless a test says so."""
    values: dict[str, Any] = {"cap": 10**12, "calls": 10**6, "answer_tokens": 400, "deadline_s": 5.0, "key": KEY}
    return Model(door=door, url=server.url, name=NAME, price=PRICE, **(values | changes))


def with_model(world: World, server: ModelServer, **changes: Any) -> Door:
    """Wire the world with the real drafter, the real contract and this model. The door is the caller's to close."""
    door = Door(world.clock, AllowList.parse([f"127.0.0.1:{server.port}"]))
    channels = {name: replace(each, max_length=500) for name, each in world.parts.channels.items()}
    drafting = Drafting(channels, detect)
    model = model_at(server, door, **changes)
    with_parts(world, channels=channels, compose=drafting.compose, check=drafting.check, model=model)
    return door


@dataclass(frozen=True)
class Asked:
    """A case with a draft, about which the model can be asked."""

    case_id: int
    mention_id: int
    reply_id: int
    lang: str


async def add_case(world: World, lang: str, text: str, author: str = "Mara Okrug") -> Asked:
    """A further case of the brand, in this language, with a draft that waits for a person."""
    case_id, mention_id, reply_id = ids.many(3, world.now)
    async with world.db.write() as session:
        case = (await session.get_one(Case, world.case_id)).model_dump()
        said = (await session.get_one(MentionRow, world.mention_id)).model_dump()
        name = f"p{case_id}"
        case |= {"id": case_id, "thread_id": name, "lang": lang, "last_mention_id": mention_id, "author_name": author}
        said |= {"id": mention_id, "case_id": case_id, "external_id": name, "thread_id": name, "text": text}
        said |= {"lang": lang, "author_name": author, "label": "negative", "severity": 2}
        session.add(Case(**case))
        await session.flush()
        session.add(MentionRow(**said))
        await session.flush()
        own: dict[str, Any] = {"id": reply_id, "case_id": case_id, "mention_id": mention_id, "brand_id": world.brand_id}
        drafted: dict[str, Any] = {"status": "drafted", "text": DRAFT, "first_text": DRAFT, "lang": lang}
        session.add(Reply(**own, **drafted, channel=case["channel"], created_at=START))
    return Asked(case_id, mention_id, reply_id, lang)


async def note_fact(world: World, case_id: int, key: str, value: str) -> None:
    """A colleague knows this of the case."""
    async with world.db.write() as session:
        case = await session.get_one(Case, case_id)
        given: dict[str, Any] = {"owner_id": None, "due_on": None, "actor": "user:1"}
        await facts.note(session, case, key, value, now=world.now, **given)


async def reword(world: World, mention_id: int, text: str) -> None:
    """The post says something else now."""
    async with world.db.write() as session:
        (await session.get_one(MentionRow, mention_id)).text = text


async def ask(world: World, reply_id: int, mention_id: int = 0, post: str = "") -> Suggestion:
    """A new question about this reply, carried through to its end; where given, its post is reworded first."""
    async with world.db.write() as session:
        if post:
            (await session.get_one(MentionRow, mention_id)).text = post
        reply = await session.get_one(Reply, reply_id)
        row_id = await suggestions.ask_for(session, reply, world.now)
    await world.steps["suggest"].handle(row_id, world.now)
    async with world.db.read() as session:
        return await session.get_one(Suggestion, row_id)


async def suggestion_of(world: World, reply_id: int) -> Suggestion | None:
    """What is offered for this reply."""
    async with world.db.read() as session:
        return await suggestions.offered(session, reply_id)
